import Foundation
import PrecordiaCompanion
import PrecordiaFormats
import PrecordiaHost
import PrecordiaSession
import PrecordiaSignal
import PrecordiaSimulator
import Testing

@testable import PrecordiaStore

/// Runs a recorder over messages that lie in a file.
private func record(_ messages: [UInt8], in folder: Folder, _ change: (inout Recorder.Settings) -> Void = { _ in }) throws -> Recorder {
    folder.write("messages", messages)
    let input = open(folder.path + "/messages", O_RDONLY)
    let output = open("/dev/null", O_WRONLY)
    defer {
        close(input)
        close(output)
    }
    var settings = Recorder.Settings(folder: folder.path + "/log")
    settings.isFramed = true
    settings.policy.freeBytes = 0
    change(&settings)
    let recorder = try Recorder(settings, input: input, output: output) { _ in }
    try recorder.run()
    return recorder
}

private func message(_ kind: CompanionMessage.Kind, _ payload: [UInt8] = [], stream: UInt32 = 0, number: UInt64 = 0) -> [UInt8] {
    CompanionMessage(kind, stream: stream, number: number, count: payload.count).header + payload
}

private var hello: [UInt8] {
    message(.hello, CompanionMessage.Hello(feed: 5, first: 1, last: 0).packed)
}

private func begin(_ format: StreamFormat, stream: UInt32) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: CompanionMessage.formatBytes)
    bytes.withUnsafeMutableBytes { CompanionMessage.pack(format, into: $0.baseAddress!) }
    return message(.stream, bytes, stream: stream)
}

private func bytes(of frames: [Frame], stream: UInt32) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: frames.count * CompanionMessage.frameBytes)
    bytes.withUnsafeMutableBytes { room in
        for (place, frame) in frames.enumerated() {
            CompanionMessage.pack(frame, into: room.baseAddress! + place * CompanionMessage.frameBytes)
        }
    }
    return message(.frames, bytes, stream: stream)
}

private func simulated(_ rhythm: Rhythm = .normalSinus, seconds: Int) -> [Frame] {
    var simulator = Simulator(rate: 500, seed: 4, rhythm: rhythm, noise: .resting)
    var frame = Frame(index: 0)
    return (0..<seconds * 500).map { _ in
        simulator.next(into: &frame)
        return frame
    }
}

private func alert(_ number: UInt64, sample: Int, stream: UInt32, condition: String = "AFIB") -> [UInt8] {
    let text = alerts(number...number, condition: condition)[0].text.replacing("\"sample\":\(number * 500)", with: "\"sample\":\(sample)")
    return message(.line, Array((text + "\n").utf8), stream: stream, number: number)
}

private func frames(of record: String) throws -> [Frame] {
    var source = try SignalSource(record: record)
    let block = UnsafeMutableBufferPointer<Frame>.allocate(capacity: 20_000)
    block.initialize(repeating: Frame(index: 0))
    defer { block.deallocate() }
    var all: [Frame] = []
    while case let count = try source.read(into: block), count > 0 { all += block[..<count] }
    return all
}

@Suite("A recorder")
struct RecorderTests {
    private let answer =
        "{\"event\":\"window\",\"record\":\"x\",\"sample\":1,\"time\":0.002,\"whole\":true,\"probabilities\":{\"AFIB\":0.9,\"SR\":0.1}}\n"

