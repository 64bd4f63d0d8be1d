// What else may be said while something is alarmed: nothing against a rhythm that kills, and which electrodes are off.

import PrecordiaQuality
import PrecordiaSignal
import PrecordiaSimulator
import Testing

@testable import PrecordiaEngine

@Suite("Beside an alarm") struct AlarmedTests {
    /// The frames of one heart whose rhythm changes at these seconds, from 15 s of a normal one on.
    private func frames(_ rhythm: Rhythm, seconds: Int, off: [(Range<Int>, ElectrodeSet)] = []) -> [Frame] {
        var simulator = Simulator(rate: 500, seed: 3, noise: .resting)
        return (0..<(45 + seconds) * 500).map { index in
            let second = index / 500
            simulator.rhythm = (15..<15 + seconds).contains(second) ? rhythm : .normalSinus
            simulator.noise.electrodesOff = off.filter { $0.0.contains(second) }.reduce(.empty) { $0.union($1.1) }
            var frame = Frame(index: 0)
            simulator.next(into: &frame)
            return frame
        }
    }

    @Test(
        "of asystole, fibrillation and a ventricular run no statement and no rate contradicts it, from its very hop to its end",
        arguments: [(Rhythm.asystole, 0x8000), (.ventricularFibrillation, 0x8008), (.ventricularTachycardia, 0x8009)] as [(Rhythm, UInt16)])
    func withheld(rhythm: Rhythm, code: UInt16) throws {
        let bench = try Bench(rate: 500)
        let lethal: Set<UInt16> = [0x8000, 0x8008, 0x8009]
        var active: Set<UInt16> = []
        var rate = Float.nan
        var withheld = 0, wrong: [Event] = []
        var seen: Set<UInt16> = [], after = 0
        for frame in frames(rhythm, seconds: 30) {
            bench.engine.push(frame)
            for event in bench.fetch() {
                if event.kind == .alertRaised, lethal.contains(event.code) { active.insert(event.code) }
                if event.kind == .alertCleared { active.remove(event.code) }
                seen.formUnion(active)
                if event.kind == .heartRate { rate = event.value }
                let isMarked = event.reasons & QualityReasons.rhythmAlarmed.rawValue != 0
                if event.kind == .window, !seen.isEmpty, active.isEmpty { after += 1 }
                if event.kind == .window, !active.isEmpty || isMarked { wrong.append(event) }
                if event.kind == .unknown, isMarked != !active.isEmpty { wrong.append(event) }
                if event.kind == .unknown, isMarked { withheld += 1 }
                if event.kind == .alertRaised, event.code & 0x8000 == 0, !active.isEmpty { wrong.append(event) }
            }
            #expect(bench.engine.isLethalRhythmAlarmed == !active.isEmpty)
            if bench.engine.isLethalRhythmAlarmed, let shown = bench.engine.heartRate { #expect(active == [0x8009] && shown >= 100) }
            if !active.isDisjoint(with: [0x8000, 0x8008]), frame.index % 500 == 499 { #expect(rate.isNaN) }
        }
        #expect(seen.contains(code) && wrong.isEmpty && withheld > 15, "\(wrong)")
        #expect(after > 5 && active.isEmpty && !rate.isNaN, "and afterwards there are answers and a rate again")
    }

    /// The engine's own alerts of high priority in 15 s of a normal rhythm, 20 s of another, as many of it under noise, and 30 s of a normal one: with seconds.
    private func told(_ rhythm: Rhythm, muscle: Double) throws -> [(code: UInt16, rises: Bool, time: Double)] {
        let bench = try Bench(rate: 500)
        var simulator = Simulator(rate: 500, seed: 3, noise: .resting)
        let frames = (0..<85 * 500).map { index in
            let second = index / 500
            simulator.rhythm = (15..<55).contains(second) ? rhythm : .normalSinus
            simulator.noise.muscleMicrovolts = (35..<55).contains(second) ? muscle : 5
            var frame = Frame(index: 0)
            simulator.next(into: &frame)
            return frame
        }
        return bench.push(frames).filter {
            ($0.kind == .alertRaised || $0.kind == .alertCleared) && $0.priority == 4 && $0.code & 0x8000 != 0
        }
        .map { ($0.code, $0.kind == .alertRaised, Double($0.sample) / 500) }
    }

    @Test(
        "an alarm of a rhythm that kills does not end in noise, but when a rhythm of beats can be vouched for",
        arguments: [(Rhythm.asystole, 0x8000), (.ventricularFibrillation, 0x8008), (.ventricularTachycardia, 0x8009)] as [(Rhythm, UInt16)])
    func fading(rhythm: Rhythm, code: UInt16) throws {
        let own = try told(rhythm, muscle: 600).filter { $0.code == code }
        #expect(own.map(\.rises) == [true, false])
        #expect(own.first.map { $0.time > 15 && $0.time < 25 } == true && own.last.map { $0.time > 55 && $0.time < 75 } == true)
    }

    @Test("where nobody can vouch for a rhythm, that is said within 15 s, and is over when somebody can")
    func untold() throws {
        let lost = try told(.normalSinus, muscle: 600).filter { $0.code == 0x8004 }
        #expect(lost.map(\.rises) == [true, false])
        #expect(lost.first.map { $0.time > 43 && $0.time < 50 } == true && lost.last.map { $0.time > 55 && $0.time < 70 } == true)
    }

    @Test("an alert of electrodes says which, is told again with another one, and with what is left when one has been on for 10 s")
    func electrodes() throws {
        let bench = try Bench(rate: 500)
        let off: [(Range<Int>, ElectrodeSet)] = [(15..<60, .chest(3)), (20..<25, .leftArm)]
        let told = bench.push(frames(.normalSinus, seconds: 30, off: off)).filter { $0.code == 0x8003 }
        #expect(told.map(\.kind) == [.alertRaised, .alertRaised, .alertRaised, .alertCleared])
        let both = ElectrodeSet.chest(3).union(.leftArm).rawValue
        #expect(told.map(\.electrodes) == [ElectrodeSet.chest(3).rawValue, both, ElectrodeSet.chest(3).rawValue, 0])
        #expect(told.map(\.value) == [1, 2, 1, 0] && told.map { $0.priority } == [2, 2, 2, 2])
        #expect((20...22).contains(told[1].sample / 500) && (35...46).contains(told[2].sample / 500))
    }
}
