// The shape that the beats of a run have in common.
// It lives as long as the run: the usual shape may become that of the run, and the run is not over for that.

import PrecordiaSignal

/// The mean of a run's beats, from 96 ms before their places to 160 ms after, all measured leads.
struct RunShape {
    private let mean: UnsafeMutablePointer<Float>
    private let beat: UnsafeMutablePointer<Float>
    private var beats = 0
    private var leads: UInt16 = 0

    /// Rows of a beat, and one more on either side to shift by.
    private static var span: Int { @_noAllocation @_noLocks get { 18 } }

    static var requiredBytes: Int { 24 * span * MemoryLayout<Float>.stride }

    init(memory: UnsafeMutableRawPointer) {
        mean = memory.bindMemory(to: Float.self, capacity: 24 * Self.span)
        mean.initialize(repeating: 0, count: 24 * Self.span)
        beat = mean + 12 * Self.span
    }

    @_noAllocation @_noLocks
    mutating func reset() { beats = 0 }

    @_noAllocation @_noLocks
    mutating func begin() { beats = 0 }

    /// Correlation, -1 to 1, of the beat in whose middle `row` lies with the run's; 0 before there is a run.
    @_noAllocation @_noLocks
    func likeness(at row: Int64, in trace: borrowing RhythmTrace, leads wanted: UInt16) -> Float {
        guard beats > 0 else { return 0 }
        let both = cut(row, trace, wanted & leads)
        guard both != 0 else { return 0 }
        var best: Float = -1
        for shift in -1...1 {
            var product: Float = 0
            var own: Float = 0
            var run: Float = 0
            for lead in 0..<12 where both & (1 &<< UInt16(truncatingIfNeeded: lead)) != 0 {
                let a = beat + lead &* Self.span, b = mean + lead &* Self.span
                for place in 1..<(Self.span &- 1) {
                    product += a[place &+ shift] * b[place]
                    own += a[place &+ shift] * a[place &+ shift]
                    run += b[place] * b[place]
                }
            }
            guard own > 0, run > 0 else { continue }
            let value = product / Float(Arithmetic.squareRoot(Double(own) * Double(run)))
            if value > best { best = value }
        }
        return best
    }

    /// Takes a beat into the mean.
    @_noAllocation @_noLocks
    mutating func take(at row: Int64, in trace: borrowing RhythmTrace, leads wanted: UInt16) {
        let found = cut(row, trace, wanted)
        guard found != 0 else { return }
        if beats == 0 { leads = found }
        if beats < 8 { beats &+= 1 }
        let part = 1 / Float(beats)
        for lead in 0..<12 where found & (1 &<< UInt16(truncatingIfNeeded: lead)) != 0 {
            for place in 0..<Self.span {
                let at = lead &* Self.span &+ place
                mean[at] += (beats == 1 ? 1 : part) * (beat[at] - (beats == 1 ? mean[at] : mean[at]))
            }
        }
    }

    /// Cuts the beat out, each lead without its mean; the leads that were heard in all of it.
    private func cut(_ row: Int64, _ trace: borrowing RhythmTrace, _ wanted: UInt16) -> UInt16 {
        var found: UInt16 = 0
        for lead in 0..<12 where wanted & (1 &<< UInt16(truncatingIfNeeded: lead)) != 0 {
            let line = beat + lead &* Self.span
            guard trace.copy(lead, from: row &- 7, count: Self.span, margin: 0, into: line) == Self.span else { continue }
            found |= 1 &<< UInt16(truncatingIfNeeded: lead)
            var sum: Float = 0
            for place in 0..<Self.span { sum += line[place] }
            sum /= Float(Self.span)
            for place in 0..<Self.span { line[place] -= sum }
        }
        return found
    }
}
