// Sets of electrodes as bits, and the leads that hang on them.

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

    /// The electrodes whose loss a stream of these leads can show: those that a lead hangs on, and the right leg, on which all do.
    @_noAllocation @_noLocks
    public static func needed(by leads: LeadSet) -> ElectrodeSet {
        var needed = ElectrodeSet.rightLeg
        for place in 0..<10 {
            let one = ElectrodeSet(rawValue: 1 &<< UInt16(truncatingIfNeeded: place))
            if !one.affectedLeads.intersection(leads).isEmpty { needed.formUnion(one) }
        }
        return needed
    }
}

// The standard library's set algebra allocates, which Embedded Swift refuses: a convenience for tests and tools.
#if !hasFeature(Embedded)
    extension ElectrodeSet: OptionSet {}
#endif
