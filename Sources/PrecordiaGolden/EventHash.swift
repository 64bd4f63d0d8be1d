// One SHA-256 over a stream of events, in fixed memory.

import PrecordiaEngine
import PrecordiaNetwork
import PrecordiaSignal

/// Chains blocks: each block's hash stands at the start of the next, so that the last one covers everything.
struct EventHash: ~Copyable {
    static var requiredBytes: Int { 4096 }

    private let block: UnsafeMutableRawBufferPointer
    private var used = 32

    init(memory: UnsafeMutableRawBufferPointer) {
        block = UnsafeMutableRawBufferPointer(rebasing: memory[..<Self.requiredBytes])
        for index in 0..<32 { block[index] = 0 }
    }

    mutating func add(_ event: Event) {
        makeRoom(Event.byteCount)
        event.write(to: block.baseAddress! + used)
        used += Event.byteCount
    }

    mutating func add(_ word: UInt32) {
        makeRoom(4)
        block.storeBytes(of: word.littleEndian, toByteOffset: used, as: UInt32.self)
        used += 4
    }

    mutating func finish() -> SHA256.Digest {
        SHA256.digest(of: UnsafeRawBufferPointer(rebasing: block[..<used]))
    }

    private mutating func makeRoom(_ bytes: Int) {
        guard used + bytes > block.count else { return }
        let digest = finish()
        for word in 0..<8 { block.storeBytes(of: digest[word].bigEndian, toByteOffset: word * 4, as: UInt32.self) }
        used = 32
    }
}
