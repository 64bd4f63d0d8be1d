// Models with a right hash and hostile fields, from the loader through a whole engine.
// Separate from the loader's own tests: what it lets pass must run, and an engine has more that can trap than a network.

import Foundation
import PrecordiaNetwork
import PrecordiaSignal
import PrecordiaSimulator
import Testing

@testable import PrecordiaEngine

/// A model file under attack, in memory as the loader wants it.
private final class Target {
    let original: [UInt8]
    let memory: UnsafeMutableRawBufferPointer

    init(_ bytes: [UInt8]) {
        original = bytes
        memory = .allocate(byteCount: bytes.count, alignment: 64)
        memory.copyBytes(from: bytes)
    }

    deinit { memory.deallocate() }

    /// The model with `value` at `offset`, its hash put right; nil if the loader refuses it.
    func model(_ value: [UInt8], at offset: Int) -> ModelView? {
        memory.copyBytes(from: original)
        UnsafeMutableRawBufferPointer(rebasing: memory[offset...]).copyBytes(from: value)
        if offset >= 64 { seal() }
        return try? ModelView(UnsafeRawBufferPointer(memory))
    }

    private func seal() {
        let digest = SHA256.digest(of: UnsafeRawBufferPointer(rebasing: memory[64...]))
        for word in 0..<8 { memory.storeBytes(of: digest[word].bigEndian, toByteOffset: 32 + word * 4, as: UInt32.self) }
    }

    private func word(_ offset: Int) -> Int {
        original.withUnsafeBytes { Int(UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self))) }
    }

    /// Offsets of all fields of 4 bytes of the header and the tables, a few of the layers' arrays, the whole head behind its weights.
    var words: [Int] {
        let labels = word(88), matrix = (labels * word(84) + 63) & ~63
        var ranges = [(0, 256), (word(120), 40 * word(104)), (word(128), 16 * word(100)), (word(136), 64 * word(96))]
        ranges += [(word(144) + 2 * matrix, 3 * ((labels * 4 + 63) & ~63)), (word(152), 64 * labels), (word(160), 64 * word(92))]
        ranges.append((word(224), 16 * word(220)))
        for layer in 0..<word(96) {
            let row = word(136) + 64 * layer
            if word(row) != 2 { ranges += [(word(row + 40), 8), (word(row + 48), 8)] }
        }
        return ranges.flatMap { Array(stride(from: $0, to: $0 + $1, by: 4)) }.filter { $0 + 4 <= original.count }
    }

    /// Offsets of the fields of 8 bytes: the filters' coefficients, the input step, the offsets.
    var longs: [Int] {
        let layers = word(136)
        let offsets = (0..<word(96)).flatMap { row in [32, 40, 48].map { layers + 64 * row + $0 } }
        return Array(stride(from: word(120), to: word(120) + 40 * word(104), by: 8)) + Array(stride(from: 112, to: 184, by: 8)) + offsets
    }
}

@Suite struct HostileModelTests {
    private static let words: [UInt32] =
        [0, 1, 2, 3, 7, 16, 50, 64, 100, 199, 1000, 4096, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, .max]
        + [Float.nan, .infinity, -.infinity, 3e38, -3e38, -50, -1, 0.5, 1, 1e9, -1e9, .leastNonzeroMagnitude, 1e-38].map(\.bitPattern)
    private static let longs: [Double] =
        [
            .nan, .infinity, -.infinity, 0, -0.0, 1, -1, 0.999_999_999, -1.999_999, 1000, -1000, 1e300, -1e300, .leastNonzeroMagnitude,
            3e-308, 1e-300,
            3e38, -50,
        ]
    private static let frames = PrecordiaEngineTests.frames(rate: 100, seconds: 12, noise: .resting)

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("PrecordiaNetworkTests/Vectors")

    @Test(
        "Whatever field is hostile behind a right hash: the loader refuses the model, or an engine runs it for 12 s",
        arguments: ["small", "depthwise", "window"])
    func fields(name: String) throws {
        let target = Target([UInt8](try Data(contentsOf: Self.folder.appendingPathComponent("\(name).precordia"))))
        var tried = 0, ran = 0, unsuited = 0
        func attempt(_ bytes: [UInt8], at offset: Int) throws {
            tried += 1
            guard let model = target.model(bytes, at: offset) else { return }
            let other = Array(target.original[offset..<offset + bytes.count]) != bytes
            let done = try run(model, "field at \(offset), bytes \(bytes)")
            if done && other { ran += 1 } else if !done { unsuited += 1 }
        }
        for offset in target.words {
            for value in Self.words { try attempt(withUnsafeBytes(of: value.littleEndian) { Array($0) }, at: offset) }
        }
        for offset in target.longs {
            for value in Self.longs { try attempt(withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }, at: offset) }
        }
        print(
            "hostile models from \(name): \(tried) tried, \(ran) accepted and run, \(unsuited) accepted and refused by the engine for rate or filters"
        )
        #expect(tried > 5000 && ran > 300)
    }

    /// - Returns: false if the engine says that it cannot, for one of the two reasons that a loader does not know.
    private func run(_ model: ModelView, _ what: String) throws -> Bool {
        let stream = StreamFormat(rate: 100)
        let options = EngineOptions()
        let bytes: Int
        do throws(EngineError) {
            bytes = try Engine.requiredBytes(model: model, stream: stream, options: options)
        } catch {
            #expect(error == .rate || error == .filters, "\(what)")
            return false
        }
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 64)
        defer { memory.deallocate() }
        var engine = try Engine(model: model, stream: stream, options: options, memory: memory)
        var sound = true, answers = 0
        func look(_ engine: inout Engine) {
            while let event = engine.poll() {
                guard event.kind == .window || event.kind == .unknown else { continue }
                answers += 1
                for label in 0..<model.labelCount {
                    sound = sound && engine.logit(label).isFinite && engine.probability(label) >= 0 && engine.probability(label) <= 1
                }
                for index in 0..<model.classCount { _ = engine.classProbability(index) }
            }
        }
        for frame in Self.frames {
            engine.push(frame)
            look(&engine)
        }
        while engine.drain() { look(&engine) }
        look(&engine)
        #expect(sound, "a logit or probability out of range: \(what)")
        #expect(answers > 0 && engine.counters.frames == 1200, "\(what)")
        engine.reset()
        return true
    }
}
