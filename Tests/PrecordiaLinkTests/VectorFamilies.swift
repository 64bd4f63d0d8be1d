// Families of vectors: one short session, and what becomes of it when it is cut anywhere, spoilt anywhere, or contradicts itself.
// One file of bytes and one line for each case, instead of hundreds of files.

import PrecordiaLink
import PrecordiaSignal

/// A session and changes of it, each with what a decoder must make of the result.
struct VectorFamily {
    /// What is done to the bytes.
    enum Change {
        /// They end before this byte.
        case end(Int)
        /// They end before this byte, and the whole session comes behind that.
        case restart(Int)
        /// This byte is changed by exclusive or.
        case flip(Int, UInt8)
        /// This byte gets a value, and the check of the block that begins there is made right again.
        case set(Int, UInt8, block: Int)
    }

    let name: String
    let about: String
    let bytes: [UInt8]
    var framing = LinkFraming.plain
    let cases: [(about: String, change: Change)]

    private func changed(_ change: Change) -> [UInt8] {
        var bytes = bytes
        switch change {
        case .end(let end): bytes.removeSubrange(end...)
        case .restart(let end): bytes = bytes[..<end] + bytes
        case .flip(let place, let bits): bytes[place] ^= bits
        case .set(let place, let value, let block):
            bytes[place] = value
            let end = Short.ends[Short.starts.firstIndex(of: block)!]
            bytes.replaceSubrange(block..<end, with: LinkTests.signed(Array(bytes[block..<end]), blocks: [0]))
        }
        return bytes
    }

    private func text(_ change: Change) -> String {
        switch change {
        case .end(let end): "\"end\":\(end)"
        case .restart(let end): "\"end\":\(end),\"restart\":true"
        case .flip(let place, let bits): "\"offset\":\(place),\"xor\":\(bits)"
        case .set(let place, let value, let block): "\"offset\":\(place),\"value\":\(value),\"signed\":\(block)"
        }
    }

    /// Counters that are not 0 and the messages of each case; of the many cuts, the count of those of the whole session that still come.
    var expected: String {
        let whole = Decoded(bytes, framing: framing)
        let lines = cases.map { about, change in
            let decoded = Decoded(changed(change), framing: framing)
            var messages = "[\(decoded.messages.joined(separator: ","))]"
            if case .end = change {
                precondition(decoded.messages[...] == whole.messages.prefix(decoded.messages.count), "a cut makes other messages")
                messages = "\(decoded.messages.count)"
            } else if case .restart = change {
                let first = decoded.messages.count - whole.messages.count
                precondition(first >= 0 && decoded.messages[first...] == whole.messages[...], "a restart loses messages")
                messages = "\(first)"
            }
            let name = about.isEmpty ? "" : "\"about\":\"\(about)\","
            return "{\(name)\(text(change)),\"counters\":{\(Said.counters(decoded.counters, all: false))},\"messages\":\(messages)}"
        }
        return Said.head(about, framing)
            + "\"whole\":{\"counters\":{\(Said.counters(whole.counters))},\"messages\":\(Said.lines(whole.messages))},"
            + "\"cases\":\(Said.lines(lines))}\n"
    }
}

/// A session of three channels and two samples a block, short enough for every one of its bytes.
enum Short {
    static func device(_ framing: LinkFraming = .plain) -> Device {
        Device(framing: framing, leads: [.I, .II, nil]).hello().configure()
            .data(Device.frames(from: 0, 2), marks: [PaceMark(sample: 1, fraction: 9, width: 400, amplitude: -3)])
            .data(from: 2, 2).status()
            .block(.event, [2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0] + Array("bell".utf8))
            .block(.error, [3, 0, 1, 0, 7, 0, 0, 0]).block(.answer, [0x83, 0, 0, 0, 1, 0, 0, 0])
    }

    static let bytes = device().bytes
    static let starts = device().starts
    static var ends: [Int] { starts.dropFirst() + [bytes.count] }
}

extension VectorFamily {
    static var all: [VectorFamily] {
        let bytes = Short.bytes
        let serial = Short.device(.cobs).bytes
        return [
            VectorFamily(
                name: "every-cut", about: "a session that ends before each of its bytes", bytes: bytes,
                cases: (0...bytes.count).map { ("", .end($0)) }),
            VectorFamily(
                name: "every-cut-cobs", about: "the same on a serial line", bytes: serial, framing: .cobs,
                cases: (0...serial.count).map { ("", .end($0)) }),
            VectorFamily(
                name: "every-splice", about: "a session that breaks off before each of its bytes and begins again with the same numbers",
                bytes: bytes, cases: (0..<bytes.count).map { ("", .restart($0)) }),
            VectorFamily(
                name: "each-corruption", about: "one bit of each field, the check left as it was", bytes: bytes,
                cases: fields.map { ($0.name, .flip($0.place, 1)) }),
            VectorFamily(
                name: "each-value", about: "fields with values at and beyond their limits, the check right", bytes: bytes, cases: values),
        ]
    }

