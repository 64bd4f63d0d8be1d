// The shape that the beats of a run have in common.
// It lives as long as the run: the usual shape may become that of the run, and the run is not over for that.

import PrecordiaSignal

/// The mean of a run's beats, from some 150 ms before their places to 130 ms after, all measured leads.
struct RunShape {
    private let mean: UnsafeMutablePointer<Float>
    private let beat: UnsafeMutablePointer<Float>
    /// The beat before, and its leads.
    private let previous: UnsafeMutablePointer<Float>
    private var previousLeads: UInt16 = 0
    private var beats = 0
    private var leads: UInt16 = 0

    /// Rows of a beat, and one more on either side to shift by.
    private static var span: Int { @_noAllocation @_noLocks get { 18 } }

    static var requiredBytes: Int { 36 * span * MemoryLayout<Float>.stride }

    init(memory: UnsafeMutableRawPointer) {
        mean = memory.bindMemory(to: Float.self, capacity: 36 * Self.span)
        mean.initialize(repeating: 0, count: 36 * Self.span)
        beat = mean + 12 * Self.span
        previous = mean + 24 * Self.span
    }

    @_noAllocation @_noLocks
    mutating func reset() {
        beats = 0
        previousLeads = 0
    }

    @_noAllocation @_noLocks
    mutating func begin() { beats = 0 }

    /// Correlations, -1 to 1, of the beat in whose middle `row` lies with the run's and with the beat before, which it replaces; 0 before there is one.
    @_noAllocation @_noLocks
    mutating func compare(at row: Int64, in trace: borrowing RhythmTrace, leads wanted: UInt16) -> (run: Float, previous: Float) {
        let found = cut(row, trace, wanted)
        let run = beats > 0 ? likeness(mean, found & leads) : 0
        let before = likeness(previous, found & previousLeads)
        previousLeads = found
        for place in 0..<(12 &* Self.span) { previous[place] = beat[place] }
        return (run, before)
    }

    /// The correlation of the beat at hand with another at the best of three shifts.
    private func likeness(_ shape: UnsafePointer<Float>, _ both: UInt16) -> Float {
        guard both != 0 else { return 0 }
        var best: Float = -1
        for shift in -1...1 {
            var likeness = Likeness()
            for lead in 0..<12 where both & (1 &<< UInt16(truncatingIfNeeded: lead)) != 0 {
                let line = lead &* Self.span &+ 1
                likeness.add(beat + (line &+ shift), shape + line, count: Self.span &- 2)
            }
            if likeness.isKnown, likeness.correlation > best { best = likeness.correlation }
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

    /// Cuts the beat out, each lead without its mean and slope; the leads that were heard in all of it.
    private func cut(_ row: Int64, _ trace: borrowing RhythmTrace, _ wanted: UInt16) -> UInt16 {
        var found: UInt16 = 0
        for lead in 0..<12 where wanted & (1 &<< UInt16(truncatingIfNeeded: lead)) != 0 {
            let line = beat + lead &* Self.span
            guard
                5 &* trace.copy(lead, from: row &+ Int64(trace.rowsAfter &+ 1 &- Self.span), count: Self.span, margin: 0, into: line) >= 3
                    &* Self.span
            else { continue }
            found |= 1 &<< UInt16(truncatingIfNeeded: lead)
            level(line)
        }
        return found
    }

    /// Takes mean and slope away: beats on a wandering line would all be alike in that.
    private func level(_ line: UnsafeMutablePointer<Float>) {
        var sum: Float = 0
        var moment: Float = 0
        let middle = Float(Self.span &- 1) / 2
        for place in 0..<Self.span {
            sum += line[place]
            moment += (Float(place) - middle) * line[place]
        }
        let mean = sum / Float(Self.span)
        let slope = 12 * moment / Float(Self.span &* (Self.span &* Self.span &- 1))
        for place in 0..<Self.span { line[place] -= mean + slope * (Float(place) - middle) }
    }
}
