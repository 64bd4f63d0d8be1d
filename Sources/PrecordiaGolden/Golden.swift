// The determinism bench: fixed simulated records through the engine, and one hash over everything it says.
// A room of its own, so that the very same lines run as ordinary Swift here and as Embedded Swift on every processor.

import PrecordiaEngine
public import PrecordiaNetwork
import PrecordiaSignal
import PrecordiaSimulator

/// What went wrong when a run does not return 0.
public enum GoldenError: Int32, Error {
    case model = 1
    case memory = 2
    case engine = 3
    case eventsDropped = 4
    /// A spoilt record met no gap, no missing or clipped lead or no frame out of order, so that its hash says nothing about them.
    case nothingSpoilt = 5
}

public enum Golden {
    /// Bytes of memory that ``run(model:memory:)`` and ``soak(model:memory:seconds:)`` need.
    public static func requiredBytes(model: ModelView) throws(GoldenError) -> Int {
        var most = EventHash.requiredBytes
        do {
            for index in 0..<GoldenRecord.count {
                let record = GoldenRecord.number(index)
                let bytes = try Engine.requiredBytes(model: model, stream: record.stream, options: record.options(model))
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
        for index in 0..<GoldenRecord.count {
            let record = GoldenRecord.number(index)
            let counters = try play(record, model: model, memory: rest, into: &hash)
            guard !record.spoilt || met(counters) else { throw .nothingSpoilt }
        }
        return hash.finish()
    }

    /// Plays ``GoldenRecord/soak(seconds:)``: every rhythm in turn with ever new seeds, and each minute or two gaps and bad frames.
    public static func soak(model: ModelView, memory: UnsafeMutableRawBufferPointer, seconds: Int) throws(GoldenError) {
        guard memory.count >= (try requiredBytes(model: model)) else { throw .memory }
        var hash = EventHash(memory: memory)
        let rest = UnsafeMutableRawBufferPointer(rebasing: memory[EventHash.requiredBytes...])
        _ = try play(.soak(seconds: seconds), model: model, memory: rest, into: &hash)
    }

    private static func made(
        _ record: GoldenRecord, model: ModelView, memory: UnsafeMutableRawBufferPointer
    ) throws(GoldenError) -> Engine {
        do { return try Engine(model: model, stream: record.stream, options: record.options(model), memory: memory) } catch {
            throw .engine
        }
    }

    private static func play(
        _ record: GoldenRecord, model: ModelView, memory: UnsafeMutableRawBufferPointer, into hash: inout EventHash
    ) throws(GoldenError) -> EngineCounters {
        var engine = try made(record, model: model, memory: memory)
        var patient = record.patient(0)
        var frame = Frame(index: 0)
        for second in 0..<record.seconds {
            let (round, place) = second.quotientAndRemainder(dividingBy: record.scenario.seconds)
            if place == 0 { patient = record.patient(round) }
            let step = record.scenario.step(atSecond: place)
            patient.rhythm = step.rhythm
            patient.noise = record.noise(step)
            for tick in 0..<record.rate {
                patient.next(into: &frame)
                frame.index = record.firstIndex &+ UInt64(second * record.rate + tick)
                // A device tells a pulse before the frames around it.
                if let ahead = patient.takePaceMark() { _ = engine.mark(pace: frame.index &+ UInt64(truncatingIfNeeded: ahead)) }
                deliver(&frame, record.spoilt ? .of(second: second, millisecond: tick * 1000 / record.rate) : .whole, to: &engine)
                fetch(&engine, into: &hash)
            }
        }
        while engine.drain() { fetch(&engine, into: &hash) }
        fetch(&engine, into: &hash)
        guard engine.counters.eventsDropped == 0 else { throw .eventsDropped }
        return engine.counters
    }

    /// Whether a spoilt record met what it is there for.
    private static func met(_ counters: EngineCounters) -> Bool {
        counters.framesMissing > 0 && counters.framesOutOfOrder > 0 && counters.samplesMissing > 0 && counters.framesClipped > 0
            && counters.windows > 0 && counters.alertsRaised > 0
    }

    private static func deliver(_ frame: inout Frame, _ fate: Fate, to engine: inout Engine) {
        switch fate {
        case .whole, .late: break
        case .lost: return
        case .chestMissing: frame.missing = LeadSet(.V2).union(LeadSet(.V3))
        case .limbMissing: frame.missing = LeadSet(.I).union(.derived)
        case .allMissing: frame.missing = .all
        case .clipped: frame.clipped = LeadSet(.V4)
        }
        engine.push(frame)
        guard case .late = fate else { return }
        engine.push(frame)
        frame.index = frame.index &- 5
        engine.push(frame)
    }

    private static func add(_ values: MeasuredValues, to hash: inout EventHash) {
        hash.add(values.p.bitPattern)
        hash.add(values.pr.bitPattern)
        hash.add(values.qrs.bitPattern)
        hash.add(values.qt.bitPattern)
        hash.add(values.qtc.bitPattern)
        hash.add(values.pAxis.bitPattern)
        hash.add(values.qrsAxis.bitPattern)
        hash.add(values.tAxis.bitPattern)
        for lead in 0..<12 {
            hash.add(values.j[lead].bitPattern)
            hash.add(values.j60[lead].bitPattern)
        }
    }

    private static func fetch(_ engine: inout Engine, into hash: inout EventHash) {
        while let event = engine.poll() {
            hash.add(event)
            if event.kind == .measurement { add(engine.measuredValues, to: &hash) }
            guard event.kind == .window || event.kind == .unknown else { continue }
            for label in 0..<engine.model.labelCount { hash.add(engine.probability(label).bitPattern) }
        }
    }
}
