// Entries into SQLite, in groups, each with a number that is never given twice. The one writer of a log.
// Bounds and recovery have files of their own.

import GRDB
import Glibc
import PrecordiaEngine
import PrecordiaReport

/// A log open for writing.
///
/// - Thread: one. Memory: SQLite's cache, 2 MiB.
/// - Cost: with ``Synchronous/full`` two flushes a group of entries, some 12 KiB written; otherwise 5 KiB in the page cache.
public final class EventStore {
    /// A line of a session; `number` is the session's own, 0 for the log's own lines.
    public struct Line {
        public var number: UInt64
        public var text: String

        public init(number: UInt64, text: String) {
            self.number = number
            self.text = text
        }
    }

    public let folder: String
    public let policy: LogPolicy
    /// What the opening found.
    public let recovery: Recovery
    /// The session that is open, 0 for none; and the last numbers stored and flushed, of the session's own.
    public private(set) var session: Int64 = 0
    public private(set) var stored: UInt64 = 0
    public private(set) var synced: UInt64 = 0
    /// Entries of this session, its lines that never came, and those that came again and were left out.
    public private(set) var entries: UInt64 = 0
    public private(set) var missing: UInt64 = 0
    public private(set) var repeated: UInt64 = 0
    /// The number of the last entry stored.
    public private(set) var sequence: Int64
    let queue: DatabaseQueue
    let clock: () -> Int64
    private let lock: LogLock
    private let mark: HighWaterMark
    private let boot = HighWaterMark.currentBoot()
    private var reserved: Int64
    private var unsynced = 0
    private var unsyncedSince: Int64?
    private var isFull: Bool?
    private var saidEnding = false
    /// The latest date that pruning believes, as of the opening: see ``prune()``.
    let newestAtOpening: String?
    let openedAt: Int64

    public var file: String { Self.file(in: folder) }
    static func file(in folder: String) -> String { folder + "/events.sqlite" }

    /// Opens the log of a folder, which is made if it is not there. A damaged one is set aside.
    ///
    /// - Parameter clock: microseconds since 1970.
    public init(folder: String, policy: LogPolicy = LogPolicy(), clock: @escaping () -> Int64 = LogTime.now) throws(StoreError) {
        self.folder = folder
        self.policy = policy
        self.clock = clock
        try Self.makeFolders(folder)
        lock = try LogLock(folder)
        let mark = try HighWaterMark(path: folder + "/mark")
        self.mark = mark
        let opened = try Self.open(folder, clock)
        queue = opened.queue
        do {
            let facts = try queue.read { db in
                (
                    try Int64.fetchOne(db, sql: "SELECT max(sequence) FROM entry"),
                    try String.fetchOne(db, sql: "SELECT max(received) FROM entry"),
                    try Row.fetchOne(db, sql: "SELECT id, feed FROM session ORDER BY id DESC LIMIT 1")
                )
            }
            recovery = Recovery(
                mark: mark.found, last: facts.0, boot: boot, session: facts.2?["id"],
                feed: (facts.2?["feed"] as Int64?).map { UInt64(bitPattern: $0) },
                setAside: opened.setAside)
            newestAtOpening = facts.1
        } catch {
            throw StoreError(error, file: Self.file(in: folder))
        }
        openedAt = clock()
        sequence = recovery.next - 1
        reserved = sequence
    }

    /// Begins a session, or goes on with the last one if it is the same feed's, and says what was found. Called again after an error, it goes on
    /// where it failed.
    ///
    /// - Parameter again: lines that the feed sends again.
    public func begin(feed: UInt64, again: ClosedRange<UInt64>? = nil) throws(StoreError) {
        if session == 0 { try beginSession(feed: feed) }
        if entries == 0 {
            let sentAgain = again.map { $0.upperBound > stored ? Int64($0.upperBound - max(stored, $0.lowerBound - 1)) : 0 } ?? 0
            try append([Line(number: 0, text: recovery.line(session: session, sentAgain: sentAgain, utc: clock()))])
        }
        try prune()
    }

    private func beginSession(feed: UInt64) throws(StoreError) {
        let isSame = feed == recovery.feed
        let id = isSame ? recovery.session! : (recovery.session ?? 0) + 1
        let now = LogTime.text(clock())
        do {
            stored = try queue.write { db in
                if !isSame, let last = recovery.session {
                    try db.execute(
                        sql: """
                            UPDATE session SET ending = 'vanished', ended = (SELECT max(received) FROM entry WHERE session = id)
                            WHERE id = ? AND ended IS NULL
                            """, arguments: [last])
                }
                if !isSame {
                    try db.execute(
                        sql: "INSERT INTO session (id, feed, began, program, synchronous) VALUES (?, ?, ?, ?, ?)",
                        arguments: [id, Int64(bitPattern: feed), now, Self.program, policy.synchronous.rawValue])
                }
                try count("lostAtLeast", recovery.lostAtLeast, db)
                try count("lostAtMost", recovery.lostAtMost ?? recovery.lostAtLeast, db)
                return try UInt64(Int64.fetchOne(db, sql: "SELECT max(number) FROM entry WHERE session = ?", arguments: [id]) ?? 0)
            }
        } catch {
            throw StoreError(error, file: file)
        }
        session = id
        synced = stored
    }

