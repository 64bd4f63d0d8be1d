// The samples of a recorded exam as a table or as a plain WFDB record: what is heard of it, and nothing computed.
// Apart from the report, which reads the same samples to judge them.

package import PrecordiaFormats
package import PrecordiaHost
import PrecordiaSession
import PrecordiaSignal

/// Writes the samples of recorded exams.
package enum RecordExport {
    /// Rows that are handed over together.
    private static var rows: Int { 1000 }

    /// The leads as CSV, in pieces of whole lines: `# rate: 500` and what else the header says, a heading such as `I [uV],II [uV]`, a row a sample.
    ///
    /// A number is the shortest that gives the same binary64 back; a cell is empty where the sample is missing (`nan` where there is one lead alone).
    package static func table(_ record: ECGRecord, _ write: ([UInt8]) throws(RuntimeError) -> Void) throws(RuntimeError) {
        let leads = Lead.allCases.filter { record.leads.contains($0) }
        var text = "# precordia-csv 1\n# rate: \(record.rate)\n"
        if let start = record.startTime, let date = start.date {
            text +=
                "# start: \(four(date.year))-\(two(date.month))-\(two(date.day))T\(two(start.hour)):\(two(start.minute)):\(two(start.second))"
            text += start.millisecond == 0 ? "\n" : ".\(three(start.millisecond))\n"
        }
        for comment in record.comments where !comment.isEmpty { text += "# \(comment)\n" }
        text += leads.map { "\($0.name) [uV]" }.joined(separator: ",") + "\n"
        var reader = record.frames()
        var more = true
        while more {
            do throws(RecordError) { more = try append(&reader, leads, record, &text) } catch { throw RuntimeError(error) }
            try write(Array(text.utf8))
            text = ""
        }
    }

    /// Adds up to a thousand rows; false after the last one.
    private static func append(
        _ reader: inout FrameReader, _ leads: [Lead], _ record: ECGRecord, _ text: inout String
    ) throws(RecordError) -> Bool {
        let hole = leads.count > 1 ? "" : "nan"
        var frame = Frame(index: 0)
        for _ in 0..<rows {
            guard try reader.next(into: &frame) else { return false }
            for (column, lead) in leads.enumerated() {
                if column > 0 { text += "," }
                text += frame.missing.contains(lead) ? hole : number(frame, lead, record)
            }
            text += "\n"
        }
        return true
    }

    /// The leads' counts as a WFDB record of format 16, or 32 where 16 bits are too few.
    package static func writeRecord(_ record: ECGRecord, path: String) throws(RuntimeError) {
        do throws(RecordError) {
            var frame = Frame(index: 0)
            var reach: UInt32 = 0
            var scan = record.frames()
            while try scan.next(into: &frame) {
                for lead in Lead.allCases where record.leads.contains(lead) && !frame.missing.contains(lead) {
                    reach = max(reach, frame.counts[Int(lead.rawValue)].magnitude)
                }
            }
            let writer = try WFDBWriter(
                path: path, format: record.format, storage: reach <= UInt32(Int16.max) ? .format16 : .format32, comments: record.comments,
                startTime: record.startTime)
            var reader = record.frames()
            while try reader.next(into: &frame) { try writer.append(frame) }
            try writer.finish()
        } catch { throw RuntimeError(error) }
    }

    /// Microvolts.
    private static func number(_ frame: Frame, _ lead: Lead, _ record: ECGRecord) -> String {
        let place = Int(lead.rawValue)
        let value = (Double(frame.counts[place]) - Double(record.format.baseline[place])) * record.format.microvoltsPerCount[place]
        let text = "\(value)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    private static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    private static func three(_ value: Int) -> String { value < 100 ? "0" + two(value) : "\(value)" }
    private static func four(_ value: Int) -> String { value < 1000 ? "0" + three(value) : "\(value)" }
}
