// Live sessions on stored streams and over TCP: the replay's very lines, every loss counted, unplugging told, a stalled reader harmless.

import CPrecordiaTransport
import Foundation
import PrecordiaBoards
import PrecordiaDevice
import PrecordiaEngine
import PrecordiaHost
import PrecordiaLink
import PrecordiaQuality
import PrecordiaReport
import PrecordiaSession
import PrecordiaSignal
import PrecordiaSimulator
import PrecordiaTestSupport
import PrecordiaTesting
import Testing

@testable import PrecordiaLive
@testable import PrecordiaView

/// Keeps what a session says.
struct Collected: LiveSink {
    var lines: [String] = []
    var notes: [String] = []
    var faults: [String] = []
    let writer: LineWriter
    /// Called with each message, and its line or none, before it is kept.
    let watch: (LiveMessage, String) -> Void

    init(
        _ settings: LiveSettings, _ model: LoadedModel, names: [String] = [],
        watch: @escaping (LiveMessage, String) -> Void = { _, _ in }
    ) {
        writer = LineWriter(name: settings.name, top: settings.output.top, model: model, policy: settings.policy, outlets: names)
        self.watch = watch
    }

    mutating func take(_ message: LiveMessage, at time: EventTime?) throws(RuntimeError) {
        let line = writer.line(message, at: time).map { String(decoding: $0.dropLast(), as: UTF8.self) }
        watch(message, line ?? "")
        if let line { lines.append(line) }
        switch message {
        case .note(let words): notes.append(words)
        case .fault(let words): faults.append(words)
        default: break
        }
    }
    mutating func finish(_ figures: LiveFigures) throws(RuntimeError) {}

    /// Lines of these events, without the time at their end.
    func lines(of kinds: Set<String>) -> [String] {
        lines.filter { line in kinds.contains { line.hasPrefix("{\"event\":\"\($0)\"") } }.map(Self.timeless)
    }

    static func timeless(_ line: String) -> String {
        line.replacing(#/,"utc":"[^"]*","uncertainty":[0-9.a-z]+}$/#, with: "}")
    }

    func objects(_ kind: String) throws -> [[String: Any]] {
        try lines.filter { $0.hasPrefix("{\"event\":\"\(kind)\"") }.map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
    }
}

/// The leads that a screen shows, in order, as its sink chooses them.
private final class Shown {
    var leads: [Lead] = []
    private var lead = DisplayLead()
    private var quality = QualityReport()

    func take(_ message: LiveMessage) {
        if case .answer(_, let facts) = message { quality = facts.quality }
        guard case .frames(_, let values) = message else { return }
        for frame in 0..<values.count / 12 {
            lead.follow(values[(frame * 12)..<(frame * 12 + 12)], quality, rate: 500)
            leads.append(lead.lead)
        }
    }
}

@Suite(.serialized) struct LiveSessionTests {
    static let engineEvents: Set<String> = [
        "stream", "window", "unknown", "heartRate", "alertRaised", "alertCleared", "quality", "gap", "end",
    ]
    let model: LoadedModel
    let folder: TemporaryFolder

    init() throws {
        model = try LoadedModel.shipped()
        folder = try TemporaryFolder()
    }

    /// A record, and its stream as a device sends it.
    func exam(seconds: Double = 24, session: UInt32 = 7) throws -> (record: String, bytes: [UInt8], starts: [Int]) {
        let record = try folder.record("exam", seconds: seconds, rhythm: .atrialFibrillation)
        var bytes: [UInt8] = []
        var source = try SignalSource(record: record)
        var settings = DeviceSettings()
        settings.session = session
        try SimulatedDevice(settings, to: { bytes += $0 }).play(&source)
        return (record, bytes, Wire.starts(bytes))
    }

