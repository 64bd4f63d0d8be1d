// Outlets: rings of their own, what each wants, losses under a name; five at once beside each other, of which one stands still and one dies.

import Foundation
import PrecordiaDevice
import PrecordiaEngine
import PrecordiaHost
import PrecordiaLink
import PrecordiaReport
import PrecordiaSession
import PrecordiaSignal
import PrecordiaTestSupport
import PrecordiaTesting
import Testing

@testable import PrecordiaLive
@testable import PrecordiaView

@Suite(.serialized) struct OutletTests {
    let live: LiveSessionTests
    var folder: TemporaryFolder { live.folder }

    init() throws { live = try LiveSessionTests() }

    /// Every message that waits in an outlet.
    func taken(_ outlet: LiveOutlet, _ body: (LiveMessage, EventTime?) -> Void = { _, _ in }) -> Int {
        var count = 0
        while let chunk = outlet.ring.next() {
            body(LiveMessage(chunk), LiveMessage.time(of: chunk))
            outlet.ring.release()
            count += 1
        }
        return count
    }

    @Test("an outlet gets the kinds that it wants, figures and the end, and nothing else")
    func wants() {
        let words = LiveOutlet("words", wants: .words), lines = LiveOutlet("lines", wants: .lines), none = LiveOutlet("none", wants: [])
        let outlets = LiveOutlets([words, lines, none])
        outlets.note("one")
        outlets.failure("two", at: EventTime(utc: 5, uncertainty: nil))
        outlets.figures(LiveFigures())
        outlets.finished("three")
        var said: [String] = []
        let count = taken(words) { message, time in
            switch message {
            case .note(let words), .failure(let words), .finished(let words): said.append(words)
            default: said.append("other")
            }
            #expect(time == nil)
        }
        #expect(count == 3)
        #expect(said == ["one", "other", "three"])
        var times: [EventTime?] = []
        _ = taken(lines) { _, time in times.append(time) }
        #expect(times == [EventTime(utc: 5, uncertainty: nil), nil, nil])
        #expect(taken(none) == 2)
        #expect([words, lines, none].allSatisfy { $0.loss == OutletLoss() })
    }

    @Test("what finds a ring full is refused and counted under that outlet's name, and no other loses anything")
    func refusals() {
        let slow = LiveOutlet("page", wants: [.words, .lines], capacity: 4096), other = LiveOutlet("other", wants: .words)
        let outlets = LiveOutlets([other, slow])
        for number in 0..<100 { outlets.note("note \(number) of a hundred, each as long as a sentence is") }
        let kept = taken(slow)
        #expect(kept > 0 && slow.loss == OutletLoss(messages: UInt64(100 - kept), lines: 0, frames: 0))
        #expect(taken(other) == 100 && other.loss == OutletLoss())
        for _ in 0..<100 { outlets.failure("a line as long as a sentence is, and somewhat longer than that", at: nil) }
        let lines = taken(slow)
        #expect(slow.loss == OutletLoss(messages: UInt64(200 - kept - lines), lines: UInt64(100 - lines), frames: 0))
        // Two batches of 64 find room.
        let ecg = LiveOutlet("ecg", wants: .signal, capacity: 1 << 14)
        let signals = LiveOutlets([ecg])
        for index in 0..<640 { signals.signal(Frame(index: UInt64(index))) }
        signals.flush()
        var frames = 0
        _ = taken(ecg) { message, _ in if case .signal(let some) = message { frames += some.count } }
        #expect(frames > 0 && ecg.loss.frames == UInt64(640 - frames))
        var watch = OutletWatch()
        let lost = slow.loss.messages
        #expect(watch.news(outlets.all) == ["page has lost \(lost) messages so far: it was too slow"])
        #expect(watch.news(outlets.all).isEmpty)
        #expect(watch.news(outlets.all, isLast: true).isEmpty, "it has lost nothing more")
    }

