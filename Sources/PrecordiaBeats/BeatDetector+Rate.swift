// The heart rate from the last RR intervals, and the time without a beat.

import PrecordiaSignal

extension BeatDetector {
    /// Beats a minute, or nil when it is not known: fewer than 3 beats in a row, held, or no beat for ``BeatLimits/silence``.
    ///
    /// The mean of the last up to 12 RR intervals without the longest and the shortest (from 3 on). Of the last 4 alone, when each of the last 3 is longer than
    /// 1200 ms, and of the last 6, when each of them is shorter than 460 ms: a slow and a fast rhythm show within some 3 s.
    @_noAllocation @_noLocks
    public func beatsPerMinute() -> Double? {
        guard !isHeld, min(silence, stretch) < Int64(Self.samples(limits.silence, rate)) else { return nil }
        guard let mean = intervals.mean(slow: Int32(Self.samples(1200, rate)), fast: Int32(Self.samples(460, rate))) else { return nil }
        return 60 * Double(rate) / mean
    }

    /// Seconds of usable signal since the newest beat, or since the start if there was none. A hold is not counted; one of 1 s or more starts it anew
    /// where less than 2 s were heard before it, and one of ``BeatLimits/forgetting`` always.
    public var secondsWithoutBeat: Double { @_noAllocation @_noLocks get { Double(silence) / Double(rate) } }

    /// The same, since the last hold of 1 s or more.
    public var unbrokenSecondsWithoutBeat: Double { @_noAllocation @_noLocks get { Double(min(silence, stretch)) / Double(rate) } }

    /// Whether more than the last ``BeatLimits/bridge`` was held: then neither a rate nor its absence means anything.
    public var isHeld: Bool { @_noAllocation @_noLocks get { held > Int64(Self.samples(limits.bridge, rate)) } }
}

/// The last 12 RR intervals in samples.
struct IntervalHistory {
    private var values = InlineArray<12, Int32>(repeating: 0)
    private var next = 0
    private(set) var count = 0

    @_noAllocation @_noLocks
    init() {}

    @_noAllocation @_noLocks
    mutating func append(_ interval: Int32) {
        values[next] = interval
        next = next == 11 ? 0 : next &+ 1
        if count < 12 { count &+= 1 }
    }

    /// The interval `back` places before the newest.
    private func recent(_ back: Int) -> Int32 { values[(next &+ 11 &- back) % 12] }

    /// The mean that the rate is told from, in samples, or nil with fewer than 2 intervals. See ``BeatDetector/beatsPerMinute()``.
    @_noAllocation @_noLocks
    func mean(slow: Int32, fast: Int32) -> Double? {
        guard count >= 2 else { return nil }
        if count >= 3, recent(0) > slow, recent(1) > slow, recent(2) > slow { return plainMean(of: count < 4 ? count : 4) }
        guard count >= 3 else { return plainMean(of: count) }
        if count >= 6, isFast(fast) { return plainMean(of: 6) }
        var sum: Int64 = 0
        var longest = Int32.min
        var shortest = Int32.max
        for back in 0..<count {
            let value = recent(back)
            sum &+= Int64(value)
            if value > longest { longest = value }
            if value < shortest { shortest = value }
        }
        return Double(sum &- Int64(longest) &- Int64(shortest)) / Double(count &- 2)
    }

    private func isFast(_ fast: Int32) -> Bool {
        for back in 0..<6 where recent(back) >= fast { return false }
        return true
    }

    private func plainMean(of count: Int) -> Double {
        var sum: Int64 = 0
        for back in 0..<count { sum &+= Int64(recent(back)) }
        return Double(sum) / Double(count)
    }
}
