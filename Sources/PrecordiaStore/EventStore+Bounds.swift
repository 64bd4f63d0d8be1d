// What keeps a log within its bytes and days. What goes is counted in the ledger.

import GRDB
import Glibc

extension EventStore {
    /// Removes what is too old or too much, at most so many entries at a time, so that no call takes long.
    ///
    /// What is worth least goes first: counters, then what devices say, then anything else that is no alert, then alerts by their priority; of one worth the oldest of that condition or
    /// kind of which there are most, so that an alarm that comes again and again pushes none of another out.
    /// Age is the time that the log has lived through (``ClockWatch``), never a difference of dates: a date that is wrong, is set, or jumps removes nothing.
    ///
    /// - Returns: entries removed.
    @discardableResult
    package func prune(atMost limit: Int = 512) throws(StoreError) -> Int {
        try mend()
        watch.look(clock.read())
        return try write { db in
            let old = try pruneByAge(limit, db)
            let used = try usedBytes(db)
            guard used > policy.entryBytes else { return old }
            // Not more than is needed and a little: a small log would lose much at once.
            let count = try Int.fetchOne(db, sql: "SELECT count(*) FROM entry") ?? 0
            let limit = min(limit, 16 + count * (used - policy.entryBytes) / used)
            let chosen = try Row.fetchOne(
                db,
                sql: """
                    SELECT worth, coalesce(condition, event) AS kind FROM entry
                    WHERE \(Self.removable) AND worth = (SELECT min(worth) FROM entry WHERE \(Self.removable))
                    GROUP BY kind ORDER BY count(*) DESC, kind LIMIT 1
                    """)
            let removed = try remove(
                """
                SELECT sequence FROM entry WHERE \(Self.removable) AND worth = ? AND coalesce(condition, event) = ?
                ORDER BY sequence LIMIT \(limit)
                """, [chosen?.value("worth") ?? 0, chosen?.value("kind") ?? ""], "prunedForSize", db)
            try removeEmptySessions(db)
            return old + removed
        }
    }

    /// Removes from the oldest entry on, up to the first that is young enough. An entry whose age is damaged so goes with its neighbours and not before them.
    private func pruneByAge(_ limit: Int, _ db: Database) throws -> Int {
        let horizon = watch.elapsed - Int64(policy.days) * 86_400_000_000
        guard horizon > 0 else { return 0 }
        let young = try Int64.fetchOne(
            db, sql: "SELECT sequence FROM entry WHERE elapsed >= ? ORDER BY sequence LIMIT 1", arguments: [horizon])
        return try remove(
            "SELECT sequence FROM entry WHERE sequence < \(young ?? .max) ORDER BY sequence LIMIT \(limit)", [], "prunedForAge", db)
    }

    /// Removes entries but the newest, whose number must not be forgotten, and those whose snippet is still to come. Their snippets go with
    /// ``EventStore/removeStraySnippets()``.
    private func remove(_ chosen: String, _ arguments: StatementArguments, _ name: String, _ db: Database) throws -> Int {
        let condition = "sequence IN (\(chosen)) AND \(Self.removable)"
        let alerts = try Int64.fetchOne(db, sql: "SELECT count(*) FROM entry WHERE worth > 2 AND \(condition)", arguments: arguments) ?? 0
        try db.execute(sql: "DELETE FROM entry WHERE \(condition)", arguments: arguments)
        let removed = db.changesCount
        try count(name, Int64(removed), db)
        try count("prunedAlerts", alerts, db)
        return removed
    }

    private static let removable =
        "sequence < (SELECT max(sequence) FROM entry) AND sequence NOT IN (SELECT entry FROM snippet WHERE state = 'waiting')"

    /// A session or a start of the system without entries only takes room; the newest stays, so that its number is never given again.
    private func removeEmptySessions(_ db: Database) throws {
        for (table, column) in [("session", "session"), ("boot", "boot")] {
            try db.execute(
                sql: """
                    DELETE FROM \(table) WHERE id < (SELECT max(id) FROM \(table))
                    AND id NOT IN (SELECT \(column) FROM entry WHERE \(column) IS NOT NULL)
                    """)
        }
    }

    /// Bytes of pages in use.
    func usedBytes(_ db: Database) throws -> Int {
        func pragma(_ name: String) throws -> Int { try Int.fetchOne(db, sql: "PRAGMA \(name)") ?? 0 }
        return try (pragma("page_count") - pragma("freelist_count")) * pragma("page_size")
    }

    /// Bytes of the log's entries and snippets.
    package func bytes() throws(StoreError) -> (entries: Int, snippets: Int) {
        try read { db in
            (try usedBytes(db), try Int.fetchOne(db, sql: "SELECT sum(bytes) FROM snippet WHERE state = 'kept'") ?? 0)
        }
    }
}
