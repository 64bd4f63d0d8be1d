// How many lines of a kind a log takes: a device that talks without end must not push alerts out of it, nor wear out a card.
// What is left out is counted, and an entry says how many of which kind.

/// Lets lines of each kind through at a rate, after a first burst; alerts and what was done about them always.
///
/// - Memory: one number for each kind that the log knows, and one for all others together. Cost: a look at the line's first bytes.
struct NoticeLimit {
    /// Lines that come at once, and in a minute after that, of each kind.
    static let burst = 100.0
    static let perMinute = 10.0
    /// Microseconds after which what was left out is told again.
    static let pause: Int64 = 60_000_000

    /// Lines of a kind that were left out and are not told yet.
    struct LeftOut: Equatable {
        var kind: String
        var count: UInt64
        /// The session's number of the last of them; 0 of the log's own.
        var last: UInt64
    }

    private struct Kind {
        var tokens = NoticeLimit.burst
        var at: Int64
        var count: UInt64 = 0
        var last: UInt64 = 0
        var toldAt: Int64?
    }

    private var kinds: [String: Kind] = [:]

    /// Whether a line may be stored; if not it is counted.
    ///
    /// - Parameters:
    ///   - isNarrow: whether the log lives on its spare room, which is for alerts: then no notice is stored.
    ///   - uptime: microseconds of a clock that nobody sets.
    mutating func admits(_ line: EventStore.Line, isNarrow: Bool, uptime: Int64) -> Bool {
        // The log's own lines are few, but for one: a clock may be set all the time.
        guard let name = Self.kind(line.text), line.number != 0 || name == "logClock" else { return true }
        var kind = kinds[name] ?? Kind(at: uptime)
        defer { kinds[name] = kind }
        kind.tokens = min(Self.burst, kind.tokens + Double(max(0, uptime - kind.at)) / 60e6 * Self.perMinute)
        kind.at = uptime
        if kind.tokens >= 1, !isNarrow {
            kind.tokens -= 1
            return true
        }
        kind.count += 1
        kind.last = max(kind.last, line.number)
        return false
    }

    /// What is to be told now: a kind's first line that is left out at once, and then once a minute; with `all` everything.
    mutating func due(uptime: Int64, all: Bool = false) -> [LeftOut] {
        var found: [LeftOut] = []
        for (name, kind) in kinds.sorted(by: { $0.key < $1.key }) where kind.count > 0 {
            guard all || kind.toldAt.map({ uptime - $0 >= Self.pause }) ?? true else { continue }
            found.append(LeftOut(kind: name, count: kind.count, last: kind.last))
            kinds[name]!.count = 0
            kinds[name]!.toldAt = uptime
        }
        return found
    }

    /// Whether something is to be told now.
    func isDue(uptime: Int64) -> Bool {
        var copy = self
        return !copy.due(uptime: uptime).isEmpty
    }

    /// The kind whose rate counts for a line; nil of an alert and what was done about alarms.
    static func kind(_ line: String) -> String? {
        let begin = "{\"event\":\""
        let alerts = ["alertRaised", "alertCleared", "alarm"]
        // Lines of another program may have their fields in another order.
        guard line.hasPrefix(begin) else { return alerts.contains { line.contains("\"\($0)\"") } ? nil : "other" }
        let name = String(line.utf8.dropFirst(begin.utf8.count).prefix { $0 != 0x22 }) ?? ""
        if alerts.contains(name) { return nil }
        return ["device", "notice", "session", "link", "stream", "end", "gap", "error", "logClock"].contains(name) ? name : "other"
    }
}
