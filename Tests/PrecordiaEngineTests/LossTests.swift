// What the engine says when frames are lost, late, doubled or counted anew: everything is counted, nothing is guessed.

import PrecordiaAlerts
import PrecordiaNetwork
import PrecordiaSignal
import PrecordiaSimulator
import Testing

@testable import PrecordiaEngine

private func code(_ condition: Condition) -> UInt16 { AlertCode(condition).rawValue }

@Suite struct LossTests {
    @Test("A window with invented samples is never called known")
    func bridged() throws {
        let bench = try Bench(rate: 500)
        let events = bench.push(frames(rate: 500, seconds: 30).filter { !(7_300..<7_750).contains($0.index) })
        let gap = try #require(events.firstIndex { $0.kind == .gap })
        #expect(events[gap].sample == 7_300 && events[gap].value == 450)
        let after = events[gap...]
        #expect(after.dropFirst().allSatisfy { $0.sample >= 7_300 }, "events keep the order of time")
        let firstKnown = try #require(after.first { $0.kind == .window })
        #expect(firstKnown.sample >= 7_750 + 5_000 - 1, "10 s must be whole again")
    }

    @Test("A gap is seen until the whole window of the answer lies behind it, at any rate", arguments: [100, 257, 500, 2000])
    func windowBehindGap(rate: Int) throws {
        let end = 10 * rate + rate / 50
        let bench = try Bench(rate: rate)
        let events = bench.push(frames(rate: rate, seconds: 25).filter { !(end - rate / 100..<end).contains(Int($0.index)) })
        let delay = (12 * rate + 99) / 100
        for answer in answers(events) where answer.kind == .window && answer.sample > UInt64(end) {
            let begin = Int(answer.sample) - (rate == 100 ? 0 : delay) - 10 * rate + (rate + 99) / 100
            #expect(begin >= end - 1, "the answer at \(answer.sample) looks back on the gap")
        }
        #expect(answers(events).last?.kind == .window)
    }

    @Test("Each answer that is unknown says why, also after a drain")
    func reasons() throws {
        let bench = try Bench(rate: 500)
        let exam = frames(rate: 500, seconds: 36)
        let events = bench.push(Array(exam.prefix(6_250))) + bench.drain() + bench.push(Array(exam.suffix(11_750)))
        #expect(answers(events).allSatisfy { $0.kind == .window || $0.reasons != 0 })
        #expect(answers(events).last?.kind == .window)
    }

    @Test("Short losses from the start on do not make an asystole of a healthy rhythm")
    func dropouts() throws {
        let bench = try Bench(rate: 500)
        let events = bench.push(frames(rate: 500, seconds: 40) { if $0.index % 500 >= 400 { $0.missing = .all } })
        #expect(!events.contains { $0.kind == .alertRaised && $0.code == code(.asystole) })
    }

    @Test("A stream that loses more than it brings is unknown each second, and signal lost")
    func lossy() throws {
        let bench = try Bench(rate: 500)
        let events = bench.push(frames(rate: 500, seconds: 120).filter { $0.index % 1000 < 400 })
        #expect(bench.engine.counters.windows == 0)
        #expect((55...120).contains(Int(bench.engine.counters.windowsUnknown)))
        #expect(events.contains { $0.kind == .alertRaised && $0.code == code(.signalLost) && $0.priority == 4 })
        #expect(bench.engine.counters.framesMissing == 59 * 600)
    }

    @Test("A gap of a day costs one answer, counts its seconds, and lets old alerts lapse")
    func day() throws {
        let bench = try Bench(rate: 100)
        var events = bench.push(frames(rate: 100, seconds: 30, rhythm: .atrialFibrillation))
        let fibrillation = try #require((0..<shippedModel.labelCount).first { shippedModel.label($0).code.elementsEqual("AFIB".utf8) })
        #expect(events.contains { $0.kind == .alertRaised && Int($0.code) == fibrillation })
        let later = frames(rate: 100, seconds: 1).map { frame in
            var frame = frame
            frame.index += 8_640_000
            return frame
        }
        events = bench.push(later)
        #expect(answers(events).filter { $0.sample < 8_640_000 }.count == 1)
        #expect(events.contains { $0.kind == .alertCleared && Int($0.code) == fibrillation && $0.reasons & 0x8000 != 0 })
        #expect(bench.engine.counters.framesMissing == 8_640_000 - 3_000)
        #expect(bench.engine.counters.windowsUnknown >= 86_370)
    }

    @Test("A device that begins to count anew is followed after a second, and that is told")
    func recounting() throws {
        let bench = try Bench(rate: 250)
        _ = bench.push(frames(rate: 250, seconds: 20))
        let events = bench.push(frames(rate: 250, seconds: 20, seed: 8))
        #expect(bench.engine.counters.framesOutOfOrder == 250)
        #expect(events.first { $0.kind == .gap }.map { $0.value.isNaN && $0.sample == 250 } == true)
        #expect(answers(events).last?.kind == .window)
    }

    @Test("One frame without any lead is no alarm; seconds of them are")
    func blink() throws {
        let one = try Bench(rate: 500)
        let events = one.push(frames(rate: 500, seconds: 30) { if $0.index == 7_499 { $0.missing = .all } })
        #expect(!events.contains { $0.kind == .alertRaised && $0.code == code(.signalLost) })
        #expect(one.engine.counters.samplesMissing == 12)
        let many = try Bench(rate: 500)
        let lost = many.push(frames(rate: 500, seconds: 30) { if $0.index > 7_499 { $0.missing = .all } })
        #expect(lost.first { $0.kind == .alertRaised && $0.code == code(.signalLost) }.map { $0.sample < 7_500 + 1_500 } == true)
    }

