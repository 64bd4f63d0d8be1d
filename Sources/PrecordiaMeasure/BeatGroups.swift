// The beats of the last 10 s by shape, each shifted to where it fits the others best.
// Apart from the beat detector's shapes, which live for minutes in coarse steps: a median needs beats aligned to a step.

import CPrecordiaKernels
import PrecordiaBeats
import PrecordiaSignal

/// A beat to be measured.
struct MeasuredPlace {
    /// Its step as the detector found it, and where it fits its group.
    var found: Int64 = 0
    var aligned: Int64 = 0
    var kind = BeatKind.usual
    /// Its group; -1 for none.
    var group: Int8 = -1
    /// The leads that were usable around it.
    var leads: UInt16 = 0

    @_noAllocation @_noLocks init() {}
}

/// Up to ``most`` beats in up to ``groups`` groups of like shape and one kind.
struct BeatGroups {
    static var most: Int { @_noAllocation @_noLocks get { 48 } }
    static var groups: Int { @_noAllocation @_noLocks get { 4 } }
    /// What is compared: milliseconds before and after the place, and how far a beat may be shifted.
    private static var before: Float { @_noAllocation @_noLocks get { 100 } }
    private static var after: Float { @_noAllocation @_noLocks get { 120 } }
    private static var reach: Float { @_noAllocation @_noLocks get { 44 } }

    /// In the caller's memory and not inline: each look at one would copy them all.
    let beats: UnsafeMutablePointer<MeasuredPlace>
    private(set) var count = 0
    /// Beats in each group, and their kind.
    private(set) var sizes = InlineArray<4, Int>(repeating: 0)
    private(set) var kinds = InlineArray<4, BeatKind>(repeating: .usual)

    /// The slopes of the beat at hand with room for shifts, and each group's sum: 12 leads each.
    private let slopes: UnsafeMutablePointer<Float>
    private let row: UnsafeMutablePointer<Float>
    /// By shift, in eights: what the beat at hand has in common with a group, and its own size.
    private let products: UnsafeMutablePointer<Float>
    private let squares: UnsafeMutablePointer<Float>
    /// The size of each group's sum.
    private var energies = InlineArray<4, Float>(repeating: 0)
    private let kernel: OpaquePointer
    private let span: Int
    private let lead: Int
    private let shifts: Int

    private static func shape(_ stepRate: Float) -> (before: Int, span: Int, shifts: Int) {
        let steps = { (time: Float) in Int(time * stepRate / 1000 + 0.5) }
        return (steps(before), steps(before) + steps(after), steps(reach) > 1 ? steps(reach) : 1)
    }

    /// Values of memory: the slopes and sums, a row, and the shifts in eights with what may be read behind.
    private static func values(_ stepRate: Float) -> (total: Int, row: Int, eights: Int) {
        let (_, span, shifts) = shape(stepRate)
        let width = span + 2 * shifts
        let eights = (2 * shifts + 8) / 8 * 8
        return (12 * width + groups * 12 * span + width + 2 + 8 + 2 * eights, 12 * width + groups * 12 * span + 8, eights)
    }

    static func requiredBytes(stepRate: Float) -> Int {
        most * MemoryLayout<MeasuredPlace>.stride + MemoryLayout<Float>.stride * values(stepRate).total
    }

    init(stepRate: Float, kernel: OpaquePointer, memory: UnsafeMutableRawPointer) {
        (lead, span, shifts) = Self.shape(stepRate)
        self.kernel = kernel
        let values = Self.values(stepRate)
        beats = memory.bindMemory(to: MeasuredPlace.self, capacity: Self.most)
        beats.initialize(repeating: MeasuredPlace(), count: Self.most)
        slopes = (memory + Self.most * MemoryLayout<MeasuredPlace>.stride).bindMemory(to: Float.self, capacity: values.total)
        slopes.initialize(repeating: 0, count: values.total)
        row = slopes + values.row
        products = row + (span + 2 * shifts + 2)
        squares = products + values.eights
    }

    @_noAllocation @_noLocks
    mutating func clear() { count = 0 }

    /// Adds a beat, the newest; the oldest goes where there are too many.
    @_noAllocation @_noLocks
    mutating func add(step: Int64, kind: BeatKind) {
        if count == Self.most {
            for index in 1..<Self.most { beats[index - 1] = beats[index] }
            count &-= 1
        }
        beats[count] = MeasuredPlace()
        beats[count].found = step
        beats[count].aligned = step
        beats[count].kind = kind
        count &+= 1
    }