    fileprivate func run(
        _ source: String, once: Bool = true, until: Bool = false, output: LiveFormat = .lines(top: nil),
        watch: @escaping (LiveMessage, String) -> Void = { _, _ in }
    ) throws -> (said: Collected, figures: LiveFigures, failed: Bool) {
        var settings = LiveSettings(source: source, output: output)
        settings.name = folder.file("exam")
        settings.reopens = !once
        settings.endsWithStream = until
        var sink = Collected(settings, model, watch: watch)
        let result = try LiveSession(settings, model: model).run(&sink)
        return (sink, result.figures, result.failed)
    }

    func replayed(_ record: String) throws -> [String] {
        let output = ByteOutput.collecting()
        let replay = Replay(model: model, options: EngineOptions(), speed: .max, format: .lines(top: nil), output: output)
        _ = try replay.play(record: record)
        return String(decoding: output.collected, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test("a stored stream gives the replay's very lines, without a time")
    func stored() throws {
        let exam = try exam()
        try Data(exam.bytes).write(to: URL(fileURLWithPath: folder.file("exam.bin")))
        let found = try run("file:" + folder.file("exam.bin"))
        #expect(!found.failed && !found.figures.hasLoss)
        #expect(
            found.said.lines.filter {
                !$0.contains("\"event\":\"device\"") && !$0.contains("\"event\":\"link\"") && !$0.contains("\"event\":\"session\"")
            } == (try replayed(exam.record)))
        #expect(!found.said.lines.contains { $0.contains("\"utc\"") })
    }

    @Test("the same over TCP, with a time at the end of each line, and the latency of each event")
    func overTCP() throws {
        let exam = try exam()
        let cart = FakeCart([[.hear(32), .send(exam.bytes), .hearOut]])
        let found = try run(cart.source, until: true)
        #expect(!found.failed && !found.figures.link.hasLoss)
        #expect(found.said.lines(of: Self.engineEvents) == (try replayed(exam.record)))
        #expect(found.said.lines.allSatisfy { $0.contains(",\"utc\":\"20") })
        #expect(found.figures.eventLatency.count > 24)
        #expect(found.figures.eventLatency.median > 0)
        #expect(cart.heard.starts(with: [0x9E, 0x45, 0x43, 0x47, 1, BlockType.identify.rawValue]))
    }

    @Test("lost, repeated and damaged blocks are counted to the last one, and the answers around them are unknown")
    func losses() throws {
        let exam = try exam()
        // Blocks 100 to 104 are lost, 200 comes twice, and one bit of 300 is wrong; each holds 10 frames or is a repeated introduction.
        var bytes = Array(exam.bytes[..<exam.starts[100]])
        bytes += exam.bytes[exam.starts[105]..<exam.starts[201]]
        bytes += exam.bytes[exam.starts[200]..<exam.starts[300]]
        var damaged = Array(exam.bytes[exam.starts[300]..<exam.starts[301]])
        damaged[60] ^= 4
        bytes += damaged + exam.bytes[exam.starts[301]...]
        let lost = [100, 101, 102, 103, 104, 300].map { exam.bytes[exam.starts[$0] + 5] == BlockType.data.rawValue ? UInt64(10) : 0 }
        let cart = FakeCart([[.send(bytes), .hearOut]])
        let found = try run(cart.source, until: true)
        #expect(found.figures.link.blocksMissing == 6)
        #expect(found.figures.link.blocksRepeated == 1)
        #expect(found.figures.link.checksumFailures == 1)
        #expect(found.figures.link.bytesSkipped == UInt64(damaged.count))
        #expect(found.figures.link.framesMissing == lost.reduce(0, +))
        let end = try #require(try found.said.objects("end").first)
        #expect((end["counters"] as? [String: Int])?["framesMissing"] == Int(lost.reduce(0, +)))
        #expect(end["sample"] as? Int == 12_000)
        let answers = try (found.said.objects("window") + found.said.objects("unknown"))
        #expect(answers.count == 24)
        // Block 300 is in the sixth second: no answer before a whole window has come after it.
        let firstWindow = try #require(found.said.objects("window").first?["sample"] as? Int)
        #expect(firstWindow >= 2800 + 5000)
    }

    @Test("an unplugged device is an alert at once, comes back as another connection, and the gap is exact")
    func unplugged() throws {
        let exam = try exam()
        let cut = exam.starts[400], back = exam.starts[700]
        let cart = FakeCart([[.hear(32), .send(Array(exam.bytes[..<cut])), .reset], [.send(Array(exam.bytes[back...])), .hearOut]])
        let found = try run(cart.source, once: false, until: true)
        #expect(found.figures.epoch == 2 && found.figures.transport.lost == 1)
        #expect(found.figures.link.restarts == 0 && found.figures.streams == 1)
        let states = try found.said.objects("device").map { "\($0["state"]!) \($0["epoch"]!)" }
        #expect(states == ["open 1", "streaming 1", "lost 1", "open 2", "streaming 2"])
        let raised = try #require(try found.said.objects("alertRaised").first { $0["condition"] as? String == "device-lost" })
        #expect(raised["priority"] as? String == "high")
        #expect(try found.said.objects("alertCleared").contains { $0["condition"] as? String == "device-lost" })
        let data = (400..<700).filter { exam.bytes[exam.starts[$0] + 5] == BlockType.data.rawValue }.count
        #expect(found.figures.link.framesMissing == UInt64(data * 10))
        #expect(found.figures.link.blocksMissing == 300)
        #expect(try found.said.objects("gap").map { $0["frames"] as? Int } == [data * 10])
    }

    @Test("a screen is given the lead that tells most: not II while its electrode is off")
    func shownLead() throws {
        var exam = Blocks(try exam().bytes)
        for place in exam.blocks.indices where Blocks.type(exam.blocks[place]) == 3 {
            for group in 0..<Int(exam.blocks[place][28 + 13]) {
                exam.blocks[place] = Blocks.with(exam.blocks[place], 28 + 16 + 6 * group + 2, Wire.little(ElectrodeSet.leftLeg.rawValue))
            }
        }
        try Data(exam.blocks.joined()).write(to: URL(fileURLWithPath: folder.file("off.bin")))
        let shown = Shown()
        _ = try run("file:" + folder.file("off.bin"), output: .view) { message, _ in shown.take(message) }
        #expect(shown.leads.first == .II && shown.leads.last != .II && Set(shown.leads).count == 2)
    }

    @Test("a device that begins anew in the middle of a stream goes on in the same one, with a hole of which nobody knows how long it was")
    func restarted() throws {
        let first = try exam(seconds: 12, session: 7)
        let second = try exam(seconds: 12, session: 8)
        let cart = FakeCart([[.send(Array(first.bytes[..<first.starts[200]])), .send(second.bytes), .hearOut]])
        let found = try run(cart.source, until: true)
        #expect(found.figures.streams == 1 && found.figures.link.restarts == 1 && found.figures.signal.cuts == 1 && found.figures.hasLoss)
        #expect(found.said.lines(of: ["stream"]).count == 1 && found.said.lines(of: ["end"]).count == 1)
        #expect(try found.said.objects("device").map { $0["state"] as? String } == ["open", "streaming", "restarted"])
        let gap = try #require(try found.said.objects("gap").first)
        let end = try #require(try found.said.objects("end").first)
        #expect(gap["frames"] is NSNull && end["sample"] as? Int == (gap["sample"] as! Int) + 6000)
        // A window is whole again 10 s behind the hole.
        let whole = try #require(try found.said.objects("window").first?["sample"] as? Int)
        #expect(whole >= (gap["sample"] as! Int) + 4999)
    }

    @Test("a device whose announced end has come and that begins anew is another stream")
    func another() throws {
        let first = try exam(seconds: 12, session: 7)
        let second = try exam(seconds: 12, session: 8)
        try Data(first.bytes + second.bytes).write(to: URL(fileURLWithPath: folder.file("both.bin")))
        let found = try run("file:" + folder.file("both.bin"))
        #expect(found.figures.streams == 2 && found.figures.link.restarts == 1 && !found.figures.hasLoss)
        #expect(
            Array(found.said.lines(of: Self.engineEvents).drop { !$0.contains("\"event\":\"end\"") }.dropFirst())
                == (try replayed(second.record)))
    }

