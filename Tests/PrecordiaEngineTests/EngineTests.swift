// The engine from frames to events, on simulated signal and the shipped model.

import CPrecordiaModel
import PrecordiaAlerts
import PrecordiaNetwork
import PrecordiaSignal
import PrecordiaSimulator
import Testing

@testable import PrecordiaEngine

let shippedModel = try! ModelView(
    UnsafeRawBufferPointer(start: precordia_shipped_model(), count: precordia_shipped_model_bytes()))

/// An engine with its memory, for as long as a test needs it.
final class Bench {
    let memory: UnsafeMutableRawBufferPointer
    var engine: Engine

    convenience init(rate: Int, derived: LeadSet = [], options: EngineOptions = EngineOptions()) throws {
        try self.init(StreamFormat(rate: rate, derived: derived), options: options)
    }

    init(_ stream: StreamFormat, options: EngineOptions = EngineOptions()) throws {
        let bytes = try Engine.requiredBytes(model: shippedModel, stream: stream, options: options)
        memory = .allocate(byteCount: bytes, alignment: 64)
        engine = try Engine(model: shippedModel, stream: stream, options: options, memory: memory)
    }

    deinit { memory.deallocate() }

    func fetch() -> [Event] {
        var events: [Event] = []
        while let event = engine.poll() { events.append(event) }
        return events
    }

    func push(_ frames: [Frame]) -> [Event] {
        frames.flatMap { frame in
            engine.push(frame)
            return fetch()
        }
    }

    func drain() -> [Event] {
        var events: [Event] = []
        while engine.drain() { events += fetch() }
        return events + fetch()
    }
}

/// Simulated frames; `change` alters each before it is used.
func frames(
    rate: Int, seconds: Int, rhythm: Rhythm = .normalSinus, seed: UInt64 = 7, noise: Noise = .none,
    change: (inout Frame) -> Void = { _ in }
) -> [Frame] {
    var simulator = Simulator(rate: rate, seed: seed, rhythm: rhythm, noise: noise)
    return (0..<seconds * rate).map { _ in
        var frame = Frame(index: 0)
        simulator.next(into: &frame)
        change(&frame)
        return frame
    }
}

func answers(_ events: [Event]) -> [Event] { events.filter { $0.kind == .window || $0.kind == .unknown } }

@Suite struct EngineTests {
    @Test("Every second of an exam gets exactly one answer, whatever the rate", arguments: [100, 128, 257, 360, 500, 1000, 2000])
    func oneAnswerASecond(rate: Int) throws {
        let bench = try Bench(rate: rate)
        let events = bench.push(frames(rate: rate, seconds: 15)) + bench.drain()
        #expect(answers(events).count == 15)
        #expect(answers(events).prefix(9).allSatisfy { $0.kind == .unknown })
        #expect(answers(events).suffix(6).allSatisfy { $0.kind == .window })
        #expect(bench.engine.counters.windows == 6 && bench.engine.counters.windowsUnknown == 9)
    }

    @Test("What was lost of one exam says nothing of the next")
    func resetForgetsLosses() throws {
        let exam = frames(rate: 500, seconds: 20)
        let used = try Bench(rate: 500)
        _ = used.push(exam.filter { $0.index % 300 < 100 })
        used.engine.reset()
        let fresh = try Bench(rate: 500)
        #expect(used.push(exam).map { "\($0)" } == fresh.push(exam).map { "\($0)" })
    }

