// What keeps a log within its bytes and days. What goes is counted in the ledger.

import GRDB
import Glibc

extension EventStore {
    /// Removes what is too old or too much, at most so many entries at a time, so that no call takes long.
    ///
    /// Counters go before anything else, because there is a snapshot of them each minute; then the oldest. A date is believed up to seven days beyond
    /// the newest entry that was there at the opening, and the time since: a clock that wakes up in 2040 does not empty the log.
    ///
    /// - Returns: entries removed.
    @discardableResult
    public func prune(atMost limit: Int = 512) throws(StoreError) -> Int {
        do {
            return try queue.write { db in
                var removed = try pruneByAge(limit, db)
                guard try usedBytes(db) > policy.entryBytes else { return removed }
                removed += try remove(
                    "sequence IN (SELECT sequence FROM entry WHERE event IN ('session', 'link') ORDER BY sequence LIMIT \(limit))",
                    "prunedForSize", db)
                if removed == 0 {
                    removed += try remove("sequence IN (SELECT sequence FROM entry ORDER BY sequence LIMIT \(limit))", "prunedForSize", db)
                }
                return removed
            }
        } catch {
            throw StoreError(error, file: file)
        }
    }

    private func pruneByAge(_ limit: Int, _ db: Database) throws -> Int {
        let day: Int64 = 86_400_000_000
        let now = clock()
        var horizon = LogTime.text(now - Int64(policy.days) * day)
        if let newestAtOpening,
            let believed = try String.fetchOne(
                db, sql: "SELECT strftime('%Y-%m-%dT%H:%M:%fZ', ?, ?)",
                arguments: [newestAtOpening, "\(7 * 86_400 + (now - openedAt) / 1_000_000 - Int64(policy.days) * 86_400) seconds"])
        {
            horizon = min(horizon, believed)
        }
        let old =
            "sequence IN (SELECT sequence FROM entry WHERE sequence < \(sequence) ORDER BY sequence LIMIT \(limit)) AND received < '\(horizon)'"
        return try remove(old, "prunedForAge", db)
    }

    /// Removes entries but the newest, whose number must not be forgotten, and those whose snippet is still to come. Their snippets go with
    /// ``EventStore/removeStraySnippets()``.
    private func remove(_ condition: String, _ name: String, _ db: Database) throws -> Int {
        try db.execute(
            sql: """
                DELETE FROM entry WHERE \(condition) AND sequence < (SELECT max(sequence) FROM entry)
                AND sequence NOT IN (SELECT entry FROM snippet WHERE state = 'waiting')
                """)
        let removed = db.changesCount
        try count(name, Int64(removed), db)
        return removed
    }

    /// Bytes of pages in use.
    func usedBytes(_ db: Database) throws -> Int {
        func pragma(_ name: String) throws -> Int { try Int.fetchOne(db, sql: "PRAGMA \(name)") ?? 0 }
        return try (pragma("page_count") - pragma("freelist_count")) * pragma("page_size")
    }

    /// Bytes of the log's entries and snippets.
    public func bytes() throws(StoreError) -> (entries: Int, snippets: Int) {
        do {
            return try queue.read { db in
                (try usedBytes(db), try Int.fetchOne(db, sql: "SELECT sum(bytes) FROM snippet WHERE state = 'kept'") ?? 0)
            }
        } catch {
            throw StoreError(error, file: file)
        }
    }
}
