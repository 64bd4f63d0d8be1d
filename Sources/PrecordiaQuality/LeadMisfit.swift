// What is wrong with limb leads that do not fit each other, as a value. Apart from LeadFit, which finds it.

public import PrecordiaSignal

/// What is wrong with limb leads that do not fit each other.
public struct LeadMisfit: Equatable, Sendable {
    public enum Kind: UInt8, Sendable {
        /// They fit, or nobody can know: some are derived, absent or bad.
        case none = 0
        /// One is upside down.
        case inverted = 1
        /// Two have each other's names.
        case exchanged = 2
        /// One is larger or smaller than it should be: ``LeadMisfit/factor`` times.
        case scaled = 3
        /// Each has a scale of its own, as where every lead was stretched to one height.
        case scaledEach = 4
        /// Nothing that is known makes them fit: a lead is of another kind, time or patient.
        case unknown = 5
    }

    public var kind = Kind.none
    /// The leads that it is about: one, two, or all limb leads.
    public var leads = LeadSet.empty
    /// Of one that is scaled by how much.
    public var factor: Float = 1

    @_noAllocation @_noLocks
    public init() {}
}
