// The feed's thread: starts the companion program, hands over what the rings hold, takes what it sends back, and starts it anew when it dies.
// Apart from the feed, because everything here may wait and nothing there may.

import CPrecordiaSystem
import Glibc
import PrecordiaHost
import Synchronization

/// Moves messages from a feed's rings to a companion program, and its commands back.
///
/// - Thread: its own. Memory: lines that wait to be stored, 256 KiB at most, and 64 KiB on their way.
final class CompanionSender: @unchecked Sendable {
    private struct Line {
        var number: UInt64
        var bytes: [UInt8]
    }

    private let program: CompanionProgram
    private let lines: ChunkRing
    private let frames: ChunkRing
    private let commands: ChunkRing
    private let state: CompanionState
    private let feed = UInt64.random(in: 1...UInt64(Int64.max))
    private var child: precordia_child?
    /// Recorders that closed their pipe and are still to be waited for.
    private var ended: [pid_t] = []
    private var output: [UInt8] = []
    private var sent = 0
    private var input = CompanionInput()
    /// Lines that the recorder has not stored yet, oldest first.
    private var waiting: [Line] = []
    private var waitingBytes = 0
    /// The message that tells of the stream that is open.
    private var stream: [UInt8] = []
    private var startAt: Int64 = 0
    private var pause: Int64 = 1_000_000_000
    private var saidGoodbye = false

    /// The stream that the program was told of last; 0 for none.
    private var toldStream: UInt32 = 0
    /// Since when lines were sent and none was answered; nil where none waits.
    private var unansweredSince: Int64?

    private static let most = 1 << 18

    init(_ program: CompanionProgram, lines: ChunkRing, frames: ChunkRing, commands: ChunkRing, state: CompanionState) {
        self.program = program
        self.commands = commands
        self.lines = lines
        self.frames = frames
        self.state = state
    }

    func run() {
        while !isDone {
            if child == nil { start() }
            read()
            fill()
            watch()
            if !write() { lines.wait(milliseconds: child == nil ? 200 : program.hearsPictures ? 20 : 50) }
        }
        if let child { close(child) }
        state.isOver.store(true, ordering: .releasing)
    }

    /// After the goodbye, when the recorder has gone or took too long.
    private var isDone: Bool {
        guard state.isLeaving.load(ordering: .acquiring) else { return false }
        // Pipes that others hold too have no end: there everything that is said is safe.
        if program.pipes != nil, saidGoodbye, sent == output.count, waiting.isEmpty { return true }
        return saidGoodbye && child == nil || Monotonic.now() >= state.deadline.load(ordering: .relaxed)
    }

    /// A program that runs and has nothing safe for so long is as good as none, be it that it hangs or that its disk does.
    private func watch() {
        guard let since = unansweredSince, child != nil, Monotonic.now() - since >= Int64(program.patience * 1e9) else { return }
        // One that has said that it cannot store has answered.
        guard state.fault.load(ordering: .relaxed) < CompanionFault.entries.rawValue else { return }
        state.fault.store(CompanionFault.recorder.rawValue, ordering: .relaxed)
    }

    private func start() {
        ended.removeAll { waitpid($0, nil, WNOHANG) != 0 }
        guard !saidGoodbye, Monotonic.now() >= startAt else { return }
        startAt = Monotonic.now() + pause
        if let pipes = program.pipes {
            guard state.starts.load(ordering: .relaxed) == 0 else { return }
            child = precordia_child(process: 0, to: pipes.to, from: pipes.from)
            return begin()
        }
        pause = min(pause * 2, 30_000_000_000)
        var words = ([program.path] + program.words).map { strdup($0) }
        words.append(nil)
        defer { words.forEach { free($0) } }
        var made = precordia_child()
        guard precordia_spawn(program.path, words, &made) == 0 else {
            state.fault.store(CompanionFault.recorder.rawValue, ordering: .relaxed)
            return
        }
        child = made
        input = CompanionInput()
        begin()
    }

    /// Tells a program everything from the beginning.
    private func begin() {
        state.starts.wrappingAdd(1, ordering: .relaxed)
        sent = 0
        let hello = CompanionMessage.Hello(feed: feed, first: waiting.first?.number ?? 1, last: waiting.last?.number ?? 0)
        output = CompanionMessage(.hello, count: CompanionMessage.Hello.byteCount).header + hello.packed + stream
        for line in waiting { output += line.bytes }
        unansweredSince = waiting.isEmpty ? nil : Monotonic.now()
    }