    @Test("a device that begins anew and goes away before its first frame is lost: the stream that it cut off was somebody's")
    func cutOff() throws {
        let first = try exam(seconds: 12, session: 7)
        let second = try exam(seconds: 12, session: 8)
        let cut = Array(first.bytes[..<first.starts[200]]) + second.bytes[..<second.starts[2]]
        let cart = FakeCart([[.send(cut)], [.send(second.bytes), .hearOut]])
        let found = try run(cart.source, once: false, until: true)
        #expect(found.figures.streams == 1)
        for kind in ["alertRaised", "alertCleared"] {
            #expect(found.said.lines(of: [kind]).filter { $0.contains("device-lost") }.count == 1)
        }
    }

    @Test("a reader that stands still never reaches acquisition, and what it missed is counted")
    func stalled() throws {
        let sent = DispatchSemaphore(value: 0), caughtUp = DispatchSemaphore(value: 0)
        let waits = Waiting()
        let exam = try exam(seconds: 600)
        let last = exam.starts[exam.starts.count - 10]
        let cart = FakeCart([
            [.hear(32), .send(Array(exam.bytes[..<last])), .tell(sent), .wait(caughtUp), .send(Array(exam.bytes[last...])), .hearOut]
        ])
        let found = try run(cart.source, until: true) { message, line in
            if !line.isEmpty, waits.isFirst { sent.wait() }
            if case .figures(let figures) = message, figures.link.bytes + figures.bytesRefused == UInt64(last) { caughtUp.signal() }
        }
        #expect(found.figures.link.frames + found.figures.link.framesMissing == 300_000)
        #expect(found.figures.link.framesMissing == 0 || found.figures.bytesRefused > 0)
        let end = try #require(try found.said.objects("end").first?["counters"] as? [String: Int])
        // Of a long gap one "unknown" stands for all its hops, so only the others can be compared.
        #expect(UInt64(found.said.lines(of: ["window"]).count) + found.figures.sinkRefused >= UInt64(end["windows"]!))
        #expect(found.said.lines(of: ["alertRaised"]).count == end["alertsRaised"])
    }

