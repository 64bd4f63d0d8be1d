// The median beat of a group, lead by lead: what is measured. Each beat is laid on the level before its QRS complex first.
// Apart from the groups, because it is made twice: once to find where the QRS complex begins, then about that level.

import CPrecordiaKernels
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
    static var most: Int { @_noAllocation @_noLocks get { Int(PRECORDIA_MEDIAN_ROWS) } }

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
    /// The beats of one lead, the newest first, each with room for what is read behind it.
    private let rows: UnsafeMutablePointer<Float>
    private let stride: Int
    private let kernel: OpaquePointer
    /// Where each row was recorded: its first place and the one behind its last.
    private let first: UnsafeMutablePointer<Int32>
    private let last: UnsafeMutablePointer<Int32>

    private static func span(_ stepRate: Float) -> (origin: Int, span: Int) {
        let origin = Int(before * stepRate / 1000)
        return (origin, origin + Int(after * stepRate / 1000))
    }

    private static func values(_ stepRate: Float) -> (lines: Int, stride: Int) {
        let span = span(stepRate).span
        return (12 * span, (span + 7) / 8 * 8)
    }

    static func requiredBytes(stepRate: Float) -> Int {
        let values = values(stepRate)
        return MemoryLayout<Float>.stride * (values.lines + most * values.stride + Int(PRECORDIA_MEASURING_BEHIND) + 2 * most)
    }

    init(stepRate: Float, kernel: OpaquePointer, memory: UnsafeMutableRawPointer) {
        (origin, span) = Self.span(stepRate)
        self.stepRate = stepRate
        self.kernel = kernel
        let (lines, stride) = Self.values(stepRate)
        self.stride = stride
        let floats = lines + Self.most * stride + Int(PRECORDIA_MEASURING_BEHIND)
        values = memory.bindMemory(to: Float.self, capacity: floats)
        values.initialize(repeating: 0, count: floats)
        rows = values + lines
        first = UnsafeMutableRawPointer(values + floats).bindMemory(to: Int32.self, capacity: 2 * Self.most)
        first.initialize(repeating: 0, count: 2 * Self.most)
        last = first + Self.most
    }

    /// Memory that is free between two medians.
    var free: (memory: UnsafeMutablePointer<Float>, capacity: Int) { @_noAllocation @_noLocks get { (rows, Self.most &* stride) } }

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
                steps.add(lead, from: groups.beats[index].aligned - Int64(origin), count: span, by: kernel, to: line)
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

    /// Makes the median. `level` is the step, relative to the place, about which the level before the QRS complex lies. Of `parts` parts of the
    /// group's beats, each of which has every so-manieth of them, one is taken.
    @_noAllocation @_noLocks
    mutating func make(_ group: Int, of groups: BeatGroups, steps: MeasureSteps, level: Int, part: Int = 0, of parts: Int = 1) {
        for lead in 0..<12 {
            var number = 0
            var member = 0
            var index = groups.count - 1
            while index >= 0, number < Self.most {
                if Int(groups.beats[index].group) == group { member &+= 1 }
                if takes(groups.beats[index], group, lead), member % parts == part {
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
        let own = self.level(lead, beat.aligned + Int64(level), steps)
        var slope: Float = 0
        if index &+ 1 < groups.count {
            let distance = groups.beats[index &+ 1].found - beat.found
            if Float(distance) > 0.25 * stepRate, Float(distance) < 3 * stepRate, beat.aligned + distance + Int64(level) < steps.count {
                slope = (self.level(lead, beat.aligned + distance + Int64(level), steps) - own) / Float(distance)
            }
        }
        let kept = steps.lay(
            lead, from: beat.aligned - Int64(origin), count: span, level: own, slope: slope, zero: origin &+ level, by: kernel,
            into: rows + number &* stride)
        first[number] = Int32(truncatingIfNeeded: kept.first)
        last[number] = Int32(truncatingIfNeeded: kept.end)
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
    ///
    /// Beats end in their order, so that at each place the rows of a stretch of them are there.
    private func median(of number: Int, into line: UnsafeMutablePointer<Float>) -> Float {
        var squares: Float = 0
        var many = 0
        var place = 0
        var (newest, oldest) = (0, 0)
        while place < span {
            while newest < number, Int(last[newest]) <= place { newest &+= 1 }
            while oldest < number, Int(first[oldest]) <= place { oldest &+= 1 }
            var end = span
            if newest < number { end = min(end, Int(last[newest])) }
            if oldest < number { end = min(end, Int(first[oldest])) }
            let there = oldest &- newest
            if there > 0 {
                squares += precordia_median(
                    kernel, rows + (newest &* stride &+ place), stride, Int32(truncatingIfNeeded: there), end &- place, line + place)
                many &+= there &* (end &- place)
            } else {
                for empty in place..<end { line[empty] = 0 }
            }
            place = end
        }
        return many > 0 ? Float(Arithmetic.squareRoot(Double(squares / Float(many)))) : 0
    }

    /// How like each other the beats are between two steps relative to the place, over all leads: the median over beats of the correlation of a beat with
    /// the mean of the others, each less its chord and as a part of `scales`. Of the newest beats that memory holds. Nil with fewer than two.
    @_noAllocation @_noLocks
    func likeness(
        _ group: Int, of groups: BeatGroups, steps: MeasureSteps, from: Int, to: Int, scales: InlineArray<12, Float>
    ) -> Float? {
        let width = to &- from
        guard width > 4, 12 &* width &* 3 <= Self.most &* stride else { return nil }
        let size = 12 &* width
        let room = min(Self.most, Self.most &* stride / size - 1)
        let total = rows
        for place in 0..<size { total[place] = 0 }
        var number = 0
        var index = groups.count - 1
        while index >= 0, number < room {
            if Int(groups.beats[index].group) == group {
                number &+= 1
                cut(groups.beats[index], steps, from, width, scales, rows + number &* size)
                precordia_add(kernel, rows + number &* size, size, total)
            }
            index &-= 1
        }
        guard number > 1 else { return nil }
        var sorted = InlineArray<32, Float>(repeating: 0)
        var kept = 0
        while kept < number {
            let value = correlation(rows + (kept &+ 1) &* size, total, size)
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

    /// The correlation of one beat with the sum of all less this one.
    private func correlation(_ one: UnsafePointer<Float>, _ total: UnsafePointer<Float>, _ size: Int) -> Float {
        var sums = InlineArray<3, Float>(repeating: 0)
        var span = sums.mutableSpan
        span.withUnsafeMutableBufferPointer { precordia_alike(kernel, one, total, size, $0.baseAddress!) }
        guard sums[1] > 0, sums[2] > 0 else { return 0 }
        return sums[0] / Float(Arithmetic.squareRoot(Double(sums[1]) * Double(sums[2])))
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
            let part = 1 / scales[lead]
            for place in 0..<width { line[place] = (line[place] - begin - slope * Float(place)) * part }
        }
    }
}
