// One way out of a live session: a ring of its own, and what it missed.
// The engine's thread puts messages in, the outlet's own takes them out; nothing that one outlet does or suffers reaches another.

import PrecordiaHost
import Synchronization

/// What found an outlet's ring full, or the outlet ended before its time.
package struct OutletLoss: Equatable, Sendable {
    /// Messages in all, and those of them that would have been lines of JSON.
    package var messages: UInt64 = 0
    package var lines: UInt64 = 0
    /// Frames that were in them, as they came or to draw.
    package var frames: UInt64 = 0

    package static func - (left: OutletLoss, right: OutletLoss) -> OutletLoss {
        OutletLoss(messages: left.messages - right.messages, lines: left.lines - right.lines, frames: left.frames - right.frames)
    }
}

/// An outlet: a name, a ring, the kinds of messages that it wants.
///
/// - Memory: its ring, allocated at init. Thread: one that puts messages in, one that takes them out; the rest any.
/// - When it is slow: its newest messages are refused and counted. Alerts, alarms and words may use a part of the ring that the rest may not.
package final class LiveOutlet: Sendable {
    /// What it is called where its losses are told.
    package let name: String
    let wants: LiveMessage.Wants
    let ring: ChunkRing
    private let messages = Atomic<UInt64>(0)
    private let lines = Atomic<UInt64>(0)
    private let frames = Atomic<UInt64>(0)
    private let state = Atomic<UInt8>(0)
    private let reason = Mutex<String>("")
    private let asks = Atomic<Bool>(false)

    /// - Parameter capacity: bytes of the ring, a power of two; a fourth is kept for what is urgent.
    package init(_ name: String, wants: LiveMessage.Wants, capacity: Int = 1 << 20) {
        self.name = name
        self.wants = wants.union(.always)
        ring = ChunkRing(capacity: capacity, reserve: capacity / 4)
    }

    /// What it has missed.
    package var loss: OutletLoss {
        OutletLoss(
            messages: messages.load(ordering: .relaxed), lines: lines.load(ordering: .relaxed), frames: frames.load(ordering: .relaxed))
    }

    /// Whether it takes nothing more: it has come to its end, or died.
    package var isOver: Bool { state.load(ordering: .acquiring) != 0 }

    /// Why it died; nil if it did not.
    package var problem: String? { state.load(ordering: .acquiring) == 2 ? reason.withLock { $0 } : nil }

    /// Asks for a board, of whoever wants boards: it comes within a twentieth of a second, or as soon as there is room. Any thread.
    package func ask() { asks.store(true, ordering: .releasing) }

    /// Whether a board is due: asked for, or something was missed since the last one. The engine's thread.
    var isAsking: Bool { asks.load(ordering: .acquiring) && wants.has(.board) && !isOver }

    /// The board that is about to be written answers all that was asked so far.
    func answer() { asks.store(false, ordering: .releasing) }

    /// It takes nothing more, and has taken everything.
    func end() { state.store(1, ordering: .releasing) }

    /// It has died: what still comes for it is lost.
    func die(_ words: String) {
        reason.withLock { $0 = words }
        state.store(2, ordering: .releasing)
    }

    /// Room for a message; nil if there is none, which is counted, or if nobody wants it. The engine's thread.
    ///
    /// - Parameters:
    ///   - frames: how many frames as they came are in it.
    ///   - isPatient: whether to wait where the ring is full.
    func claim(
        _ kind: LiveMessage.Kind, _ count: Int, frames framesInIt: Int, isUrgent: Bool, isPatient: Bool
    ) -> UnsafeMutableRawBufferPointer? {
        guard wants.has(kind) else { return nil }
        let state = state.load(ordering: .acquiring)
        if state == 1 { return nil }
        while state == 0 {
            if let room = ring.claim(count, isUrgent: isUrgent) { return room }
            guard isPatient, !isOver else { break }
            Monotonic.sleep(until: Monotonic.now() + 200_000)
        }
        ask()
        // A board that finds no room is written later, and tells no less then.
        guard kind != .board else { return nil }
        messages.wrappingAdd(1, ordering: .relaxed)
        if LiveMessage.Wants.lines.has(kind) { lines.wrappingAdd(1, ordering: .relaxed) }
        frames.wrappingAdd(UInt64(framesInIt), ordering: .relaxed)
        return nil
    }
}

/// Says what outlets miss, in words: that one begins to lose, what it has lost in all at the end, and why one died.
struct OutletWatch {
    private var told: [UInt64] = []
    private var ended: [Bool] = []

    /// What a person must be told now. The first outlet is whoever started the session, who sees its losses itself.
    ///
    /// - Parameter isLast: whether nothing more comes.
    mutating func news(_ outlets: [LiveOutlet], isLast: Bool = false) -> [String] {
        while told.count < outlets.count {
            told.append(0)
            ended.append(false)
        }
        var words: [String] = []
        for (place, outlet) in outlets.enumerated().dropFirst() {
            if let problem = outlet.problem, !ended[place] {
                ended[place] = true
                words.append("\(outlet.name) has ended: \(problem); nothing more goes there, the rest of the session goes on")
            }
            let lost = outlet.loss.messages
            guard lost > told[place], isLast || told[place] == 0 else { continue }
            told[place] = lost
            let why = outlet.problem == nil ? "it was too slow" : "it had ended"
            words.append("\(outlet.name) has lost \(Text.counted(Int(clamping: lost), "message"))\(isLast ? "" : " so far"): \(why)")
        }
        return words
    }
}
