// A live session with its log, end to end: what becomes of it when nobody keeps the log, and what `precordia log` says of its alerts.

import Foundation
import PrecordiaAlerts
import PrecordiaCompanion
import PrecordiaDevice
import PrecordiaHost
import PrecordiaNetwork
import PrecordiaReport
import PrecordiaSession
import PrecordiaTestSupport
import PrecordiaTesting
import Testing

@testable import PrecordiaLive

/// Keeps lines, and tells of each, and of notes.
private struct Lines: LiveSink {
    var lines: [String] = []
    let writer: LineWriter
    let watch: (String) -> Void

    mutating func take(_ message: LiveMessage, at time: EventTime?) throws(RuntimeError) {
        if let line = writer.line(message, at: time) {
            lines.append(String(decoding: line.dropLast(), as: UTF8.self))
            watch(lines.last!)
        }
        if case .note(let words) = message { watch(words) }
    }
    mutating func finish(_ figures: LiveFigures) throws(RuntimeError) {}

    func objects(_ kind: String) throws -> [[String: Any]] {
        try lines.filter { $0.hasPrefix("{\"event\":\"\(kind)\"") }.map { try object(Data($0.utf8)) }
    }
    /// Lines of the log's alert.
    func failures(_ kind: String) throws -> [[String: Any]] { try objects(kind).filter { $0["condition"] as? String == "log-failed" } }
}

