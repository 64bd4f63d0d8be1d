// Folder, lock and database of a log that is opened for writing.

import GRDB
import Glibc
import PrecordiaCompanion
import PrecordiaHost

extension EventStore {
    /// Makes the folder and those above it.
    static func makeFolders(_ folder: String) throws(StoreError) {
        var path = ""
        for part in folder.split(separator: "/", omittingEmptySubsequences: false) {
            path += path.isEmpty && part.isEmpty ? "/" : (path.isEmpty || path.hasSuffix("/") ? "" : "/") + part
            guard !part.isEmpty, mkdir(path, 0o750) != 0, errno != EEXIST else { continue }
            throw .unusable(path: path, reason: systemWords())
        }
        guard mkdir(folder + "/snippets", 0o750) == 0 || errno == EEXIST else {
            throw .unusable(path: folder + "/snippets", reason: systemWords())
        }
    }

    /// Opens the database and brings it to the newest schema. One that is damaged is set aside under the date, and a new one begun.
    static func open(_ folder: String, _ clock: LogClock) throws(StoreError) -> (queue: DatabaseQueue, setAside: String?) {
        guard knowsItsSQL else {
            throw .unusable(path: file(in: folder), reason: "this SQLite is too old; 3.38 or newer would be right")
        }
        do throws(StoreError) {
            let queue = try openDatabase(file(in: folder))
            // A log has an entry, unless it was to take the place of one that was set aside and did not get so far.
            let isEmpty = (try? queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM (SELECT 1 FROM entry LIMIT 1)") }) == 0
            return (queue, isEmpty ? LogFolder.setAside(folder).max() : nil)
        } catch {
            guard case .damaged = error else { throw error }
            let name = try setAside(folder, clock.read().utc)
            return (try openDatabase(file(in: folder)), name)
        }
    }

    /// Puts a database that does not hold together, and the ECG of its alerts, into a folder of their own, which `precordia log --folder` reads as far as it can
    /// be read. Nothing of it is deleted.
    ///
    /// - Returns: the folder's name within the log's.
    static func setAside(_ folder: String, _ utc: Int64) throws(StoreError) -> String {
        let date = LogTime.text(utc).filter(\.isWholeNumber)
        var name = "damaged-\(date)"
        var turn = 1
        // A clock that begins with each start at the same date gives the same name.
        while mkdir(folder + "/" + name, 0o750) != 0 {
            guard errno == EEXIST, turn < 10_000 else { throw unusable(folder + "/" + name) }
            turn += 1
            name = "damaged-\(date)-\(turn)"
        }
        // The WAL first: beside another database it would be taken for that one's.
        for item in ["events.sqlite-wal", "events.sqlite", "snippets"] {
            guard rename(folder + "/" + item, folder + "/" + name + "/" + item) == 0 || errno == ENOENT else {
                let error = unusable(folder + "/" + item)
                rmdir(folder + "/" + name)
                throw error
            }
        }
        unlink(file(in: folder) + "-shm")
        try makeFolders(folder)
        return name
    }

    private static func unusable(_ path: String) -> StoreError {
        errno == ENOSPC || errno == EDQUOT ? .full(file: path) : .unusable(path: path, reason: systemWords())
    }

    /// Whether this SQLite understands what the log asks of it, so that no sound database is taken for a damaged one.
    private static var knowsItsSQL: Bool {
        let asked =
            "SELECT json_valid('{}') AND '{\"a\":1}' ->> 'a' AND iif(1, 1, 0) AND (SELECT count(*) FROM pragma_table_xinfo('x')) = 0"
        return (try? DatabaseQueue().read { try Bool.fetchOne($0, sql: asked) }) == true
    }

    static func openDatabase(_ file: String) throws(StoreError) -> DatabaseQueue {
        var configuration = Configuration()
        configuration.journalMode = .wal
        configuration.busyMode = .timeout(5)
        configuration.label = "log"
        configuration.prepareDatabase { db in
            // A megabyte of WAL before it is moved into the database, and never more kept: a flash card has better uses.
            try db.execute(
                sql: """
                    PRAGMA wal_autocheckpoint = 256; PRAGMA journal_size_limit = 1048576; PRAGMA synchronous = FULL;
                    PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF
                    """)
        }
        do {
            let queue = try DatabaseQueue(path: file, configuration: configuration)
            // Everything is read once, so that damage shows now and not at the first alert.
            try asking(file) {
                try queue.read { try LogSchema.check($0, file: file) }
                try LogSchema.migrator.migrate(queue)
                try queue.read { try LogSchema.checkContents($0, file: file) }
            }
            return queue
        } catch {
            let error = StoreError(error, file: file)
            if case .unusable = error, !hasRightHeader(file) { throw .damaged(file: file, reason: "its first bytes are none of a log's") }
            throw error
        }
    }

    /// Statements of the program's own that SQLite does not understand meet tables that are no longer what they were.
    private static func asking(_ file: String, _ body: () throws -> Void) throws {
        do { try body() } catch let error as DatabaseError where error.resultCode == .SQLITE_ERROR {
            throw StoreError.damaged(file: file, reason: error.message ?? "\(error.resultCode)")
        }
    }

    /// Whether a database's first bytes are those of one that may be written; SQLite takes some damage there for a database of the future.
    private static func hasRightHeader(_ file: String) -> Bool {
        let descriptor = Glibc.open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return true }
        defer { Glibc.close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 100)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        // Of a card that cannot be read nothing is known.
        guard count > 0 else { return true }
        return count == 100 && bytes.starts(with: "SQLite format 3\0".utf8) && bytes[18...19].allSatisfy { (1...2).contains($0) }
            && Array(bytes[20...23]) == [0, 64, 32, 32] && Array(bytes[44...46]) == [0, 0, 0] && bytes[47] <= 4
            && Array(bytes[56...58]) == [0, 0, 0] && bytes[59] <= 1
    }
}

/// Keeps a log for this process; one that dies gives it back.
final class LogLock {
    private let descriptor: Int32

    init(_ folder: String) throws(StoreError) {
        let file = open(folder + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard file >= 0 else { throw .unusable(path: folder + "/lock", reason: systemWords()) }
        // A recorder that was killed, and one that has just started another program, may hold it for a moment more.
        var tries = 10
        while flock(file, LOCK_EX | LOCK_NB) != 0 {
            tries -= 1
            guard tries > 0 else {
                close(file)
                throw .busy(folder: folder)
            }
            Monotonic.sleep(until: Monotonic.now() + 50_000_000)
        }
        descriptor = file
    }

    deinit { close(descriptor) }
}
