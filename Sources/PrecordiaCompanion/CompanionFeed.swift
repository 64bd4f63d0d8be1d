// The session's end of a companion program: lines and frames in without waiting, a thread that hands them on, commands of people back.
// Nothing here touches a disk or a network, so that neither a slow nor a dead one reaches the session; what finds no room is refused and counted.

import Glibc
package import PrecordiaHost
package import PrecordiaSignal
import Synchronization

/// Feeds a companion, such as the program that keeps the log.
///
///     outlet's thread → append, push → rings → this thread → pipe → precordia-log → disk
///     engine's thread ← nextCommand  ← ring  ← this thread ← pipe ←
///
/// Lines go before frames. A line stays in memory until the program has it safe, and is sent again to a program that was started anew, so that it
/// may be killed without loss. When nothing is taken any more, first frames are refused and then lines; each line has a number, so that
/// the other end knows how many are missing.
///
/// - Memory: rings of 1 MiB for frames (30 s at 500 Hz) and 256 KiB for lines (some 800, of which 64 KiB are for alerts alone), and as much again for lines that wait to be stored;
///   allocated at init; 16 KiB for commands. Thread: ``begin(_:)``, ``push(_:)``, ``append(_:)``, ``reply(_:to:_:)`` and ``flush()`` from one, any;
///   ``nextCommand()`` from one, any; the rest from any.
/// - Cost: 64 bytes copied a frame, a ring's two atomic operations every 32 frames and every line; no system call while the thread is awake.
package final class CompanionFeed: @unchecked Sendable {
    package let program: CompanionProgram
    let lines = ChunkRing(capacity: 1 << 18, reserve: 1 << 16)
    let frames = ChunkRing(capacity: 1 << 20, reserve: 1 << 12)
    private let commands = ChunkRing(capacity: 1 << 14, reserve: 0)
    let state = CompanionState()
    private let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 32 * CompanionMessage.frameBytes, alignment: 64)
    private var blockCount = 0
    private var stream: UInt32 = 0
    private var number: UInt64 = 0
    private let format = UnsafeMutableRawBufferPointer.allocate(byteCount: CompanionMessage.formatBytes, alignment: 8)

    /// Starts the thread, which starts the program.
    ///
    /// - Throws: ``RuntimeError/badSource(source:problem:)`` if the system has no thread left.
    package init(_ program: CompanionProgram) throws(RuntimeError) {
        self.program = program
        let sender = CompanionSender(program, lines: lines, frames: frames, commands: commands, state: state)
        guard Workers.start({ sender.run() }) else {
            throw .badSource(source: program.path, problem: "the system has no thread left for it")
        }
    }

    /// Starts the thread of a log, which starts its recorder.
    package convenience init(_ log: LogSettings) throws(RuntimeError) { try self.init(log.companion) }

    /// What a person asks for through the program, in order; nil for nothing. To be answered with ``reply(_:to:_:)``.
    package func nextCommand() -> CompanionCommand? {
        guard let chunk = commands.next() else { return nil }
        defer { commands.release() }
        return CompanionCommand(chunk.bytes)
    }

    /// Answers a command.
    ///
    /// - Parameter words: for the person who asked. An answer that finds no room is counted in ``CompanionStatus/repliesRefused``.
    package func reply(_ result: CompanionCommand.Result, to id: UInt64, _ words: String) {
        let payload = CompanionCommand.reply(result, words)
        let isTaken = payload.withUnsafeBytes { put(frames, .reply, number: id, $0, isUrgent: true) }
        if !isTaken { state.repliesRefused.wrappingAdd(1, ordering: .relaxed) }
    }

    deinit {
        state.isLeaving.store(true, ordering: .releasing)
        block.deallocate()
        format.deallocate()
    }

    /// A stream begins: what the frames from now on mean.
    package func begin(_ format: StreamFormat) {
        flush()
        stream &+= 1
        CompanionMessage.pack(format, into: self.format.baseAddress!)
        _ = put(frames, .stream, number: 0, UnsafeRawBufferPointer(self.format), isUrgent: true)
    }

    /// A frame of the stream, for the ECG around alerts. Never waits; refused frames are ``CompanionStatus/framesRefused`` at most 32 at a time.
    package func push(_ frame: Frame) {
        CompanionMessage.pack(frame, into: block.baseAddress! + blockCount * CompanionMessage.frameBytes)
        blockCount += 1
        if blockCount == 32 { flush() }
    }

    /// Hands over the frames so far, at a stream's end or when nothing comes for a while.
    package func flush() {
        guard blockCount > 0 else { return }
        let bytes = UnsafeRawBufferPointer(rebasing: block[..<(blockCount * CompanionMessage.frameBytes)])
        if !put(frames, .frames, number: 0, bytes) { state.framesRefused.wrappingAdd(UInt64(blockCount), ordering: .relaxed) }
        blockCount = 0
    }

    /// Frames to draw, at most 64 at once: twelve values each, microvolts, NaN where there is none. Never waits; refused ones are counted among
    /// ``CompanionStatus/framesRefused``.
    package func draw(_ values: UnsafeBufferPointer<Float>, from first: UInt64) {
        let count = values.count / Lead.count
        let isTaken = withUnsafeTemporaryAllocation(byteCount: CompanionMessage.drawnBytes(count), alignment: 8) { room in
            CompanionMessage.pack(drawn: values, from: first, into: room.baseAddress!)
            return put(frames, .drawn, number: 0, UnsafeRawBufferPointer(room))
        }
        if !isTaken { state.framesRefused.wrappingAdd(UInt64(count), ordering: .relaxed) }
    }

    /// A sign of life, with what the companion lacks. One that finds no room is no loss: the next one says the same.
    package func pulse() {
        let status = status
        let pulse = CompanionMessage.Pulse(linesMissed: status.linesRefused, framesMissed: status.framesRefused)
        _ = pulse.packed.withUnsafeBytes { put(frames, .pulse, number: 0, $0, isUrgent: true, counts: false) }
    }

    /// A line of JSON with its line feed, as docs/events.md has it. Never waits.
    ///
    /// Answers of the classifier and heart rates, of which there is one a second, are not kept: the last one before an alert explains it.
    ///
    /// - Returns: false if it was refused because too many wait; it is counted.
    @discardableResult
    package func append(_ line: UnsafeRawBufferPointer) -> Bool {
        if Self.isContext(line) { return put(frames, .context, number: 0, line) }
        number &+= 1
        state.offered.store(number, ordering: .relaxed)
        // Counted first, so that it is never behind what is acknowledged.
        state.accepted.wrappingAdd(1, ordering: .relaxed)
        guard put(lines, .line, number: number, line, isUrgent: Self.isAlert(line)) else {
            state.accepted.wrappingSubtract(1, ordering: .relaxed)
            return false
        }
        return true
    }

    /// A line of the board, none for its beginning and its end; between lines and in their order. Never waits.
    ///
    /// - Returns: false if there was no room, which is no loss: the board is to be given again.
    package func board(_ line: UnsafeRawBufferPointer?) -> Bool {
        flush()
        return put(lines, .board, number: 0, line ?? UnsafeRawBufferPointer(start: nil, count: 0), counts: false)
    }

    /// Lines and frames that never came here, because whoever brings them was too slow. The numbers of the lines are left out, so that the log itself shows
    /// how many are missing.
    package func miss(lines: UInt64, frames: UInt64) {
        flush()
        number &+= lines
        state.offered.store(number, ordering: .relaxed)
        state.linesMissed.wrappingAdd(lines, ordering: .relaxed)
        state.framesRefused.wrappingAdd(frames, ordering: .relaxed)
    }

    /// Whether the recorder has stored everything.
    package var isWhole: Bool {
        let status = status
        return status.stored == status.offered && status.linesRefused == 0
    }

    /// Ends the log as it should and waits until the recorder has stored everything, at most so long.
    ///
    /// - Returns: whether it has.
    @discardableResult
    package func finish(seconds: Double = 5) -> Bool {
        flush()
        let deadline = Monotonic.now() + Int64(seconds * 1e9)
        state.deadline.store(deadline, ordering: .relaxed)
        state.isLeaving.store(true, ordering: .releasing)
        while !state.isOver.load(ordering: .acquiring), Monotonic.now() < deadline + 100_000_000 {
            Monotonic.sleep(until: Monotonic.now() + 2_000_000)
        }
        return isWhole
    }

    /// What is known at this moment.
    package var status: CompanionStatus {
        var status = state.status
        status.linesRefused = lines.refused + state.linesMissed.load(ordering: .relaxed)
        return status
    }

    private func put(
        _ ring: ChunkRing, _ kind: CompanionMessage.Kind, number: UInt64, _ bytes: UnsafeRawBufferPointer, isUrgent: Bool = false,
        counts: Bool = true
    ) -> Bool {
        let header = MemoryLayout<UInt64>.size
        guard let room = ring.claim(header + bytes.count, isUrgent: isUrgent, counts: counts) else { return false }
        room.storeBytes(of: stream, as: UInt32.self)
        if let start = bytes.baseAddress { room.baseAddress!.advanced(by: header).copyMemory(from: start, byteCount: bytes.count) }
        ring.publish(UInt32(kind.rawValue), time: Int64(bitPattern: number))
        return true
    }

    /// Whether a line only explains others: the four kinds that come all the time.
    package static func isContext(_ line: UnsafeRawBufferPointer) -> Bool {
        begins(line, "{\"event\":\"window\"") || begins(line, "{\"event\":\"unknown\"") || begins(line, "{\"event\":\"heartRate\"")
            || begins(line, "{\"event\":\"measurement\"")
    }

    /// Whether a line is of an alert or of what was done about alarms: a fourth of the lines' ring is kept for these, whatever a device says meanwhile.
    static func isAlert(_ line: UnsafeRawBufferPointer) -> Bool {
        begins(line, "{\"event\":\"alertRaised\"") || begins(line, "{\"event\":\"alertCleared\"") || begins(line, "{\"event\":\"alarm\"")
    }

    private static func begins(_ line: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        return line.count >= count && memcmp(line.baseAddress!, text.utf8Start, count) == 0
    }
}

