// How long something took, each time, in little memory and without allocation: HdrHistogram under the words of this project.
// An average would hide the one frame that came too late.

import Histogram

/// Counts durations from 1 ns to a minute, to 0.1 %; longer ones count as a minute.
///
/// - Memory: 230 KiB, made at init. Cost: a few nanoseconds a duration.
package struct LatencyHistogram {
    private static let highest: UInt64 = 60_000_000_000
    private var histogram = Histogram<UInt64>(highestTrackableValue: highest, numberOfSignificantValueDigits: .three)

    package init() {}

    /// Durations counted.
    package var count: Int64 { Int64(clamping: histogram.totalCount) }

    /// The longest, nanoseconds.
    package private(set) var longest: Int64 = 0

    /// Counts one duration, nanoseconds; a negative one counts as 0.
    package mutating func record(_ nanoseconds: Int64) {
        histogram.record(min(UInt64(max(0, nanoseconds)), Self.highest))
        longest = max(longest, nanoseconds)
    }

    /// The duration that the share `quantile` (0...1) of all stays at or below; 0 when nothing was counted.
    package func quantile(_ quantile: Double) -> Int64 {
        guard histogram.totalCount > 0 else { return 0 }
        return min(longest, Int64(clamping: histogram.valueAtPercentile(quantile * 100)))
    }
}
