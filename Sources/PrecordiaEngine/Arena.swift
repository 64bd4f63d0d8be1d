// Cuts the caller's one block of memory into the engine's parts, in order.
// The same walk with no memory behind it tells how much the caller must bring.

/// A bump allocator over memory that somebody else owns. Every part starts at a multiple of 64.
struct Arena {
    private let base: UnsafeMutableRawPointer?
    private let limit: Int
    /// Bytes handed out so far, alignment included.
    private(set) var used = 0

    /// An arena that only counts.
    init() {
        base = nil
        limit = Int.max
    }

    init(_ memory: UnsafeMutableRawBufferPointer) {
        base = memory.baseAddress
        limit = memory.count
        used = (64 - Int(UInt(bitPattern: memory.baseAddress) & 63)) & 63
    }

    /// Counts a part.
    mutating func count(_ bytes: Int) { used += (bytes + 63) & ~63 }

    /// Hands out the next part, or nothing if the memory is used up.
    mutating func take(_ bytes: Int) -> UnsafeMutableRawBufferPointer? {
        let start = used
        count(bytes)
        guard let base, used <= limit else { return nil }
        return UnsafeMutableRawBufferPointer(start: base + start, count: bytes)
    }
}