    @Test("a device that is silent is told after two seconds, and again when it speaks")
    func silent() throws {
        let exam = try exam()
        let noticed = DispatchSemaphore(value: 0)
        let cart = FakeCart([
            [.send(Array(exam.bytes[..<exam.starts[300]])), .wait(noticed), .send(Array(exam.bytes[exam.starts[300]...])), .hearOut]
        ])
        let found = try run(cart.source, until: true) { _, line in
            if line.contains("\"state\":\"silent\"") { noticed.signal() }
        }
        #expect(found.figures.silences == 1 && found.figures.link.framesMissing == 0)
        #expect(try found.said.objects("device").map { $0["state"] as? String } == ["open", "streaming", "silent", "streaming"])
        #expect(found.said.lines(of: ["alertRaised"]).contains { $0.contains("device-lost") })
    }

    @Test("a device that says hello and status and sends no samples is lost, in words of its own, until they come again")
    func mute() throws {
        let exam = try exam()
        let noticed = DispatchSemaphore(value: 0)
        var statuses: [[UInt8]] = []
        var wire = Wire(session: 7, sequence: 300)
        for _ in 0..<60 {
            wire.bytes = []
            wire.status { $0[22] = DeviceStatus.State.failed.rawValue }
            statuses.append(wire.bytes)
        }
        let cart = FakeCart([
            [
                .send(Array(exam.bytes[..<exam.starts[300]])), .trickle(statuses, noticed), .send(Array(exam.bytes[exam.starts[360]...])),
                .hearOut,
            ]
        ])
        let found = try run(cart.source, until: true) { _, line in
            if line.contains("\"state\":\"silent\"") { noticed.signal() }
        }
        #expect(found.figures.silences == 1)
        let states = try found.said.objects("device")
        #expect(states.map { $0["state"] as? String } == ["open", "streaming", "silent", "streaming"])
        #expect(states[2]["words"] as? String == "sends no samples for 2 s; its state is failed")
        let raised = try found.said.objects("alertRaised").filter { $0["condition"] as? String == "device-lost" }
        #expect(raised.count == 1 && raised[0]["priority"] as? String == "high")
        #expect(try #require(raised[0]["value"] as? Double) >= 2)
        #expect(try found.said.objects("alertCleared").contains { $0["condition"] as? String == "device-lost" })
    }

