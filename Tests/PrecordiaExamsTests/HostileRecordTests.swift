// Records whose header no recorder wrote, through the whole program's way of classifying a list.
// Separate from the exam tests: here every record is an attack, and the others in the list must not notice.

import Foundation
import PrecordiaExams
import PrecordiaFormats
import PrecordiaHost
import PrecordiaSession
import PrecordiaTestSupport
import Testing

@Suite struct HostileRecordTests {
    let model: LoadedModel

    init() throws { model = try LoadedModel.shipped() }

    /// The CSV rows of a list, as `precordia classify` makes them.
    private func rows(_ records: [String]) -> [String] {
        let writer = ExamRows(vocabulary: model.vocabulary, format: .csv, columns: .statements)
        var bytes: [UInt8] = []
        let model = model
        OrderedJobs<ExamOutcome>(count: records.count, threads: 2).run(
            worker: { ExamClassifier.worker(model: model, entries: records.map { RecordList.Entry(path: $0) }) },
            emit: { (outcome: ExamOutcome) throws(Never) in bytes += writer.row(outcome) })
        return text(bytes).split(separator: "\n").map(String.init)
    }

    /// Gives every signal of a record another gain.
    private func change(_ path: String, toGain gain: String) throws {
        let header = try String(contentsOfFile: path + ".hea", encoding: .utf8)
        let lines = header.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            var fields = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            if fields.count > 8, fields[0].hasSuffix(".dat") { fields[2] = gain }
            return fields.joined(separator: " ")
        }
        try lines.joined(separator: "\n").write(toFile: path + ".hea", atomically: true, encoding: .utf8)
    }

    @Test(
        "a gain that cannot be makes an error row, and the rest of the list is classified as without it",
        arguments: ["1e-303/mV", "1e300/mV", "-1e-303/mV", "1e-308/V"])
    func gain(_ gain: String) throws {
        let folder = try TemporaryFolder()
        let records = try (0..<4).map { try folder.record("r\($0)", seconds: 10, rate: [100, 500][$0 % 2], seed: UInt64($0)) }
        let good = rows(records)
        try change(records[1], toGain: gain)
        let mixed = rows(records)
        #expect(mixed.count == 4 && good.count == 4)
        for index in [0, 2, 3] { #expect(mixed[index] == good[index] && !good[index].contains("error")) }
        #expect(mixed[1].contains("error: ") && mixed[1].contains("r1.hea: lead I, gain: "))
        #expect(mixed[1].contains("1e-09 to 1000000000.0 microvolts a count are right"))
    }

    @Test("the widest gains that are taken give an answer and no trap", arguments: ["1.1e-6/mV", "-1.1e-6/mV", "9e11/mV"])
    func limits(_ gain: String) throws {
        let folder = try TemporaryFolder()
        let record = try folder.record("r", seconds: 12, rate: 500)
        try change(record, toGain: gain)
        let row = try #require(rows([record]).first)
        #expect(!row.contains("error") && !row.contains("nan"))
    }
}
