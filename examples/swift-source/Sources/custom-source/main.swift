// Half a minute of the generator through the engine: frames in, events out.
//
//     swift run custom-source ../../models/ptbxl71.precordia

import Foundation
import PrecordiaEngine
import PrecordiaNetwork

guard CommandLine.arguments.count == 2, let file = try? Data(contentsOf: URL(filePath: CommandLine.arguments[1])) else {
    print("usage: custom-source MODEL, where models/ptbxl71.precordia would be right")
    exit(2)
}

// The engine reads the model in place and works in memory that it is given; both must outlive it.
let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: file.count, alignment: 64)
file.copyBytes(to: bytes)
let model = try ModelView(UnsafeRawBufferPointer(bytes))
var source = FunctionGenerator()
let needed = try Engine.requiredBytes(model: model, stream: source.format, options: EngineOptions())
let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: needed, alignment: 64)
var engine = try Engine(model: model, stream: source.format, options: EngineOptions(), memory: memory)

for _ in 0..<(30 * source.rate) {
    engine.push(source.next())
    while let event = engine.poll() {
        let seconds = Double(event.sample) / Double(source.rate)
        switch event.kind {
        case .heartRate: print(seconds, "s: heart rate", event.value)
        case .window: print(seconds, "s:", String(decoding: model.label(Int(event.code)).code, as: UTF8.self), event.value)
        case .unknown: print(seconds, "s: unknown")
        case .alertRaised: print(seconds, "s: alert", event.code)
        default: break
        }
    }
}
