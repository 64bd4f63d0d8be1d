// What a caller says about its stream and its wishes, turned into the engine's own words.
// Apart from the engine's functions, because size query and init must read it alike.

public import CPrecordia
import PrecordiaAlerts
import PrecordiaEngine
import PrecordiaMeasure
import PrecordiaSignal

/// A stream's channels by lead, and the engine's form of them.
struct Channels {
    private(set) var count = 0
    /// The lead of each channel.
    private(set) var lead = InlineArray<12, UInt8>(repeating: 0)
    private(set) var format: StreamFormat

    init(_ stream: UnsafePointer<precordia_stream>) throws(Problem) {
        let given = stream.pointee
        guard given.unplaced & ~LeadSet.all.rawValue == 0 else { throw .reserved }
        guard given.channels >= 1, given.channels <= 12 else { throw .channels }
        guard given.derived & ~LeadSet.derived.rawValue == 0 else { throw .derivedLeads }
        count = Int(given.channels)
        var absent = LeadSet.all
        let derived = LeadSet(rawValue: given.derived)
        format = StreamFormat(rate: Int(clamping: given.rate), derived: derived)
        for channel in 0..<count {
            let number = withUnsafeBytes(of: given.lead) { $0[channel] }
            guard number < 12, absent.contains(index: Int(number)) else { throw .channels }
            lead[channel] = number
            absent = absent.subtracting(LeadSet(rawValue: 1 &<< UInt16(number)))
            format.microvoltsPerCount[Int(number)] = withUnsafeBytes(of: given.microvolts_per_count) {
                $0.load(fromByteOffset: channel * 8, as: Double.self)
            }
            format.baseline[Int(number)] = withUnsafeBytes(of: given.baseline) { $0.load(fromByteOffset: channel * 4, as: Int32.self) }
        }
        format.absent = absent.subtracting(derived)
        format.unplaced = LeadSet(rawValue: given.unplaced)
    }
}

extension EngineOptions {
    init(_ options: UnsafePointer<precordia_options>?) throws(Problem) {
        self.init()
        guard let given = options?.pointee else { return }
        let age = given.patient & 0xFF
        guard given.reserved == 0, given.measure_seconds <= 60, given.patient & ~0x3FF == 0, given.patient & 0x300 != 0x300, age <= 120
        else { throw .reserved }
        measureSeconds = Int(clamping: given.measure_seconds)
        patient = PatientFacts(
            age: UInt8(truncatingIfNeeded: age), sex: PatientFacts.Sex(rawValue: UInt8(truncatingIfNeeded: given.patient &>> 8)) ?? .unknown
        )
        hop = Int(clamping: given.hop)
        switch given.display_notch {
        case 0: displayNotch = nil
        case 50: displayNotch = .notch50
        case 60: displayNotch = .notch60
        default: throw .notch
        }
        try Self.set(&policy.asystole, to: given.asystole_seconds)
        try Self.set(&policy.heartRateHigh, to: given.heart_rate_high)
        try Self.set(&policy.heartRateLow, to: given.heart_rate_low)
    }

    private static func set(_ rule: inout AlertRule, to limit: Float) throws(Problem) {
        guard limit != 0 else { return }
        guard limit.isFinite, limit > 0 else { throw .alertLimit }
        rule.threshold = limit
    }
}

@c @implementation
public func precordia_stream_default(_ rate: UInt32) -> precordia_stream {
    precordia_stream(
        rate: rate, channels: 12, lead: (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), derived: 0, unplaced: 0,
        microvolts_per_count: (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), baseline: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
}

@c @implementation
public func precordia_stream_eight(_ rate: UInt32) -> precordia_stream {
    var stream = precordia_stream_default(rate)
    stream.channels = 8
    stream.lead = (0, 1, 6, 7, 8, 9, 10, 11, 0, 0, 0, 0)
    stream.derived = LeadSet.derived.rawValue
    return stream
}
