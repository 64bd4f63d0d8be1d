// What a host says: the block of a command is the encoder's, in no more room than it needs.

import PrecordiaLink
import Testing

@Suite struct HostCommandTests {
    @Test("a command's block has the encoder's bytes, and fits into memory of its own length", arguments: [0, 8, 4096])
    func bytes(count: Int) {
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        var encoder = LinkEncoder(session: 0x1234_5678, sequence: 9)
        let expected = [UInt8](unsafeUninitializedCapacity: LinkEncoder.maximumBytes) { memory, written in
            written = payload.withUnsafeBytes { encoder.block(.configure, $0, into: UnsafeMutableRawBufferPointer(memory)) }
        }
        let found = [UInt8](unsafeUninitializedCapacity: 32 + count) { memory, written in
            let header = BlockHeader(type: .configure, session: 0x1234_5678, sequence: 9)
            written = payload.withUnsafeBytes { header.block($0, into: UnsafeMutableRawBufferPointer(memory)) }
        }
        #expect(found == expected)
    }

    @Test("commands are the types that go from host to device")
    func types() {
        let commands: [BlockType] = [.identify, .configure, .start, .stop, .reset, .selfTest]
        for type in (0...255).compactMap({ BlockType(rawValue: $0) }) { #expect(type.isCommand == commands.contains(type)) }
    }
}
