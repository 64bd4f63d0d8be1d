// What the quality gate says about the window, in sets of leads.
// A value that the engine copies into its events.

public import PrecordiaSignal

/// Why a window is not good, one bit each. The bits are part of the event format.
public struct QualityReasons: RawRepresentable, Equatable, Sendable {
    public let rawValue: UInt32

    @_noAllocation @_noLocks
    @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Fewer samples than a window since the start.
    @inlinable public static var incomplete: QualityReasons { @_noAllocation @_noLocks get { QualityReasons(rawValue: 1 << 0) } }
    /// Samples of all leads are missing in the window.
    @inlinable public static var gap: QualityReasons { @_noAllocation @_noLocks get { QualityReasons(rawValue: 1 << 1) } }
    /// A lead's electrode was off.
    @inlinable public static var electrodeOff: QualityReasons { @_noAllocation @_noLocks get { QualityReasons(rawValue: 1 << 2) } }
    /// A lead was flat.
    @inlinable public static var flat: QualityReasons { @_noAllocation @_noLocks get { QualityReasons(rawValue: 1 << 3) } }
    /// A lead was at the limit of its amplifier or converter.
    @inlinable public static var clipped: QualityReasons { @_noAllocation @_noLocks get { QualityReasons(rawValue: 1 << 4) } }
    /// A lead was mostly noise.
    @inlinable public static var noisy: QualityReasons { @_noAllocation @_noLocks get { QualityReasons(rawValue: 1 << 5) } }
    /// A lead swung further than a heart can.
    @inlinable public static var outOfRange: QualityReasons { @_noAllocation @_noLocks get { QualityReasons(rawValue: 1 << 6) } }
    /// Samples of a lead are missing, while others have theirs.
    @inlinable public static var missingLead: QualityReasons { @_noAllocation @_noLocks get { QualityReasons(rawValue: 1 << 7) } }
    /// More leads are bad or not there than the classifier may guess over.
    @inlinable public static var tooFewLeads: QualityReasons { @_noAllocation @_noLocks get { QualityReasons(rawValue: 1 << 8) } }

    /// A lead had mains; it stays usable.
    @inlinable public static var mains: QualityReasons { @_noAllocation @_noLocks get { QualityReasons(rawValue: 1 << 9) } }
    /// A lead's baseline wandered; it stays usable.
    @inlinable public static var wander: QualityReasons { @_noAllocation @_noLocks get { QualityReasons(rawValue: 1 << 10) } }
    /// A lead had muscle noise; it stays usable.
    @inlinable public static var muscle: QualityReasons { @_noAllocation @_noLocks get { QualityReasons(rawValue: 1 << 11) } }
    /// A lead jumped as no heart does; it stays usable.
    @inlinable public static var spikes: QualityReasons { @_noAllocation @_noLocks get { QualityReasons(rawValue: 1 << 12) } }
    /// Limb electrodes seem to be at each other's places.
    @inlinable public static var swapped: QualityReasons { @_noAllocation @_noLocks get { QualityReasons(rawValue: 1 << 13) } }

    /// The stream has not all twelve leads, or some of nobody knows where: what the classifier says, it says without them.
    @inlinable public static var absentLeads: QualityReasons { @_noAllocation @_noLocks get { QualityReasons(rawValue: 1 << 14) } }
    /// Of an answer that is withheld: a lethal rhythm is alarmed, and no statement may contradict it.
    @inlinable public static var rhythmAlarmed: QualityReasons { @_noAllocation @_noLocks get { QualityReasons(rawValue: 1 << 16) } }
    /// The device tells more pacing pulses than any pacemaker makes; they are not believed.
    @inlinable public static var paceMarks: QualityReasons { @_noAllocation @_noLocks get { QualityReasons(rawValue: 1 << 17) } }

    /// The limb leads do not fit each other: exchanged names, another scale or unit, upside down. Times are right, voltages are not.
    @inlinable public static var unfit: QualityReasons { @_noAllocation @_noLocks get { QualityReasons(rawValue: 1 << 18) } }

    @inlinable public var isEmpty: Bool { @_noAllocation @_noLocks get { rawValue == 0 } }
    @_noAllocation @_noLocks
    @inlinable public func contains(_ other: QualityReasons) -> Bool { rawValue & other.rawValue == other.rawValue }
    @_noAllocation @_noLocks
    @inlinable public func union(_ other: QualityReasons) -> QualityReasons { QualityReasons(rawValue: rawValue | other.rawValue) }
}

#if !hasFeature(Embedded)
    // The protocol brings arrays with it, which Embedded Swift without allocations refuses.
    extension QualityReasons: OptionSet {}
#endif

/// What may be believed of a window.
public enum QualityVerdict: UInt8, Sendable {
    /// Nothing was found.
    case good = 0
    /// Some leads are bad, few enough for an answer.
    case degraded = 1
    /// No answer should be given.
    case unknown = 2
}

/// The quality of the last window, lead by lead. A lead is in a set if the fault occurred in any second of the window.
public struct QualityReport: Equatable, Sendable {
    /// Leads whose electrodes the device reported as off.
    public var off = LeadSet(rawValue: 0)
    /// Leads that stood still.
    public var flat = LeadSet(rawValue: 0)
    /// Leads at the limit of their amplifier or converter.
    public var clipped = LeadSet(rawValue: 0)
    /// Leads with missing samples.
    public var gap = LeadSet(rawValue: 0)
    /// Leads with more noise than heart.
    public var noisy = LeadSet(rawValue: 0)
    /// Leads that swung further than a heart can.
    public var outOfRange = LeadSet(rawValue: 0)
    /// Leads with mains, baseline wander, muscle noise and jumps, all of which they may have and be usable.
    public var mains = LeadSet(rawValue: 0)
    public var wander = LeadSet(rawValue: 0)
    public var muscle = LeadSet(rawValue: 0)
    public var spikes = LeadSet(rawValue: 0)
    /// Leads that the stream does not have: no fault of anything.
    public var absent = LeadSet(rawValue: 0)
    /// Bad and absent leads that follow from others, by Einthoven and Goldberger, and so count as good to the classifier.
    public var mended = LeadSet(rawValue: 0)
    /// Limb electrodes that seem to be at each other's places.
    public var swap = LimbSwap.none
    /// What is wrong where limb leads do not fit each other.
    public var misfit = LeadMisfit()
    /// How much of the window could be read, lead by lead.
    public var index = QualityIndex()
    /// Samples of the window that are real: since the start or the last gap, at most the window's.
    public var samples = 0
    public var verdict = QualityVerdict.unknown
    public var reasons = QualityReasons(rawValue: 0)
    /// Whether faults, and not absent leads alone, leave the classifier without an answer, or everybody without a lead.
    public var isSpoilt = false

    @_noAllocation @_noLocks
    public init() {}

    /// Leads that are bad, or usable with something to say about them.
    public var marked: LeadSet {
        @_noAllocation @_noLocks get {
            LeadSet(rawValue: bad.rawValue | mains.rawValue | wander.rawValue | muscle.rawValue | spikes.rawValue | misfit.leads.rawValue)
        }
    }

    /// Leads with a fault that leaves nothing to use.
    public var bad: LeadSet {
        @_noAllocation @_noLocks get {
            LeadSet(rawValue: off.rawValue | flat.rawValue | clipped.rawValue | gap.rawValue | noisy.rawValue | outOfRange.rawValue)
        }
    }
}
