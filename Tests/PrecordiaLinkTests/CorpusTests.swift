// The fuzzers' committed corpus through both decoders, so that what was once found stays found where no fuzzer runs (docs/fuzzing.md).

import CPrecordiaFirmware
import Foundation
import PrecordiaLink
import Testing

@Suite struct CorpusTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../firmware-protocol/corpus")
    static let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path))?.filter { $0.hasSuffix(".bin") }.sorted() ?? []

    @Test("both decoders make the same of every input of the fuzzers' corpus, however it is cut, and account for every byte")
    func corpus() throws {
        #expect(Self.names.count > 200)
        var frames: UInt64 = 0
        for name in Self.names {
            let input = Input([UInt8](try Data(contentsOf: Self.folder.appendingPathComponent(name))))
            let whole = Decoded(input.bytes, framing: input.framing)
            let cut = Decoded(input.bytes, framing: input.framing, chunk: input.chunk)
            let firmware = ReferenceDecoded(input.bytes, framing: input.framing, chunk: input.chunk)
            #expect(
                whole.messages == cut.messages && whole.counters == cut.counters, "\(name): the result depends on how the bytes were cut")
            #expect(whole.messages == firmware.messages && whole.counters == firmware.counters, "\(name): the two decoders disagree")
            #expect(whole.counters.bytes == UInt64(input.bytes.count), "\(name)")
            frames += whole.counters.frames
        }
        #expect(frames > 0, "some of it must have been good")
    }

    /// An input as tools/fuzzers/stream.h reads it: a byte of flags, one for the portions, and the bytes of a transport.
    private struct Input {
        var framing = LinkFraming.plain
        var chunk = 1
        var bytes: [UInt8] = []

        init(_ data: [UInt8]) {
            let flags = data.first ?? 0
            framing = flags & 1 != 0 ? .cobs : .plain
            chunk = data.count > 1 ? Int(data[1]) + 1 : 1
            var plain = Array(data.dropFirst(2).prefix(8192))
            var place = 0
            while place < plain.count {
                let length = flags & 2 != 0 ? Self.sign(&plain, at: place) : 1
                if length > 1, framing == .cobs {
                    var packet = [UInt8](repeating: 0, count: COBS.maximumBytes(length))
                    packet.removeLast(
                        packet.count - plain[place...].withUnsafeBufferPointer { wire_packet($0.baseAddress!, length, &packet) })
                    bytes += packet
                } else {
                    bytes += plain[place..<place + length]
                }
                place += length
            }
        }

        /// Makes the check right of what looks like a block; its length, or 1 where none is.
        private static func sign(_ plain: inout [UInt8], at place: Int) -> Int {
            guard plain.count - place >= 32, plain[place...].starts(with: [0x9E, 0x45, 0x43, 0x47]) else { return 1 }
            let body = 28 + Int(plain[place + 6]) + Int(plain[place + 7]) << 8
            guard body + 4 <= Int(WIRE_MAXIMUM_BLOCK), body + 4 <= plain.count - place else { return 1 }
            let check = plain[place..<place + body].withUnsafeBytes { CRC32C().of($0) }
            for byte in 0..<4 { plain[place + body + byte] = UInt8(truncatingIfNeeded: check >> (8 * UInt32(byte))) }
            return body + 4
        }
    }
}
