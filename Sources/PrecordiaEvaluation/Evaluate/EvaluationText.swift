// An evaluation as tables for a person, at most 110 columns wide.
// The JSON of the same evaluation has every figure; here stand those that fit and are asked for.

package import PrecordiaHost
import PrecordiaSession

/// Writes an evaluation as text.
package struct EvaluationText {
    private let evaluation: Evaluation
    private let style: Style

    package init(_ evaluation: Evaluation, style: Style = .plain) {
        self.evaluation = evaluation
        self.style = style
    }

    /// All lines.
    package var lines: [String] {
        heading + [""] + means + published + evaluation.tasks.filter { !$0.task.isPart }.flatMap { [""] + labels($0) } + alarms + subgroups
            + [""]
            + notes
    }

    private var heading: [String] {
        let plan = evaluation.plan
        let model = evaluation.model
        var lines = [
            style.paint(Text.printable(plan.title), .strong),
            "model \(Text.printable(model.name)) version \(model.version), \(model.hash.prefix(16))",
        ]
        var counts = Text.counted(evaluation.examCount, "exam") + " judged"
        if !evaluation.unknown.isEmpty { counts += "; \(evaluation.unknown.count) of them without an answer (unknown)" }
        if evaluation.faulty > 0 { counts += "; \(evaluation.faulty) with an answer and a fault of quality" }
        lines.append(counts)
        if !evaluation.unread.isEmpty {
            lines.append(style.paint("\(Text.counted(evaluation.unread.count, "exam")) could not be read, and are in no figure", .medium))
        }
        for left in plan.leftOut {
            lines.append("\(Text.grouped(left.names.count)) left out, \(Text.printable(left.reason)): \(Self.some(left.names))")
        }
        return lines
    }

    private static func some(_ names: [String]) -> String {
        let shown = names.prefix(3).map { Text.printable(String($0.split(separator: "/").last ?? "")) }.joined(separator: ", ")
        return names.count > 3 ? shown + ", ..." : shown
    }

    private var means: [String] {
        let heading = Self.cells(["macro", "labels", "exams", "AUROC", "AUPRC", "F-max", "F1", "Brier", "ECE"], Self.meanWidths)
        return [style.paint(heading, .faint)]
            + evaluation.tasks.map { score in
                Self.cells(
                    [
                        score.task.name, "\(score.meanCount)/\(score.task.labels.count)", Text.grouped(score.exams),
                        Self.number(score.mean[.auroc], score.meanIntervals[.auroc], decimals: 4),
                        Self.number(score.mean[.auprc], score.meanIntervals[.auprc], decimals: 3),
                        Self.number(score.mean[.fMax], score.meanIntervals[.fMax], decimals: 3),
                        Self.number(score.mean[.f1], decimals: 3), Self.number(score.mean[.brier], decimals: 4),
                        Self.number(score.mean[.ece], decimals: 4),
                    ], Self.meanWidths)
            }
    }

    private static let meanWidths = [11, 7, 7, 22, 19, 19, 6, 7, 7]

    private var published: [String] {
        guard evaluation.plan.dataset == "ptbxl" else { return [] }
        let widths = [18] + PublishedFigures.tasks.map { $0.count + 2 } + [20]
        let heading = Self.cells(["published"] + PublishedFigures.tasks + ["source"], widths)
        let rows = PublishedFigures.ptbxl.map { row in
            Self.cells([row.network] + row.macroAUROC.map { Text.fixed(Double($0) / 1000, decimals: 3) } + [row.source], widths)
        }
        let own = PublishedFigures.tasks.map { name in
            Self.number(evaluation.tasks.first { $0.task.name == name }?.mean[.auroc] ?? .nan, decimals: 3)
        }
        return ["", style.paint(heading, .faint)] + rows + [style.paint(Self.cells(["this run"] + own + ["int8"], widths), .strong)]
            + ["Published: macro AUROC of floating-point networks on fold 10. This run: \(Text.printable(evaluation.plan.title))."]
    }

    private func labels(_ score: TaskScore) -> [String] {
        let names = score.labels.map { String($0.label.shortName.prefix(24)) }
        let widths = [names.reduce(10) { max($0, $1.count) }, 5, 19, 19] + Array(repeating: 5, count: 8)
        let heading = Self.cells(
            ["", "pos", "AUROC", "AUPRC", "F-max", "at", "F1", "sens", "spec", "PPV", "Brier", "ECE"], widths)
        let rows = zip(score.labels, names).map { row, name in
            guard row.isCovered else {
                return Self.cells([name, "\(row.positives)"], widths) + " not covered by the model"
            }
            let figures = row.figures
            return Self.cells(
                [
                    name, "\(row.positives)", Self.number(figures[.auroc], row.intervals[.auroc], decimals: 3),
                    Self.number(figures[.auprc], row.intervals[.auprc], decimals: 3), Self.number(figures[.fMax], decimals: 3),
                    Self.number(row.fMaxThreshold ?? .nan, decimals: 3), Self.number(figures[.f1], decimals: 3),
                    Self.number(figures[.sensitivity], decimals: 3), Self.number(figures[.specificity], decimals: 3),
                    Self.number(figures[.ppv], decimals: 3), Self.number(figures[.brier], decimals: 3),
                    Self.number(figures[.ece], decimals: 3),
                ], widths)
        }
        return [style.paint(score.task.title, .strong), style.paint(heading, .faint)] + rows
    }

    private var alarms: [String] {
        guard let alarms = evaluation.alarms else { return [] }
        let widths = [10, 12, 9, 6, 6, 6]
        let heading = Self.cells(["", "priority", "from", "pos", "found", "false"], widths)
        let rows = alarms.statements.map { row in
            Self.cells(
                [
                    row.code, Vocabulary.priorityName(row.priority), Text.fixed(row.threshold, decimals: 3), "\(row.positives)",
                    "\(row.found)", "\(row.falsely)",
                ], widths)
        }
        return ["", style.paint("alerting statements at their alarm thresholds", .strong), style.paint(heading, .faint)] + rows
            + ["Of \(Text.counted(alarms.quiet, "exam")) that state none of these, \(alarms.disturbed) reach a threshold."]
    }

    private var subgroups: [String] {
        let widths = [16, 6, 7, 7, 22, 8, 8]
        return evaluation.subgroups.flatMap { score in
            let heading = Self.cells(
                ["by \(score.kind)", "exams", "labels", "AUROC", "of \(score.shared.count) shared", "alarmed", "stated"], widths)
            let rows = score.groups.map { group in
                Self.cells(
                    [
                        String(group.name.prefix(widths[0])), Text.grouped(group.exams), "\(group.labels)",
                        Self.number(group.auroc, decimals: 4), Self.number(group.sharedAUROC, group.interval, decimals: 4),
                        Self.number(group.alarmed, decimals: 3), Self.number(group.alertingStated, decimals: 3),
                    ], widths)
            }
            return ["", style.paint(heading, .faint)] + rows
        }
    }

    private var notes: [String] {
        let bootstrap = evaluation.bootstrap
        let intervals =
            bootstrap.samples > 0
            ? "In brackets 95 % intervals of \(Text.grouped(bootstrap.samples)) bootstrap samples of exams, seed \(bootstrap.seed)."
            : "No intervals: --bootstrap 0."
        return evaluation.plan.remarks
            + [
                "Macro: the mean over labels that the model covers and some exam states. " + intervals,
                "F-max and its threshold are chosen on these exams; F1, sens, spec and PPV are at the model's own thresholds.",
                "ECE: expected calibration error, \(RankedLabel.binCount) bins of equal width. Not a medical device.",
            ].map { style.paint(Text.printable($0), .faint) }
    }

    private static func number(_ value: Double, _ interval: Interval? = nil, decimals: Int) -> String {
        guard !value.isNaN else { return "-" }
        guard let interval else { return Text.fixed(value, decimals: decimals) }
        return Text.fixed(value, decimals: decimals) + " [" + Text.fixed(interval.low, decimals: decimals) + "-"
            + Text.fixed(interval.high, decimals: decimals) + "]"
    }

    /// Cells in columns of these widths: the first to the left, the others to the right, a blank between.
    private static func cells(_ texts: [String], _ widths: [Int]) -> String {
        var line = ""
        for (index, (text, width)) in zip(texts, widths).enumerated() {
            let blanks = String(repeating: " ", count: max(0, width - text.count))
            line += index == 0 ? text + blanks : " " + blanks + text
        }
        return line
    }
}
