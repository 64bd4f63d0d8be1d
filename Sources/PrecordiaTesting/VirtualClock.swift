// A clock that stands until a test moves it: hours of a device's silence in a moment.

import PrecordiaHost

/// The monotonic clock of the calling thread, in a test's hand.
///
///     let clock = VirtualClock()
///     clock.run {
///         …                           // what reads the clock finds it standing
///         clock.advance(seconds: 2)
///         …
///     }
///
/// - Thread: the one that calls ``run(_:)``; other threads keep the system's clock. Nothing may sleep while it runs.
public final class VirtualClock {
    /// What the clock shows, nanoseconds; above 0, because 0 stands for the system's clock.
    public private(set) var now: Int64
    private var isRunning = false

    public init(now: Int64 = 1_000_000_000) {
        precondition(now > 0, "A virtual clock stands above 0.")
        self.now = now
    }

    /// Lets time pass.
    public func advance(seconds: Double) {
        now += Int64(seconds * 1e9)
        if isRunning { Monotonic.stand(at: now) }
    }

    /// Runs `body` on this thread with this clock.
    public func run<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        isRunning = true
        Monotonic.stand(at: now)
        defer {
            isRunning = false
            Monotonic.stand(at: nil)
        }
        return try body()
    }
}