/// What a feed has counted, and how the recorder fares.
package struct CompanionStatus: Equatable, Sendable {
    /// What hinders the log; an alert while it is not `none`, see ``CompanionWatch``.
    package var fault = CompanionFault.none
    /// Lines given to the feed, stored by the recorder, and safe from a loss of power.
    package var offered: UInt64 = 0
    package var stored: UInt64 = 0
    package var synced: UInt64 = 0
    /// Lines and frames that found their ring full, or never came to it.
    package var linesRefused: UInt64 = 0
    package var framesRefused: UInt64 = 0
    /// Answers to commands that found no room.
    package var repliesRefused: UInt64 = 0
    /// Snippets stored and refused, and bytes of the log's folder.
    package var snippets: UInt64 = 0
    package var snippetsRefused: UInt64 = 0
    package var bytes: UInt64 = 0
    /// How often the recorder was started; 1 if all is well.
    package var starts: UInt64 = 0

    package init() {}

    /// Lines that the recorder has not stored yet; those refused are not among them.
    package var waiting: UInt64 = 0
}

/// Says once when the log begins to fail, and once when it is kept again: for the alert `log-failed`.
package struct CompanionWatch {
    private var told = CompanionFault.none

    package init() {}

    /// What has changed: the fault to raise, or `none` to clear; nil if nothing did. A fault that grows worse is raised again.
    package mutating func news(_ fault: CompanionFault) -> CompanionFault? {
        guard fault == .none ? told != .none : fault > told else { return nil }
        told = fault
        return fault
    }
}

