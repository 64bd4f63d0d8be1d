// Exams to rows: which windows count, what quality says, and the same bytes whatever the number of threads.

import Foundation
import PrecordiaEngine
import PrecordiaExams
import PrecordiaFormats
import PrecordiaHost
import PrecordiaQuality
import PrecordiaSession
import PrecordiaSignal
import PrecordiaSimulator
import PrecordiaTestSupport
import Testing

@Suite struct ExamTests {
    let model: LoadedModel

    init() throws { model = try LoadedModel.shipped() }

    @Test(
        "windows are the whole tens of seconds, and the end if a second remains",
        arguments: [
            (0.01, 1, "short;unknown"), (0.5, 1, "short;unknown"), (1, 1, "short"), (4, 1, "short"), (9.9, 1, "short"), (10, 1, "good"),
            (10.9, 1, "good"), (11, 2, "good"),
            (20, 2, "good"), (25, 3, "good"),
        ])
    func windows(seconds: Double, count: Int, quality: String) throws {
        let folder = try TemporaryFolder()
        for rate in [100, 500, 360] {
            let result = try ExamClassifier(model: model).classify(record: try folder.record("a\(rate)", seconds: seconds, rate: rate))
            #expect(result.windows == count, "\(rate) Hz")
            #expect(result.quality == quality, "\(rate) Hz")
            #expect(result.probabilities.count == model.vocabulary.labels.count)
            #expect(result.probabilities.allSatisfy { $0 >= 0 && $0 <= 1 })
        }
    }

    @Test("a whole-window model of two label sets classifies records of any rate, and each set has columns of its own")
    func wholeWindow() throws {
        let vectors = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("PrecordiaNetworkTests/Vectors")
        let folder = try TemporaryFolder()
        for name in ["window", "depthwise"] {
            let model = try LoadedModel.open(vectors.appendingPathComponent("\(name).precordia").path)
            for rate in [100, 500] {
                let path = try folder.record("\(name)\(rate)", seconds: 10, rate: rate)
                let result = try ExamClassifier(model: model).classify(record: path)
                #expect(result.probabilities.count == 5 && result.logitBits.count == 5 && result.quality == "good")
                #expect(result.classProbabilities.map { $0 == nil } == [false, false, true] && result.windows >= 2)
                let outcome = ExamOutcome(record: "r", result: .success(result))
                func rows(_ set: String, _ format: ExamFormat) throws -> (String?, [String]) {
                    let rows = ExamRows(vocabulary: model.vocabulary, format: format, columns: try ExamColumns(set, of: model))
                    return (
                        rows.heading,
                        text(rows.row(outcome)).dropLast().split(separator: ",", omittingEmptySubsequences: false).map(String.init)
                    )
                }
                let cells = result.probabilities.map { Text.fixed($0, decimals: 6) }
                let statements = try rows("statements", .csv), code = try rows("code", .csv), classes = try rows("classes", .csv)
                #expect(statements.0 == "record,windows,quality,ONE,TWO,THREE" && Array(statements.1[3...]) == Array(cells[..<3]))
                #expect(code.0 == "record,windows,quality,FOUR,FIVE" && Array(code.1[3...]) == Array(cells[3...]))
                #expect(classes.0 == "record,windows,quality,A,B,C" && classes.1[5] == "")
                #expect(try rows("statements", .bits).0 == "record,ONE,TWO,THREE,FOUR,FIVE")
            }
            let error = #expect(throws: RuntimeError.self) { _ = try ExamColumns("subclasses", of: model) }
            #expect(error?.description == "--labels subclasses: not possible; model \(name) has statements, code, classes")
        }
    }

    @Test("the mean over two windows lies between the answers of the two halves")
    func mean() throws {
        let folder = try TemporaryFolder()
        let classifier = ExamClassifier(model: model)
        let one = try classifier.classify(record: try folder.record("one", seconds: 10, rate: 100))
        let two = try classifier.classify(record: try folder.record("two", seconds: 20, rate: 100))
        #expect(two.windows == 2)
        #expect(one.logitBits != two.logitBits)
        for index in one.probabilities.indices {
            let second = 2 * two.probabilities[index] - one.probabilities[index]
            #expect(second > -1e-6 && second < 1 + 1e-6)
        }
    }

    /// Writes a record whose samples are missing in `gap`, seconds.
    func record(
        _ name: String, in folder: TemporaryFolder, seconds: Int, missing gap: ClosedRange<Double>, leads: LeadSet = .all
    ) throws -> String {
        let writer = try WFDBWriter(path: folder.file(name), format: Simulator.format(rate: 500), resolution: 15)
        var simulator = Simulator(rate: 500, seed: 1, rhythm: .normalSinus, noise: .resting)
        var frame = Frame(index: 0)
        for index in 0..<seconds * 500 {
            simulator.next(into: &frame)
            if gap.contains(Double(index) / 500) { frame.missing = leads }
            try writer.append(frame)
        }
        try writer.finish()
        return folder.file(name)
    }

