// At which rate samples come, by the device's clock and by the host's, and conversions that the board itself has missed.
// Apart from the clock tracker, which takes the rate for granted and looks for parts in a million.

import PrecordiaSignal

/// Holds the sample index against the device's ticks and the host's clock.
///
/// By ticks: of each second of them the rate is known exactly; 3 % off in two seconds on end is another rate (a crystal is off by 0.005 %, a ceramic resonator or
/// a converter's own oscillator by 0.5 to 2 %). A step of the ticks between two blocks of a device whose clock otherwise agrees is time without samples.
/// By the host: blocks come late and in bursts, so each of 8 seconds in a row must be off to the same side, and all together by 15 %; where the ticks agree with
/// the index, which a backlog that is sent at once explains, for 9 seconds. Where the two clocks contradict each other and the host agrees with the index, it
/// is the ticks that are wrong, and they are not asked again.
struct SamplePace {
    private(set) var isWrong = false
    private(set) var isNewlyWrong = false
    /// The rate at which samples come, hertz; 0 before one is known.
    private(set) var measured = 0.0
    /// Whether the last block had ticks, and by how many frames its first lies behind that of the block before.
    private(set) var hasTicks = false
    private(set) var advance: UInt64 = 0

    private var hasLast = false
    private var session: UInt32 = 0
    private var lastTicks: UInt64 = 0
    private var lastFirst: UInt64 = 0
    /// Of the window of ticks that is open: seconds by ticks and by the index.
    private var ticked = 0.0
    private var indexed = 0.0
    private var badTicks = 0
    private var goodTicks = 0
    private var ticksRate = 0.0
    /// A step that may turn out as lost samples, seconds, and blocks without another since.
    private var step = 0.0
    private var calm = 0

    /// Of the host's second that is open: when it began, and the frames in it.
    private var secondAt: Int64?
    private var secondFrames = 0.0
    /// Seconds in a row that were too fast, too slow, and neither; and their frames.
    private var fast = 0
    private var slow = 0
    private var right = 0
    private var sideFrames = 0.0
    private var sideSeconds = 0.0

    private static var tolerance: Double { @_noAllocation @_noLocks get { 0.03 } }
    private static var hostTolerance: Double { @_noAllocation @_noLocks get { 0.15 } }

    @_noAllocation @_noLocks
    init() {}

    /// Another session or configuration: nothing that was measured holds for it. That the rate was wrong holds until it is found right.
    @_noAllocation @_noLocks
    mutating func restart() {
        hasLast = false
        ticked = 0
        indexed = 0
        badTicks = 0
        goodTicks = 0
        step = 0
        calm = 0
        secondAt = nil
        fast = 0
        slow = 0
        right = 0
    }

    /// Takes a block; frames that its ticks say are missing before it.
    ///
    /// - Parameters:
    ///   - monotonic: when it came; nil where the host's clock is not to be asked.
    ///   - isNew: whether its samples are; others are no evidence.
    @_noAllocation @_noLocks
    mutating func observe(_ header: BlockHeader, first: UInt64, count: Int, rate: Int, at monotonic: Int64?, isNew: Bool) -> UInt64 {
        isNewlyWrong = false
        let goesOn = hasLast && header.session == session && first > lastFirst && first &- lastFirst < (1 as UInt64) &<< 40
        advance = goesOn ? first &- lastFirst : UInt64(truncatingIfNeeded: count)
        let wasWrong = isWrong
        var skipped: UInt64 = 0
        if isNew {
            if let monotonic { followHost(monotonic, rate) } else { secondAt = nil }
            if let ticks = header.ticks, let perSecond = header.tickRate, perSecond > 0 {
                hasTicks = true
                if goesOn {
                    let passed = Double(Int64(bitPattern: ticks &- lastTicks)) / Double(perSecond)
                    skipped = followTicks(passed, Double(advance) / Double(rate), rate)
                }
                lastTicks = ticks
            } else {
                hasTicks = false
            }
            judge(rate, hasHost: monotonic != nil)
        }
        hasLast = isNew
        session = header.session
        lastFirst = first
        isNewlyWrong = isWrong && !wasWrong
        return isWrong ? 0 : skipped
    }

