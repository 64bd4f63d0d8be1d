// The shapes of the patient's beats: which are like most, and which are of another origin.
// Apart from the trace that they are cut from, because shapes live as long as the patient and the trace for seconds.

import PrecordiaSignal

/// How a beat looks beside the patient's usual ones.
struct BeatLook {
    /// Correlation with the usual shape, -1 to 1; 1 before there is one.
    var likeness: Float = 1
    /// Milliseconds from the beginning to the end of the depolarisation, as far as the trace's steps of 4 to 10 ms can tell.
    var width: Float = 0
    /// The usual shape's ``width``; 0 before there is one.
    var usualWidth: Float = 0
    /// Whether there is a usual shape, and leads enough to compare.
    var isCompared = false

    @_noAllocation @_noLocks init() {}
}

/// Up to four shapes, each the running mean of the beats that were like it.
///
/// A beat is cut from 100 ms before its place to 160 ms after it, without the mean of each lead, and compared over all leads at once at the
/// best of a few shifts. The usual shape is the most frequent one; where two are almost as frequent, as in bigeminy, the narrower.
/// - Memory: the caller's, ``requiredBytes(rate:)``. Cost: some 5000 multiplications a beat.
struct BeatShapes {
    private let span: Int
    private let before: Int
    private let shifts: Int
    private let milliseconds: Float
    /// The beat at hand, then the shapes: 12 leads of ``span`` values each.
    private let beat: UnsafeMutablePointer<Float>
    private var shapes = InlineArray<4, Shape>(repeating: Shape())
    /// The beat's sum of squares by lead.
    private var energies = InlineArray<12, Float>(repeating: 0)

    private struct Shape {
        var weight: Float = 0
        var width: Float = 0
        /// The leads that its beats had; those of others are compared in what both have.
        var leads: UInt16 = 0
    }

    private static func span(_ trace: Double) -> (before: Int, span: Int) { (Int(0.1 * trace + 0.5), Int(0.26 * trace + 0.5)) }

    static func requiredBytes(rate: Int) -> Int {
        let slotRate = Double(rate) / Double(BeatTrace.factor(rate))
        return 5 * 12 * span(slotRate).span * MemoryLayout<Float>.stride
    }

    init(slotRate: Double, memory: UnsafeMutableRawPointer) {
        (before, span) = Self.span(slotRate)
        shifts = Int(0.012 * slotRate + 0.5)
        milliseconds = Float(1000 / slotRate)
        beat = memory.bindMemory(to: Float.self, capacity: 60 * span)
        beat.initialize(repeating: 0, count: 60 * span)
    }

    @_noAllocation @_noLocks
    mutating func reset() { shapes = InlineArray(repeating: Shape()) }

    /// Slots that a beat's window ends after its place.
    var slotsAfter: Int64 { @_noAllocation @_noLocks get { Int64(span &- before) } }

    /// Compares the beat at `slot` with what was seen, and remembers it.
    @_noAllocation @_noLocks
    mutating func look(at slot: Int64, in trace: borrowing BeatTrace) -> BeatLook {
        var look = BeatLook()
        let first = slot &- Int64(before)
        let all = trace.leads(from: first, to: first &+ Int64(span))
        let measured = all & LeadSet.independent.rawValue
        let leads = measured == 0 ? all : measured
        guard leads != 0 else { return look }
        guard cut(first, leads, trace) > 0 else { return look }
        look.width = Float(width(leads)) * milliseconds

        let usual = usualShape()
        var best = -1
        var bestLikeness: Float = 0.9
        var bestShift = 0
        for index in 0..<4 where shapes[index].weight > 0 && shapes[index].leads & leads != 0 {
            let (likeness, shift) = compare(index, shapes[index].leads & leads)
            if index == usual {
                look.likeness = likeness
                look.usualWidth = shapes[index].width
                look.isCompared = true
            }
            if likeness > bestLikeness {
                best = index
                bestLikeness = likeness
                bestShift = shift
            }
        }
        remember(best, shift: bestShift, width: look.width, leads: leads)
        return look
    }

    private func means(of index: Int) -> UnsafeMutablePointer<Float> { beat + 12 &* span &* (index &+ 1) }

