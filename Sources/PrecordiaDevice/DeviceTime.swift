// When a sample was taken, by the wall clock: the device's clock by way of the host's monotonic one.
// The one place of a live session where the date comes in; the engine never sees it.

import CPrecordiaSystem
import Glibc
import PrecordiaHost
package import PrecordiaLink
package import PrecordiaReport

/// Follows a device's clock and puts dates to sample indexes.
///
/// - Thread: the engine's. Memory: some hundred bytes. Cost: a system call or two a second.
package struct DeviceTime {
    private(set) var tracker = ClockTracker()
    /// CLOCK_REALTIME minus CLOCK_MONOTONIC, nanoseconds; read anew each second, so that a clock that is set is followed.
    private var realtime: Int64 = 0
    private var readAt: Int64 = .min
    /// Whether the clock is a capture's, and not this host's.
    private var isSet = false

    package init() {}

    /// The host's clock at a moment of the monotonic one, microseconds since 1970: of a capture, whose host was another or is long past.
    package mutating func set(clock: Int64, at monotonic: Int64) {
        realtime = clock * 1000 - monotonic
        isSet = true
    }

    /// The date of a moment of the monotonic clock.
    package func time(at monotonic: Int64) -> EventTime {
        if isSet { return EventTime(utc: (monotonic + realtime) / 1000, uncertainty: 0) }
        return EventTime(utc: Self.now().utc - (Monotonic.now() - monotonic) / 1000, uncertainty: 0)
    }

    /// Takes the data block that the session has in hand.
    package mutating func observe(_ session: borrowing HostSession) {
        tracker.observe(session)
        let monotonic = session.arrived
        guard !isSet, monotonic - 1_000_000_000 >= readAt || readAt == .min else { return }
        readAt = monotonic
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        realtime = Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec) - Monotonic.now()
    }

    /// The date of a sample of the session that is open; nil before its first block.
    package func time(ofSample sample: UInt64) -> EventTime? {
        guard let monotonic = tracker.hostTime(ofSample: sample) else { return nil }
        return EventTime(
            utc: (monotonic + realtime) / 1000, uncertainty: tracker.uncertainty(ofSample: sample).map { UInt64(max(0, $0) / 1000) })
    }

    /// The date now, by the host's clock.
    package static func now() -> EventTime {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return EventTime(utc: Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000, uncertainty: 0)
    }

    /// The largest rate error that is told, parts in a million: five times the one that the tracker takes for likely. No clock is worse; a source that
    /// is, such as a stored stream sent faster than time, tells nothing about one.
    static let largestRateError = 5000.0

    package var figures: ClockFigures {
        var figures = ClockFigures()
        figures.isKnown = tracker.rateErrorPPM.map { $0.magnitude <= Self.largestRateError } ?? false
        figures.isFromTicks = tracker.source == .ticks
        figures.partsPerMillion = tracker.rateErrorPPM ?? 0
        figures.partsPerMillionUncertainty = tracker.rateUncertaintyPPM ?? 0
        figures.offsetUncertainty = Double(tracker.offsetUncertainty ?? 0)
        figures.observations = tracker.counters.observations
        figures.outliers = tracker.counters.outliers
        figures.resets = tracker.counters.resets + tracker.counters.jumps
        // The kernel's own words on the host's clock: -1 where nobody keeps it.
        figures.hostError = precordia_clock_error()
        return figures
    }
}
