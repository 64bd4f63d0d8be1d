// What a host says to a device, one block at a time, into memory that need be no larger than the block.
// Apart from the encoder, which is a device's and keeps the state and the room of a whole stream.

extension BlockType {
    /// Whether it goes from the host to the device.
    package var isCommand: Bool { @_noAllocation @_noLocks get { rawValue & 0x80 != 0 } }
}

extension BlockHeader {
    /// Writes a plain block with this header, whose length is the payload's; traps if the payload is too long or the memory too small.
    ///
    /// - Returns: bytes written: ``byteCount``, the payload's and ``checkByteCount``.
    @_noAllocation @_noLocks
    package func block(_ payload: UnsafeRawBufferPointer, into memory: UnsafeMutableRawBufferPointer) -> Int {
        let body = Self.byteCount &+ payload.count
        precondition(payload.count <= Self.maximumPayload, "The payload is too long.")
        precondition(memory.count >= body &+ Self.checkByteCount, "The block's memory is too small.")
        var header = self
        header.length = UInt16(truncatingIfNeeded: payload.count)
        header.write(to: memory)
        for index in 0..<payload.count { memory[Self.byteCount &+ index] = payload[index] }
        memory.put(CRC32C().of(UnsafeRawBufferPointer(rebasing: memory[..<body])), body)
        return body &+ Self.checkByteCount
    }
}