    @Test("one lead missing takes the answer of a short exam no more than that of a whole one")
    func shortWithoutOneLead() throws {
        let folder = try TemporaryFolder()
        for (seconds, quality) in [(7, "short;gap:V3"), (10, "gap:V3")] {
            let path = try record("r\(seconds)", in: folder, seconds: seconds, missing: 0...10, leads: LeadSet(.V3))
            let result = try ExamClassifier(model: model).classify(record: path)
            #expect(result.quality == quality && result.noAnswer == nil)
        }
    }

    @Test("a window without an answer is not in the mean, and told")
    func unknownWindow() throws {
        let folder = try TemporaryFolder()
        let classifier = ExamClassifier(model: model)
        let whole = try classifier.classify(record: try folder.record("whole", seconds: 10.5))
        let half = try classifier.classify(record: try record("half", in: folder, seconds: 20, missing: 10.5...20))
        #expect(half.windows == 1)
        #expect(half.quality == "unknown:1of2;gap:all")
        #expect(half.probabilities == whole.probabilities)
        #expect(half.noAnswer == nil && half.logitBits != whole.logitBits)
        let none = try classifier.classify(record: try record("none", in: folder, seconds: 20, missing: 0...20))
        #expect(none.windows == 2 && none.quality == "unknown;gap:all")
        #expect(none.noAnswer == "samples missing, too few good leads in all leads")
    }

    @Test("what a window's earlier hops have found is told, though the engine began anew after it")
    func earlier() throws {
        let folder = try TemporaryFolder()
        let path = try record("a", in: folder, seconds: 20, missing: 2...7)
        #expect(try ExamClassifier(model: model).classify(record: path).quality == "unknown:1of2;gap:all")
    }

    @Test("a record that states no gain or rate says so in the quality and above the table")
    func cautions() throws {
        let folder = try TemporaryFolder()
        let path = try folder.record("a", seconds: 10, rate: 250)
        let header = try String(contentsOfFile: path + ".hea", encoding: .utf8)
        let lines = header.split(separator: "\n").map(String.init)
        let signals = lines[1...12].map { $0.hasSuffix(" V3") ? $0 : $0.replacing("1000(0)/mV", with: "0") }
        try (["a 12"] + signals).joined(separator: "\n").write(toFile: path + ".hea", atomically: true, encoding: .utf8)
        let quality = try ExamClassifier(model: model).classify(record: path).quality
        #expect(quality.hasSuffix("uncalibrated:I+II+III+aVR+aVL+aVF+V1+V2+V4+V5+V6;rate-assumed"))
        let output = ByteOutput.collecting()
        let replay = Replay(model: model, options: .init(), speed: .max, format: .table, output: output)
        _ = try replay.play(record: path)
        let notes = text(output.collected).split(separator: "\n").filter { $0.hasPrefix("  note: ") }
        #expect(notes.count == 2 && notes.contains { $0.contains("11 of 12 signals state no gain") })
    }

    @Test("a record without a sample is an error everywhere")
    func noSample() throws {
        let folder = try TemporaryFolder()
        let path = try folder.record("a", seconds: 0)
        let error = RuntimeError.badRecord(file: path, problem: "holds no sample; at least a second of signal would be right")
        #expect(throws: error) { try ExamClassifier(model: model).classify(record: path) }
        #expect(throws: error) { _ = try SignalSource(record: path) }
    }

    @Test("a flat lead is named in the quality")
    func flat() throws {
        var quality = ExamQuality()
        #expect(quality.text == "good")
        var simulator = Simulator(rate: 500, seed: 1, rhythm: .normalSinus, noise: .resting)
        let host = try EngineHost(model: model, stream: StreamFormat(rate: 500), options: .init(), name: "test")
        var frame = Frame(index: 0)
        for _ in 0..<5500 {
            simulator.next(into: &frame)
            frame.counts[8] = 40
            frame.counts[9] = -3
            host.engine.push(frame)
        }
        quality.faults.add(host.engine.quality)
        #expect(quality.text == "flat:V3+V4")
        quality.isShort = true
        quality.windows = 2
        quality.unknownWindows = 2
        #expect(quality.text == "short;unknown;flat:V3+V4")
        quality.isShort = false
        quality.unknownWindows = 1
        #expect(quality.text == "unknown:1of2;flat:V3+V4")
    }

    @Test("an engine that classified other exams before gives the same answer as a new one")
    func reuse() throws {
        let folder = try TemporaryFolder()
        let a = try folder.record("a", seconds: 10, rate: 500, rhythm: .atrialFibrillation)
        let b = try folder.record("b", seconds: 12, rate: 250)
        let classifier = ExamClassifier(model: model)
        let first = try classifier.classify(record: a)
        _ = try classifier.classify(record: b)
        #expect(try classifier.classify(record: a) == first)
        #expect(throws: RuntimeError.self) { try classifier.classify(record: folder.file("nothing")) }
        #expect(try classifier.classify(record: a) == first)
    }

