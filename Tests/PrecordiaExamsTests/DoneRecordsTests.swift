// What an earlier output has, however it was cut off, and what is done of a list.

import PrecordiaExams
import PrecordiaHost
import PrecordiaSession
import PrecordiaSimulator
import PrecordiaTestSupport
import Testing

@Suite struct DoneRecordsTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    func done(_ text: String, _ format: ExamFormat = .csv) throws -> DoneRecords {
        try DoneRecords(path: folder.write(Array(text.utf8), to: "rows"), format: format)
    }

    @Test("rows of the last record are not believed, and are where the next ones go")
    func last() throws {
        let found = try done("record,start,windows\na,0,1\na,10,1\nb,0,1\nc,0,1\nc,10,1\n")
        #expect(found.count == 2)
        #expect(found.contains("a") && found.contains("b") && !found.contains("c") && !found.contains("record"))
        #expect(found.wholeBytes == "record,start,windows\na,0,1\na,10,1\nb,0,1\n".utf8.count)
    }

    @Test("a row that was cut off is none")
    func cut() throws {
        let text = "record,windows\na,1\nb,1\n"
        let found = try done(text + "c,")
        #expect(found.contains("a") && !found.contains("b") && !found.contains("c"))
        #expect(found.wholeBytes == "record,windows\na,1\n".utf8.count)
        #expect(try done("record,win").wholeBytes == 0)
        #expect(try done("record,windows\n").wholeBytes == 15)
        #expect(try done("").wholeBytes == 0)
    }

    @Test("a name with commas, quotes and escapes is the same name")
    func names() throws {
        let names = ["a,b", "a\"b\"", "ward 1/exam", "a\\b", "tab\tname"]
        for format in [ExamFormat.csv, .json] {
            let rows = ExamRows(vocabulary: try LoadedModel.shipped().vocabulary, format: format, columns: .statements)
            var bytes = Array((rows.heading.map { $0 + "\n" } ?? "").utf8)
            for name in names + ["last"] { bytes += rows.row(ExamOutcome(record: name, result: .failure(.outputClosed))) }
            let found = try done(String(decoding: bytes, as: UTF8.self), format)
            #expect(found.count == names.count)
            #expect(names.allSatisfy { found.contains($0) } && !found.contains("a") && !found.contains("last"))
        }
    }

    @Test("a file that is not there has nothing")
    func absent() throws {
        let found = try DoneRecords(path: folder.file("nothing"), format: .csv)
        #expect(found.count == 0 && found.wholeBytes == 0)
    }

    @Test("shards take every record once")
    func shards() throws {
        let list = Array(0..<11)
        let parts = try ["1/3", "2/3", "3/3"].map { try Shard($0).of(list) }
        #expect(parts == [[0, 3, 6, 9], [1, 4, 7, 10], [2, 5, 8]])
        for text in ["0/3", "4/3", "1", "1/0", "a/b", "", "1/2/3"] { #expect(throws: RuntimeError.self) { try Shard(text) } }
    }

    @Test("each 10 s of a record is an exam of its own")
    func windows() throws {
        let model = try LoadedModel.shipped()
        let path = try folder.record("long", seconds: 25, rate: 500, rhythm: .atrialFibrillation)
        let classifier = ExamClassifier(model: model)
        var source = try SignalSource(record: path)
        let found = try classifier.windows(&source)
        #expect(found.map(\.start) == [0, 10, 20])
        #expect(found.map(\.windows) == [1, 1, 1])
        #expect(found[0].quality == "good" && found[2].quality.hasPrefix("short"))
        let first = try folder.record("first", seconds: 10, rate: 500, rhythm: .atrialFibrillation)
        #expect(try classifier.classify(record: first).probabilities == found[0].probabilities)
        let rows = ExamRows(vocabulary: model.vocabulary, format: .csv, columns: .statements, windows: true)
        let text = String(decoding: rows.row(ExamOutcome(record: "a", windows: found)), as: UTF8.self)
        #expect(text.split(separator: "\n").map { $0.prefix(5) } == ["a,0,1", "a,10,", "a,20,"])
        #expect(rows.heading?.hasPrefix("record,start,windows,quality,") == true)
    }
}
