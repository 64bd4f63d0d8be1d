// The session's messages out of the pipe, as the page needs them.

import PrecordiaCompanion
import PrecordiaSignal

/// Takes the session's bytes apart.
struct PageInput {
    enum Item: Equatable, Sendable {
        case hello
        /// A numbered line, or one without a number that explains others: 0.
        case line([UInt8], number: UInt64)
        /// A line of a board; empty for its beginning and its end.
        case board([UInt8])
        case stream(rate: Int, number: UInt32)
        case drawn([UInt8], stream: UInt32)
        case pulse(CompanionMessage.Pulse)
        case reply(id: UInt64, result: UInt16, words: [UInt8])
        case goodbye
    }

    private var buffer: [UInt8] = []
    /// Bytes that were no message.
    private(set) var skipped = 0

    init() {}

    mutating func take(_ bytes: ArraySlice<UInt8>) -> [Item] {
        buffer += bytes
        var items: [Item] = []
        var start = 0
        while buffer.count - start >= CompanionMessage.headerBytes {
            guard let message = buffer[start...].withUnsafeBytes({ CompanionMessage($0) }) else {
                start += 1
                skipped += 1
                continue
            }
            let payload = start + CompanionMessage.headerBytes
            guard payload + message.count <= buffer.count else { break }
            if let item = Self.item(message, buffer[payload..<payload + message.count]) { items.append(item) }
            start = payload + message.count
        }
        buffer.removeSubrange(..<start)
        return items
    }

    private static func item(_ message: CompanionMessage, _ payload: ArraySlice<UInt8>) -> Item? {
        switch message.kind {
        case .hello: return .hello
        case .line: return .line(Array(payload), number: message.number)
        case .context: return .line(Array(payload), number: 0)
        case .board: return .board(Array(payload))
        case .stream:
            return payload.withUnsafeBytes { CompanionMessage.format($0) }.map { .stream(rate: $0.rate, number: message.stream) }
        case .drawn: return .drawn(Array(payload), stream: message.stream)
        case .pulse: return payload.withUnsafeBytes { CompanionMessage.Pulse($0) }.map { .pulse($0) }
        case .reply:
            guard payload.count >= 2 else { return nil }
            let result = payload.withUnsafeBytes { UInt16(littleEndian: $0.loadUnaligned(as: UInt16.self)) }
            return .reply(id: message.number, result: result, words: Array(payload.dropFirst(2)))
        case .goodbye: return .goodbye
        // It asks for frames to draw, not for those as they came.
        case .frames: return nil
        }
    }
}
