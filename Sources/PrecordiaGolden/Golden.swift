// The determinism bench: fixed simulated records through the engine, and one hash over everything it says.
// A room of its own, so that the very same lines run as ordinary Swift here and as Embedded Swift on every processor.

import PrecordiaEngine
import PrecordiaNetwork
import PrecordiaSignal
import PrecordiaSimulator

/// What went wrong when a run does not return 0.
public enum GoldenError: Int32, Error {
    case model = 1
    case memory = 2
    case engine = 3
    case eventsDropped = 4
}

/// One simulated record of the bench.
struct GoldenRecord {
    var rate: Int
    var seed: UInt64
    var scenario: Scenario
    /// A frame index after which `gap` frames are lost.
    var gapAt: UInt64
    var gap: UInt64

    static var count: Int { 5 }

    static func number(_ index: Int) -> GoldenRecord {
        switch index {
        case 0: GoldenRecord(rate: 500, seed: 1, scenario: .demo, gapAt: .max, gap: 0)
        case 1: GoldenRecord(rate: 100, seed: 2, scenario: .tour, gapAt: .max, gap: 0)
        case 2: GoldenRecord(rate: 257, seed: 3, scenario: .tour, gapAt: 20_000, gap: 100)
        case 3: GoldenRecord(rate: 360, seed: 4, scenario: .demo, gapAt: 8_000, gap: 2_000)
        default: GoldenRecord(rate: 1000, seed: 5, scenario: .tour, gapAt: .max, gap: 0)
        }
    }
}

public enum Golden {
    /// Bytes of memory that ``run(model:memory:)`` and ``soak(model:memory:seconds:)`` need.
    public static func requiredBytes(model: ModelView) throws(GoldenError) -> Int {
        var most = EventHash.requiredBytes
        do {
            for index in 0..<GoldenRecord.count {
                let stream = Simulator.format(rate: GoldenRecord.number(index).rate)
                let bytes = try Engine.requiredBytes(model: model, stream: stream, options: EngineOptions())
                if bytes + EventHash.requiredBytes > most { most = bytes + EventHash.requiredBytes }
            }
        } catch { throw .engine }
        return most
    }

    /// Plays every record from its first frame to its last and hashes all events, and after each answer all probabilities.
    ///
    /// - Parameter memory: at least ``requiredBytes(model:)`` bytes.
    public static func run(model: ModelView, memory: UnsafeMutableRawBufferPointer) throws(GoldenError) -> SHA256.Digest {
        guard memory.count >= (try requiredBytes(model: model)) else { throw .memory }
        var hash = EventHash(memory: memory)
        let rest = UnsafeMutableRawBufferPointer(rebasing: memory[EventHash.requiredBytes...])
        for index in 0..<GoldenRecord.count { try play(.number(index), model: model, memory: rest, into: &hash) }
        return hash.finish()
    }

    /// Runs the tour scenario at 500 Hz for `seconds` of signal.
    public static func soak(model: ModelView, memory: UnsafeMutableRawBufferPointer, seconds: Int) throws(GoldenError) {
        guard memory.count >= (try requiredBytes(model: model)) else { throw .memory }
        var hash = EventHash(memory: memory)
        let rest = UnsafeMutableRawBufferPointer(rebasing: memory[EventHash.requiredBytes...])
        let stream = Simulator.format(rate: 500)
        var engine = try made(model: model, stream: stream, memory: rest)
        var simulator = Simulator(rate: 500, seed: 6, scenario: .tour)
        var frame = Frame(index: 0)
        for _ in 0..<(seconds * 500) {
            simulator.next(into: &frame)
            engine.push(frame)
            fetch(&engine, into: &hash)
        }
        guard engine.counters.eventsDropped == 0 else { throw .eventsDropped }
    }

    private static func made(
        model: ModelView, stream: StreamFormat, memory: UnsafeMutableRawBufferPointer
    ) throws(GoldenError) -> Engine {
        do { return try Engine(model: model, stream: stream, options: EngineOptions(), memory: memory) } catch { throw .engine }
    }

    private static func play(
        _ record: GoldenRecord, model: ModelView, memory: UnsafeMutableRawBufferPointer, into hash: inout EventHash
    ) throws(GoldenError) {
        var engine = try made(model: model, stream: Simulator.format(rate: record.rate), memory: memory)
        var simulator = Simulator(rate: record.rate, seed: record.seed, scenario: record.scenario)
        var frame = Frame(index: 0)
        for _ in 0..<(record.scenario.seconds * record.rate) {
            simulator.next(into: &frame)
            guard frame.index < record.gapAt || frame.index >= record.gapAt &+ record.gap else { continue }
            engine.push(frame)
            fetch(&engine, into: &hash)
        }
        while engine.drain() { fetch(&engine, into: &hash) }
        fetch(&engine, into: &hash)
        guard engine.counters.eventsDropped == 0 else { throw .eventsDropped }
    }

    private static func fetch(_ engine: inout Engine, into hash: inout EventHash) {
        while let event = engine.poll() {
            hash.add(event)
            guard event.kind == .window || event.kind == .unknown else { continue }
            for label in 0..<engine.model.labelCount { hash.add(engine.probability(label).bitPattern) }
        }
    }
}
