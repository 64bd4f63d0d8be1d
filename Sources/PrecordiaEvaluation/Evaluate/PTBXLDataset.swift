// PTB-XL's tables as a plan: the six published tasks and the CODE classes, over chosen folds.
// The protocol is that of Strodthoff et al., IEEE J. Biomed. Health Inform. 2021 (arXiv 2004.13701).

import Glibc
package import PrecordiaHost
package import PrecordiaSession

/// Reads PTB-XL 1.0.x: `ptbxl_database.csv`, `scp_statements.csv`, and records at 100 and 500 Hz.
package enum PTBXLDataset {
    /// What is to be judged of the set.
    ///
    /// A statement of any likelihood counts as stated, 0 included, which in PTB-XL means "not given".
    /// - Parameters:
    ///   - folder: the one with the two tables.
    ///   - folds: of column `strat_fold`, 1 to 10.
    ///   - rate: 100 or 500 hertz.
    /// - Throws: ``RuntimeError/cannotRead(file:reason:)`` or ``RuntimeError/badTable(file:problem:)``.
    package static func plan(folder: String, folds: Set<Int>, rate: Int, vocabulary: Vocabulary) throws(RuntimeError) -> EvaluationPlan {
        let statements = try Statements(path: folder + "/scp_statements.csv")
        let rules = try ClassRules.shipped()
        let machine = try MachineStatements.beside(folder)
        let table = try CSVTable(path: folder + "/ptbxl_database.csv")
        var exams = try exams(of: table, in: folder, folds: folds, rate: rate, statements, rules, machine)
        let names = folds.sorted().map(String.init).joined(separator: ", ")
        let title = "PTB-XL, \(folds.count == 1 ? "fold" : "folds") \(names), \(rate) Hz"
        let model = ModelLabels(vocabulary)
        let groupings = PTBXLGroups.groupings(&exams)
        var plan = EvaluationPlan(dataset: "ptbxl", title: title, exams: exams, tasks: tasks(statements, model))
        plan.groupings = groupings
        plan.tasks.append(rules.task(.human, model))
        if machine != nil { plan.tasks.append(rules.task(.machine, model)) }
        plan.remarks = [
            "A statement of any likelihood counts as stated. For each task only exams count that state one of its labels (Strodthoff 2021).",
            "Subclasses: \(origin("subclasses", model)). Superclasses: \(origin("superclasses", model)).",
            "Form statements: \(model.hasSet("forms") ? "the model's own labels for exams that state one" : "the labels of all statements").",
            "CODE classes: stated is what models/code66-sources.csv makes of PTB-XL's statements and columns, and of 12SL's.",
        ]
        return plan
    }

    private static func origin(_ set: String, _ model: ModelLabels) -> String {
        model.hasSet(set) ? "the model's own labels" : "the largest probability of their statements"
    }

    private static func exams(
        of table: CSVTable, in folder: String, folds: Set<Int>, rate: Int, _ statements: Statements, _ rules: ClassRules,
        _ machine: MachineStatements?
    ) throws(RuntimeError) -> [StatedExam] {
        let fold = try table.column("strat_fold")
        let codes = try table.column("scp_codes")
        let number = try table.column("ecg_id")
        let columns = try rules.columns(of: table)
        let groups = try PTBXLGroups(table)
        let name = try table.column(rate == 100 ? "filename_lr" : "filename_hr")
        var exams: [StatedExam] = []
        var found: Set<Int> = []
        var seen: [String: Int] = [:]
        for row in table.rows {
            try table.requireNew(number, row, &seen)
            guard let ownFold = whole(row.fields[fold]), (1...10).contains(ownFold) else {
                throw table.error(row, "strat_fold is \(Text.printable(row.fields[fold])); 1 to 10 are right")
            }
            found.insert(ownFold)
            guard folds.contains(ownFold) else { continue }
            guard let stated = scpCodes(row.fields[codes]) else {
                throw table.error(
                    row, "scp_codes is \(Text.printable(row.fields[codes])); a list such as {'NORM': 100.0, 'SR': 0.0} is right")
            }
            if let unknown = stated.keys.sorted().first(where: { !statements.codes.contains($0) }) {
                throw table.error(row, "scp_codes has \(Text.printable(unknown)), which scp_statements.csv does not hold")
            }
            guard let id = whole(row.fields[number]) else {
                throw table.error(row, "ecg_id is \(Text.printable(row.fields[number])); a number is right")
            }
            if let machine, machine.sentences[id] == nil { throw machine.missing(id) }
            let classes = rules.classes(human: stated, cells: columns.mapValues { row.fields[$0] }, machine: machine?.sentences[id])
            exams.append(
                StatedExam(
                    path: folder + "/" + row.fields[name], codes: Set(stated.keys).union(classes.map(ClassRules.stated)),
                    groups: try groups.groups(row)))
        }
        guard !exams.isEmpty else {
            let has = found.sorted().map(String.init).joined(separator: ", ")
            throw .badTable(
                file: table.path,
                problem:
                    "no record is in fold \(folds.sorted().map(String.init).joined(separator: ", ")); the table has \(has.isEmpty ? "no record" : "fold \(has)")"
            )
        }
        return exams
    }

    private static func whole(_ field: String) -> Int? { Double(field).flatMap(Int.init(exactly:)) }

    /// Codes and likelihoods of a field such as `{'NORM': 100.0, 'SR': 0.0}`; nil if it is none.
    static func scpCodes(_ field: String) -> [String: Double]? {
        guard let parts = PythonText.items(field, from: "{", to: "}") else { return nil }
        var codes: [String: Double] = [:]
        for part in parts {
            let pair = part.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard pair.count == 2, let code = PythonText.unquoted(pair[0]),
                let likelihood = Double(pair[1].withoutOuterSpaces), codes.updateValue(likelihood, forKey: code) == nil
            else { return nil }
        }
        return codes
    }

    private static func tasks(_ statements: Statements, _ model: ModelLabels) -> [EvaluationTask] {
        func task(_ name: String, _ title: String, set: String? = nil, isPart: Bool, _ kept: (Statements.Entry) -> Bool) -> EvaluationTask {
            let labels = statements.entries.filter(kept).map { entry in
                let own = set.flatMap { model.label(entry.code, in: $0) }.map { ScoreSource.labels([$0]) }
                return JudgedLabel(code: entry.code, words: entry.words, stated: [entry.code], source: own ?? model.any(of: [entry.code]))
            }
            return EvaluationTask(name: name, title: title, labels: labels, needsLabel: true, isPart: isPart)
        }
        func grouped(_ name: String, _ title: String, set: String, by group: (Statements.Entry) -> String) -> EvaluationTask {
            var members: [(String, [String])] = []
            for entry in statements.entries where entry.isDiagnostic && !group(entry).isEmpty {
                if let index = members.firstIndex(where: { $0.0 == group(entry) }) {
                    members[index].1.append(entry.code)
                } else {
                    members.append((group(entry), [entry.code]))
                }
            }
            let labels = members.map { code, codes -> JudgedLabel in
                let own = model.label(code, in: set).map { ScoreSource.labels([$0]) }
                let source = model.hasSet(set) ? own : model.any(of: codes)
                return JudgedLabel(code: code, words: codes.joined(separator: ", "), stated: Set(codes), source: source)
            }
            return EvaluationTask(name: name, title: title, labels: labels, needsLabel: true)
        }
        return [
            task("all", "all statements", isPart: false) { _ in true },
            task("diagnostic", "diagnostic statements", isPart: true) { $0.isDiagnostic },
            grouped("subclass", "diagnostic subclasses", set: "subclasses") { $0.subclass },
            grouped("superclass", "diagnostic superclasses", set: "superclasses") { $0.superclass },
            task("form", "form statements", set: "forms", isPart: true) { $0.isForm },
            task("rhythm", "rhythm statements", isPart: true) { $0.isRhythm },
        ]
    }

    /// The rows of `scp_statements.csv`.
    private struct Statements {
        struct Entry {
            var code: String
            var words: String
            var isDiagnostic: Bool
            var isForm: Bool
            var isRhythm: Bool
            var superclass: String
            var subclass: String
        }

        let entries: [Entry]
        let codes: Set<String>

        init(path: String) throws(RuntimeError) {
            let table = try CSVTable(path: path)
            let code = try table.column("")
            let words = try table.column("description")
            let kinds = (try table.column("diagnostic"), try table.column("form"), try table.column("rhythm"))
            let groups = (try table.column("diagnostic_class"), try table.column("diagnostic_subclass"))
            entries = table.rows.map { row in
                Entry(
                    code: row.fields[code], words: row.fields[words], isDiagnostic: Double(row.fields[kinds.0]) == 1,
                    isForm: Double(row.fields[kinds.1]) == 1, isRhythm: Double(row.fields[kinds.2]) == 1,
                    superclass: row.fields[groups.0], subclass: row.fields[groups.1])
            }
            codes = Set(entries.map(\.code))
            var seen: [String: Int] = [:]
            for row in table.rows { try table.requireNew(code, row, &seen) }
            guard !entries.isEmpty else { throw .badTable(file: path, problem: "has no statement; PTB-XL's has 71") }
        }
    }
}
