// How long the engine took, frame by frame, in little memory and without allocation.
// An average would hide the one frame that came too late.

/// Counts durations in logarithmic buckets of 3 % width.
///
/// - Memory: 15 KiB, made at init. Cost: a few nanoseconds a duration.
public struct LatencyHistogram {
    /// Durations counted.
    public private(set) var count: Int64 = 0
    /// The longest, nanoseconds, exact.
    public private(set) var longest: Int64 = 0
    private var buckets: [Int64]

    private static let steps = 32
    private static let bucketCount = 60 * 32

    public init() { buckets = Array(repeating: 0, count: Self.bucketCount) }

    /// Counts one duration, nanoseconds; a negative one counts as 0.
    public mutating func record(_ nanoseconds: Int64) {
        let value = max(0, nanoseconds)
        buckets[Self.bucket(value)] &+= 1
        count &+= 1
        if value > longest { longest = value }
    }

    /// The duration that the share `quantile` (0...1) of all stays at or below, to 3 %; 0 when nothing was counted.
    public func quantile(_ quantile: Double) -> Int64 {
        let wanted = max(1, Int64((Double(count) * quantile).rounded(.up)))
        var seen: Int64 = 0
        for (index, bucket) in buckets.enumerated() {
            seen += bucket
            if seen >= wanted { return min(longest, Self.upperBound(index)) }
        }
        return longest
    }

    /// Values below 32 have their own bucket; above, 32 buckets to each power of two.
    private static func bucket(_ value: Int64) -> Int {
        guard value >= Int64(steps) else { return Int(value) }
        let exponent = 63 - value.leadingZeroBitCount - 5
        return min(bucketCount - 1, (exponent + 1) * steps + Int(value >> Int64(exponent)) - steps)
    }

    private static func upperBound(_ bucket: Int) -> Int64 {
        guard bucket >= steps else { return Int64(bucket) }
        let exponent = Int64(bucket / steps - 1)
        return (Int64(bucket % steps + steps + 1) << exponent) - 1
    }
}
