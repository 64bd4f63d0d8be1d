// The two codecs of the protocol, the host's in Swift and the one that firmware is built from, on the same input.

import CPrecordiaFirmware
import PrecordiaLink
import PrecordiaSignal
import Testing

@Suite struct AgreementTests {
    @Test("both decoders make the same of every vector, however it is cut", arguments: Vector.all.indices)
    func vectors(_ index: Int) {
        let vector = Vector.all[index]
        for chunk in [nil, 1, 7, 64] {
            expectAgreement(vector.bytes, vector.framing, chunk, chunk, vector.name)
        }
    }

    @Test("both decoders make the same of sessions that were cut, mixed and spoilt", arguments: [LinkFraming.plain, .cobs])
    func streams(_ framing: LinkFraming) {
        var noise = Noise(seed: 3)
        var frames: UInt64 = 0
        var counted = [Bool](repeating: false, count: LinkCounters.count)
        for round in 0..<1500 {
            let bytes = RandomStream.make(&noise, framing)
            let decoded = expectAgreement(bytes, framing, noise.below(200) + 1, noise.below(200) + 1, "round \(round)")
            frames += decoded.counters.frames
            for index in counted.indices where decoded.counters.counter(index).value > 0 { counted[index] = true }
        }
        #expect(frames > 10_000, "some of it must have been good")
        for index in counted.indices where framing == .cobs || LinkCounters().counter(index).name.description != "packetsBroken" {
            #expect(counted[index], "no stream made \(LinkCounters().counter(index).name) count")
        }
    }

    @Test("both encoders write the same bytes", arguments: [LinkFraming.plain, .cobs])
    func blocks(_ framing: LinkFraming) {
        var noise = Noise(seed: 4)
        for _ in 0..<300 { RandomStream.expectSameBytes(&noise, framing) }
    }

    @discardableResult
    private func expectAgreement(_ bytes: [UInt8], _ framing: LinkFraming, _ first: Int?, _ second: Int?, _ comment: String) -> Decoded {
        let swift = Decoded(bytes, framing: framing, chunk: first)
        let reference = ReferenceDecoded(bytes, framing: framing, chunk: second)
        #expect(swift.counters == reference.counters, "\(comment)")
        let differs = zip(swift.messages, reference.messages).first { $0 != $1 }
        #expect(differs == nil && swift.messages.count == reference.messages.count, "\(comment)")
        return swift
    }
}

extension Noise {
    /// A number from 0 to `limit` - 1.
    mutating func below(_ limit: Int) -> Int { Int(number() % UInt64(limit)) }
    /// Any number of 64 bits.
    mutating func number() -> UInt64 { (0..<8).reduce(0) { number, _ in number << 8 | UInt64(next()) } }
    mutating func oneIn(_ count: Int) -> Bool { below(count) == 0 }
}
