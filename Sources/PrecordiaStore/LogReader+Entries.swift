// Entries page by page, and past what is damaged: a log of which one page is gone still shows all the others.

import GRDB

extension LogReader {
    /// Calls `body` with each entry that the filter chooses, in the order of their numbers.
    ///
    /// - Parameters:
    ///   - after: only entries with a higher number.
    ///   - last: only so many, the newest.
    /// - Returns: the number of the newest entry that was looked at.
    /// - Throws: what `body` throws; ``StoreError/damaged(file:reason:)`` when everything that can be read has been given and something could not.
    @discardableResult
    package func forEach<Failure: Error>(
        _ filter: LogFilter, after: Int64 = 0, last: Int? = nil, _ body: (LogEntry) throws(Failure) -> Void
    ) throws -> Int64 {
        let newest = try passing { try Int64.fetchOne($0, sql: "SELECT max(sequence) FROM entry") ?? 0 }
        // No number is as high as this.
        let end = newest ?? 1 << 60
        guard after < end else { return after }
        let corrected = try corrected()
        var start = after
        if let last { start = max(start, try first(ofLast: max(0, last), filter, end: end, corrected) - 1) }
        var size = Self.page
        var hasSnippets = true
        var unread: Int64?
        while start < end {
            guard let rows = try page(filter, after: start, end: end, size: size, corrected, snippets: hasSnippets) else {
                // The page before the damage becomes smaller until only the damage is left, which is passed over.
                if size > 1 {
                    size /= 8
                } else if hasSnippets, try page(filter, after: start, end: end, size: 1, corrected, snippets: false) != nil {
                    hasSnippets = false
                } else {
                    let next = try readable(after: start, end: end)
                    unread = unread ?? start + 1
                    (start, size) = (next - 1, Self.page)
                }
                continue
            }
            for row in rows { try body(Self.entry(row)) }
            guard rows.count == size, let newest: Int64 = rows.last?.value("sequence") else { break }
            // Rows out of order would be read again and again.
            guard newest > start else {
                unread = unread ?? start + 1
                break
            }
            start = newest
        }
        if !hasSnippets { throw StoreError.damaged(file: file, reason: "which ECG belongs to which alert cannot be read") }
        if let unread { throw StoreError.damaged(file: file, reason: "from entry \(unread) on not all can be read") }
        return max(after, end)
    }

    /// The number of the first of so many entries, the newest; where damage hides it, that of the first of all.
    private func first(ofLast count: Int, _ filter: LogFilter, end: Int64, _ corrected: String) throws -> Int64 {
        let (condition, arguments) = filter.sql(corrected: corrected)
        let found = try passing { db in
            try Int64.fetchOne(
                db,
                sql: "SELECT min(sequence) FROM (SELECT sequence FROM entry WHERE \(condition) ORDER BY sequence DESC LIMIT \(count))",
                arguments: arguments) ?? end + 1
        }
        return found ?? 1
    }

    /// An expression for the date of an entry as the last date of its start of the system has it; NULL where no date was set in that.
    private func corrected() throws -> String {
        let starts = try passing { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT boot, uptime, CAST(strftime('%s', received) AS INTEGER) * 1000000 + CAST(substr(received, 21, 6) AS INTEGER) AS utc
                    FROM entry WHERE sequence IN (
                        SELECT max(sequence) FROM entry WHERE boot IN (SELECT boot FROM entry WHERE event = 'logClock') GROUP BY boot)
                    """)
        }
        let cases = (starts ?? []).compactMap { row -> String? in
            guard let boot: Int64 = row.value("boot"), let uptime: Int64 = row.value("uptime"), let utc: Int64 = row.value("utc") else {
                return nil
            }
            return " WHEN \(boot) THEN strftime('%Y-%m-%dT%H:%M:%fZ', (uptime + (\(utc &- uptime))) / 1e6, 'unixepoch')"
        }
        return cases.isEmpty ? "NULL" : "CASE boot" + cases.joined() + " END"
    }

    /// A page; nil where a part of it is damaged.
    private func page(
        _ filter: LogFilter, after start: Int64, end: Int64, size: Int, _ corrected: String, snippets: Bool
    ) throws -> [Row]? {
        let (condition, arguments) = filter.sql(corrected: corrected)
        let table = snippets ? "snippet" : "(SELECT NULL AS entry, NULL AS state, NULL AS path, NULL AS reason) AS snippet"
        return try passing { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT entry.*, CAST(fields ->> 'statement' AS TEXT) AS statement,
                        iif(typeof(fields ->> 'value') IN ('integer', 'real'), fields ->> 'value', NULL) AS value,
                        \(corrected) AS corrected, snippet.state, snippet.path, iif(json_valid(snippet.reason), snippet.reason, NULL) AS reason
                    FROM (SELECT *, json_valid(line) AS isJSON, iif(json_valid(line), line, '{}') AS fields FROM entry) AS entry
                    LEFT JOIN \(table) ON snippet.entry = sequence
                    WHERE sequence > \(start) AND sequence <= \(end) AND \(condition) ORDER BY sequence LIMIT \(size)
                    """, arguments: arguments)
        }
    }

    /// The lowest number after the damage at `start` from which on an entry can be read; `end` + 1 if there is none. Asks a few dozen times at most.
    private func readable(after start: Int64, end: Int64) throws -> Int64 {
        var step: Int64 = 1
        while start + step < end, try !isReadable(from: start + 1 + step, end: end) { step *= 2 }
        var (low, high) = (start + 1 + step / 2, min(start + 1 + step, end + 1))
        while low < high {
            let middle = low + (high - low) / 2
            if try isReadable(from: middle, end: end) { high = middle } else { low = middle + 1 }
        }
        return max(low, start + 2)
    }

    private func isReadable(from first: Int64, end: Int64) throws -> Bool {
        guard first <= end else { return true }
        return try passing { db in
            try Row.fetchOne(db, sql: "SELECT * FROM entry WHERE sequence >= ? ORDER BY sequence LIMIT 1", arguments: [first]) != nil
        } ?? false
    }

    /// What a body gives; nil where it meets damage.
    private func passing<Result>(_ body: (Database) throws -> Result) throws -> Result? {
        do { return try attempt(body) } catch {
            guard case .damaged = error else { throw error }
            return nil
        }
    }

    private static let page = 512

    private static func entry(_ row: Row) -> LogEntry {
        LogEntry(
            sequence: row.value("sequence") ?? 0, session: row.value("session") ?? 0, number: row.value("number"),
            received: row.value("received") ?? "", boot: row.value("boot"), uptime: row.value("uptime"), corrected: row.value("corrected"),
            utc: row.value("utc"),
            uncertainty: row.value("uncertainty"), event: row.value("event") ?? "unreadable", record: row.value("record"),
            sample: row.value("sample"), priority: row.value("priority"), condition: row.value("condition"),
            statement: row.value("statement"), value: row.value("value"), snippetState: row.value("state"), snippet: row.value("path"),
            reason: row.value("reason"), line: row.value("line") ?? "", isJSON: row.value("isJSON") ?? false)
    }
}