    /// Takes messages out of the rings while there is room for them, lines first.
    private func fill() {
        guard child != nil, output.count - sent < 1 << 15, !saidGoodbye else { return }
        while waitingBytes < Self.most, let chunk = lines.next() {
            // No line goes before its stream: an alert whose stream is not known yet would have no ECG.
            let needed = chunk.bytes.loadUnaligned(as: UInt32.self)
            while toldStream < needed, let chunk = frames.next() { move(chunk) }
            let bytes = Self.message(chunk)
            // What was true is not sent again: the next program is told what is true then.
            guard chunk.kind != UInt32(CompanionMessage.Kind.board.rawValue) else {
                output += bytes
                lines.release()
                continue
            }
            waiting.append(Line(number: UInt64(bitPattern: chunk.time), bytes: bytes))
            waitingBytes += bytes.count
            output += bytes
            lines.release()
            unansweredSince = unansweredSince ?? Monotonic.now()
        }
        while output.count - sent < 1 << 16, let chunk = frames.next() { move(chunk) }
        if state.isLeaving.load(ordering: .acquiring), lines.next() == nil, frames.next() == nil {
            saidGoodbye = true
            output += CompanionMessage(.goodbye, count: 0).header
        }
    }

    /// Takes a stream, frames, context or a reply on its way.
    private func move(_ chunk: ChunkRing.Chunk) {
        let bytes = Self.message(chunk)
        if chunk.kind == UInt32(CompanionMessage.Kind.stream.rawValue) {
            stream = bytes
            toldStream = chunk.bytes.loadUnaligned(as: UInt32.self)
        }
        if chunk.kind == UInt32(CompanionMessage.Kind.pulse.rawValue) { unansweredSince = unansweredSince ?? Monotonic.now() }
        output += bytes
        frames.release()
    }

    private static func message(_ chunk: ChunkRing.Chunk) -> [UInt8] {
        let payload = UnsafeRawBufferPointer(rebasing: chunk.bytes[8...])
        let header = CompanionMessage(
            CompanionMessage.Kind(rawValue: UInt16(chunk.kind))!, stream: chunk.bytes.loadUnaligned(as: UInt32.self),
            number: UInt64(bitPattern: chunk.time), count: payload.count)
        return header.header + payload
    }

    /// Writes what the pipe takes; true if it went on or waited, so that there is no need to sleep.
    private func write() -> Bool {
        guard let child, sent < output.count else {
            if saidGoodbye, let child, child.to >= 0 {
                Glibc.close(child.to)
                self.child?.to = -1
            }
            return false
        }
        let count = output.withUnsafeBytes { Glibc.write(child.to, $0.baseAddress! + sent, $0.count - sent) }
        if count > 0 {
            sent += count
            if sent == output.count || sent > 1 << 17 {
                output.removeSubrange(..<sent)
                sent = 0
            }
            return true
        }
        if errno == EAGAIN {
            var polled = [
                pollfd(fd: child.to, events: Int16(POLLOUT), revents: 0), pollfd(fd: child.from, events: Int16(POLLIN), revents: 0),
            ]
            _ = poll(&polled, 2, 50)
            return true
        }
        if errno != EINTR { lose() }
        return true
    }

    /// Takes the recorder's answers, and notices its end.
    private func read() {
        guard let child else { return }
        var room = [UInt8](repeating: 0, count: 4096)
        // One that never stops talking is heard in turn with everything else.
        for _ in 0..<16 {
            let count = room.withUnsafeMutableBytes { Glibc.read(child.from, $0.baseAddress!, $0.count) }
            if count > 0 {
                input.append(room[..<count])
                takeAnswers()
                continue
            }
            if count < 0, errno == EINTR { continue }
            if count == 0 { lose() }
            return
        }
    }

    private func takeAnswers() {
        while let item = input.next() {
            switch item {
            case .answer(let answer): take(answer)
            case .command(let command): take(command)
            }
        }
    }

    private func take(_ answer: CompanionAnswer) {
        state.take(answer)
        pause = 1_000_000_000
        let stored = waiting.prefix { $0.number <= answer.stored }
        waitingBytes -= stored.reduce(0) { $0 + $1.bytes.count }
        waiting.removeFirst(stored.count)
        state.acknowledged.wrappingAdd(UInt64(stored.count), ordering: .relaxed)
        if waiting.isEmpty { unansweredSince = nil } else if stored.count > 0 { unansweredSince = Monotonic.now() }
    }

    /// Hands a command to the engine's thread; one for which there is no room is answered here.
    private func take(_ command: CompanionCommand) {
        if command.kind == .begin, program.pipes != nil { return begin() }
        let isTaken = command.packed.withUnsafeBytes { commands.push(1, time: 0, $0) }
        guard !isTaken else { return }
        // One that asks and does not read its answers gets no memory for them.
        guard output.count - sent < 2 * Self.most else {
            state.repliesRefused.wrappingAdd(1, ordering: .relaxed)
            return
        }
        let payload = CompanionCommand.reply(.busy, "too many commands wait; ask again")
        output += CompanionMessage(.reply, number: command.id, count: payload.count).header + payload
    }

    /// The recorder has gone: expected after the goodbye, otherwise a fault until another one answers.
    private func lose() {
        guard let child else { return }
        close(child)
        self.child = nil
        if !saidGoodbye { state.fault.store(CompanionFault.recorder.rawValue, ordering: .relaxed) }
    }

    private func close(_ child: precordia_child) {
        if child.to >= 0 { Glibc.close(child.to) }
        Glibc.close(child.from)
        guard child.process > 0 else { return }
        if waitpid(child.process, nil, WNOHANG) == 0 { ended.append(child.process) }
    }
}
