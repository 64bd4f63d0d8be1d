// The engine's judgement of a recorded exam's signal, without its classifier.
// Separate from ExamClassifier, because no model is needed to say whether an exam can be read.

package import PrecordiaFormats
package import PrecordiaHost
package import PrecordiaQuality
import PrecordiaSession
import PrecordiaSignal

/// A stretch of a record of at most ten seconds, and what the quality monitor says of it.
package struct WindowQuality: Equatable, Sendable {
    /// First second of the stretch.
    package let start: Int
    package let report: QualityReport

    /// Whether a person would call it acceptable: its worst lead can be read most of the time, and every limb lead shows a heart.
    package let isAcceptable: Bool
    /// What was found, in the words of `classify`.
    package let words: String
}

/// Lets the quality monitor hear records, one after the other: the very one that an engine has.
///
/// - Memory: one monitor and a block of frames for each record. Thread: one at a time.
package enum RecordQuality {
    /// The windows that are judged are ten seconds long; a rest of a second or more is judged together with what comes before it.
    package static var windowSeconds: Int { 10 }

    /// Judges each whole 10 s of a record, and once more the last 10 s if at least a second remains; of a shorter record all of it.
    package static func windows(record path: String, naming: LeadNaming = LeadNaming()) throws(RuntimeError) -> [WindowQuality] {
        var source = try SignalSource(record: path, naming: naming)
        let stream = source.format
        let memory = UnsafeMutableRawBufferPointer.allocate(
            byteCount: QualityMonitor.requiredBytes(rate: stream.rate, windowSeconds: windowSeconds), alignment: 16)
        let block = UnsafeMutableBufferPointer<Frame>.allocate(capacity: 256)
        block.initialize(repeating: Frame(index: 0))
        defer {
            memory.deallocate()
            block.deallocate()
        }
        var monitor = QualityMonitor(
            rate: stream.rate, windowSeconds: windowSeconds, derived: stream.derived, lacking: stream.lacking, unplaced: stream.unplaced,
            memory: memory)
        var converter = LeadConverter(stream)
        var microvolts = [Double](repeating: 0, count: Lead.count)
        var frames: UInt64 = 0
        var found: [WindowQuality] = []
        let window = UInt64(windowSeconds * stream.rate)
        while case let count = try source.read(into: block), count > 0 {
            if Interrupt.isRequested { throw .interrupted(file: path) }
            for frame in block[..<count] {
                converter.convert(frame, into: &microvolts)
                monitor.push(frame, microvolts: microvolts)
                frames = frame.index + 1
                if frames % window == 0 { found.append(judged(monitor.report, end: frames, stream.rate)) }
            }
        }
        if found.isEmpty || frames % window >= UInt64(stream.rate) { found.append(judged(monitor.report, end: frames, stream.rate)) }
        return found
    }

    private static func judged(_ report: QualityReport, end: UInt64, _ rate: Int) -> WindowQuality {
        let limits = QualityLimits()
        let isAcceptable = report.index.worst >= limits.acceptableIndex && !report.swap.hidesLead
        var quality = ExamQuality()
        quality.faults.add(report)
        let start = Int(end) / rate - windowSeconds
        return WindowQuality(start: max(0, start), report: report, isAcceptable: isAcceptable, words: quality.text)
    }

    /// The line above the rows.
    package static var heading: String {
        (["record", "start", "verdict", "acceptable", "index", "quality"] + EventWords.leads(LeadSet.all.rawValue)).joined(separator: ",")
    }

    /// One window's row: index and leads from 0 to 1, three decimals; nothing for a lead that is not in the record.
    package static func row(_ window: WindowQuality, record: String) -> String {
        let index = window.report.index
        let absent = window.report.absent
        let leads = Lead.allCases.map { absent.contains($0) ? "" : Text.fixed(Double(index.value(of: $0)), decimals: 3) }
        let verdict =
            switch window.report.verdict {
            case .good: "good"
            case .degraded: "degraded"
            case .unknown: "unknown"
            }
        let cells = [
            Text.csv(record), "\(window.start)", verdict, window.isAcceptable ? "yes" : "no", Text.fixed(Double(index.worst), decimals: 3),
            Text.csv(window.words),
        ]
        return (cells + leads).joined(separator: ",")
    }
}
