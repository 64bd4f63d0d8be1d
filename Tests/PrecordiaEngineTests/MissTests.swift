// Time that nobody heard and no index tells, and a device that is set anew: counted, told, and no new patient.

import PrecordiaAlerts
import PrecordiaNetwork
import PrecordiaQuality
import PrecordiaSignal
import PrecordiaSimulator
import Testing

@testable import PrecordiaEngine

private func raised(_ events: [Event], _ condition: Condition) -> [Event] {
    events.filter { $0.kind == .alertRaised && $0.code == AlertCode(condition).rawValue }
}

@Suite struct MissTests {
    @Test("frames that are missed are those of a jump of the index, to the last event", arguments: [20, 300, 700, 5000])
    func asAJump(missing: Int) throws {
        let jumped = try Bench(rate: 500), told = try Bench(rate: 500)
        let exam = frames(rate: 500, seconds: 40)
        let before = Array(exam.prefix(8_000)), after = Array(exam.suffix(12_000 - missing)).map { $0 }
        let first = before.map { $0 }
        var events = jumped.push(first + after)
        var other = told.push(first)
        told.engine.miss(after[0].index - 8_000)
        #expect(told.engine.nextFrame == after[0].index)
        other += told.fetch() + told.push(after)
        events = events.filter { $0.kind != .heartRate || !$0.value.isNaN }
        other = other.filter { $0.kind != .heartRate || !$0.value.isNaN }
        #expect(events.map { "\($0)" } == other.map { "\($0)" })
        #expect(jumped.engine.counters == told.engine.counters && told.engine.counters.framesMissing == after[0].index - 8_000)
    }

    @Test("a hole of which nobody knows how long it was is told without a number, and an asystole goes on across it")
    func unknown() throws {
        let bench = try Bench(rate: 500)
        let exam = frames(rate: 500, seconds: 20, rhythm: .asystole, noise: .resting)
        var events: [Event] = []
        for place in stride(from: 0, to: exam.count, by: 1000) {
            if place > 0 { bench.engine.miss(nil) }
            events += bench.push(Array(exam[place..<place + 1000]))
        }
        #expect(events.filter { $0.kind == .gap }.count == 9)
        #expect(events.allSatisfy { $0.kind != .gap || $0.value.isNaN })
        #expect(bench.engine.counters.framesMissing == 0 && bench.engine.nextFrame == 10_000)
        #expect(raised(events, .asystole).count == 1)
        #expect(!events.contains { $0.kind == .alertCleared && $0.code == 0x8000 })
    }

    @Test("nothing is missed before the first frame")
    func before() throws {
        let bench = try Bench(rate: 500)
        bench.engine.miss(700)
        bench.engine.miss(nil)
        #expect(bench.fetch().isEmpty && bench.engine.counters == EngineCounters() && bench.engine.nextFrame == 0)
    }

    @Test("a device that comes back after a minute is no lost signal, and one that is away two seconds in three is")
    func comesBack() throws {
        let once = try Bench(rate: 500)
        let events = once.push(frames(rate: 500, seconds: 90).filter { !(10_000..<40_000).contains($0.index) })
        #expect(raised(events, .signalLost).isEmpty && raised(events, .asystole).isEmpty)
        let often = try Bench(rate: 500)
        #expect(!raised(often.push(frames(rate: 500, seconds: 90).filter { $0.index % 1000 < 300 }), .signalLost).isEmpty)
    }

    @Test(
        "another format of the same rate is adopted with all evidence; another rate, other derived leads or a scale that cannot be are not")
    func adopts() throws {
        let bench = try Bench(rate: 500)
        let exam = frames(rate: 500, seconds: 10, rhythm: .asystole, noise: .resting)
        var events = bench.push(Array(exam.prefix(1750)))
        var other = bench.engine.stream
        for lead in 0..<12 {
            other.microvoltsPerCount[lead] = 0.5
            other.baseline[lead] = 40
        }
        let isAdopted = bench.engine.adopt(other)
        #expect(isAdopted)
        events += bench.push(
            exam.suffix(3250).map { frame in
                var frame = frame
                for lead in 0..<12 { frame.counts[lead] = frame.counts[lead] * 2 + 40 }
                return frame
            })
        #expect(raised(events, .asystole).first.map { $0.sample < 3500 } == true)
        #expect(bench.engine.stream.microvoltsPerCount[3] == 0.5)
        for change in [{ $0.rate = 250 }, { $0.derived = .derived }, { $0.microvoltsPerCount[2] = 0 }] as [(inout StreamFormat) -> Void] {
            var wrong = bench.engine.stream
            change(&wrong)
            let isRefused = !bench.engine.adopt(wrong)
            #expect(isRefused && bench.engine.stream.rate == 500)
        }
    }

    @Test("a device that is set to what it had is as if nothing had been: not a bit of an answer differs")
    func adoptsTheSame() throws {
        let steady = try Bench(rate: 500), set = try Bench(rate: 500)
        let exam = frames(rate: 500, seconds: 24)
        let expected = steady.push(exam)
        var events: [Event] = []
        for place in stride(from: 0, to: exam.count, by: 750) {
            let isAdopted = set.engine.adopt(set.engine.stream)
            #expect(isAdopted)
            events += set.push(Array(exam[place..<min(exam.count, place + 750)]))
        }
        #expect(events.map { "\($0)" } == expected.map { "\($0)" })
        for label in 0..<steady.engine.model.statementCount {
            #expect(set.engine.probability(label) == steady.engine.probability(label))
        }
        var other = set.engine.stream
        #expect(set.engine.stream.isSame(as: other))
        other.baseline[11] = 1
        #expect(!set.engine.stream.isSame(as: other))
    }

    @Test("pace marks that no pacemaker makes are a reason of the quality, counted, and believed again when they come slower")
    func paceMarks() throws {
        let bench = try Bench(rate: 500)
        var events: [Event] = []
        for frame in frames(rate: 500, seconds: 60) {
            if frame.index > 0, frame.index < 10_000, frame.index % 25 == 0 { _ = bench.engine.mark(pace: frame.index) }
            events += bench.push([frame])
        }
        let told = events.filter { $0.kind == .quality }.map { $0.reasons & QualityReasons.paceMarks.rawValue != 0 }
        #expect(told.contains(true) && told.last == false)
        let counters = bench.engine.counters
        #expect(counters.paceMarks + counters.paceMarksUnused + counters.paceMarksIgnored == 399)
        #expect(counters.paceMarksIgnored > 350 && counters.framesBlanked > 0 && counters.framesBlanked < 1500)
        #expect(answers(events).last?.kind == .window)
    }
}
