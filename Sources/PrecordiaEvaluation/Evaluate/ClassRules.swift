// What of PTB-XL and 12SL means each CODE class: models/code66-sources.csv, as it is in the program.
// The trainer reads the same table by the same rules (tools/train, code66.py), so a model is judged by what it was taught.

import CPrecordiaModel
import Glibc
import PrecordiaHost

/// The table of sources, applied to one record after the other.
struct ClassRules {
    /// What a class's labels rest on.
    enum Evidence { case human, machine }

    /// A criterion on what is measured is no label: PrecordiaExams answers it (ClassCriteria).
    private enum Source: String { case ptbxl, column = "ptbxl-column", machine = "12sl", criterion, none }
    private enum Role: String { case positive, require, exclude, compare, unused, criterion }

    private struct Row {
        var source: Source
        var role: Role
        var code: String
        /// Codes that must all be there.
        var codes: Set<String>
    }

    private struct Class {
        var code: String
        var rows: [Row] = []

        var evidence: Evidence? {
            guard let first = rows.first(where: { $0.role == .positive }) else { return nil }
            return first.source == .machine ? .machine : .human
        }
    }

    private var classes: [Class] = []

    /// A statement given with less than even odds is no positive; 0 means "stated, likelihood unknown" and is one.
    private static let likelihood = 50.0
    private static let normal = "NORMAL"

    /// The table that is part of the program.
    static func shipped() throws(RuntimeError) -> ClassRules {
        let bytes = UnsafeRawBufferPointer(start: precordia_class_table(), count: precordia_class_table_bytes())
        return try ClassRules(CSVTable(path: "code66-sources.csv", bytes: Array(bytes)))
    }

    init(_ table: CSVTable) throws(RuntimeError) {
        let places = (try table.column("class"), try table.column("source"), try table.column("code"), try table.column("role"))
        for line in table.rows {
            guard let source = Source(rawValue: line.fields[places.1]), let role = Role(rawValue: line.fields[places.3]) else {
                throw table.error(line, "source \(line.fields[places.1]) or role \(line.fields[places.3]) is unknown")
            }
            let code = line.fields[places.2]
            let row = Row(source: source, role: role, code: code, codes: Set(code.split(separator: " ").map(String.init)))
            if classes.last?.code != line.fields[places.0] { classes.append(Class(code: line.fields[places.0])) }
            classes[classes.count - 1].rows.append(row)
        }
    }

    /// Classes that a criterion defines, in the table's order.
    var criteria: [String] { classes.filter { $0.rows.contains { $0.role == .criterion } }.map(\.code) }

    /// The code by which an exam states a class, apart from statements of the same name.
    static func stated(_ code: String) -> String { "classes:" + code }

    /// The places of PTB-XL's columns that the rules read.
    func columns(of table: CSVTable) throws(RuntimeError) -> [String: Int] {
        var places: [String: Int] = [:]
        for row in classes.flatMap(\.rows) where row.source == .column && row.role != .unused && row.role != .compare {
            let name = Self.columnName(row.code)
            places[name] = try table.column(name)
        }
        return places
    }

    private static func columnName(_ code: String) -> String { String(code.prefix { $0 != "=" && $0 != "~" }) }

    /// The classes of one record. NORMAL goes last and both ways: a human who states it overrules a machine's label of any class, and what
    /// is stated beside it overrules NORMAL.
    ///
    /// - Parameters:
    ///   - human: PTB-XL's statements with their likelihoods.
    ///   - cells: fields of PTB-XL's table by column.
    ///   - machine: 12SL's codes, a set for each sentence; nil where its table is not there.
    func classes(human: [String: Double], cells: [String: String], machine: [Set<String>]?) -> Set<String> {
        let statements = Set(human.filter { $0.value == 0 || $0.value >= Self.likelihood }.keys)
        func holds(_ row: Row) -> Bool {
            switch row.source {
            case .ptbxl: row.codes.isSubset(of: statements)
            case .column: Self.holds(row.code, cells)
            case .machine: machine?.contains { row.codes.isSubset(of: $0) } ?? false
            case .criterion, .none: false
            }
        }
        func any(_ role: Role, of entry: Class) -> Bool { entry.rows.contains { $0.role == role && holds($0) } }
        let found = classes.filter { entry in
            let needs = entry.rows.contains { $0.role == .require }
            return any(.positive, of: entry) && !any(.exclude, of: entry) && (!needs || any(.require, of: entry))
        }
        let isNormal = found.contains { $0.code == Self.normal }
        let kept = Set(found.filter { !isNormal || $0.evidence != .machine }.map(\.code))
        return kept.count > 1 ? kept.subtracting([Self.normal]) : kept
    }

    /// `column` (not empty), `column=text` (equal) or `column~WORD` (holds the word, in any case).
    private static func holds(_ code: String, _ cells: [String: String]) -> Bool {
        let column = columnName(code)
        let cell = (cells[column] ?? "").withoutOuterSpaces
        let rest = code.dropFirst(column.count)
        switch rest.first {
        case "=": return cell == rest.dropFirst()
        case "~": return cell.uppercased().split { !$0.isLetter }.contains { $0 == rest.dropFirst().uppercased() }
        default: return !cell.isEmpty
        }
    }

    /// The model's classes whose labels rest on that evidence.
    func task(_ evidence: Evidence, _ model: ModelLabels) -> EvaluationTask {
        let labels: [JudgedLabel] = classes.filter { $0.evidence == evidence }.compactMap { entry in
            model.modelClass(entry.code).map { found in
                JudgedLabel(code: entry.code, words: found.words, stated: [Self.stated(entry.code)], source: found.source)
            }
        }
        return evidence == .human
            ? EvaluationTask(name: "code", title: "CODE classes with human labels", labels: labels, needsLabel: false)
            : EvaluationTask(
                name: "code-12sl", title: "CODE classes with labels of a machine, 12SL: agreement, not accuracy", labels: labels,
                needsLabel: false)
    }
}

/// 12SL's statements of PTB-XL's records, from PTB-XL+.
struct MachineStatements {
    /// Codes by `ecg_id`, a set for each sentence.
    let sentences: [Int: [Set<String>]]
    private let path: String

    /// `12sl_statements.csv` of a folder, if it is there.
    static func beside(_ folder: String) throws(RuntimeError) -> MachineStatements? {
        let path = folder + "/12sl_statements.csv"
        return access(path, F_OK) == 0 ? try MachineStatements(CSVTable(path: path)) : nil
    }

    init(_ table: CSVTable) throws(RuntimeError) {
        let (number, codes) = (try table.column("ecg_id"), try table.column("statements_cat"))
        var sentences: [Int: [Set<String>]] = [:]
        var seen: [String: Int] = [:]
        for row in table.rows {
            try table.requireNew(number, row, &seen)
            guard let id = Int(row.fields[number]) else {
                throw table.error(row, "ecg_id is \(Text.printable(row.fields[number])); a number is right")
            }
            let items = PythonText.items(row.fields[codes], from: "[", to: "]")
            let texts = items?.compactMap { PythonText.unquoted($0) }
            guard let texts, texts.count == items?.count else {
                throw table.error(
                    row, "statements_cat is \(Text.printable(row.fields[codes])); a list such as ['NSR', 'LAD;LAFB'] is right")
            }
            sentences[id] = texts.map { Set($0.split(separator: ";").map(String.init)) }
        }
        self.sentences = sentences
        path = table.path
    }

    /// A record of PTB-XL is not in the table.
    func missing(_ id: Int) -> RuntimeError {
        .badTable(file: path, problem: "has no row of ecg_id \(id); every record of PTB-XL is expected")
    }
}
