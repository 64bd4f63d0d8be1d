// What the engine has to say, one fixed-size value at a time.
// The same samples give the same events, and the same events the same bytes.

public import PrecordiaAlerts

/// One statement of the engine about the stream.
public struct Event: Equatable, Sendable {
    /// What is said.
    public enum Kind: UInt8, Sendable {
        /// The classifier has answered for the window that ends at ``Event/sample``: ``Event/value`` is the highest probability,
        /// ``Event/code`` its label; the engine holds the rest until the next answer. Leads and reasons as in `quality`.
        case window = 1
        /// The classifier gives no answer for this window; ``Event/reasons`` says why. One stands for a whole gap of more than a second.
        /// ``Event/value`` is what the classifier would have said, for those who study it: no answer.
        case unknown = 2
        /// A new heart rate: ``Event/value`` in beats a minute, or NaN when there is none.
        case heartRate = 3
        /// An alert has risen; ``Event/code`` is its condition, ``Event/value`` the evidence (a probability, rate or seconds).
        case alertRaised = 4
        /// An alert is over.
        case alertCleared = 5
        /// The signal's quality has changed: ``Event/leads`` are bad or marred, by ``Event/reasons``.
        case quality = 6
        /// ``Event/value`` frames are missing from ``Event/sample`` on; NaN if nobody can know how many, because the device counts anew.
        case gap = 7
        /// The last 10 s were measured: ``Event/value`` is the heart rate in beats a minute, NaN where it is not known, ``Event/leads`` the leads that were
        /// measured; the engine holds the rest until the next one. Of an engine made with ``EngineOptions/measureSeconds``.
        case measurement = 8
    }

    public var kind: Kind
    /// Whether the event ends a hop: with an answer, or with the statement that there is none.
    public var isAnswer: Bool { @_noAllocation @_noLocks get { kind == .window || kind == .unknown } }
    /// 0 none, 1 information, 2 low, 3 medium, 4 high.
    public var priority: UInt8
    /// Of a window the label that is most probable; of an alert what it is about, see ``alert``.
    public var code: UInt16
    /// What an alert is about; of other kinds it has no meaning.
    public var alert: AlertCode { @_noAllocation @_noLocks get { AlertCode(rawValue: code) } }
    /// The leads that the event is about.
    public var leads: UInt16
    /// Bits of `QualityReasons`.
    public var reasons: UInt32
    /// Of an alert of electrodes off: which, bits of `ElectrodeSet`.
    public var electrodes: UInt16
    /// The newest frame's index when this was known; for a gap the first missing frame's.
    public var sample: UInt64
    public var value: Float

    @_noAllocation @_noLocks
    public init(
        _ kind: Kind, sample: UInt64, code: UInt16 = 0, priority: UInt8 = 0, leads: UInt16 = 0, reasons: UInt32 = 0, electrodes: UInt16 = 0,
        value: Float = 0
    ) {
        self.kind = kind
        self.priority = priority
        self.code = code
        self.leads = leads
        self.reasons = reasons
        self.electrodes = electrodes
        self.sample = sample
        self.value = value
    }

    /// Bytes of ``write(to:)``.
    public static var byteCount: Int { 24 }

    /// Writes the event as 24 little-endian bytes: kind, priority, code, leads, electrodes, sample, value's bits, reasons.
    @_noAllocation @_noLocks
    public func write(to bytes: UnsafeMutableRawPointer) {
        bytes.storeBytes(of: kind.rawValue, toByteOffset: 0, as: UInt8.self)
        bytes.storeBytes(of: priority, toByteOffset: 1, as: UInt8.self)
        bytes.storeBytes(of: code.littleEndian, toByteOffset: 2, as: UInt16.self)
        bytes.storeBytes(of: leads.littleEndian, toByteOffset: 4, as: UInt16.self)
        bytes.storeBytes(of: electrodes.littleEndian, toByteOffset: 6, as: UInt16.self)
        bytes.storeBytes(of: sample.littleEndian, toByteOffset: 8, as: UInt64.self)
        bytes.storeBytes(of: value.bitPattern.littleEndian, toByteOffset: 16, as: UInt32.self)
        bytes.storeBytes(of: reasons.littleEndian, toByteOffset: 20, as: UInt32.self)
    }
}
