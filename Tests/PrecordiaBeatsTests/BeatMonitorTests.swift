// Kinds of beats, runs, fibrillation and pacing, on the simulator's rhythms.

import PrecordiaSignal
import PrecordiaSignalSupport
import PrecordiaSimulator
import Testing

@testable import PrecordiaBeats

private let rates = [100, 250, 360, 500, 1000, 2000]

private func beatMonitor(_ rate: Int, kernel: SignalKernel = .best) -> BeatMonitor {
    BeatMonitor(rate: rate, kernel: kernel, memory: memory(BeatMonitor.requiredBytes(rate: rate)))
}

/// What a monitor said of a simulated patient.
private struct Said {
    var beats: [Beat] = []
    /// A report each second.
    var reports: [RhythmReport] = []
    var marks = 0
    var silence = 0.0

    func kinds(_ kind: BeatKind) -> Int { beats.count { $0.kind == kind } }
    var run: Float { reports.map(\.ventricularRun).max() ?? 0 }
    var fibrillation: Float { reports.map(\.fibrillation).max() ?? 0 }
}

/// Lets a monitor hear the simulator; pacing pulses are announced if `marks`.
private func hear(_ simulator: consuming Simulator, seconds: Int, marks: Bool = true, kernel: SignalKernel = .best) -> Said {
    var simulator = simulator
    var monitor = beatMonitor(simulator.rate, kernel: kernel)
    var converter = LeadConverter(Simulator.format(rate: simulator.rate))
    var frame = Frame(index: 0)
    var leads = [Double](repeating: 0, count: 12)
    var said = Said()
    for index in 1...(seconds * simulator.rate) {
        simulator.next(into: &frame)
        converter.convert(frame, into: &leads)
        if monitor.push(leads, usable: .all) { said.beats.append(monitor.lastBeat) }
        if marks, let ahead = simulator.takePaceMark(), monitor.mark(paceAhead: Int64(ahead) - 1, width: 500) { said.marks += 1 }
        if index % simulator.rate == 0 { said.reports.append(monitor.takeRhythm()) }
    }
    said.silence = monitor.secondsWithoutBeat
    return said
}

private func hear(_ rhythm: Rhythm, rate: Int = 250, seconds: Int = 60, heartRate: Double? = nil) -> Said {
    hear(Simulator(rate: rate, seed: 3, rhythm: rhythm, heartRate: heartRate, noise: .resting), seconds: seconds)
}

@Suite("The beat monitor")
struct BeatMonitorTests {
    @Test("calls premature ventricular beats so, and no other", arguments: rates)
    func ventricular(rate: Int) {
        var simulator = Simulator(rate: rate, seed: 3, rhythm: .prematureVentricular, noise: .resting)
        var frame = Frame(index: 0)
        var truth: [(place: Int64, isVentricular: Bool)] = []
        for _ in 0..<(60 * rate) {
            let before = simulator.beatCount
            simulator.next(into: &frame)
            if simulator.beatCount > before { truth.append((Int64(simulator.lastBeatIndex!), simulator.lastBeatOrigin == .ventricular)) }
        }
        let said = hear(.prematureVentricular, rate: rate)
        var wrong = 0
        // Six beats to learn what is usual.
        for beat in said.beats.dropFirst(6) {
            let nearest = truth.min { abs($0.place - beat.position) < abs($1.place - beat.position) }!
            if nearest.isVentricular != (beat.kind == .ventricular) { wrong += 1 }
        }
        #expect(wrong == 0)
        #expect(said.kinds(.ventricular) >= 9 && said.run == 1)
    }

    @Test("takes bigeminy for usual beats and ventricular ones in turn, not for a run")
    func bigeminy() {
        let said = hear(.ventricularBigeminy)
        let late = said.beats.dropFirst(10).map(\.kind)
        #expect(zip(late, late.dropFirst()).allSatisfy { ($0 == .ventricular) != ($1 == .ventricular) })
        #expect(said.run == 1)
    }

