// The tables of a log and how an older one becomes the newest. docs/log.md is the contract for other readers.

import GRDB

/// The log's schema, one migration a version. A migration that has shipped never changes.
enum LogSchema {
    /// The newest version; also SQLite's `user_version`, for readers that are not this program.
    static let version = 2

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 entries") { db in
            try db.execute(
                sql: """
                    CREATE TABLE session (
                        id INTEGER PRIMARY KEY, feed INTEGER NOT NULL, began TEXT NOT NULL, ended TEXT, ending TEXT,
                        program TEXT NOT NULL, synchronous TEXT NOT NULL);
                    CREATE TABLE entry (
                        sequence INTEGER PRIMARY KEY, session INTEGER NOT NULL, number INTEGER, received TEXT NOT NULL,
                        utc TEXT, uncertainty REAL, event TEXT NOT NULL, record TEXT, sample INTEGER, priority INTEGER, condition TEXT,
                        line TEXT NOT NULL);
                    CREATE TABLE ledger (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
                    PRAGMA user_version = 1;
                    """)
        }
        migrator.registerMigration("2 snippets") { db in
            try db.execute(
                sql: """
                    CREATE TABLE snippet (
                        entry INTEGER PRIMARY KEY, state TEXT NOT NULL, path TEXT, frames INTEGER, missing INTEGER, bytes INTEGER, reason TEXT);
                    PRAGMA user_version = 2;
                    """)
        }
        return migrator
    }

    /// Brings a log to the newest version.
    static func migrate(_ queue: DatabaseQueue, file: String) throws(StoreError) {
        do {
            let migrator = migrator
            guard try !queue.read(migrator.hasBeenSuperseded) else { throw StoreError.newer(file: file) }
            try migrator.migrate(queue)
        } catch {
            throw StoreError(error, file: file)
        }
    }
}
