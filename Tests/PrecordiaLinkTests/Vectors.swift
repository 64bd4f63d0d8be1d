// The recipes of the files in firmware-protocol/vectors: what firmware and other decoders are tested against.

import PrecordiaLink
import PrecordiaSignal

/// Bytes with a name, and what is said about them.
struct Vector {
    let name: String
    let about: String
    let bytes: [UInt8]
    var framing = LinkFraming.plain
}

extension Vector {
    /// Every vector that is one stream.
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
            Vector(
                name: "wrap-ticks", about: "the clock passes 2^64 - 1, which says that there is none, and goes on from 0",
                bytes: Device().configure().data(from: 0, ticks: .max - 2000).data(from: 4, ticks: .max).data(from: 8, ticks: 1999).bytes),
            Vector(
                name: "wrap-configuration", about: "the number of the configuration passes 2^16",
                bytes: Device().configure(number: .max).data(from: 0).configure(number: 0).data(from: 4).bytes),
            Vector(
                name: "last-index", about: "the highest sample index that a block may begin with, and one more",
                bytes: Device().configure().data(from: 0x7FFF_FFFF_FFFF_FEFF).data(from: 0x7FFF_FFFF_FFFF_FF00).bytes),
            Vector(
                name: "widest-configuration", about: "sixteen channels, of which twelve are leads, sixteen rates and sixteen gains",
                bytes: Device(leads: Lead.allCases + [nil, nil, nil, nil]).widestHello().configure().data(from: 0, 2).bytes),
            Vector(
                name: "most-samples", about: "255 samples of one channel, each in a group of its own",
                bytes: Device(leads: [.II]).configure().data(Device.alternating(255)).bytes),
            Vector(
                name: "most-marks", about: "255 pace marks in one block",
                bytes: Device(leads: [.II]).configure().data(
                    Device.frames(from: 0, 4), marks: (0..<255).map { PaceMark(sample: $0 & 3, fraction: UInt16($0)) }
                ).bytes),
            Vector(
                name: "longest-payload", about: "4096 bytes of payload in an event and in a type of tomorrow",
                bytes: Device().block(.event, Device.longText).foreign(type: 9, Device.longText).hello().bytes),
            Vector(
                name: "too-long-payload", about: "a right check over 4097 bytes of payload is no block",
                bytes: Device().tooLong().hello().bytes),
            Vector(
                name: "unknown-types", about: "the reserved types of devices and hosts",
                bytes: Device().hello().foreign(type: 0).foreign(type: 8).foreign(type: 0x7F).foreign(type: 0x80).foreign(type: 0x87)
                    .foreign(type: 0xFF).configure().bytes),
            Vector(
                name: "unknown-versions", about: "blocks of versions 0, 2 and 255, of known and unknown types",
                bytes: Device().hello().foreign(type: 3, version: 0).foreign(type: 1, version: 2).foreign(type: 99, version: 255)
                    .configure()
                    .bytes),
            Vector(
                name: "longer-payloads", about: "payloads of a later version 1 are longer, all but data's",
                bytes: Device().longer(.hello).longer(.configuration).data0(from: 0).longer(.status).longer(.answer).bytes),
            Vector(
                name: "changed-configuration", about: "a repeated configuration, then a changed one, then data of the old number",
                bytes: Device().configure().data(from: 0).configure().data(from: 4).configure(number: 2, rate: 1000).data(from: 8)
                    .data0(from: 12).bytes),
            Vector(
                name: "part-repeated", about: "the second block begins two samples before the end of the first",
                bytes: Device().configure().data(from: 0).data(from: 2).bytes),
            Vector(
                name: "restart-same-session", about: "the sequence begins again at 0 with a hello, though the session has the same number",
                bytes: bytes + session.bytes),
            Vector(
                name: "far-back", about: "the sequence goes back by 63, by 64 and far",
                bytes: Device(sequence: 100).configure().bytes + Device(sequence: 37).configure().bytes
                    + Device(sequence: 36).configure().bytes
                    + Device(sequence: 0x8000_0100).configure().bytes),
            Vector(
                name: "statuses", about: "everything known, then nothing, then a state and a supply of a later version",
                bytes: Device().block(.status, [9, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0xE8, 3, 0xF4, 1, 0x9C, 0xFF, 1, 1])
                    .block(.status, Array(repeating: 0xFF, count: 20) + [0, 0x80, 0xFF, 0xFF])
                    .block(.status, [UInt8](repeating: 0, count: 22) + [4, 2]).bytes),
            Vector(
                name: "serial-idle", about: "zero bytes between packets of a serial line are idle",
                bytes: [0, 0] + Device(framing: .cobs).hello().bytes + [0, 0, 0] + Device(framing: .cobs, sequence: 1).configure().bytes,
                framing: .cobs),
            Vector(
                name: "serial-two-blocks", about: "a packet that holds two blocks, one that is cut short, one that holds no block",
                bytes: Device.packet(Device().hello().configure().bytes)
                    + Device.packet(Device(sequence: 2).data0(from: 0).bytes).dropLast(40) + [0] + Device.packet([1, 2, 3]),
                framing: .cobs),
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
}

extension Device {
    /// One block of all these frames, whose first was converted at `ticks`.
    func data(from first: UInt64, ticks: UInt64) -> Device { data(Device.frames(from: first, 4), ticks: ticks) }

    /// Frames that differ from their neighbours in what is off.
    static func alternating(_ count: Int) -> [Frame] {
        var frames = frames(from: 0, count)
        for index in frames.indices where index % 2 == 1 { frames[index].off = .leftLeg }
        return frames
    }

    static var longText: [UInt8] {
        let letters: [UInt8] = (0..<4084).map { 0x41 + UInt8($0 % 26) }
        return Array(repeating: 0, count: 12) + letters
    }

    func widestHello() -> Device {
        var payload: [UInt8] = [1, 3, 16, 16, 16, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0]
        for letter in 0..<112 { payload.append(0x61 + UInt8(letter % 26)) }
        for rate in 1...16 { payload += [UInt8(rate * 10), 0, 0, 0] }
        for gain in 1...16 { payload += [UInt8(gain), 1] }
        return block(.hello, payload)
    }

    /// A block whose length no block may have, its check right.
    func tooLong() -> Device {
        var block: [UInt8] = block(.event, Device.longText).bytes.dropLast(4)
        block.append(0x42)
        block.replaceSubrange(6..<8, with: [0x01, 0x10])
        let check = block.withUnsafeBytes { CRC32C().of($0) }
        for byte in 0..<4 { block.append(UInt8(truncatingIfNeeded: check >> (byte * 8))) }
        return replace(with: block)
    }

    /// The block that this session has of a type, with fields of a later version behind its own.
    func longer(_ type: BlockType) -> Device {
        let other: Device
        switch type {
        case .hello: other = Device().hello()
        case .configuration: other = Device().configure()
        case .status: other = Device().status(dropped: 3)
        default: other = Device().block(type, [0x83, 0, 0, 0, 1, 0, 0, 0])
        }
        return block(type, Array(other.bytes[BlockHeader.byteCount..<other.bytes.count - 4]) + [0xAA, 0xBB, 0xCC])
    }

    /// Any bytes as one packet of a serial line.
    static func packet(_ bytes: [UInt8]) -> [UInt8] {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: COBS.maximumBytes(bytes.count), alignment: 1)
        defer { memory.deallocate() }
        return Array(memory[..<bytes.withUnsafeBytes { COBS.encode($0, into: memory) }])
    }
}
