// The twelve leads of a standard electrocardiogram, in the order that every other room uses, and sets of them.
// In one file, because a debug build's proof against allocation does not see a raw value through a file's border.

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
    /// I, II, III, aVR, aVL and aVF; and V1 to V6.
    @inlinable public static var limb: LeadSet { @_noAllocation @_noLocks get { LeadSet(rawValue: 0x003F) } }
    @inlinable public static var chest: LeadSet { @_noAllocation @_noLocks get { LeadSet(rawValue: 0x0FC0) } }
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

// The standard library's lists of cases and set algebra allocate, which Embedded Swift refuses: conveniences for tests and tools.
#if !hasFeature(Embedded)
    extension Lead: CaseIterable {}
    extension LeadSet: OptionSet {}
#endif
