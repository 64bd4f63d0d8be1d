// A source of one's own: here the triangle waves that a service technician's signal generator puts into an amplifier.
// All that a source does is fill frames; the engine never asks where they came from.

import PrecordiaSignal

/// A test signal of 12 leads: one wave a beat, with the amplitude of each lead its own.
struct FunctionGenerator {
    let rate = 500
    var beatsPerMinute = 75
    var index: UInt64 = 0

    /// What the counts mean: one is 1 microvolt.
    var format: StreamFormat { StreamFormat(rate: rate) }

    mutating func next() -> Frame {
        var frame = Frame(index: index)
        let place = Int(index % UInt64(rate * 60 / beatsPerMinute))
        let wave = place < 20 ? place * 50 : place < 40 ? (40 - place) * 50 : 0
        for lead in 0..<Lead.count { frame.counts[lead] = Int32(wave * (lead - 3) / 4) }
        index += 1
        return frame
    }
}
