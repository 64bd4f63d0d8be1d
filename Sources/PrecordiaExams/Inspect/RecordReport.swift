// A recorded exam in words: what is in it, and everything odd about it.
// It reads every sample once, so that the problems are those of the file and not of its header alone.

package import PrecordiaFormats
package import PrecordiaHost
import PrecordiaQuality
import PrecordiaSession
import PrecordiaSignal

/// Describes a recorded exam.
package enum RecordReport {
    /// The report, a line an entry, and whether the record is whole. Nothing in it can steer a terminal.
    ///
    /// - Throws: if there is nothing to describe, because the header or a signal file cannot be read.
    package static func lines(path: String, naming: LeadNaming = LeadNaming()) throws(RuntimeError) -> (lines: [String], isWhole: Bool) {
        let report = try rawLines(path, naming)
        return (report.lines.map(Text.printable), report.isWhole)
    }

    private static func rawLines(_ path: String, _ naming: LeadNaming) throws(RuntimeError) -> (lines: [String], isWhole: Bool) {
        let signals: WFDBSignals
        do throws(RecordError) { signals = try WFDBSignals(path: path) } catch { throw RuntimeError(error) }
        var lines = header(signals)
        do throws(RecordError) {
            let record = try ECGRecord(path: path, signals: signals, naming: naming)
            lines += leads(record)
            let scan = try Scan(record)
            lines += scan.lines(record)
            if scan.frames > 0, StreamFormat.rates.contains(record.rate) { lines += fit(path, naming) }
            return (lines, scan.isWhole && record.lost.isEmpty && signals.faults.isEmpty)
        } catch {
            lines += signals.problems.map { "Note: \($0)" }
            return (lines + ["Problem: \(error)"], false)
        }
    }

    /// What is wrong where limb leads do not fit each other, found as an engine finds it.
    private static func fit(_ path: String, _ naming: LeadNaming) -> [String] {
        guard let windows = try? RecordQuality.windows(record: path, naming: naming) else { return [] }
        guard let misfit = windows.map(\.report.misfit).first(where: { $0.kind != .none }) else { return [] }
        return [
            "Problem: the leads do not fit each other (Einthoven, Goldberger): \(EventWords.misfit(misfit)); times are right, voltages are not"
        ]
    }

    private static func header(_ signals: WFDBSignals) -> [String] {
        let header = signals.header
        let seconds = Double(signals.frameCount) / header.frequency
        var facts = "\(Text.counted(signals.signals.count, "signal")) at \(hertz(header.frequency)) Hz, "
        facts += "\(Text.grouped(signals.frameCount)) samples each, \(Text.fixed(seconds, decimals: 1)) s"
        if header.isMultiSegment { facts += ", in \(Text.counted(signals.segments.count, "segment"))" }
        var lines = ["Record \(header.name), from \(header.path)", "  \(facts)"]
        if let time = header.startTime { lines.append("  recorded \(time)") }
        lines += header.comments.prefix(20).map { "  \($0)" }
        return lines
    }

    private static func hertz(_ value: Double) -> String {
        value == value.rounded() && value.magnitude < 1e9 ? "\(Int(value))" : "\(value)"
    }

    private static func leads(_ record: ECGRecord) -> [String] {
        var lines = ["Leads: \(EventWords.leads(record.leads.rawValue).joined(separator: " "))"]
        let derived = EventWords.leads(record.format.derived.rawValue)
        if !derived.isEmpty { lines.append("  computed from I and II: \(derived.joined(separator: " "))") }
        return lines
    }

    /// What reading all samples has shown.
    private struct Scan {
        struct Lead {
            var lowest = Int32.max
            var highest = Int32.min
            var missing = 0
            var clipped = 0
            var longestStill = 0
            var still = 0
            var last: Int32?
        }

        var leads = [Lead](repeating: Lead(), count: 12)
        var frames = 0
        var warnings: [RecordError] = []
        var isWhole: Bool { warnings.isEmpty }

        init(_ record: ECGRecord) throws(RecordError) {
            var reader = record.frames(checksums: .warning)
            var frame = Frame(index: 0)
            while try reader.next(into: &frame) {
                frames += 1
                for index in 0..<12 where record.leads.contains(index: index) { take(frame, index) }
            }
            warnings = reader.warnings
        }

        private mutating func take(_ frame: Frame, _ index: Int) {
            guard !frame.missing.contains(index: index) else {
                leads[index].missing += 1
                leads[index].last = nil
                return
            }
            let count = frame.counts[index]
            leads[index].lowest = min(leads[index].lowest, count)
            leads[index].highest = max(leads[index].highest, count)
            if frame.clipped.contains(index: index) { leads[index].clipped += 1 }
            leads[index].still = leads[index].last == count ? leads[index].still + 1 : 0
            leads[index].longestStill = max(leads[index].longestStill, leads[index].still)
            leads[index].last = count
        }

        func lines(_ record: ECGRecord) -> [String] {
            var lines: [String] = []
            for index in 0..<12 where record.leads.contains(index: index) { lines.append(line(record, index)) }
            let stated = record.signals.segments.compactMap(\.header).flatMap(\.signals)
            if warnings.isEmpty, !stated.isEmpty, stated.allSatisfy({ $0.checksum != nil }) { lines.append("Checksums: all correct") }
            if frames == 0 { lines.append("Note: the record holds no sample") }
            lines += record.problems.map { "Note: \($0)" }
            return lines + warnings.map { "Problem: \($0)" }
        }

        private func line(_ record: ECGRecord, _ index: Int) -> String {
            let lead = leads[index]
            let scale = record.format.microvoltsPerCount[index]
            var text = "  " + EventWords.leads(1 << UInt16(index))[0].padding(to: 4)
            text += " \(Text.fixed(scale, decimals: 4)) microvolts a count, baseline \(record.format.baseline[index])"
            guard lead.lowest <= lead.highest else { return text + ", no sample" }
            let zero = Double(record.format.baseline[index])
            let ends = [(Double(lead.lowest) - zero) * scale, (Double(lead.highest) - zero) * scale].sorted()
            text += ", \(Text.fixed(ends[0] / 1000, decimals: 3)) to \(Text.fixed(ends[1] / 1000, decimals: 3)) mV"
            if lead.missing > 0 { text += ", \(Text.counted(lead.missing, "sample")) missing" }
            if lead.clipped > 0 { text += ", \(Text.counted(lead.clipped, "sample")) at the converter's limit" }
            if lead.lowest == lead.highest {
                text += ", flat throughout"
            } else if lead.longestStill >= record.rate {
                text += ", flat for \(Text.fixed(Double(lead.longestStill) / Double(record.rate), decimals: 1)) s"
            }
            return text
        }
    }
}

extension String {
    fileprivate func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
