// The twelve leads and ten electrodes of a standard electrocardiogram, and sets of them.
// Every other room speaks of leads in this order and with these bits.

/// A lead of the standard 12-lead electrocardiogram. The raw value is its place in every 12-lead buffer of the project.
public enum Lead: UInt8, Sendable {
    case I, II, III, aVR, aVL, aVF, V1, V2, V3, V4, V5, V6

    /// Leads in a full electrocardiogram.
    public static var count: Int { 12 }
}

/// A set of leads, one bit each, bit `n` for the lead whose raw value is `n`.
public struct LeadSet: OptionSet, Equatable, Sendable {
    public let rawValue: UInt16

    @inlinable public init() { self.rawValue = 0 }
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue & 0x0FFF }
    @inlinable public init(_ lead: Lead) { self.rawValue = 1 << UInt16(lead.rawValue) }

    /// The union of the sets. Written out because the standard library's allocates, which Embedded Swift refuses. It refuses literals
    /// too: above the line stand `LeadSet()` and `union`. Emitted only where it is used, because it releases an array.
    @_alwaysEmitIntoClient public init(arrayLiteral elements: LeadSet...) {
        var bits: UInt16 = 0
        var index = 0
        while index < elements.count {
            bits |= elements[index].rawValue
            index += 1
        }
        self.init(rawValue: bits)
    }

    @inlinable public static var all: LeadSet { LeadSet(rawValue: 0x0FFF) }
    /// I, II and V1 to V6: the leads that an amplifier measures.
    @inlinable public static var independent: LeadSet { LeadSet(rawValue: 0x0FC3) }
    /// III, aVR, aVL and aVF: sums and differences of I and II.
    @inlinable public static var derived: LeadSet { LeadSet(rawValue: 0x003C) }

    @inlinable public var count: Int { rawValue.nonzeroBitCount }
    @inlinable public func contains(_ lead: Lead) -> Bool { rawValue & (1 << UInt16(lead.rawValue)) != 0 }
    @inlinable public func contains(index: Int) -> Bool { rawValue & (1 << UInt16(truncatingIfNeeded: index)) != 0 }
}

/// A set of electrodes, one bit each.
public struct ElectrodeSet: OptionSet, Equatable, Sendable {
    public let rawValue: UInt16

    @inlinable public init() { self.rawValue = 0 }
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue & 0x03FF }

    /// The union of the sets. Written out because the standard library's allocates, which Embedded Swift refuses. It refuses literals
    /// too: above the line stand `ElectrodeSet()` and `union`. Emitted only where it is used, because it releases an array.
    @_alwaysEmitIntoClient public init(arrayLiteral elements: ElectrodeSet...) {
        var bits: UInt16 = 0
        var index = 0
        while index < elements.count {
            bits |= elements[index].rawValue
            index += 1
        }
        self.init(rawValue: bits)
    }

    @inlinable public static var rightArm: ElectrodeSet { ElectrodeSet(rawValue: 1 << 0) }
    @inlinable public static var leftArm: ElectrodeSet { ElectrodeSet(rawValue: 1 << 1) }
    @inlinable public static var leftLeg: ElectrodeSet { ElectrodeSet(rawValue: 1 << 2) }
    @inlinable public static var rightLeg: ElectrodeSet { ElectrodeSet(rawValue: 1 << 3) }
    /// The chest electrode of V1 to V6, `number` 1 to 6.
    @inlinable public static func chest(_ number: Int) -> ElectrodeSet { ElectrodeSet(rawValue: 1 << UInt16(3 + number)) }

    /// The leads that cannot be measured without these electrodes.
    ///
    /// A chest electrode takes its own lead. An arm or the left leg takes all six limb leads, and the chest leads too,
    /// because Wilson's terminal is the mean of the three. The right leg only drives common mode: its loss is reported,
    /// and the noise that follows is left to the quality gate.
    @inlinable public var affectedLeads: LeadSet {
        var leads = LeadSet(rawValue: (rawValue >> 4) << 6)
        if rawValue & 0b0111 != 0 { leads = .all }
        return leads
    }
}

#if !hasFeature(Embedded)
    extension Lead: CaseIterable {}
#endif
