// The median beat of a group, lead by lead: what is measured. Each beat is laid on the level before its QRS complex first.
// Apart from the groups, because it is made twice: once to find where the QRS complex begins, then about that level.

import PrecordiaSignal

/// The median of the beats of a group over 400 ms before their place to 930 ms after it.
///
/// Each beat is taken less a straight line from its own level before the QRS complex to the next beat's, so that wander is gone and ST is not touched.
/// - Memory: the caller's, ``requiredBytes(stepRate:)``.
struct MedianBeat {
    /// Milliseconds before and after the place.
    static var before: Float { @_noAllocation @_noLocks get { 400 } }
    static var after: Float { @_noAllocation @_noLocks get { 930 } }
    /// The most beats that a median is made of, the newest ones.
    static var most: Int { @_noAllocation @_noLocks get { 32 } }

    /// Steps of the beat, and the step of its place.
    let span: Int
    let origin: Int
    let stepRate: Float
    /// By lead, ``span`` values in microvolts each; 0 where no beat had the lead.
    let values: UnsafeMutablePointer<Float>
    /// Beats by lead, and leads that had any.
    private(set) var counts = InlineArray<12, Int>(repeating: 0)
    private(set) var leads: UInt16 = 0
    /// By lead, the root mean square of what the beats differ from their median, microvolts.
    private(set) var noise = InlineArray<12, Float>(repeating: 0)
    /// The beats of one lead.
    private let rows: UnsafeMutablePointer<Float>
    /// A column in order, and where each row was recorded: its first place and the one behind its last.
    private let sorted: UnsafeMutablePointer<Float>
    private let first: UnsafeMutablePointer<Int32>
    private let last: UnsafeMutablePointer<Int32>

    private static func span(_ stepRate: Float) -> (origin: Int, span: Int) {
        let origin = Int(before * stepRate / 1000)
        return (origin, origin + Int(after * stepRate / 1000))
    }

    static func requiredBytes(stepRate: Float) -> Int { MemoryLayout<Float>.stride * ((12 + most) * span(stepRate).span + 3 * most) }

    init(stepRate: Float, memory: UnsafeMutableRawPointer) {
        (origin, span) = Self.span(stepRate)
        self.stepRate = stepRate
        values = memory.bindMemory(to: Float.self, capacity: (12 + Self.most) * span + Self.most)
        values.initialize(repeating: 0, count: (12 + Self.most) * span)
        rows = values + 12 * span
        sorted = rows + Self.most * span
        sorted.initialize(repeating: 0, count: Self.most)
        first = UnsafeMutableRawPointer(sorted + Self.most).bindMemory(to: Int32.self, capacity: 2 * Self.most)
        first.initialize(repeating: 0, count: 2 * Self.most)
        last = first + Self.most
    }

    @_noAllocation @_noLocks
    func steps(_ milliseconds: Float) -> Int { Int(milliseconds * stepRate / 1000 + 0.5) }

    /// The mean of a group's beats as they are: its slopes are those of the median, and no level is needed.
    @_noAllocation @_noLocks
    mutating func makeMean(_ group: Int, of groups: BeatGroups, steps: MeasureSteps) {
        for lead in 0..<12 {
            let line = values + lead &* span
            for place in 0..<span { line[place] = 0 }
            var number = 0
            for index in 0..<groups.count where takes(groups.beats[index], group, lead) {
                steps.copy(lead, from: groups.beats[index].aligned - Int64(origin), count: span, into: rows)
                for place in 0..<span { line[place] += rows[place] }
                number &+= 1
            }
            counts[lead] = number
            if number > 0 {
                let part = 1 / Float(number)
                for place in 0..<span { line[place] *= part }
            }
        }
        countLeads()
    }

    private mutating func countLeads() {
        leads = 0
        for lead in 0..<12 where counts[lead] > 0 { leads |= 1 &<< UInt16(truncatingIfNeeded: lead) }
    }

    private func takes(_ beat: MeasuredPlace, _ group: Int, _ lead: Int) -> Bool {
        Int(beat.group) == group && beat.leads & (1 &<< UInt16(truncatingIfNeeded: lead)) != 0
    }

    /// Makes the median. `level` is the step, relative to the place, about which the level before the QRS complex lies.
    @_noAllocation @_noLocks
    mutating func make(_ group: Int, of groups: BeatGroups, steps: MeasureSteps, level: Int) {
        for lead in 0..<12 {
            var number = 0
            var index = groups.count - 1
            while index >= 0, number < Self.most {
                if takes(groups.beats[index], group, lead) {
                    lay(lead, index, of: groups, steps: steps, level: level, into: number)
                    number &+= 1
                }
                index &-= 1
            }
            counts[lead] = number
            noise[lead] = number > 0 ? median(of: number, into: values + lead &* span) : 0
            if number == 0 { for place in 0..<span { values[lead &* span &+ place] = 0 } }
        }
        countLeads()
    }

