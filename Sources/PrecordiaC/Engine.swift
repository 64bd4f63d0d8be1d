// Engines in the caller's memory: how much they need, how they are made, ended and asked for events.
// The state's struct stands first in that memory, the engine's own arena behind it.

public import CPrecordia
import PrecordiaEngine
import PrecordiaNetwork
import PrecordiaSignal

/// What a `precordia_engine` points to.
struct EngineState: ~Copyable {
    var engine: Engine
    var channels: Channels

    static func at(_ engine: OpaquePointer) -> UnsafeMutablePointer<EngineState> { UnsafeMutablePointer<EngineState>(engine) }

    /// Bytes of the state, so that the arena behind it begins at a multiple of 64.
    static var headBytes: Int { (MemoryLayout<EngineState>.size + 63) & ~63 }

    /// - Parameter verdictOnly: as an exam's engine: see ``EngineOptions/verdictOnly``.
    static func requiredBytes(
        _ model: UnsafePointer<precordia_model>, _ stream: UnsafePointer<precordia_stream>, _ options: UnsafePointer<precordia_options>?,
        verdictOnly: Bool = false
    ) throws(Problem) -> Int {
        guard let view = ModelBox.view(model) else { throw .modelAbsent }
        let channels = try Channels(stream)
        var chosen = try EngineOptions(options)
        chosen.verdictOnly = verdictOnly
        do {
            // 63 for memory that does not begin at a multiple of 64.
            return try Engine.requiredBytes(model: view, stream: channels.format, options: chosen) + headBytes + 63
        } catch { throw Problem(error) }
    }

    init(
        _ model: UnsafePointer<precordia_model>, _ stream: UnsafePointer<precordia_stream>, _ options: UnsafePointer<precordia_options>?,
        verdictOnly: Bool = false, arena: UnsafeMutableRawBufferPointer
    ) throws(Problem) {
        guard let view = ModelBox.view(model) else { throw .modelAbsent }
        let channels = try Channels(stream)
        var chosen = try EngineOptions(options)
        chosen.verdictOnly = verdictOnly
        let made = try Self.engine(view, channels.format, chosen, arena)
        engine = made
        self.channels = channels
    }

    private static func engine(
        _ model: ModelView, _ stream: StreamFormat, _ options: EngineOptions, _ memory: UnsafeMutableRawBufferPointer
    ) throws(Problem) -> Engine {
        do { return try Engine(model: model, stream: stream, options: options, memory: memory) } catch { throw Problem(error) }
    }
}

@c @implementation
public func precordia_engine_bytes(
    _ model: UnsafePointer<precordia_model>, _ stream: UnsafePointer<precordia_stream>, _ options: UnsafePointer<precordia_options>?,
    _ bytes: UnsafeMutablePointer<Int>
) -> precordia_error {
    bytes.pointee = 0
    do {
        bytes.pointee = try EngineState.requiredBytes(model, stream, options)
        return 0
    } catch { return error.rawValue }
}

@c @implementation
public func precordia_engine_init(
    _ engine: UnsafeMutablePointer<OpaquePointer?>, _ memory: UnsafeMutableRawPointer, _ bytes: Int,
    _ model: UnsafePointer<precordia_model>, _ stream: UnsafePointer<precordia_stream>, _ options: UnsafePointer<precordia_options>?
) -> precordia_error {
    engine.pointee = nil
    do throws(Problem) {
        guard bytes >= (try EngineState.requiredBytes(model, stream, options)) else { throw .memory }
        let skipped = (64 &- Int(bitPattern: memory) & 63) & 63
        let head = (memory + skipped).bindMemory(to: EngineState.self, capacity: 1)
        let start = memory + skipped + EngineState.headBytes
        let arena = UnsafeMutableRawBufferPointer(start: start, count: bytes - skipped - EngineState.headBytes)
        head.initialize(to: try EngineState(model, stream, options, arena: arena))
        engine.pointee = OpaquePointer(head)
        return 0
    } catch { return error.rawValue }
}

@c @implementation
public func precordia_engine_reset(_ engine: OpaquePointer) { EngineState.at(engine).pointee.engine.reset() }

@c @implementation
public func precordia_engine_miss(_ engine: OpaquePointer, _ frames: UInt64) -> UInt64 {
    EngineState.at(engine).pointee.engine.miss(frames == .max ? nil : frames)
    return EngineState.at(engine).pointee.engine.nextFrame
}

@c @implementation
public func precordia_engine_adopt(_ engine: OpaquePointer, _ stream: UnsafePointer<precordia_stream>) -> Bool {
    guard let channels = try? Channels(stream), EngineState.at(engine).pointee.engine.adopt(channels.format) else { return false }
    EngineState.at(engine).pointee.channels = channels
    return true
}

@c @implementation
public func precordia_engine_drain(_ engine: OpaquePointer) -> Bool { EngineState.at(engine).pointee.engine.drain() }

@c @implementation
public func precordia_engine_poll(_ engine: OpaquePointer, _ event: UnsafeMutablePointer<precordia_event>) -> Bool {
    guard let next = EngineState.at(engine).pointee.engine.poll() else { return false }
    event.pointee = precordia_event(
        sample: next.sample, value: next.value, code: next.code, leads: next.leads, reasons: UInt16(truncatingIfNeeded: next.reasons),
        kind: next.kind.rawValue,
        priority: next.priority, electrodes: next.electrodes, more_reasons: UInt16(truncatingIfNeeded: next.reasons &>> 16))
    return true
}