    @Test("a device that speaks only another version of the protocol is told with both versions")
    func otherVersion() throws {
        let noticed = DispatchSemaphore(value: 0)
        var wire = Wire(version: 2)
        var hellos: [[UInt8]] = []
        for _ in 0..<60 {
            wire.bytes = []
            wire.hello()
            hellos.append(wire.bytes)
        }
        let cart = FakeCart([[.trickle(hellos, noticed)]])
        let found = try run(cart.source) { _, line in
            if line.contains("\"state\":\"silent\"") { noticed.signal() }
        }
        let silent = try found.said.objects("device").filter { $0["state"] as? String == "silent" }
        #expect(silent.count == 1)
        #expect((silent.first?["words"] as? String)?.hasPrefix("speaks version 2 of the protocol and this program version 1") == true)
        #expect(found.figures.link.blocksOtherVersion > 0 && found.figures.streams == 0)
    }

    @Test("buttons, markers and errors of the device are lines of their own, and change no other line")
    func notices() throws {
        let exam = try exam()
        var wire = Wire(session: 7, sequence: 300)
        wire.block(5, Wire.little(2900 as UInt64) + Wire.little(1 as UInt16) + Wire.little(1 as UInt16) + Array("nurse".utf8))
        wire.block(6, Wire.little(1 as UInt16) + [2, 0] + Wire.little(17 as UInt32) + Array("ADC".utf8))
        // Two data blocks make room in the sequence; of what they had, the gap is told.
        let bytes = exam.bytes[..<exam.starts[300]] + wire.bytes + exam.bytes[exam.starts[302]...]
        let found = try run(FakeCart([[.hear(32), .send(Array(bytes)), .hearOut]]).source, until: true)
        let told = try found.said.objects("notice")
        #expect(told.count == 2)
        #expect(told[0]["kind"] as? String == "button" && told[0]["sample"] as? Int == 2900 && told[0]["value"] as? Int == 1)
        #expect(told[0]["words"] as? String == "nurse" && (told[0]["utc"] as? String)?.hasPrefix("20") == true)
        #expect(told[1]["kind"] as? String == "error" && told[1]["severity"] as? Int == 2 && told[1]["detail"] as? Int == 17)
        #expect(found.said.notes.contains("device: button pressed: nurse"))
        #expect(found.said.notes.contains("device: converter error, it has stopped sending samples, detail 17: ADC"))
        #expect(found.said.faults.contains { $0.contains("converter error") })
        let without = exam.bytes[..<exam.starts[300]] + exam.bytes[exam.starts[302]...]
        let silent = try run(FakeCart([[.hear(32), .send(Array(without)), .hearOut]]).source, until: true)
        #expect(found.said.lines(of: Self.engineEvents) == silent.said.lines(of: Self.engineEvents))
    }

    @Test("a device that takes commands and does not stream is asked to start, and let rest at the end")
    func started() throws {
        let exam = try exam(seconds: 12)
        var hello = Array(exam.bytes[..<exam.starts[1]])
        hello[28 + 8] |= 0b1000
        let check = hello.count - 4
        let crc = hello[..<check].withUnsafeBytes { CRC32C().of($0) }
        withUnsafeBytes(of: crc.littleEndian) { hello.replaceSubrange(check..., with: $0) }
        let cart = FakeCart([[.hear(32), .send(hello), .hear(32), .send(Array(exam.bytes[exam.starts[1]...])), .hearOut]])
        let found = try run(cart.source, until: true)
        #expect(!found.figures.link.hasLoss)
        let commands = stride(from: 0, to: cart.heard.count, by: 32).map { cart.heard[$0 + 5] }
        #expect(commands.prefix(2) == [BlockType.identify.rawValue, BlockType.start.rawValue])
    }

