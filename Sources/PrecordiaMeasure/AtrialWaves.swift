// P waves between the beats: those that no QRS complex follows. Apart from the marks, which are of beats alone.

import CPrecordiaKernels
import PrecordiaSignal

/// Looks for a group's P wave between its beats, by the slopes of all leads together.
///
/// From the end of T to where the next beat's own P wave begins each place is compared with the mean of the P waves: likeness of at least 0.8, and half to
/// twice as large. A wave hidden in T or QRS is not found, nor one of another shape.
struct AtrialWaves {
    /// Waves that no QRS complex follows, and the intervals from one measured beat to the next that were searched, in steps.
    private(set) var blocked = 0
    /// Those of them that come before 0.85 of the usual interval: atrial premature beats that are not conducted.
    private(set) var early = 0
    private(set) var intervals = 0
    private(set) var steps: Int64 = 0

    /// Likeness and relative size of a wave that counts.
    private static var alike: Float { 0.8 }
    private static var smallest: Float { 0.5 }
    private static var largest: Float { 2 }

    /// - Parameters:
    ///   - window: the beats' own P wave, from step to step relative to the place.
    ///   - tEnd: the end of T relative to the place, steps.
    ///   - memory: at least `capacity` values.
    @_noAllocation @_noLocks
    init(
        group: Int, of groups: BeatGroups, steps: MeasureSteps, window: (from: Int, to: Int), tEnd: Int, scales: InlineArray<12, Float>,
        kernel: OpaquePointer, memory: UnsafeMutablePointer<Float>, capacity: Int
    ) {
        let stride = Self.stride(steps)
        let width = (window.to &- window.from) / stride
        guard width > 4, 16 &* width &+ 128 < capacity else { return }
        let mean = memory
        for place in 0..<(12 &* width) { mean[place] = 0 }
        let row = memory + 12 &* width
        let room = capacity &- 12 &* width
        var number = 0
        for index in 0..<groups.count where Int(groups.beats[index].group) == group {
            let first = groups.beats[index].aligned + Int64(window.from)
            guard first > steps.oldest else { continue }
            for lead in 0..<12 where scales[lead] > 0 {
                Self.slopes(steps, lead, first, width, 1 / scales[lead], row)
                precordia_add(kernel, row, width, mean + lead &* width)
            }
            number &+= 1
        }
        guard number > 1 else { return }
        for place in 0..<(12 &* width) { mean[place] /= Float(number) }
        let size = Self.energy(mean, 12 &* width, kernel)
        guard size > 0 else { return }
        for index in 1..<groups.count {
            let (last, beat) = (groups.beats[index &- 1], groups.beats[index])
            guard Int(last.group) == group, Int(beat.group) == group else { continue }
            self.intervals &+= 1
            self.steps += beat.aligned - last.aligned
            let from = last.aligned + Int64(tEnd)
            // The next beat's own wave, which may come somewhat earlier than usual, is no blocked one.
            let end = beat.aligned + Int64(window.from &- (window.to &- window.from) / 2)
            guard end > from, from > steps.oldest else { continue }
            let found = Self.count(
                from, Int(end - from) / stride, steps, mean: mean, width: width, size: size, scales: scales, kernel: kernel, row: row,
                room: room)
            blocked &+= found.count
            guard found.count == 1, let usual = groups.usualInterval else { continue }
            let distance = Float(from + Int64(found.first &* stride) - last.aligned - Int64(window.from))
            let isPause = Float(beat.aligned - last.aligned) > 1.1 * usual && Float(beat.aligned - last.aligned) < 1.9 * usual
            if isPause, distance < 0.85 * usual { early &+= 1 }
        }
    }

    /// A P wave is looked at in steps of some 8 ms: this many of the monitor's.
    private static func stride(_ steps: MeasureSteps) -> Int { max(1, Int(0.008 * steps.rate + 0.5)) }

    /// Waves that begin within `shifts` strides from `from` on: the likeliest, and others at least 200 ms from one that counts.
    private static func count(
        _ from: Int64, _ shifts: Int, _ steps: MeasureSteps, mean: UnsafePointer<Float>, width: Int, size: Float,
        scales: InlineArray<12, Float>, kernel: OpaquePointer, row: UnsafeMutablePointer<Float>, room: Int
    ) -> (count: Int, first: Int) {
        let eights = (shifts &+ 7) / 8 &* 8
        let length = eights &+ width
        let taken = length &* stride(steps) &+ steps.steps(20) &+ 8
        guard shifts > 0, taken &+ 2 &* eights <= room else { return (0, 0) }
        let products = row + taken
        let squares = products + eights
        for shift in 0..<(2 &* eights) { products[shift] = 0 }
        for lead in 0..<12 where scales[lead] > 0 {
            slopes(steps, lead, from, length, 1 / scales[lead], row)
            precordia_correlate(kernel, row, mean + lead &* width, width, eights, products, squares)
        }
        let apart = steps.steps(200) / stride(steps)
        var found = (count: 0, first: 0)
        var free = 0
        var shift = 0
        while shift < shifts {
            defer { shift &+= 1 }
            guard shift >= free, isWave(products[shift], squares[shift], size) else { continue }
            let isHighest = shift &+ 1 >= shifts || products[shift &+ 1] <= products[shift]
            guard isHighest else { continue }
            if found.count == 0 { found.first = shift }
            found.count &+= 1
            free = shift &+ apart
        }
        return found
    }

    private static func isWave(_ product: Float, _ square: Float, _ size: Float) -> Bool {
        guard product > smallest * size, product < largest * size, square > 0 else { return false }
        return product > alike * Float(Arithmetic.squareRoot(Double(square) * Double(size)))
    }

    /// What a lead changes within 20 ms, for each stride.
    private static func slopes(
        _ steps: MeasureSteps, _ lead: Int, _ first: Int64, _ count: Int, _ scale: Float, _ row: UnsafeMutablePointer<Float>
    ) {
        let later = steps.steps(20)
        let stride = Self.stride(steps)
        steps.copy(lead, from: first, count: count &* stride &+ later, into: row)
        for place in 0..<count { row[place] = (row[place &* stride &+ later] - row[place &* stride]) * scale }
    }

    private static func energy(_ values: UnsafePointer<Float>, _ count: Int, _ kernel: OpaquePointer) -> Float {
        var sums = InlineArray<3, Float>(repeating: 0)
        var span = sums.mutableSpan
        span.withUnsafeMutableBufferPointer { precordia_alike(kernel, values, values, count, $0.baseAddress!) }
        return sums[1]
    }
}