    /// Forgets beats before a step.
    @_noAllocation @_noLocks
    mutating func drop(before step: Int64) {
        var kept = 0
        for index in 0..<count where beats[index].found >= step {
            beats[kept] = beats[index]
            kept &+= 1
        }
        count = kept
    }

    /// Gives every beat whose complex is whole its group and its place.
    @_noAllocation @_noLocks
    mutating func sort(_ steps: MeasureSteps) {
        sizes = InlineArray(repeating: 0)
        let scales = scales(steps)
        let width = span &+ 2 &* shifts
        for index in 0..<count {
            let first = beats[index].found - Int64(lead &+ shifts)
            beats[index].group = -1
            beats[index].leads = 0
            guard first > steps.oldest, first + Int64(width) < steps.count else { continue }
            beats[index].leads = steps.usable(from: first, to: first + Int64(width))
            guard beats[index].leads != 0 else { continue }
            for channel in 0..<12 {
                let line = slopes + channel &* width
                let scale = beats[index].leads & (1 &<< UInt16(truncatingIfNeeded: channel)) == 0 ? 0 : scales[channel]
                steps.copy(channel, from: first - 1, count: width &+ 2, into: row)
                for place in 0..<width { line[place] = (row[place &+ 2] - row[place]) * scale }
            }
            place(index)
        }
    }

    /// One over the root mean square slope of each lead.
    private func scales(_ steps: MeasureSteps) -> InlineArray<12, Float> {
        var scales = InlineArray<12, Float>(repeating: 0)
        let all = Int(steps.count - steps.oldest)
        guard all > 2 else { return scales }
        let kept = all < steps.capacity ? all : steps.capacity
        for channel in 0..<12 {
            let mean = precordia_slope_energy(kernel, steps.values + channel &* steps.capacity, kept &- 2) / Float(kept)
            scales[channel] = mean > 1e-6 ? 1 / Float(Arithmetic.squareRoot(Double(mean))) : 0
        }
        return scales
    }

    private mutating func place(_ index: Int) {
        let width = span &+ 2 &* shifts
        var best: Float = 0.8
        var bestGroup = -1
        var bestShift = 0
        var free = -1
        for group in 0..<Self.groups {
            guard sizes[group] > 0 else {
                if free < 0 { free = group }
                continue
            }
            guard kinds[group] == beats[index].kind, energies[group] > 0 else { continue }
            correlate(group, leads: beats[index].leads)
            for shift in 0...(2 &* shifts) where squares[shift] > 0 && products[shift] > 0 {
                let likeness = products[shift] / Float(Arithmetic.squareRoot(Double(squares[shift]) * Double(energies[group])))
                if likeness > best {
                    best = likeness
                    bestGroup = group
                    bestShift = shift
                }
            }
        }
        if bestGroup < 0 {
            guard free >= 0 else { return }
            bestGroup = free
            bestShift = shifts
            kinds[free] = beats[index].kind
            for place in 0..<(12 &* span) { sum(free)[place] = 0 }
        }
        beats[index].group = Int8(truncatingIfNeeded: bestGroup)
        beats[index].aligned = beats[index].found + Int64(bestShift &- shifts)
        sizes[bestGroup] &+= 1
        for channel in 0..<12 {
            precordia_add(kernel, slopes + (channel &* width &+ bestShift), span, sum(bestGroup) + channel &* span)
        }
        energies[bestGroup] = energy(sum(bestGroup), 12 &* span)
    }

    private func energy(_ values: UnsafePointer<Float>, _ count: Int) -> Float {
        var sums = InlineArray<3, Float>(repeating: 0)
        var span = sums.mutableSpan
        span.withUnsafeMutableBufferPointer { precordia_alike(kernel, values, values, count, $0.baseAddress!) }
        return sums[1]
    }

    /// Compares the beat at hand with a group over all leads, at each shift.
    private func correlate(_ group: Int, leads: UInt16) {
        let width = span &+ 2 &* shifts
        let eights = (2 &* shifts &+ 8) / 8 &* 8
        for shift in 0..<eights {
            products[shift] = 0
            squares[shift] = 0
        }
        for channel in 0..<12 where leads & (1 &<< UInt16(truncatingIfNeeded: channel)) != 0 {
            precordia_correlate(kernel, slopes + channel &* width, sum(group) + channel &* span, span, eights, products, squares)
        }
    }

    private func sum(_ group: Int) -> UnsafeMutablePointer<Float> { slopes + 12 &* (span &+ 2 &* shifts) + group &* 12 &* span }
}
