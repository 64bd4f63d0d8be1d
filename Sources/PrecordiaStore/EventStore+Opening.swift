// Folder, lock and database of a log that is opened for writing.

import GRDB
import Glibc

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
    static func open(_ folder: String, _ clock: () -> Int64) throws(StoreError) -> (queue: DatabaseQueue, setAside: String?) {
        do throws(StoreError) {
            return (try openDatabase(file(in: folder)), nil)
        } catch {
            guard case .damaged = error else { throw error }
            let name = "events-damaged-" + LogTime.text(clock()).filter(\.isWholeNumber) + ".sqlite"
            for ending in ["", "-wal"] { rename(file(in: folder) + ending, folder + "/" + name + ending) }
            unlink(file(in: folder) + "-shm")
            return (try openDatabase(file(in: folder)), name)
        }
    }

    private static func openDatabase(_ file: String) throws(StoreError) -> DatabaseQueue {
        var configuration = Configuration()
        configuration.journalMode = .wal
        configuration.busyMode = .timeout(5)
        configuration.label = "log"
        configuration.prepareDatabase { db in
            // A megabyte of WAL before it is moved into the database, and never more kept: a flash card has better uses.
            try db.execute(sql: "PRAGMA wal_autocheckpoint = 256; PRAGMA journal_size_limit = 1048576; PRAGMA synchronous = FULL")
        }
        do {
            let queue = try DatabaseQueue(path: file, configuration: configuration)
            try LogSchema.migrate(queue, file: file)
            // Reads every table's root, so that damage shows now and not at the first alert.
            _ = try queue.read { db in
                try Row.fetchOne(
                    db, sql: "SELECT (SELECT count(*) FROM session), (SELECT max(sequence) FROM entry), (SELECT count(*) FROM snippet)")
            }
            return queue
        } catch {
            throw StoreError(error, file: file)
        }
    }
}

/// Keeps a log for this process; one that dies gives it back.
final class LogLock {
    private let descriptor: Int32

    init(_ folder: String) throws(StoreError) {
        descriptor = open(folder + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw .unusable(path: folder + "/lock", reason: systemWords()) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { throw .busy(folder: folder) }
    }

    deinit { close(descriptor) }
}
