// A device that says all is well and sends no new signal, or says nothing at all: what is heard counts, not what is said, and silence is an alarm.

import Foundation
import PrecordiaBoards
import PrecordiaDevice
import PrecordiaLink
import PrecordiaSession
import PrecordiaSimulator
import PrecordiaTestSupport
import PrecordiaTesting
import Testing

@testable import PrecordiaLive
@testable import PrecordiaPolicy

/// The blocks of a device's stream, to be changed and put together anew.
struct Blocks {
    var blocks: [[UInt8]]

    init(_ bytes: [UInt8]) {
        let starts = Wire.starts(bytes) + [bytes.count]
        blocks = zip(starts, starts.dropFirst()).map { Array(bytes[$0..<$1]) }
    }

    static func type(_ block: [UInt8]) -> UInt8 { block[5] }

    /// A block with another field, its check right.
    static func with(_ block: [UInt8], _ offset: Int, _ bytes: [UInt8]) -> [UInt8] {
        var changed = block
        changed.replaceSubrange(offset..<offset + bytes.count, with: bytes)
        let check = changed.count - 4
        changed.replaceSubrange(check..., with: Wire.little(changed[..<check].withUnsafeBytes { CRC32C().of($0) }))
        return changed
    }

    /// By how many steps lead II differs in a data block of two bytes a value; 0 in another.
    func swing(_ place: Int) -> Int {
        let block = blocks[place]
        guard Self.type(block) == 3, block[28 + 11] == 2 else { return 0 }
        let channels = Int(block[28 + 12])
        let start = 28 + 16 + 6 * Int(block[28 + 13]) + 8 * Int(block[28 + 14]) + 2
        let values = (0..<Int(block[28 + 10])).map { sample in
            let at = start + sample * channels * 2
            return Int(Int16(bitPattern: UInt16(block[at]) | UInt16(block[at + 1]) << 8))
        }
        return values.max()! - values.min()!
    }

    /// The bytes, numbered anew from `sequence` on.
    func bytes(from sequence: UInt32 = 0) -> [UInt8] {
        blocks.enumerated().flatMap { Self.with($1, 12, Wire.little(sequence &+ UInt32($0))) }
    }
}

@Suite(.serialized) struct NeverSilentTests {
    let model: LoadedModel
    let folder: TemporaryFolder

    init() throws {
        model = try LoadedModel.shipped()
        folder = try TemporaryFolder()
    }

    func blocks(seconds: Double = 24, rhythm: Rhythm = .normalSinus, session: UInt32 = 7, heartRate: Double? = nil) throws -> Blocks {
        let record = try folder.record("exam", seconds: seconds, rhythm: rhythm)
        var bytes: [UInt8] = []
        var source = try SignalSource(record: record)
        var settings = DeviceSettings()
        settings.session = session
        try SimulatedDevice(settings, to: { bytes += $0 }).play(&source)
        return Blocks(bytes)
    }

    func run(
        _ source: String, policy: String? = nil, once: Bool = false, watch: @escaping (String) -> Void = { _ in }
    ) throws -> (said: Collected, figures: LiveFigures) {
        var settings = LiveSettings(source: source, output: .lines(top: 0))
        settings.name = "bed"
        settings.endsWithStream = true
        settings.reopens = !once
        settings.policy = try policy.map { try AlarmPolicy.read($0, file: "p.toml", model: model) }
        var sink = Collected(settings, model) { _, line in if !line.isEmpty { watch(line) } }
        let result = try LiveSession(settings, model: model).run(&sink)
        return (sink, result.figures)
    }

    func alerts(_ said: Collected, _ kind: String, _ condition: String) throws -> [[String: Any]] {
        try said.objects(kind).filter { $0["condition"] as? String == condition }
    }

    @Test("a device that repeats its last block under new numbers is lost after 2 s, and the time is missing", arguments: [true, false])
    func stuck(countsOn: Bool) throws {
        let exam = try blocks()
        let noticed = DispatchSemaphore(value: 0)
        // In a QRS: a quiet line that stands still is an asystole.
        let place = (300..<400).max { exam.swing($0) < exam.swing($1) }!
        let index = exam.blocks[place][28..<36].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        var pieces: [[UInt8]] = []
        for number in 0..<300 {
            let same = Blocks.with(exam.blocks[place], 28, Wire.little(index + (countsOn ? UInt64(number) * 10 : 0)))
            pieces.append(Blocks.with(same, 12, Wire.little(UInt32(place + number))))
        }
        let rest = Blocks.with(exam.blocks[place + 300], 12, Wire.little(UInt32(place + 300)))
        let last = Array(exam.blocks[(place + 301)...].joined())
        let cart = FakeCart([[.send(Array(exam.blocks[..<place].joined())), .trickle(pieces, noticed), .send(rest + last), .hearOut]])
        let found = try run(cart.source) { if $0.contains("\"state\":\"silent\"") { noticed.signal() } }
        let states = try found.said.objects("device")
        #expect(states.map { $0["state"] as? String }.filter { $0 != "restarted" } == ["open", "streaming", "silent", "streaming"])
        #expect(states.contains { ($0["words"] as? String)?.hasPrefix("sends the same samples again and again") == true })
        let raised = try alerts(found.said, "alertRaised", "device-lost"), cleared = try alerts(found.said, "alertCleared", "device-lost")
        #expect(raised.count == 1 && raised.first?["priority"] as? String == "high" && cleared.count == 1)
        #expect(found.figures.signal.same > 100 && found.figures.streams == 1 && found.figures.hasLoss)
        let duration = try #require(cleared.first?["value"] as? Double)
        #expect(duration >= 1.9)
        let from = try #require(raised.first?["sample"] as? Int), to = try #require(cleared.first?["sample"] as? Int)
        #expect(to > from + 500)
    }