    func rows(_ records: [String], threads: Int, format: ExamFormat = .csv, columns: ExamColumns = .statements) -> [UInt8] {
        let writer = ExamRows(vocabulary: model.vocabulary, format: format, columns: columns)
        var bytes: [UInt8] = []
        let model = model
        OrderedJobs<ExamOutcome>(count: records.count, threads: threads).run(
            worker: { ExamClassifier.worker(model: model, entries: records.map { RecordList.Entry(path: $0) }) },
            emit: { (outcome: ExamOutcome) throws(Never) in bytes += writer.row(outcome) })
        return bytes
    }

    @Test("one thread and many give the same bytes, bad records included", arguments: ExamFormat.allCases)
    func threads(format: ExamFormat) throws {
        let folder = try TemporaryFolder()
        var records = try (0..<9).map {
            try folder.record("r\($0)", seconds: [10, 4, 21][$0 % 3], rate: [100, 500][$0 % 2], seed: UInt64($0))
        }
        records.insert(folder.file("not, there"), at: 3)
        let one = rows(records, threads: 1, format: format)
        #expect(rows(records, threads: 2, format: format) == one)
        #expect(rows(records, threads: 5, format: format) == one)
        let lines = text(one).split(separator: "\n")
        #expect(lines.count == (format == .bits ? 9 : 10))
    }

    @Test("a bad record is a CSV row with an error and empty cells")
    func errorRow() throws {
        let rows = ExamRows(vocabulary: .small, format: .csv, columns: .statements)
        let error = RuntimeError.badRecord(file: "x.hea", problem: "line 1, rate: \"9\" Hz; 100 to 2000 would be right")
        #expect(rows.heading == "record,windows,quality,NORM,AFIB,RARE")
        #expect(
            text(rows.row(ExamOutcome(record: "a,b", result: .failure(error))))
                == "\"a,b\",0,\"error: x.hea: line 1, rate: \"\"9\"\" Hz; 100 to 2000 would be right\",,,\n")
    }

    @Test("rows of every format")
    func formats() {
        var result = ExamResult()
        result.windows = 2
        result.quality = "short;flat:V3"
        result.probabilities = [0.5, 0.1234567, 0]
        result.classProbabilities = [0.1234567, nil]
        result.logitBits = [0x3F80_0000, 0, 0xBF80_0000]
        let outcome = ExamOutcome(record: "r", result: .success(result))
        func row(_ format: ExamFormat, _ columns: ExamColumns = .statements) -> String {
            text(ExamRows(vocabulary: .small, format: format, columns: columns).row(outcome))
        }
        #expect(row(.csv) == "r,2,short;flat:V3,0.500000,0.123457,0.000000\n")
        #expect(row(.csv, .classes) == "r,2,short;flat:V3,0.123457,\n")
        #expect(row(.bits) == "r,3f800000,00000000,bf800000\n")
        #expect(
            row(.json, .classes)
                == "{\"record\":\"r\",\"windows\":2,\"quality\":\"short;flat:V3\",\"classes\":{\"AF\":0.123457,\"VT\":null}}\n")
        #expect(row(.table).contains("normal ECG 50 %"))
        result.noAnswer = "clipped in all leads"
        let none = ExamOutcome(record: "r", result: .success(result))
        let table = ExamRows(vocabulary: .small, format: .table, columns: .statements)
        #expect(text(table.row(none)).hasSuffix(" no answer (clipped in all leads)\n"))
        #expect(!text(table.row(none)).contains("normal"))
    }

    @Test("results come in order, in bounded number, and a failing reader stops the work")
    func jobs() throws {
        struct Full: Error {}
        var seen: [Int] = []
        let begun = Counter()
        let jobs = OrderedJobs<Int>(count: 1000, threads: 4)
        #expect(throws: Full.self) {
            try jobs.run(
                worker: {
                    { number in
                        begun.add(); return number
                    }
                },
                emit: { (number: Int) throws(Full) in
                    seen.append(number)
                    if number == 20 { throw Full() }
                })
        }
        #expect(seen == Array(0...20))
        #expect(begun.value <= 21 + 16 + 4)
        OrderedJobs<Int>(count: 0, threads: 3).run(worker: { { $0 } }, emit: { (_: Int) throws(Never) in })
    }

    @Test(
        "the 100 and the 500 Hz version of a real exam agree",
        .enabled(if: ProcessInfo.processInfo.environment["PRECORDIA_DATA"] != nil, "PRECORDIA_DATA is not set"))
    func realRates() throws {
        let root = ProcessInfo.processInfo.environment["PRECORDIA_DATA"]! + "/ptbxl"
        let classifier = ExamClassifier(model: model)
        for number in ["00001", "00002", "00005"] {
            let slow = try classifier.classify(record: "\(root)/records100/00000/\(number)_lr")
            let fast = try classifier.classify(record: "\(root)/records500/00000/\(number)_hr")
            let difference =
                zip(slow.probabilities, fast.probabilities).map { abs($0 - $1) }.reduce(0, +) / Double(slow.probabilities.count)
            #expect(difference < 0.02)
        }
    }
}

/// Counts from several threads.
private final class Counter: @unchecked Sendable {
    private let lock = NSLock()
    private var count = 0

    func add() { lock.withLock { count += 1 } }
    var value: Int { lock.withLock { count } }
}
