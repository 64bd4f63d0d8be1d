// What speaks for a complex being a beat, and the weights of it.
// Apart from the detector: these are data, fitted on recordings (docs/experiments-beats.md), and a reader may want to fit others.

import PrecordiaSignal

/// What is known of a complex when it is judged. Levels are parts of what the leads' beats reach.
struct BeatEvidence {
    /// The highest evidence of all leads together, and the lowest on either side of it.
    var level: Float = 0
    var before: Float = 0
    var after: Float = 0
    /// What complexes that were no beats reached lately, and the mean evidence of the last seconds.
    var other: Float = 0
    var mean: Float = 0
    /// Its slope beside that of the usual beats, and beside the last beat's.
    var slope: Float = 0
    var slopeOfLast: Float = 0
    /// Seconds since the last beat, and the same as a part of the mean interval.
    var since: Float = 0
    var ratio: Float = 0
    /// The highest evidence of a complex that follows within 200 ms.
    var next: Float = 0
    /// The weight of the leads that show it.
    var agreement: Float = 0
    /// Correlation with the shape that it is most like, with the usual one, and with the best of those that five beats had; and how large it is
    /// beside the first of these.
    var likeness: Float = -1
    var usualLikeness: Float = -1
    var knownLikeness: Float = -1
    var amplitude: Float = 0
    /// How many beats had the last of these, lately.
    var knownWeight: Float = 0
    /// Milliseconds, and the same beside the usual shape's.
    var width: Float = 0
    var widening: Float = 1
    /// Its height beside that of the usual beats.
    var size: Float = 0

    @_noAllocation @_noLocks init() {}

    /// The natural logarithm of the odds that it is a beat.
    ///
    /// A logistic regression over 16,000 complexes of the shared halves of the MIT-BIH Arrhythmia Database, LUDB and QTDB, and of the former with noise of
    /// NSTDB added; the terms bend where what they stand for stops to matter.
    var score: Float {
        @_noAllocation @_noLocks get { levelTerms + timeTerms + shapeTerms - 44.15087 }
    }

    private var levelTerms: Float {
        @_noAllocation @_noLocks get {
            let part = least(level, 1)
            var sum = 2.23666 * part - 1.85851 * least(level, 0.4) + 7.39387 * other + 2.21802 * mean
            sum += 0.68290 * least(slope, 1) + 9.88177 * least(slope, 0.4) + 3.00728 * least(slopeOfLast, 1)
            sum += -1.69380 * next + 2.26783 * agreement + 0.25587 * before - 2.04648 * after
            sum += -3.23954 * other * part
            sum += 1.90675 * least(level / (other + 0.03), 4) - 1.38277 * least((before + after) / (level + 0.05), 1.5)
            return sum - 9.34868 * least(size, 0.5263) + 59.49879 * least(size, 0.2105)
        }
    }

    private var timeTerms: Float {
        @_noAllocation @_noLocks get {
            var sum = 3.17447 * least(ratio, 1) - 3.02209 * least(ratio, 0.6) - 0.45483 * least(most(ratio, 1), 2.5)
            // Before 0.36 s a smooth complex is the T wave of the last beat (Pan and Tompkins, 1985).
            if since < 0.36 { sum += -3.37878 + 1.56309 * least(slopeOfLast, 1) }
            if since < 0.3 { sum += 0.05411 }
            if since > 0.36, since < 0.6 { sum += -1.20209 * least(slopeOfLast, 1) }
            return sum
        }
    }

    private var shapeTerms: Float {
        @_noAllocation @_noLocks get {
            let like = most(likeness, 0), known = most(knownLikeness, 0.8), weight = least(knownWeight, 8)
            var sum = 3.35685 * like + 4.10277 * most(likeness, 0.8)
            sum += -0.04973 * least(amplitude, 1) - 2.09178 * least((amplitude - 1).magnitude, 2)
            sum += -3.77454 * least(level, 1) * like - 4.67786 * mean * like
            sum += 3.51839 * most(knownLikeness, 0) - 5.62195 * known + 22.83300 * most(knownLikeness, 0.93)
            sum += 0.19819 * weight - 0.14656 * known * weight
            sum += -0.66306 * least(width, 200) / 100
            sum += 3.88404 * least(widening, 1) - 0.65103 * least(widening, 0.6) - 0.20297 * least(most(widening, 1), 2.5)
            return sum + 0.67956 * least(widening, 1) * most(usualLikeness, 0)
        }
    }
}
