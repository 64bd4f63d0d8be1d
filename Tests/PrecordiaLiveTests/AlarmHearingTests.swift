// Whether alarms are known to be heard, and what a person sees of it; whose state is taken up; what a hand that slips must not do.

import Foundation
import PrecordiaAlarm
import PrecordiaAlerts
import PrecordiaBoards
import PrecordiaEngine
import PrecordiaHost
import PrecordiaPolicy
import PrecordiaQuality
import PrecordiaSession
import PrecordiaSignal
import PrecordiaSimulator
import PrecordiaTestSupport
import Testing

@testable import PrecordiaLive
@testable import PrecordiaView

@Suite(.serialized) struct AlarmHearingTests {
    let model: LoadedModel
    let folder: TemporaryFolder
    let policy: AlarmPolicy

    init() throws {
        model = try LoadedModel.shipped()
        folder = try TemporaryFolder()
        policy = try AlarmPolicy.load("bedside", model: model)
    }

    /// What is known, and shown, once a card of this name has been tried and a program has run.
    func hearing(card: String, program: String? = nil) -> (AlarmHearing, String) {
        var configuration = AlarmConfiguration()
        configuration.device = card
        configuration.bell = nil
        configuration.command = program.map { [$0] } ?? []
        let alarms = LiveAlarms(policy, sound: configuration, stateFile: nil)
        defer { alarms.stop() }
        let deadline = Monotonic.now() + 20_000_000_000
        while alarms.sounder?.status == .starting, Monotonic.now() < deadline { usleep(1000) }
        let isNeeded = alarms.sounder?.status == .failed && program != nil
        while isNeeded, alarms.sounder?.fallbackRun == nil, Monotonic.now() < deadline { usleep(1000) }
        return (alarms.hearing, alarms.hearingWords)
    }

    @Test("alarms are said to be heard only while a card plays or the fallback has shown that it works; all else is shown as it is")
    func known() {
        #expect(hearing(card: "null") == (.heard, ""))
        let absent = "heard, but if the sound fails: /nowhere/lamp cannot be started, No such file or directory"
        #expect(hearing(card: "null", program: "/nowhere/lamp") == (.heard, absent))
        let dead = hearing(card: "no-such-device")
        #expect(dead.0 == .unheard && dead.1.hasPrefix("NO SOUND: cannot be opened"))
        let lamp = hearing(card: "no-such-device", program: "/bin/true")
        #expect(lamp.0 == .byProgram && lamp.1.hasSuffix("; /bin/true speaks"))
        let broken = hearing(card: "no-such-device", program: "/bin/false")
        #expect(broken.0 == .unheard && broken.1.hasSuffix("; /bin/false fails, status 1"))
        let silent = LiveAlarms(policy, sound: nil, stateFile: nil, silence: "--no-sound")
        #expect(silent.hearing == .unheard && silent.hearingWords == "NO SOUND: --no-sound")
    }

    @Test("a session without a policy says that nothing sounds, in its line and on a screen")
    func withoutPolicy() throws {
        var settings = LiveSettings(source: try SimulatedSource.start("normal", rate: 500, seconds: 60), output: .lines(top: 0))
        settings.seconds = 2
        var words: [String] = []
        var sink = Collected(settings, model) { message, _ in if case .hearing(let said) = message { words.append(said) } }
        _ = try LiveSession(settings, model: model).run(&sink)
        #expect(words == ["NOTHING SOUNDS: no policy"])
        #expect(try sink.objects("session").last?["alarms"] as? String == "none")
    }

    func alarms(_ text: String, bed: String?) throws -> LiveAlarms {
        try Data(("precordia-alarms 1\n" + text).utf8).write(to: URL(fileURLWithPath: folder.file("alarms")))
        return LiveAlarms(policy, sound: nil, stateFile: AlarmStateFile(path: folder.file("alarms"), bed: bed))
    }

