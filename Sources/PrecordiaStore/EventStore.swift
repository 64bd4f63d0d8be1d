// Entries into SQLite, in groups, each with a number that is never given twice. The one writer of a log.
// Storing, bounds, damage and opening have files of their own.

import GRDB
import Glibc

/// A log open for writing.
///
/// - Thread: one. Memory: SQLite's cache, 2 MiB.
/// - Cost: with ``Synchronous/full`` two flushes a group of entries, some 12 KiB written; otherwise 5 KiB in the page cache.
package final class EventStore {
    /// A line of a session; `number` is the session's own, 0 for the log's own lines.
    package struct Line {
        package var number: UInt64
        package var text: String

        package init(number: UInt64, text: String) {
            self.number = number
            self.text = text
        }
    }

    package let folder: String
    package let policy: LogPolicy
    /// What the opening found, or the last damage.
    package internal(set) var recovery: Recovery
    /// The session that is open, 0 for none, and its feed; and the last numbers stored and flushed, of the session's own. Lines that were left out count as stored.
    package private(set) var session: Int64 = 0
    private(set) var feed: UInt64 = 0
    package private(set) var stored: UInt64 = 0
    package private(set) var synced: UInt64 = 0
    /// Entries of this session, its lines that never came, those that came again and were left out, and those that were too many of their kind.
    package private(set) var entries: UInt64 = 0
    package private(set) var missing: UInt64 = 0
    package private(set) var repeated: UInt64 = 0
    package private(set) var leftOut: UInt64 = 0
    /// Whether the log lives on its spare room, which is for alerts: then notices are counted and not stored.
    package var isNarrow = false
    /// The number of the last entry stored.
    package internal(set) var sequence: Int64
    let clock: LogClock
    let mark: HighWaterMark
    private let lock: LogLock
    private var limit = NoticeLimit()
    /// How much time has passed in the log's life, and whether the date was set.
    var watch: ClockWatch
    /// The row of this start of the system.
    var boot: Int64 = 0
    var reserved: Int64
    var unsynced = 0
    /// The uptime of what is to be flushed first; nil if everything is.
    var unsyncedSince: Int64?
    var isFull: Bool?
    private var saidEnding = false
    /// The database, the damage that was found in it, and where it was set aside while that has not been told.
    var queue: DatabaseQueue
    var damage: StoreError?
    var aside: String?
    var isOpen = true
    var mendAt = Int64.min
    var mendPause: Int64 = 1_000_000

    package var file: String { Self.file(in: folder) }
    static func file(in folder: String) -> String { folder + "/events.sqlite" }

    /// Opens the log of a folder, which is made if it is not there. A damaged one is set aside.
    package init(folder: String, policy: LogPolicy = LogPolicy(), clock: LogClock = .host) throws(StoreError) {
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
            let newest = try queue.read { db in
                (
                    entry: try Row.fetchOne(db, sql: "SELECT sequence, elapsed FROM entry ORDER BY sequence DESC LIMIT 1"),
                    session: try Row.fetchOne(db, sql: "SELECT id, feed FROM session ORDER BY id DESC LIMIT 1")
                )
            }
            recovery = Recovery(
                mark: mark.found, last: newest.entry?.value("sequence"), boot: clock.boot, session: newest.session?.value("id"),
                feed: (newest.session?.value("feed") as Int64?).map { UInt64(bitPattern: $0) }, setAside: opened.setAside)
            watch = ClockWatch(mark: mark.found, elapsed: newest.entry?.value("elapsed") ?? 0, boot: clock.boot, now: clock.read())
        } catch {
            throw StoreError(error, file: Self.file(in: folder))
        }
        sequence = recovery.next - 1
        reserved = sequence
    }

    /// Begins a session, or goes on with the last one if it is the same feed's, and says what was found. Called again after an error, it goes on
    /// where it failed.
    ///
    /// - Parameter again: lines that the feed sends again.
    package func begin(feed: UInt64, again: ClosedRange<UInt64>? = nil) throws(StoreError) {
        try mend()
        if session == 0 { try beginSession(feed: feed, again: again) }
        if entries == 0 {
            let sentAgain = again.map { $0.upperBound > stored ? Int64(clamping: $0.upperBound - max(stored, $0.lowerBound - 1)) : 0 } ?? 0
            try append([Line(number: 0, text: recovery.line(session: session, sentAgain: sentAgain, utc: clock.read().utc))])
        }
        try prune()
    }

    private func beginSession(feed: UInt64, again: ClosedRange<UInt64>?) throws(StoreError) {
        let isSame = feed == recovery.feed
        let id = isSame ? recovery.session ?? 1 : (recovery.session ?? 0) + 1
        let now = LogTime.text(clock.read().utc)
        (stored, boot) = try write { db in
            if !isSame, let last = recovery.session {
                try db.execute(
                    sql: """
                        UPDATE session SET ending = 'vanished', ended = (SELECT max(received) FROM entry WHERE session = id)
                        WHERE id = ? AND ended IS NULL
                        """, arguments: [last])
            }
            try insertSession(id, feed: feed, began: now, db)
            try count("lostAtLeast", recovery.lostAtLeast, db)
            try count("lostAtMost", recovery.lostAtMost ?? recovery.lostAtLeast, db)
            // No line beyond those that are sent again was ever sent: a number above them is damage, and would hide lines to come.
            let last = try Int64.fetchOne(
                db, sql: "SELECT max(number) FROM entry WHERE session = ? AND number <= ?",
                arguments: [id, Int64(clamping: again?.upperBound ?? .max)])
            return (UInt64(max(0, last ?? 0)), try bootRow(db))
        }
        session = id
        self.feed = feed
        synced = stored
    }

    /// Stores lines, all or none. A jump of their numbers, a date that was set, and lines that are too many of their kind become entries of their own; numbers
    /// that are stored already are left out.
    ///
    /// - Returns: the entries' numbers by the lines'.
    @discardableResult
    package func append(_ lines: [Line]) throws(StoreError) -> [UInt64: Int64] {
        try append(lines, tellsAll: false)
    }

    private func append(_ lines: [Line], tellsAll: Bool) throws(StoreError) -> [UInt64: Int64] {
        try mend()
        let now = clock.read()
        watch.look(now)
        var group = EntryGroup(after: stored, limit: limit, isNarrow: isNarrow, now: now)
        let step = watch.step(now)
        if let step { group.add(Line(number: 0, text: Self.step(step, session: session, utc: now.utc))) }
        let fresh = lines.filter { $0.number == 0 || $0.number > stored }
        for line in fresh { group.add(line) }
        group.tellLeftOut(all: tellsAll)
        let first = sequence + 1
        if !group.lines.isEmpty { try store(group.lines, now, ledger: ["linesLeftOut": Int64(clamping: group.told)]) }
        if step != nil { watch.tell(now) }
        limit = group.limit
        stored = group.last
        missing += group.gaps
        leftOut += group.leftOut
        repeated += UInt64(lines.count - fresh.count)
        entries += UInt64(group.lines.count)
        if unsyncedSince == nil { synced = stored }
        return Dictionary(
            group.lines.enumerated().filter { $0.element.number > 0 }.map { ($0.element.number, first + Int64($0.offset)) },
            uniquingKeysWith: max)
    }

    /// Stores what the clocks and the limit of notices have to say, if anything is due. Cheap when there is nothing.
    package func look() throws(StoreError) {
        guard session != 0 else { return }
        let now = clock.read()
        watch.look(now)
        if watch.step(now) != nil || limit.isDue(uptime: now.uptime) { try append([]) }
    }

    /// Flushes what is due by time; with `now` whatever is not flushed yet. Cheap when there is nothing.
    package func sync(now: Bool = false) throws(StoreError) {
        guard let since = unsyncedSince else { return }
        let instant = clock.read()
        guard now || Double(instant.uptime - since) >= policy.syncSeconds * 1e6 else { return }
        try mend()
        try store([], instant, flush: true)
        synced = stored
    }

    /// Ends the session as it should; `ending` is the word for how. Called again after an error, it goes on where it failed.
    package func close(ending: String) throws(StoreError) {
        if !saidEnding {
            _ = try append([], tellsAll: true)
            try append([Line(number: 0, text: closingLine(ending))])
        }
        saidEnding = true
        try mend()
        let now = clock.read()
        try write { db in
            try db.execute(
                sql: "UPDATE session SET ended = ?, ending = ? WHERE id = ?", arguments: [LogTime.text(now.utc), ending, session])
        }
        try sync(now: true)
        try withoutTransaction { db in _ = try db.checkpoint(.truncate) }
        watch.look(now)
        try mark.write(markNow(accepted: sequence, reserved: sequence, isClosed: true, now), sync: true)
        synced = stored
    }
}
