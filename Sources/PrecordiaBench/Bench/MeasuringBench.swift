// What it costs to measure: a stored exam, and a second of a stream. Beyond beats and quality, which an engine finds anyway.

import PrecordiaBeats
import PrecordiaExams
import PrecordiaMeasure
import PrecordiaSignal
import PrecordiaSimulator

/// Measures 10 s of a simulated patient at 500 Hz in 12 leads.
final class MeasuringBench {
    private static let rate = 500
    /// Of all samples, beats and a measurement, and of the measurement alone.
    let exam: Timing
    let call: Timing

    init() {
        let bench = MeasureBench(rate: Self.rate)
        var simulator = Simulator(rate: Self.rate, seed: 1, rhythm: .normalSinus, noise: .resting)
        var converter = LeadConverter(Simulator.format(rate: Self.rate))
        var frame = Frame(index: 0)
        let samples = UnsafeMutablePointer<Double>.allocate(capacity: 12 * 10 * Self.rate)
        var leads = [Double](repeating: 0, count: 12)
        var beats: [Beat] = []
        for sample in 0..<10 * Self.rate {
            let before = simulator.beatCount
            simulator.next(into: &frame)
            converter.convert(frame, into: &leads)
            for lead in 0..<12 { samples[12 * sample + lead] = leads[lead] }
            guard simulator.beatCount > before, let place = simulator.lastBeatIndex else { continue }
            var beat = Beat()
            beat.position = Int64(place)
            beats.append(beat)
        }
        let found = beats
        exam = Timing { Self.play(samples, found, into: &bench.monitor) }
        call = Timing { bench.monitor.measure(markingAll: false) }
    }

    private static func play(_ samples: UnsafePointer<Double>, _ beats: [Beat], into monitor: inout MeasureMonitor) {
        monitor.reset()
        for sample in 0..<10 * rate { monitor.push(samples + 12 * sample, usable: .all) }
        for beat in beats { monitor.add(beat) }
        monitor.measure(markingAll: false)
    }

    var cost: BenchResult.MeasuringCost { BenchResult.MeasuringCost(exam: exam.microseconds, call: call.microseconds) }
}