    @Test(
        "finds no ventricular beat, run or fibrillation in rhythms that have none",
        arguments: [
            Rhythm.normalSinus, .sinusBradycardia, .sinusTachycardia, .sinusArrhythmia, .atrialFibrillation, .atrialFlutter,
            .supraventricularTachycardia, .prematureAtrial, .firstDegreeBlock, .wenckebach, .mobitz2, .rightBundleBranchBlock,
            .leftBundleBranchBlock, .anteriorElevation, .inferiorElevation, .asystole,
        ])
    func calm(rhythm: Rhythm) {
        for rate in [100, 500] {
            let said = hear(rhythm, rate: rate)
            #expect(said.kinds(.ventricular) == 0 && said.run <= 1 && said.fibrillation == 0, "\(rate) Hz")
        }
    }

    @Test("sees a run in ventricular tachycardia, after a normal rhythm and from the start", arguments: rates)
    func tachycardia(rate: Int) {
        let alone = hear(.ventricularTachycardia, rate: rate, seconds: 20)
        #expect(alone.run >= 30 && alone.fibrillation == 0)
        var simulator = Simulator(rate: rate, seed: 3, noise: .resting)
        var monitor = beatMonitor(rate)
        var frame = Frame(index: 0)
        var runs: [Float] = []
        for index in 1...(30 * rate) {
            if index == 15 * rate { simulator.rhythm = .ventricularTachycardia }
            simulator.next(into: &frame)
            let leads = (0..<12).map { Double(frame.counts[$0]) }
            _ = monitor.push(leads, usable: .all)
            if index % rate == 0 { runs.append(monitor.takeRhythm().ventricularRun) }
        }
        #expect(runs[..<15].allSatisfy { $0 == 0 } && runs.last! >= 25)
    }

    /// The longest run in `rhythm` at `heartRate`, after 15 s of a normal rhythm.
    private func run(_ rhythm: Rhythm, _ heartRate: Double, rate: Int, limits: RhythmLimits = RhythmLimits()) -> Float {
        var monitor = BeatMonitor(rate: rate, limits: limits, memory: memory(BeatMonitor.requiredBytes(rate: rate)))
        var usual = Simulator(rate: rate, seed: 3, noise: .resting)
        var later = Simulator(rate: rate, seed: 3, rhythm: rhythm, heartRate: heartRate, noise: .resting)
        var frame = Frame(index: 0)
        var longest: Float = 0
        for index in 1...(30 * rate) {
            if index < 15 * rate { usual.next(into: &frame) } else { later.next(into: &frame) }
            let leads = (0..<12).map { Double(frame.counts[$0]) }
            _ = monitor.push(leads, usable: .all)
            if index % rate == 0 { longest = max(longest, monitor.takeRhythm().ventricularRun) }
        }
        return longest
    }

    @Test("sees a run of 105 a minute in wide beats, and none in a bundle branch block that begins at that rate", arguments: rates)
    func slowRun(rate: Int) {
        #expect(run(.ventricularTachycardia, 105, rate: rate) >= 20)
        #expect(run(.rightBundleBranchBlock, 105, rate: rate) < 5)
        var limits = RhythmLimits()
        limits.runWidth = 150
        // The other sign of a slow run, for leads that show no width; a left bundle branch block is as blunt.
        limits.slowSharpness = 0
        #expect(run(.leftBundleBranchBlock, 105, rate: rate, limits: limits) < 5)
        #expect(run(.ventricularTachycardia, 105, rate: rate, limits: limits) >= 20)
        limits.runWidth = 100
        #expect(run(.leftBundleBranchBlock, 105, rate: rate, limits: limits) >= 5, "the width is what tells them apart")
    }

