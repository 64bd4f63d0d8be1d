// A simulated device's sending buffer: what the line has not taken yet.
// Apart from the line, because what a full buffer gives up is the device's decision and not the line's.

package import PrecordiaHost
import PrecordiaLink

/// Blocks that wait for the line, oldest first. When it is full, whole data blocks are given up, the oldest first; other blocks stay.
///
/// - Memory: `capacity` bytes of blocks, and one more. Thread: one at a time.
package final class DeviceQueue {
    /// A block as it was made, before its framing.
    struct Block {
        var type: BlockType
        var bytes: [UInt8]
        var session: UInt32
        var sequence: UInt32
        /// Samples of a data block, 0 of others.
        var frames = 0
        var first: UInt64 = 0
        /// What a status says was dropped.
        var told: UInt64?
        var isWrong = false
    }

    var ledger = DeviceLedger()
    /// Samples and blocks of the session in force that were given up.
    private(set) var samplesDropped: UInt64 = 0
    private(set) var blocksDropped: UInt64 = 0
    private var session: UInt32 = 0

    private let capacity: Int
    private let framing: LinkFraming
    private var blocks: [Block] = []
    private var head = 0
    private var bytes = 0
    /// The block that is on its way, as the line carries it, and how much of it has gone.
    private let packet = UnsafeMutableRawBufferPointer.allocate(byteCount: LinkEncoder.maximumBytes, alignment: 8)
    private var packetBytes = 0
    private var gone = 0

    init(capacity: Int, framing: LinkFraming) {
        self.capacity = capacity
        self.framing = framing
    }

    deinit { packet.deallocate() }

    var isEmpty: Bool { head == blocks.count }
    /// How full it is, thousandths.
    var level: UInt16 { UInt16(min(1000, bytes * 1000 / capacity)) }

    private var firstWaiting: Int { packetBytes == 0 ? head : head + 1 }

    /// Whether a block of this type waits still, so that another one would say nothing more.
    func holds(_ type: BlockType) -> Bool { blocks[head...].contains { $0.type == type } }

    func begin(session: UInt32, sequence: UInt32) {
        self.session = session
        samplesDropped = 0
        blocksDropped = 0
        ledger.begin(session: session, sequence: sequence)
    }

    func append(_ block: Block) {
        blocks.append(block)
        if block.isWrong { Self.flip(&blocks[blocks.count - 1].bytes, block.sequence) }
        bytes += block.bytes.count
        while bytes > capacity, let oldest = blocks[firstWaiting...].firstIndex(where: { $0.frames > 0 }) {
            let given = blocks.remove(at: oldest)
            bytes -= given.bytes.count
            ledger.dropped(given)
            guard given.session == session else { continue }
            samplesDropped += UInt64(given.frames)
            blocksDropped += 1
        }
    }

    /// Hands bytes to `line` until it takes no more.
    package func send(to line: any DeviceLine) throws(RuntimeError) {
        while prepare() {
            let taken = try line.send(UnsafeRawBufferPointer(rebasing: packet[gone..<packetBytes]))
            if taken == 0 { return }
            gone += taken
            if gone == packetBytes { finish() }
        }
    }

    /// The line has gone: a block that was on its way is lost.
    func cut() {
        guard gone > 0 else {
            packetBytes = 0
            return
        }
        ledger.cut(blocks[head])
        remove()
    }

    /// What waits still never leaves.
    func abandon() {
        cut()
        while head < blocks.count {
            ledger.unsent(blocks[head])
            remove()
        }
    }

    /// Lays the oldest block out as the line carries it, unless that was done; false without a block.
    private func prepare() -> Bool {
        guard packetBytes == 0 else { return true }
        guard head < blocks.count else { return false }
        packetBytes = blocks[head].bytes.withUnsafeBytes { plain in
            guard framing == .plain else { return COBS.encode(plain, into: packet) }
            packet.copyMemory(from: plain)
            return plain.count
        }
        return true
    }

    private func finish() {
        let block = blocks[head]
        ledger.sent(block, isWrong: block.isWrong)
        remove()
    }

    private func remove() {
        bytes -= blocks[head].bytes.count
        blocks[head].bytes = []
        head += 1
        packetBytes = 0
        gone = 0
        guard head == blocks.count || head == 1024 else { return }
        blocks.removeFirst(head)
        head = 0
    }

    /// Flips a bit anywhere behind magic and length, another one in each block: where those are wrong, blocks are found in another way.
    private static func flip(_ bytes: inout [UInt8], _ sequence: UInt32) {
        let bit = Int(sequence &* 0x9E37_79B1 >> 8) % ((bytes.count - 8) * 8)
        bytes[8 + bit / 8] ^= 1 << UInt8(bit % 8)
    }
}