    /// One beat of one lead, less the line between levels, into a row.
    private mutating func lay(_ lead: Int, _ index: Int, of groups: BeatGroups, steps: MeasureSteps, level: Int, into number: Int) {
        let beat = groups.beats[index]
        let row = rows + number &* span
        let start = beat.aligned - Int64(origin)
        steps.copy(lead, from: start, count: span, into: row)
        first[number] = start < steps.oldest ? Int32(truncatingIfNeeded: steps.oldest - start) : 0
        last[number] = Int32(truncatingIfNeeded: start + Int64(span) > steps.count ? steps.count - start : Int64(span))
        let own = self.level(lead, beat.aligned + Int64(level), steps)
        var slope: Float = 0
        if index &+ 1 < groups.count {
            let distance = groups.beats[index &+ 1].found - beat.found
            if Float(distance) > 0.25 * stepRate, Float(distance) < 3 * stepRate, beat.aligned + distance + Int64(level) < steps.count {
                slope = (self.level(lead, beat.aligned + distance + Int64(level), steps) - own) / Float(distance)
            }
        }
        let zero = origin &+ level
        for place in 0..<span { row[place] -= own + slope * Float(place &- zero) }
    }

    /// The mean of some 20 ms about a step.
    private func level(_ lead: Int, _ step: Int64, _ steps: MeasureSteps) -> Float {
        let reach = steps.steps(8) > 1 ? steps.steps(8) : 1
        let line = steps.values + lead &* steps.capacity
        var sum: Float = 0
        for shift in -reach...reach {
            var at = step + Int64(shift)
            if at < steps.oldest { at = steps.oldest }
            if at >= steps.count { at = steps.count - 1 }
            sum += line[steps.place(at)]
        }
        return sum / Float(2 &* reach &+ 1)
    }

    /// The median of `number` rows, each where it was recorded; gives the root mean square of what they differ from it.
    private func median(of number: Int, into line: UnsafeMutablePointer<Float>) -> Float {
        var squares: Float = 0
        var many = 0
        for place in 0..<span {
            var kept = 0
            for index in 0..<number where place >= Int(first[index]) && place < Int(last[index]) {
                let value = rows[index &* span &+ place]
                var at = kept
                while at > 0, sorted[at &- 1] > value {
                    sorted[at] = sorted[at &- 1]
                    at &-= 1
                }
                sorted[at] = value
                kept &+= 1
            }
            guard kept > 0 else {
                line[place] = 0
                continue
            }
            let middle = kept & 1 == 1 ? sorted[kept &>> 1] : 0.5 * (sorted[kept &>> 1 &- 1] + sorted[kept &>> 1])
            line[place] = middle
            for index in 0..<kept { squares += (sorted[index] - middle) * (sorted[index] - middle) }
            many &+= kept
        }
        return many > 0 ? Float(Arithmetic.squareRoot(Double(squares / Float(many)))) : 0
    }

    /// How like each other the beats are between two steps relative to the place, over all leads: the median over beats of the correlation of a beat with
    /// the mean of the others, each less its chord and as a part of `scales`. Nil with fewer than two beats.
    @_noAllocation @_noLocks
    func likeness(
        _ group: Int, of groups: BeatGroups, steps: MeasureSteps, from: Int, to: Int, scales: InlineArray<12, Float>
    ) -> Float? {
        let width = to &- from
        guard width > 4, 12 &* width &* 2 <= Self.most &* span else { return nil }
        let total = rows
        let one = rows + 12 &* width
        for place in 0..<(12 &* width) { total[place] = 0 }
        var number = 0
        for index in 0..<groups.count where Int(groups.beats[index].group) == group {
            cut(groups.beats[index], steps, from, width, scales, one)
            for place in 0..<(12 &* width) { total[place] += one[place] }
            number &+= 1
        }
        guard number > 1 else { return nil }
        var sorted = InlineArray<48, Float>(repeating: 0)
        var kept = 0
        for index in 0..<groups.count where Int(groups.beats[index].group) == group {
            cut(groups.beats[index], steps, from, width, scales, one)
            var both: Float = 0
            var own: Float = 0
            var its: Float = 0
            for place in 0..<(12 &* width) {
                let rest = total[place] - one[place]
                both += one[place] * rest
                own += one[place] * one[place]
                its += rest * rest
            }
            let value = own > 0 && its > 0 ? both / Float(Arithmetic.squareRoot(Double(own) * Double(its))) : 0
            var at = kept
            while at > 0, sorted[at &- 1] > value {
                sorted[at] = sorted[at &- 1]
                at &-= 1
            }
            sorted[at] = value
            kept &+= 1
        }
        return sorted[kept &>> 1]
    }

    private func cut(
        _ beat: MeasuredPlace, _ steps: MeasureSteps, _ from: Int, _ width: Int, _ scales: InlineArray<12, Float>,
        _ out: UnsafeMutablePointer<Float>
    ) {
        for lead in 0..<12 {
            let line = out + lead &* width
            guard scales[lead] > 0, beat.leads & (1 &<< UInt16(truncatingIfNeeded: lead)) != 0 else {
                for place in 0..<width { line[place] = 0 }
                continue
            }
            steps.copy(lead, from: beat.aligned + Int64(from), count: width, into: line)
            let begin = line[0]
            let slope = (line[width &- 1] - begin) / Float(width &- 1)
            for place in 0..<width { line[place] = (line[place] - begin - slope * Float(place)) / scales[lead] }
        }
    }
}
