// The bench as C functions, declared in tools/cross/golden.h.

import PrecordiaEngine
import PrecordiaNetwork
import PrecordiaSignal

@c(precordia_golden_bytes)
public func goldenBytes(_ model: UnsafeRawPointer, _ modelBytes: Int) -> Int {
    guard let view = view(model, modelBytes) else { return 0 }
    do { return try Golden.requiredBytes(model: view) } catch { return 0 }
}

@c(precordia_golden_engine_bytes)
public func goldenEngineBytes(_ model: UnsafeRawPointer, _ modelBytes: Int, _ rate: Int32) -> Int {
    guard let view = view(model, modelBytes) else { return 0 }
    do { return try Engine.requiredBytes(model: view, stream: StreamFormat(rate: Int(rate)), options: EngineOptions()) } catch { return 0 }
}

@c(precordia_golden)
public func golden(
    _ model: UnsafeRawPointer, _ modelBytes: Int, _ memory: UnsafeMutableRawPointer, _ memoryBytes: Int,
    _ digest: UnsafeMutablePointer<UInt8>
) -> Int32 {
    guard let view = view(model, modelBytes) else { return GoldenError.model.rawValue }
    do {
        let hash = try Golden.run(model: view, memory: UnsafeMutableRawBufferPointer(start: memory, count: memoryBytes))
        for index in 0..<32 { digest[index] = UInt8(truncatingIfNeeded: hash[index / 4] &>> UInt32(24 - index % 4 * 8)) }
        return 0
    } catch { return error.rawValue }
}

@c(precordia_golden_soak)
public func goldenSoak(
    _ model: UnsafeRawPointer, _ modelBytes: Int, _ memory: UnsafeMutableRawPointer, _ memoryBytes: Int, _ seconds: Int32
) -> Int32 {
    guard let view = view(model, modelBytes) else { return GoldenError.model.rawValue }
    do {
        try Golden.soak(model: view, memory: UnsafeMutableRawBufferPointer(start: memory, count: memoryBytes), seconds: Int(seconds))
        return 0
    } catch { return error.rawValue }
}

private func view(_ model: UnsafeRawPointer, _ bytes: Int) -> ModelView? {
    do { return try ModelView(UnsafeRawBufferPointer(start: model, count: bytes)) } catch { return nil }
}