    @Test("an asystole is alarmed over sessions that each begin anew, and no alarm of it ends with one")
    func sessions() throws {
        var bytes: [UInt8] = []
        for session in 1...6 as ClosedRange<UInt32> {
            bytes += try blocks(seconds: 3, rhythm: .asystole, session: session).blocks.dropLast(8).joined()
        }
        bytes += try blocks(seconds: 4, rhythm: .asystole, session: 9).bytes()
        let found = try run(FakeCart([[.hear(32), .send(bytes), .hearOut]]).source)
        #expect(try alerts(found.said, "alertRaised", "asystole").count == 1 && alerts(found.said, "alertCleared", "asystole").isEmpty)
        #expect(try alerts(found.said, "alertRaised", "device-lost").count == 1)
        #expect(found.figures.streams == 1 && found.figures.signal.cuts == 6)
    }

    @Test("so it is over configurations that change each second, in gains, baselines and numbers")
    func configurations() throws {
        let exam = try blocks(seconds: 12, rhythm: .asystole)
        let configuration = exam.blocks.first { Blocks.type($0) == 2 }!
        var changed = exam
        changed.blocks = []
        var number: UInt16 = 0
        var data = 0
        for block in exam.blocks {
            if Blocks.type(block) == 3 {
                if data % 50 == 0 {
                    number += 1
                    changed.blocks.append(Blocks.with(Blocks.with(configuration, 28, Wire.little(number)), 56, Wire.little(Int32(number))))
                }
                data += 1
                changed.blocks.append(Blocks.with(block, 36, Wire.little(number)))
            } else if Blocks.type(block) != 2 {
                changed.blocks.append(block)
            }
        }
        let found = try run(FakeCart([[.hear(32), .send(changed.bytes()), .hearOut]]).source)
        #expect(try alerts(found.said, "alertRaised", "asystole").count == 1 && alerts(found.said, "alertCleared", "asystole").isEmpty)
        #expect(try alerts(found.said, "alertRaised", "device-lost").count == 1)
        #expect(found.figures.streams == 1)
    }

    @Test("exams of 2 s with an end that is announced, one after the other, are a device that is lost")
    func shortEnds() throws {
        var bytes: [UInt8] = []
        for session in 1...4 as ClosedRange<UInt32> { bytes += try blocks(seconds: 2, session: session).bytes() }
        try Data(bytes).write(to: URL(fileURLWithPath: folder.file("short.bin")))
        let cart = FakeCart([[.hear(32), .send(bytes)]])
        var settings = LiveSettings(source: cart.source, output: .lines(top: 0))
        settings.reopens = false
        var sink = Collected(settings, model)
        let result = try LiveSession(settings, model: model).run(&sink)
        #expect(result.figures.streams == 4)
        #expect(try alerts(sink, "alertRaised", "device-lost").count == 1)
    }

    @Test("a rate that the samples contradict is told, counted, and nothing is heard at it")
    func rateWrong() throws {
        var exam = try blocks()
        for place in exam.blocks.indices where Blocks.type(exam.blocks[place]) == 2 {
            exam.blocks[place] = Blocks.with(exam.blocks[place], 32, Wire.little(250 as UInt32))
        }
        let found = try run(FakeCart([[.hear(32), .send(exam.bytes()), .hearOut]]).source)
        let raised = try alerts(found.said, "alertRaised", "rate-wrong")
        #expect(raised.count == 1 && raised.first?["priority"] as? String == "high")
        let rate = try #require(raised.first?["value"] as? Double)
        #expect(abs(rate - 500) < 5)
        #expect(found.figures.signal.mistimed > 9000 && found.figures.signal.ratesWrong == 1 && found.figures.hasLoss)
        #expect(found.said.faults.contains { $0.hasPrefix("the device says 250 Hz and 500 samples a second come") })
        #expect(try found.said.objects("window").isEmpty)
        let end = try #require(try found.said.objects("end").first?["counters"] as? [String: Int])
        #expect(end["frames"]! < 3000 && UInt64(end["frames"]!) + found.figures.signal.mistimed == 12_000)
    }

    /// What a cart sends that never streams.
    enum Mute: CaseIterable { case nothing, hello, configuration, status, otherVersion, slow, unconfigured }

