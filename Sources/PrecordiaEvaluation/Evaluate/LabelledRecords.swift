// Any folder of WFDB records with a table of labels: how a hospital judges the model on its own exams.
// The table's codes are the model's, CODE's or SNOMED CT's; only labels that occur in it are judged.

import PrecordiaFormats
package import PrecordiaHost
package import PrecordiaSession

/// Reads a folder of records and a CSV with the columns `record` and `codes`.
package enum LabelledRecords {
    /// What is to be judged.
    ///
    /// `record` is a record's path within the folder or, where that is unique, its name; with or without `.hea`. `codes` are divided by
    /// semicolons or blanks; an empty field states that none of the table's labels applies. A code is looked for among the model's
    /// statements, its classes, its other sets of labels, and SNOMED CT, in this order; `classes:PAC` names the set.
    /// - Throws: ``RuntimeError/cannotRead(file:reason:)``, or ``RuntimeError/badTable(file:problem:)`` with the line.
    package static func plan(folder: String, labels path: String, vocabulary: Vocabulary) throws(RuntimeError) -> EvaluationPlan {
        let table = try CSVTable(path: path)
        let columns = (record: try table.column("record"), codes: try table.column("codes"))
        let entries = try RecordFolder.entries(folder)
        let records = RecordNames(entries.filter { $0.failure == nil }.map(\.path), in: folder)
        let codes = KnownCodes(ModelLabels(vocabulary), try SnomedTable.shipped())
        var exams: [String: StatedExam] = [:]
        var lines: [String: Int] = [:]
        var labels: [JudgedLabel] = []
        var withoutRecord: [String] = []
        for row in table.rows {
            let stated = row.fields[columns.codes].split { $0 == ";" || $0 == " " }.map(String.init)
            for code in stated where !labels.contains(where: { $0.stated.contains(code) }) {
                guard let label = codes.label(code) else {
                    throw table.error(
                        row,
                        "code \(Text.printable(code)) is no label or class of the model and no known SNOMED CT code; "
                            + "'precordia inspect' lists those of the model")
                }
                labels.append(label)
            }
            let name = row.fields[columns.record]
            guard let found = try records.path(name, table, row) else {
                withoutRecord.append(name)
                continue
            }
            if let first = lines.updateValue(row.line, forKey: found) {
                throw table.error(
                    row, "record \(Text.printable(name)) has a row already, on line \(first); one row with all codes is right")
            }
            exams[found] = StatedExam(path: found, codes: Set(stated))
        }
        guard !exams.isEmpty else {
            throw .badTable(file: path, problem: "none of \(Text.counted(table.rows.count, "row")) names a record of \(folder)")
        }
        let task = EvaluationTask(name: "records", title: "labels of \(path)", labels: labels, needsLabel: false)
        let judged = entries.compactMap { entry in
            entry.failure.map { StatedExam(path: entry.path, codes: [], failure: $0) } ?? exams[entry.path]
        }
        var plan = EvaluationPlan(dataset: "records", title: folder, exams: judged, tasks: [task])
        let withoutRow = records.paths.filter { exams[$0] == nil }
        if !withoutRow.isEmpty { plan.leftOut.append(LeftOut(reason: "without a row in the table", names: withoutRow)) }
        if !withoutRecord.isEmpty { plan.leftOut.append(LeftOut(reason: "of the table without a record", names: withoutRecord)) }
        plan.remarks = ["Judged are the labels that occur in the table; an exam that does not state one counts as not having it."]
        plan.remarks += twins(labels)
        return plan
    }

    /// A remark on codes with one and the same answer, such as AFIB and SNOMED CT's 164889003: each counts against the other.
    private static func twins(_ labels: [JudgedLabel]) -> [String] {
        labels.indices.compactMap { index in
            let label = labels[index]
            guard label.source != nil, let first = labels[..<index].first(where: { $0.source == label.source }) else { return nil }
            let codes = (Text.printable(first.code), Text.printable(label.code))
            return "\(codes.0) and \(codes.1) have the same answer and are judged apart: an exam that states one counts as not having "
                + "the other. If they mean the same, write one of them for both."
        }
    }

    /// A folder's records by path and by name.
    private struct RecordNames {
        let paths: [String]
        private var byName: [String: [String]] = [:]

        init(_ paths: [String], in folder: String) {
            self.paths = paths
            let prefix = folder.hasSuffix("/") ? folder : folder + "/"
            for path in paths {
                let inside = path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path
                byName[inside, default: []].append(path)
                if let slash = inside.lastIndex(of: "/") { byName[String(inside[inside.index(after: slash)...]), default: []].append(path) }
            }
        }

        /// The record that a row names; nil if there is none.
        func path(_ name: String, _ table: CSVTable, _ row: CSVTable.Row) throws(RuntimeError) -> String? {
            guard !name.isEmpty else { throw table.error(row, "no record is named; a record's path within the folder is right") }
            let found = byName[name] ?? (name.hasSuffix(".hea") ? byName[String(name.dropLast(4))] : nil) ?? []
            guard found.count < 2 else {
                throw table.error(
                    row,
                    "\(Text.printable(name)) is the name of \(found.count) records, such as \(found[0]) and \(found[1]); "
                        + "the path within the folder is right")
            }
            return found.first
        }
    }

    /// What a code of the table may be.
    private struct KnownCodes {
        private let model: ModelLabels
        private let snomed: [JudgedLabel]

        init(_ model: ModelLabels, _ snomed: SnomedTable) {
            self.model = model
            self.snomed = snomed.labels(model)
        }

        /// The label that a code means; nil for an unknown code.
        func label(_ code: String) -> JudgedLabel? {
            let parts = code.split(separator: ":", maxSplits: 1).map(String.init)
            guard parts.count == 2 else {
                let sets = model.vocabulary.sets.map(\.name)
                return [sets[0], "classes"].lazy.compactMap { label(code, in: $0, stated: code) }.first
                    ?? sets.dropFirst().lazy.compactMap { label(code, in: $0, stated: code) }.first
                    ?? snomed.first { $0.stated.contains(code) }
            }
            return label(parts[1], in: parts[0], stated: code)
        }

        private func label(_ code: String, in set: String, stated: String) -> JudgedLabel? {
            if set == "classes" {
                return model.modelClass(code).map { JudgedLabel(code: stated, words: $0.words, stated: [stated], source: $0.source) }
            }
            return model.label(code, in: set).map {
                JudgedLabel(code: stated, words: model.vocabulary.labels[$0].words, stated: [stated], source: .labels([$0]))
            }
        }
    }
}
