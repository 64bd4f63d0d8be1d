// The median beat of a record as a record of its own, which any reader of WFDB draws and measures.
// Apart from the marks, which are of the record's beats.

import PrecordiaFormats
package import PrecordiaHost
import PrecordiaMeasure
import PrecordiaSession
package import PrecordiaSignal

/// A median beat: twelve leads, microvolts above the level before the QRS complex.
package struct MedianRecord: Sendable {
    /// Steps a second, which are the record's samples or the mean of some of them, and the step that is the beat's place.
    package let rate: Int
    package let origin: Int
    package let beats: Int
    package let leads: LeadSet
    /// By lead, microvolts; and the steps of the QRS complex, where it was marked.
    package let values: [[Int32]]
    let edges: Range<Int>?
    private let comments: [String]

    init(_ monitor: borrowing MeasureMonitor) {
        rate = Int(monitor.medianRate.rounded())
        origin = monitor.medianOrigin
        beats = monitor.measurement.measuredBeats
        leads = monitor.measurement.leads
        var values: [[Int32]] = []
        for lead in Lead.allCases {
            var line: [Int32] = []
            for place in 0..<monitor.medianSpan { line.append(Int32((1000 * monitor.medianValue(lead, place)).rounded())) }
            values.append(line)
        }
        self.values = values
        let marks = monitor.measurement.marks
        let span = monitor.medianSpan
        if let onset = marks.qrsOnset, let end = marks.qrsEnd {
            let first = monitor.medianOrigin + Int(onset * monitor.medianRate / 1000)
            let last = monitor.medianOrigin + Int(end * monitor.medianRate / 1000)
            edges = first >= 0 && first < last && last < span ? first..<(last + 1) : nil
        } else {
            edges = nil
        }
        let told: [(String, Float?)] = [
            ("P onset", marks.pOnset), ("P end", marks.pEnd), ("QRS onset", marks.qrsOnset), ("QRS end", marks.qrsEnd),
            ("T end", marks.tEnd),
        ]
        comments =
            ["median of \(monitor.measurement.measuredBeats) beats; its place is sample \(monitor.medianOrigin)"]
            + told.compactMap { name, time in time.map { "\(name): \(Int($0.rounded())) ms from its place" } }
    }

    /// Writes `path`.hea and `path`.dat: a microvolt a count, the leads that were measured.
    package func write(_ path: String) throws(RuntimeError) {
        let format = StreamFormat(rate: rate, absent: LeadSet.all.subtracting(leads))
        do throws(RecordError) {
            let writer = try WFDBWriter(path: path, format: format, comments: comments)
            for place in 0..<values[0].count {
                var frame = Frame(index: UInt64(place))
                for lead in 0..<12 { frame.counts[lead] = values[lead][place] }
                try writer.append(frame)
            }
            try writer.finish()
        } catch { throw RuntimeError(error) }
    }
}

extension MeasureListing {
    /// Writes the median beat that was measured as a record; an error where there is none. `record` is what the error names.
    package func writeMedian(_ path: String, of record: String) throws(RuntimeError) {
        guard let median else {
            let reason = measurement.beats == 0 ? "no beat was found" : "its beats drown in noise"
            throw .badRecord(file: record, problem: "no median beat to write: \(reason)")
        }
        try median.write(path)
    }
}
