// One browser that looks: who it is, what it may do, what it has not seen.

import NIOCore
import NIOWebSocket
import PrecordiaHost

/// A viewer as the room knows it.
///
/// - Thread: the event loop's. Memory: what the kernel and NIO hold for its connection, within ``PageServer``'s bounds; nothing waits here.
final class PageViewer {
    let channel: any Channel
    /// Where it comes from, as the log shall have it.
    let address: String
    /// When it came, nanoseconds of the monotonic clock.
    let joinedAt: Int64
    /// Whoever the token named; nil until one did.
    var person: PagePerson?
    /// Frames that it was not given, because it was too slow.
    private(set) var unseen: UInt64 = 0
    var toldUnseen: UInt64 = 0
    /// Whether events were left out, and the history is due.
    private(set) var owesHistory = false
    /// Since when nothing could be written, nanoseconds of the monotonic clock; nil where something can.
    private(set) var stuckSince: Int64?
    /// What it asks for: so many in this second.
    private var second: Int64 = 0
    private var asked = 0
    /// The number that its second confirmation has to bring, and until when.
    var confirmation: (code: String, until: Int64)?
    /// Messages a second that are heard.
    static let mostASecond = 8

    init(_ channel: any Channel, address: String, at now: Int64 = Monotonic.now()) {
        self.channel = channel
        self.address = address
        joinedAt = now
    }

    /// Whom the log names.
    var who: String { person.map { "\($0.name), from \(address)" } ?? "" }

    /// Whether another message of it is heard in this second.
    func mayAsk(at now: Int64) -> Bool {
        if now - second >= 1_000_000_000 { (second, asked) = (now, 0) }
        asked += 1
        return asked <= Self.mostASecond
    }

    /// Hands over a message, or leaves it out where the viewer is slow.
    ///
    /// - Parameter frames: how many frames are in it.
    @discardableResult
    func send(_ bytes: ByteBuffer, _ opcode: WebSocketOpcode, frames: Int = 0, isEvent: Bool = false, at now: Int64) -> Bool {
        guard channel.isWritable else {
            unseen += UInt64(frames)
            owesHistory = owesHistory || isEvent
            stuckSince = stuckSince ?? now
            return false
        }
        stuckSince = nil
        channel.write(WebSocketFrame(fin: true, opcode: opcode, data: bytes), promise: nil)
        return true
    }

    func gaveHistory() { owesHistory = false }
}
