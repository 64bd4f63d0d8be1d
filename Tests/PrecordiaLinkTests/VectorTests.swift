// The files in firmware-protocol/vectors: what firmware and other decoders are tested against.
// PRECORDIA_WRITE_VECTORS=1 writes them anew, after an intended change of the protocol; otherwise they must be what they were.

import Foundation
import PrecordiaLink
import PrecordiaSignal
import Testing

/// Bytes with a name, and what is said about them.
struct Vector {
    let name: String
    let about: String
    let bytes: [UInt8]
    var framing = LinkFraming.plain
}

@Suite struct VectorTests {
    static var folder: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("firmware-protocol/vectors")
    }

    static var all: [Vector] {
        let session = Device().hello().configure(frames: 12).data(from: 0).data(from: 4).data(from: 8).status()
        let bytes = session.bytes
        func spoilt(_ block: Int, _ offset: Int, _ change: UInt8) -> [UInt8] {
            var copy = bytes
            copy[session.starts[block] + offset] ^= change
            return copy
        }
        func signed(_ block: Int, _ offset: Int, _ value: UInt8) -> [UInt8] {
            var copy = bytes
            copy[session.starts[block] + offset] = value
            return LinkTests.signed(copy, blocks: session.starts)
        }
        var wide = Device.frames(from: 0, 4)
        wide[1].counts[0] = 8_388_607
        wide[2].counts[1] = -8_388_607
        wide[3].missing = LeadSet(.V1)
        var marked = Device.frames(from: 0, 4)
        for index in 1..<3 {
            marked[index].off = .leftArm
            marked[index].clipped = LeadSet(.V6)
        }
        var full = Device.frames(from: 0, 4)
        full[0].counts[0] = .max
        full[1].counts[0] = -.max
        let other = Device(session: 8).configure().data(from: 100)
        let half = session.starts[3] + 20
        return [
            Vector(name: "session", about: "a whole session of 8 channels, int16", bytes: bytes),
            Vector(
                name: "session-cobs", about: "the same on a serial line",
                bytes: Device(framing: .cobs).hello().configure(frames: 12).data(from: 0).data(from: 4).data(from: 8).status().bytes,
                framing: .cobs),
            Vector(name: "twelve", about: "12 channels", bytes: Device(leads: Lead.allCases).configure().data(from: 0).bytes),
            Vector(name: "int24", about: "int24, its ends, a missing sample", bytes: Device().configure().data(wide).bytes),
            Vector(name: "int32", about: "int32 and its ends", bytes: Device().configure().data(full).bytes),
            Vector(
                name: "marks", about: "electrode off and clipped in two of four samples, two pace marks",
                bytes: Device().configure().data(
                    marked, marks: [PaceMark(sample: 1, fraction: 0x4000, width: 400, amplitude: 25), PaceMark(sample: 3)]
                ).bytes),
            Vector(
                name: "foreign-channel", about: "one of three channels is no lead",
                bytes: Device(leads: [.I, nil, .II]).configure().data(from: 0).bytes),
            Vector(
                name: "longest", about: "two blocks of as many samples as fit",
                bytes: Device(leads: Lead.allCases).configure().data(from: 0, 100, step: 100).bytes),
            Vector(name: "idle", about: "a device that only says hello", bytes: Device().hello().bytes),
            Vector(name: "empty", about: "no byte at all", bytes: []),
            Vector(name: "noise-first", about: "37 bytes of noise before the session", bytes: Array(repeating: 0x9E, count: 37) + bytes),
            Vector(name: "bad-magic", about: "one bit of a block's magic", bytes: spoilt(3, 2, 0x10)),
            Vector(name: "bad-length", about: "a length that is too long for any block", bytes: spoilt(3, 7, 0x80)),
            Vector(name: "bad-length-short", about: "a length that is a little shorter", bytes: spoilt(3, 6, 0x04)),
            Vector(name: "bad-length-long", about: "a length that reaches into the blocks behind", bytes: spoilt(3, 7, 0x01)),
            Vector(name: "bad-sequence", about: "one bit of the sequence", bytes: spoilt(3, 12, 0x01)),
            Vector(name: "bad-payload", about: "one bit of a sample", bytes: spoilt(3, 60, 0x01)),
            Vector(name: "bad-check", about: "one bit of the check", bytes: spoilt(3, session.starts[4] - session.starts[3] - 1, 0x01)),
            Vector(
                name: "lost-block", about: "a data block is missing",
                bytes: Array(bytes[..<session.starts[3]] + bytes[session.starts[4]...])),
            Vector(
                name: "lost-configuration", about: "the configuration is missing",
                bytes: Array(bytes[..<session.starts[1]] + bytes[session.starts[2]...])),
            Vector(
                name: "repeated-block", about: "a data block came twice",
                bytes: Array(bytes[..<session.starts[4]] + bytes[session.starts[3]...])),
            Vector(name: "cut-header", about: "the stream ends inside a header", bytes: Array(bytes[..<half])),
            Vector(name: "cut-payload", about: "the stream ends inside a payload", bytes: Array(bytes[..<(session.starts[3] + 50)])),
            Vector(
                name: "splice", about: "one session breaks off inside a block, another begins",
                bytes: Array(bytes[..<(session.starts[3] + 50)]) + other.bytes),
            Vector(name: "two-sessions", about: "two sessions one after the other", bytes: bytes + other.bytes),
            Vector(
                name: "counts-anew", about: "the sample index begins again in the same session",
                bytes: Device().configure().data(from: 100).data(from: 0).bytes),
            Vector(
                name: "wrap-sequence", about: "the sequence passes 2^32",
                bytes: Device(sequence: .max - 1).configure().data(from: 0).data(from: 4).bytes),
            Vector(name: "other-version", about: "a block of version 2", bytes: signed(3, 4, 2)),
            Vector(name: "unknown-type", about: "a block of type 66", bytes: signed(3, 5, 66)),
            Vector(name: "malformed-data", about: "a data block with no samples by its own count", bytes: signed(3, 28 + 10, 0)),
            Vector(name: "reserved-bits", about: "reserved bits are set, and must be ignored", bytes: signed(3, 28 + 15, 0xFF)),
            Vector(
                name: "commands", about: "every command, as a device gets them",
                bytes: Device().block(.identify, []).block(.configure, [0xF4, 1, 0, 0, 0xFF, 0xFF, 0, 0]).block(.start, []).block(.stop, [])
                    .block(.reset, []).block(.selfTest, []).bytes),
            Vector(
                name: "reports", about: "event, error and answer",
                bytes: Device().block(.event, [9, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0] + Array("nurse".utf8))
                    .block(.error, [3, 0, 1, 0, 0xEF, 0xBE, 0, 0]).block(.answer, [0x83, 2, 0, 0, 7, 0, 0, 0]).bytes),
        ]
    }

    /// What a decoder must say about a vector, as JSON with one message a line.
    static func expected(_ vector: Vector) -> String {
        let decoded = Decoded(vector.bytes, framing: vector.framing)
        let counters = (0..<LinkCounters.count).map { index in
            let counter = decoded.counters.counter(index)
            return "\"\(counter.name)\":\(counter.value)"
        }
        let head =
            "{\"about\":\"\(vector.about)\",\"framing\":\"\(vector.framing)\",\"counters\":{\(counters.joined(separator: ","))},\"messages\":["
        return head + (decoded.messages.isEmpty ? "" : "\n" + decoded.messages.joined(separator: ",\n") + "\n") + "]}\n"
    }

    @Test("the vectors are what the encoder writes and the decoder reads", arguments: all.indices)
    func vector(_ index: Int) throws {
        let vector = Self.all[index]
        let bytes = Self.folder.appendingPathComponent(vector.name + ".bin")
        let text = Self.folder.appendingPathComponent(vector.name + ".json")
        let expected = Self.expected(vector)
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(expected.utf8)) }
        if ProcessInfo.processInfo.environment["PRECORDIA_WRITE_VECTORS"] != nil {
            try FileManager.default.createDirectory(at: Self.folder, withIntermediateDirectories: true)
            try Data(vector.bytes).write(to: bytes)
            try Data(expected.utf8).write(to: text)
        }
        #expect(try Array(Data(contentsOf: bytes)) == vector.bytes)
        #expect(try String(decoding: Data(contentsOf: text), as: UTF8.self) == expected)
    }

    @Test("every vector file has its recipe here")
    func complete() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).filter { $0.hasSuffix(".bin") }
        #expect(Set(names) == Set(Self.all.map { $0.name + ".bin" }))
    }
}
