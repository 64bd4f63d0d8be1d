// The intervals between usual beats of the last five minutes: what heart rate variability is counted from.
// Apart from the monitor, which looks back on 10 s only.

import PrecordiaBeats
import PrecordiaSignal

/// Up to ``capacity`` intervals between usual beats (NN), the newest ones.
///
/// - Memory: the caller's, ``requiredBytes``.
struct Variability {
    /// Five minutes at 300 beats a minute.
    private static var capacity: Int { 1500 }
    static var requiredBytes: Int { capacity * (MemoryLayout<Int64>.stride + MemoryLayout<Float>.stride) }
    /// The stretch that is counted, seconds (Task Force of ESC and NASPE, 1996: short-term recordings of 5 minutes), and what of it NN intervals must cover.
    private static var seconds: Float { 300 }
    private static var covered: Float { 0.8 }

    /// The step at which each interval ends, and its steps: negative where the interval before it is not there.
    private let ends: UnsafeMutablePointer<Int64>
    private let intervals: UnsafeMutablePointer<Float>
    private var count = 0
    private var next = 0
    /// The last beat that was taken, and whether the one after it begins anew.
    private var taken: Int64 = -1
    private var isInterrupted = true

    init(memory: UnsafeMutableRawPointer) {
        ends = memory.bindMemory(to: Int64.self, capacity: Self.capacity)
        ends.initialize(repeating: 0, count: Self.capacity)
        intervals = UnsafeMutableRawPointer(ends + Self.capacity).bindMemory(to: Float.self, capacity: Self.capacity)
        intervals.initialize(repeating: 0, count: Self.capacity)
    }

    @_noAllocation @_noLocks
    mutating func clear() {
        count = 0
        next = 0
        taken = -1
        isInterrupted = true
    }

    /// Takes the intervals that end with beats not taken before. A beat whose complex is not whole yet is left for the next time.
    @_noAllocation @_noLocks
    mutating func take(_ groups: BeatGroups, steps: MeasureSteps) {
        guard groups.count > 0 else { return }
        if groups.beats[0].found > taken { isInterrupted = true }
        for index in 0..<groups.count {
            let beat = groups.beats[index]
            guard beat.found > taken else { continue }
            guard beat.found + Int64(steps.steps(200)) < steps.count else { return }
            taken = beat.found
            guard index > 0, isNormal(beat), isNormal(groups.beats[index - 1]) else {
                isInterrupted = true
                continue
            }
            let interval = Float(beat.aligned - groups.beats[index - 1].aligned)
            ends[next] = beat.aligned
            intervals[next] = isInterrupted ? -interval : interval
            isInterrupted = false
            next = next &+ 1 == Self.capacity ? 0 : next &+ 1
            if count < Self.capacity { count &+= 1 }
        }
    }

    private func isNormal(_ beat: MeasuredPlace) -> Bool { beat.group >= 0 && beat.kind == .usual }

    /// Standard deviation of the NN intervals of the last five minutes, and the root mean square of successive differences, milliseconds.
    /// Nil before five minutes were heard, and where NN intervals cover less than 80 % of them.
    @_noAllocation @_noLocks
    func values(_ steps: MeasureSteps) -> (sdnn: Float, rmssd: Float)? {
        let all = Int64(Self.seconds * steps.rate)
        guard steps.count >= all, count > 2 else { return nil }
        let from = steps.count - all
        var (sum, squares, differences) = (0.0, 0.0, 0.0)
        var (number, pairs) = (0, 0)
        let first = Double(intervals[newest(0)].magnitude)
        for age in 0..<count {
            let at = newest(age)
            guard ends[at] >= from else { break }
            let interval = Double(intervals[at].magnitude)
            sum += interval - first
            squares += (interval - first) * (interval - first)
            number &+= 1
            if age > 0, intervals[newest(age &- 1)] > 0 {
                let difference = Double(intervals[newest(age &- 1)]) - interval
                differences += difference * difference
                pairs &+= 1
            }
        }
        guard number > 2, pairs > 1, sum + first * Double(number) >= Double(Self.covered) * Double(all) else { return nil }
        let mean = sum / Double(number)
        let milliseconds = 1000 / Double(steps.rate)
        let variance = most(0, Float(squares / Double(number) - mean * mean))
        return (
            Float(Arithmetic.squareRoot(Double(variance)) * milliseconds),
            Float(Arithmetic.squareRoot(differences / Double(pairs)) * milliseconds)
        )
    }

    /// The place of the interval that came `age` intervals before the newest.
    private func newest(_ age: Int) -> Int {
        let at = next &- 1 &- age
        return at < 0 ? at &+ Self.capacity : at
    }
}
