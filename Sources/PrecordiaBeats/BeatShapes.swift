// The shapes of the patient's beats: which are like most, and which are of another origin.
// Apart from the detector, because shapes live as long as the patient, and its levels as long as a lead is good.

import PrecordiaSignal

/// How a complex looks beside the patient's usual beats.
struct BeatLook {
    /// Correlation with the usual shape, -1 to 1; 1 before there is one.
    var likeness: Float = 1
    /// Milliseconds from the beginning to the end of the depolarisation, as far as steps of 4 to 10 ms can tell.
    var width: Float = 0
    /// The usual shape's ``width``; 0 before there is one.
    var usualWidth: Float = 0
    /// Whether there is a usual shape, and leads enough to compare.
    var isCompared = false
    /// Whether shape and time are those of a ventricular beat.
    var isVentricular = false
    /// The natural logarithm of the odds that it is a beat at all (``BeatEvidence/score``).
    var score: Float = 0

    @_noAllocation @_noLocks init() {}
}

/// Up to six shapes, each the running mean of the beats that were like it.
///
/// A complex is cut from 120 ms before its place to 180 ms after it; each lead without its mean, scaled by what its beats reach and weighed by what the lead
/// is worth now, so that a wild lead has no say. It is compared over all leads at once, at the best of five shifts.
/// - Memory: the caller's, ``requiredBytes(slotRate:)``, at most 29 KiB. Cost: some 10,000 multiplications a complex.
struct BeatShapes {
    let span: Int
    let before: Int
    private let reach: Int
    private let milliseconds: Float
    /// The complex at hand, the one that waits to be recalled, then the shapes: 12 leads of ``span`` values each.
    private let complex: UnsafeMutablePointer<Float>
    private(set) var shapes = InlineArray<6, Shape>(repeating: Shape())
    /// The weights by which the complex at hand was scaled, 0 for leads without a voice.
    private var voices = InlineArray<12, Float>(repeating: 0)
    /// How unlike each other the usual beats are: the mean of 1 less their correlation.
    private(set) var spread: Float = 0.05

    struct Shape {
        /// Beats that had it, each worth less the longer ago.
        var weight: Float = 0
        /// Beats that had it, up to 1000; 0 for a free place.
        var count = 0
        var width: Float = 0
        /// How early its beats come, as a part of the usual interval, and how like the usual ones they are.
        var timing: Float = 1
        var usualLikeness: Float = 1

        @_noAllocation @_noLocks init() {}
    }

    static var count: Int { @_noAllocation @_noLocks get { 6 } }

    private static func span(_ rate: Double) -> (before: Int, span: Int) { (Int(0.12 * rate + 0.5), Int(0.3 * rate + 0.5)) }

    static func requiredBytes(slotRate: Double) -> Int { (count + 2) * 12 * span(slotRate).span * MemoryLayout<Float>.stride }

    init(slotRate: Double, memory: UnsafeMutableRawPointer) {
        (before, span) = Self.span(slotRate)
        reach = Int(0.011 * slotRate + 0.5) > 1 ? Int(0.011 * slotRate + 0.5) : 1
        milliseconds = Float(1000 / slotRate)
        complex = memory.bindMemory(to: Float.self, capacity: (Self.count + 2) * 12 * span)
        complex.initialize(repeating: 0, count: (Self.count + 2) * 12 * span)
    }

    @_noAllocation @_noLocks
    mutating func reset() {
        shapes = InlineArray(repeating: Shape())
        spread = 0.05
    }

    private func means(of index: Int) -> UnsafeMutablePointer<Float> { complex + 12 &* span &* (index &+ 2) }

    /// Keeps the complex at hand, to be recalled; and takes the kept one in hand.
    @_noAllocation @_noLocks
    func keep() { for place in 0..<(12 &* span) { complex[12 &* span &+ place] = complex[place] } }
    @_noAllocation @_noLocks
    func recall() { for place in 0..<(12 &* span) { complex[place] = complex[12 &* span &+ place] } }

    /// Takes one lead of the complex at hand: ``span`` values, `stride` apart, in a ring of `capacity`; `voice` scales and weighs them.
    @_noAllocation @_noLocks
    mutating func cut(_ lead: Int, from ring: UnsafePointer<Float>, first: Int, capacity: Int, voice: Float) {
        voices[lead] = voice
        let line = complex + lead &* span
        var mean: Float = 0
        var at = first
        for place in 0..<span {
            line[place] = ring[12 &* at &+ lead] * voice
            mean += line[place]
            at = at &+ 1 == capacity ? 0 : at &+ 1
        }
        mean /= Float(span)
        for place in 0..<span { line[place] -= mean }
    }

    /// The complex at hand, all leads in one: how high it is at its highest.
    var height: Float {
        @_noAllocation @_noLocks get {
            var highest: Float = 0
            for place in 0..<span {
                var sum: Float = 0
                for lead in 0..<12 where voices[lead] > 0 { sum += complex[lead &* span &+ place] * complex[lead &* span &+ place] }
                if sum > highest { highest = sum }
            }
            return Float(Arithmetic.squareRoot(Double(highest)))
        }
    }