    @Test("where nothing has begun to stream the device is lost: told in lines and heard after the policy's time", arguments: Mute.allCases)
    func mute(kind: Mute) throws {
        let noticed = DispatchSemaphore(value: 0)
        var wire = Wire()
        switch kind {
        case .nothing: break
        case .hello: wire.hello()
        case .configuration:
            wire.hello()
            wire.configuration()
        case .status: for _ in 0..<5 { wire.status() }
        case .otherVersion:
            wire.version = 2
            wire.hello()
        case .slow:
            wire.hello()
            wire.configuration { $0.replaceSubrange(4..<8, with: Wire.little(50 as UInt32)) }
            wire.data()
        case .unconfigured:
            wire.hello()
            for _ in 0..<5 { wire.data() }
        }
        let cart = FakeCart([[.hear(32), .send(wire.bytes), .wait(noticed)]])
        let found = try run(cart.source, policy: "[alarm.device-lost]\ngrace = 1", once: true) {
            if $0.contains("\"event\":\"alarm\"") { noticed.signal() }
        }
        let raised = try alerts(found.said, "alertRaised", "device-lost")
        #expect(raised.count == 1 && raised.first?["priority"] as? String == "high" && raised.first?["sample"] as? Int == 0)
        let silence = try #require(raised.first?["value"] as? Double)
        #expect(silence == 1)
        #expect(
            try found.said.objects("alarm").contains { $0["condition"] as? String == "device-lost" && $0["change"] as? String == "raised" })
    }

    @Test("a device that comes late ends the alarm, with the time that it was missed for")
    func late() throws {
        let noticed = DispatchSemaphore(value: 0)
        let cart = FakeCart([[.hear(32), .wait(noticed), .send(try blocks(seconds: 3).bytes()), .hearOut]])
        let found = try run(cart.source, policy: "[alarm.device-lost]\ngrace = 1") {
            if $0.contains("\"event\":\"alarm\"") { noticed.signal() }
        }
        let cleared = try alerts(found.said, "alertCleared", "device-lost")
        let duration = try #require(cleared.first?["value"] as? Double)
        #expect(cleared.count == 1 && duration >= 1)
        #expect(cleared.first?["sample"] as? Int == 0)
        #expect(try found.said.objects("alarm").map { $0["change"] as? String } == ["raised", "cleared"])
    }

    @Test("under a policy somebody is watched behind an announced end too: a device that then says nothing more is lost")
    func afterTheEnd() throws {
        let noticed = DispatchSemaphore(value: 0)
        let cart = FakeCart([[.hear(32), .send(try blocks(seconds: 2).bytes()), .wait(noticed)]])
        var settings = LiveSettings(source: cart.source, output: .lines(top: 0))
        settings.reopens = false
        settings.policy = try AlarmPolicy.read("[alarm.device-lost]\ngrace = 1", file: "p.toml", model: model)
        var sink = Collected(settings, model) { _, line in
            if line.contains("\"event\":\"alarm\"") { noticed.signal() }
        }
        _ = try LiveSession(settings, model: model).run(&sink)
        #expect(try alerts(sink, "alertRaised", "device-lost").count == 1)
    }

    @Test("a device that comes back after seconds is no alarm but that it was lost, from its last sample to its first")
    func reconnect() throws {
        let exam = try blocks()
        let cart = FakeCart([
            [.hear(32), .send(Array(exam.blocks[..<500].joined())), .reset], [.send(Array(exam.blocks[800...].joined())), .hearOut],
        ])
        let found = try run(cart.source)
        let raised = try found.said.objects("alertRaised").filter { $0["priority"] as? String == "high" }
        #expect(raised.map { $0["condition"] as? String } == ["device-lost"])
        let cleared = try alerts(found.said, "alertCleared", "device-lost")
        let gap = try #require(try found.said.objects("gap").first)
        #expect(raised.first?["sample"] as? Int == (gap["sample"] as! Int) - 1)
        #expect(cleared.first?["sample"] as? Int == (gap["sample"] as! Int) + (gap["frames"] as! Int))
    }

    @Test("pace marks that no pacemaker makes are told in the signal's quality, and counted")
    func paceMarks() throws {
        var exam = try blocks(seconds: 12)
        for place in exam.blocks.indices where Blocks.type(exam.blocks[place]) == 3 {
            var block = exam.blocks[place]
            let groups = Int(block[28 + 13])
            block[28 + 14] = 1
            block.insert(contentsOf: [0, 0, 0, 0] + Wire.little(500 as UInt16) + Wire.little(Int16.min), at: 28 + 16 + 6 * groups)
            exam.blocks[place] = Blocks.with(block, 6, Wire.little(UInt16(block.count - 32)))
        }
        let found = try run(FakeCart([[.hear(32), .send(exam.bytes()), .hearOut]]).source)
        #expect(try found.said.objects("quality").contains { ($0["reasons"] as? [String])?.contains("paceMarks") == true })
        let end = try #require(try found.said.objects("end").first?["counters"] as? [String: Int])
        #expect(end["paceMarksIgnored"]! > 400 && end["framesBlanked"]! < 1500)
    }
}
