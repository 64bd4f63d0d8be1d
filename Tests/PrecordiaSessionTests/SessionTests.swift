// Whole sessions on simulated records: the same bytes twice, every hop answered, every loss counted.

import Foundation
import PrecordiaEngine
import PrecordiaHost
import PrecordiaSession
import PrecordiaSimulator
import PrecordiaTestSupport
import Testing

@Suite struct SessionTests {
    let model: LoadedModel

    init() throws { model = try LoadedModel.shipped() }

    func lines(of record: String, top: Int? = 5, hop: Double? = nil) throws -> [UInt8] {
        let output = ByteOutput.collecting()
        let options = try Replay.options(hopSeconds: hop, model: model)
        let replay = Replay(model: model, options: options, speed: .max, format: .lines(top: top), output: output)
        _ = try replay.play(record: record)
        return output.collected
    }

    @Test("the same record gives the same bytes twice, each line a JSON object")
    func repeatable() throws {
        let folder = try TemporaryFolder()
        let record = try folder.record("a", seconds: 24, rhythm: .atrialFibrillation)
        let first = try lines(of: record, top: nil)
        #expect(try lines(of: record, top: nil) == first)
        let objects = try first.split(separator: 0x0A).map {
            try #require(try JSONSerialization.jsonObject(with: Data($0)) as? [String: Any])
        }
        #expect(objects.first?["event"] as? String == "stream")
        #expect(objects.first?["sha256"] as? String == model.identity.hash)
        let end = try #require(objects.last)
        #expect(end["event"] as? String == "end")
        #expect(end["sample"] as? Int == 12_000)
        let counters = try #require(end["counters"] as? [String: Int])
        #expect(counters["frames"] == 12_000)
        #expect(counters["eventsDropped"] == 0)
        let answers = objects.filter { ["window", "unknown"].contains($0["event"] as? String) }
        #expect(answers.count == 24)
        #expect(counters["windows"]! + counters["windowsUnknown"]! == 24)
        #expect((answers.last?["probabilities"] as? [String: Any])?.count == model.vocabulary.statements.count)
    }

    @Test("a shorter hop gives more answers and the same ones at whole seconds")
    func hop() throws {
        let folder = try TemporaryFolder()
        let record = try folder.record("a", seconds: 12, rate: 100)
        func answers(_ hop: Double?) throws -> [Substring] {
            text(try lines(of: record, hop: hop)).split(separator: "\n").filter { $0.hasPrefix("{\"event\":\"window\"") }
        }
        let whole = try answers(nil)
        let fine = try answers(0.2)
        #expect(whole.count == 3)
        #expect(fine.count == 11)
        #expect(Set(whole).isSubset(of: Set(fine)))
    }

    @Test("a hop that the model cannot do is refused with the ones that it can")
    func badHop() {
        for seconds in [0, 0.3, -1, 2, .nan, .infinity, 1e300] {
            let error = #expect(throws: RuntimeError.self) { try Replay.options(hopSeconds: seconds, model: model) }
            #expect(error?.description.contains("multiples of 0.200 s up to 1.000 s") == true)
        }
    }

    @Test("one engine serves streams of different rates one after the other")
    func reuse() throws {
        let folder = try TemporaryFolder()
        let records = try [100, 500, 250, 1999, 500].enumerated().map { try folder.record("r\($0)", seconds: 11, rate: $1) }
        let output = ByteOutput.collecting()
        let options = try Replay.options(hopSeconds: nil, model: model)
        let replay = Replay(model: model, options: options, speed: .max, format: .lines(top: 3), output: output)
        for record in records { _ = try replay.play(record: record) }
        #expect(output.collected == (try records.flatMap { try lines(of: $0, top: 3) }))
    }

    @Test("the table ends with counts and figures")
    func table() throws {
        let output = ByteOutput.collecting()
        let replay = Replay(model: model, options: EngineOptions(), speed: .max, format: .table, output: output)
        var source = SignalSource(
            simulator: Simulator(rate: 500, seed: 1, scenario: .demo), frames: 30_000, name: "simulated")
        let result = try replay.play(&source)
        let shown = text(output.collected)
        #expect(shown.hasPrefix("simulated  60.0 s, 500 Hz, 12 leads\n"))
        #expect(shown.contains("electrode off"))
        #expect(shown.contains("no frame lost"))
        #expect(result.figures.allFrames.count == 30_000)
        #expect(result.figures.answeringFrames.count >= 59)
        #expect(!shown.contains("\u{1B}"))
    }

    @Test("a record of six seconds says that it is too short, and what it leans to")
    func short() throws {
        let folder = try TemporaryFolder()
        let output = ByteOutput.collecting()
        let replay = Replay(model: model, options: EngineOptions(), speed: .max, format: .table, output: output)
        _ = try replay.play(record: try folder.record("a", seconds: 6))
        #expect(text(output.collected).contains("too short for an answer (6.0 s); leaning to: "))
    }

    @Test("what was said before a truncated record's end stays said")
    func truncated() throws {
        let folder = try TemporaryFolder()
        let record = try folder.record("a", seconds: 12)
        let handle = try #require(FileHandle(forWritingAtPath: record + ".dat"))
        try handle.truncate(atOffset: 100_000)
        let error = #expect(throws: RuntimeError.self) { try lines(of: record) }
        #expect(error?.description.contains("a.dat") == true)
    }
}
