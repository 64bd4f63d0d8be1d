// What surrounds an engine: how much memory it needs to the byte, and whose model is inside the program.
// Separate from the tests of what an engine says.

import CPrecordiaModel
import Foundation
import PrecordiaNetwork
import PrecordiaSignal
import Testing

@testable import PrecordiaEngine

@Suite struct MemoryTests {
    @Test("requiredBytes fits memory of any alignment: the worst one to the byte, aligned memory with 64 to spare")
    func exact() throws {
        let options = EngineOptions()
        for rate in [100, 360, 500] {
            let stream = StreamFormat(rate: rate)
            let bytes = try Engine.requiredBytes(model: shippedModel, stream: stream, options: options)
            let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes + 64, alignment: 64)
            defer { memory.deallocate() }
            func error(_ shift: Int, _ count: Int) -> EngineError? {
                let part = UnsafeMutableRawBufferPointer(rebasing: memory[shift..<shift + count])
                do throws(EngineError) {
                    _ = try Engine(model: shippedModel, stream: stream, options: options, memory: part)
                    return nil
                } catch { return error }
            }
            for shift in 0..<64 {
                let slack = 64 - (64 - shift) % 64
                #expect(error(shift, bytes) == nil, "shift \(shift)")
                #expect(error(shift, bytes - slack) == nil, "shift \(shift)")
                #expect(error(shift, bytes - slack - 1) == .memory, "shift \(shift)")
            }
            #expect(error(0, 0) == .memory)
        }
    }

    @Test("The model inside the program is the one in models")
    func embedded() throws {
        let top = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let file = try Data(contentsOf: top.appendingPathComponent("models/ptbxl71.precordia"))
        let inside = UnsafeRawBufferPointer(start: precordia_shipped_model(), count: precordia_shipped_model_bytes())
        #expect(
            file.elementsEqual(inside),
            "SwiftPM does not see that an embedded file has changed: touch Sources/CPrecordiaModel/model.c, and build again")
    }
}
