// Live sessions under a policy: what is alarming is told, of the next stream too, and what cannot be heard or kept is an alarm itself.

import Foundation
import PrecordiaAlarm
import PrecordiaAlerts
import PrecordiaBoards
import PrecordiaCompanion
import PrecordiaDevice
import PrecordiaHost
import PrecordiaReport
import PrecordiaSession
import PrecordiaSimulator
import PrecordiaTestSupport
import PrecordiaTesting
import Testing

@testable import PrecordiaLive
@testable import PrecordiaView
@testable import PrecordiaPolicy

@Suite(.serialized) struct AlarmSessionTests {
    let model: LoadedModel
    let folder: TemporaryFolder

    init() throws {
        model = try LoadedModel.shipped()
        folder = try TemporaryFolder()
    }

    /// The bytes of one session of a device that plays a record.
    func bytes(of record: String, session: UInt32) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var source = try SignalSource(record: record)
        var settings = DeviceSettings()
        settings.session = session
        try SimulatedDevice(settings, to: { bytes += $0 }).play(&source)
        return bytes
    }

    func run(_ settings: LiveSettings, watch: @escaping (LiveMessage, String) -> Void = { _, _ in }) throws -> Collected {
        var sink = Collected(settings, model, watch: watch)
        _ = try LiveSession(settings, model: model).run(&sink)
        return sink
    }

    /// What became of an alarm, in order.
    func changes(_ said: Collected, _ condition: String) throws -> [String] {
        try said.objects("alarm").filter { $0["condition"] as? String == condition }.map { $0["change"] as? String ?? "" }
    }

    func raised(_ said: Collected, _ condition: String) throws -> [String] {
        try said.objects("alertRaised").filter { $0["condition"] as? String == condition }.map { $0["priority"] as? String ?? "" }
    }

    /// A card that is not there, and no bell.
    var deadCard: AlarmConfiguration {
        var card = AlarmConfiguration()
        card.device = "no-such-device"
        card.bell = nil
        return card
    }

    /// Output whose reader has gone.
    struct Gone: LiveSink {
        mutating func take(_ message: LiveMessage, at time: EventTime?) throws(RuntimeError) { if message.isLine { throw .outputClosed } }
        mutating func finish(_ figures: LiveFigures) throws(RuntimeError) {}
    }

    @Test("output that fails ends a session without sound, and not one whose alarms are heard")
    func withoutOutput() throws {
        let record = try folder.record("exam", seconds: 24, rhythm: .asystole)
        try Data(bytes(of: record, session: 7)).write(to: URL(fileURLWithPath: folder.file("exam.bin")))
        for isHeard in [false, true] {
            var settings = LiveSettings(source: "file:" + folder.file("exam.bin"), output: .lines(top: 0))
            settings.policy = try AlarmPolicy.load("bedside", model: model)
            settings.sound = isHeard ? deadCard : nil
            var said: [String] = []
            var sink = Gone()
            #expect(throws: RuntimeError.outputClosed) { try LiveSession(settings, model: model).run(&sink) { said.append($0) } }
            #expect(said.contains { $0.contains("nothing more is shown") } == isHeard)
            #expect(!said.contains { $0.contains("alarms are heard until") }, "the card is dead")
            #expect(said.contains { $0.hasSuffix("of the output lost") } == isHeard)
        }
    }

    @Test("a device that is watched, not shown and not heard ends the session with an error")
    func unattended() throws {
        var settings = LiveSettings(source: try SimulatedSource.start("normal", rate: 500, seconds: 60), output: .lines(top: 0))
        settings.policy = try AlarmPolicy.load("bedside", model: model)
        var sink = Gone()
        #expect(throws: RuntimeError.unattended(reason: "standard output: closed by its reader")) {
            try LiveSession(settings, model: model).run(&sink)
        }
    }

    @Test("a second session on the same state of alarms is refused in words before it touches the device")
    func second() throws {
        let stateFile = AlarmStateFile(path: folder.file("alarms"), bed: "4")
        try stateFile.claim()
        var settings = LiveSettings(source: "tcp:127.0.0.1:9", output: .lines(top: 0))
        settings.policy = try AlarmPolicy.load("bedside", model: model)
        settings.alarmState = stateFile.path
        let reason = "another session, process \(getpid()), bed 4, keeps this state of alarms; end it, or give this one a file of its own"
        #expect(throws: RuntimeError.cannotWrite(file: stateFile.path, reason: reason)) { try LiveSession(settings, model: model) }
    }

    @Test("after a restart in the middle of an alarm a device that does not come is an alarm itself, until it comes")
    func missing() throws {
        let policy = try AlarmPolicy.load("bedside", model: model)
        func alarms(_ text: String) throws -> LiveAlarms {
            try Data(text.utf8).write(to: URL(fileURLWithPath: folder.file("alarms")))
            return LiveAlarms(policy, sound: nil, stateFile: AlarmStateFile(path: folder.file("alarms")))
        }
        let owed = try alarms("precordia-alarms 1\nalarm high latched asystole\n")
        let now = Monotonic.now()
        #expect(!owed.misses(at: now + 9_000_000_000) && owed.misses(at: now + 10_000_000_000) && !owed.misses(at: now + 11_000_000_000))
        #expect(
            owed.policyBoard.board.alarm(Condition.deviceLost.rawValue).isActive && owed.policyBoard.board.sound.priority == .high
                && owed.isMissing)
        owed.found(at: now + 12_000_000_000)
        #expect(!owed.policyBoard.board.alarm(Condition.deviceLost.rawValue).isActive && !owed.misses(at: now + 60_000_000_000))
        owed.stop()
        let calm = try alarms("precordia-alarms 1\nalarm high acknowledged asystole\nalarm low electrode-off\n")
        #expect(!calm.misses(at: now + 60_000_000_000))
        calm.stop()
    }

    @Test("an alarm of one stream is over at its end, and the next stream's is a new one")
    func twoStreams() throws {
        let record = try folder.record("exam", seconds: 24, rhythm: .atrialFibrillation)
        let both = try bytes(of: record, session: 7) + bytes(of: record, session: 8)
        try Data(both).write(to: URL(fileURLWithPath: folder.file("both.bin")))
        var settings = LiveSettings(source: "file:" + folder.file("both.bin"), output: .lines(top: 0))
        settings.policy = try AlarmPolicy.read("[alarm.AFIB]\nlatching = false", file: "p.toml", model: model)
        let said = try run(settings)
        #expect(try raised(said, "AFIB").count == 2)
        #expect(Array(try changes(said, "AFIB").prefix(3)) == ["raised", "cleared", "raised"])
    }

    @Test("a card that failed before the stream began is an alarm as soon as it begins")
    func deadBefore() throws {
        let exam = try bytes(of: folder.record("exam", seconds: 3, rhythm: .normalSinus), session: 7)
        let noticed = DispatchSemaphore(value: 0)
        let cart = FakeCart([[.hear(32), .wait(noticed), .send(exam), .hearOut]])
        var settings = LiveSettings(source: cart.source, output: .lines(top: 0))
        settings.policy = try AlarmPolicy.load("bedside", model: model)
        settings.sound = deadCard
        settings.endsWithStream = true
        let said = try run(settings) { message, _ in
            if case .note(let words) = message, words.hasPrefix("alarms cannot be heard: ") { noticed.signal() }
        }
        #expect(try raised(said, "sound-failed") == ["high"] && changes(said, "sound-failed") == ["raised"])
    }

    @Test("in a session on the simulator, a card that fails and a log that cannot be kept are alarms, and told in words")
    func failing() throws {
        var settings = LiveSettings(
            source: try SimulatedSource.start("normal", rate: 500, seconds: 60), output: .lines(top: 0))
        settings.policy = try AlarmPolicy.load("bedside", model: model)
        settings.sound = deadCard
        settings.log = LogSettings(folder: "/proc/nowhere/log")
        settings.seconds = 5
        let said = try run(settings)
        #expect(try raised(said, "sound-failed") == ["high"] && changes(said, "sound-failed") == ["raised"])
        #expect(said.notes.contains { $0.hasPrefix("alarms cannot be heard: cannot be opened") })
        #expect(try !raised(said, "log-failed").isEmpty && changes(said, "log-failed").contains("raised"))
        #expect(said.notes.contains { $0.hasPrefix("log of alerts: ") })
        #expect(try said.objects("session").last?["alarms"] as? String == "unheard")
    }

    @Test("the log explains alerts by the session's own model")
    func logModel() {
        #expect(LogSettings(folder: "log", explaining: "mine.precordia").options == ["--model", "mine.precordia"])
        #expect(LogSettings(folder: "log", explaining: nil).options.isEmpty)
    }

    @Test("the demonstration raises the alarm of atrial fibrillation and clears it, in lines and in plain rows")
    func demo() throws {
        // As fast as it can, a device may be faster than the engine; at this speed nothing may be lost.
        var settings = try LiveSettings.demo(model: model, speed: .times(20))
        settings.output = .lines(top: 0)
        let said = try run(settings)
        #expect(try changes(said, "AFIB").filter { $0 != "acknowledged" } == ["raised", "cleared"])
        #expect(try changes(said, "vt-suspected") == ["raised", "cleared"])
        let loose = try said.objects("alertRaised").filter { $0["condition"] as? String == "electrode-off" }
        #expect(loose.map { $0["electrodes"] as? [String] } == [["LA"]])
        let alarms = try said.objects("alarm").filter { $0["condition"] as? String == "electrode-off" }
        #expect(alarms.map { $0["change"] as? String } == ["raised", "cleared"])
        #expect(alarms.allSatisfy { $0["electrodes"] as? [String] == ["LA"] })
        #expect(try said.objects("session").last?["alarms"] as? String == "unheard", "no sound was asked for")

        settings = try LiveSettings.demo(model: model, speed: .times(20))
        let output = ByteOutput.collecting()
        var table = TableSink(output: output, model: model, policy: settings.policy, name: settings.name, style: .plain)
        let result = try LiveSession(settings, model: model).run(&table)
        #expect(!result.failed && !result.figures.hasLoss)
        let rows = String(decoding: output.collected, as: UTF8.self).split(separator: "\n")
        let begin = try #require(rows.firstIndex { $0.contains("MEDIUM") && $0.contains("atrial fibrillation") })
        let end = try #require(rows.firstIndex { $0.contains("over: atrial fibrillation") })
        #expect(begin < end)
    }
}
