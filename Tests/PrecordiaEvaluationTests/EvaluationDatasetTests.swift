// Data sets as plans: layouts on small folders made here, and every way in which they can be wrong.
// The signals are simulated, so the figures say nothing; who counts, and as what, is what is tested.

import Foundation
import PrecordiaExams
import PrecordiaHost
import PrecordiaSession
import PrecordiaSimulator
import PrecordiaTestSupport
import Testing

@testable import PrecordiaEvaluation

/// A PTB-XL of a few simulated records.
struct SmallPTBXL {
    let folder: TemporaryFolder
    static let statements = """
        ,description,diagnostic,form,rhythm,diagnostic_class,diagnostic_subclass
        NORM,normal ECG,1.0,,,NORM,NORM
        AMI,anterior infarction,1.0,,,MI,AMI
        ASMI,"infarction, anteroseptal",1.0,,,MI,AMI
        ABQRS,abnormal QRS,,1.0,,,
        SR,sinus rhythm,,,1.0,,
        AFIB,atrial fibrillation,,,1.0,,

        """
    static let columns =
        "ecg_id,scp_codes,extra_beats,infarction_stadium1,infarction_stadium2,burst_noise,baseline_drift,static_noise,"
        + "electrodes_problems,strat_fold,filename_lr,filename_hr,age,sex,device"

    static func row(_ id: Int, _ codes: String, fold: Int, beats: String = "", who: String = "61.0,1,CS-12") -> String {
        "\(id),\"\(codes)\",\(beats),,,,,,,\(fold),records100/\(id)_lr,records500/\(id)_hr,\(who)"
    }

    init(rows: [String] = rows, statements: String = statements, columns: String = columns) throws {
        folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.file("records100"), withIntermediateDirectories: true)
        for id in 1...4 {
            _ = try folder.record(
                "records100/\(id)_lr", seconds: 10, rate: 100, seed: UInt64(id), rhythm: id == 2 ? .atrialFibrillation : .normalSinus)
        }
        _ = try folder.write(Array(statements.utf8), to: "scp_statements.csv")
        _ = try folder.write(Array(([columns] + rows).joined(separator: "\n").utf8), to: "ptbxl_database.csv")
    }

    static let rows = [
        row(1, "{'NORM': 100.0, 'SR': 0.0}", fold: 9), row(2, "{'AFIB': 0.0, 'ABQRS': 30.0}", fold: 9, beats: "1VES"),
        row(3, "{'ASMI': 35.0, 'SR': 0.0}", fold: 9), row(4, "{'NORM': 80.0}", fold: 10),
    ]

    func plan(_ folds: Set<Int> = [9], rate: Int = 100) throws(RuntimeError) -> EvaluationPlan {
        try PTBXLDataset.plan(folder: folder.path, folds: folds, rate: rate, vocabulary: LoadedModel.shipped().vocabulary)
    }
}

@Suite struct EvaluationDatasetTests {
    let model: LoadedModel

    init() throws { model = try LoadedModel.shipped() }

    private func run(_ plan: EvaluationPlan, samples: Int = 20, threads: Int = 2) throws(RuntimeError) -> Evaluation {
        try Evaluation.run(plan, model: model, threads: threads, bootstrap: Bootstrap(samples: samples))
    }

    @Test("PTB-XL: the tasks, who counts for each, and a likelihood of 0 is stated")
    func ptbxl() throws {
        let small = try SmallPTBXL()
        let plan = try small.plan()
        #expect(plan.exams.map(\.path) == (1...3).map { small.folder.file("records100/\($0)_lr") })
        #expect(plan.exams[1].codes == ["AFIB", "ABQRS", "classes:AF", "classes:PVC"])
        #expect(plan.exams[2].codes == ["ASMI", "SR"])
        #expect(plan.tasks.map(\.name) == ["all", "diagnostic", "subclass", "superclass", "form", "rhythm", "code"])
        #expect(plan.tasks.map(\.labels.count).prefix(6) == [6, 3, 2, 2, 1, 2])
        let evaluation = try run(plan)
        #expect(evaluation.tasks.map(\.exams) == [3, 2, 2, 2, 1, 3, 3])
        let subclass = evaluation.tasks[2].labels
        #expect(subclass.map(\.label.code) == ["NORM", "AMI"] && subclass.map(\.positives) == [1, 1])
        #expect(subclass[1].label.stated == ["AMI", "ASMI"] && Set(subclass[1].answeredBy).isSubset(of: ["AMI", "ASMI"]))
        let rhythm = try #require(evaluation.tasks[5].labels.first { $0.label.code == "AFIB" })
        #expect(rhythm.positives == 1 && rhythm.figures[.auroc] == 1)
    }

