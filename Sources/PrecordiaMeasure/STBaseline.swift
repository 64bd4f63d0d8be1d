// A patient's own ST levels, from the beginning of a stream, and who the patient is.
// Apart from the criteria, because these are remembered and those are not.

public import PrecordiaSignal

/// What is known of a patient beside the signal, for limits that depend on it.
public struct PatientFacts: Sendable {
    /// As limits distinguish.
    public enum Sex: UInt8, Sendable {
        case unknown = 0
        case female = 1
        case male = 2
    }

    /// Years; 0 where it is not known.
    public var age: UInt8
    public var sex: Sex

    @_noAllocation @_noLocks
    public init(age: UInt8 = 0, sex: Sex = .unknown) {
        self.age = age
        self.sex = sex
    }
}

/// The levels at the J point of a patient's first measurements, lead by lead.
///
/// The mean of the first ``needed`` measurements that gave ST; it stays until ``init()`` puts another in its place. A patient who comes with raised ST has it in the
/// baseline: absolute limits are for that.
public struct STBaseline: Sendable {
    /// Measurements that it is made of.
    public static var needed: Int { @_noAllocation @_noLocks get { 6 } }

    /// Measurements so far.
    public private(set) var measurements = 0
    private var sums = InlineArray<12, Float>(repeating: 0)
    private var counts = InlineArray<12, Int>(repeating: 0)
    private var complexes: Float = 0

    /// A baseline of nothing yet.
    @_noAllocation @_noLocks
    public init() {}

    /// Whether it is whole, and nothing more is taken.
    public var isWhole: Bool { @_noAllocation @_noLocks get { measurements >= Self.needed } }

    /// Takes a measurement while it is not whole; one without a QRS complex says nothing.
    @_noAllocation @_noLocks
    public mutating func add(_ values: Measurement, leads: LeadSet) {
        guard !isWhole, let qrs = values.qrs else { return }
        complexes += qrs
        measurements &+= 1
        for lead in 0..<12 where leads.contains(index: lead) {
            guard let level = values.lead[lead].j else { continue }
            sums[lead] += level
            counts[lead] &+= 1
        }
    }

    /// A lead's level, millivolts; nil before the baseline is whole, and for a lead that was missing in most of it.
    @_noAllocation @_noLocks
    public func level(_ lead: Int) -> Float? {
        guard isWhole, 2 &* counts[lead] > Self.needed else { return nil }
        return sums[lead] / Float(counts[lead])
    }

    /// The QRS duration, milliseconds; nil before it is whole.
    public var qrs: Float? { @_noAllocation @_noLocks get { isWhole ? complexes / Float(measurements) : nil } }
}
