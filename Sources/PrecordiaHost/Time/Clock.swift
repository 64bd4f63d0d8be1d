// The monotonic clock, read and waited for.
// The engine knows only samples; this is the one place of a session where time comes from.

import CPrecordiaSystem
import Glibc

/// Nanoseconds of the monotonic clock.
package enum Monotonic {
    /// Now; on a thread that plays a clock, what that stands at. Cost: about 25 ns.
    @inline(__always)
    package static func now() -> Int64 {
        let played = precordia_played_clock()
        guard played == 0 else { return played }
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }

    /// Runs `body` on this thread with a clock that stands at what `body` sets; nothing may sleep meanwhile. For benches, which need not wait.
    package static func played<Result, Failure: Error>(_ body: ((Int64) -> Void) throws(Failure) -> Result) throws(Failure) -> Result {
        defer { precordia_play_clock(0) }
        return try body { precordia_play_clock($0) }
    }

    /// Lets the calling thread's clock stand there, above 0, until it is moved or nil gives it back to the system.
    package static func stand(at nanoseconds: Int64?) { precordia_play_clock(nanoseconds ?? 0) }

    /// Sleeps until `deadline`, or until a signal comes. Returns at once if it has passed.
    package static func sleep(until deadline: Int64) {
        var time = timespec(tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
        _ = clock_nanosleep(CLOCK_MONOTONIC, Int32(TIMER_ABSTIME), &time, nil)
    }
}

/// How fast a session takes its frames.
package enum Speed: Equatable, Sendable {
    /// As fast as the engine can.
    case max
    /// So many times real time; 1 is a live stream's pace.
    case times(Double)

    /// Reads "max" or a positive number up to 1000.
    package init?(_ text: String) {
        if text == "max" {
            self = .max
            return
        }
        guard let factor = Double(text), factor.isFinite, factor > 0, factor <= 1000 else { return nil }
        self = .times(factor)
    }
}

/// Holds frames back to their time.
///
/// Every deadline is counted from the first frame, so that a late frame makes none after it late and no drift builds up.
package struct Pacer {
    private let start: Int64
    private let nanosecondsPerSample: Double

    /// A pacer whose sample 0 is due now.
    package init(rate: Int, factor: Double) {
        start = Monotonic.now()
        nanosecondsPerSample = 1e9 / (Double(rate) * factor)
    }

    /// When sample `index` is due.
    package func deadline(_ index: UInt64) -> Int64 { start + Int64(Double(index) * nanosecondsPerSample) }

    /// Waits for sample `index`, in one sleep or until `interrupted` says so.
    package func wait(for index: UInt64, unless interrupted: () -> Bool) {
        let due = deadline(index)
        while Monotonic.now() < due && !interrupted() { Monotonic.sleep(until: due) }
    }
}
