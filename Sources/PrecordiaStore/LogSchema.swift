// The tables of a log and how an older one becomes the newest. docs/log.md is the contract for other readers.

import GRDB

/// The log's schema, one migration a version. A migration that has shipped never changes.
enum LogSchema {
    /// The newest version; also SQLite's `user_version`, for readers that are not this program.
    static let version = 3

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
        // Columns that are added or computed leave the rows as they are: a log of 16 MiB is not written anew on a card that may be full.
        migrator.registerMigration("3 clocks") { db in
            try db.execute(
                sql: """
                    CREATE TABLE boot (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
                    ALTER TABLE entry ADD COLUMN boot INTEGER;
                    ALTER TABLE entry ADD COLUMN uptime INTEGER;
                    ALTER TABLE entry ADD COLUMN elapsed INTEGER NOT NULL DEFAULT 0;
                    ALTER TABLE entry ADD COLUMN worth INTEGER GENERATED ALWAYS AS (\(worth)) VIRTUAL;
                    PRAGMA user_version = 3;
                    """)
        }
        return migrator
    }

    /// What an entry is worth when there are too many: counters 0, what devices say 1, anything else that is no alert 2, and alerts with what was done about them 3 to
    /// 5 by their priority. What was done about all alarms at once counts as medium.
    private static let worth = """
        CASE WHEN event IN ('session', 'link') THEN 0 WHEN event IN ('device', 'notice') THEN 1
        WHEN event IN ('alertRaised', 'alertCleared', 'alarm') THEN
            CASE WHEN priority = 4 THEN 5 WHEN priority = 3 OR priority IS NULL THEN 4 ELSE 3 END
        ELSE 2 END
        """

    /// What a database is to this program.
    enum Standing {
        case fitting, older, newer
        /// Its version and its migrations contradict each other.
        case damaged
    }

    static func standing(_ db: Database) throws -> Standing {
        let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        let known = migrator.migrations
        let applied =
            try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master WHERE name = 'grdb_migrations'") == 0
            ? [] : try String.fetchAll(db, sql: "SELECT identifier FROM grdb_migrations ORDER BY identifier")
        guard found >= 0, applied.count == found, applied.starts(with: known.prefix(found)) else { return .damaged }
        return found == version ? .fitting : found < version ? .older : .newer
    }

    /// Whether a database holds together and is a log, of this version or an older one.
    ///
    /// - Throws: ``StoreError/damaged(file:reason:)``, ``StoreError/newer(file:)``. Cost: reads the database once; 16 MiB take some 30 ms from the page cache.
    static func check(_ db: Database, file: String) throws {
        switch try standing(db) {
        case .newer: throw StoreError.newer(file: file)
        case .damaged: throw StoreError.damaged(file: file, reason: "its version does not fit its tables")
        case .fitting, .older: break
        }
        let found = try String.fetchOne(db, sql: "PRAGMA quick_check(1)") ?? ""
        guard found == "ok" else { throw StoreError.damaged(file: file, reason: found) }
    }

    /// Whether the tables are those that the newest version has, and the numbers in them can be gone on with.
    static func checkContents(_ db: Database, file: String) throws {
        for (table, columns) in [
            ("session", "id feed began ended ending program synchronous"), ("boot", "id name"), ("ledger", "name value"),
            (
                "entry",
                "sequence session number received utc uncertainty event record sample priority condition line boot uptime elapsed worth"
            ),
            ("snippet", "entry state path frames missing bytes reason"),
        ] {
            let found = try String.fetchAll(db, sql: "SELECT name FROM pragma_table_xinfo(?)", arguments: [table]).joined(separator: " ")
            guard found == columns else { throw StoreError.damaged(file: file, reason: "table \(table) has the columns \"\(found)\"") }
        }
        for (table, key) in [("entry", "sequence"), ("session", "id"), ("boot", "id")] {
            let isWrong = try Bool.fetchOne(db, sql: "SELECT min(\(key)) < 1 OR max(\(key)) >= 1 << 60 FROM \(table)") ?? false
            guard !isWrong else { throw StoreError.damaged(file: file, reason: "table \(table) has numbers that were never given") }
        }
    }
}