    @Test("PTB-XL: a model's own sets answer groups and form statements; a group that they lack is not covered")
    func labelSets() throws {
        func label(_ code: String) -> Vocabulary.Statement {
            Vocabulary.Statement(code: code, words: code, group: "", threshold: 0.5, priority: 0)
        }
        let vocabulary = Vocabulary(
            labels: ["AMI", "ASMI", "NORM", "AMI", "MI", "ABQRS"].map(label),
            sets: [
                Vocabulary.LabelSet(name: "statements", labels: 0..<3), Vocabulary.LabelSet(name: "subclasses", labels: 3..<4),
                Vocabulary.LabelSet(name: "superclasses", labels: 4..<5), Vocabulary.LabelSet(name: "forms", labels: 5..<6),
            ], classes: [])
        let small = try SmallPTBXL()
        let plan = try PTBXLDataset.plan(folder: small.folder.path, folds: [9], rate: 100, vocabulary: vocabulary)
        #expect(plan.tasks[0].labels.prefix(3).map(\.source) == [.labels([2]), .labels([0]), .labels([1])])
        #expect(plan.tasks[2].labels.map(\.source) == [nil, .labels([3])])
        #expect(plan.tasks[3].labels.map(\.source) == [nil, .labels([4])])
        #expect(plan.tasks[4].labels.map(\.source) == [.labels([5])])
        #expect(plan.remarks[1] == "Subclasses: the model's own labels. Superclasses: the model's own labels.")
        #expect(plan.remarks[2] == "Form statements: the model's own labels for exams that state one.")
    }

    @Test("the probabilities are those of classify, at any number of jobs, and the same bytes come out")
    func determinism() throws {
        let small = try SmallPTBXL()
        let plan = try small.plan([9, 10])
        let one = EvaluationJSON(try run(plan, threads: 1)).line
        #expect(EvaluationJSON(try run(plan, threads: 4)).line == one)
        var limited = plan
        limited.limit(to: 2)
        #expect(limited.exams.count == 2 && limited.leftOut.map(\.names.count) == [2])
        let brier = try run(limited, samples: 0).tasks[0].labels.first { $0.label.code == "NORM" }?.figures[.brier]
        let answers = try limited.exams.map { try ExamClassifier(model: model).classify(record: $0.path).probabilities[4] }
        #expect(model.vocabulary.labels[4].code == "NORM")
        let miss = 1 - answers[0]
        let expected: Double = (miss * miss + answers[1] * answers[1]) / 2
        #expect(((brier ?? 9) - expected).magnitude < 1e-15)
    }

    @Test("a record that is not there is in no figure, and told")
    func unread() throws {
        let small = try SmallPTBXL(rows: SmallPTBXL.rows + [SmallPTBXL.row(77, "{'SR': 0.0}", fold: 9)])
        let evaluation = try run(try small.plan())
        #expect(evaluation.examCount == 3 && evaluation.unread.count == 1)
        #expect(EvaluationText(evaluation).lines.contains { $0.contains("1 exam could not be read") })
        #expect(throws: RuntimeError.self) { try run(try small.plan(rate: 500)) }
    }

