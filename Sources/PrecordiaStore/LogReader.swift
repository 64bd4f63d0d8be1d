// A log read beside whoever writes it: never more than a page of it at a time, so that a slow reader does not make the WAL grow.

import GRDB
import Glibc
import PrecordiaCompanion

/// One entry as it is shown.
package struct LogEntry: Equatable, Sendable {
    package var sequence: Int64
    package var session: Int64
    /// The session's own number; nil of the log's own lines.
    package var number: Int64?
    /// When the recorder took it, by the host's clock; empty where that is damaged.
    package var received: String
    /// The start of the system in which it was taken, numbered from 1, and microseconds since then; nil in entries of older programs.
    package var boot: Int64?
    package var uptime: Int64?
    /// When it was taken by the date that was set later in that start of the system; nil where none was.
    package var corrected: String?
    package var utc: String?
    package var uncertainty: Double?
    package var event: String
    package var record: String?
    package var sample: Int64?
    /// 1 information ... 4 high; nil of what is no alert.
    package var priority: Int?
    package var condition: String?
    package var statement: String?
    package var value: Double?
    /// The snippet's state, path and reason; nil where the entry has none.
    package var snippetState: String?
    package var snippet: String?
    package var reason: String?
    /// The line as the session wrote it, and whether it is JSON.
    package var line: String
    package var isJSON: Bool
}

/// A session of the log.
package struct LogSession: Equatable, Sendable {
    package var id: Int64
    package var began: String
    package var ended: String?
    package var ending: String?
    package var program: String
    package var entries: Int
    package var alerts: Int
}

/// Reads a log.
///
/// - Thread: one at a time.
package final class LogReader {
    package let folder: String
    private let queue: DatabaseQueue
    let file: String
    private let identity: UInt64

    /// Opens the log of a folder for reading, also one that was set aside: what can be read of it is read.
    package init(folder: String) throws(StoreError) {
        self.folder = folder
        file = EventStore.file(in: folder)
        guard access(file, R_OK) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { throw .absent(folder: folder) }
            throw .unusable(path: file, reason: systemWords())
        }
        identity = Self.identity(of: file)
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF") }
        do {
            queue = try DatabaseQueue(path: file, configuration: configuration)
            switch try queue.read({ try LogSchema.standing($0) }) {
            case .newer: throw StoreError.newer(file: file)
            case .older:
                throw StoreError.unusable(
                    path: file, reason: "it was written by an older version of precordia; a session brings it to this one's")
            case .fitting, .damaged: break
            }
        } catch {
            throw StoreError(error, file: file)
        }
    }

    /// Whether another database has taken the place of this one, because it was damaged; then a new reader is due.
    package var isReplaced: Bool { Self.identity(of: file) != identity }

    private static func identity(of file: String) -> UInt64 {
        var status = stat()
        return stat(file, &status) == 0 ? UInt64(status.st_ino) : 0
    }

    /// All sessions, oldest first.
    package func sessions() throws(StoreError) -> [LogSession] {
        try attempt { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT id, began, ended, ending, program, count(sequence) AS entries, count(*) FILTER (WHERE event = 'alertRaised') AS alerts
                    FROM session LEFT JOIN entry ON entry.session = id GROUP BY id ORDER BY id
                    """
            ).map {
                LogSession(
                    id: $0.value("id") ?? 0, began: $0.value("began") ?? "", ended: $0.value("ended"), ending: $0.value("ending"),
                    program: $0.value("program") ?? "", entries: $0.value("entries") ?? 0, alerts: $0.value("alerts") ?? 0)
            }
        }
    }

    /// What the log holds and has counted, by name.
    package func figures() throws(StoreError) -> [(name: String, value: Int64)] {
        try attempt { db in
            var all: [(String, Int64)] = []
            for (name, sql) in [
                ("entries", "SELECT count(*) FROM entry"), ("firstSequence", "SELECT min(sequence) FROM entry"),
                ("lastSequence", "SELECT max(sequence) FROM entry"), ("sessions", "SELECT count(*) FROM session"),
                ("alerts", "SELECT count(*) FROM entry WHERE event = 'alertRaised'"),
                ("snippets", "SELECT count(*) FROM snippet WHERE state = 'kept'"),
                ("snippetBytes", "SELECT sum(bytes) FROM snippet WHERE state = 'kept'"),
                ("linesMissing", "SELECT sum(iif(json_valid(line), line ->> 'missing', 0)) FROM entry WHERE event = 'logGap'"),
                ("clockSteps", "SELECT count(*) FROM entry WHERE event = 'logClock'"),
                ("secondsLived", "SELECT elapsed / 1000000 FROM entry ORDER BY sequence DESC LIMIT 1"),
            ] { all.append((name, try Int64.fetchOne(db, sql: sql) ?? 0)) }
            func pragma(_ name: String) throws -> Int64 { try Int64.fetchOne(db, sql: "PRAGMA \(name)") ?? 0 }
            all.append(("entryBytes", try (pragma("page_count") - pragma("freelist_count")) * pragma("page_size")))
            let ledger = try Row.fetchAll(db, sql: "SELECT name, value FROM ledger").map { row in
                (row.value("name") ?? "", row.value("value") ?? Int64(0))
            }
            let named = Dictionary(ledger, uniquingKeysWith: max)
            for name in [
                "lostAtLeast", "lostAtMost", "linesLeftOut", "prunedForAge", "prunedForSize", "prunedAlerts", "snippetsRefused",
                "snippetsLost", "snippetsPruned",
            ] { all.append((name, named[name] ?? 0)) }
            all.append(("logsSetAside", Int64(LogFolder.setAside(folder).count)))
            return all
        }
    }

    func attempt<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
        do { return try queue.read(body) } catch { throw StoreError(error, file: file) }
    }
}

extension LogFolder {
    /// The folders in a log's own into which damaged ones were put.
    static func setAside(_ folder: String) -> [String] {
        guard let listing = opendir(folder) else { return [] }
        defer { closedir(listing) }
        var found: [String] = []
        while let item = readdir(listing) {
            let name = withUnsafeBytes(of: item.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name.hasPrefix("damaged-") { found.append(name) }
        }
        return found
    }
}
