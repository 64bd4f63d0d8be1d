// A record's samples lead by lead, as a sheet draws them: microvolts, holes where samples are missing, and what is wrong beside each.

package import PrecordiaFindings
package import PrecordiaFormats
package import PrecordiaHost
package import PrecordiaQuality
import PrecordiaSession
package import PrecordiaSignal

/// Filters of the drawing alone; what is measured and judged is never filtered by them.
package struct SheetFilter: Sendable {
    package var filters: [StandardFilter]

    package init(_ filters: [StandardFilter]) { self.filters = filters }

    /// In words, of what fits the rate.
    package func words(rate: Int) -> String {
        let names = filters.filter { $0.fits(rate: rate) }.map { "\(FilterListing.name($0)) Hz" }
        return names.isEmpty ? "none, as recorded" : names.joined(separator: ", ")
    }
}

/// Twelve leads of a record.
package enum ExamTraces {
    /// - Parameters:
    ///   - record: a record of some seconds.
    ///   - whole: the one that it was cut from, which knows what was said of its signals.
    ///   - report: the quality of its last ten.
    package static func traces(
        _ record: ECGRecord, of whole: ECGRecord, report: QualityReport, filter: SheetFilter
    ) throws(RuntimeError) -> [Trace] {
        var columns = [[Int32?]](repeating: [], count: 12)
        var cascade = FilterCascade()
        for filter in filter.filters { _ = cascade.append(filter, rate: record.rate) }
        var zero = [Double?](repeating: nil, count: 12)
        var values = [Double](repeating: 0, count: 12)
        var frame = Frame(index: 0)
        var reader = record.frames()
        do throws(RecordError) {
            while try reader.next(into: &frame) {
                let missing = take(frame, record.format, into: &values)
                // A filter begins at rest: the first sample of each lead is its zero.
                for lead in 0..<12 where !missing.contains(index: lead) { zero[lead] = zero[lead] ?? values[lead] }
                if cascade.count > 0 {
                    for lead in 0..<12 { values[lead] -= zero[lead] ?? values[lead] }
                    values.withUnsafeMutableBufferPointer { cascade.process($0.baseAddress!) }
                }
                for lead in 0..<12 { columns[lead].append(missing.contains(index: lead) ? nil : rounded(values[lead])) }
            }
        } catch { throw RuntimeError(error) }
        // A lead that another segment has is there, and has no samples here.
        return Lead.allCases.map { trace($0, whole, report, columns[Int($0.rawValue)]) }
    }

    private static func rounded(_ value: Double) -> Int32 {
        value.isFinite ? Int32(max(-2_147_483_647, min(2_147_483_647, value.rounded()))) : 0
    }

    /// Microvolts of all leads, derived ones computed from I and II; the leads that have none.
    private static func take(_ frame: Frame, _ format: StreamFormat, into values: inout [Double]) -> LeadSet {
        var missing = frame.missing.union(frame.off.affectedLeads).union(format.lacking)
        for lead in 0..<12 where !missing.contains(index: lead) && !format.derived.contains(index: lead) {
            values[lead] = (Double(frame.counts[lead]) - Double(format.baseline[lead])) * format.microvoltsPerCount[lead]
        }
        guard !format.derived.isEmpty else { return missing }
        if missing.contains(.I) || missing.contains(.II) {
            missing.formUnion(format.derived)
            return missing
        }
        let one = values[0], two = values[1]
        for (lead, value) in [(2, two - one), (3, -(one + two) / 2), (4, one - two / 2), (5, two - one / 2)]
        where format.derived.contains(index: lead) { values[lead] = value }
        return missing.subtracting(format.derived)
    }

    private static func trace(_ lead: Lead, _ record: ECGRecord, _ report: QualityReport, _ samples: [Int32?]) -> Trace {
        let isEmpty = !samples.contains { $0 != nil }
        if record.lost.contains(lead) { return Trace(lead.name, .unreadable) }
        if isEmpty, report.off.contains(lead) || record.comments.contains(where: { isOff(lead, $0) }) { return Trace(lead.name, .off) }
        if record.format.lacking.contains(lead) || isEmpty && record.format.absent.contains(lead) { return Trace(lead.name, .absent) }
        let state = record.format.derived.contains(lead) ? Trace.State.computed : .recorded
        return Trace(lead.name, state, fault: fault(lead, record, report), microvolts: samples)
    }

    /// Whether a header's line says that a lead's electrode was off, as `precordia exam` writes it.
    private static func isOff(_ lead: Lead, _ comment: String) -> Bool {
        comment.hasPrefix("electrode off: ") && comment.dropFirst(15).split(separator: " ").contains { $0 == lead.name }
    }

    /// In a word or two; what only mars a lead stands with the quality.
    private static func fault(_ lead: Lead, _ record: ECGRecord, _ report: QualityReport) -> String {
        var words: [String] = []
        if record.format.unplaced.contains(lead) { words.append("place not known: \(record.signalName(of: lead) ?? "no name")") }
        if record.uncalibrated.contains(lead) { words.append("gain not stated") }
        if report.off.contains(lead) { words.append("electrode off") }
        if report.flat.contains(lead) { words.append("flat") }
        if report.clipped.contains(lead) { words.append("at its limit") }
        if report.noisy.contains(lead) { words.append("noise") }
        if report.outOfRange.contains(lead) { words.append("out of range") }
        return words.joined(separator: ", ")
    }
}
