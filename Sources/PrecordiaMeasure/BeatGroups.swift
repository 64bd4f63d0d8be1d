// The beats of the last 10 s by shape, each shifted to where it fits the others best.
// Apart from the beat detector's shapes, which live for minutes in coarse steps: a median needs beats aligned to a step.

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
    private let span: Int
    private let lead: Int
    private let shifts: Int

    private static func shape(_ stepRate: Float) -> (before: Int, span: Int, shifts: Int) {
        let steps = { (time: Float) in Int(time * stepRate / 1000 + 0.5) }
        return (steps(before), steps(before) + steps(after), steps(reach) > 1 ? steps(reach) : 1)
    }

    static func requiredBytes(stepRate: Float) -> Int {
        let (_, span, shifts) = shape(stepRate)
        return most * MemoryLayout<MeasuredPlace>.stride + MemoryLayout<Float>.stride
            * (12 * (span + 2 * shifts) + groups * 12 * span + span + 2 * shifts + 2)
    }

    init(stepRate: Float, memory: UnsafeMutableRawPointer) {
        (lead, span, shifts) = Self.shape(stepRate)
        let total = 12 * (span + 2 * shifts) + Self.groups * 12 * span + span + 2 * shifts + 2
        beats = memory.bindMemory(to: MeasuredPlace.self, capacity: Self.most)
        beats.initialize(repeating: MeasuredPlace(), count: Self.most)
        slopes = (memory + Self.most * MemoryLayout<MeasuredPlace>.stride).bindMemory(to: Float.self, capacity: total)
        slopes.initialize(repeating: 0, count: total)
        row = slopes + (total - span - 2 * shifts - 2)
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
        let kept = Int(steps.count - steps.oldest)
        for channel in 0..<12 {
            let line = steps.values + channel &* steps.capacity
            var sum: Float = 0
            if kept > 2 {
                for at in 2..<(kept < steps.capacity ? kept : steps.capacity) {
                    sum += (line[at] - line[at &- 2]) * (line[at] - line[at &- 2])
                }
            }
            let mean = kept > 2 ? sum / Float(kept) : 0
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
            guard kinds[group] == beats[index].kind else { continue }
            for shift in 0...(2 &* shifts) {
                let likeness = likeness(group, shift: shift)
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
            let from = slopes + (channel &* width &+ bestShift)
            let to = sum(bestGroup) + channel &* span
            for place in 0..<span { to[place] += from[place] }
        }
    }

    private func sum(_ group: Int) -> UnsafeMutablePointer<Float> { slopes + 12 &* (span &+ 2 &* shifts) + group &* 12 &* span }

    /// The correlation of the beat at hand with a group over all leads.
    private func likeness(_ group: Int, shift: Int) -> Float {
        let width = span &+ 2 &* shifts
        var both: Float = 0
        var own: Float = 0
        var its: Float = 0
        for channel in 0..<12 {
            let line = slopes + (channel &* width &+ shift)
            let mean = sum(group) + channel &* span
            for place in 0..<span {
                both += line[place] * mean[place]
                own += line[place] * line[place]
                its += mean[place] * mean[place]
            }
        }
        guard own > 0, its > 0 else { return 0 }
        return both / Float(Arithmetic.squareRoot(Double(own) * Double(its)))
    }
}
