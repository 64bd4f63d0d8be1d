// What goes into the database in one transaction: a session's lines, with the log's own among them where something is to be said.
// A copy of what it counts, so that a group which could not be stored has counted nothing.

/// Lines of one transaction, in their order.
struct EntryGroup {
    private(set) var lines: [EventStore.Line] = []
    /// The session's number of the last line, left-out ones included.
    private(set) var last: UInt64
    /// Lines that never came; those of this group that were left out; and those that it tells of.
    private(set) var gaps: UInt64 = 0
    private(set) var leftOut: UInt64 = 0
    private(set) var told: UInt64 = 0
    private(set) var limit: NoticeLimit
    private let isNarrow: Bool
    private let now: LogInstant

    init(after last: UInt64, limit: NoticeLimit, isNarrow: Bool, now: LogInstant) {
        self.last = last
        self.limit = limit
        self.isNarrow = isNarrow
        self.now = now
    }

    /// Adds a line, before it what says that others are missing; or counts it where it is one too many of its kind.
    mutating func add(_ line: EventStore.Line) {
        if line.number > last, line.number - last > 1 {
            gaps += line.number - last - 1
            lines.append(EventStore.Line(number: 0, text: EventStore.gap(after: last, before: line.number, utc: now.utc)))
        }
        last = max(last, line.number)
        if limit.admits(line, isNarrow: isNarrow, uptime: now.uptime) { lines.append(line) } else { leftOut += 1 }
    }

    /// Adds what was left out and is to be told by now.
    mutating func tellLeftOut(all: Bool) {
        for some in limit.due(uptime: now.uptime, all: all) {
            told += some.count
            lines.append(EventStore.Line(number: some.last, text: EventStore.limited(some, utc: now.utc)))
        }
    }
}
