// A recorded exam as the engine sees it: leads, a rate, and what a count means.
// It chooses the leads among a record's signals; where those signals are stored is the business of `WFDBSignals`.

import PrecordiaSignal

/// A recorded 12-lead exam, or one of the 8 independent leads, or on request one of any leads.
///
/// Opening reads headers and file sizes; the samples come from ``frames(checksums:)``, as often as wanted.
///
/// - Cost: tens of microseconds to open a single recording on a local disk.
public struct ECGRecord: Sendable {
    /// The record as it was asked for.
    public let path: String
    /// The record's name by its header.
    public let name: String
    /// Samples a second of each lead, hertz, 100 to 2000.
    public let rate: Int
    /// Samples of each lead.
    public let sampleCount: Int
    /// What the frames' counts mean.
    public let format: StreamFormat
    /// Leads that are read from the file; the others are ``StreamFormat/derived``.
    public let leads: LeadSet
    /// Leads whose amplitude is a guess: their gain is not stated, and 200 counts a millivolt are assumed.
    public let uncalibrated: LeadSet
    /// The rate is a guess: it is not stated, and 250 Hz are assumed.
    public var isRateAssumed: Bool { !signals.header.statesFrequency }
    /// Names of signals that are no lead and are not read.
    public let otherSignals: [String]
    /// What is odd about the record without making it unreadable, in words.
    public let problems: [String]
    /// The record's signals, headers and segments.
    public let signals: WFDBSignals

    let map: LeadMap

    /// The record's header.
    public var header: WFDBHeader { signals.header }
    /// The header's comments, which often hold age, sex and diagnoses.
    public var comments: [String] { header.comments }
    /// When the first sample was taken, by the recorder's clock.
    public var startTime: WFDBHeader.StartTime? { header.startTime }
    /// The record's length in seconds.
    public var duration: Double { Double(sampleCount) / Double(rate) }

    /// Opens a WFDB record.
    ///
    /// - Parameters:
    ///   - path: the header file, or the same without extension, or with that of the signal file.
    ///   - anyLeads: one lead is enough, as beats need; the others are missing in every frame.
    /// - Throws: any ``RecordError/Code`` of reading.
    public init(path: String, anyLeads: Bool = false) throws(RecordError) {
        try self.init(path: path, signals: WFDBSignals(path: path), anyLeads: anyLeads)
    }

    /// Takes the leads of a record that is open.
    public init(path: String, signals: WFDBSignals, anyLeads: Bool = false) throws(RecordError) {
        let map = try LeadMap(signals: signals, anyLeads: anyLeads)
        self.path = path
        self.map = map
        self.signals = signals
        name = signals.header.name
        rate = map.rate
        format = map.format
        leads = map.leads
        uncalibrated = map.uncalibrated
        otherSignals = map.others
        problems = signals.problems + map.notes
        let (count, overflow) = signals.frameCount.multipliedReportingOverflow(by: map.samplesPerFrame)
        guard !overflow else {
            throw RecordError(.absurdValue, file: signals.header.path, problem: "\(signals.frameCount) frames are not possible")
        }
        sampleCount = count
    }

    /// A reader that begins at the first sample.
    public func frames(checksums: ChecksumPolicy = .error) -> FrameReader { FrameReader(record: self, policy: checksums) }
}
