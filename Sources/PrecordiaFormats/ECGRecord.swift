// A recorded exam as the engine sees it: leads, a rate, and what a count means.
// It chooses the leads among a record's signals; where those signals are stored is the business of `WFDBSignals`.

package import PrecordiaSignal

/// A recorded exam of any one or more leads; the others are computed where I and II are there, or absent.
///
/// A signal that is no lead, or cannot be read, is left out, and ``problems`` says so. One that says no lead but is an electrocardiogram is heard
/// in a free place (``StreamFormat/unplaced``). Opening reads headers and file sizes; the samples come from ``frames(checksums:)``, as often as wanted.
///
/// - Cost: tens of microseconds to open a single recording on a local disk.
package struct ECGRecord: Sendable {
    /// The record as it was asked for.
    package let path: String
    /// The record's name by its header.
    package let name: String
    /// Samples a second of each lead, hertz, 100 to 2000.
    package let rate: Int
    /// Samples of each lead.
    package let sampleCount: Int
    /// What the frames' counts mean.
    package let format: StreamFormat
    /// Leads that are read from the file; the others are ``StreamFormat/derived``.
    package let leads: LeadSet
    /// Leads whose amplitude is a guess: their gain is not stated, and 200 counts a millivolt are assumed.
    package let uncalibrated: LeadSet
    /// Leads that the record has and that cannot be read; ``problems`` says why.
    package let lost: LeadSet
    /// The rate is a guess: it is not stated, and 250 Hz are assumed.
    package var isRateAssumed: Bool { !signals.header.statesFrequency }
    /// Names of signals that are no lead and are not read.
    package let otherSignals: [String]
    /// What is odd about the record without making it unreadable, in words.
    package let problems: [String]
    /// Those of ``problems`` that say which lead is left out, or heard without knowing where it is from.
    package private(set) var warnings: [String]
    /// Leads that are heard although their samples do not add up to the header's checksum, because a person said so.
    package private(set) var damaged: LeadSet = []
    /// The record's signals, headers and segments.
    package let signals: WFDBSignals

    let map: LeadMap
    private let naming: LeadNaming

    /// The record's header.
    package var header: WFDBHeader { signals.header }
    /// The header's comments, which often hold age, sex and diagnoses.
    package var comments: [String] { header.comments }
    /// When the first sample was taken, by the recorder's clock.
    package var startTime: WFDBHeader.StartTime? { header.startTime }
    /// The record's length in seconds.
    package var duration: Double { Double(sampleCount) / Double(rate) }

    /// What the record calls the signal that is heard as a lead; nil for a lead that is computed or absent, or has no name.
    package func signalName(of lead: Lead) -> String? {
        let index = map.signal[Int(lead.rawValue)]
        guard index >= 0, !signals.header.signals[index].name.isEmpty else { return nil }
        return signals.header.signals[index].name
    }

    /// Opens a WFDB record.
    ///
    /// - Parameters:
    ///   - path: the header file, or the same without extension, or with that of the signal file.
    ///   - naming: what a person says about its signals.
    /// - Throws: any ``RecordError/Code`` of reading.
    package init(path: String, naming: LeadNaming = LeadNaming()) throws(RecordError) {
        try self.init(path: path, signals: WFDBSignals(path: path), naming: naming)
    }

    /// Takes the leads of a record that is open.
    package init(path: String, signals: WFDBSignals, naming: LeadNaming = LeadNaming()) throws(RecordError) {
        try self.init(path: path, signals: signals, naming: naming, faults: [:])
    }

    private init(path: String, signals: WFDBSignals, naming: LeadNaming, faults: [Int: RecordError]) throws(RecordError) {
        let map = try LeadMap(signals: signals, naming: naming, faults: faults)
        self.path = path
        self.map = map
        self.naming = naming
        self.signals = signals
        name = signals.header.name
        rate = map.rate
        format = map.format
        leads = map.leads
        uncalibrated = map.uncalibrated
        lost = map.lost
        warnings = map.warnings
        otherSignals = map.others
        problems = signals.problems + map.notes
        let (count, overflow) = signals.frameCount.multipliedReportingOverflow(by: map.samplesPerFrame)
        guard !overflow else {
            throw RecordError(.absurdValue, file: signals.header.path, problem: "\(signals.frameCount) frames are not possible")
        }
        sampleCount = count
    }

    /// The same record without the leads whose samples do not add up to the header's checksum. Reads all samples once.
    ///
    /// - Throws: `checksumMismatch` if no lead remains, and what reading throws.
    package func withoutDamagedLeads() throws(RecordError) -> ECGRecord {
        let wanted = Set((0..<12).map { map.signal[$0] }.filter { $0 >= 0 })
        let stated = signals.segments.compactMap(\.header).flatMap(\.signals)
        guard stated.contains(where: { $0.checksum != nil }) else { return self }
        let reader = signals.reader(checksums: .warning, wanted: wanted)
        while try reader.nextBlock() {}
        if reader.mismatched.isEmpty { return self }
        if naming.ignoresChecksums { return heardAllTheSame(reader.mismatched) }
        return try ECGRecord(path: path, signals: signals, naming: naming, faults: reader.mismatched)
    }

    private func heardAllTheSame(_ faults: [Int: RecordError]) -> ECGRecord {
        var record = self
        for lead in Lead.allCases {
            guard let fault = faults[map.signal[Int(lead.rawValue)]] else { continue }
            record.damaged.insert(LeadSet(lead))
            record.warnings.append("\(lead.name) is heard all the same: \(fault.place.isEmpty ? "" : fault.place + ": ")\(fault.problem)")
        }
        return record
    }

    /// A reader that begins at the first sample.
    ///
    /// - Parameter checksums: an error unless the checksums are to be ignored, if nil.
    package func frames(checksums: ChecksumPolicy? = nil) -> FrameReader {
        FrameReader(record: self, policy: checksums ?? (naming.ignoresChecksums ? .warning : .error))
    }
}
