// The last intervals and runs, and what they add up to. Arithmetic on beats alone: no signal comes here.

import PrecordiaSignal

/// What a hop has to say about the rhythm, in the units of the alert rules.
public struct RhythmReport: Equatable, Sendable {
    /// Seconds of the longest time without a beat that ended since the last report, or lasts.
    public var pause: Float = 0
    /// Beats of the longest run of ventricular beats at 100 a minute or more that was going on since the last report.
    public var ventricularRun: Float = 0
    /// Seconds for which the signal has looked like ventricular fibrillation or flutter.
    public var fibrillation: Float = 0
    /// Root mean square of the differences of successive intervals, per cent of the mean interval, over the last 24 intervals between usual
    /// beats; nil with fewer than 12.
    public var irregularity: Float?

    @_noAllocation @_noLocks
    public init() {}
}

/// The beats' times and kinds, as far back as any figure looks.
struct RhythmHistory {
    private var last: Int64 = -1
    private var isChained = false
    private var lastKind = BeatKind.usual
    private var run = 0
    private var longestRun = 0
    private var longestPause: Int32 = 0
    private var looks = 0
    private var misses = 0
    /// Intervals between two beats that are not ventricular, and whether each follows the one before it directly.
    private var intervals = InlineArray<24, Int32>(repeating: 0)
    private var follows = InlineArray<24, Bool>(repeating: false)
    private var next = 0
    private var count = 0
    private var isInSequence = false

    @_noAllocation @_noLocks init() {}

    /// The signal was away: nothing spans it.
    @_noAllocation @_noLocks
    mutating func interrupt() {
        isChained = false
        isInSequence = false
        run = 0
    }

    /// Samples from the last beat to `position`; 0 if none can be told.
    @_noAllocation @_noLocks
    func interval(to position: Int64) -> Int32 {
        isChained ? Int32(truncatingIfNeeded: position &- last) : 0
    }

    /// Takes a beat. `runs` says that it may be part of a ventricular run, in which no interval is longer than `longest`.
    @_noAllocation @_noLocks
    mutating func add(_ beat: Beat, runs: Bool, longest: Int32) {
        if beat.interval > longestPause { longestPause = beat.interval }
        run = runs ? (run > 0 && beat.interval > 0 && beat.interval <= longest ? run &+ 1 : 1) : 0
        if run > longestRun { longestRun = run }
        let plain = beat.kind != .ventricular && lastKind != .ventricular && beat.interval > 0
        if plain {
            intervals[next] = beat.interval
            follows[next] = isInSequence
            next = next == 23 ? 0 : next &+ 1
            if count < 24 { count &+= 1 }
        }
        isInSequence = plain
        last = beat.position
        lastKind = beat.kind
        isChained = true
    }

    /// The mean of the intervals between usual beats, in samples; nil with fewer than 3.
    var meanInterval: Double? {
        @_noAllocation @_noLocks get {
            guard count >= 3 else { return nil }
            var sum: Int64 = 0
            let latest = count < 8 ? count : 8
            for back in 0..<latest { sum &+= Int64(intervals[(next &+ 23 &- back) % 24]) }
            return Double(sum) / Double(latest)
        }
    }

    /// Takes a look for fibrillation, one each half second. A single one that found none does not end it.
    @_noAllocation @_noLocks
    mutating func addLook(_ isSuspected: Bool) {
        if isSuspected {
            looks &+= 1
            misses = 0
        } else {
            misses &+= 1
            if misses > 1 { looks = 0 }
        }
    }

    @_noAllocation @_noLocks
    mutating func take(silence: Double, isHeld: Bool, rate: Int) -> RhythmReport {
        var report = RhythmReport()
        let ended = Float(longestPause) / Float(rate)
        report.pause = isHeld || Float(silence) < ended ? ended : Float(silence)
        report.ventricularRun = Float(longestRun)
        report.fibrillation = Float(looks) * 0.5
        report.irregularity = irregularity()
        longestPause = 0
        longestRun = run
        return report
    }

    private func irregularity() -> Float? {
        guard count >= 12 else { return nil }
        var sum: Int64 = 0
        var squares = 0.0
        var differences = 0
        var before: Int32 = 0
        for place in 0..<count {
            let index = (next &+ 24 &- count &+ place) % 24
            sum &+= Int64(intervals[index])
            if place > 0, follows[index] {
                let difference = Double(intervals[index] &- before)
                squares += difference * difference
                differences &+= 1
            }
            before = intervals[index]
        }
        guard differences >= 8 else { return nil }
        return Float(100 * Arithmetic.squareRoot(squares / Double(differences)) * Double(count) / Double(sum))
    }
}