    @Test("suspects fibrillation within 7 s of its beginning, for as long as it lasts and not longer", arguments: rates)
    func fibrillation(rate: Int) {
        var simulator = Simulator(rate: rate, seed: 4, noise: .resting)
        var monitor = beatMonitor(rate)
        var frame = Frame(index: 0)
        var looks: [Float] = []
        for index in 1...(60 * rate) {
            if index == 15 * rate { simulator.rhythm = .ventricularFibrillation }
            if index == 40 * rate { simulator.rhythm = .normalSinus }
            simulator.next(into: &frame)
            let leads = (0..<12).map { Double(frame.counts[$0]) }
            _ = monitor.push(leads, usable: .all)
            if index % rate == 0 { looks.append(monitor.takeRhythm().fibrillation) }
        }
        #expect(looks[..<15].allSatisfy { $0 == 0 })
        #expect(looks[22..<40].allSatisfy { $0 >= 2 })
        #expect(looks[46...].allSatisfy { $0 == 0 })
    }

    @Test("calls a beat paced that follows an announced pulse, whatever the pulse's size", arguments: rates, [0.2, 4, 60, 1400, -1400])
    func paced(rate: Int, strength: Double) {
        var simulator = Simulator(rate: rate, seed: 3, rhythm: .paced, noise: .resting)
        simulator.pace(Pacing(strength: strength))
        let said = hear(simulator, seconds: 30)
        #expect(said.beats.count >= 33 && said.beats.count <= 36)
        #expect(said.kinds(.paced) == said.beats.count)
        #expect(said.marks >= 35)
    }

    @Test("finds no beat in announced pulses that nothing answers", arguments: rates, [0.2, 4, 60, 1400, -1400])
    func lostCapture(rate: Int, strength: Double) {
        var simulator = Simulator(rate: rate, seed: 3, rhythm: .paced)
        simulator.pace(Pacing(captures: false, strength: strength))
        let said = hear(simulator, seconds: 30)
        #expect(said.beats.isEmpty && said.silence > 29.97 && said.marks >= 35)
    }

    @Test("pulses that nobody tells are no beats: alone, on a slow rhythm, and before its own", arguments: [500, 1000, 2000])
    func untoldPulses(rate: Int) {
        for rhythm in [Rhythm.asystole, .sinusBradycardia] {
            var simulator = Simulator(rate: rate, seed: 3, rhythm: rhythm, heartRate: rhythm == .asystole ? nil : 38, noise: .resting)
            var monitor = beatMonitor(rate)
            var frame = Frame(index: 0)
            for index in 0..<(40 * rate) {
                simulator.next(into: &frame)
                var leads = (0..<12).map { Double(frame.counts[$0]) }
                if index % (6 * rate / 7) < rate / 500 {
                    for (lead, size) in [1.8, 2, 0.2, -1.9, 0.8, 1.1, 1, 1, 1, 1, 1, 1].enumerated() { leads[lead] += 1000 * size }
                }
                _ = monitor.push(leads, usable: .all)
            }
            #expect(rhythm == .asystole ? monitor.beats == 0 : (23...26).contains(monitor.beats))
        }
    }

    @Test("refuses pulses that come too late or too many")
    func unused() {
        var monitor = beatMonitor(500)
        var kept: [Bool] = []
        for ahead: Int64 in -1..<20 { kept.append(monitor.mark(paceAhead: ahead, width: nil)) }
        #expect(kept == [false] + [Bool](repeating: true, count: 16) + [Bool](repeating: false, count: 4))
        monitor.reset()
        let isKept = monitor.mark(paceAhead: 0, width: nil)
        #expect(isKept)
    }

