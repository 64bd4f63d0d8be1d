// Bytes from a bad cable or a bad mind: never a trap, and every byte accounted for.

import PrecordiaLink
import PrecordiaSignal
import Testing

@Suite struct HostileLinkTests {
    let device = Device().hello().configure().data(from: 0).data(from: 4).status().data(from: 8)

    /// In a plain stream each byte is part of a valid block or was skipped.
    private func expectBalance(_ decoded: Decoded, _ bytes: [UInt8], _ comment: String) {
        #expect(decoded.counters.bytes == UInt64(bytes.count), "\(comment)")
        #expect(decoded.counters.bytesSkipped <= decoded.counters.bytes, "\(comment)")
        #expect(decoded.counters.frames == UInt64(decoded.frames.count), "\(comment)")
    }

    @Test("every truncation gives the blocks before it and counts the rest as skipped")
    func truncations() {
        let bytes = device.bytes
        for end in 0..<bytes.count {
            let decoded = Decoded(Array(bytes[..<end]))
            let whole = device.starts.filter { $0 <= end }
            #expect(decoded.counters.blocks == UInt64(whole.count - 1), "cut at \(end)")
            #expect(decoded.counters.bytesSkipped == UInt64(end - whole[whole.count - 1]), "cut at \(end)")
            expectBalance(decoded, Array(bytes[..<end]), "cut at \(end)")
        }
    }

    @Test("every single-byte corruption costs exactly its own block")
    func corruptions() {
        let bytes = device.bytes
        let starts = device.starts + [bytes.count]
        for place in bytes.indices {
            for change in [UInt8(0x01), 0x80, 0xFF] {
                var spoilt = bytes
                spoilt[place] ^= change
                let decoded = Decoded(spoilt)
                let block = starts.lastIndex { $0 <= place }!
                #expect(decoded.counters.blocks == 5, "byte \(place) ^ \(change)")
                #expect(decoded.counters.bytesSkipped == UInt64(starts[block + 1] - starts[block]), "byte \(place) ^ \(change)")
                expectBalance(decoded, spoilt, "byte \(place) ^ \(change)")
                if block == 3 { #expect(decoded.counters.framesMissing == 4 && decoded.counters.blocksMissing == 1) }
            }
        }
    }

    @Test("on a serial line too, except that a spoilt zero or code byte may cost both neighbours")
    func serialCorruptions() {
        let device = Device(framing: .cobs).hello().configure().data(from: 0).data(from: 4).status().data(from: 8)
        #expect(Decoded(device.bytes, framing: .cobs).counters.blocks == 6)
        #expect(Decoded(device.bytes, framing: .cobs).counters.bytesSkipped == 0)
        for place in device.bytes.indices {
            for change in [UInt8(0x01), 0x80, 0xFF] {
                var spoilt = device.bytes
                spoilt[place] ^= change
                let decoded = Decoded(spoilt, framing: .cobs)
                #expect(decoded.counters.blocks >= 4, "byte \(place) ^ \(change)")
                #expect(decoded.counters.hasLoss || decoded.counters.blocks == 6, "byte \(place) ^ \(change)")
            }
        }
    }

    @Test("a valid block inside a broken one is found")
    func nested() {
        let inner = Device().configure().data(from: 0)
        var broken = Device(session: 9).block(.event, Array(repeating: 0, count: 12) + inner.bytes).bytes
        broken[broken.count - 1] ^= 1
        let decoded = Decoded(broken)
        #expect(decoded.frames == Array(0..<4))
        #expect(decoded.counters.checksumFailures == 1)
        #expect(decoded.counters.bytesSkipped == UInt64(28 + 12 + 4))
    }

    @Test("random bytes, with and without magics among them, are skipped to the last")
    func random() {
        var random = Noise(seed: 1)
        for round in 0..<40 {
            var bytes = (0..<20_000).map { _ in random.next() }
            if round % 2 == 1 {
                for _ in 0..<200 {
                    let at = Int(random.next()) * 78
                    bytes.replaceSubrange(at..<at + 5, with: [0x9E, 0x45, 0x43, 0x47, 1])
                    bytes[at + 7] &= 0x0F
                }
            }
            for framing in [LinkFraming.plain, .cobs] {
                let decoded = Decoded(bytes, framing: framing, chunk: Int(random.next()) + 1)
                #expect(decoded.counters.blocks == 0)
                #expect(decoded.counters.bytes == 20_000)
                if framing == .plain { #expect(decoded.counters.bytesSkipped == 20_000) }
            }
        }
    }

    @Test("random payloads under a right check never trap")
    func randomPayloads() {
        var random = Noise(seed: 2)
        var frames = 0
        for _ in 0..<2000 {
            let decoded = Decoded(spoilt(&random), chunk: 97)
            #expect(decoded.counters.blocks == 6)
            frames += decoded.frames.count
        }
        #expect(frames > 1000, "some of it must have been good")
    }

    /// Six blocks of the session in any order, their payloads cut or changed and their checks right.
    private func spoilt(_ random: inout Noise) -> [UInt8] {
        let sender = Device(session: UInt32(random.next() & 3))
        for _ in 0..<6 {
            let number = Int(random.next()) % 6
            let start = device.starts[number] + BlockHeader.byteCount
            let end = (number + 1 < 6 ? device.starts[number + 1] : device.bytes.count) - 4
            var payload = Array(device.bytes[start..<end])
            if random.next() & 1 == 0 { payload[Int(random.next()) * 7 % payload.count] = random.next() }
            if random.next() & 7 == 0 { payload = Array(payload.prefix(Int(random.next()))) }
            let type = BlockType(rawValue: device.bytes[device.starts[number] + 5]) ?? .hello
            sender.block(type, payload)
        }
        return sender.bytes
    }
}

/// Bytes by chance, the same for the same seed.
struct Noise {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt8 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 33)
    }
}
