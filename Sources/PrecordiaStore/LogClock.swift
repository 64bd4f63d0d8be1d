// The clocks of a log: the date, which a person, a network or an empty battery may set, and the time since the system's start, which nobody can.
// In one place, so that a test moves each by itself.

import Glibc

/// What both clocks say at one moment.
package struct LogInstant: Equatable, Sendable {
    /// Microseconds since 1970 by the host's clock, right or wrong.
    package var utc: Int64
    /// Microseconds since the system's start, its sleep included. Within one start it never goes back and never jumps.
    package var uptime: Int64

    package init(utc: Int64, uptime: Int64) {
        self.utc = utc
        self.uptime = uptime
    }

    /// What stays the same until somebody sets the date: the kernel slews both clocks alike.
    var offset: Int64 { utc &- uptime }
}

/// The clocks that a log reads.
package struct LogClock {
    package var read: () -> LogInstant
    /// The system's start, as the kernel names it; empty where it does not.
    package var boot: String

    package init(boot: String, read: @escaping () -> LogInstant) {
        self.boot = boot
        self.read = read
    }

    /// The host's. Cost: 0.1 us.
    package static var host: LogClock { LogClock(boot: currentBoot(), read: hostInstant) }

    /// Both clocks at one moment: a thread that was put aside between the two readings would see a step that nobody made, and reads again.
    private static func hostInstant() -> LogInstant {
        var best = LogInstant(utc: 0, uptime: 0)
        var span = Int64.max
        for _ in 0..<8 where span > 1000 {
            let before = uptime(), utc = LogTime.now(), after = uptime()
            guard after - before < span else { continue }
            span = after - before
            best = LogInstant(utc: utc, uptime: after)
        }
        return best
    }

    private static func uptime() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_BOOTTIME, &now)
        return Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000
    }

    private static func currentBoot() -> String {
        let descriptor = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes[..<count].prefix { $0 > 0x20 }, as: UTF8.self) : ""
    }
}

/// Follows a log's clocks: how much time has surely passed in its life, and whether the date was set.
///
/// What counts as age is only what the clock of one start of the system has shown between two looks of this log. A date that is wrong, jumps or goes back adds
/// nothing to it and takes nothing from it; nor does time in which the system was off, which no clock that nobody sets has seen.
struct ClockWatch {
    /// A date that was set, or that stands before what the log has seen.
    struct Step: Equatable {
        /// When it was noticed.
        enum Moment: String {
            /// While the log was kept.
            case running
            /// While it was not, within one start of the system.
            case between
            /// After a new start: the date is before the log's newest, at least so much too early.
            case start
        }

        /// Microseconds that the date went on by more than time did; negative where it went back.
        var microseconds: Int64
        var moment: Moment
    }

    /// The least that is told: more than any reading is apart, less than a leap second.
    static let least: Int64 = 500_000

    /// Microseconds that have surely passed while a log was kept, and between two of its recorders within one start of the system.
    private(set) var elapsed: Int64
    private var last: LogInstant
    /// The offset of the dates as the log's entries have them.
    private var offset: Int64
    private var moment: Step.Moment
    /// How far the date of this start stands before the log's newest; 0 if it does not, or if that has been told.
    private var behind: Int64

    /// - Parameter mark: what the log last said of the clocks; nil if it said nothing.
    init(mark: HighWaterMark.Mark?, elapsed: Int64, boot: String, now: LogInstant) {
        let isSame = mark.map { !boot.isEmpty && $0.boot == boot && $0.clocks != nil } ?? false
        let before = mark?.clocks
        self.elapsed = max(0, before?.elapsed ?? elapsed)
        last = isSame ? before!.instant : now
        offset = last.offset
        let early = isSame ? 0 : now.utc &- (before?.instant.utc ?? now.utc)
        behind = early > -Self.least ? 0 : early
        moment = (now.offset &- offset).magnitude < Self.least ? .running : .between
        look(now)
    }

    /// Takes note of a moment.
    mutating func look(_ now: LogInstant) {
        elapsed += max(0, now.uptime - last.uptime)
        last = now
    }

    /// The step that entries with this moment's date need to be read with; nil for none.
    func step(_ now: LogInstant) -> Step? {
        if behind < 0 { return Step(microseconds: behind, moment: .start) }
        let moved = now.offset &- offset
        return moved.magnitude < Self.least ? nil : Step(microseconds: moved, moment: moment)
    }

    /// The step has been told, or counted; what comes after it is another one.
    mutating func tell(_ now: LogInstant) {
        guard behind == 0 else {
            behind = 0
            return
        }
        offset = now.offset
        moment = .running
    }
}
