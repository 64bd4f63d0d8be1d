// SNOMED CT codes and the statements that answer them: models/snomed.csv, as it is in the program.
// Data rather than code, with a reason in each row, so that a reader who disagrees can change a line.

import CPrecordiaModel
package import PrecordiaHost

/// The table that gives SNOMED CT codes a meaning.
package struct SnomedTable: Sendable {
    /// A row of the table.
    package struct Row: Sendable {
        package var code: String
        /// Rows of one name are one label.
        package var name: String
        /// PTB-XL statements, any of which is the finding; none where PTB-XL has no such statement.
        package var statements: [String]
        /// The class of CPSC2018 that the row is, or nothing.
        package var cpsc2018: String
    }

    package let rows: [Row]
    /// The first row of a code: what it means in CinC's data sets.
    private let firstRow: [String: Int]

    /// The table that is part of the program.
    package static func shipped() throws(RuntimeError) -> SnomedTable {
        let bytes = UnsafeRawBufferPointer(start: precordia_snomed_table(), count: precordia_snomed_table_bytes())
        return try SnomedTable(CSVTable(path: "snomed.csv", bytes: Array(bytes)))
    }

    init(_ table: CSVTable) throws(RuntimeError) {
        let columns = (
            try table.column("snomed"), try table.column("name"), try table.column("statements"), try table.column("cpsc2018")
        )
        rows = table.rows.map { row in
            Row(
                code: row.fields[columns.0], name: row.fields[columns.1],
                statements: row.fields[columns.2].split(separator: ";").map(String.init), cpsc2018: row.fields[columns.3])
        }
        firstRow = Dictionary(rows.enumerated().map { ($1.code, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// One label for each name, in the table's order, over the first row of each code.
    func labels(_ model: ModelLabels) -> [JudgedLabel] {
        grouped(rows.enumerated().filter { firstRow[$1.code] == $0 }.map(\.element), by: \.name, model)
    }

    /// CPSC2018's nine classes; an exam may state them by name or by code.
    func cpsc2018Labels(_ model: ModelLabels) -> [JudgedLabel] {
        grouped(rows.filter { !$0.cpsc2018.isEmpty }, by: \.cpsc2018, model).map { label in
            var label = label
            (label.code, label.words) = (label.words, label.code)
            label.stated.insert(label.code)
            return label
        }
    }

    private func grouped(_ rows: [Row], by key: KeyPath<Row, String>, _ model: ModelLabels) -> [JudgedLabel] {
        var groups: [(name: String, rows: [Row])] = []
        for row in rows {
            if let index = groups.firstIndex(where: { $0.name == row[keyPath: key] }) {
                groups[index].rows.append(row)
            } else {
                groups.append((row[keyPath: key], [row]))
            }
        }
        return groups.map { name, rows in
            var statements: [String] = []
            for statement in rows.flatMap(\.statements) where !statements.contains(statement) { statements.append(statement) }
            return JudgedLabel(
                code: rows.map(\.code).joined(separator: "|"), words: name, stated: Set(rows.map(\.code)), source: model.any(of: statements)
            )
        }
    }
}
