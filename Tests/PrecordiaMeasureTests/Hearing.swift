// How a monitor of the tests hears a simulated patient.

import PrecordiaBeats
import PrecordiaSignal
import PrecordiaSimulator

@testable import PrecordiaMeasure

/// Lets a monitor hear a simulated patient, whose own beats it is told; beats that are not ventricular are of this kind. `each` follows each sample.
func hear(
    _ monitor: inout MeasureMonitor, _ simulator: consuming Simulator, seconds: Int, kind: BeatKind = .usual,
    each: (Int, inout MeasureMonitor) -> Void = { _, _ in }
) {
    var converter = LeadConverter(Simulator.format(rate: simulator.rate))
    var frame = Frame(index: 0)
    var leads = [Double](repeating: 0, count: 12)
    for sample in 0..<(seconds * simulator.rate) {
        let before = simulator.beatCount
        simulator.next(into: &frame)
        converter.convert(frame, into: &leads)
        monitor.push(leads, usable: .all)
        if simulator.beatCount > before, let place = simulator.lastBeatIndex {
            var beat = Beat()
            beat.position = Int64(place)
            beat.kind = simulator.lastBeatOrigin == .ventricular ? .ventricular : kind
            monitor.add(beat)
        }
        each(sample, &monitor)
    }
}
