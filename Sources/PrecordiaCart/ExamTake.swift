// Ten seconds as they come from a device, with what is wrong with them: one try at an exam.
// Knows no device and no clock, so that a test can push the frames.

package import PrecordiaFormats
import PrecordiaQuality
package import PrecordiaSignal

/// One try at an exam.
///
/// - Memory: a quality monitor and the frames. Thread: one at a time.
package final class ExamTake {
    package let format: StreamFormat
    package private(set) var frames: [Frame] = []
    /// The clock at the first frame; nil where nobody knows.
    package var time: WFDBHeader.StartTime?
    private var monitor: QualityMonitor
    private var converter: LeadConverter
    private let memory: UnsafeMutableRawBufferPointer
    private var microvolts = [Double](repeating: 0, count: Lead.count)
    private var off = ElectrodeSet.empty
    /// Frames without a sample of any lead.
    private var holes = 0

    /// Seconds of an exam.
    package static var seconds: Int { 10 }

    package init(_ format: StreamFormat) {
        self.format = format
        memory = .allocate(byteCount: QualityMonitor.requiredBytes(rate: format.rate, windowSeconds: Self.seconds), alignment: 16)
        monitor = QualityMonitor(
            rate: format.rate, windowSeconds: Self.seconds, derived: format.derived, lacking: format.lacking, unplaced: format.unplaced,
            memory: memory)
        converter = LeadConverter(format)
        frames.reserveCapacity(Self.seconds * format.rate)
    }

    deinit { memory.deallocate() }

    /// Frames that have passed since the first one, missing ones counted.
    package var length: Int {
        guard let first = frames.first, let last = frames.last else { return 0 }
        return Int(clamping: last.index - first.index) + 1
    }

    package var isFull: Bool { length >= Self.seconds * format.rate }

    /// Takes a frame of the stream.
    ///
    /// - Returns: whether it ends a second.
    package func push(_ frame: Frame) -> Bool {
        let before = length / format.rate
        var own = frame
        own.index = frame.index - (frames.first?.index ?? frame.index)
        converter.convert(own, into: &microvolts)
        microvolts.withUnsafeBufferPointer { monitor.push(own, microvolts: $0.baseAddress!) }
        off.formUnion(frame.off)
        if frame.missing.intersection(format.leads) == format.leads { holes += 1 }
        frames.append(frame)
        return length / format.rate > before
    }

    /// What is wrong so far: samples that the line lost, then electrode by electrode. The monitor begins anew behind a hole and cannot tell it.
    package var faults: [String] {
        (holes > 0 || length > frames.count ? ["samples are missing: the line to the device"] : [])
            + ElectrodeFaults.words(monitor.report, off: off)
    }

    /// Leads that cannot be read, and those whose electrode was off: how a better take is told from a worse one.
    package var badLeads: Int {
        (holes > 0 || length > frames.count ? Lead.count : 0)
            + monitor.report.bad.union(off.affectedLeads).subtracting(format.lacking).count
    }

    /// Whether a person would take it as it is.
    package var isGood: Bool { isFull && faults.isEmpty }

    /// What the header says of leads whose electrodes were off, so that their holes have a reason.
    private var offLine: [String] {
        let leads = Lead.allCases.filter { off.affectedLeads.subtracting(format.lacking).contains($0) }
        return leads.isEmpty ? [] : ["electrode off: " + leads.map { "\($0)" }.joined(separator: " ")]
    }

    /// Writes it as a WFDB record that its owner alone may read. Of an electrode that was off there is no sample: what its leads showed is no heart.
    package func write(_ path: String, comments: [String]) throws(RecordError) {
        let reach = frames.map { frame in (0..<12).map { frame.counts[$0].magnitude }.max() ?? 0 }.max() ?? 0
        let writer = try WFDBWriter(
            path: path, format: format, storage: reach <= UInt32(Int16.max) ? .format16 : .format32, comments: comments + offLine,
            startTime: time,
            isPrivate: true)
        for frame in frames {
            var frame = frame
            frame.missing.formUnion(frame.off.affectedLeads)
            try writer.append(frame)
        }
        try writer.finish()
    }
}
