// Findings as one line of JSON, the same bytes for the same values.

import PrecordiaHost

extension Findings {
    /// One line, with its line feed.
    package var line: [UInt8] {
        var line = JSONLine()
        line.add("findings", 1)
        line.add("sheet") { sheet.write(into: &$0) }
        line.add("patient") { patient.write(into: &$0) }
        line.add("exam") { exam.write(into: &$0) }
        if let alarm {
            line.add("alarm") { inner in
                inner.add("words", alarm.words)
                inner.add("priority", alarm.priority)
                inner.add("time", optional: alarm.time)
            }
        }
        line.add("quality") { inner in
            inner.add("verdict", quality.verdict.rawValue)
            inner.add("faults", quality.faults)
        }
        line.add("values", values) { $1.write(into: &$0) }
        line.add("statements", statements) { $1.write(into: &$0) }
        line.add("noAnswer", optional: noAnswer)
        if let median { line.add("median") { median.write(into: &$0) } }
        if let comparison { line.add("comparison") { comparison.write(into: &$0) } }
        line.add("traces", traces) { inner, trace in
            inner.add("name", trace.name)
            inner.add("state", trace.state.rawValue)
            inner.add("fault", trace.fault)
            inner.add("microvolts", raw: Self.list(trace.microvolts))
        }
        return line.line
    }

    /// Whole numbers, null for those that are not there.
    static func list(_ values: [Int32?]) -> String {
        "[" + values.map { $0.map { String($0) } ?? "null" }.joined(separator: ",") + "]"
    }
}

extension JSONLine {
    /// Adds a text, or null.
    fileprivate mutating func add(_ name: String, optional text: String?) {
        if let text { add(name, text) } else { add(name, raw: "null") }
    }
}

extension SheetSettings {
    fileprivate func write(into line: inout JSONLine) {
        line.add("form", form.rawValue)
        line.add("paper", paper.rawValue)
        line.add("layout", layout.rawValue)
        line.add("speed", speed, decimals: 1)
        line.add("gain", gain, decimals: 1)
        line.add("rhythm", rhythm)
        line.add("dots", dots)
        line.add("page", page)
    }
}

extension PatientFindings {
    fileprivate func write(into line: inout JSONLine) {
        line.add("name", optional: name)
        line.add("id", optional: id)
        line.add("birthDate", optional: birthDate)
        line.add("sex", optional: sex)
        line.add("age", optional: age)
        line.add("isAnonymous", isAnonymous)
    }
}

extension ExamFacts {
    fileprivate func write(into line: inout JSONLine) {
        line.add("time", optional: time)
        line.add("source", optional: source)
        line.add("device", optional: device)
        line.add("rate", rate)
        line.add("stretch", optional: stretch)
        line.add("filter", filter)
        line.add("program", program)
        line.add("notes", notes)
        line.add("mark", mark, decimals: 4)
    }
}

extension MeasuredValue {
    fileprivate func write(into line: inout JSONLine) {
        line.add("name", name)
        line.add("unit", unit)
        line.add("value", value, decimals: 4)
        line.add("error", error, decimals: 4)
        line.add("decimals", decimals)
        line.add("reason", reason)
    }
}

extension StatementFinding {
    fileprivate func write(into line: inout JSONLine) {
        line.add("words", words)
        line.add("code", code)
        line.add("status", status.rawValue)
        line.add("probability", probability, decimals: 6)
        line.add("priority", priority)
    }
}

extension MedianFinding {
    fileprivate func write(into line: inout JSONLine) {
        line.add("rate", rate, decimals: 4)
        line.add("origin", origin)
        line.add("beats", beats)
        line.add("leads", raw: "[" + leads.map { $0.map { Findings.list($0) } ?? "null" }.joined(separator: ",") + "]")
        line.add("marks", marks) { inner, mark in
            inner.add("name", mark.name)
            inner.add("milliseconds", mark.milliseconds, decimals: 2)
        }
        let sizes = sizes.map { sizes in
            sizes.map {
                "[" + $0.values.map { $0.map { $0.isFinite ? Text.fixed($0, decimals: 4) : "null" } ?? "null" }.joined(separator: ",") + "]"
            } ?? "null"
        }
        line.add("sizes", raw: "[" + sizes.joined(separator: ",") + "]")
    }
}

extension ComparisonFinding {
    fileprivate func write(into line: inout JSONLine) {
        line.add("other", other)
        line.add("changes", changes) { inner, change in
            inner.add("name", change.name)
            inner.add("unit", change.unit)
            inner.add("before", change.before, decimals: 4)
            inner.add("now", change.now, decimals: 4)
            inner.add("decimals", change.decimals)
            if let isChange = change.isChange { inner.add("isChange", isChange) } else { inner.add("isChange", raw: "null") }
        }
        line.add("new", new)
        line.add("gone", gone)
        line.add("same", same)
        line.add("notes", notes)
        if let median { line.add("median") { median.write(into: &$0) } }
    }
}
