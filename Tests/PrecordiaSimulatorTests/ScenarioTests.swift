// The programmes cover their time without a gap, and a simulator follows them to the second.

import PrecordiaSignal
import Testing

@testable import PrecordiaSimulator

@Suite("Scenarios of the simulator")
struct ScenarioTests {
    @Test("Steps follow each other without gap or overlap", arguments: [Scenario.demo, .tour])
    func steps(scenario: Scenario) {
        var end = 0
        for second in 0..<scenario.seconds {
            let step = scenario.step(atSecond: second)
            #expect(step.start <= second && second < step.end)
            if second == end { #expect(step.start == end) }
            end = step.end
        }
        #expect(end == scenario.seconds)
    }

    @Test("After its end a scenario stays with its last step")
    func afterTheEnd() {
        #expect(Scenario.demo.step(atSecond: 1000).rhythm == .normalSinus)
        #expect(Scenario.tour.step(atSecond: .max) == Scenario.tour.step(atSecond: Scenario.tour.seconds - 1))
    }

    @Test("The tour plays every rhythm")
    func tour() {
        let played = Set((0..<Scenario.tour.seconds).map { Scenario.tour.step(atSecond: $0).rhythm })
        #expect(played == Set(Rhythm.allCases))
    }

    @Test("The demonstration: normal, fibrillation, electrode off, normal, ventricular tachycardia, normal", arguments: [100, 500])
    func demo(rate: Int) {
        var simulator = Simulator(rate: rate, seed: 1, scenario: .demo)
        var frame = Frame(index: 0)
        var wrong: [Int] = []
        for index in 0..<88 * rate {
            simulator.next(into: &frame)
            let second = index / rate
            let isRun = (60..<74).contains(second)
            let rhythm: Rhythm = (15..<34).contains(second) ? .atrialFibrillation : isRun ? .ventricularTachycardia : .normalSinus
            let off: ElectrodeSet = (34..<41).contains(second) ? .leftArm : .empty
            if simulator.rhythm != rhythm || frame.off != off { wrong.append(index) }
        }
        #expect(wrong.isEmpty)
    }

    @Test("A rhythm changed at run time begins with the next beat")
    func change() {
        var simulator = Simulator(rate: 500, seed: 1)
        var frame = Frame(index: 0)
        for index in 0..<30 * 500 {
            if index == 5000 { simulator.rhythm = .asystole }
            if index == 10_000 { simulator.rhythm = .ventricularTachycardia }
            simulator.next(into: &frame)
            if (6500..<10_000).contains(index) { #expect((0..<12).allSatisfy { frame.counts[$0] == 0 }) }
        }
        #expect(simulator.lastBeatOrigin == .ventricular)
        #expect((12 + 26...12 + 31).contains(Int(simulator.beatCount)))
    }
}
