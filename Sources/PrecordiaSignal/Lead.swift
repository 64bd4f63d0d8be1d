// The twelve leads and ten electrodes of a standard electrocardiogram, and sets of them.
// Every other room speaks of leads in this order and with these bits.

/// A lead of the standard 12-lead electrocardiogram. The raw value is its place in every 12-lead buffer of the project.
public enum Lead: UInt8, Sendable {
    case I, II, III, aVR, aVL, aVF, V1, V2, V3, V4, V5, V6

    /// Leads in a full electrocardiogram.
    public static var count: Int { 12 }
}

/// A set of leads, one bit each, bit `n` for the lead whose raw value is `n`.
public struct LeadSet: Equatable, Sendable {
    public let rawValue: UInt16

    @_noAllocation @_noLocks @inlinable public init() { self.rawValue = 0 }
    @_noAllocation @_noLocks @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue & 0x0FFF }
    @_noAllocation @_noLocks @inlinable public init(_ lead: Lead) { self.rawValue = 1 &<< UInt16(lead.rawValue) }

    @inlinable public static var all: LeadSet { @_noAllocation @_noLocks get { LeadSet(rawValue: 0x0FFF) } }
    /// I, II and V1 to V6: the leads that an amplifier measures.
    @inlinable public static var independent: LeadSet { @_noAllocation @_noLocks get { LeadSet(rawValue: 0x0FC3) } }
    /// III, aVR, aVL and aVF: sums and differences of I and II.
    @inlinable public static var derived: LeadSet { @_noAllocation @_noLocks get { LeadSet(rawValue: 0x003C) } }

    @inlinable public static var empty: LeadSet { @_noAllocation @_noLocks get { LeadSet(rawValue: 0) } }
    @inlinable public var isEmpty: Bool { @_noAllocation @_noLocks get { rawValue == 0 } }
    @_noAllocation @_noLocks @inlinable public func union(_ other: LeadSet) -> LeadSet { LeadSet(rawValue: rawValue | other.rawValue) }
    @_noAllocation @_noLocks @inlinable public func intersection(_ other: LeadSet) -> LeadSet {
        LeadSet(rawValue: rawValue & other.rawValue)
    }
    @_noAllocation @_noLocks @inlinable public func subtracting(_ other: LeadSet) -> LeadSet {
        LeadSet(rawValue: rawValue & ~other.rawValue)
    }
    @_noAllocation @_noLocks @inlinable public mutating func formUnion(_ other: LeadSet) { self = union(other) }
    @_noAllocation @_noLocks @inlinable public static func == (left: LeadSet, right: LeadSet) -> Bool { left.rawValue == right.rawValue }

    @inlinable public var count: Int { @_noAllocation @_noLocks get { rawValue.nonzeroBitCount } }
    @_noAllocation @_noLocks @inlinable public func contains(_ lead: Lead) -> Bool { rawValue & (1 &<< UInt16(lead.rawValue)) != 0 }
    @_noAllocation @_noLocks @inlinable public func contains(index: Int) -> Bool {
        rawValue & (1 &<< UInt16(truncatingIfNeeded: index)) != 0
    }
}

/// A set of electrodes, one bit each.
public struct ElectrodeSet: Equatable, Sendable {
    public let rawValue: UInt16

    @_noAllocation @_noLocks @inlinable public init() { self.rawValue = 0 }
    @_noAllocation @_noLocks @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue & 0x03FF }

    @inlinable public static var rightArm: ElectrodeSet { @_noAllocation @_noLocks get { ElectrodeSet(rawValue: 1 << 0) } }
    @inlinable public static var leftArm: ElectrodeSet { @_noAllocation @_noLocks get { ElectrodeSet(rawValue: 1 << 1) } }
    @inlinable public static var leftLeg: ElectrodeSet { @_noAllocation @_noLocks get { ElectrodeSet(rawValue: 1 << 2) } }
    @inlinable public static var rightLeg: ElectrodeSet { @_noAllocation @_noLocks get { ElectrodeSet(rawValue: 1 << 3) } }
    /// The chest electrode of V1 to V6, `number` 1 to 6.
    @_noAllocation @_noLocks @inlinable public static func chest(_ number: Int) -> ElectrodeSet {
        ElectrodeSet(rawValue: 1 &<< UInt16(3 + number))
    }

    @inlinable public static var empty: ElectrodeSet { @_noAllocation @_noLocks get { ElectrodeSet(rawValue: 0) } }
    @inlinable public var isEmpty: Bool { @_noAllocation @_noLocks get { rawValue == 0 } }
    @_noAllocation @_noLocks @inlinable public func union(_ other: ElectrodeSet) -> ElectrodeSet {
        ElectrodeSet(rawValue: rawValue | other.rawValue)
    }
    @_noAllocation @_noLocks @inlinable public func intersection(_ other: ElectrodeSet) -> ElectrodeSet {
        ElectrodeSet(rawValue: rawValue & other.rawValue)
    }
    @_noAllocation @_noLocks @inlinable public func subtracting(_ other: ElectrodeSet) -> ElectrodeSet {
        ElectrodeSet(rawValue: rawValue & ~other.rawValue)
    }
    @_noAllocation @_noLocks @inlinable public mutating func formUnion(_ other: ElectrodeSet) { self = union(other) }
    @_noAllocation @_noLocks @inlinable public static func == (left: ElectrodeSet, right: ElectrodeSet) -> Bool {
        left.rawValue == right.rawValue
    }

    /// The leads that cannot be measured without these electrodes.
    ///
    /// A chest electrode takes its own lead. An arm or the left leg takes Wilson's terminal and with it all chest leads, and the limb
    /// leads it is part of: without the left arm II remains, without the left leg I. Without the right arm nothing does, because III is
    /// usually the difference of two leads that both hang on it. The right leg only drives common mode: its loss is reported, and the
    /// noise that follows is left to the quality gate.
    @inlinable public var affectedLeads: LeadSet {
        @_noAllocation @_noLocks get {
            switch rawValue & 0b0111 {
            case 0: LeadSet(rawValue: (rawValue &>> 4) &<< 6)
            case 0b0010: LeadSet.all.subtracting(LeadSet(.II))
            case 0b0100: LeadSet.all.subtracting(LeadSet(.I))
            default: .all
            }
        }
    }
}

// The standard library's set algebra and case lists allocate, which Embedded Swift refuses: conveniences for tests and tools.
#if !hasFeature(Embedded)
    extension Lead: CaseIterable {}
    extension LeadSet: OptionSet {}
    extension ElectrodeSet: OptionSet {}
#endif