    @Test("PTB-XL's tables: what is missing or wrong is named")
    func wrongTables() throws {
        func problem(_ small: SmallPTBXL, _ folds: Set<Int> = [9]) -> String {
            do throws(RuntimeError) { _ = try small.plan(folds) } catch { return "\(error)" }
            return ""
        }
        func broken(_ row: String) throws -> String { problem(try SmallPTBXL(rows: [row])) }
        #expect(problem(try SmallPTBXL(), [3]).hasSuffix("ptbxl_database.csv: no record is in fold 3; the table has fold 9, 10"))
        #expect(problem(try SmallPTBXL(rows: [])).hasSuffix("no record is in fold 9; the table has no record"))
        #expect(try broken(SmallPTBXL.row(1, "{'WHAT': 1.0}", fold: 9)).contains("line 2: scp_codes has WHAT"))
        #expect(try broken(SmallPTBXL.row(1, "NORM", fold: 9)).contains("line 2: scp_codes is NORM; a list such as {'NORM'"))
        #expect(try broken(SmallPTBXL.row(1, "{}", fold: 11)).contains("line 2: strat_fold is 11; 1 to 10 are right"))
        #expect(
            problem(try SmallPTBXL(rows: SmallPTBXL.rows + [SmallPTBXL.row(2, "{'SR': 0.0}", fold: 10)]))
                .hasSuffix("line 6: ecg_id 2 has a row already, on line 3; one row for each is right"))
        let twice = SmallPTBXL.statements + "SR,sinus rhythm again,,,1.0,,\n"
        #expect(problem(try SmallPTBXL(statements: twice)).contains("scp_statements.csv: line 8:  SR has a row already, on line 6"))
        #expect(problem(try SmallPTBXL(statements: "code,description\n")).contains("no column without a name, which holds the codes"))
        #expect(try broken("1,x").contains("line 2: 2 fields; the header has 15"))
        #expect(problem(try SmallPTBXL(columns: "ecg_id,b,c,d,e,f,g,h,i,j,k,l,m,n,o")).contains("has no column strat_fold"))
        #expect(problem(try SmallPTBXL(statements: "a,b\n")).contains("scp_statements.csv: has no column "))
        let small = try SmallPTBXL()
        try FileManager.default.removeItem(atPath: small.folder.file("ptbxl_database.csv"))
        #expect(problem(small).hasSuffix("ptbxl_database.csv: cannot be read, no such file; check the name and folder"))
    }

    @Test("12SL's table is used where it lies beside, and must hold every record")
    func machine() throws {
        let small = try SmallPTBXL(rows: [SmallPTBXL.row(1, "{'AFIB': 0.0}", fold: 9), SmallPTBXL.row(2, "{'AMI': 100.0}", fold: 9)])
        let lines = "ecg_id,statements_cat\n1,\"['VPR', 'BLKED;PAC']\"\n2,\"['ARM']\"\n"
        _ = try small.folder.write(Array(lines.utf8), to: "12sl_statements.csv")
        let plan = try small.plan()
        #expect(plan.tasks.last?.name == "code-12sl")
        #expect(plan.exams[0].codes == ["AFIB", "classes:AF", "classes:PAC-NC"])
        #expect(plan.exams[1].codes == ["AMI", "classes:Q-ANT", "classes:TECH-REV"])
        _ = try small.folder.write(Array("ecg_id,statements_cat\n1,[]\n".utf8), to: "12sl_statements.csv")
        #expect(throws: RuntimeError.self) { try small.plan() }
        _ = try small.folder.write(Array((lines + "1,['NSR']\n").utf8), to: "12sl_statements.csv")
        #expect(throws: RuntimeError.self) { try small.plan() }
        _ = try small.folder.write(Array("ecg_id,statements_cat\n1,VPR\n".utf8), to: "12sl_statements.csv")
        #expect(throws: RuntimeError.self) { try small.plan() }
    }

    @Test("CODE classes: NORMAL gives way to what is stated beside it, and overrules a machine")
    func classRules() throws {
        let rules = try ClassRules.shipped()
        func classes(_ human: [String: Double], _ cells: [String: String] = [:], _ machine: [Set<String>]? = nil) -> Set<String> {
            rules.classes(human: human, cells: cells, machine: machine)
        }
        #expect(classes(["NORM": 100, "SR": 0]) == ["NORMAL"])
        #expect(classes(["NORM": 100, "IRBBB": 100]) == ["IRBBB"])
        #expect(classes(["NORM": 100], [:], [["ARM"]]) == ["NORMAL"])
        #expect(classes(["AMI": 15]) == [] && classes(["AMI": 50]) == ["Q-ANT"] && classes(["AMI": 0]) == ["Q-ANT"])
        #expect(classes([:], ["extra_beats": "2ES,SVES"]) == ["PAC"] && classes([:], ["extra_beats": "VES?"]) == ["PVC"])
        #expect(
            classes([:], ["infarction_stadium1": "Stadium I"]) == ["STEMI"] && classes([:], ["infarction_stadium1": "Stadium II"]) == [])
        #expect(classes(["PACE": 0], [:], [["VPR"]]) == ["PACE-V"] && classes([:], [:], [["VPR"]]) == [])
        #expect(classes(["NST_": 100, "ISCAL": 100]) == ["TWI"])
    }

    /// A simulated record with a line of diagnoses.
    private func record(_ folder: TemporaryFolder, _ name: String, _ comment: String?, rhythm: Rhythm = .normalSinus) throws {
        let path = try folder.record(name, seconds: 10, rate: 100, rhythm: rhythm)
        guard let comment else { return }
        let header = try String(contentsOfFile: path + ".hea", encoding: .utf8)
        try (header + comment + "\n").write(toFile: path + ".hea", atomically: true, encoding: .utf8)
    }

    @Test("CPSC2018: classes by name and by code, unknown ones told, no line of diagnoses left out")
    func cpsc2018() throws {
        let folder = try TemporaryFolder()
        try record(folder, "A0001", "#Dx: AF,RBBB", rhythm: .atrialFibrillation)
        try record(folder, "A0002", "# Dx: 426783006")
        try record(folder, "A0003", "#Dx: Normal, Strange")
        try record(folder, "A0004", nil)
        let plan = try CinCDataset.cpsc2018(folder: folder.path, vocabulary: model.vocabulary)
        #expect(plan.leftOut == [LeftOut(reason: "without a diagnosis in the header", names: [folder.file("A0004")])])
        #expect(plan.remarks.last == "Stated codes that no label here knows: Strange.")
        let evaluation = try run(plan)
        let labels = evaluation.tasks[0].labels
        #expect(labels.map(\.label.code) == ["Normal", "AF", "PAC", "PVC", "I-AVB", "RBBB", "LBBB", "STD", "STE"])
        #expect(labels.map(\.positives) == [2, 1, 0, 0, 0, 1, 0, 0, 0])
        #expect(labels[0].answeredBy == ["NORM"] && labels[4].answeredBy == ["1AVB", "LPR"])
        #expect(evaluation.tasks[0].meanCount == 3)
    }

    @Test("CinC 2021: PTB-XL's records are left out, codes of one name are one label, sinus rhythm is SR or NORM")
    func cinc2021() throws {
        let folder = try TemporaryFolder()
        try record(folder, "HR00001", "# Dx: 164889003")
        try record(folder, "JS00001", "# Dx: 59118001,251170000")
        try record(folder, "JS00002", "# Dx: 713427006,426783006")
        let plan = try CinCDataset.cinc2021(folder: folder.path, vocabulary: model.vocabulary)
        #expect(plan.exams.count == 2 && plan.leftOut.map(\.names) == [[folder.file("HR00001")]])
        let labels = try run(plan).tasks[0].labels
        #expect(labels.map(\.label.code) == ["426783006", "713427006|59118001", "251170000"])
        #expect(labels.map(\.positives) == [1, 2, 1] && labels.map(\.isCovered) == [true, true, false])
        #expect(labels[0].answeredBy == ["SR", "NORM"] && labels[0].label.shortName == "sinus rhythm")
    }

    @Test("a CinC folder without records, without diagnoses, of PTB-XL alone, or that is none")
    func wrongFolders() throws {
        let folder = try TemporaryFolder()
        func problem() -> String {
            do throws(RuntimeError) { _ = try CinCDataset.cinc2021(folder: folder.path, vocabulary: model.vocabulary) } catch {
                return "\(error)"
            }
            return ""
        }
        #expect(problem().contains("the folder has no .hea file"))
        try record(folder, "HR00001", "# Dx: 164889003")
        try record(folder, "X1", nil)
        #expect(problem().contains("no record to judge: 1 record of PTB-XL"))
        for path in [folder.file("nothing"), folder.file("X1.hea")] {
            #expect(throws: RuntimeError.self) { try CinCDataset.cpsc2018(folder: path, vocabulary: model.vocabulary) }
        }
    }

    @Test("every statement of the SNOMED table is one of the model's, and CPSC2018's classes are nine")
    func snomed() throws {
        let table = try SnomedTable.shipped()
        let known = Set(model.vocabulary.statements.map(\.code))
        for row in table.rows { #expect(Set(row.statements).isSubset(of: known), "\(row)") }
        #expect(Set(table.rows.map(\.cpsc2018)).count == 10)
        for row in table.rows {
            #expect(!row.code.isEmpty && row.code.allSatisfy { $0.isNumber })
            #expect(!row.name.isEmpty)
        }
        let names = Dictionary(grouping: table.rows, by: \.name)
        for (name, rows) in names { #expect(Set(rows.map(\.statements)).count == 1, "rows of \(name) must have the same statements") }
    }

    @Test("the tables keep within 120 columns, and the JSON parses and has every task")
    func output() throws {
        let small = try SmallPTBXL()
        let evaluation = try run(try small.plan())
        let lines = EvaluationText(evaluation).lines
        for line in lines where !line.hasSuffix(".") { #expect(line.count <= 120, "\(line)") }
        #expect(lines.contains { $0.hasPrefix("xresnet1d101") } && lines.contains { $0.hasPrefix("this run") })
        let object = try JSONSerialization.jsonObject(with: Data(EvaluationJSON(evaluation).line)) as? [String: Any]
        let tasks = try #require(object?["tasks"] as? [[String: Any]])
        #expect(tasks.map { $0["task"] as? String } == ["all", "diagnostic", "subclass", "superclass", "form", "rhythm", "code"])
        let macro = try #require(tasks[0]["macro"] as? [String: Any])
        for figure in Figure.allCases { #expect(macro[figure.name] is Double, "\(figure.name)") }
        #expect((macro["interval"] as? [String: [Double]])?["auroc"]?.count == 2)
        #expect((object?["published"] as? [[String: Any]])?.count == 8)
        #expect((object?["subgroups"] as? [[String: Any]])?.map { $0["kind"] as? String } == ["age", "sex", "device"])
        #expect(lines.contains { $0.hasPrefix("by age") } && lines.contains { $0.hasPrefix("AFIB ") && $0.contains("medium") })
    }
}
