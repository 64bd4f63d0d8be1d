// PTB-XL's tables as a plan: the six published tasks and the CODE classes, over chosen folds.
// The protocol is that of Strodthoff et al., IEEE J. Biomed. Health Inform. 2021 (arXiv 2004.13701).

import CPrecordiaModel
import Foundation

/// Reads PTB-XL 1.0.x: `ptbxl_database.csv`, `scp_statements.csv`, and records at 100 and 500 Hz.
public enum PTBXLDataset {
    /// What is to be judged of the set.
    ///
    /// A statement of any likelihood counts as stated, 0 included, which in PTB-XL means "not given".
    /// - Parameters:
    ///   - folder: the one with the two tables.
    ///   - folds: of column `strat_fold`, 1 to 10.
    ///   - rate: 100 or 500 hertz.
    /// - Throws: ``RuntimeError/cannotRead(file:reason:)`` or ``RuntimeError/badTable(file:problem:)``.
    public static func plan(folder: String, folds: Set<Int>, rate: Int, vocabulary: Vocabulary) throws(RuntimeError) -> EvaluationPlan {
        let statements = try Statements(path: folder + "/scp_statements.csv")
        let exams = try exams(of: CSVTable(path: folder + "/ptbxl_database.csv"), in: folder, folds: folds, rate: rate, statements)
        let names = folds.sorted().map(String.init).joined(separator: ", ")
        let title = "PTB-XL, \(folds.count == 1 ? "fold" : "folds") \(names), \(rate) Hz"
        let model = ModelLabels(vocabulary)
        var plan = EvaluationPlan(dataset: "ptbxl", title: title, exams: exams, tasks: tasks(statements, model))
        plan.tasks.append(try ClassTable.shipped().task(model))
        plan.remarks = [
            "A statement of any likelihood counts as stated. For each task only exams count that state one of its labels (Strodthoff 2021).",
            "Subclass and superclass: the largest probability of their statements.",
            "CODE classes: stated means that one of the class's PTB-XL statements is; classes without any are not judged.",
        ]
        return plan
    }

    private static func exams(
        of table: CSVTable, in folder: String, folds: Set<Int>, rate: Int, _ statements: Statements
    ) throws(RuntimeError) -> [StatedExam] {
        let fold = try table.column("strat_fold")
        let codes = try table.column("scp_codes")
        let name = try table.column(rate == 100 ? "filename_lr" : "filename_hr")
        var exams: [StatedExam] = []
        var found: Set<Int> = []
        for row in table.rows {
            guard let number = Double(row.fields[fold]).flatMap(Int.init(exactly:)), (1...10).contains(number) else {
                throw table.error(row, "strat_fold is \(Text.printable(row.fields[fold])); 1 to 10 are right")
            }
            found.insert(number)
            guard folds.contains(number) else { continue }
            guard let stated = scpCodes(row.fields[codes]) else {
                throw table.error(
                    row, "scp_codes is \(Text.printable(row.fields[codes])); a list such as {'NORM': 100.0, 'SR': 0.0} is right")
            }
            if let unknown = stated.first(where: { !statements.codes.contains($0) }) {
                throw table.error(row, "scp_codes has \(Text.printable(unknown)), which scp_statements.csv does not hold")
            }
            exams.append(StatedExam(path: folder + "/" + row.fields[name], codes: Set(stated)))
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

    /// The codes of a field such as `{'NORM': 100.0, 'SR': 0.0}`; nil if it is none.
    static func scpCodes(_ field: String) -> [String]? {
        let text = field.trimmingCharacters(in: .whitespaces)
        guard text.hasPrefix("{"), text.hasSuffix("}"), text.count >= 2 else { return nil }
        let inner = text.dropFirst().dropLast().trimmingCharacters(in: .whitespaces)
        guard !inner.isEmpty else { return [] }
        var codes: [String] = []
        for part in inner.split(separator: ",", omittingEmptySubsequences: false) {
            let pair = part.split(separator: ":", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
            guard pair.count == 2, Double(pair[1]) != nil, pair[0].count > 2, pair[0].hasPrefix("'"), pair[0].hasSuffix("'") else {
                return nil
            }
            codes.append(String(pair[0].dropFirst().dropLast()))
        }
        return codes
    }

    private static func tasks(_ statements: Statements, _ model: ModelLabels) -> [EvaluationTask] {
        func task(_ name: String, _ title: String, isPart: Bool, _ kept: (Statements.Entry) -> Bool) -> EvaluationTask {
            let labels = statements.entries.filter(kept).map {
                JudgedLabel(code: $0.code, words: $0.words, stated: [$0.code], source: model.statement($0.code))
            }
            return EvaluationTask(name: name, title: title, labels: labels, needsLabel: true, isPart: isPart)
        }
        func grouped(_ name: String, _ title: String, by group: (Statements.Entry) -> String) -> EvaluationTask {
            var members: [(String, [String])] = []
            for entry in statements.entries where entry.isDiagnostic && !group(entry).isEmpty {
                if let index = members.firstIndex(where: { $0.0 == group(entry) }) {
                    members[index].1.append(entry.code)
                } else {
                    members.append((group(entry), [entry.code]))
                }
            }
            let labels = members.map { code, codes in
                JudgedLabel(code: code, words: codes.joined(separator: ", "), stated: Set(codes), source: model.any(of: codes))
            }
            return EvaluationTask(name: name, title: title, labels: labels, needsLabel: true)
        }
        return [
            task("all", "all statements", isPart: false) { _ in true },
            task("diagnostic", "diagnostic statements", isPart: true) { $0.isDiagnostic },
            grouped("subclass", "diagnostic subclasses") { $0.subclass },
            grouped("superclass", "diagnostic superclasses") { $0.superclass },
            task("form", "form statements", isPart: true) { $0.isForm },
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
            guard !entries.isEmpty else { throw .badTable(file: path, problem: "has no statement; PTB-XL's has 71") }
        }
    }
}

/// The CODE classes and the PTB-XL statements that human readers gave for each.
struct ClassTable {
    let table: CSVTable

    /// models/code66.csv, as it is in the program.
    static func shipped() throws(RuntimeError) -> ClassTable {
        let bytes = UnsafeRawBufferPointer(start: precordia_class_table(), count: precordia_class_table_bytes())
        return ClassTable(table: try CSVTable(path: "code66.csv", bytes: Array(bytes)))
    }

    /// The classes that the model has and PTB-XL's readers have statements for.
    func task(_ model: ModelLabels) throws(RuntimeError) -> EvaluationTask {
        let code = try table.column("label")
        let statements = try table.column("ptbxl_scp")
        let labels: [JudgedLabel] = table.rows.compactMap { row in
            let stated = row.fields[statements].split(separator: ";").map(String.init)
            guard !stated.isEmpty, let found = model.modelClass(row.fields[code]) else { return nil }
            return JudgedLabel(code: row.fields[code], words: found.words, stated: Set(stated), source: found.source)
        }
        return EvaluationTask(name: "code", title: "CODE classes with human labels", labels: labels, needsLabel: false)
    }
}