    /// Stores lines, all or none. A jump of their numbers becomes an entry of its own; numbers that are stored already are left out.
    ///
    /// - Returns: the entries' numbers by the lines'.
    @discardableResult
    public func append(_ lines: [Line]) throws(StoreError) -> [UInt64: Int64] {
        let fresh = lines.filter { $0.number == 0 || $0.number > stored }
        repeated += UInt64(lines.count - fresh.count)
        guard !fresh.isEmpty else { return [:] }
        var told: [Line] = []
        var last = stored
        var gaps: UInt64 = 0
        for line in fresh {
            if line.number > last + 1 {
                gaps += line.number - last - 1
                told.append(Line(number: 0, text: Self.gap(after: last, before: line.number, utc: clock())))
            }
            last = max(last, line.number)
            told.append(line)
        }
        let first = sequence + 1
        try store(told)
        stored = last
        missing += gaps
        entries += UInt64(told.count)
        if isSynced { synced = stored }
        return Dictionary(
            told.enumerated().filter { $0.element.number > 0 }.map { ($0.element.number, first + Int64($0.offset)) }, uniquingKeysWith: max)
    }

    /// Flushes what is due by time; with `now` whatever is not flushed yet. Cheap when there is nothing.
    public func sync(now: Bool = false) throws(StoreError) {
        guard let since = unsyncedSince else { return }
        guard now || Double(clock() - since) >= policy.syncSeconds * 1e6 || clock() < since else { return }
        try store([], flush: true)
        synced = stored
    }

    /// Ends the session as it should; `ending` is the word for how. Called again after an error, it goes on where it failed.
    public func close(ending: String) throws(StoreError) {
        if !saidEnding { try append([Line(number: 0, text: closingLine(ending))]) }
        saidEnding = true
        do {
            try queue.write { db in
                try db.execute(
                    sql: "UPDATE session SET ended = ?, ending = ? WHERE id = ?", arguments: [LogTime.text(clock()), ending, session])
            }
        } catch {
            throw StoreError(error, file: file)
        }
        try sync(now: true)
        do { try queue.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) } } catch { throw StoreError(error, file: file) }
        try mark.write(HighWaterMark.Mark(accepted: sequence, reserved: sequence, isClosed: true, boot: boot), sync: true)
        synced = stored
    }

    private var isSynced: Bool { unsyncedSince == nil }

    /// One group: its last number into the mark, then the entries into the database.
    private func store(_ lines: [Line], flush: Bool = false) throws(StoreError) {
        let first = sequence + 1
        let last = sequence + Int64(lines.count)
        let isDue =
            unsyncedSince.map { Double(clock() - $0) >= policy.syncSeconds * 1e6 || unsynced + lines.count > policy.syncEntries } ?? false
        let isFlushed = policy.synchronous == .full || flush || isDue
        // The mark is on the medium before any entry is that it does not cover.
        let ahead = policy.synchronous == .full ? last : last + Int64(policy.syncEntries)
        let reserve = isFlushed || last > reserved
        if reserve { reserved = ahead }
        try mark.write(HighWaterMark.Mark(accepted: last, reserved: reserved, isClosed: false, boot: boot), sync: reserve)
        let received = LogTime.text(clock())
        do {
            try queue.writeWithoutTransaction { db in
                if isFull != isFlushed {
                    try db.execute(sql: "PRAGMA synchronous = \(isFlushed ? "FULL" : "NORMAL")")
                    isFull = isFlushed
                }
                try db.inTransaction(.immediate) {
                    for (place, line) in lines.enumerated() {
                        try insert(line, sequence: first + Int64(place), received: received, db)
                    }
                    if lines.isEmpty { try set("synced", sequence, db) }
                    return .commit
                }
            }
        } catch {
            throw StoreError(error, file: file)
        }
        sequence = last
        if isFlushed {
            unsyncedSince = nil
            unsynced = 0
        } else {
            unsynced += lines.count
            unsyncedSince = unsyncedSince ?? clock()
        }
    }

    private func insert(_ line: Line, sequence: Int64, received: String, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                WITH given (line) AS (SELECT ?1), read (line, fields) AS (SELECT line, iif(json_valid(line), line, '{}') FROM given)
                INSERT INTO entry (sequence, session, number, received, utc, uncertainty, event, record, sample, priority, condition, line)
                SELECT ?2, ?3, ?4, ?5, fields ->> 'utc',
                    iif(typeof(fields ->> 'uncertainty') IN ('integer', 'real'), fields ->> 'uncertainty', NULL),
                    coalesce(fields ->> 'event', 'unreadable'), fields ->> 'record',
                    iif(typeof(fields ->> 'sample') = 'integer', fields ->> 'sample', NULL),
                    CASE fields ->> 'priority' WHEN 'information' THEN 1 WHEN 'low' THEN 2 WHEN 'medium' THEN 3 WHEN 'high' THEN 4 END,
                    fields ->> 'condition', line
                FROM read
                """)
        let number = line.number == 0 ? nil : Int64(bitPattern: line.number)
        try statement.execute(arguments: [line.text, sequence, session, number, received])
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
