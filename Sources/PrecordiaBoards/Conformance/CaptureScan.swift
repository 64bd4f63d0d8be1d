// A capture's bytes taken apart into blocks and what is none, each with its place in the file.
// Apart from the decoder, which reads a stream that goes by and keeps no places; a test holds what both count against each other.

import Glibc
import PrecordiaLink

/// A stretch of a capture.
enum CapturePiece {
    /// A valid block: where it begins, header and payload.
    case block(at: Int, bytes: UnsafeRawBufferPointer)
    /// Bytes that belong to no valid block, and what looked like one in them.
    case skipped(at: Int, count: Int, sights: [Sight])
    /// A packet that its own zero cut short, and one that held more than a block.
    case brokenPacket(at: Int)
    case crowdedPacket(at: Int, blocks: Int)

    /// What bytes that are no block look like.
    enum Sight {
        case badCheck(at: Int, header: BlockHeader, found: UInt32, right: UInt32)
        case badLength(at: Int, length: Int)
        case cut(at: Int, has: Int, needs: Int)
    }
}

/// Takes a capture apart.
struct CaptureScan {
    private(set) var checksumFailures: UInt64 = 0
    private let check = CRC32C()

    /// Gives each piece in its order.
    mutating func scan(_ bytes: UnsafeRawBufferPointer, framing: LinkFraming, _ take: (CapturePiece) -> Void) {
        guard framing == .cobs else {
            scan(bytes, place: { $0 }, take)
            return
        }
        var packet: [UInt8] = []
        var start = 0
        while start < bytes.count {
            guard bytes[start] != 0 else {
                start += 1
                continue
            }
            let end = bytes[start...].firstIndex(of: 0) ?? bytes.endIndex
            let isWhole = Self.unpack(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), into: &packet)
            var blocks = 0
            var rest = 0
            packet.withUnsafeBytes { packet in
                scan(packet, place: { _ in start }) { piece in
                    if case .block = piece { blocks += 1 }
                    if case .skipped(_, let count, _) = piece { rest += count }
                    take(piece)
                }
            }
            if !isWhole { take(.brokenPacket(at: start)) }
            if blocks > 1 || (blocks == 1 && rest > 0) { take(.crowdedPacket(at: start, blocks: blocks)) }
            start = end
        }
    }

    private mutating func scan(_ bytes: UnsafeRawBufferPointer, place: (Int) -> Int, _ take: (CapturePiece) -> Void) {
        var at = 0
        var skippedFrom: Int?
        var sights: [CapturePiece.Sight] = []
        func flush(_ end: Int) {
            if let from = skippedFrom { take(.skipped(at: place(from), count: end - from, sights: sights)) }
            skippedFrom = nil
            sights = []
        }
        while at < bytes.count {
            switch look(bytes, at) {
            case .block(let total):
                flush(at)
                take(.block(at: place(at), bytes: UnsafeRawBufferPointer(rebasing: bytes[at..<at + total])))
                at += total
                continue
            case .nothing: break
            case .sight(let sight):
                if case .badCheck = sight { checksumFailures += 1 }
                sights.append(Self.moved(sight, to: place(at)))
            }
            if skippedFrom == nil { skippedFrom = at }
            at += 1
        }
        flush(at)
    }

    private enum Look {
        case block(Int)
        case nothing
        case sight(CapturePiece.Sight)
    }

    private func look(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> Look {
        guard at + 8 <= bytes.count, bytes.number(at, UInt32.self) == BlockHeader.magic else { return .nothing }
        let length = Int(bytes.number(at + 6, UInt16.self))
        guard length <= BlockHeader.maximumPayload else { return .sight(.badLength(at: at, length: length)) }
        let body = BlockHeader.byteCount + length
        let total = body + BlockHeader.checkByteCount
        guard at + total <= bytes.count else { return .sight(.cut(at: at, has: bytes.count - at, needs: total)) }
        let right = check.of(UnsafeRawBufferPointer(rebasing: bytes[at..<at + body]))
        let found = bytes.number(at + body, UInt32.self)
        guard found != right else { return .block(total) }
        return .sight(.badCheck(at: at, header: BlockHeader(UnsafeRawBufferPointer(rebasing: bytes[at...])), found: found, right: right))
    }

    private static func moved(_ sight: CapturePiece.Sight, to place: Int) -> CapturePiece.Sight {
        switch sight {
        case .badCheck(_, let header, let found, let right): .badCheck(at: place, header: header, found: found, right: right)
        case .badLength(_, let length): .badLength(at: place, length: length)
        case .cut(_, let has, let needs): .cut(at: place, has: has, needs: needs)
        }
    }

    /// Takes a packet's COBS off; false if it was cut short.
    private static func unpack(_ bytes: UnsafeRawBufferPointer, into packet: inout [UInt8]) -> Bool {
        packet.removeAll(keepingCapacity: true)
        var at = 0
        while at < bytes.count {
            let code = Int(bytes[at])
            let end = min(bytes.count, at + code)
            packet.append(contentsOf: bytes[at + 1..<end])
            if at + code > bytes.count { return false }
            at = end
            if code != 255, at < bytes.count { packet.append(0) }
        }
        return true
    }
}

extension UnsafeRawBufferPointer {
    /// A little-endian number at any place.
    func number<Number: FixedWidthInteger>(_ at: Int, _: Number.Type) -> Number {
        Number(littleEndian: loadUnaligned(fromByteOffset: at, as: Number.self))
    }

    func part(_ range: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: self[range]) }
}
