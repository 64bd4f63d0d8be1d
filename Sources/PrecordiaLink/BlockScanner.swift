// From bytes as a transport delivers them to blocks whose check is right.
// Knows no payload; what to do about a hole is the decoder's business.

import PrecordiaSignal

/// How blocks are laid into a transport's bytes.
package enum LinkFraming: UInt8, Sendable {
    /// One block after another, as they are: USB, TCP, files.
    case plain = 0
    /// Each block under COBS with a zero byte behind it: serial lines.
    case cobs = 1
}

/// Finds blocks in bytes that come in any portions; the same bytes give the same blocks and counters however they are cut.
///
/// Looks for the magic, then for a possible length, then at the check. Where one is wrong it goes on at the next byte, so that a valid
/// block inside a broken one is found. Every byte is either part of a block or counted as skipped.
///
/// - Memory: the caller's, ``requiredBytes``, alive as long as the scanner. Thread: one at a time.
/// - Cost: the check's, about 2 ns a byte; hostile bytes can make it look at a byte up to a thousand times.
struct BlockScanner: ~Copyable {
    static var requiredBytes: Int { 2 * BlockHeader.maximumBlock }

    var counters = LinkCounters()
    private let memory: UnsafeMutableRawBufferPointer
    private let check = CRC32C()
    private var head = 0
    private var tail = 0
    /// No further byte belongs to what stands in the memory: a packet or the stream is over.
    private var ended = false
    private var packet: COBSDecoder?

    init(memory: UnsafeMutableRawBufferPointer, framing: LinkFraming) {
        self.memory = UnsafeMutableRawBufferPointer(rebasing: memory[..<Self.requiredBytes])
        packet = framing == .cobs ? COBSDecoder() : nil
    }

    /// Takes bytes of the transport, as many as there is room for, and says how many. Call ``next()`` until it has nothing before the rest.
    @_noAllocation @_noLocks
    mutating func feed(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard !ended else { return 0 }
        makeRoom()
        var taken = 0
        if packet == nil {
            taken = min(bytes.count, memory.count &- tail)
            for index in 0..<taken { memory[tail &+ index] = bytes[index] }
            tail &+= taken
        } else {
            while taken < bytes.count && tail < memory.count && !ended {
                unpack(bytes[taken])
                taken &+= 1
            }
        }
        counters.bytes &+= UInt64(truncatingIfNeeded: taken)
        return taken
    }

    /// Says that nothing follows; ``next()`` then gives what is left, and afterwards the scanner takes another stream.
    @_noAllocation @_noLocks
    mutating func finish() {
        if packet != nil { unpack(0) }
        ended = true
    }

    /// The next block; nil when more bytes are needed. It stays in place until the next call of the scanner.
    @_noAllocation @_noLocks
    mutating func next() -> Block? {
        while head < tail {
            switch look() {
            case .block(let total):
                let bytes = UnsafeRawBufferPointer(rebasing: memory[head..<head &+ total])
                head &+= total
                counters.blocks &+= 1
                let payload = bytes.part(BlockHeader.byteCount, total &- BlockHeader.byteCount &- BlockHeader.checkByteCount)
                return Block(header: BlockHeader(bytes), payload: payload)
            case .more where !ended: return nil
            case .more, .none: skip()
            case .damaged:
                counters.checksumFailures &+= 1
                skip()
            }
        }
        ended = false
        return nil
    }

    private enum Sight {
        case block(Int)
        /// It may become a block with more bytes.
        case more
        case none
        case damaged
    }

    /// What begins at `head`, where there is at least one byte.
    @_noAllocation @_noLocks
    private func look() -> Sight {
        let seen = tail &- head
        for place in 0..<min(4, seen) where memory[head &+ place] != Self.magic(place) { return .none }
        guard seen >= 8 else { return .more }
        let bytes = UnsafeRawBufferPointer(rebasing: memory[head..<tail])
        let length = Int(bytes.u16(6))
        guard length <= BlockHeader.maximumPayload else { return .none }
        let body = BlockHeader.byteCount &+ length
        guard seen >= body &+ BlockHeader.checkByteCount else { return .more }
        return check.of(bytes.part(0, body)) == bytes.u32(body) ? .block(body &+ BlockHeader.checkByteCount) : .damaged
    }

    /// Passes over the byte at `head` and those behind it that cannot begin a block: a device that babbles must not hold up the engine.
    @_noAllocation @_noLocks
    private mutating func skip() {
        let first = Self.magic(0)
        let from = head
        head &+= 1
        while head < tail, memory[head] != first { head &+= 1 }
        counters.bytesSkipped &+= UInt64(truncatingIfNeeded: head &- from)
    }

    @_noAllocation @_noLocks
    private static func magic(_ place: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: BlockHeader.magic &>> UInt32(truncatingIfNeeded: place &* 8))
    }

    /// Moves what is not read yet to the front, so that a longest block always finds room.
    @_noAllocation @_noLocks
    private mutating func makeRoom() {
        guard head > 0 else { return }
        for index in 0..<tail &- head { memory[index] = memory[head &+ index] }
        tail &-= head
        head = 0
    }

    @_noAllocation @_noLocks
    private mutating func unpack(_ byte: UInt8) {
        switch packet!.take(byte) {
        case .nothing: break
        case .byte(let byte):
            memory[tail] = byte
            tail &+= 1
        case .end(let whole):
            if !whole { counters.packetsBroken &+= 1 }
            ended = tail > head
        }
    }
}
