// Frames for browsers: rounded, whole, and a hole stays a hole.

import PrecordiaCompanion
import Testing

@testable import PrecordiaPage

@Suite struct PageFramesTests {
    private func drawn(_ first: UInt64, _ values: [Float]) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: CompanionMessage.drawnBytes(values.count / 12))
        values.withUnsafeBufferPointer { values in
            bytes.withUnsafeMutableBytes { CompanionMessage.pack(drawn: values, from: first, into: $0.baseAddress!) }
        }
        return bytes
    }

    private func number<Number: FixedWidthInteger>(_ bytes: [UInt8], _ place: Int, _: Number.Type) -> Number {
        bytes.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: place, as: Number.self)) }
    }

    @Test("microvolts are rounded, held within 16 bits, and missing where there is none")
    func packed() {
        let values: [Float] = [0.4, 0.6, -0.6, 40_000, -40_000, .nan, 1, 2, 3, 4, 5, -.infinity]
        let bytes = drawn(7, values)
        #expect(number(bytes, 0, UInt64.self) == 7)
        #expect((0..<12).map { number(bytes, 8 + 2 * $0, Int16.self) } == [0, 1, -1, 32767, -32767, .min, 1, 2, 3, 4, 5, -32767])
    }

    @Test("frames that follow each other are one message; behind a hole, of another stream, or too many, another one begins")
    func gathered() {
        var frames = PageFrames()
        let nothing = frames.message(rate: 500, at: 1)
        #expect(nothing == nil)
        let one = drawn(100, Array(repeating: 1, count: 24)), two = drawn(102, Array(repeating: 2, count: 12))
        var isTaken = frames.take(one[...], of: 1)
        #expect(isTaken && frames.takes(two[...], of: 1))
        #expect(!frames.takes(two[...], of: 2) && !frames.takes(drawn(103, Array(repeating: 2, count: 12))[...], of: 1))
        isTaken = frames.take(two[...], of: 1)
        #expect(isTaken && frames.count == 3)
        let message = frames.message(rate: 250, at: 1_780_000_000_000)!
        #expect(message.count == PageFrames.headerBytes + 3 * PageFrames.frameBytes && message[0] == 1)
        #expect(number(message, 2, UInt16.self) == 3 && number(message, 4, UInt32.self) == 1 && number(message, 8, UInt32.self) == 250)
        #expect(Double(bitPattern: number(message, 16, UInt64.self)) == 100)
        #expect(Double(bitPattern: number(message, 24, UInt64.self)) == 1_780_000_000_000)
        #expect(number(message, message.count - 2, Int16.self) == 2)
        #expect(frames.count == 0)
        let damaged = [frames.take([1, 2, 3], of: 1), frames.take(one.dropLast()[...], of: 1)]
        #expect(damaged == [false, false])
        _ = frames.take(drawn(0, Array(repeating: 0, count: 12 * PageFrames.most))[...], of: 1)
        #expect(!frames.takes(drawn(UInt64(PageFrames.most), Array(repeating: 0, count: 12))[...], of: 1))
    }

    @Test("the session's messages are taken apart however they are cut, and what is no message is passed over")
    func input() {
        func message(_ kind: CompanionMessage.Kind, _ payload: [UInt8], stream: UInt32 = 0, number: UInt64 = 0) -> [UInt8] {
            CompanionMessage(kind, stream: stream, number: number, count: payload.count).header + payload
        }
        let pulse = CompanionMessage.Pulse(linesMissed: 1, framesMissed: 2)
        let frames = drawn(5, Array(repeating: 9, count: 12))
        let bytes =
            message(.hello, CompanionMessage.Hello(feed: 1, first: 1, last: 0).packed) + [1, 2, 3]
            + message(.line, Array("{}\n".utf8), number: 4) + message(.context, [0x7B]) + message(.board, [])
            + message(.drawn, frames, stream: 3) + message(.pulse, pulse.packed) + message(.pulse, [1])
            + message(.reply, CompanionCommand.reply(.wrong, "no"), number: 9) + message(.frames, [UInt8](repeating: 0, count: 64))
            + message(.goodbye, [])
        let expected: [PageInput.Item] = [
            .hello, .line(Array("{}\n".utf8), number: 4), .line([0x7B], number: 0), .board([]), .drawn(frames, stream: 3), .pulse(pulse),
            .reply(id: 9, result: 3, words: Array("no".utf8)), .goodbye,
        ]
        for step in [1, 7, 33, bytes.count] {
            var input = PageInput()
            var found: [PageInput.Item] = []
            for start in stride(from: 0, to: bytes.count, by: step) { found += input.take(bytes[start..<min(bytes.count, start + step)]) }
            #expect(found == expected && input.skipped == 3, "in pieces of \(step)")
        }
    }
}
