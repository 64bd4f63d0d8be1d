// Verdicts as text: CSV, JSON lines, a table for a person, or bit patterns for a comparison with the trainer.
// One place decides how a number is printed, so that the same exam gives the same bytes in every run.

package import PrecordiaHost
package import PrecordiaSession

/// How `classify` writes its rows.
package enum ExamFormat: String, CaseIterable, Sendable {
    case csv, json, table, bits
}

/// Which columns it writes.
package enum ExamColumns: Equatable, Sendable {
    /// The labels of one of ``Vocabulary/sets``.
    case set(Int)
    /// The classes derived from labels.
    case classes

    /// The model's own statements, its first set.
    package static var statements: ExamColumns { .set(0) }

    /// The columns that `name` stands for: a label set of the model, or "classes".
    ///
    /// - Throws: ``RuntimeError/badSetting(name:value:allowed:)`` with the names that this model has.
    package init(_ name: String, of model: LoadedModel) throws(RuntimeError) {
        let sets = model.vocabulary.sets
        if let index = sets.firstIndex(where: { $0.name == name }) {
            self = .set(index)
        } else if name == "classes" {
            self = .classes
        } else {
            let names = (sets.map { Text.printable($0.name) } + ["classes"]).joined(separator: ", ")
            throw .badSetting(name: "--labels", value: name, allowed: "model \(Text.printable(model.identity.name)) has \(names)")
        }
    }
}

