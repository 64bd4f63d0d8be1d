// The signal path against numpy, bit for bit. tools/train wrote the vectors with the code that prepares the training data.

import Foundation
import PrecordiaSignal
import Testing

/// Reads the little-endian fields of a vector file in order.
struct VectorFile {
    private let data: Data
    private var position = 0

    /// - Parameter magic: eight characters; the file then tells its version, 1, and its cases.
    init(_ name: String, magic: String, beside file: String = #filePath) throws {
        data = try Data(contentsOf: URL(filePath: file).deletingLastPathComponent().appending(path: "Vectors/\(name)"))
        try #require(data.prefix(8) == Data(magic.utf8))
        position = 8
        try #require(integer() == 1)
    }

    private mutating func take<T>(_: T.Type) -> T {
        defer { position += MemoryLayout<T>.size }
        return data.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: position, as: T.self) }
    }

    mutating func integer() -> Int { Int(take(UInt32.self)) }
    mutating func double() -> Double { Double(bitPattern: take(UInt64.self)) }
    mutating func doubles(_ count: Int) -> [Double] { (0..<count).map { _ in double() } }
    mutating func counts(_ count: Int) -> [Int32] { (0..<count).map { _ in take(Int32.self) } }
    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in take(UInt8.self) } }
    var isAtEnd: Bool { position == data.count }
}

@Suite struct VectorTests {
    @Test("Elementary functions equal numpy's steps to the last bit")
    func elementary() throws {
        var file = try VectorFile("elementary.vectors", magic: "PRECELEM")
        for _ in 0..<file.integer() {
            let function = file.integer()
            let count = file.integer()
            let inputs = file.doubles(count)
            let outputs = file.doubles(count)
            let computed = inputs.map { x in
                switch function {
                case 1: Arithmetic.exponential(x)
                case 2: Arithmetic.logistic(x)
                case 3: Arithmetic.sine(x)
                default: Arithmetic.cosine(x)
                }
            }
            #expect(computed.map(\.bitPattern) == outputs.map(\.bitPattern), "function \(function)")
        }
        #expect(file.isAtEnd)
    }

    @Test("Every resampled sample equals numpy's to the last bit")
    func resampler() throws {
        var file = try VectorFile("resampler.vectors", magic: "PRECRSMP")
        for _ in 0..<file.integer() {
            let source = file.integer()
            let target = file.integer()
            let count = file.integer()
            let wanted = file.integer()
            let inputs = file.doubles(count)
            let outputs = file.doubles(wanted)
            #expect(resampled(inputs, source, target, wanted).map(\.bitPattern) == outputs.map(\.bitPattern), "\(source) Hz")
        }
        #expect(file.isAtEnd)
    }

    private func resampled(_ inputs: [Double], _ source: Int, _ target: Int, _ wanted: Int) -> [Double] {
        let bytes = Resampler.requiredBytes(inputRate: source, outputRate: target)
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 8)
        defer { memory.deallocate() }
        var resampler = Resampler(inputRate: source, outputRate: target, memory: memory)
        var outputs: [Double] = []
        var sample = [Double](repeating: 0, count: 12)
        for n in 0..<(inputs.count + resampler.lookAhead) {
            for lead in 0..<12 { sample[lead] = inputs[min(n, inputs.count - 1)] }
            resampler.push(sample)
            var out = [Double](repeating: 0, count: 12)
            while resampler.pop(into: &out) { outputs.append(out[n % 12]) }
        }
        return Array(outputs.prefix(wanted))
    }

    @Test("Every filtered sample equals numpy's to the last bit, flush included")
    func sections() throws {
        var file = try VectorFile("sections.vectors", magic: "PRECSECT")
        for _ in 0..<file.integer() {
            let sections = file.integer()
            let count = file.integer()
            var cascade = FilterCascade()
            for _ in 0..<sections {
                let c = file.doubles(5)
                _ = cascade.append(Biquad(b0: c[0], b1: c[1], b2: c[2], a1: c[3], a2: c[4]))
            }
            let inputs = file.doubles(count)
            let outputs = file.doubles(count)
            let computed = inputs.map { x in
                var samples = [Double](repeating: x, count: 12)
                cascade.process(&samples)
                return samples[7]
            }
            #expect(computed.map(\.bitPattern) == outputs.map(\.bitPattern))
        }
        #expect(file.isAtEnd)
    }
}