    @Test("a device that changes to a rate that the engine cannot use is told once and is lost, until it has a rate that it can")
    func unusable() throws {
        var fast = try exam(seconds: 2, session: 8)
        for (start, end) in zip(fast.starts, fast.starts.dropFirst()) where fast.bytes[start + 5] == 2 {
            fast.bytes.replaceSubrange(start + 32..<start + 36, with: Wire.little(4000 as UInt32))
            fast.bytes.replaceSubrange(end - 4..<end, with: Wire.little(fast.bytes[start..<end - 4].withUnsafeBytes { CRC32C().of($0) }))
        }
        let first = try exam(seconds: 2, session: 7)
        let bytes = try first.bytes[..<first.starts[60]] + fast.bytes + exam(seconds: 2, session: 9).bytes
        try Data(bytes).write(to: URL(fileURLWithPath: folder.file("wire.bin")))
        let found = try run("file:" + folder.file("wire.bin"))
        #expect(found.failed && found.figures.streams == 3 && found.figures.framesUnheard == 1000)
        #expect(try found.said.objects("error").count == 1)
        for kind in ["alertRaised", "alertCleared"] {
            #expect(try found.said.objects(kind).filter { $0["condition"] as? String == "device-lost" }.count == 1)
        }
        #expect(try found.said.objects("stream").count == 2)
    }

    @Test("a device that begins anew again and again is lost, until a stream has lasted for a window")
    func restarts() throws {
        var bytes: [UInt8] = []
        for session in 1...3 as ClosedRange<UInt32> {
            let exam = try exam(seconds: 4, session: session)
            bytes += exam.bytes[..<exam.starts[100]]
        }
        bytes += try exam(seconds: 14, session: 4).bytes
        let found = try run(FakeCart([[.hear(32), .send(bytes), .hearOut]]).source, until: true)
        let raised = try found.said.objects("alertRaised").filter { $0["condition"] as? String == "device-lost" }
        let cleared = try found.said.objects("alertCleared").filter { $0["condition"] as? String == "device-lost" }
        #expect(!found.failed && raised.count == 1 && cleared.count == 1)
        let end = try #require(try found.said.objects("end").first?["sample"] as? Int)
        #expect(cleared.first?["sample"] as? Int == end - 7000 + 4999 && found.figures.streams == 1 && found.figures.signal.cuts == 3)
    }

    @Test("a file or a pipe that holds no stream is a failure, with what might be wrong")
    func noStream() throws {
        try Data([UInt8](repeating: 7, count: 4000)).write(to: URL(fileURLWithPath: folder.file("junk.bin")))
        let found = try run("file:" + folder.file("junk.bin"))
        #expect(found.failed)
        let words = try #require(found.said.objects("error").first?["message"] as? String)
        #expect(words.hasPrefix("no stream was heard: 4000 bytes, 0 valid blocks") && words.hasSuffix("needs --framing cobs"))
    }

    @Test("no device, no file, no stream: each says what is wrong and fails")
    func nothing() throws {
        #expect(throws: RuntimeError.self) { try run("file:" + folder.file("absent")) }
        #expect(throws: RuntimeError.self) { try run("serial:" + folder.file("absent")) }
        let gone = FakeCart([])
        let refused = try run(gone.source)
        #expect(refused.failed && refused.said.lines(of: ["error"]).count == 1)
    }
}

/// True the first time.
private final class Waiting: @unchecked Sendable {
    private var count = 0
    var isFirst: Bool {
        count += 1
        return count == 1
    }
}