/// Writes exams as rows of text.
package struct ExamRows: Sendable {
    private let vocabulary: Vocabulary
    private let format: ExamFormat
    private let columns: ExamColumns
    private let style: Style
    private let measures: Bool
    private let windows: Bool

    /// - Parameters:
    ///   - measures: whether columns of measurements and criteria follow.
    ///   - windows: whether a column says at which second a row's window begins.
    package init(
        vocabulary: Vocabulary, format: ExamFormat, columns: ExamColumns, measures: Bool = false, windows: Bool = false,
        style: Style = .plain
    ) {
        self.measures = measures
        self.windows = windows
        self.vocabulary = vocabulary
        self.format = format
        self.columns = columns
        self.style = style
    }

    private var codes: [String] {
        switch columns {
        case .set(let index): vocabulary.labels[vocabulary.sets[index].labels].map(\.code)
        case .classes: vocabulary.classes.map(\.code)
        }
    }

    private var extra: [String] { measures ? MeasuredColumns.names + MeasuredColumns.criteria + MeasuredColumns.combined : [] }

    /// The line above the rows, if the format has one.
    package var heading: String? {
        switch format {
        case .csv: (["record"] + (windows ? ["start"] : []) + ["windows", "quality"] + codes + extra).map(Text.csv).joined(separator: ",")
        case .bits: (["record"] + vocabulary.labels.map(\.code)).map(Text.csv).joined(separator: ",")
        case .json: nil
        case .table: style.paint("record                    windows  quality             statements", .faint)
        }
    }

    /// One record's row, or those of its windows, each with its line feed; empty where the format has no row for an error.
    package func row(_ outcome: ExamOutcome) -> [UInt8] {
        var bytes = one(outcome)
        for window in outcome.rest { bytes += one(ExamOutcome(record: outcome.record, result: .success(window))) }
        return bytes
    }

    private func one(_ outcome: ExamOutcome) -> [UInt8] {
        switch outcome.result {
        case .success(let result):
            switch format {
            case .csv: return line(csv(outcome.record, result))
            case .bits: return line(([Text.csv(outcome.record)] + result.logitBits.map(Self.hex)).joined(separator: ","))
            case .json: return json(outcome.record, result)
            case .table: return line(table(outcome.record, result))
            }
        case .failure(let error): return failure(outcome.record, error)
        }
    }

    private func values(_ result: ExamResult) -> [Double?] {
        switch columns {
        case .set(let index): result.probabilities[vocabulary.sets[index].labels].map { $0 }
        case .classes: result.classProbabilities
        }
    }

    private func csv(_ record: String, _ result: ExamResult) -> String {
        let cells = values(result).map { $0.map { Text.fixed($0, decimals: 6) } ?? "" }
        let measured =
            extra.isEmpty
            ? []
            : (result.measured.map { $0.values + $0.met + $0.scores.map { $0.isMet.map { $0 ? "1" : "0" } ?? "" } } ?? extra.map { _ in "" })
                .map(Text.csv)
        return ([Text.csv(record)] + start(result) + [String(result.windows), Text.csv(result.quality)] + cells + measured).joined(
            separator: ",")
    }

    /// The cell for a window's first second, where there is such a column.
    private func start(_ result: ExamResult?) -> [String] {
        windows ? [result?.start.map { Text.fixed($0, decimals: 0) } ?? ""] : []
    }

    private func json(_ record: String, _ result: ExamResult) -> [UInt8] {
        var line = JSONLine()
        line.add("record", record)
        if windows { line.add("start", result.start, decimals: 0) }
        line.add("windows", result.windows)
        line.add("quality", result.quality)
        line.add(columns == .classes ? "classes" : "probabilities") { inner in
            for (code, value) in zip(codes, values(result)) { inner.add(code, value, decimals: 6) }
        }
        if let measured = result.measured { add(measured, to: &line) }
        return line.line
    }

    private func add(_ measured: MeasuredColumns, to line: inout JSONLine) {
        line.add("measurements") { inner in
            for (name, value) in zip(MeasuredColumns.names, measured.values) {
                if name == "leadFit" { inner.add(name, value) } else { inner.add(name, raw: value.isEmpty ? "null" : value) }
            }
        }
        line.add("criteria") { inner in
            for (code, met) in zip(ClassCriteria.codes, measured.met) {
                inner.add(code, raw: met.isEmpty ? "null" : met == "1" ? "true" : "false")
            }
        }
        line.add("combined") { inner in
            for (combination, score) in zip(ClassCombination.all, measured.scores) {
                inner.add(combination.code) { own in
                    own.add("value", score.value, decimals: 3)
                    own.add("score", score.score, decimals: 6)
                    own.add("met", raw: score.isMet.map { $0 ? "true" : "false" } ?? "null")
                }
            }
        }
    }

    private func table(_ record: String, _ result: ExamResult) -> String {
        let quality = style.paint(Self.padded(result.quality, 20), result.quality == "good" ? .good : .medium)
        let statements = result.noAnswer.map { style.paint("no answer (\($0))", .medium) } ?? statements(result)
        return Self.name(record) + Self.padded(String(result.windows), 9) + quality + statements
    }

    private func statements(_ result: ExamResult) -> String {
        let values = values(result)
        let order = Vocabulary.top(values.count, of: values.map { Float($0 ?? -1) })
        let words: [String]
        var reached: [Int] = []
        switch columns {
        case .set(let index):
            let labels = Array(vocabulary.labels[vocabulary.sets[index].labels])
            words = labels.map(\.words)
            reached = order.filter { (values[$0] ?? 0) >= labels[$0].shownFrom }
        case .classes: words = vocabulary.classes.map(\.words)
        }
        let shown = (reached.isEmpty ? order : reached).prefix(3).filter { values[$0] != nil }
        let list = shown.map { "\(words[$0]) \(Text.percent(values[$0] ?? 0))" }.joined(separator: ", ")
        return reached.isEmpty && columns != .classes ? style.paint("none; closest: " + list, .faint) : list
    }

    private func failure(_ record: String, _ error: RuntimeError) -> [UInt8] {
        switch format {
        case .csv:
            return line(
                ([Text.csv(record)] + start(nil) + ["0", Text.csv("error: \(error)")] + (codes + extra).map { _ in "" }).joined(
                    separator: ","))
        case .json:
            var line = JSONLine()
            line.add("record", record)
            line.add("windows", 0)
            line.add("error", "\(error)")
            return line.line
        case .table: return line(Self.name(record) + Self.padded("0", 9) + style.paint("error: \(Text.printable("\(error)"))", .high))
        case .bits: return []
        }
    }

    private func line(_ text: String) -> [UInt8] { Array(text.utf8) + [0x0A] }

    private static func hex(_ bits: UInt32) -> String {
        let digits = String(bits, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// A record's name in 26 columns; of a long path the end, which tells records apart.
    private static func name(_ record: String) -> String {
        let text = Text.printable(record)
        return padded(text.count <= 24 ? text : "..." + text.suffix(21), 26)
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}
