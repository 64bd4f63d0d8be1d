// Lethal rhythms through holes, hum, noise and loose electrodes: what a person must hear of, whatever mars the signal.

import PrecordiaQuality
import PrecordiaSignal
import PrecordiaSignalSupport
import PrecordiaSimulator
import Testing

@testable import PrecordiaBeats

/// What mars the signal of one of these tests.
enum Blemish: String, CaseIterable, Sendable {
    case none, blockLostEach5s, blockLostEachSecond, contactFlickersEach5s, hum150, hum1000At60, rightLegOff, muscle, wander, clipping,
        spikes

    var noise: PrecordiaSimulator.Noise {
        var noise = PrecordiaSimulator.Noise.resting
        switch self {
        case .hum150: noise.mainsMicrovolts = 150
        case .hum1000At60:
            noise.mainsMicrovolts = 1000
            noise.mainsHertz = 60
        case .rightLegOff: noise.electrodesOff = .rightLeg
        case .muscle: noise.muscleMicrovolts = 35
        case .wander: noise.baselineMicrovolts = 1000
        case .clipping: noise.saturationMicrovolts = 300
        default: break
        }
        return noise
    }

    /// Seconds from one lost block of 20 ms to the next; 0 for none.
    var block: Double { self == .blockLostEach5s ? 5 : (self == .blockLostEachSecond ? 1 : 0) }
}

/// A patient whose rhythm changes after 30 s, heard by the rooms that judge it.
struct Bedside: ~Copyable {
    var quality: QualityMonitor
    var beats: BeatMonitor
    var converter: LeadConverter
    let rate: Int
    var leads = [Double](repeating: 0, count: 12)

    init(rate: Int) {
        self.rate = rate
        quality = qualityMonitor(rate)
        beats = BeatMonitor(rate: rate, memory: memory(BeatMonitor.requiredBytes(rate: rate)))
        converter = LeadConverter(Simulator.format(rate: rate))
    }

    mutating func push(_ frame: Frame) {
        converter.convert(frame, into: &leads)
        quality.push(frame, microvolts: leads)
        _ = beats.push(leads, usable: quality.usable, present: quality.present)
    }

    mutating func lose(_ frames: Int) {
        quality.lose(UInt64(frames))
        beats.hold(samples: Int64(frames))
    }
}

/// The reports of each second from the change on, for 60 s.
func reports(
    _ rhythm: Rhythm, heartRate: Double? = nil, _ blemish: Blemish = .none, scale: Double = 1, rate: Int = 500, change: Int = 30
) -> [RhythmReport] {
    var usual = Simulator(rate: rate, seed: 7, noise: blemish.noise)
    var later = Simulator(rate: rate, seed: 8, rhythm: rhythm, heartRate: heartRate, noise: blemish.noise)
    var bedside = Bedside(rate: rate)
    var frame = Frame(index: 0)
    var said: [RhythmReport] = []
    let block = Int(blemish.block * Double(rate))
    var lost = 0
    for index in 0..<((change + 60) * rate) {
        if blemish == .contactFlickersEach5s {
            var noise = blemish.noise
            noise.electrodesOff = index % (5 * rate) < rate / 50 ? .rightArm : .empty
            usual.noise = noise
            later.noise = noise
        }
        if index < change * rate { usual.next(into: &frame) } else { later.next(into: &frame) }
        frame.index = UInt64(index)
        if blemish == .spikes, index % (9 * rate / 10 + 7 * (index / rate)) == 0 {
            // As a pulse in the body shows in the leads: 3 mV in I, II and the chest.
            for (lead, count) in [3000, 3000, 0, -3000, 1500, 1500, 3000, 3000, 3000, 3000, 3000, 3000].enumerated() {
                frame.counts[lead] += Int32(count)
            }
        }
        if scale != 1, index > change * rate { for lead in 0..<12 { frame.counts[lead] = Int32(scale * Double(frame.counts[lead])) } }
        if block > 0, index % block < rate / 50 {
            lost += 1
        } else {
            if lost > 0 { bedside.lose(lost) }
            lost = 0
            bedside.push(frame)
        }
        if index >= change * rate, (index + 1) % rate == 0 { said.append(bedside.beats.takeRhythm()) }
    }
    return said
}

@Suite("Lethal rhythms are known")
struct LethalRhythmTests {
    @Test("fibrillation, coarse, whatever mars the signal, within 7 s and for as long as it lasts", arguments: Blemish.allCases)
    func fibrillation(blemish: Blemish) {
        let said = reports(.ventricularFibrillation, blemish)
        #expect(said[7...].allSatisfy { $0.fibrillation >= 2 || $0.ventricularRun >= 5 })
    }

