// A fixed ring of chunks of bytes between two threads: from acquisition to the engine, and from the engine to whoever shows or stores.
// The only object that two threads of a live session touch.

import CPrecordiaSystem
import Glibc
import Synchronization

/// Hands chunks of bytes from one thread to another without allocating, locking or waiting.
///
/// When the ring is full the *new* chunk is refused and counted, so that the consumer sees an unbroken past and one honest gap. A part of the
/// ring is kept for chunks that must arrive, such as the news that a device is gone.
///
/// - Memory: `capacity` bytes, allocated and touched at init. Thread: one that produces, one that consumes; the counters any.
/// - Cost: two atomic operations and the copy; a system call only if the consumer sleeps.
package final class ChunkRing: @unchecked Sendable {
    /// One chunk, in place until ``release()``.
    package struct Chunk {
        /// What it is, in the words of the two threads.
        package let kind: UInt32
        /// Nanoseconds of the monotonic clock.
        package let time: Int64
        package let bytes: UnsafeRawBufferPointer
    }

    private static let headerBytes = 16
    private static let skip = UInt32.max

    private let memory: UnsafeMutableRawBufferPointer
    private let mask: UInt64
    private let reserve: UInt64
    private let written = Atomic<UInt64>(0)
    private let read = Atomic<UInt64>(0)
    private let sleeps = Atomic<Bool>(false)
    private let bell: Int32
    private let refusedCount = Atomic<UInt64>(0)
    private let refusedByteCount = Atomic<UInt64>(0)
    /// Where the chunk that was claimed ends, and its payload begins.
    private var claimEnd: UInt64 = 0
    private var claimStart = 0
    private var chunkEnd: UInt64 = 0

    /// - Parameters:
    ///   - capacity: bytes, a power of two, at least 4096.
    ///   - reserve: how many of them are kept for urgent chunks.
    package init(capacity: Int, reserve: Int = 1024) {
        precondition(capacity >= 4096 && capacity & (capacity - 1) == 0 && reserve < capacity / 2, "A ring has a power of two of bytes.")
        memory = .allocate(byteCount: capacity, alignment: 64)
        memory.initializeMemory(as: UInt8.self, repeating: 0)
        mask = UInt64(capacity - 1)
        self.reserve = UInt64(reserve)
        bell = precordia_bell_open()
        precondition(bell >= 0, "The system has no descriptor left for a ring.")
    }

    deinit {
        close(bell)
        memory.deallocate()
    }

    /// Chunks and bytes refused because the ring was full.
    package var refused: UInt64 { refusedCount.load(ordering: .relaxed) }
    package var refusedBytes: UInt64 { refusedByteCount.load(ordering: .relaxed) }

    /// Room for a chunk of `count` bytes, to be filled and then given with ``publish(_:time:)``; nil if the ring is full. Producer's thread only.
    ///
    /// - Parameters:
    ///   - isUrgent: may use the part that is kept.
    ///   - counts: whether a refusal is a loss; not of a producer that tries again.
    package func claim(_ count: Int, isUrgent: Bool = false, counts: Bool = true) -> UnsafeMutableRawBufferPointer? {
        let position = written.load(ordering: .relaxed)
        let need = UInt64((Self.headerBytes + count + 15) & ~15)
        let toEnd = mask + 1 - position & mask
        let total = need <= toEnd ? need : toEnd + need
        let used = position &- read.load(ordering: .acquiring)
        guard need <= mask, used + total + (isUrgent ? 0 : reserve) <= mask + 1 else {
            if counts {
                refusedCount.wrappingAdd(1, ordering: .relaxed)
                refusedByteCount.wrappingAdd(UInt64(count), ordering: .relaxed)
            }
            return nil
        }
        var start = Int(position & mask)
        if need > toEnd {
            memory.storeBytes(of: Self.skip, toByteOffset: start + 4, as: UInt32.self)
            start = 0
        }
        memory.storeBytes(of: UInt32(count), toByteOffset: start, as: UInt32.self)
        claimStart = start
        claimEnd = position &+ total
        return UnsafeMutableRawBufferPointer(rebasing: memory[start + Self.headerBytes..<start + Self.headerBytes + count])
    }

    /// Hands over what was claimed.
    package func publish(_ kind: UInt32, time: Int64) {
        memory.storeBytes(of: kind, toByteOffset: claimStart + 4, as: UInt32.self)
        memory.storeBytes(of: time, toByteOffset: claimStart + 8, as: Int64.self)
        written.store(claimEnd, ordering: .sequentiallyConsistent)
        if sleeps.load(ordering: .sequentiallyConsistent) { precordia_bell_ring(bell) }
    }

    /// Copies a chunk in; false if it was refused.
    @discardableResult
    package func push(_ kind: UInt32, time: Int64, _ bytes: UnsafeRawBufferPointer, isUrgent: Bool = false, counts: Bool = true) -> Bool {
        guard let room = claim(bytes.count, isUrgent: isUrgent, counts: counts) else { return false }
        if bytes.count > 0 { room.copyMemory(from: bytes) }
        publish(kind, time: time)
        return true
    }

    /// The oldest chunk, or nil if there is none. Consumer's thread only.
    package func next() -> Chunk? {
        var position = read.load(ordering: .relaxed)
        guard position != written.load(ordering: .acquiring) else { return nil }
        var start = Int(position & mask)
        if memory.load(fromByteOffset: start + 4, as: UInt32.self) == Self.skip {
            position &+= mask + 1 - position & mask
            start = 0
        }
        let count = Int(memory.load(fromByteOffset: start, as: UInt32.self))
        chunkEnd = position &+ UInt64((Self.headerBytes + count + 15) & ~15)
        return Chunk(
            kind: memory.load(fromByteOffset: start + 4, as: UInt32.self), time: memory.load(fromByteOffset: start + 8, as: Int64.self),
            bytes: UnsafeRawBufferPointer(rebasing: memory[start + Self.headerBytes..<start + Self.headerBytes + count]))
    }

    /// Whether there is no chunk. Consumer's thread only.
    package var isEmpty: Bool { read.load(ordering: .relaxed) == written.load(ordering: .acquiring) }

    /// Gives the room of the chunk that ``next()`` gave back.
    package func release() { read.store(chunkEnd, ordering: .releasing) }

    /// Sleeps until there is a chunk, at most `milliseconds`. Consumer's thread only.
    package func wait(milliseconds: Int32) {
        sleeps.store(true, ordering: .sequentiallyConsistent)
        defer { sleeps.store(false, ordering: .relaxed) }
        guard read.load(ordering: .relaxed) == written.load(ordering: .sequentiallyConsistent) else { return }
        precordia_bell_wait(bell, milliseconds)
    }
}