    /// Milliseconds from where the slope, over all leads, first reaches a fifth of its maximum to where it leaves it.
    var width: Float {
        @_noAllocation @_noLocks get {
            var peak: Float = 0
            var peakPlace = before
            for place in 2..<(span &- 2) {
                let slope = slope(place)
                if slope > peak {
                    peak = slope
                    peakPlace = place
                }
            }
            let gap = Int(24 / milliseconds + 0.5) > 2 ? Int(24 / milliseconds + 0.5) : 2
            var onset = peakPlace
            var place = peakPlace
            while place > 1, onset &- place < gap {
                place &-= 1
                if slope(place) >= 0.2 * peak { onset = place }
            }
            var end = peakPlace
            place = peakPlace
            while place < span &- 2, place &- end < gap {
                place &+= 1
                if slope(place) >= 0.2 * peak { end = place }
            }
            return Float(end &- onset &+ 1) * milliseconds
        }
    }

    private func slope(_ place: Int) -> Float {
        guard place >= reach, place < span &- reach else { return 0 }
        var sum: Float = 0
        for lead in 0..<12 where voices[lead] > 0 {
            let line = complex + (lead &* span &+ place)
            sum += (line[reach] - line[-reach]).magnitude
        }
        return sum
    }

    /// The correlation of the complex at hand with a shape at the best shift, -2 if there is nothing to compare, and how large it is beside that.
    @_noAllocation @_noLocks
    func compare(_ index: Int) -> (likeness: Float, amplitude: Float) {
        let shape = means(of: index)
        var best: Float = -2
        var amplitude: Float = 0
        for shift in -2...2 {
            var likeness = Likeness()
            for lead in 0..<12 where voices[lead] > 0 {
                let line = lead &* span &+ 2
                likeness.add(complex + (line &+ shift), shape + line, count: span &- 4)
            }
            guard likeness.isKnown, likeness.correlation > best else { continue }
            best = likeness.correlation
            amplitude = likeness.amplitude
        }
        return (best, amplitude)
    }

    /// The shape that most beats had lately; -1 before there is one.
    var dominant: Int {
        @_noAllocation @_noLocks get {
            var most = -1
            for index in 0..<Self.count where shapes[index].count > 0 && (most < 0 || shapes[index].weight > shapes[most].weight) {
                most = index
            }
            return most
        }
    }

    /// The usual shape: the dominant one, or one that is almost as frequent and narrower, as in bigeminy; -1 before there is one.
    var usual: Int {
        @_noAllocation @_noLocks get {
            let most = dominant
            guard most >= 0 else { return -1 }
            var usual = most
            for index in 0..<Self.count where shapes[index].count >= 4 && shapes[index].weight >= 0.3 * shapes[most].weight {
                if shapes[index].width < 0.8 * shapes[usual].width { usual = index }
            }
            return usual
        }
    }

    /// Takes the complex at hand, a beat, into the shape `match` if it is like that, or makes it the first of a new one in the place of the rarest.
    ///
    /// - Returns: its shape; -1 if it was neither like one nor may begin one.
    @_noAllocation @_noLocks
    mutating func remember(_ match: Int, likeness: Float, width: Float, mayBegin: Bool) -> Int {
        for index in 0..<Self.count { shapes[index].weight *= 0.985 }
        if match >= 0, likeness > 0.85 {
            shapes[match].weight += 1
            if shapes[match].count < 1000 { shapes[match].count &+= 1 }
            let count = shapes[match].count
            shapes[match].width += (count < 7 ? 1 / Float(count) : 0.15) * (width - shapes[match].width)
            let mean = means(of: match)
            for place in 0..<(12 &* span) { mean[place] += 0.12 * (complex[place] - mean[place]) }
            return match
        }
        guard mayBegin else { return -1 }
        var index = 0
        for other in 1..<Self.count where shapes[other].weight < shapes[index].weight { index = other }
        shapes[index] = Shape()
        shapes[index].weight = 1
        shapes[index].count = 1
        shapes[index].width = width
        let mean = means(of: index)
        for place in 0..<(12 &* span) { mean[place] = complex[place] }
        return index
    }

    /// Learns how early a shape's beats come and how like the usual ones they are.
    @_noAllocation @_noLocks
    mutating func learn(_ index: Int, timing: Float, usualLikeness: Float, isUsual: Bool) {
        if index >= 0 {
            let count = shapes[index].count
            shapes[index].timing += (count < 9 ? 1 / Float(count) : 0.12) * (timing - shapes[index].timing)
            shapes[index].usualLikeness += (count <= 2 ? 1 : 0.2) * (usualLikeness - shapes[index].usualLikeness)
        }
        if isUsual { spread += 0.06 * (least(1 - usualLikeness, 0.3) - spread) }
    }
}
