// Entries as a person or a program wants them: a table, CSV, lines of JSON.

package import PrecordiaHost
import PrecordiaReport
import PrecordiaText

/// How entries are written.
package enum LogFormat: String, CaseIterable, Sendable {
    case table, csv, json
}

extension LogFormat {
    /// What stands above the entries; nil for nothing.
    package var heading: String? {
        switch self {
        case .table, .json: nil
        case .csv: Self.columns.joined(separator: ",")
        }
    }

    static var columns: [String] {
        [
            "sequence", "session", "number", "received", "utc", "uncertainty", "event", "change", "record", "sample", "priority",
            "condition", "statement", "value", "snippetState", "snippet", "reason", "line", "boot", "uptime", "corrected",
        ]
    }

    /// An entry, without a line feed.
    package func text(_ entry: LogEntry, style: Style = .plain) -> String {
        switch self {
        case .table: Self.row(entry, style)
        case .csv: Self.csv(entry)
        case .json: Self.json(entry)
        }
    }

    private static func csv(_ entry: LogEntry) -> String {
        func number(_ value: (some CustomStringConvertible)?) -> String { value.map { "\($0)" } ?? "" }
        let fields: [String] = [
            number(entry.sequence), number(entry.session), number(entry.number), entry.received, entry.utc ?? "", number(entry.uncertainty),
            entry.event, entry.change ?? "", entry.record ?? "", number(entry.sample), entry.priorityName ?? "", entry.condition ?? "",
            entry.statement ?? "",
            number(entry.value), entry.snippetState ?? "", entry.snippet ?? "", entry.reason ?? "", entry.line, number(entry.boot),
            entry.uptime.map(seconds) ?? "", entry.corrected ?? "",
        ]
        return fields.map(Text.csv).joined(separator: ",")
    }

    /// Microseconds as seconds.
    private static func seconds(_ microseconds: Int64) -> String { Text.fixed(Double(microseconds) / 1e6, decimals: 6) }

    /// The log's own fields first, then the line as it was, or as text if it is not JSON.
    private static func json(_ entry: LogEntry) -> String {
        let bytes = JSONText.collected { text in
            text.open(0x7B)
            text.field("sequence", UInt64(clamping: entry.sequence))
            text.field("session", UInt64(clamping: entry.session))
            text.text("received", entry.received)
            if let boot = entry.boot, let uptime = entry.uptime {
                text.field("boot", UInt64(clamping: boot))
                text.field("uptime", Double(uptime) / 1e6, decimals: 6)
            }
            if let corrected = entry.corrected { text.text("corrected", corrected) }
            if let state = entry.snippetState { text.text("snippetState", state) }
            if let snippet = entry.snippet { text.text("snippet", snippet) }
            var reason = entry.reason ?? "null"
            text.key("reason")
            reason.withUTF8 { text.raw(UnsafeRawBufferPointer($0)) }
            var line = entry.line
            if !entry.isJSON {
                text.text("text", line)
            } else {
                text.key("line")
                line.withUTF8 { text.raw(UnsafeRawBufferPointer($0)) }
            }
            text.close(0x7D)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func row(_ entry: LogEntry, _ style: Style) -> String {
        let number = String(entry.sequence)
        let time = String((entry.utc ?? entry.received).prefix(21)).replacing("T", with: " ").padding(21)
        let start = entry.uptime.map { "\(entry.boot ?? 0)+" + Text.clock(seconds: Int(clamping: $0 / 1_000_000)) } ?? ""
        let isAlert = entry.priority != nil
        let sign = entry.event == "alertRaised" ? style.glyph("▲", "^") : entry.event == "alertCleared" ? style.glyph("▼", "v") : " "
        let kind = Text.printable((isAlert ? entry.priorityName ?? "" : entry.event).padding(12))
        let what = isAlert ? entry.alertWords : entry.otherWords
        let role: Style.Role =
            entry.event == "alertRaised" ? Style.role(priority: UInt8(clamping: entry.priority ?? 0)) : isAlert ? .normal : .faint
        let snippet = entry.snippet.map { "  " + $0 } ?? (["refused", "lost"].contains(entry.snippetState) ? "  no ECG" : "")
        // To the minute: what is right to the second needs no other date.
        let date =
            entry.corrected.flatMap { $0.prefix(16) == entry.received.prefix(16) ? nil : "  by the date set later: " + $0.prefix(19) } ?? ""
        return String(repeating: " ", count: max(0, 7 - number.count)) + number + "  " + Text.printable(time) + "  "
            + style.paint(start.padding(12), .faint) + style.paint(sign + " " + kind + " " + Text.printable(what), role)
            + style.paint(Text.printable(snippet + date), .faint)
    }
}

extension LogEntry {
    /// The priority's name; nil of what is no alert.
    package var priorityName: String? { priority.map { "\(EventNames.priority(UInt8(clamping: $0)))" } }

    /// What became of an alarm under a policy; nil of every other line.
    var change: String? {
        guard event == "alarm", let begin = line.firstRange(of: "\"change\":\"")?.upperBound else { return nil }
        return String(line[begin...].prefix { $0 != "\"" })
    }

    /// An alert for a person.
    var alertWords: String {
        let words = statement.map { $0 == condition ? $0 : "\(condition ?? "") \($0)" } ?? condition ?? ""
        if let change { return "\(words): \(change)" }
        if event == "alertCleared" { return words + " over" }
        return words + (value.map { ", " + Text.fixed($0, decimals: $0 < 1 ? 2 : 0) } ?? "")
    }

    /// Any other line for a person: its fields without those that every line has.
    var otherWords: String {
        let known = ["{\"event\":\"\(event)\",", "{\"event\":\"\(event)\""].first { line.hasPrefix($0) } ?? ""
        var rest = String(line.dropFirst(known.count))
        for end in [",\"utc\":", "\"utc\":"] { if let place = rest.firstRange(of: end) { rest = String(rest[..<place.lowerBound]) } }
        if rest.hasSuffix("}"), rest.count(where: { $0 == "}" }) > rest.count(where: { $0 == "{" }) { rest.removeLast() }
        let words = rest.replacing("\"", with: "")
        return words.count > 110 ? words.prefix(109) + "…" : words
    }
}

extension String {
    func padding(_ width: Int) -> String { self + String(repeating: " ", count: Swift.max(0, width - count)) }
}