    @Test("tells the longest time without a beat, once")
    func pause() {
        var monitor = beatMonitor(250)
        let before = (0..<10).map { 0.5 + 0.8 * Double($0) }
        let after = (0..<10).map { 11.2 + 0.8 * Double($0) }
        let heart = SyntheticHeart(times: before + after)
        var pauses: [Float] = []
        for index in 1...(18 * 250) {
            let leads = heart.parts.map { heart.value(Double(index) / 250) * $0 }
            _ = monitor.push(leads, usable: .all)
            if index % 250 == 0 { pauses.append(monitor.takeRhythm().pause) }
        }
        #expect(abs(pauses.max()! - 3.5) < 0.03)
        #expect(pauses.count { $0 > 3 } == 2)
        #expect(pauses.last! < 1)
    }

    @Test("tells atrial fibrillation's intervals from a sinus rhythm's and from bigeminy's")
    func irregularity() {
        #expect(hear(.normalSinus).reports.last!.irregularity! < 5)
        #expect(hear(.supraventricularTachycardia).reports.last!.irregularity! < 2)
        #expect(hear(.prematureVentricular).reports.last!.irregularity! < 5)
        #expect(hear(.ventricularBigeminy).reports.last!.irregularity == nil)
        #expect(hear(.atrialFibrillation).reports.suffix(30).allSatisfy { $0.irregularity! > 15 })
    }

    @Test("judges a beat 160 to 330 ms after it happened")
    func latency() {
        for rate in rates {
            var monitor = beatMonitor(rate)
            let heart = SyntheticHeart.steady(75, seconds: 20)
            for index in 0..<(20 * rate) {
                let leads = heart.parts.map { heart.value(Double(index) / Double(rate)) * $0 }
                guard monitor.push(leads, usable: .all) else { continue }
                let late = Double(Int64(index) - monitor.lastBeat.position) / Double(rate)
                #expect(late > 0.15 && late < 0.33, "\(rate) Hz: \(late)")
            }
        }
    }

    @Test("has no run, interval or shape that spans a hold")
    func hold() {
        var monitor = beatMonitor(250)
        let heart = SyntheticHeart.steady(75, seconds: 60)
        func listen(_ seconds: Double, _ start: Double) {
            for index in 0..<Int(seconds * 250) {
                let leads = heart.parts.map { heart.value(start + Double(index) / 250) * $0 }
                _ = monitor.push(leads, usable: .all)
            }
        }
        listen(10, 0)
        monitor.hold(samples: 20 * 250)
        let pause = monitor.takeRhythm().pause
        #expect(pause < 1)
        let isHeld = monitor.isHeld
        #expect(isHeld)
        let before = monitor.lastBeat.position
        listen(5, 30)
        let after = monitor.lastBeat.position
        #expect(after > before + 20 * 250)
        let later = monitor.takeRhythm().pause
        #expect(later < 2)
    }

    @Test("says the same by every instruction set", arguments: (1..<SignalKernel.count).filter { SignalKernel($0).isSupported })
    func kernels(number: Int) {
        for rhythm in [Rhythm.prematureVentricular, .ventricularFibrillation] {
            let tested = hear(Simulator(rate: 257, seed: 9, rhythm: rhythm, noise: .ambulance), seconds: 30, kernel: SignalKernel(number))
            let reference = hear(Simulator(rate: 257, seed: 9, rhythm: rhythm, noise: .ambulance), seconds: 30, kernel: SignalKernel(0))
            #expect(tested.beats.map(\.position) == reference.beats.map(\.position) && tested.reports == reference.reports)
            #expect(tested.beats.map(\.width) == reference.beats.map(\.width))
        }
    }

    @Test("takes any value without a trap")
    func anyValue() {
        var monitor = beatMonitor(100)
        for index in 0..<3000 {
            let leads = (0..<12).map { [Double.nan, .infinity, -.infinity, 1e300, 0][($0 + index) % 5] }
            _ = monitor.push(leads, usable: LeadSet(rawValue: UInt16(truncatingIfNeeded: index &* 2654)))
            if index % 97 == 0 { monitor.hold(samples: Int64(index)) }
        }
        let position = monitor.position
        #expect(position > 3000)
    }
}