    @Test("keeps the ten seconds before and after an alert, sample for sample, with its reason")
    func snippet() throws {
        let folder = Folder()
        let frames = simulated(seconds: 40)
        let stream = hello + begin(Simulator.format(rate: 500), stream: 1) + bytes(of: Array(frames[..<7500]), stream: 1)
        // Lines go before frames and answers: that which raised an alert comes behind it, and so may the next.
        let later = answer.replacing("\"sample\":1,", with: "\"sample\":7401,").replacing("0.9", with: "0.2")
        let rest =
            alert(1, sample: 7400, stream: 1) + message(.context, Array(answer.utf8), stream: 1)
            + message(.context, Array(later.utf8), stream: 1)
            + bytes(of: Array(frames[7500..<16_000]), stream: 1)
        _ = try record(stream + rest + message(.goodbye), in: folder)
        var found: [LogEntry] = []
        try LogReader(folder: folder.path + "/log").forEach(LogFilter()) { found.append($0) }
        #expect(found.map(\.event) == ["logOpened", "alertRaised", "logClosed"])
        let entry = found[1]
        #expect(entry.snippetState == "kept" && entry.snippet == "snippets/s0001-e0000002")
        #expect(entry.reason!.contains("\"statements\":{\"AFIB\":0.9,\"SR\":0.1}"))
        let path = folder.path + "/log/" + entry.snippet!
        let stored = try PrecordiaStoreTests.frames(of: path)
        #expect(stored.count == 10_001)
        for (place, frame) in stored.enumerated() {
            let original = frames[2400 + place]
            for lead in 0..<12 where !Simulator.format(rate: 500).derived.contains(index: lead) {
                #expect(frame.counts[lead] == original.counts[lead])
            }
        }
        let header = try ECGRecord(path: path)
        #expect(header.startTime?.description == "2026-11-27 03:59:50")
        #expect(
            header.comments.contains { $0.hasPrefix("alert {\"event\":\"alertRaised\"") }
                && header.comments.contains { $0.hasPrefix("answer ") })
    }

    @Test("gives an alert near the stream's begin or end what there is")
    func short() throws {
        let folder = Folder()
        let frames = simulated(seconds: 6)
        let stream = begin(Simulator.format(rate: 500), stream: 1) + bytes(of: frames, stream: 1) + alert(1, sample: 2000, stream: 1)
        let next =
            begin(Simulator.format(rate: 500), stream: 2) + bytes(of: Array(frames[..<500]), stream: 2) + alert(2, sample: 400, stream: 2)
        _ = try record(hello + stream + next, in: folder)
        var lengths: [Int] = []
        try LogReader(folder: folder.path + "/log").forEach(LogFilter()) { entry throws(RuntimeError) in
            guard let snippet = entry.snippet else { return }
            do { lengths.append(try PrecordiaStoreTests.frames(of: folder.path + "/log/" + snippet).count) } catch { throw .outputClosed }
        }
        #expect(lengths == [3000, 500])
    }

    @Test("says that the session vanished where no goodbye came, and counts bytes that make no sense")
    func vanished() throws {
        let folder = Folder()
        var words: [String] = []
        folder.write("messages", hello + [1, 2, 3] + alert(1, sample: 5, stream: 0) + Array(alert(2, sample: 6, stream: 0).dropLast(4)))
        let input = open(folder.path + "/messages", O_RDONLY)
        defer { close(input) }
        var settings = Recorder.Settings(folder: folder.path + "/log")
        settings.isFramed = true
        try Recorder(settings, input: input, output: open("/dev/null", O_WRONLY)) { words.append($0) }.run()
        #expect(try LogReader(folder: settings.folder).sessions().map(\.ending) == ["sessionVanished"])
        #expect(words.count == 1 && words[0].hasSuffix("bytes of the session made no sense and were passed over"))
    }

    @Test("refuses and counts snippets where the disk has no room, and stores their alerts")
    func noRoom() throws {
        let folder = Folder()
        let stream =
            begin(Simulator.format(rate: 500), stream: 1) + bytes(of: simulated(seconds: 2), stream: 1) + alert(1, sample: 900, stream: 1)
        _ = try record(hello + stream, in: folder) { $0.policy.freeBytes = 1 << 60 }
        let reader = try LogReader(folder: folder.path + "/log")
        var states: [String?] = []
        try reader.forEach(LogFilter()) { states.append($0.snippetState) }
        #expect(states == [nil, "refused", nil])
        #expect(try reader.figures().first { $0.name == "snippetsRefused" }!.value == 1)
    }

    @Test("removes the oldest snippets beyond their bytes, and files that no entry knows of")
    func bounded() throws {
        let folder = Folder()
        let frames = simulated(seconds: 3)
        var messages = hello
        for stream in 1...5 as ClosedRange<UInt32> {
            messages += begin(Simulator.format(rate: 500), stream: stream) + bytes(of: frames, stream: stream)
            messages += alert(UInt64(stream), sample: 1000, stream: stream)
        }
        _ = try record(messages, in: folder)
        folder.write("log/snippets/s0001-e0000099.dat.part", [1])
        _ = try record(hello, in: folder) { $0.policy.snippetBytes = 80_000 }
        var kept: [String] = []
        try LogReader(folder: folder.path + "/log").forEach(LogFilter()) { if let snippet = $0.snippet { kept.append(snippet) } }
        #expect(kept == ["snippets/s0001-e0000005", "snippets/s0001-e0000006"])
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/log/snippets").sorted()
        #expect(files == ["s0001-e0000005.dat", "s0001-e0000005.hea", "s0001-e0000006.dat", "s0001-e0000006.hea"])
    }

    @Test("reads plain lines and leaves answers and heart rates out")
    func lines() throws {
        let folder = Folder()
        let rate = "{\"event\":\"heartRate\",\"record\":\"x\",\"sample\":1,\"time\":0.002,\"bpm\":72.0}\n"
        _ = try record(Array((answer + rate + alerts(1...1)[0].text + "\n" + alerts(2...2)[0].text).utf8), in: folder) {
            $0.isFramed = false
        }
        var found: [LogEntry] = []
        try LogReader(folder: folder.path + "/log").forEach(LogFilter()) { found.append($0) }
        #expect(found.map(\.event) == ["logOpened", "alertRaised", "alertRaised", "logClosed"])
        #expect(found.compactMap(\.number) == [1, 2])
    }

    @Test("says which leads a statement hangs on")
    func evidence() throws {
        let model = try LoadedModel.open(nil)
        let evidence = LeadEvidence(model: model)
        let frames = simulated(.atrialFibrillation, seconds: 10)
        let format = Simulator.format(rate: 500)
        let falls = evidence.falls(of: "AFIB", frames: frames, format: format)
        #expect(!falls.isEmpty && falls.map(\.fall) == falls.map(\.fall).sorted(by: >))
        #expect(falls.allSatisfy { $0.fall >= 0.0001 && $0.fall <= 1 })
        #expect(evidence.falls(of: "AFIB", frames: frames, format: format).map(\.lead) == falls.map(\.lead))
        #expect(evidence.falls(of: "asystole", frames: frames, format: format).isEmpty)
    }
}