    /// Each field of the header and of the payload, in a block of each type.
    private static var fields: [(name: String, place: Int)] {
        let header = [
            ("magic", 0), ("version", 4), ("type", 5), ("length", 6), ("session", 8), ("sequence", 12), ("ticks", 16), ("tick rate", 24),
        ]
        let payloads: [(String, [(String, Int)])] = [
            (
                "hello",
                [
                    ("lowest version", 0), ("highest version", 1), ("channel count", 2), ("rate count", 3), ("gain count", 4), ("cause", 5),
                    ("reserved", 6), ("capabilities", 8), ("maker", 12), ("product", 44), ("serial number", 76), ("firmware version", 108),
                    ("rates", 124), ("gains", 132),
                ]
            ),
            (
                "configuration",
                [
                    ("number", 0), ("channel count", 2), ("reserved", 3), ("rate", 4), ("frames", 8), ("sensed", 16), ("watched", 18),
                    ("lead", 24), ("gain", 26), ("baseline", 28), ("scale", 32), ("high-pass", 40), ("low-pass", 44),
                ]
            ),
            (
                "data",
                [
                    ("sample", 0), ("configuration", 8), ("sample count", 10), ("width", 11), ("channel count", 12), ("group count", 13),
                    ("mark count", 14), ("reserved", 15), ("group's sample count", 16), ("group's off", 18), ("group's clipped", 20),
                    ("mark's sample", 22), ("mark's fraction", 24), ("mark's width", 26), ("mark's amplitude", 28), ("value", 30),
                ]
            ),
            ("second data", [("sample", 0), ("value", 22)]),
            ("status", [("samples dropped", 0), ("blocks dropped", 8), ("buffer", 16), ("temperature", 20), ("state", 22)]),
            ("event", [("sample", 0), ("code", 8), ("value", 10), ("text", 12)]),
            ("error", [("code", 0), ("severity", 2), ("detail", 4)]),
            ("answer", [("command", 0), ("result", 1), ("sequence", 4)]),
        ]
        var fields: [(name: String, place: Int)] = []
        for (index, part) in payloads.enumerated() {
            let start = Short.starts[index]
            for field in header { fields.append((name: "\(part.0): \(field.0)", place: start + field.1)) }
            for field in part.1 { fields.append((name: "\(part.0): \(field.0)", place: start + 28 + field.1)) }
            fields.append((name: "\(part.0): check", place: Short.ends[index] - 4))
        }
        return fields
    }

    private static var values: [(about: String, change: Change)] {
        let values: [(about: String, block: Int, place: Int, value: UInt8)] = [
            ("version 0", 3, 4, 0),
            ("version 2", 3, 4, 2),
            ("type 0", 3, 5, 0),
            ("type 8", 3, 5, 8),
            ("type 0x80", 3, 5, 0x80),
            ("type 0x87", 3, 5, 0x87),
            ("another session", 3, 8, 8),
            ("sequence of the block before", 3, 12, 2),
            ("sequence of the first block, of data", 3, 12, 0),
            ("sequence one ahead", 3, 12, 4),
            ("sequence far ahead", 3, 14, 1),
            ("sequence half way round", 3, 15, 0x80),
            ("hello of sequence 0 in mid-stream", 4, 12, 0),
            ("no clock", 3, 27, 0xFF),
            ("hello without rates, longer than it must be", 0, 31, 0),
            ("hello of 17 rates", 0, 31, 17),
            ("hello of 3 rates and too short", 0, 31, 3),
            ("hello of 17 gains", 0, 32, 17),
            ("hello of 0 channels", 0, 30, 0),
            ("an unknown cause", 0, 33, 9),
            ("a reserved byte", 0, 34, 0xFF),
            ("another number of configuration", 1, 28, 9),
            ("configuration of 0 channels", 1, 30, 0),
            ("configuration of 17 channels", 1, 30, 17),
            ("configuration of 4 channels and too short", 1, 30, 4),
            ("configuration of 2 channels, longer than it must be", 1, 30, 2),
            ("a reserved byte of a configuration", 1, 31, 0xFF),
            ("rate 244", 1, 33, 0),
            ("rate 0x010001F4, too high", 1, 35, 1),
            ("rate 0x00F401F4", 1, 34, 0xF4),
            ("lead 12", 1, 52, 12),
            ("lead 254", 1, 52, 254),
            ("lead II twice", 1, 52, 1),
            ("no lead at first", 1, 52, 255),
            ("a reserved byte of a channel", 1, 53, 0xFF),
            ("a scale of another magnitude", 1, 67, 0x7F),
            ("data from sample 1", 2, 28, 1),
            ("data from 2^63", 2, 35, 0x80),
            ("data of an unheard configuration", 2, 36, 2),
            ("data of 0 samples", 2, 38, 0),
            ("data of 3 samples", 2, 38, 3),
            ("width 1", 2, 39, 1),
            ("width 3", 2, 39, 3),
            ("width 5", 2, 39, 5),
            ("2 channels of 3", 2, 40, 2),
            ("no group", 2, 41, 0),
            ("two groups and too short", 2, 41, 2),
            ("no mark though it is there", 2, 42, 0),
            ("two marks and too short", 2, 42, 2),
            ("a reserved byte of data", 2, 43, 0xFF),
            ("a group of 0 samples", 2, 44, 0),
            ("a group of 1 sample of 2", 2, 44, 1),
            ("a group of 3 samples of 2", 2, 44, 3),
            ("reserved bits of a group's off", 2, 47, 0xFC),
            ("reserved bits of a group's clipped", 2, 49, 0xF0),
            ("a mark at the last sample", 2, 50, 1),
            ("a mark behind the last sample", 2, 50, 2),
            ("a reserved byte of a mark", 2, 51, 0xFF),
            ("data from sample 1, which came", 3, 28, 1),
            ("data from sample 0 again", 3, 28, 0),
            ("data from sample 3, one lost", 3, 28, 3),
            ("an unknown state", 4, 50, 7),
            ("an unknown supply", 4, 51, 9),
            ("an unknown code of an event", 5, 36, 99),
            ("a text that ends early", 5, 41, 0),
            ("an unknown code of an error", 6, 28, 99),
            ("an unknown severity", 6, 30, 9),
            ("an answer to an unknown command", 7, 28, 0xFE),
            ("an unknown result", 7, 29, 9),
        ]
        return values.map { about, block, place, value in
            (about, .set(Short.starts[block] + place, value, block: Short.starts[block]))
        }
    }
}
