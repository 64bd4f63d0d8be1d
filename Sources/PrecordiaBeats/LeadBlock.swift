// A second of one lead in a dozen figures, from which longer looks are put together.
// Sums, so that seconds with a hole or an artefact can be left out of a look without losing the others.

import PrecordiaSignal

/// What a second of a lead's rows comes to; rates of 50 to 67 rows a second. Levels in microvolts.
struct LeadBlock {
    /// The part of its rows that were heard, 0 to 1.
    var heard: Float = 0
    var count: Float = 0
    /// Sums of magnitude, square and fourth power without the mean over 0.7 s.
    var magnitude: Float = 0
    var square: Float = 0
    /// Sums of the steps from row to row, and of their squares.
    var steps: Float = 0
    var stepSquares: Float = 0
    /// Sums of the second difference over 2 rows either side, squared and to the fourth: QRS complexes and noise, no wander and little of T waves.
    var bends: Float = 0
    var bendFourths: Float = 0
    /// The part of the rows within a fifth of the largest.
    var quiet: Float = 1
    /// What remains beside an oscillation of the block's own frequency, and of how much (the VF filter: Kuo and Dillman, 1978).
    var rest: Float = 0
    var whole: Float = 0
    /// The largest magnitude, and the largest second difference.
    var peak: Float = 0
    var bend: Float = 0

    @_noAllocation @_noLocks init() {}

    /// The figures of `count` rows of `values`, which has `reach` more before and after them.
    @_noAllocation @_noLocks
    init(_ values: UnsafePointer<Float>, count: Int, reach: Int, line: UnsafeMutablePointer<Float>) {
        self.count = Float(count)
        measure(values, count: count, reach: reach, line: line)
        guard steps > 0, peak > 0 else { return }
        // A sine's mean step is 4 f times its largest value, and that pi / 2 times its mean magnitude.
        let wanted = 3.1415927 * magnitude / steps + 0.5
        let most = count / 2 &- 1
        let half = wanted < Float(most) ? (wanted < 1 ? 1 : Int(wanted)) : most
        for place in 0..<(count &- half) {
            rest += (line[place] + line[place &+ half]).magnitude
            whole += line[place].magnitude + line[place &+ half].magnitude
        }
        var near = 0
        let limit = 0.2 * peak
        for place in 0..<count where line[place].magnitude < limit { near &+= 1 }
        quiet = Float(near) / Float(count)
    }

    private mutating func measure(_ values: UnsafePointer<Float>, count: Int, reach: Int, line: UnsafeMutablePointer<Float>) {
        var magnitude: Float = 0, square: Float = 0, peak: Float = 0, steps: Float = 0, stepSquares: Float = 0
        var mean = 0.0
        for place in 0...(2 &* reach) { mean += Double(values[place]) }
        let part = 1 / Double(2 &* reach &+ 1)
        var before: Float = 0
        for place in 0..<count {
            let at = place &+ reach
            let value = values[at] - Float(mean * part)
            if place &+ 1 < count { mean += Double(values[place &+ 2 &* reach &+ 1]) - Double(values[place]) }
            line[place] = value
            magnitude += value.magnitude
            square += value * value
            if value.magnitude > peak { peak = value.magnitude }
            if place > 0 {
                let step = (value - before).magnitude
                steps += step
                stepSquares += step * step
            }
            before = value
        }
        (self.magnitude, self.square, self.peak, self.steps, self.stepSquares) = (magnitude, square, peak, steps, stepSquares)
        addBends(values + reach, count: count)
    }

    /// The second differences: two sums side by side of even and odd rows, in the same order on every processor.
    private mutating func addBends(_ values: UnsafePointer<Float>, count: Int) {
        var even: Float = 0, odd: Float = 0, evenFourths: Float = 0, oddFourths: Float = 0, largest: Float = 0
        for place in 0..<count {
            let bent = 2 * values[place] - values[place &- 2] - values[place &+ 2]
            let square = bent * bent
            if square > largest { largest = square }
            if place & 1 == 0 {
                even += square
                evenFourths += square * square
            } else {
                odd += square
                oddFourths += square * square
            }
        }
        bends = even + odd
        bendFourths = evenFourths + oddFourths
        bend = Float(Arithmetic.squareRoot(Double(largest)))
    }

    /// Adds another block's sums.
    @_noAllocation @_noLocks
    mutating func add(_ other: LeadBlock) {
        heard += other.heard
        count += other.count
        magnitude += other.magnitude
        square += other.square
        steps += other.steps
        stepSquares += other.stepSquares
        bends += other.bends
        bendFourths += other.bendFourths
        quiet += other.quiet
        rest += other.rest
        whole += other.whole
    }
}

/// Whether some seconds of a lead oscillate as fibrillating, fluttering or fast ventricles do.
struct LeadLook {
    /// Mean magnitude, microvolts.
    var size: Float = 0
    /// Logarithm of the odds that it oscillates; below 0 for anything that beats.
    var odds: Float = 0
    /// Oscillations a second.
    var frequency: Float = 0
    /// Whether it shows neither: as sharp as noise, and no complex stands out.
    var isNoise = false
    /// Whether QRS complexes stand out of it.
    var beats = false
    /// How sharp: the second difference's square beside the signal's.
    var sharpness: Float = 0
    /// How far complexes stand out: the second difference's kurtosis, 3 for noise.
    var prominence: Float = 0

    @_noAllocation @_noLocks init() {}

    /// The look at the sum of `blocks` blocks.
    @_noAllocation @_noLocks
    init(_ sum: LeadBlock, blocks: Float, rowRate: Float, _ limits: RhythmLimits) {
        guard sum.count > 0, sum.steps > 0, sum.square > 0, sum.bends > 0, sum.whole > 0 else { return }
        size = sum.magnitude / sum.count
        frequency = rowRate * sum.steps / (6.2831855 * sum.magnitude)
        sharpness = sum.bends / sum.square
        prominence = sum.count * sum.bendFourths / (sum.bends * sum.bends)
        let evenness = sum.steps * sum.steps / (sum.count * sum.stepSquares)
        odds =
            limits.oscillationOdds - limits.quietWeight * sum.quiet / blocks - limits.leakageWeight * sum.rest / sum.whole
            + limits.evennessWeight * evenness + limits.prominenceWeight / (prominence < 1 ? 1 : prominence)
            - limits.sharpnessWeight * sharpness / (1 + sharpness)
        beats = prominence > limits.beatProminence
        // A second difference over more milliseconds is larger for the same oscillation: by the fourth power. Noise has 6 at any rate.
        let longer = rowRate < 60 ? 62.5 / rowRate : 1
        let most = limits.noiseSharpness * longer * longer * longer * longer
        isNoise = prominence < limits.noiseProminence && sharpness > (most < 4.4 ? most : 4.4)
    }
}