    @Test("fibrillation, fine, as itself or as asystole", arguments: Blemish.allCases)
    func fine(blemish: Blemish) {
        let said = reports(.ventricularFibrillation, blemish, scale: 0.2)
        #expect(said[9...].allSatisfy { $0.fibrillation >= 2 || $0.silence >= 4 })
    }

    @Test("asystole, whatever mars the signal", arguments: Blemish.allCases)
    func asystole(blemish: Blemish) {
        let said = reports(.asystole, blemish)
        #expect(said[9...].allSatisfy { $0.silence >= 4 })
    }

    @Test(
        "a tachycardia of wide beats goes on for as long as its beats come, though its shape becomes the usual one",
        arguments: [105.0, 120, 170], [Blemish.none, .blockLostEach5s, .hum150, .rightLegOff, .muscle])
    func tachycardia(heartRate: Double, blemish: Blemish) {
        let said = reports(.ventricularTachycardia, heartRate: heartRate, blemish)
        #expect(said[9...].allSatisfy { $0.ventricularRun >= 5 })
    }

    @Test(
        "a tachycardia that is there from the first sample on, within 11 s, and for as long as it lasts",
        arguments: [105.0, 120, 170], [Blemish.none, .blockLostEachSecond, .hum1000At60, .muscle, .clipping, .spikes])
    func fromTheStart(heartRate: Double, blemish: Blemish) {
        let said = reports(.ventricularTachycardia, heartRate: heartRate, blemish, change: 0)
        #expect(said[11...].allSatisfy { $0.ventricularRun >= 5 })
    }

    @Test("a narrow tachycardia is none of the ventricles, however hum widens it", arguments: [105.0, 120, 170], Blemish.allCases)
    func narrow(heartRate: Double, blemish: Blemish) {
        for change in [0, 30] {
            let said = reports(.supraventricularTachycardia, heartRate: heartRate, blemish, change: change)
            #expect(said.allSatisfy { $0.ventricularRun < 5 })
        }
    }

    @Test("asystole from the first sample on, though spikes come", arguments: [Blemish.none, .spikes, .hum150, .clipping])
    func asystoleFromTheStart(blemish: Blemish) {
        let said = reports(.asystole, blemish, change: 0)
        #expect(said[8...].allSatisfy { $0.silence >= 4 })
    }

    @Test("extreme rates by five and by seventeen beats, and no other", arguments: [20.0, 30, 36, 72, 130, 150, 200])
    func rates(heartRate: Double) {
        let said = reports(heartRate < 60 ? .sinusBradycardia : .sinusTachycardia, heartRate: heartRate)
        let slow = said[20...].filter { ($0.slowest ?? 300) < 40 }.count
        let fast = said[20...].filter { ($0.fastest ?? 0) >= 140 }.count
        #expect(slow == (heartRate < 40 ? 40 : 0))
        #expect(fast == (heartRate > 140 ? 40 : 0))
    }

    @Test(
        "five waves as large as the beats before them, but too blunt to be any, are a run; three are none",
        arguments: [(7, true), (3, false)])
    func waves(count: Int, isRun: Bool) {
        let rate = 500
        var beats = BeatMonitor(rate: rate, memory: memory(BeatMonitor.requiredBytes(rate: rate)))
        let usual = SyntheticHeart.steady(80, seconds: 20)
        let start = 20.2
        var noise = SplitMix(state: 3)
        var longest: Float = 0
        for index in 0..<(26 * rate) {
            let time = Double(index) / Double(rate)
            let phase = (time - start) * 2.5
            let wave =
                phase >= 0 && phase < Double(count)
                ? 500 * (1 - Double(Arithmetic.cosine(6.283185307179586 * (phase - Double(Int(phase)))))) : 0
            var leads = [Double](repeating: 0, count: 12)
            for lead in 0..<12 { leads[lead] = usual.parts[lead] * (usual.value(time) + wave) + 5 * noise.next() }
            _ = beats.push(leads, usable: .all)
            if index % rate == rate - 1 { longest = max(longest, beats.takeRhythm().ventricularRun) }
        }
        #expect((longest >= 5) == isRun)
    }

    @Test("a heart too small to be counted holds an asystole back for 7 s, and no longer")
    func whisper() {
        let rate = 500
        var beats = BeatMonitor(rate: rate, memory: memory(BeatMonitor.requiredBytes(rate: rate)))
        let heart = SyntheticHeart.steady(70, seconds: 20, qrs: 110)
        var noise = SplitMix(state: 3)
        var silences: [Float] = []
        for index in 0..<(12 * rate) {
            var leads = [Double](repeating: 0, count: 12)
            for lead in 0..<12 { leads[lead] = heart.parts[lead] * heart.value(Double(index) / Double(rate)) + 2 * noise.next() }
            _ = beats.push(leads, usable: .all)
            if index % rate == rate - 1 { silences.append(beats.takeRhythm().silence) }
        }
        #expect(beats.beats == 0)
        #expect(silences[4...5].allSatisfy { $0 < 4 } && silences[8...].allSatisfy { $0 >= 7 })
    }