    /// Copies the beat lead by lead without its mean; the sum of squares is its energy.
    private mutating func cut(_ first: Int64, _ leads: UInt16, _ trace: borrowing BeatTrace) -> Float {
        let rows = trace.rows(from: first)
        for place in 0..<span {
            for lead in 0..<12 { beat[lead &* span &+ place] = rows[12 &* place &+ lead] }
        }
        var energy: Float = 0
        for lead in 0..<12 where leads & (1 &<< UInt16(lead)) != 0 {
            let values = beat + lead &* span
            var mean: Float = 0
            for place in 0..<span { mean += values[place] }
            mean /= Float(span)
            var own: Float = 0
            for place in 0..<span {
                values[place] -= mean
                own += values[place] * values[place]
            }
            energies[lead] = own
            energy += own
        }
        return energy
    }

    /// Slots from where the slope, over all leads, first reaches a fifth of its maximum to where it leaves it.
    private func width(_ leads: UInt16) -> Int {
        var peak: Float = 0
        var peakPlace = before
        for place in 1..<(span &- 1) {
            let slope = slope(place, leads)
            if slope > peak {
                peak = slope
                peakPlace = place
            }
        }
        let least = 0.2 * peak
        var onset = peakPlace
        var end = peakPlace
        var place = peakPlace
        while place > 1, onset &- place < 3 {
            place &-= 1
            if slope(place, leads) >= least { onset = place }
        }
        place = peakPlace
        while place < span &- 2, place &- end < 3 {
            place &+= 1
            if slope(place, leads) >= least { end = place }
        }
        return end &- onset &+ 1
    }

    private func slope(_ place: Int, _ leads: UInt16) -> Float {
        var sum: Float = 0
        for lead in 0..<12 where leads & (1 &<< UInt16(lead)) != 0 {
            let values = beat + (lead &* span &+ place)
            sum += (values[1] - values[-1]).magnitude
        }
        return sum
    }

    /// The correlation with a shape at the best shift.
    private func compare(_ index: Int, _ leads: UInt16) -> (likeness: Float, shift: Int) {
        let shape = means(of: index)
        var own: Float = 0
        var energy: Float = 0
        for lead in 0..<12 where leads & (1 &<< UInt16(lead)) != 0 {
            energy += energies[lead]
            for place in 0..<span { own += shape[lead &* span &+ place] * shape[lead &* span &+ place] }
        }
        guard own > 0, energy > 0 else { return (0, 0) }
        var best = -Float.greatestFiniteMagnitude
        var bestShift = 0
        for shift in -shifts...shifts {
            var sum: Float = 0
            for lead in 0..<12 where leads & (1 &<< UInt16(lead)) != 0 {
                let values = beat + (lead &* span &+ shift), means = shape + lead &* span
                for place in shifts..<(span &- shifts) { sum += values[place] * means[place] }
            }
            if sum > best {
                best = sum
                bestShift = shift
            }
        }
        return (best / Float(Arithmetic.squareRoot(Double(own) * Double(energy))), bestShift)
    }

    /// The shape that most beats have; -1 before three beats had one.
    private func usualShape() -> Int {
        var most = -1
        for index in 0..<4 where shapes[index].weight >= 3 && (most < 0 || shapes[index].weight > shapes[most].weight) { most = index }
        guard most >= 0 else { return -1 }
        var usual = most
        for index in 0..<4 where shapes[index].weight >= 0.35 * shapes[most].weight && shapes[index].weight >= 3 {
            if shapes[index].width < 0.8 * shapes[usual].width { usual = index }
        }
        return usual
    }

    /// Takes the beat into its shape, or makes it the first of a new one in the place of the rarest.
    private mutating func remember(_ match: Int, shift: Int, width: Float, leads: UInt16) {
        for index in 0..<4 { shapes[index].weight *= 0.98 }
        var index = match
        if index < 0 {
            index = 0
            for other in 1..<4 where shapes[other].weight < shapes[index].weight { index = other }
            shapes[index] = Shape(weight: 1, width: width, leads: leads)
            let means = means(of: index)
            for place in 0..<(12 &* span) { means[place] = beat[place] }
            return
        }
        shapes[index].weight += 1
        shapes[index].width += 0.125 * (width - shapes[index].width)
        let means = means(of: index)
        let joining = leads & ~shapes[index].leads
        shapes[index].leads |= leads
        for lead in 0..<12 where leads & (1 &<< UInt16(lead)) != 0 {
            if joining & (1 &<< UInt16(lead)) != 0 {
                for place in 0..<span { means[lead &* span &+ place] = beat[lead &* span &+ place] }
                continue
            }
            for place in shifts..<(span &- shifts) {
                let at = lead &* span &+ place
                means[at] += 0.125 * (beat[at &+ shift] - means[at])
            }
        }
    }
}