    @Test("Drained or reset and fed again, an engine says the same")
    func resetRepeats() throws {
        let bench = try Bench(rate: 360)
        let exam = frames(rate: 360, seconds: 20, rhythm: .atrialFibrillation)
        let first = bench.push(exam) + bench.drain()
        bench.engine.reset()
        let second = bench.push(exam) + bench.drain()
        #expect(first.count == second.count)
        for (a, b) in zip(first, second) { #expect(a == b || (a.value.isNaN && b.value.isNaN && a.sample == b.sample)) }
    }

    @Test("An exam that begins at another frame index gets the same answers")
    func shiftedIndex() throws {
        let a = try Bench(rate: 250)
        let b = try Bench(rate: 250)
        let exam = frames(rate: 250, seconds: 12)
        let shifted = exam.map { frame in
            var frame = frame
            frame.index += 1 << 40
            return frame
        }
        let first = answers(a.push(exam) + a.drain())
        let second = answers(b.push(shifted) + b.drain())
        #expect(first.map(\.value) == second.map(\.value))
        #expect(b.engine.counters.framesMissing == 0)
    }

    @Test("Twelve leads and the eight independent ones give the same probabilities")
    func derivedLeads() throws {
        let full = try Bench(rate: 500)
        let eight = try Bench(rate: 500, derived: .derived)
        let exam = frames(rate: 500, seconds: 11) { frame in
            // Even counts: aVR = -(I + II) / 2 stays a whole number.
            frame.counts[0] &= ~1
            frame.counts[1] &= ~1
            frame.counts[2] = frame.counts[1] - frame.counts[0]
            frame.counts[3] = -(frame.counts[0] + frame.counts[1]) / 2
            frame.counts[4] = frame.counts[0] - frame.counts[1] / 2
            frame.counts[5] = frame.counts[1] - frame.counts[0] / 2
        }
        _ = full.push(exam) + full.drain()
        let stripped = exam.map { frame in
            var frame = frame
            for lead in 2...5 { frame.counts[lead] = -12345 }
            return frame
        }
        _ = eight.push(stripped) + eight.drain()
        for label in 0..<shippedModel.labelCount { #expect(full.engine.probability(label) == eight.engine.probability(label)) }
    }

    @Test("A short gap is counted, told, bridged, and makes 10 s unknown")
    func shortGap() throws {
        let bench = try Bench(rate: 500)
        let exam = frames(rate: 500, seconds: 40)
        let events = bench.push(exam.filter { $0.index < 7_500 || $0.index >= 7_600 }) + bench.drain()
        #expect(bench.engine.counters.framesMissing == 100)
        #expect(events.filter { $0.kind == .gap }.map { [$0.sample, UInt64($0.value)] } == [[7_500, 100]])
        #expect(answers(events).count == 40)
        let unknown = answers(events).filter { $0.kind == .unknown && $0.sample > 7_500 }
        #expect(unknown.count >= 10 && unknown.count <= 11)
    }

    @Test("A long gap starts the signal path anew")
    func longGap() throws {
        let bench = try Bench(rate: 500)
        let exam = frames(rate: 500, seconds: 40)
        let events = bench.push(exam.filter { $0.index < 7_500 || $0.index >= 10_000 })
        #expect(bench.engine.counters.framesMissing == 2_500)
        let after = answers(events).filter { $0.sample >= 10_000 }
        #expect(after.prefix(9).allSatisfy { $0.kind == .unknown })
        #expect(after.last?.kind == .window)
    }

    @Test("A frame that is not newer than the last one is counted and changes nothing")
    func outOfOrder() throws {
        let a = try Bench(rate: 100)
        let b = try Bench(rate: 100)
        let exam = frames(rate: 100, seconds: 12)
        let plain = answers(a.push(exam))
        let doubled = answers(b.push(exam.flatMap { [$0, $0] }))
        #expect(plain == doubled)
        #expect(b.engine.counters.framesOutOfOrder == 1200)
    }

    @Test("An electrode that comes off raises an alert at once, makes the answer unknown, and clears")
    func electrodeOff() throws {
        let bench = try Bench(rate: 500)
        let exam = frames(rate: 500, seconds: 60) { frame in
            if frame.index >= 10_000 && frame.index < 12_500 { frame.off = .leftArm }
        }
        let events = bench.push(exam)
        let code = AlertCode(.electrodeOff).rawValue
        let raised = events.filter { $0.kind == .alertRaised && $0.code == code }
        let cleared = events.filter { $0.kind == .alertCleared && $0.code == code }
        #expect(raised.count == 1 && cleared.count == 1)
        #expect(raised.first.map { $0.sample >= 10_000 && $0.sample < 10_700 } == true)
        #expect(events.contains { $0.kind == .unknown && $0.sample > 12_500 && $0.leads == ElectrodeSet.leftArm.affectedLeads.rawValue })
        #expect(bench.engine.heartRate != nil, "lead II does not need the left arm")
    }

    @Test("A flat line in all leads is unknown, has no heart rate, and within 10 s an alarm as urgent as an asystole")
    func flatLine() throws {
        let bench = try Bench(rate: 250)
        let exam = frames(rate: 250, seconds: 40) { frame in
            if frame.index >= 5_000 { frame.counts = InlineArray(repeating: 12) }
        }
        let events = bench.push(exam)
        let flat = events.first { $0.kind == .alertRaised && $0.code == AlertCode(.leadsFlat).rawValue }
        #expect(flat.map { $0.sample < 5_000 + 2_500 && $0.priority == 4 } == true)
        #expect(bench.engine.heartRate == nil)
        #expect(events.last { $0.kind == .unknown || $0.kind == .window }?.kind == .unknown)
    }

    @Test("Events that nobody fetches are dropped and counted, never overwritten")
    func slowReader() throws {
        let bench = try Bench(rate: 100)
        var simulator = Simulator(rate: 100, seed: 1, rhythm: .atrialFibrillation)
        var frame = Frame(index: 0)
        for _ in 0..<60_000 {
            simulator.next(into: &frame)
            bench.engine.push(frame)
        }
        let kept = bench.fetch()
        #expect(kept.count == EventQueue.capacity)
        #expect(bench.engine.counters.eventsDropped > 300)
        #expect(kept.first?.sample ?? 1000 < 200)
    }

    @Test("A hop of one column answers five times a second, and agrees each whole second")
    func shortHop() throws {
        var options = EngineOptions()
        options.hop = shippedModel.samplesPerColumn
        let often = try Bench(rate: 100, options: options)
        let normal = try Bench(rate: 100)
        let exam = frames(rate: 100, seconds: 14)
        let many = answers(often.push(exam))
        let few = answers(normal.push(exam))
        #expect(many.count == 70 && few.count == 14)
        #expect(few.map(\.value) == many.filter { ($0.sample + 1) % 100 == 0 }.map(\.value))
    }

    @Test("A stream or option that cannot be is refused by name")
    func refused() throws {
        func error(_ rate: Int, _ change: (inout EngineOptions, inout StreamFormat) -> Void) -> EngineError? {
            var options = EngineOptions()
            var stream = StreamFormat(rate: rate)
            change(&options, &stream)
            do {
                _ = try Engine.requiredBytes(model: shippedModel, stream: stream, options: options)
                return nil
            } catch { return error }
        }
        #expect(error(99) { _, _ in } == .rate)
        #expect(error(2001) { _, _ in } == .rate)
        #expect(error(500) { _, stream in stream.microvoltsPerCount[3] = .nan } == .scale)
        #expect(error(500) { _, stream in stream.microvoltsPerCount[3] = 0 } == .scale)
        #expect(error(500) { _, stream in stream.derived = LeadSet(.V1) } == .derivedLeads)
        #expect(error(500) { options, _ in options.hop = 30 } == .hop)
        #expect(error(500) { options, _ in options.hop = 200 } == .hop)
        #expect(error(500) { _, _ in } == nil)
    }

    @Test("Extreme counts, missing leads and clipped leads never trap, and are counted")
    func hostile() throws {
        let bench = try Bench(rate: 500)
        var state: UInt64 = 88_172_645_463_325_252
        func random() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
        for index in 0..<20_000 {
            var frame = Frame(index: UInt64(index))
            for lead in 0..<12 { frame.counts[lead] = random() % 3 == 0 ? Int32.min : Int32(truncatingIfNeeded: random()) }
            frame.missing = LeadSet(rawValue: UInt16(truncatingIfNeeded: random()))
            frame.clipped = LeadSet(rawValue: UInt16(truncatingIfNeeded: random()))
            frame.off = ElectrodeSet(rawValue: UInt16(truncatingIfNeeded: random() % 64))
            bench.engine.push(frame)
            _ = bench.fetch()
        }
        #expect(bench.engine.counters.samplesMissing > 100_000)
        #expect(bench.engine.counters.framesClipped > 19_000)
        #expect(bench.engine.counters.windows == 0)
    }

    @Test("An event is 24 bytes, little-endian, in the stated order")
    func eventBytes() {
        let event = Event(
            .alertRaised, sample: 0x0102_0304_0506_0708, code: 0x8001, priority: 4, leads: 0x0FFF, reasons: 0x1_0002, electrodes: 0x0211,
            value: 1)
        var bytes = [UInt8](repeating: 0xEE, count: Event.byteCount)
        bytes.withUnsafeMutableBytes { event.write(to: $0.baseAddress!) }
        #expect(bytes == [4, 4, 1, 0x80, 0xFF, 0x0F, 0x11, 2, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0x80, 0x3F, 2, 0, 1, 0])
    }
}
