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
    /// Seconds without a beat, as far as detector and leads agree: the value of an asystole.
    public var silence: Float = 0
    /// Whether a lead shows that there is nothing: where it does not, silence is no more than that nobody found a beat.
    public var isLineSeen = false
    /// Beats a minute over the last 5 beats, the time since the last included; nil if not known: too few beats, or complexes that nobody found.
    public var slowest: Float?
    /// Beats a minute over the last 17 beats; nil with fewer.
    public var fastest: Float?
    /// Seconds of heard signal since a rhythm of beats could last be vouched for: beats that are beyond doubt, in leads that do not oscillate between them.
    public var unvouched: Float = 0

    @_noAllocation @_noLocks
    public init() {}
}

/// The beats' times and kinds, as far back as any figure looks.
struct RhythmHistory {
    private var last: Int64 = -1
    private var isChained = false
    private var lastKind = BeatKind.usual
    private(set) var run = VentricularRun()
    private var longestRun = 0
    private var longestPause: Int32 = 0
    /// The places of the last 5 beats, newest first, and how many follow each other without more than a second lost.
    private var places = InlineArray<5, Int64>(repeating: 0)
    private var placed = 0
    /// The last 16 intervals, and where they ended.
    private var recent = InlineArray<16, Int32>(repeating: 0)
    private var ends = InlineArray<16, Int64>(repeating: 0)
    private var recentCount = 0
    private var recentNext = 0
    /// How sure the last 5 beats are, natural logarithms of odds.
    private var scores = InlineArray<5, Float>(repeating: 0)
    private var scored = 0
    /// Intervals between two beats that are not ventricular, and whether each follows the one before it directly.
    private var intervals = InlineArray<24, Int32>(repeating: 0)
    private var follows = InlineArray<24, Bool>(repeating: false)
    private var next = 0
    private var count = 0
    private var isInSequence = false

    @_noAllocation @_noLocks init() {}

    /// The signal was away: no interval spans it.
    @_noAllocation @_noLocks
    mutating func interrupt() {
        isChained = false
        isInSequence = false
    }

    /// Samples from the last beat to `position`; 0 if none can be told.
    @_noAllocation @_noLocks
    func interval(to position: Int64) -> Int32 {
        isChained ? Int32(truncatingIfNeeded: position &- last) : 0
    }

    /// Where the last beat was; -1 before the first.
    var lastPlace: Int64 { @_noAllocation @_noLocks get { last } }

    /// Takes a beat, how sure it is, and what it is to a ventricular run.
    @_noAllocation @_noLocks
    mutating func add(_ beat: Beat, score: Float, _ runBeat: RunBeat, rate: Int, _ limits: RhythmLimits) {
        scores[scored % 5] = score
        scored = scored == 9 ? 5 : scored &+ 1
        if beat.interval > longestPause { longestPause = beat.interval }
        let since = last < 0 ? Int64.max : beat.position &- last
        run.add(runBeat, interval: beat.interval, since: since, rate: rate, limits)
        if run.beats > longestRun { longestRun = run.beats }
        note(beat, since: since, rate: rate)
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

    /// Whether the last beat was no longer ago than this and the last 5 were this sure on the mean.
    @_noAllocation @_noLocks
    func isSure(_ least: Float, within samples: Int64, position: Int64) -> Bool {
        guard scored >= 5, position &- last <= samples else { return false }
        var sum: Float = 0
        for place in 0..<5 { sum += scores[place] }
        return sum >= 5 * least
    }

    mutating func note(_ beat: Beat, since: Int64, rate: Int) {
        for back in 0..<4 { places[4 &- back] = places[3 &- back] }
        places[0] = beat.position
        // Over a short hole beats are counted on: what one may have hidden, the leads show.
        if last < 0 || since > 4 &* Int64(rate) { placed = 1 } else if placed < 5 { placed &+= 1 }
        guard beat.interval > 0 else { return }
        recent[recentNext] = beat.interval
        ends[recentNext] = beat.position
        recentNext = recentNext == 15 ? 0 : recentNext &+ 1
        if recentCount < 16 { recentCount &+= 1 }
    }

    /// Beats a minute over the last 5 beats. The time since the last counts as an interval where it is longer than the oldest of these. Where three of the four
    /// intervals are not slow by themselves, their rate: a pause is none.
    @_noAllocation @_noLocks
    func slowest(position: Int64, rate: Int) -> Float? {
        guard placed >= 4 else { return nil }
        let open = position &- places[0]
        var sum: Int64 = 0
        var most: Int64 = 0
        let isOpen = placed < 5 || open > places[3] &- places[4]
        for back in 0..<(isOpen ? 3 : 4) {
            let interval = places[back] &- places[back &+ 1]
            sum &+= interval
            if interval > most { most = interval }
        }
        if isOpen {
            sum &+= open
            if open > most { most = open }
        }
        guard 10 &* (sum &- most) > 36 &* Int64(rate) else { return sum > most ? Float(180 * Double(rate) / Double(sum &- most)) : nil }
        return Float(240 * Double(rate) / Double(sum))
    }

    /// Whether beats come so seldom that it has to be asked whether some were not found.
    @_noAllocation @_noLocks
    func isSlow(position: Int64, rate: Int) -> Bool {
        if placed == 0 || position &- places[0] > 2 &* Int64(rate) { return true }
        guard let slowest = slowest(position: position, rate: rate) else { return false }
        return slowest < 50
    }

    /// Beats a minute over the last 17 beats, which may have holes between them but began within 16 s.
    @_noAllocation @_noLocks
    func fastest(rate: Int) -> Float? {
        guard recentCount == 16, ends[(recentNext &+ 15) % 16] &- ends[recentNext] < 16 &* Int64(rate) else { return nil }
        var sum: Int64 = 0
        for place in 0..<16 { sum &+= Int64(recent[place]) }
        return sum > 0 ? Float(960 * Double(rate) / Double(sum)) : nil
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

    @_noAllocation @_noLocks
    mutating func take(silence: Double, isHeld: Bool, rate: Int) -> RhythmReport {
        var report = RhythmReport()
        let ended = Float(longestPause) / Float(rate)
        report.pause = isHeld || Float(silence) < ended ? ended : Float(silence)
        report.ventricularRun = Float(longestRun)
        report.irregularity = irregularity()
        longestPause = 0
        longestRun = run.beats
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
