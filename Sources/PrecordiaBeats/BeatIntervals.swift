// The last intervals between beats in seconds, as the judging of a complex wants them. The heart rate has a history of its own: it forgets at a hold.

/// Up to 9 intervals.
struct BeatIntervals {
    private var values = InlineArray<9, Float>(repeating: 0)
    private var next = 0
    private(set) var count = 0

    @_noAllocation @_noLocks init() {}

    @_noAllocation @_noLocks
    mutating func append(_ seconds: Float) {
        values[next] = seconds
        next = next == 8 ? 0 : next &+ 1
        if count < 9 { count &+= 1 }
    }

    private func recent(_ back: Int) -> Float { values[(next &+ 8 &- back) % 9] }

    /// Intervals that mean and median are made of.
    private var latest: Int { count < 8 ? count : 8 }

    /// The mean of the last up to 8; 0 with fewer than 2.
    var mean: Float {
        @_noAllocation @_noLocks get {
            guard count >= 2 else { return 0 }
            var sum: Float = 0
            for back in 0..<latest { sum += recent(back) }
            return sum / Float(latest)
        }
    }

    /// The upper median of the last up to 8; 0 without any.
    var median: Float {
        @_noAllocation @_noLocks get {
            guard count > 0 else { return 0 }
            var sorted = InlineArray<8, Float>(repeating: 0)
            for back in 0..<latest {
                let value = recent(back)
                var place = back
                while place > 0, sorted[place &- 1] > value {
                    sorted[place] = sorted[place &- 1]
                    place &-= 1
                }
                sorted[place] = value
            }
            return sorted[latest / 2]
        }
    }
}
