// The bench on which clauses are measured: a signal in, what was heard out.

import PrecordiaBeats
import PrecordiaExams
import PrecordiaSignal
import PrecordiaSimulator

/// Plays signals to the beat monitor.
enum TestBench {
    /// What was heard of a signal.
    struct Heard {
        /// Complexes from 2 s to half a second before the end, how many of them were not found within 50 ms, and finds that are none.
        var expected = 0
        var missed = 0
        var invented = 0
        /// All finds.
        var found = 0
        /// Beats a minute at the end; nil if not known.
        var told: Double?

        func error(from rate: Double) -> Double { told.map { abs($0 - rate) } ?? .infinity }
    }

    static func play(_ signal: TestSignal, rate: Int, seconds: Int) -> Heard {
        let bench = BeatBench(StreamFormat(rate: rate, derived: .derived))
        var random = UInt64(rate)
        var frame = Frame(index: 0)
        var places: [Double] = []
        for index in 0..<(seconds * rate) {
            frame.index = UInt64(index)
            let value = signal.value(at: Double(index) / Double(rate))
            for lead in 0..<12 {
                random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let noise = signal.noise * (Double(random >> 11) / 4_503_599_627_370_496 - 1)
                frame.counts[lead] = Int32(Arithmetic.roundedToEven(value + noise))
            }
            if let beat = bench.push(frame) { places.append(Double(beat.beat.position) / Double(rate)) }
        }
        var heard = Heard()
        heard.found = places.count
        heard.told = bench.beatsPerMinute
        var times: [Double] = []
        var time = Double(seconds)
        while let complex = signal.complex(before: time) {
            times.append(complex.time)
            time = complex.time - 0.001
        }
        let wanted = times.filter { $0 > 2 && $0 < Double(seconds) - 0.5 }
        heard.expected = wanted.count
        heard.missed = wanted.count { time in !places.contains { abs($0 - time) < 0.05 } }
        heard.invented = places.count { place in !times.contains { abs($0 - place) < 0.05 } }
        return heard
    }

    /// Times in seconds of the beats that are found in a simulated rhythm, the last half second left out.
    static func play(_ rhythm: Rhythm, rate: Int, seconds: Int) -> [Double] {
        let bench = BeatBench(Simulator.format(rate: rate))
        var simulator = Simulator(rate: rate, seed: 11, rhythm: rhythm)
        var frame = Frame(index: 0)
        var times: [Double] = []
        for _ in 0..<(seconds * rate) {
            simulator.next(into: &frame)
            guard let beat = bench.push(frame) else { continue }
            let time = Double(beat.beat.position) / Double(rate)
            // The learning time ends, and the record too, between two samples of one rate and of another.
            if time > 2, time < Double(seconds) - 0.5 { times.append(time) }
        }
        return times
    }
}