/// What the feed's two threads share.
final class CompanionState: Sendable {
    let isLeaving = Atomic<Bool>(false)
    let isOver = Atomic<Bool>(false)
    let deadline = Atomic<Int64>(.max)
    let fault = Atomic<UInt32>(0)
    let offered = Atomic<UInt64>(0)
    /// Lines that found room in the ring, and those of them that the recorder has stored.
    let accepted = Atomic<UInt64>(0)
    let acknowledged = Atomic<UInt64>(0)
    let stored = Atomic<UInt64>(0)
    let synced = Atomic<UInt64>(0)
    let framesRefused = Atomic<UInt64>(0)
    /// Answers to commands that found no room: the program does not read.
    let repliesRefused = Atomic<UInt64>(0)
    /// Lines that never came to the feed.
    let linesMissed = Atomic<UInt64>(0)
    let snippets = Atomic<UInt64>(0)
    let snippetsRefused = Atomic<UInt64>(0)
    let bytes = Atomic<UInt64>(0)
    let starts = Atomic<UInt64>(0)

    var status: CompanionStatus {
        var status = CompanionStatus()
        status.fault = CompanionFault(rawValue: fault.load(ordering: .relaxed)) ?? .none
        status.stored = stored.load(ordering: .relaxed)
        status.synced = synced.load(ordering: .relaxed)
        status.offered = offered.load(ordering: .relaxed)
        let acknowledged = acknowledged.load(ordering: .relaxed)
        status.waiting = max(accepted.load(ordering: .relaxed), acknowledged) - acknowledged
        status.framesRefused = framesRefused.load(ordering: .relaxed)
        status.repliesRefused = repliesRefused.load(ordering: .relaxed)
        status.snippets = snippets.load(ordering: .relaxed)
        status.snippetsRefused = snippetsRefused.load(ordering: .relaxed)
        status.bytes = bytes.load(ordering: .relaxed)
        status.starts = starts.load(ordering: .relaxed)
        return status
    }

    func take(_ answer: CompanionAnswer) {
        fault.store(answer.fault.rawValue, ordering: .relaxed)
        stored.store(max(answer.stored, stored.load(ordering: .relaxed)), ordering: .relaxed)
        synced.store(max(answer.synced, synced.load(ordering: .relaxed)), ordering: .relaxed)
        snippets.store(answer.snippets, ordering: .relaxed)
        snippetsRefused.store(answer.snippetsRefused, ordering: .relaxed)
        bytes.store(answer.bytes, ordering: .relaxed)
    }
}