private func object(_ bytes: Data) throws -> [String: Any] { try #require(try JSONSerialization.jsonObject(with: bytes) as? [String: Any]) }

@Suite(.serialized) struct SessionLogTests {
    let live: LiveSessionTests
    var folder: TemporaryFolder { live.folder }

    init() throws { live = try LiveSessionTests() }

    private func run(_ source: String, _ log: LogSettings, watch: @escaping (String) -> Void = { _ in }) throws -> (
        said: Lines, failed: Bool
    ) {
        var settings = LiveSettings(source: source, output: .lines(top: nil))
        settings.name = folder.file("exam")
        settings.reopens = false
        settings.endsWithStream = true
        settings.log = log
        var sink = Lines(
            writer: LineWriter(name: settings.name, top: nil, model: live.model, policy: nil), watch: watch)
        let failed = try LiveSession(settings, model: live.model).run(&sink).failed
        return (sink, failed)
    }

    /// Entries as `precordia log --format json` prints them.
    private func entries(_ log: String, _ words: String...) throws -> [[String: Any]] {
        let program = Process()
        program.executableURL = URL(fileURLWithPath: LogFolder.program)
        program.arguments = ["--folder", log, "--format", "json"] + words
        let output = Pipe()
        program.standardOutput = output
        try program.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        program.waitUntilExit()
        try #require(program.terminationStatus == 0)
        return try bytes.split(separator: 0x0A).map { try object(Data($0)) }
    }

    /// The process with that word on its command line; waits until there is one.
    private func process(with word: String) -> pid_t? {
        let deadline = Monotonic.now() + 20_000_000_000
        while Monotonic.now() < deadline {
            for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
                guard let process = pid_t(name), let words = FileManager.default.contents(atPath: "/proc/\(name)/cmdline") else { continue }
                if words.split(separator: 0).contains(Data(word.utf8)[...]) { return process }
            }
            Monotonic.sleep(until: Monotonic.now() + 10_000_000)
        }
        return nil
    }

    @Test("a log whose program dies and is gone is a technical alert until it is back; the session goes on, and the log has every line")
    func dies() throws {
        let exam = try live.exam()
        let half = exam.starts[exam.starts.count / 2]
        let mended = DispatchSemaphore(value: 0)
        let cart = FakeCart([[.hear(32), .send(Array(exam.bytes[..<half])), .wait(mended), .send(Array(exam.bytes[half...])), .hearOut]])
        let log = folder.file("log"), program = folder.file("precordia-log")
        symlink(LogFolder.program, program)
        var isKilled = false
        let found = try run(cart.source, LogSettings(folder: log, program: program)) { line in
            if !isKilled, line.hasPrefix("{\"event\":\"window\"") {
                isKilled = true
                // It runs before its program goes, however busy the machine is.
                let recorder = process(with: log)
                unlink(program)
                if let recorder { kill(recorder, SIGKILL) } else { mended.signal() }
            }
            guard line.contains("\"condition\":\"log-failed\"") else { return }
            if line.hasPrefix("{\"event\":\"alertCleared\"") {
                mended.signal()
            } else {
                symlink(LogFolder.program, program)
            }
        }
        #expect(!found.failed && isKilled)
        #expect(Condition.logFailed.isTechnical)
        let raised = try found.said.failures("alertRaised")
        #expect(raised.map { $0["value"] as? Int } == [3])
        #expect(raised.map { $0["priority"] as? String } == ["low"])
        #expect(try found.said.failures("alertCleared").count == 1)
        let end = try #require(try found.said.objects("end").first)
        #expect(end["sample"] as? Int == 12_000)
        let alerts = try entries(log, "--event", "alertRaised")
        let told = try found.said.objects("alertRaised")
        #expect(!alerts.isEmpty && alerts.count == told.count)
        #expect(try entries(log, "--event", "logGap").isEmpty)
    }

    @Test("a log whose folder cannot be written is a technical alert, as soon as there is a stream, and the session goes on to its end")
    func unwritable() throws {
        let exam = try live.exam()
        let half = exam.starts[exam.starts.count / 2]
        let noted = DispatchSemaphore(value: 0), told = DispatchSemaphore(value: 0)
        let cart = FakeCart([
            [.wait(noted), .send(Array(exam.bytes[..<half])), .wait(told), .send(Array(exam.bytes[half...])), .hearOut]
        ])
        try Data([1]).write(to: URL(fileURLWithPath: folder.file("taken")))
        let found = try run(cart.source, LogSettings(folder: folder.file("taken/log"))) { line in
            if line == "log of alerts: " + CompanionFault.recorder.words { noted.signal() }
            if line.hasPrefix("{\"event\":\"alertRaised\""), line.contains("\"condition\":\"log-failed\"") { told.signal() }
        }
        #expect(!found.failed)
        #expect(try found.said.failures("alertRaised").map { $0["value"] as? Int } == [3])
        #expect(try found.said.failures("alertCleared").isEmpty)
        let end = try #require(try found.said.objects("end").first)
        #expect(end["sample"] as? Int == 12_000)
    }

    @Test("an alert's ECG is read with its reason: the alert's value, the statements of the answer before it and the leads it hangs on")
    func reason() throws {
        let exam = try live.exam()
        let cart = FakeCart([[.hear(32), .send(exam.bytes), .hearOut]])
        let found = try run(cart.source, LogSettings(folder: folder.file("log"), options: ["--free", "0"]))
        #expect(!found.failed)
        let raised = try #require(try found.said.objects("alertRaised").first { $0["condition"] as? String == "AFIB" })
        let entry = try #require(try entries(folder.file("log"), "--condition", "AFIB", "--event", "alertRaised").first)
        let reason = try #require(entry["reason"] as? [String: Any])
        #expect(reason["value"] as? Double == raised["value"] as? Double)
        let statements = try #require(reason["statements"] as? [String: Double])
        #expect(statements.count == live.model.view.statementCount)
        #expect(statements["AFIB"] == raised["value"] as? Double)
        let evidence = try #require(reason["evidence"] as? [[String: Any]])
        let falls = evidence.compactMap { $0["fall"] as? Double }
        #expect((1...3).contains(evidence.count))
        #expect(falls.count == evidence.count && falls == falls.sorted(by: >))
        #expect(
            evidence.allSatisfy {
                ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"].contains($0["lead"] as? String)
            })
    }
}