    @Test("of leads that stand still without any noise no silence is counted", arguments: [100, 250, 500])
    func dead(rate: Int) {
        var bedside = Bedside(rate: rate)
        for index in 0..<(20 * rate) { bedside.push(Frame(index: UInt64(index))) }
        #expect(bedside.quality.isFlat && bedside.beats.takeRhythm().silence < 4)
    }

    @Test("leads without electrodes that stand at the converter's end and step are no asystole, and nobody watches them")
    func steps() {
        var bedside = Bedside(rate: 500)
        var noise = SplitMix(state: 5)
        var frame = Frame(index: 0)
        var silences: [Float] = []
        var unvouched: Float = 0
        for index in 0..<(20 * 500) {
            frame.index = UInt64(index)
            // Once a second each lead steps from one end to the other, and stays; one has the noise of a dangling cable.
            for lead in 0..<12 { frame.counts[lead] = (index / 500 + lead) % 2 == 0 ? 16_383 : -16_383 }
            frame.counts[1] = Int32(500 * noise.next())
            bedside.push(frame)
            guard index % 500 == 499 else { continue }
            let report = bedside.beats.takeRhythm()
            silences.append(report.silence)
            unvouched = max(unvouched, report.unvouched)
        }
        #expect(silences[..<7].allSatisfy { $0 < 4 } && unvouched >= 8)
    }

    @Test("for nothing but noise nobody vouches")
    func unvouched() {
        var bedside = Bedside(rate: 500)
        var noise = SplitMix(state: 5)
        var frame = Frame(index: 0)
        for index in 0..<(20 * 500) {
            frame.index = UInt64(index)
            for lead in 0..<12 { frame.counts[lead] = Int32(2000 * noise.next()) }
            bedside.push(frame)
        }
        #expect(bedside.beats.takeRhythm().unvouched >= 8)
    }

    @Test("nothing is said of a normal heart, whatever mars the signal", arguments: Blemish.allCases)
    func normal(blemish: Blemish) {
        let said = reports(.normalSinus, blemish)
        #expect(said.allSatisfy { $0.fibrillation < 2 && $0.ventricularRun < 5 && $0.silence < 4 && ($0.fastest ?? 0) < 140 })
    }
}

@Suite("Rows for rhythm")
struct RhythmTraceTests {
    private func trace(_ rate: Int) -> RhythmTrace {
        RhythmTrace(
            rate: rate, contactTime: RhythmLimits().contactTime, kernel: .best,
            memory: memory(RhythmTrace.requiredBytes(rate: rate)).baseAddress!)
    }

    @Test("have no mains in them, 50 or 60 Hz, at any rate", arguments: [100, 250, 360, 500, 1000, 2000], [50.0, 60])
    func mains(rate: Int, hertz: Double) {
        var trace = trace(rate)
        var leads = [Double](repeating: 0, count: 12)
        for index in 0..<(4 * rate) {
            let value = 1000 * Arithmetic.sine(6.283185307179586 * hertz * Double(index) / Double(rate))
            for lead in 0..<12 { leads[lead] = value }
            trace.push(leads, range: 1e6, leads: 0x0FFF)
        }
        var line = [Float](repeating: 0, count: 100)
        #expect(trace.copy(1, from: trace.rows - 100, count: 100, margin: 0, into: &line) == 100)
        #expect(line.allSatisfy { $0.magnitude < 1 })
    }

    @Test("bridge a hole with a line and say how much was heard")
    func hole() {
        var trace = trace(500)
        var leads = [Double](repeating: 0, count: 12)
        for index in 0..<2000 {
            if index == 1000 { trace.hold(samples: 50) }
            for lead in 0..<12 { leads[lead] = Double(index) }
            trace.push(leads, range: 1e6, leads: 0x0FFF)
        }
        var line = [Float](repeating: 0, count: 60)
        let heard = trace.copy(0, from: 100, count: 60, margin: 0, into: &line)
        #expect(heard >= 50 && heard < 60)
        #expect(zip(line, line.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test("leave a lead out for some milliseconds that jumps as no heart does")
    func spike() {
        var trace = trace(500)
        var leads = [Double](repeating: 0, count: 12)
        for index in 0..<2000 {
            leads[3] = index == 1000 ? 5000 : 0
            trace.push(leads, range: 1e6, leads: 0x0FFF)
        }
        var line = [Float](repeating: 1, count: 60)
        #expect(trace.copy(3, from: 100, count: 60, margin: 0, into: &line) < 60)
        #expect(line.allSatisfy { $0 == 0 })
    }
}
