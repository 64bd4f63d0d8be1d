// Which entries a reader wants, as SQL with its values apart.

import GRDB

/// A choice of entries; everything that is nil or empty chooses all.
package struct LogFilter: Equatable, Sendable {
    /// Times as ISO 8601 text or a part of it from the left: "2026-11-27", "2026-11-27T04:42"; both ends are within. Of an entry it is the time of
    /// the event or, where that has none, of its storing.
    package var since: String?
    package var until: String?
    /// Alerts from this priority on, 1 information ... 4 high.
    package var priority: Int?
    /// Conditions and kinds of event by their names.
    package var conditions: [String] = []
    package var events: [String] = []
    package var session: Int64?

    package init() {}

    /// The condition after WHERE, and its values.
    ///
    /// - Parameter corrected: an expression for an entry's date as the date that was set later has it, or NULL. An alarm of a clock that stood at 1970 is found by the day on
    ///   which it was.
    func sql(corrected: String = "NULL") -> (condition: String, arguments: StatementArguments) {
        var parts = ["1"]
        var arguments: [any DatabaseValueConvertible] = []
        func add(_ part: String, _ values: [any DatabaseValueConvertible]) {
            parts.append(part)
            arguments += values
        }
        if let since { add("(coalesce(utc, received) >= ? OR \(corrected) >= ?)", [since, since]) }
        if let until {
            add(
                "(substr(coalesce(utc, received), 1, ?) <= ? OR substr(\(corrected), 1, ?) <= ?)", [until.count, until, until.count, until])
        }
        if let priority { add("priority >= ?", [priority]) }
        if let session { add("session = ?", [session]) }
        func list(_ column: String, _ values: [String]) {
            if !values.isEmpty { add("\(column) IN (\(values.map { _ in "?" }.joined(separator: ",")))", values) }
        }
        list("condition", conditions)
        list("event", events)
        return (parts.joined(separator: " AND "), StatementArguments(arguments))
    }

    /// Reads a time: a part of ISO 8601 from the left, or a number and s, m, h or d for so long before `now` (microseconds since 1970).
    package static func time(_ text: String, option: String, now: Int64) throws(StoreError) -> String {
        if let unit = text.last, let seconds = ["s": 1, "m": 60, "h": 3600, "d": 86_400][unit], let count = Int64(text.dropLast()),
            count >= 0,
            count < 1_000_000
        {
            return LogTime.text(now - count * Int64(seconds) * 1_000_000)
        }
        let pattern = Array("dddd-dd-ddTdd:dd:dd.ddddddZ")
        let isTime =
            text.count >= 4 && text.count <= pattern.count
            && zip(text, pattern).allSatisfy { $1 == "d" ? $0.isWholeNumber && $0.isASCII : $0 == $1 || ($1 == "T" && $0 == " ") }
        guard isTime else {
            throw .badFilter(
                name: option, value: text, allowed: "90s, 30m, 12h, 7d, or UTC such as 2026-11-27 or 2026-11-27T04:42 would be right")
        }
        return text.replacing(" ", with: "T")
    }
}
