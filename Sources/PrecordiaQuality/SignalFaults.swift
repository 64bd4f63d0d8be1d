// The faults that were found in several windows, in one value: what an exam's quality says of its leads.
// Apart from QualityReport, which is one window's.

public import PrecordiaSignal

/// Gathers the faults of windows. A lead is in a set if it had the fault in any of them.
public struct SignalFaults: Equatable, Sendable {
    /// Leads that the record does not have.
    public private(set) var absent = LeadSet.empty
    public private(set) var off = LeadSet.empty
    public private(set) var flat = LeadSet.empty
    public private(set) var clipped = LeadSet.empty
    /// Leads with missing samples; all that there are where samples of all leads are missing.
    public private(set) var gap = LeadSet.empty
    public private(set) var noisy = LeadSet.empty
    public private(set) var outOfRange = LeadSet.empty
    public private(set) var mains = LeadSet.empty
    public private(set) var wander = LeadSet.empty
    public private(set) var muscle = LeadSet.empty
    public private(set) var spikes = LeadSet.empty
    /// The last exchange of limb electrodes and the last misfit of limb leads that were found.
    public private(set) var swap = LimbSwap.none
    public private(set) var misfit = LeadMisfit()

    @_noAllocation @_noLocks
    public init() {}

    /// Adds a window's report.
    @_noAllocation @_noLocks
    public mutating func add(_ report: QualityReport) {
        absent.formUnion(report.absent)
        off.formUnion(report.off)
        flat.formUnion(report.flat)
        clipped.formUnion(report.clipped)
        gap.formUnion(report.reasons.contains(.gap) ? LeadSet.all.subtracting(report.absent) : report.gap)
        noisy.formUnion(report.noisy)
        outOfRange.formUnion(report.outOfRange)
        mains.formUnion(report.mains)
        wander.formUnion(report.wander)
        muscle.formUnion(report.muscle)
        spikes.formUnion(report.spikes)
        if report.swap.rawValue != LimbSwap.none.rawValue { swap = report.swap }
        if report.misfit.kind.rawValue != LeadMisfit.Kind.none.rawValue { misfit = report.misfit }
    }

    /// Adds what another one has gathered.
    @_noAllocation @_noLocks
    public mutating func add(_ other: SignalFaults) {
        absent.formUnion(other.absent)
        off.formUnion(other.off)
        flat.formUnion(other.flat)
        clipped.formUnion(other.clipped)
        gap.formUnion(other.gap)
        noisy.formUnion(other.noisy)
        outOfRange.formUnion(other.outOfRange)
        mains.formUnion(other.mains)
        wander.formUnion(other.wander)
        muscle.formUnion(other.muscle)
        spikes.formUnion(other.spikes)
        if other.swap.rawValue != LimbSwap.none.rawValue { swap = other.swap }
        if other.misfit.kind.rawValue != LeadMisfit.Kind.none.rawValue { misfit = other.misfit }
    }
}
