// A log read beside whoever writes it: never more than a page of it at a time, so that a slow reader does not make the WAL grow.

import GRDB
import Glibc
import PrecordiaRuntime

/// One entry as it is shown.
public struct LogEntry: Equatable, Sendable {
    public var sequence: Int64
    public var session: Int64
    /// The session's own number; nil of the log's own lines.
    public var number: Int64?
    public var received: String
    public var utc: String?
    public var uncertainty: Double?
    public var event: String
    public var record: String?
    public var sample: Int64?
    /// 1 information ... 4 high; nil of what is no alert.
    public var priority: Int?
    public var condition: String?
    public var statement: String?
    public var value: Double?
    /// The snippet's state, path and reason; nil where the entry has none.
    public var snippetState: String?
    public var snippet: String?
    public var reason: String?
    /// The line as the session wrote it.
    public var line: String
}

/// A session of the log.
public struct LogSession: Equatable, Sendable {
    public var id: Int64
    public var began: String
    public var ended: String?
    public var ending: String?
    public var program: String
    public var entries: Int
    public var alerts: Int
}

/// Reads a log.
///
/// - Thread: one at a time.
public final class LogReader {
    public let folder: String
    private let queue: DatabaseQueue
    private let file: String
    private static let page = 500

    /// Opens the log of a folder for reading.
    public init(folder: String) throws(StoreError) {
        self.folder = folder
        file = EventStore.file(in: folder)
        guard access(file, R_OK) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { throw .absent(folder: folder) }
            throw .unusable(path: file, reason: systemWords())
        }
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        do {
            queue = try DatabaseQueue(path: file, configuration: configuration)
            let version = try queue.read { try Int.fetchOne($0, sql: "PRAGMA user_version") ?? 0 }
            guard version <= LogSchema.version else { throw StoreError.newer(file: file) }
            guard version == LogSchema.version else {
                throw StoreError.unusable(
                    path: file, reason: "its schema is of version \(version); a session brings it to \(LogSchema.version)")
            }
        } catch {
            throw StoreError(error, file: file)
        }
    }

    /// Calls `body` with each entry that the filter chooses, in the order of their numbers.
    ///
    /// - Parameters:
    ///   - after: only entries with a higher number.
    ///   - last: only so many, the newest.
    /// - Returns: the number of the newest entry that was looked at.
    @discardableResult
    public func forEach(
        _ filter: LogFilter, after: Int64 = 0, last: Int? = nil, _ body: (LogEntry) throws(RuntimeError) -> Void
    ) throws -> Int64 {
        let (condition, arguments) = filter.sql
        var start = after
        let end = try attempt { try Int64.fetchOne($0, sql: "SELECT max(sequence) FROM entry") ?? 0 }
        if let last {
            let first = try attempt { db in
                try Int64.fetchOne(
                    db,
                    sql:
                        "SELECT min(sequence) FROM (SELECT sequence FROM entry WHERE \(condition) ORDER BY sequence DESC LIMIT \(max(0, last)))",
                    arguments: arguments)
            }
            start = max(start, (first ?? end + 1) - 1)
        }
        while true {
            let rows = try attempt { db in
                try Row.fetchAll(
                    db,
                    sql: """
                        SELECT entry.*, CAST(fields ->> 'statement' AS TEXT) AS statement,
                            iif(typeof(fields ->> 'value') IN ('integer', 'real'), fields ->> 'value', NULL) AS value,
                            snippet.state, snippet.path, snippet.reason
                        FROM (SELECT *, iif(json_valid(line), line, '{}') AS fields FROM entry) AS entry
                        LEFT JOIN snippet ON snippet.entry = sequence
                        WHERE sequence > \(start) AND sequence <= \(end) AND \(condition) ORDER BY sequence LIMIT \(Self.page)
                        """, arguments: arguments)
            }
            for row in rows { try body(Self.entry(row)) }
            guard rows.count == Self.page else { return max(after, end) }
            start = rows.last!["sequence"]
        }
    }

    /// All sessions, oldest first.
    public func sessions() throws(StoreError) -> [LogSession] {
        try attempt { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT id, began, ended, ending, program, count(sequence) AS entries, count(*) FILTER (WHERE event = 'alertRaised') AS alerts
                    FROM session LEFT JOIN entry ON entry.session = id GROUP BY id ORDER BY id
                    """
            ).map {
                LogSession(
                    id: $0["id"], began: $0["began"], ended: $0["ended"], ending: $0["ending"], program: $0["program"],
                    entries: $0["entries"],
                    alerts: $0["alerts"])
            }
        }
    }

    /// What the log holds and has counted, by name.
    public func figures() throws(StoreError) -> [(name: String, value: Int64)] {
        try attempt { db in
            var all: [(String, Int64)] = []
            for (name, sql) in [
                ("entries", "SELECT count(*) FROM entry"), ("firstSequence", "SELECT min(sequence) FROM entry"),
                ("lastSequence", "SELECT max(sequence) FROM entry"), ("sessions", "SELECT count(*) FROM session"),
                ("alerts", "SELECT count(*) FROM entry WHERE event = 'alertRaised'"),
                ("snippets", "SELECT count(*) FROM snippet WHERE state = 'kept'"),
                ("snippetBytes", "SELECT sum(bytes) FROM snippet WHERE state = 'kept'"),
                ("linesMissing", "SELECT sum(line ->> 'missing') FROM entry WHERE event = 'logGap'"),
            ] { all.append((name, try Int64.fetchOne(db, sql: sql) ?? 0)) }
            func pragma(_ name: String) throws -> Int64 { try Int64.fetchOne(db, sql: "PRAGMA \(name)") ?? 0 }
            all.append(("entryBytes", try (pragma("page_count") - pragma("freelist_count")) * pragma("page_size")))
            let ledger = try Row.fetchAll(db, sql: "SELECT name, value FROM ledger").map { ($0["name"] as String, $0["value"] as Int64) }
            let named = Dictionary(ledger, uniquingKeysWith: max)
            for name in ["lostAtLeast", "lostAtMost", "prunedForAge", "prunedForSize", "snippetsRefused", "snippetsLost", "snippetsPruned"]
            {
                all.append((name, named[name] ?? 0))
            }
            return all
        }
    }

    private func attempt<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
        do { return try queue.read(body) } catch { throw StoreError(error, file: file) }
    }

    private static func entry(_ row: Row) -> LogEntry {
        LogEntry(
            sequence: row["sequence"], session: row["session"], number: row["number"], received: row["received"], utc: row["utc"],
            uncertainty: row["uncertainty"], event: row["event"], record: row["record"], sample: row["sample"], priority: row["priority"],
            condition: row["condition"], statement: row["statement"], value: row["value"], snippetState: row["state"], snippet: row["path"],
            reason: row["reason"], line: row["line"])
    }
}