    /// One block's time by ticks and by the index; frames of a step that has turned out as lost samples.
    private mutating func followTicks(_ passed: Double, _ nominal: Double, _ rate: Int) -> UInt64 {
        var skipped = 0.0
        let off = passed - nominal
        let least = 0.3 * nominal
        let limit = (least > 0.01 ? least : 0.01) + 0.01 * nominal
        ticked += passed
        indexed += nominal
        if off > limit || off < -limit {
            // A step that another follows is none: the rate is another one, or the ticks are read at any time.
            step = calm == 0 && step == 0 && off > 0 && off < 3600 ? off : 0
            calm = 0
        } else if step > 0 {
            calm &+= 1
            if calm >= 3 {
                skipped = step
                ticked -= step
                step = 0
                calm = 0
            }
        }
        if indexed >= 1, step == 0 { closeTicks(rate) }
        return UInt64(skipped * Double(rate) + 0.5)
    }

    private mutating func closeTicks(_ rate: Int) {
        ticksRate = ticked > 0 ? Double(rate) * indexed / ticked : 0
        let off = ticked / indexed - 1
        if off > Self.tolerance || off < -Self.tolerance {
            badTicks &+= 1
            goodTicks = 0
        } else {
            goodTicks &+= 1
            badTicks = 0
        }
        ticked = 0
        indexed = 0
    }

    /// Counts the host's seconds. One without a block, or with less than a fifth of its frames, is a silence and says nothing of a rate.
    private mutating func followHost(_ now: Int64, _ rate: Int) {
        guard let began = secondAt, now >= began, now &- began < 2_000_000_000 else {
            secondAt = now
            secondFrames = 0
            if hasLast { fast = 0; slow = 0; right = 0 }
            return
        }
        secondFrames += Double(advance)
        let seconds = Double(now &- began) * 1e-9
        guard seconds >= 1 else { return }
        let ratio = secondFrames / seconds / Double(rate)
        secondAt = now
        let side = ratio > 1.03 ? 1 : ratio < 0.97 && ratio > 0.2 ? -1 : 0
        if (side == 1 && fast == 0) || (side == -1 && slow == 0) || side == 0 {
            sideFrames = 0
            sideSeconds = 0
        }
        sideFrames += secondFrames
        sideSeconds += seconds
        secondFrames = 0
        fast = side == 1 ? fast &+ 1 : 0
        slow = side == -1 ? slow &+ 1 : 0
        right = ratio > 0.9 && ratio < 1.1 ? right &+ 1 : 0
    }

    /// What both clocks say together.
    private mutating func judge(_ rate: Int, hasHost: Bool) {
        let nominal = Double(rate)
        let hostRate = sideSeconds > 0 ? sideFrames / sideSeconds : 0
        let isOff = hostRate > nominal * (1 + Self.hostTolerance) || hostRate < nominal * (1 - Self.hostTolerance)
        let needed = hasTicks && goodTicks > 0 ? 9 : 8
        let hostSaysWrong = isOff && (fast >= needed || slow >= needed)
        // What the host sees is too coarse to contradict ticks that are off by little.
        let isClear = ticksRate > nominal * (1 + Self.hostTolerance) || ticksRate < nominal * (1 - Self.hostTolerance)
        let mayBeTicks = hasHost && isClear && fast == 0 && slow == 0
        let ticksSayWrong = badTicks >= (mayBeTicks ? 6 : 2) && !(isClear && right >= 3)
        if ticksSayWrong { measured = ticksRate } else if hostSaysWrong { measured = hostRate }
        if !isWrong {
            isWrong = ticksSayWrong || hostSaysWrong
            return
        }
        let isAgreed = hasTicks && goodTicks > 0 ? goodTicks >= 3 && fast < 3 && slow < 3 : right >= 3
        if isAgreed, !hostSaysWrong, !ticksSayWrong { isWrong = false }
    }
}