    @Test("Leads that have left their place and show no beat are a lost signal within 7 s, and an asystole when they have stood for 10 s")
    func displacedLeads() throws {
        let bench = try Bench(rate: 250)
        var events = bench.push(frames(rate: 250, seconds: 20, noise: .resting))
        let still = frames(rate: 250, seconds: 40, rhythm: .asystole, noise: .resting).map { frame in
            var frame = frame
            frame.index += 5000
            for lead in 0..<12 { frame.counts[lead] += 40_000 }
            return frame
        }
        events += bench.push(still)
        func first(_ condition: Condition) -> Double? {
            events.first { $0.kind == .alertRaised && $0.code == code(condition) }.map { Double($0.sample) / 250 - 20 }
        }
        let lost = try #require(first(.signalLost)), silent = try #require(first(.asystole))
        #expect(lost < 7 && silent > 10 && silent < 14)
    }

    /// Urgent alerts that rise, by name, with seconds from `start` on: 20 s of a normal rhythm, 30 s of another, all of it spoilt.
    private func urgent(_ rhythm: Rhythm, _ spoil: (inout Frame) -> Bool) throws -> [(name: String, time: Double)] {
        let bench = try Bench(rate: 500)
        var all = frames(rate: 500, seconds: 20, noise: .resting)
        all += frames(rate: 500, seconds: 30, rhythm: rhythm, seed: 5, noise: .resting).map { frame in
            var frame = frame
            frame.index += 10_000
            return frame
        }
        let kept = all.compactMap { frame in
            var frame = frame
            return spoil(&frame) ? frame : nil
        }
        return bench.push(kept).filter { $0.kind == .alertRaised && $0.priority == AlertPriority.high.rawValue }.compactMap { event in
            Condition(rawValue: Int(event.code & 0x7FFF)).map { ($0.name.description, Double(event.sample) / 500 - 20) }
        }
    }

    private static let deadly: [Rhythm] = [.ventricularFibrillation, .ventricularTachycardia, .asystole]

    @Test("Zeros in the six chest channels hide no asystole, and are no alarm of their own")
    func emptyChest() throws {
        func empty(_ frame: inout Frame) -> Bool {
            for lead in 6..<12 { frame.counts[lead] = 0 }
            return true
        }
        let found = try urgent(.asystole, empty)
        #expect(found.first.map { $0.name == "asystole" && $0.time > 0 && $0.time < 10 } == true)
        #expect(try urgent(.normalSinus, empty).isEmpty)
    }

    @Test("An electrode that is 5 mV elsewhere for 300 ms of each second hides nothing that kills", arguments: deadly)
    func badContact(rhythm: Rhythm) throws {
        let found = try urgent(rhythm) { frame in
            if frame.index % 500 < 150 {
                let moved: [Int32] = [-5000, -5000, 0, 5000, -2500, -2500] + Array(repeating: -1667, count: 6)
                for lead in 0..<12 { frame.counts[lead] += moved[lead] }
            }
            return true
        }
        #expect(found.contains { $0.time < 10 })
    }

    @Test("200 ms lost each second is a lost signal, whatever the heart does, and no slow heart", arguments: deadly + [.normalSinus])
    func fifthLost(rhythm: Rhythm) throws {
        let found = try urgent(rhythm) { $0.index % 500 >= 100 }
        #expect(found.contains { $0.name == "signal-lost" && $0.time < 10 })
        #expect(!found.contains { $0.name == "extreme-bradycardia" })
    }

    @Test("What a frame says of leads that the stream derives does not count")
    func derivedMissing() throws {
        let bench = try Bench(rate: 500, derived: .derived)
        let events = bench.push(frames(rate: 500, seconds: 12) { $0.missing = .derived })
        #expect(answers(events).last?.kind == .window)
        #expect(bench.engine.counters.samplesMissing == 0)
    }

    @Test("One flat lead in the first seconds is no artefact")
    func flatLead() throws {
        let bench = try Bench(rate: 500)
        let events = bench.push(frames(rate: 500, seconds: 15) { $0.counts[8] = 5 })
        #expect(!events.contains { $0.kind == .alertRaised && $0.code == code(.artefact) })
        #expect(events.contains { $0.kind == .quality && $0.leads == LeadSet(.V3).rawValue })
    }

    @Test("A frame after the drain begins a new window, and can be drained again")
    func afterDrain() throws {
        let bench = try Bench(rate: 500)
        let exam = frames(rate: 500, seconds: 24)
        _ = bench.push(Array(exam.prefix(6_250))) + bench.drain()
        let events = bench.push(Array(exam.suffix(5_750)))
        #expect(answers(events).first?.kind == .unknown)
        #expect(answers(bench.drain()).count == 1)
        #expect(bench.engine.columns == shippedModel.windowColumns)
    }

    @Test("The largest possible jump is counted and survived")
    func extreme() throws {
        let bench = try Bench(rate: 2000)
        var frame = Frame(index: 0)
        bench.engine.push(frame)
        frame.index = UInt64.max - 1
        bench.engine.push(frame)
        _ = bench.fetch()
        #expect(bench.engine.counters.framesMissing == UInt64.max - 2)
        #expect(bench.engine.heartRate == nil)
    }
}
