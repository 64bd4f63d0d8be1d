// Whether beats that follow each other make a ventricular run, and whether it goes on.
// Apart from the history of beats: a run has a memory of its own, of what its beats have in common.

import PrecordiaSignal

/// What a beat has in common with the usual ones, with the one before it and with the run that goes on.
struct RunBeat {
    /// Whether it may be ventricular: of another shape than the usual ones, or as wide as they are, all of them wide.
    var isStrange = false
    /// Whether it was called ventricular.
    var isVentricular = false
    var isUsuallyWide = false
    /// Whether the usual beats are so wide that even a slow run of them counts.
    var isUsuallyVeryWide = false
    /// Whether it is as wide as a ventricular beat, or its width not known.
    var isWide = false
    /// Whether it is wider than most bundle branch blocks.
    var isVeryWide = false
    /// Its sharpness beside its leads' usual one; nil if that is not known.
    var sharpness: Float?
    /// Its correlations with the usual beats, with the beat before and with the run.
    var usualLikeness: Float = 1
    var constancy: Float = 0
    var likeness: Float = 0

    @_noAllocation @_noLocks init() {}
}

/// The run of ventricular beats that goes on.
///
/// Five beats of another shape than the usual ones are a run where they are like each other and blunt: what a moving electrode makes is like nothing
/// that came before, and QRS complexes of another conduction are as sharp as the usual ones. Once it is one, it goes on while its beats come, whatever they are
/// taken for: the longer it lasts, the more usual its shape.
struct VentricularRun {
    private(set) var count = 0
    private var isSure = false
    /// Whether it began with beats of another shape than the usual ones: it may go on more slowly than one of the usual ones.
    private var isOfOtherShape = false
    private var wide = 0
    private var misses = 0
    private var strange = 0
    private var ventricular = 0
    private var veryWide = 0
    /// The samples from its first beat to its last.
    private var intervals: Int64 = 0
    private var sharpnesses = InlineArray<7, Float>(repeating: 0)
    private var constancies = InlineArray<7, Float>(repeating: 0)
    private var usualLikenesses = InlineArray<7, Float>(repeating: 0)
    private var known = 0

    @_noAllocation @_noLocks init() {}

    /// Beats of the run; at most 4 while it is not sure that it is one.
    var beats: Int { @_noAllocation @_noLocks get { isSure || count < 4 ? count : 4 } }

    /// Takes a beat that came `interval` samples after the one before, `since` if signal was lost between.
    @_noAllocation @_noLocks
    mutating func add(_ beat: RunBeat, interval: Int32, since: Int64, rate: Int, _ limits: RhythmLimits) {
        let mayBeSlow = beat.isStrange || beat.isUsuallyVeryWide || isOfOtherShape
        let longest = Int64(mayBeSlow ? limits.runInterval : limits.usualRunInterval) &* Int64(rate) / 1000
        // Where signal was lost, one beat of the run may have been lost with it.
        let isSoon = interval > 0 ? Int64(interval) <= longest : since <= 2 &* longest
        let belongs =
            beat.isStrange || beat.isUsuallyWide
            || (isSure && beat.likeness >= limits.runLikeness && beat.likeness >= beat.usualLikeness - limits.usualMargin)
        if isSure, misses < limits.runMisses, !(isSoon && belongs), since <= 2 &* longest {
            // One that is disturbed, or was not found, does not end it.
            misses &+= 1
            return
        }
        misses = 0
        guard isSoon, belongs, count > 0 else {
            self = VentricularRun()
            if beat.isStrange || beat.isUsuallyWide { take(beat) }
            return
        }
        take(beat)
        intervals &+= interval > 0 ? Int64(interval) : since
        guard !isSure else { return }
        isSure = count >= leastBeats(rate: rate, limits) && isVentricular(rate: rate, limits)
        isOfOtherShape = isSure && (2 &* strange >= count || beat.isUsuallyVeryWide)
    }

    private mutating func take(_ beat: RunBeat) {
        if let sharpness = beat.sharpness {
            sharpnesses[known % 7] = sharpness
            constancies[known % 7] = beat.constancy
            usualLikenesses[known % 7] = beat.usualLikeness
            known &+= 1
        }
        if beat.isWide { wide &+= 1 }
        if beat.isStrange { strange &+= 1 }
        if beat.isVentricular { ventricular &+= 1 }
        if beat.isVeryWide { veryWide &+= 1 }
        count &+= 1
    }

    /// How many beats make sure of a run: more of usual ones, which only their width speaks against, and of those that were not called ventricular one by one.
    private func leastBeats(rate: Int, _ limits: RhythmLimits) -> Int {
        guard 2 &* strange >= count else {
            return isSlower(than: limits.usualRunInterval, rate) ? 2 &* limits.doubtfulRun : limits.doubtfulRun
        }
        if 2 &* ventricular >= count { return 5 }
        let isCertain = mean(sharpnesses) < limits.certainSharpness && mean(constancies) > limits.certainConstancy
        return isCertain ? 5 : limits.doubtfulRun
    }

    /// Whether its intervals are longer than this on the mean, milliseconds.
    private func isSlower(than interval: Int, _ rate: Int) -> Bool {
        intervals > Int64(count &- 1) &* Int64(interval) &* Int64(rate) / 1000
    }

    /// Of the last 7 beats.
    private func mean(_ values: InlineArray<7, Float>) -> Float {
        let latest = known < 7 ? known : 7
        var sum: Float = 0
        for place in 0..<latest { sum += values[place] }
        return latest > 0 ? sum / Float(latest) : 1
    }

    private func isVentricular(rate: Int, _ limits: RhythmLimits) -> Bool {
        // A tachycardia that was there from the start: width and rate alone tell it.
        if 2 &* strange < count { return 2 &* wide >= count }
        guard known >= 5 else { return 2 &* wide >= count && 2 &* ventricular >= count }
        let sharpness = mean(sharpnesses)
        // Slower than this a beat of another shape than the usual ones is as often of a bundle branch block: narrower than most of VT, or sharper.
        if isSlower(than: limits.wideInterval, rate), 2 &* veryWide < count, sharpness >= limits.slowSharpness { return false }
        let isBlunt = sharpness < limits.runSharpness && sharpness + 0.5 * mean(usualLikenesses) < limits.runBluntness
        return isBlunt && mean(constancies) >= limits.runConstancy
    }
}
