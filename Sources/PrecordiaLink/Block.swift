// The frame of everything on the wire: a header, a payload, a check.
// Apart from the payloads, because a reader that knows none of them still finds every block.

/// What a block holds; the raw values are the protocol's. From 0x80 on they are commands of the host to the device.
package enum BlockType: UInt8, Sendable {
    /// Who the device is and what it can do.
    case hello = 1
    /// The settings in force: after each change, and again at least every two seconds.
    case configuration = 2
    /// Samples of all channels.
    case data = 3
    /// The device's own counters and its health.
    case status = 4
    /// A button, a marker, the result of a self test.
    case event = 5
    /// Something went wrong in the device.
    case error = 6
    /// What became of a command.
    case answer = 7

    case identify = 0x81
    case configure = 0x82
    case start = 0x83
    case stop = 0x84
    case reset = 0x85
    case selfTest = 0x86
}

/// The first 28 bytes of a block.
package struct BlockHeader: Equatable, Sendable {
    /// Protocol version; 1 is what this room speaks.
    package var version: UInt8
    /// A ``BlockType``, or one of a later protocol.
    package var type: UInt8
    /// Bytes of the payload.
    package var length: UInt16
    /// The count of samples and blocks that this block belongs to; another number after each start, reset and power-up.
    package var session: UInt32
    /// Blocks of the session before this one, modulo 2^32.
    package var sequence: UInt32
    /// The device's clock when the first sample of a data block was taken, or when the block was made; nil where the device has none.
    package var ticks: UInt64?
    /// Ticks a second; nil where the device has no clock.
    package var tickRate: UInt32?

    /// 0x9E, "ECG": the first byte is no text and rare in samples around 0.
    package static var magic: UInt32 { @_noAllocation @_noLocks get { 0x4743_459E } }
    package static var version: UInt8 { @_noAllocation @_noLocks get { 1 } }
    /// Bytes before the payload, and the check's behind it.
    package static var byteCount: Int { @_noAllocation @_noLocks get { 28 } }
    package static var checkByteCount: Int { @_noAllocation @_noLocks get { 4 } }
    /// Longest payload, and longest block with it.
    package static var maximumPayload: Int { @_noAllocation @_noLocks get { 4096 } }
    package static var maximumBlock: Int { @_noAllocation @_noLocks get { 4128 } }

    @_noAllocation @_noLocks
    package init(
        type: BlockType, session: UInt32, sequence: UInt32, ticks: UInt64? = nil, tickRate: UInt32? = nil, length: UInt16 = 0
    ) {
        version = Self.version
        self.type = type.rawValue
        self.length = length
        self.session = session
        self.sequence = sequence
        self.ticks = ticks
        self.tickRate = tickRate
    }

    /// Reads a header; `bytes` has at least ``byteCount``.
    @_noAllocation @_noLocks
    package init(_ bytes: UnsafeRawBufferPointer) {
        version = bytes[4]
        type = bytes[5]
        length = bytes.u16(6)
        session = bytes.u32(8)
        sequence = bytes.u32(12)
        ticks = bytes.u64(16) == .max ? nil : bytes.u64(16)
        tickRate = bytes.u32(24) == .max ? nil : bytes.u32(24)
    }

    /// Writes the header; `bytes` has at least ``byteCount``.
    @_noAllocation @_noLocks
    func write(to bytes: UnsafeMutableRawBufferPointer) {
        bytes.put(Self.magic, 0)
        bytes.put(version, 4)
        bytes.put(type, 5)
        bytes.put(length, 6)
        bytes.put(session, 8)
        bytes.put(sequence, 12)
        bytes.put(ticks ?? .max, 16)
        bytes.put(tickRate ?? .max, 24)
    }
}

/// A block whose check was right, in the reader's memory until its next call.
package struct Block {
    package let header: BlockHeader
    package let payload: UnsafeRawBufferPointer
}