    @Test("alarms that were switched off at one bed are on at another, whose screen says what was not taken over")
    func anotherBed() throws {
        let left = "bed 3 by the door\noff\nalarm high latched asystole\n"
        let same = try alarms(left, bed: " 3 by the door ")
        #expect(
            same.policyBoard.board.isOff && same.policyBoard.board.alarm(Condition.asystole.rawValue).isLatched && same.takeNotes().isEmpty)
        same.stop()
        for bed in ["4", nil] as [String?] {
            let other = try alarms(left, bed: bed)
            #expect(!other.policyBoard.board.isOff && !other.policyBoard.board.alarm(Condition.asystole.rawValue).isShown)
            let told = other.takeNotes()
            #expect(told.count == 1 && told[0].contains("is of bed 3 by the door") && told[0].contains("alarms off; asystole"))
            other.stop()
        }
    }

    @Test("without a name for the bed, off and pause wait for the device they were set at, and another one does not take them over")
    func anotherDevice() throws {
        let left = "device SN-7\noff\nalarm high latched asystole\n"
        let same = try alarms(left, bed: nil)
        #expect(!same.policyBoard.board.isOff && same.policyBoard.board.alarm(Condition.asystole.rawValue).isLatched)
        #expect(same.takeNotes().first?.contains("alarms are on and heard, until its device is heard again") == true)
        #expect(same.hears(deviceNamed: "SN-7") == nil && same.policyBoard.board.isOff)
        // The cart is moved: another device comes on the same line.
        #expect(same.hears(deviceNamed: "SN-7") == nil && same.policyBoard.board.isOff)
        #expect(same.hears(deviceNamed: "SN-8")?.hasPrefix("another device, SN-8 after SN-7: alarms are on") == true)
        #expect(same.policyBoard.board.isOff == false)
        #expect(same.hears(deviceNamed: "") == nil, "nothing was off")
        same.stop()
        for serial in ["SN-8", ""] {
            let other = try alarms(left, bed: nil)
            #expect(other.hears(deviceNamed: serial)?.contains("is not taken over") == true && !other.policyBoard.board.isOff)
            other.stop()
        }
        try alarms(left, bed: nil).stop()
        let again = LiveAlarms(policy, sound: nil, stateFile: AlarmStateFile(path: folder.file("alarms")))
        #expect(
            again.hears(deviceNamed: "SN-7") == nil && again.policyBoard.board.isOff,
            "a session that never heard the device decided nothing")
        again.stop()
        let named = try alarms("bed 3\ndevice SN-7\noff\n", bed: "3")
        #expect(named.hears(deviceNamed: "SN-8") == nil && named.policyBoard.board.isOff, "a bed may get another device")
        named.stop()
    }

    @Test("whose state it is goes into its text and comes out of it")
    func owner() throws {
        var state = AlarmState()
        state.bed = "3 by the door"
        state.device = "SN-7"
        #expect(AlarmState(state.text) == state)
    }

    @Test("a file of state belongs to one session, and is free again when that has ended")
    func claimed() throws {
        var first: AlarmStateFile? = AlarmStateFile(path: folder.file("alarms"))
        try first?.claim()
        #expect(throws: RuntimeError.self) { try AlarmStateFile(path: folder.file("alarms")).claim() }
        first = nil
        let next = AlarmStateFile(path: folder.file("alarms"))
        try next.claim()
        #expect(next.lockProblem == nil)
        let nowhere = AlarmStateFile(path: folder.file("absent/alarms"))
        try nowhere.claim()
        #expect(nowhere.lockProblem?.contains("a second session on") == true)
    }

    @Test("Ctrl-Z and Ctrl-\\ do nothing once alarms are heard")
    func stops() {
        Interrupt.ignoreStops()
        for number in [SIGTSTP, SIGQUIT] {
            var action = sigaction()
            sigaction(number, nil, &action)
            #expect(unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self))
            signal(number, SIG_DFL)
        }
    }

    @Test("the screen's lead is II while it tells most, another when its electrode is off for some seconds, and II again afterwards")
    func lead() throws {
        let host = try EngineHost(
            model: model, stream: Simulator.format(rate: 500), options: .init(), rules: [], name: "lead")
        var simulator = Simulator(rate: 500, seed: 1, noise: .resting)
        var choice = DisplayLead()
        var values = [Float](repeating: 0, count: 12)
        var quality = QualityReport()
        var shown: [(second: Int, lead: Lead)] = []
        var frame = Frame(index: 0)
        for index in 0..<60 * 500 {
            simulator.noise.electrodesOff = (20..<30).contains(index / 500) ? .leftLeg : .empty
            simulator.next(into: &frame)
            host.engine.push(frame)
            while let event = host.engine.poll() { if event.kind == .window || event.kind == .unknown { quality = host.engine.quality } }
            let before = choice.lead
            for place in 0..<12 { values[place] = Float(host.engine.displayed(Lead(rawValue: UInt8(place))!)) }
            values.withUnsafeBufferPointer { choice.follow($0[...], quality, rate: 500) }
            if choice.lead != before { shown.append((index / 500, choice.lead)) }
        }
        #expect(shown.map(\.lead) == [.I, .II] && (22...27).contains(shown[0].second) && (40...58).contains(shown[1].second), "\(shown)")
    }
}
