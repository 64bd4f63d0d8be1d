// The engine's conditions of rhythm, from frames to alerts, and pacing marks on their way.

import PrecordiaAlerts
import PrecordiaSignal
import PrecordiaSimulator
import Testing

@testable import PrecordiaEngine

/// The engine's own alerts of rhythm that rise in a simulated stream.
private func raised(_ rhythm: Rhythm, rate: Int = 250, seconds: Int = 60) throws -> [String] {
    let bench = try Bench(rate: rate)
    let own = bench.push(frames(rate: rate, seconds: seconds, rhythm: rhythm, noise: .resting)).filter {
        $0.kind == .alertRaised && $0.code & 0x8000 != 0
    }
    return own.compactMap { Condition(rawValue: Int($0.code & 0x7FFF))?.name.description }
}

@Suite("Conditions of rhythm") struct RhythmTests {
    @Test(
        "rise for what they are named after and for nothing else",
        arguments: [
            (Rhythm.normalSinus, []), (.sinusArrhythmia, ["irregular-rhythm"]), (.atrialFibrillation, ["irregular-rhythm"]),
            (.supraventricularTachycardia, ["heart-rate-high", "extreme-tachycardia"]), (.leftBundleBranchBlock, []),
            (.prematureVentricular, []),
            (.ventricularTachycardia, ["vt-suspected", "heart-rate-high", "extreme-tachycardia"]),
            (.completeBlock, ["heart-rate-low", "extreme-bradycardia"]),
            (.asystole, ["pause", "asystole"]), (.paced, []),
        ])
    func named(rhythm: Rhythm, conditions: [String]) throws {
        #expect(try Set(raised(rhythm)) == Set(conditions))
    }

    @Test("suspect fibrillation at high priority before 8 s have passed")
    func fibrillation() throws {
        let bench = try Bench(rate: 500)
        let events = bench.push(frames(rate: 500, seconds: 12, rhythm: .ventricularFibrillation, noise: .resting))
        let alert = try #require(events.first { $0.kind == .alertRaised && $0.code == 0x8008 })
        #expect(alert.priority == AlertPriority.high.rawValue && alert.sample < 8 * 500 && alert.value >= 2)
    }

    @Test("paced without a QRS is an asystole, told within 10 s, and each pulse is counted", arguments: [100, 500, 2000])
    func lostCapture(rate: Int) throws {
        let bench = try Bench(rate: rate)
        // With the noise of electrodes that are attached: without any it is leads-flat.
        var simulator = Simulator(rate: rate, seed: 1, rhythm: .paced, noise: .resting)
        simulator.pace(Pacing(captures: false, strength: 1400))
        var frame = Frame(index: 0)
        var alerts: [Event] = []
        for _ in 0..<(12 * rate) {
            simulator.next(into: &frame)
            bench.engine.push(frame)
            if let ahead = simulator.takePaceMark() { _ = bench.engine.mark(pace: frame.index + UInt64(ahead), width: 500) }
            alerts += bench.fetch().filter { $0.kind == .alertRaised && $0.code == 0x8000 }
        }
        #expect(alerts.count == 1 && alerts[0].sample < UInt64(10 * rate))
        #expect(bench.engine.beatCount == 0 && bench.engine.counters.paceMarks >= 13 && bench.engine.counters.paceMarksUnused == 0)
    }

    @Test("a pulse that is told too late, or before the stream's first frame, is counted and does nothing")
    func late() throws {
        let bench = try Bench(rate: 250)
        var kept = [bench.engine.mark(pace: 5)]
        let events = bench.push(frames(rate: 250, seconds: 20))
        kept.append(bench.engine.mark(pace: 20 * 250 - 1))
        kept.append(bench.engine.mark(pace: 20 * 250))
        #expect(kept == [false, false, true])
        #expect(bench.engine.counters.paceMarks == 1 && bench.engine.counters.paceMarksUnused == 2)
        let other = try Bench(rate: 250)
        // As text, because a rate that is not known is not equal to itself.
        #expect(other.push(frames(rate: 250, seconds: 20)).map { "\($0)" } == events.map { "\($0)" })
        bench.engine.reset()
        #expect(bench.engine.counters.paceMarks == 0 && bench.engine.counters.paceMarksUnused == 0)
    }

    @Test("marks find their place behind a gap")
    func gap() throws {
        let bench = try Bench(rate: 500)
        var simulator = Simulator(rate: 500, seed: 1, rhythm: .paced)
        simulator.pace(Pacing(strength: 1400))
        var frame = Frame(index: 0)
        for index in 0..<(40 * 500) {
            simulator.next(into: &frame)
            if index == 20 * 500 { simulator.pace(Pacing(captures: false, strength: 1400)) }
            let isLost = index / 250 == 25
            if !isLost { bench.engine.push(frame) }
            if let ahead = simulator.takePaceMark(), !isLost { _ = bench.engine.mark(pace: frame.index + UInt64(ahead)) }
        }
        #expect(bench.engine.counters.framesMissing == 250)
        #expect(bench.fetch().contains { $0.kind == .alertRaised && $0.code == 0x8000 })
        #expect(bench.engine.beatCount <= 26)
    }
}
