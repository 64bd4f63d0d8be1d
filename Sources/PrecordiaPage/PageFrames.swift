// Frames on their way to browsers: gathered to one binary message each few hundredths of a second, the same bytes for all.

import PrecordiaCompanion
import PrecordiaSignal

/// Gathers drawn frames that follow each other.
///
/// A message, little-endian: 1 byte kind (1), 1 byte 0, 2 bytes how many frames, 4 bytes number of the stream, 4 bytes hertz, 4 bytes 0, 8 bytes index of
/// the first frame and 8 bytes milliseconds since 1970 at which the last came, both as floating-point numbers; then the frames: twelve numbers of 16 bits
/// each, microvolts, -32768 where there is none.
struct PageFrames {
    private var bytes: [UInt8] = []
    private var first: UInt64 = 0
    private(set) var count = 0
    private var stream: UInt32 = 0

    static let headerBytes = 32
    static let frameBytes = 2 * Lead.count
    /// Frames of a message at most: a third of a second and more, so that one is never long on its way.
    static let most = 1024

    init() {}

    /// Whether frames of this message follow those that were gathered; a message for others has to go first.
    func takes(_ payload: ArraySlice<UInt8>, of stream: UInt32) -> Bool {
        guard count > 0 else { return true }
        let frames = (payload.count - 8) / Self.frameBytes
        return stream == self.stream && Self.first(payload) == first + UInt64(count) && count + frames <= Self.most
    }

    /// Takes a payload of ``CompanionMessage/Kind/drawn``; false if it is none.
    mutating func take(_ payload: ArraySlice<UInt8>, of stream: UInt32) -> Bool {
        guard payload.count >= 8, (payload.count - 8) % Self.frameBytes == 0 else { return false }
        if count == 0 { (first, self.stream) = (Self.first(payload), stream) }
        bytes += payload.dropFirst(8)
        count += (payload.count - 8) / Self.frameBytes
        return true
    }

    /// The message of what was gathered, and nothing is gathered any more; nil if nothing was.
    mutating func message(rate: Int, at now: Int64) -> [UInt8]? {
        guard count > 0 else { return nil }
        var message = [UInt8](repeating: 0, count: Self.headerBytes)
        message.withUnsafeMutableBytes { room in
            room[0] = 1
            room.storeBytes(of: UInt16(count).littleEndian, toByteOffset: 2, as: UInt16.self)
            room.storeBytes(of: stream.littleEndian, toByteOffset: 4, as: UInt32.self)
            room.storeBytes(of: UInt32(rate).littleEndian, toByteOffset: 8, as: UInt32.self)
            room.storeBytes(of: Double(first).bitPattern.littleEndian, toByteOffset: 16, as: UInt64.self)
            room.storeBytes(of: Double(now).bitPattern.littleEndian, toByteOffset: 24, as: UInt64.self)
        }
        message += bytes
        bytes.removeAll(keepingCapacity: true)
        count = 0
        return message
    }

    private static func first(_ payload: ArraySlice<UInt8>) -> UInt64 {
        payload.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
    }
}
