// What comes in: messages of a session, or plain lines of JSON as `precordia monitor --json` writes them.

import Glibc
import PrecordiaCompanion
import PrecordiaSignal

/// Takes bytes from a descriptor apart.
struct RecorderInput {
    /// What came.
    enum Item {
        case hello(CompanionMessage.Hello)
        case line(EventStore.Line, stream: UInt32)
        case context(String, stream: UInt32)
        case stream(StreamFormat, UInt32)
        case frames([Frame], UInt32)
        case goodbye
    }

    /// Bytes that are no message of this version, or a line too long to be one: counted and passed over.
    private(set) var bytesSkipped = 0
    private(set) var isAtEnd = false
    private let descriptor: Int32
    private let isFramed: Bool
    private var buffer: [UInt8] = []
    private var number: UInt64 = 0

    init(descriptor: Int32, isFramed: Bool) {
        self.descriptor = descriptor
        self.isFramed = isFramed
    }

    /// Waits for bytes, at most so long, and reads what is there; whether the other side has gone.
    mutating func read(milliseconds: Int32) -> [Item] {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard !isAtEnd, poll(&waiting, 1, milliseconds) > 0 else { return [] }
        let had = buffer.count
        let room = 1 << 16
        buffer.append(contentsOf: repeatElement(0, count: room))
        let count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress! + had, room) }
        let isInterrupted = count < 0 && (errno == EINTR || errno == EAGAIN)
        buffer.removeLast(room - max(0, count))
        if count <= 0, !isInterrupted { isAtEnd = true }
        return isFramed ? messages() : lines()
    }

    /// Whether the session has closed its end, while nothing is read.
    func isHungUp() -> Bool {
        var waiting = pollfd(fd: descriptor, events: 0, revents: 0)
        return poll(&waiting, 1, 0) > 0 && Int32(waiting.revents) & POLLHUP != 0
    }

    private mutating func messages() -> [Item] {
        var items: [Item] = []
        var start = 0
        while buffer.count - start >= CompanionMessage.headerBytes {
            let message = buffer.withUnsafeBytes { CompanionMessage(UnsafeRawBufferPointer(rebasing: $0[start...])) }
            guard let message else {
                start += 1
                bytesSkipped += 1
                continue
            }
            let end = start + CompanionMessage.headerBytes + message.count
            guard end <= buffer.count else { break }
            if let item = item(message, buffer[start + CompanionMessage.headerBytes..<end]) {
                items.append(item)
            } else {
                bytesSkipped += end - start
            }
            start = end
        }
        buffer.removeSubrange(..<start)
        if isAtEnd { bytesSkipped += buffer.count }
        return items
    }

    private func item(_ message: CompanionMessage, _ payload: ArraySlice<UInt8>) -> Item? {
        payload.withUnsafeBytes { payload in
            switch message.kind {
            case .hello:
                return CompanionMessage.Hello(payload).map { .hello($0) }
            case .line: return .line(EventStore.Line(number: message.number, text: Self.text(payload)), stream: message.stream)
            case .context: return .context(Self.text(payload), stream: message.stream)
            case .stream: return CompanionMessage.format(payload).map { .stream($0, message.stream) }
            case .frames:
                guard payload.count % CompanionMessage.frameBytes == 0 else { return nil }
                let starts = stride(from: 0, to: payload.count, by: CompanionMessage.frameBytes)
                return .frames(starts.map { CompanionMessage.frame(payload.baseAddress! + $0) }, message.stream)
            case .goodbye: return .goodbye
            // Of commands, which a recorder never gives, and of what it does not ask for.
            case .reply, .board, .pulse, .drawn: return nil
            }
        }
    }

    private mutating func lines() -> [Item] {
        var items: [Item] = []
        var start = 0
        while let end = buffer[start...].firstIndex(of: 0x0A) ?? (isAtEnd && start < buffer.count ? buffer.count : nil) {
            let line = buffer[start..<end]
            start = min(end + 1, buffer.count)
            guard !line.isEmpty else { continue }
            let isContext = line.withUnsafeBytes { CompanionFeed.isContext($0) }
            if isContext {
                items.append(.context(line.withUnsafeBytes { Self.text($0) }, stream: 0))
            } else {
                number += 1
                items.append(.line(EventStore.Line(number: number, text: line.withUnsafeBytes { Self.text($0) }), stream: 0))
            }
        }
        buffer.removeSubrange(..<start)
        if buffer.count > CompanionMessage.longest {
            bytesSkipped += buffer.count
            buffer.removeAll()
        }
        return items
    }

    private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        let end = bytes.last == 0x0A ? bytes.count - 1 : bytes.count
        return String(decoding: UnsafeRawBufferPointer(rebasing: bytes[..<end]), as: UTF8.self)
    }
}