    @Test("an outlet that has died says why once, and what still comes for it is lost; one that has ended loses nothing")
    func ends() {
        let first = LiveOutlet("output", wants: .words), dead = LiveOutlet("dead", wants: .words), done = LiveOutlet("done", wants: .words)
        let outlets = LiveOutlets([first, dead, done], isPatient: true)
        dead.die("its disk is full")
        done.end()
        outlets.note("one")
        #expect(dead.isOver && done.isOver && done.problem == nil && done.loss == OutletLoss() && dead.loss.messages == 1)
        var watch = OutletWatch()
        #expect(
            watch.news(outlets.all) == [
                "dead has ended: its disk is full; nothing more goes there, the rest of the session goes on",
                "dead has lost 1 message so far: it had ended",
            ])
        outlets.note("two")
        #expect(watch.news(outlets.all).isEmpty)
        #expect(watch.news(outlets.all, isLast: true) == ["dead has lost 2 messages: it had ended"])
    }

    @Test("a source that can wait waits for the slowest outlet, and nothing is lost")
    func patient() {
        let slow = LiveOutlet("slow", wants: .words, capacity: 4096)
        let outlets = LiveOutlets([slow], isPatient: true)
        var read = 0
        let thread = JoinedThread { while read < 1000 { read += self.taken(slow) } }
        for number in 0..<1000 { outlets.note("note \(number)") }
        thread?.join()
        #expect(read == 1000 && slow.loss == OutletLoss())
    }

    /// Keeps the first line, then stands still until it is let go.
    private struct Stalled: LiveSink {
        let gate: DispatchSemaphore
        mutating func take(_ message: LiveMessage, at time: EventTime?) throws(RuntimeError) {
            guard case .stream = message else { return }
            gate.wait()
            gate.signal()
        }
        mutating func finish(_ figures: LiveFigures) throws(RuntimeError) {}
    }

    /// Dies of its third message.
    private struct Dying: LiveSink {
        var left = 3
        mutating func take(_ message: LiveMessage, at time: EventTime?) throws(RuntimeError) {
            left -= 1
            if left == 0 { throw .outputClosed }
        }
        mutating func finish(_ figures: LiveFigures) throws(RuntimeError) {}
    }

    /// Counts the values of the frames that it is given to draw.
    private final class Drawn: @unchecked Sendable { var frames: UInt64 = 0 }
    private struct Drawing: LiveSink {
        let drawn: Drawn
        mutating func take(_ message: LiveMessage, at time: EventTime?) throws(RuntimeError) {
            guard case .frames(let first, let values) = message else { return }
            if first != drawn.frames { drawn.frames = .max / 2 }
            drawn.frames += UInt64(values.count / 12)
        }
        mutating func finish(_ figures: LiveFigures) throws(RuntimeError) {}
    }

    @Test("five outlets at once, one that stands still and one that dies: three have every line and frame, and the losses are told by name")
    func five() throws {
        let exam = try live.exam(seconds: 60)
        let noticed = DispatchSemaphore(value: 0), gate = DispatchSemaphore(value: 0)
        let last = exam.starts[exam.starts.count - 10]
        let cart = FakeCart([[.hear(32), .send(Array(exam.bytes[..<last])), .wait(noticed), .send(Array(exam.bytes[last...])), .hearOut]])
        var settings = LiveSettings(source: cart.source, output: .lines(top: nil))
        settings.name = folder.file("exam")
        settings.endsWithStream = true
        let file = folder.file("lines.jsonl")
        let writer = LineWriter(name: settings.name, top: nil, model: live.model, policy: nil, outlets: [])
        let drawn = Drawn()
        let others = [
            OutletThread(
                LiveOutlet("lines", wants: .lines),
                LinesSink(output: try .appending(to: file), name: settings.name, writer: writer) { _ in }),
            OutletThread(LiveOutlet("stalled", wants: .lines, capacity: 1 << 14), Stalled(gate: gate)),
            OutletThread(LiveOutlet("dying", wants: .lines), Dying()),
            OutletThread(LiveOutlet("drawing", wants: .pictures, capacity: 1 << 22), Drawing(drawn: drawn)),
        ]
        var told: Set<String> = []
        var sink = Collected(settings, live.model, names: ["output"] + others.map(\.outlet.name)) { message, _ in
            if case .note(let words) = message {
                if words.hasPrefix("stalled has lost ") { told.insert("stalled") }
                if words.hasPrefix("dying has ended: standard output: closed by its reader;") { told.insert("dying") }
                if told.count == 2 { noticed.signal() }
            }
            if case .end = message { gate.signal() }
        }
        let result = try LiveSession(settings, model: live.model, beside: others).run(&sink)
        #expect(told == ["stalled", "dying"])
        #expect(result.problem == nil && result.outletProblems == ["dying: standard output: closed by its reader"] && result.failed)
        #expect(sink.lines(of: LiveSessionTests.engineEvents) == (try live.replayed(exam.record)))
        let written = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").map(String.init)
        // The line `session` names outlets where the writer knows their names.
        let isSession = { (line: String) in line.hasPrefix("{\"event\":\"session\"") }
        #expect(written.filter { !isSession($0) } == sink.lines.filter { !isSession($0) })
        #expect(written.filter(isSession).count == sink.lines.filter(isSession).count)
        #expect(drawn.frames == 30_000)
        let missed = try #require(try sink.objects("session").last?["outlets"] as? [String: Int])
        #expect(Set(missed.keys) == ["stalled", "dying"])
        #expect(others[0].outlet.loss == OutletLoss() && others[3].outlet.loss == OutletLoss())
        #expect(result.figures.sinkRefused == 0 && result.figures.hasLoss)
    }

    @Test(
        "lines go to the end of a file beside whatever is shown, and a file that cannot be written is an error before the device is touched"
    )
    func linesFile() throws {
        let path = folder.file("kept.jsonl")
        try Data("{}\n".utf8).write(to: URL(fileURLWithPath: path))
        let output = try ByteOutput.appending(to: path)
        try output.line("{\"event\":\"end\"}")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "{}\n{\"event\":\"end\"}\n")
        let absent = folder.file("nowhere/lines")
        #expect(throws: RuntimeError.cannotWrite(file: absent, reason: "No such file or directory")) {
            try ByteOutput.appending(to: absent)
        }
    }
}
