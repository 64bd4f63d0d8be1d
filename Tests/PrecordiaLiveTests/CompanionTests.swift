// Companions of a live session: what people ask for by name is done and answered, and a program that does not run is told.

import Foundation
import PrecordiaAlerts
import PrecordiaBoards
import PrecordiaCompanion
import PrecordiaHost
import PrecordiaPolicy
import PrecordiaSession
import PrecordiaTestSupport
import PrecordiaTesting
import Testing

@testable import PrecordiaLive

@Suite(.serialized) struct CompanionTests {
    let model: LoadedModel
    let folder: TemporaryFolder
    let policy: AlarmPolicy

    init() throws {
        model = try LoadedModel.shipped()
        folder = try TemporaryFolder()
        policy = try AlarmPolicy.load("bedside", model: model)
    }

    @Test("commands by name: one alarm or all, the pause and the switch, each answered, and twice is no harm")
    func obeyed() {
        let alarms = LiveAlarms(policy, sound: nil, stateFile: nil)
        let second: Int64 = 1_000_000_000
        var now = 100 * second
        func ask(_ kind: CompanionCommand.Kind, _ arguments: String..., who: String = "nurse") -> CompanionCommand.Result {
            alarms.obey(CompanionCommand(id: 1, kind, who: who, arguments), at: now).result
        }
        func isAcknowledged(_ condition: Condition) -> Bool { alarms.policyBoard.board.alarm(condition.rawValue).isAcknowledged }
        for condition in [Condition.asystole, .deviceLost] {
            alarms.policyBoard.board.raise(condition.rawValue, priority: .high, at: now / 1_000_000)
        }
        #expect(ask(.acknowledge, "asystole") == .notPossible, "it has only just been shown")
        #expect(ask(.acknowledge) == .notPossible && !isAcknowledged(.asystole), "nor have all")
        now += 10 * second
        #expect(ask(.acknowledge, "asystole", who: "") == .wrong && !isAcknowledged(.asystole))
        #expect(ask(.acknowledge, "no such alarm") == .wrong)
        #expect(ask(.acknowledge, "asystole") == .done && isAcknowledged(.asystole) && !isAcknowledged(.deviceLost))
        #expect(ask(.acknowledge, "asystole") == .notPossible, "it is already")
        #expect(ask(.acknowledge) == .done && isAcknowledged(.deviceLost))
        for _ in 0..<2 { #expect(ask(.pause, "begin") == .done && alarms.policyBoard.board.pauseEnd != nil) }
        for _ in 0..<2 { #expect(ask(.pause, "end") == .done && alarms.policyBoard.board.pauseEnd == nil) }
        for _ in 0..<2 { #expect(ask(.off, "begin") == .done && alarms.policyBoard.board.isOff) }
        for _ in 0..<2 { #expect(ask(.off, "end") == .done && !alarms.policyBoard.board.isOff) }
        #expect(ask(.pause) == .wrong && ask(.off, "please") == .wrong)
        for kind in [CompanionCommand.Kind.limits, .admit, .discharge, .exam] { #expect(ask(kind) == .notPossible) }
        var other = CompanionCommand(id: 1, .exam, who: "nurse")
        other.number = 99
        #expect(alarms.obey(other, at: now).result == .unknown)
    }

    /// The whole boards that a program was told, each its lines.
    private func boards(_ told: String) -> [[String]] {
        let bytes = [UInt8](FileManager.default.contents(atPath: told) ?? Data())
        var start = 0, lines: [String]?, boards: [[String]] = []
        while let message = bytes[start...].withUnsafeBytes({ CompanionMessage($0) }) {
            let end = start + CompanionMessage.headerBytes + message.count
            guard end <= bytes.count else { break }
            if message.kind == .board {
                let line = String(decoding: bytes[(start + CompanionMessage.headerBytes)..<end], as: UTF8.self)
                if !line.isEmpty {
                    lines?.append(line)
                } else if let whole = lines {
                    boards.append(whole)
                    lines = nil
                } else {
                    lines = []
                }
            }
            start = end
        }
        return boards
    }

    @Test("a program that dies in the middle of an alarm and is started anew is told by a board what is true")
    func startedAnew() throws {
        let live = try LiveSessionTests()
        let exam = try live.exam(seconds: 60)
        let last = exam.starts[exam.starts.count - 10]
        let known = DispatchSemaphore(value: 0)
        let cart = FakeCart([[.hear(32), .send(Array(exam.bytes[..<last])), .wait(known), .send(Array(exam.bytes[last...])), .hearOut]])
        let (go, told, program) = (folder.file("go"), folder.file("told"), folder.file("page"))
        let script = """
            #!/bin/sh
            [ -e '\(go)' ] && exec cat 3>&1 > '\(told)'
            until [ -e '\(go)' ]; do sleep 0.02; done
            """
        try Data(script.utf8).write(to: URL(fileURLWithPath: program))
        var settings = LiveSettings(source: cart.source, output: .lines(top: 0))
        settings.policy = policy
        settings.endsWithStream = true
        settings.companions = [CompanionProgram(name: "page", path: "/bin/sh", words: [program], hearsFrames: false)]
        var sink = Collected(settings, model) { message, line in
            if line.contains("\"event\":\"alertRaised\""), line.contains("AFIB") { try? Data().write(to: URL(fileURLWithPath: go)) }
            guard case .figures = message, boards(told).contains(where: { $0.contains { $0.contains("AFIB") } }) else { return }
            known.signal()
        }
        let result = try LiveSession(settings, model: model).run(&sink)
        #expect(!result.failed)
        #expect(sink.notes.contains("page: it runs again") == false, "it never says that it has anything safe")
        // The device that waits here may be lost by then, and its answer with it.
        let lines = try #require(boards(told).first { $0.contains { $0.contains("AFIB") } })
        for part in [
            "\"event\":\"device\"", "\"event\":\"stream\"", "\"event\":\"session\"",
            "\"change\":\"raised\",\"condition\":\"AFIB\"",
        ] { #expect(lines.filter { $0.contains(part) }.count == 1, "\(part)") }
        #expect(lines.filter { $0.hasPrefix("{\"event\":\"alertRaised\"") && $0.contains("AFIB") }.count == 1)
    }

    @Test("a session does what is asked through a companion, says who asked, answers, and tells of one that does not run")
    func session() throws {
        let commands = [
            CompanionCommand(id: 5, .pause, who: "nurse at station 2", ["begin"]),
            CompanionCommand(id: 6, .admit, who: "nurse at station 2"),
        ]
        try Data(commands.flatMap(\.packed)).write(to: URL(fileURLWithPath: folder.file("commands")))
        let told = folder.file("told")
        try Data("#!/bin/sh\ncat '\(folder.file("commands"))'\nexec cat 3>&1 > '\(told)'\n".utf8).write(
            to: URL(fileURLWithPath: folder.file("page")))
        var settings = LiveSettings(source: try SimulatedSource.start("normal", rate: 500, seconds: 60), output: .lines(top: 0))
        settings.policy = policy
        settings.seconds = 3
        settings.companions = [
            CompanionProgram(name: "page", path: "/bin/sh", words: [folder.file("page")], hearsFrames: false),
            CompanionProgram(name: "gate", path: folder.file("absent")),
        ]
        var sink = Collected(settings, model)
        let result = try LiveSession(settings, model: model).run(&sink)
        #expect(!result.failed)
        #expect(sink.notes.contains("nurse at station 2, by page, asked for pause begin: the sound is paused"))
        #expect(sink.notes.contains("nurse at station 2, by page, asked for admit: a session is of one patient; end it and begin another"))
        #expect(sink.notes.contains("gate: \(folder.file("absent")) does not run, or hangs"))
        #expect(sink.notes.contains { $0.hasPrefix("lines of this session that gate lacks: ") })
        let paused = try #require(try sink.objects("alarm").first { $0["change"] as? String == "audioPaused" })
        #expect(paused["left"] as? Double == 120, "how long the pause is")
        let deed = try #require(try sink.objects("command").first)
        #expect(
            deed["who"] as? String == "nurse at station 2" && deed["by"] as? String == "page" && deed["command"] as? String == "pause begin"
        )
        #expect(deed["result"] as? String == "done" && deed["words"] as? String == "the sound is paused" && deed["utc"] is String)
        #expect(try sink.objects("command").map { $0["result"] as? String } == ["done", "notPossible"])
        let failed = try sink.objects("alertRaised").filter { $0["condition"] as? String == "companion-failed" }
        #expect(failed.map { $0["value"] as? Int } == [3] && failed.map { $0["priority"] as? String } == ["low"])
        #expect(try sink.objects("alertRaised").contains { $0["condition"] as? String == "page-failed" } == false)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: told))
        #expect(bytes.range(of: Data(CompanionCommand.reply(.done, "the sound is paused"))) != nil)
        #expect(bytes.range(of: Data(CompanionCommand.reply(.notPossible, "a session is of one patient; end it and begin another"))) != nil)
        for line in sink.lines where line.hasPrefix("{\"event\":\"stream\"") || line.hasPrefix("{\"event\":\"alarm\"") {
            #expect(bytes.range(of: Data(line.utf8)) != nil)
        }
    }

    /// The messages that a program was told, by kind.
    private func messages(_ told: String, _ kind: CompanionMessage.Kind) -> [[UInt8]] {
        let bytes = [UInt8](FileManager.default.contents(atPath: told) ?? Data())
        var start = 0, found: [[UInt8]] = []
        while let message = bytes[start...].withUnsafeBytes({ CompanionMessage($0) }) {
            let end = start + CompanionMessage.headerBytes + message.count
            guard end <= bytes.count else { break }
            if message.kind == kind { found.append(Array(bytes[(start + CompanionMessage.headerBytes)..<end])) }
            start = end
        }
        return found
    }

    @Test(
        "a program that draws is given every frame after the display filters, without a hole, and a sign of life each second; one that looks and speaks is heard"
    )
    func drawn() throws {
        let told = folder.file("told")
        let commands = [
            CompanionCommand(id: 0, .say, who: "", ["open nothing"]),
            CompanionCommand(id: 0, .open, who: "", ["http://here/"]),
            CompanionCommand(id: 1, .look, who: "Ana, from 10.0.0.5", ["begin"]),
            CompanionCommand(id: 2, .look, who: "Ana", ["sideways"]),
        ]
        try Data(commands.flatMap(\.packed)).write(to: URL(fileURLWithPath: folder.file("commands")))
        try Data("#!/bin/sh\ncat '\(folder.file("commands"))'\nexec cat 3>&1 > '\(told)'\n".utf8).write(
            to: URL(fileURLWithPath: folder.file("page")))
        var settings = LiveSettings(source: try SimulatedSource.start("normal", rate: 500, seconds: 60), output: .lines(top: 0))
        settings.seconds = 3
        settings.policy = policy
        var program = CompanionProgram(name: "page", path: "/bin/sh", words: [folder.file("page")], hearsFrames: false)
        program.hearsPictures = true
        settings.companions = [program]
        var pages: [String] = []
        var sink = Collected(settings, model) { message, _ in if case .page(let address) = message { pages.append(address) } }
        #expect(try !LiveSession(settings, model: model).run(&sink).failed)
        #expect(pages == ["http://here/"], "words are no address")
        var next: UInt64?
        var frames = 0
        for payload in messages(told, .drawn) {
            let first = payload.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
            #expect(next == nil || first == next)
            frames += (payload.count - 8) / 24
            next = first + UInt64((payload.count - 8) / 24)
        }
        #expect(frames == 1500 && next == 1500)
        let pulses = messages(told, .pulse).compactMap { payload in payload.withUnsafeBytes { CompanionMessage.Pulse($0) } }
        #expect(pulses.count >= 2 && pulses.allSatisfy { $0 == CompanionMessage.Pulse(linesMissed: 0, framesMissed: 0) })
        #expect(messages(told, .frames).isEmpty)
        #expect(sink.notes.contains("page: open http://here/") && sink.notes.contains("page: open nothing"))
        #expect(try sink.objects("command").map { $0["command"] as? String } == ["look begin", "look sideways"])
        #expect(try sink.objects("command").map { $0["result"] as? String } == ["done", "wrong"])
    }

    @Test("a page that does not run is page-failed, raised once and over when it runs")
    func pageFailed() throws {
        let program = folder.file("page")
        let script = """
            #!/usr/bin/env python3
            import sys, struct
            while True:
                head = sys.stdin.buffer.read(32)
                if len(head) < 32: break
                count, = struct.unpack_from("<I", head, 8)
                sys.stdin.buffer.read(count)
                if struct.unpack_from("<H", head, 4)[0] == 9:
                    sys.stdout.buffer.write(struct.pack("<4sIQ", b"PLAK", 0, 0) + bytes(32))
                    sys.stdout.buffer.flush()
            """
        try Data(script.utf8).write(to: URL(fileURLWithPath: folder.file("script")))
        chmod(folder.file("script"), 0o755)
        let live = try LiveSessionTests()
        let exam = try live.exam(seconds: 60)
        let half = exam.starts[exam.starts.count / 2], last = exam.starts[exam.starts.count - 10]
        let mended = DispatchSemaphore(value: 0)
        let cart = FakeCart([
            [
                .hear(32), .send(Array(exam.bytes[..<half])), .wait(mended), .send(Array(exam.bytes[half..<last])),
                .send(Array(exam.bytes[last...])), .hearOut,
            ]
        ])
        var settings = LiveSettings(source: cart.source, output: .lines(top: 0))
        settings.policy = policy
        settings.endsWithStream = true
        settings.companions = [CompanionProgram(name: "page", path: program, hearsFrames: false)]
        var sink = Collected(settings, model) { _, line in
            guard line.contains("\"condition\":\"page-failed\"") else { return }
            if line.hasPrefix("{\"event\":\"alertRaised\"") { symlink(folder.file("script"), program) }
            if line.hasPrefix("{\"event\":\"alertCleared\"") { mended.signal() }
        }
        #expect(try !LiveSession(settings, model: model).run(&sink).failed)
        let raised = try sink.objects("alertRaised").filter { $0["condition"] as? String == "page-failed" }
        #expect(raised.map { $0["value"] as? Int } == [3] && raised.map { $0["priority"] as? String } == ["low"])
        #expect(raised.map { $0["statement"] as? String } == ["the page in the browser does not work"])
        #expect(try sink.objects("alertCleared").filter { $0["condition"] as? String == "page-failed" }.count == 1)
        #expect(try sink.objects("alarm").contains { $0["condition"] as? String == "page-failed" && $0["change"] as? String == "raised" })
        #expect(sink.notes.contains("page: \(program) does not run, or hangs") && sink.notes.contains("page: it runs again"))
        #expect(try sink.objects("end").map { $0["interrupted"] as? Bool } == [false])
    }
}
