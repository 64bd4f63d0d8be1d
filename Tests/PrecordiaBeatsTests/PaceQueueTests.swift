// Pacing marks: those that a pacemaker can make are believed, others hide nothing, and no marks blank more than a third of the signal.

import PrecordiaSignal
import PrecordiaSignalSupport
import PrecordiaSimulator
import Testing

@testable import PrecordiaBeats

private let rates = [100, 250, 360, 500, 1000, 2000]

@Suite struct PaceQueueTests {
    /// Lets a monitor hear a flat line, with marks at these times in seconds; how many were refused.
    private func refused(_ rate: Int, seconds: Int, marks: [Double], width: UInt16 = 1000) -> (
        refused: Int, monitor: (ignored: Int64, blanked: Int64, believes: Bool)
    ) {
        var monitor = BeatMonitor(rate: rate, memory: memory(BeatMonitor.requiredBytes(rate: rate)))
        let flat = UnsafeMutablePointer<Double>.allocate(capacity: 12)
        defer { flat.deallocate() }
        flat.initialize(repeating: 0, count: 12)
        var refused = 0
        var next = 0
        for sample in 0..<seconds * rate {
            while next < marks.count, Int(marks[next] * Double(rate)) <= sample {
                if !monitor.mark(paceAhead: 0, width: width) { refused += 1 }
                next += 1
            }
            _ = monitor.push(flat, usable: .all)
        }
        return (refused, (monitor.paceMarksIgnored, monitor.samplesBlanked, monitor.believesPaceMarks))
    }

    @Test("pulses that follow each other every 0.25 s are all taken, and the newest alone are known", arguments: rates)
    func followers(rate: Int) {
        let said = refused(rate, seconds: 60, marks: (0..<240).map { Double($0) / 4 })
        #expect(said.refused == 0 && said.monitor.ignored == 0 && said.monitor.believes)
    }

    @Test(
        "what pacemakers make is believed: two chambers at 130 a minute, three leads at 100, a burst of eight against a tachycardia",
        arguments: rates)
    func pacemakers(rate: Int) {
        var dual: [Double] = []
        var triple: [Double] = []
        for beat in 0..<130 {
            let at = Double(beat) * 60 / 130
            dual += [at, at + 0.15]
        }
        for beat in 0..<100 {
            let at = Double(beat) * 0.6
            triple += [at, at + 0.12, at + 0.16]
        }
        let burst: [Double] = (0..<8).map { 20.0 + Double($0) * 0.22 }
        for marks in [dual, triple, burst] {
            let said = refused(rate, seconds: 60, marks: marks)
            #expect(said.refused == 0 && said.monitor.believes)
        }
    }

    @Test(
        "marks faster than any pacemaker's are ignored within 4 s, told and counted, and believed again after 10 s of slower ones",
        arguments: rates)
    func ignored(rate: Int) {
        for interval in [0.02, 0.1, 0.15, 0.2] {
            let fast = (0..<Int(10 / interval)).map { Double($0) * interval }
            let alone = refused(rate, seconds: 10, marks: fast)
            #expect(!alone.monitor.believes && alone.monitor.ignored >= Int64(Double(fast.count) * 0.6), "each \(interval) s")
            let slow = (0..<30).map { 10 + Double($0) }
            let both = refused(rate, seconds: 40, marks: fast + slow)
            #expect(both.monitor.believes && both.monitor.ignored <= alone.monitor.ignored + 14, "each \(interval) s")
        }
    }

    @Test("no marks blank more than a third of the signal, however wide they say they are", arguments: rates)
    func bounded(rate: Int) {
        let said = refused(rate, seconds: 60, marks: (0..<240).map { Double($0) / 4 }, width: 65_535)
        #expect(said.monitor.blanked > 0 && said.monitor.blanked <= Int64(rate) * 60 / 3 + Int64(rate) / 2)
    }

    @Test("marks each 20 to 200 ms hide neither fibrillation nor a tachycardia, and those on each of its beats do not either")
    func hidesNothing() {
        for interval in [0.02, 0.05, 0.1, 0.13, 0.2] {
            #expect(heard(.ventricularFibrillation, heartRate: nil, interval: interval).fibrillation >= 2, "each \(interval) s")
            #expect(heard(.ventricularTachycardia, heartRate: 180, interval: interval).run >= 8, "each \(interval) s")
            #expect(heard(.ventricularTachycardia, heartRate: 130, interval: interval).run >= 8, "each \(interval) s")
        }
        #expect(heard(.ventricularTachycardia, heartRate: 180, interval: 60.0 / 180).run >= 8)
    }

    /// What a monitor says within 15 s of a rhythm whose device tells a mark each `interval` seconds.
    private func heard(_ rhythm: Rhythm, heartRate: Double?, interval: Double) -> (fibrillation: Float, run: Float) {
        let rate = 500
        var simulator = Simulator(rate: rate, seed: 3, rhythm: rhythm, heartRate: heartRate, noise: .resting)
        var monitor = BeatMonitor(rate: rate, memory: memory(BeatMonitor.requiredBytes(rate: rate)))
        var converter = LeadConverter(Simulator.format(rate: rate))
        var frame = Frame(index: 0)
        var leads = [Double](repeating: 0, count: 12)
        var fibrillation: Float = 0
        var run: Float = 0
        var next = 0.0
        for sample in 1...(15 * rate) {
            simulator.next(into: &frame)
            converter.convert(frame, into: &leads)
            while next * Double(rate) <= Double(sample) {
                _ = monitor.mark(paceAhead: 0, width: 500)
                next += interval
            }
            _ = monitor.push(leads, usable: .all)
            guard sample % rate == 0 else { continue }
            let report = monitor.takeRhythm()
            fibrillation = max(fibrillation, report.fibrillation)
            run = max(run, report.ventricularRun)
        }
        return (fibrillation, run)
    }
}
