// The network against vectors that the trainer's integer reference wrote: two programs, one specification, the same bits.
// Separate because these files change with each new model, and by nobody's hand.

import CPrecordiaModel
import Foundation
import PrecordiaNetwork
import Testing

/// Little-endian fields read in order. Tests only: it traps on a short file.
private struct Reader {
    var rest: ArraySlice<UInt8>

    mutating func bytes(_ count: Int) -> [UInt8] {
        defer { rest = rest.dropFirst(count) }
        precondition(rest.count >= count, "the vector file is too short")
        return Array(rest.prefix(count))
    }

    mutating func word() -> UInt32 { bytes(4).reversed().reduce(0) { $0 << 8 | UInt32($1) } }
    mutating func int() -> Int { Int(word()) }
    mutating func words(_ count: Int) -> [UInt32] { (0..<count).map { _ in word() } }
}

/// A stream, its feature columns, and the answers at some of them; the layout stands in `tools/train/precordia_train/vectors.py`.
private struct VectorCase {
    struct Answer {
        var seen, pooled: Int
        var a, b, logits, probabilities: [UInt32]
    }

    var input: [[UInt8]]
    var features: [[UInt8]]
    var answers: [Answer]

    init(_ reader: inout Reader, leads: Int) {
        let samples = reader.int(), columns = reader.int(), channels = reader.int(), labels = reader.int(), count = reader.int()
        input = (0..<samples).map { _ in reader.bytes(leads) }
        features = (0..<columns).map { _ in reader.bytes(channels) }
        answers = (0..<count).map { _ in
            Answer(
                seen: reader.int(), pooled: reader.int(), a: reader.words(labels), b: reader.words(labels), logits: reader.words(labels),
                probabilities: reader.words(labels))
        }
    }
}

private let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Vectors")

private func contents(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: folder.appendingPathComponent(name))) }

private let shipped = [UInt8](UnsafeRawBufferPointer(start: precordia_shipped_model(), count: precordia_shipped_model_bytes()))

@Suite struct VectorTests {
    @Test(
        "Every kernel gives the trainer's features, sums, logits and probabilities, bit for bit",
        arguments: ["small", "depthwise", "ptbxl71"])
    func vectors(name: String) throws {
        let model = name == "ptbxl71" ? shipped : try contents("\(name).precordia")
        var reader = Reader(rest: try contents("\(name).vectors")[...])
        #expect(reader.bytes(8) == Array("PRECNETW".utf8))
        #expect(reader.word() == 1)
        let count = reader.int()
        #expect(reader.bytes(32) == Array(model[32..<64]), "the vectors belong to another model: write them again with it")
        let cases = (0..<count).map { _ in VectorCase(&reader, leads: name == "depthwise" ? 8 : 12) }
        #expect(reader.rest.isEmpty && cases.count >= 4)
        for kernel in runnable { for one in cases { try check(one, model, kernel) } }
    }

    private func check(_ one: VectorCase, _ model: [UInt8], _ kernel: Kernel) throws {
        let running = try Running(model, maximumHop: 100, kernel: kernel)
        let perColumn = running.network.model.samplesPerColumn, labels = running.network.model.labelCount
        var answers = one.answers[...]
        for (column, expected) in one.features.enumerated() {
            running.push(one.input[column * perColumn..<(column + 1) * perColumn])
            running.network.advance()
            #expect(running.newestFeatures() == expected, "\(String(cString: kernel.name)), column \(column)")
            while let answer = answers.first, answer.seen == column + 1 {
                answers = answers.dropFirst()
                let got = running.answers()
                #expect(running.network.classifiedColumns == answer.pooled)
                let wanted = (0..<labels).map { [answer.a[$0], answer.b[$0], answer.logits[$0], answer.probabilities[$0]] }
                #expect(got == wanted, "\(String(cString: kernel.name)), after column \(column)")
            }
        }
        #expect(answers.isEmpty)
    }

    @Test("Every kernel gives the trainer's answers of a whole-window model after any number of samples, bit for bit")
    func windows() throws {
        let model = try contents("window.precordia")
        var reader = Reader(rest: try contents("window.vectors")[...])
        #expect(reader.bytes(8) == Array("PRECWIND".utf8))
        #expect(reader.word() == 1)
        let count = reader.int()
        #expect(reader.bytes(32) == Array(model[32..<64]), "the vectors belong to another model: write them again with it")
        for _ in 0..<count {
            let samples = reader.int(), columns = reader.int(), channels = reader.int(), labels = reader.int()
            let input = (0..<samples).map { _ in reader.bytes(8) }, features = (0..<columns).map { _ in reader.bytes(channels) }
            let a = reader.words(labels), logits = reader.words(labels), probabilities = reader.words(labels)
            for kernel in runnable {
                let running = try Running(model, maximumHop: 100, kernel: kernel)
                running.push(input)
                running.network.advance()
                #expect(running.answers() == (0..<labels).map { [a[$0], 0, logits[$0], probabilities[$0]] }, "\(samples) samples")
                #expect(running.network.classifiedColumns == columns)
                #expect((0..<columns).map { running.features(columnsAgo: columns - 1 - $0) } == features)
                #expect(running.guardsIntact)
            }
        }
        #expect(reader.rest.isEmpty && count >= 4)
    }

    @Test("The shipped model passes the loader, and every class's sources are labels")
    func shippedModel() throws {
        let file = Aligned(shipped), model = try ModelView(file.bytes)
        #expect(model.rate == 100 && model.window == 1000 && model.statementCount == 71 && model.labelCount == 156)
        #expect(String(decoding: model.name, as: UTF8.self) == "ptbxl71")
    }
}
