// One group of entries on its way: its last number into the mark, then the entries into the database.

import GRDB
import PrecordiaCompanion

extension EventStore {
    /// Stores a group; without lines it only flushes.
    func store(_ lines: [Line], _ now: LogInstant, flush: Bool = false, ledger: [String: Int64] = [:]) throws(StoreError) {
        let first = sequence + 1
        let last = sequence + Int64(lines.count)
        let isDue =
            unsyncedSince.map { Double(now.uptime - $0) >= policy.syncSeconds * 1e6 || unsynced + lines.count > policy.syncEntries }
            ?? false
        let isFlushed = policy.synchronous == .full || flush || isDue
        // The mark is on the medium before any entry is that it does not cover.
        let ahead = policy.synchronous == .full ? last : last + Int64(policy.syncEntries)
        let reserve = isFlushed || last > reserved
        if reserve { reserved = ahead }
        try mark.write(markNow(accepted: last, reserved: reserved, isClosed: false, now), sync: reserve)
        try withoutTransaction { db in
            if isFull != isFlushed {
                try db.execute(sql: "PRAGMA synchronous = \(isFlushed ? "FULL" : "NORMAL")")
                isFull = isFlushed
            }
            try db.inTransaction(.immediate) {
                for (place, line) in lines.enumerated() { try insert(line, sequence: first + Int64(place), now, db) }
                for (name, value) in ledger { try count(name, value, db) }
                if lines.isEmpty { try set("synced", sequence, db) }
                return .commit
            }
        }
        sequence = last
        if isFlushed {
            unsyncedSince = nil
            unsynced = 0
        } else {
            unsynced += lines.count
            unsyncedSince = unsyncedSince ?? now.uptime
        }
    }

    /// The mark with what the clocks say.
    func markNow(accepted: Int64, reserved: Int64, isClosed: Bool, _ now: LogInstant) -> HighWaterMark.Mark {
        HighWaterMark.Mark(
            accepted: accepted, reserved: reserved, isClosed: isClosed, boot: clock.boot,
            clocks: HighWaterMark.Clocks(instant: now, elapsed: watch.elapsed))
    }

    private func insert(_ line: Line, sequence: Int64, _ now: LogInstant, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                WITH given (line) AS (SELECT ?1), read (line, fields) AS (SELECT line, iif(json_valid(line), line, '{}') FROM given)
                INSERT INTO entry (sequence, session, number, received, boot, uptime, elapsed, utc, uncertainty, event, record, sample, priority,
                    condition, line)
                SELECT ?2, ?3, ?4, ?5, ?6, ?7, ?8, fields ->> 'utc',
                    iif(typeof(fields ->> 'uncertainty') IN ('integer', 'real'), fields ->> 'uncertainty', NULL),
                    coalesce(fields ->> 'event', 'unreadable'), fields ->> 'record',
                    iif(typeof(fields ->> 'sample') = 'integer', fields ->> 'sample', NULL),
                    CASE fields ->> 'priority' WHEN 'information' THEN 1 WHEN 'low' THEN 2 WHEN 'medium' THEN 3 WHEN 'high' THEN 4 END,
                    fields ->> 'condition', line
                FROM read
                """)
        let number = line.number == 0 ? nil : Int64(bitPattern: line.number)
        try statement.execute(
            arguments: [line.text, sequence, session, number, LogTime.text(now.utc), boot, now.uptime, watch.elapsed])
    }

    /// The row of a session, which stays as it is where it is there.
    func insertSession(_ id: Int64, feed: UInt64, began: String, _ db: Database) throws {
        try db.execute(
            sql: "INSERT OR IGNORE INTO session (id, feed, began, program, synchronous) VALUES (?, ?, ?, ?, ?)",
            arguments: [id, Int64(bitPattern: feed), began, Self.program, policy.synchronous.rawValue])
    }

    /// The row of this start of the system. Where the kernel gives none a name, each recorder counts as one.
    func bootRow(_ db: Database) throws -> Int64 {
        let known = try Int64.fetchOne(db, sql: "SELECT max(id) FROM boot WHERE name = ? AND name <> ''", arguments: [clock.boot])
        if let known { return known }
        try db.execute(sql: "INSERT INTO boot (name) VALUES (?)", arguments: [clock.boot])
        return db.lastInsertedRowID
    }

    /// Sets a number of the ledger.
    func set(_ name: String, _ value: Int64, _ db: Database) throws {
        try db.execute(sql: "INSERT OR REPLACE INTO ledger (name, value) VALUES (?, ?)", arguments: [name, value])
    }

    /// Adds to a number of the ledger.
    func count(_ name: String, _ value: Int64, _ db: Database) throws {
        guard value != 0 else { return }
        try db.execute(
            sql: "INSERT INTO ledger (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
            arguments: [name, value])
    }
}
