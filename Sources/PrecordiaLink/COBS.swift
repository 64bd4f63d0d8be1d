// Consistent overhead byte stuffing: packets without a zero byte, so that zero can end them.
// Apart from the scanner, because firmware on a serial line needs exactly this much.
// S. Cheshire and M. Baker, "Consistent Overhead Byte Stuffing", IEEE/ACM Transactions on Networking 7 (1999).

/// Takes packets apart, a byte at a time.
struct COBSDecoder {
    enum Output {
        case nothing
        case byte(UInt8)
        /// A packet is over; false if it was cut short.
        case end(Bool)
    }

    /// Bytes left of the run that the last code byte announced.
    private var left: UInt8 = 0
    /// Whether a zero stood behind the run before the next code byte.
    private var owesZero = false

    @_noAllocation @_noLocks
    mutating func take(_ byte: UInt8) -> Output {
        if byte == 0 {
            let whole = left == 0
            left = 0
            owesZero = false
            return .end(whole)
        }
        if left > 0 {
            left &-= 1
            return .byte(byte)
        }
        let zero = owesZero
        left = byte &- 1
        owesZero = byte != 0xFF
        return zero ? .byte(0) : .nothing
    }
}

/// Packets for a serial line.
package enum COBS {
    /// Bytes of a packet of `count` bytes at most, its zero included.
    @_noAllocation @_noLocks
    package static func maximumBytes(_ count: Int) -> Int { count &+ count / 254 &+ 2 }

    /// Writes `bytes` as one packet with a zero byte behind it.
    ///
    /// - Parameter packet: apart from `bytes`, at least ``maximumBytes(_:)``; traps otherwise.
    /// - Returns: bytes written.
    @_noAllocation @_noLocks
    package static func encode(_ bytes: UnsafeRawBufferPointer, into packet: UnsafeMutableRawBufferPointer) -> Int {
        precondition(packet.count >= maximumBytes(bytes.count), "The packet's memory is too small.")
        var code = 0
        var end = 1
        for index in 0..<bytes.count {
            let byte = bytes[index]
            if byte != 0 {
                packet[end] = byte
                end &+= 1
            }
            guard byte == 0 || end &- code == 255 else { continue }
            packet[code] = UInt8(truncatingIfNeeded: end &- code)
            code = end
            end &+= 1
        }
        packet[code] = UInt8(truncatingIfNeeded: end &- code)
        packet[end] = 0
        return end &+ 1
    }
}
