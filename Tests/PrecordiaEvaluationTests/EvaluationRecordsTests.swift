// A hospital's own folder with a table of labels: what a row may say, and what it may get wrong.
// Apart from the published data sets, whose layouts are given; here a person has typed the table.

import Foundation
import PrecordiaFormats
import PrecordiaHost
import PrecordiaSession
import PrecordiaTestSupport
import Testing

@testable import PrecordiaEvaluation

@Suite struct EvaluationRecordsTests {
    let model: LoadedModel

    init() throws { model = try LoadedModel.shipped() }

    private func run(_ plan: EvaluationPlan) throws(RuntimeError) -> Evaluation {
        try Evaluation.run(plan, model: model, threads: 2, bootstrap: Bootstrap(samples: 20))
    }

    private func labelled(_ folder: TemporaryFolder, _ csv: String) throws -> EvaluationPlan {
        let path = try TemporaryFolder()
        return try LabelledRecords.plan(folder: folder.path, labels: path.write(Array(csv.utf8), to: "l.csv"), vocabulary: model.vocabulary)
    }

    @Test("any folder: statements, classes, sets by name and SNOMED codes; records and rows without the other are told")
    func records() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.file("ward"), withIntermediateDirectories: true)
        for name in ["a", "b", "ward/c", "d"] { _ = try folder.record(name, seconds: 10, rate: 100) }
        let plan = try labelled(folder, "record,codes\na,AFIB;PAC\nb.hea,\nc,AF classes:PAC 164890007\nzz,AFIB\n")
        #expect(plan.exams.map(\.path) == ["a", "b", "ward/c"].map(folder.file))
        #expect(plan.exams[1].codes == [])
        #expect(plan.tasks[0].labels.map(\.code) == ["AFIB", "PAC", "AF", "classes:PAC", "164890007"])
        #expect(
            plan.leftOut == [
                LeftOut(reason: "without a row in the table", names: [folder.file("d")]),
                LeftOut(reason: "of the table without a record", names: ["zz"]),
            ])
        #expect(try run(plan).tasks[0].labels.map(\.positives) == [1, 1, 1, 1, 1])
    }

    @Test(
        "a table of labels that is wrong is refused with its line",
        arguments: [
            ("record,code\na,AFIB\n", "has no column codes; its columns are record, code"),
            ("record,codes\na,AFIB\na,SR\n", "line 3: record a has a row already, on line 2"),
            ("record,codes\na,AFIB\nb,NOPE\n", "line 3: code NOPE is no label or class of the model"),
            ("record,codes\nc,SR\n", "line 2: c is the name of 2 records"),
            ("record,codes\n,SR\n", "line 2: no record is named"),
            ("record,codes\nx,SR\ny,SR\n", "none of 2 rows names a record of"),
            ("record,codes\na,SR,b\n", "line 2: 3 fields; the header has 2"),
            ("record;codes\na;SR\n", "its columns are record;codes; save the table with commas between columns"),
        ])
    func wrongLabels(csv: String, problem: String) throws {
        let folder = try TemporaryFolder()
        for name in ["one", "two"] { try FileManager.default.createDirectory(atPath: folder.file(name), withIntermediateDirectories: true) }
        for name in ["a", "b", "one/c", "two/c"] { _ = try folder.record(name, seconds: 1, rate: 100) }
        var found = ""
        do { _ = try labelled(folder, csv) } catch { found = "\(error)" }
        #expect(found.contains(problem), "\(found)")
    }

    @Test("labels of which no exam states any are no evaluation")
    func nothingStated() throws {
        let folder = try TemporaryFolder()
        _ = try folder.record("a", seconds: 10, rate: 100)
        #expect(throws: RuntimeError.self) { try run(try labelled(folder, "record,codes\na,\n")) }
        #expect(throws: RuntimeError.self) { try run(try labelled(folder, "record,codes\na,39732003\n")) }
    }

    @Test("an exam without an answer is judged by the probabilities that classify gives, and told")
    func unknown() throws {
        let folder = try TemporaryFolder()
        _ = try folder.record("a", seconds: 10, rate: 100)
        _ = try folder.record("b", seconds: 0.5, rate: 100)
        _ = try folder.record("c", seconds: 5, rate: 100)
        let evaluation = try run(try labelled(folder, "record,codes\na,SR\nb,\nc,SR\n"))
        #expect(evaluation.examCount == 3 && evaluation.unknown == [folder.file("b")] && evaluation.faulty == 1)
        #expect(evaluation.tasks[0].exams == 3)
    }

    @Test("two codes with one answer are judged apart, and a remark says so")
    func twins() throws {
        let folder = try TemporaryFolder()
        for name in ["a", "b"] { _ = try folder.record(name, seconds: 1, rate: 100) }
        let plan = try labelled(folder, "record,codes\na,AFIB;SR\nb,164889003 statements:SR\n")
        #expect(plan.tasks[0].labels.count == 4)
        #expect(plan.remarks.count == 3)
        #expect(plan.remarks[1].hasPrefix("AFIB and 164889003 have the same answer"))
        #expect(plan.remarks[2].hasPrefix("SR and statements:SR have the same answer"))
        #expect(try labelled(folder, "record,codes\na,AFIB;SR\nb,AFIB\n").remarks.count == 1)
    }

    @Test("nothing to judge is said before any exam is opened; a folder that cannot be read is an exam that was not")
    func early() throws {
        let gone = StatedExam(path: "/nowhere", codes: [])
        var plan = EvaluationPlan(dataset: "records", title: "t", exams: [gone], tasks: [])
        #expect(
            throws: RuntimeError.badTable(
                file: "t", problem: "no exam states a label that the model covers, so there is nothing to judge")
        ) { try run(plan) }
        let folder = try TemporaryFolder()
        _ = try folder.record("a", seconds: 1, rate: 100)
        plan = try labelled(folder, "record,codes\na,SR\n")
        let failure = RecordError(.unreadable, file: "ward", problem: "cannot be opened", remedy: "check its permissions")
        plan.exams.append(StatedExam(path: "ward", codes: [], failure: failure))
        let evaluation = try run(plan)
        #expect(evaluation.examCount == 1 && evaluation.unread == [RuntimeError(failure)])
    }
}
