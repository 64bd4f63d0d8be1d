// An evaluation as one line of JSON with every figure and every name; docs/evaluate.md has its schema.
// Apart from the tables, because programs depend on its keys.

import PrecordiaHost
import PrecordiaSession

/// Writes an evaluation as JSON.
package struct EvaluationJSON {
    private let evaluation: Evaluation

    package init(_ evaluation: Evaluation) { self.evaluation = evaluation }

    /// One object and a line feed.
    package var line: [UInt8] {
        var line = JSONLine()
        let plan = evaluation.plan
        line.add("dataset", plan.dataset)
        line.add("title", plan.title)
        line.add("model") { inner in
            inner.add("name", evaluation.model.name)
            inner.add("version", evaluation.model.version)
            inner.add("sha256", evaluation.model.hash)
        }
        line.add("exams") { inner in
            inner.add("judged", evaluation.examCount)
            inner.add("unknown", evaluation.unknown)
            inner.add("faulty", evaluation.faulty)
            inner.add("unread", evaluation.unread.map { "\($0)" })
        }
        line.add("left_out", plan.leftOut) { inner, left in
            inner.add("reason", left.reason)
            inner.add("names", left.names)
        }
        line.add("remarks", plan.remarks)
        line.add("bootstrap") { inner in
            inner.add("samples", evaluation.bootstrap.samples)
            inner.add("seed", raw: String(evaluation.bootstrap.seed))
        }
        line.add("ece_bins", RankedLabel.binCount)
        line.add("tasks", evaluation.tasks) { inner, score in Self.add(score, to: &inner) }
        if let alarms = evaluation.alarms { line.add("alarms") { Self.add(alarms, to: &$0) } }
        line.add("subgroups", evaluation.subgroups) { inner, score in Self.add(score, to: &inner) }
        if plan.dataset == "ptbxl" {
            line.add("published", PublishedFigures.ptbxl) { inner, row in
                inner.add("network", row.network)
                inner.add("source", row.source)
                inner.add("macro_auroc") { figures in
                    for (task, value) in zip(PublishedFigures.tasks, row.macroAUROC) {
                        figures.add(task, Double(value) / 1000, decimals: 3)
                    }
                }
            }
        }
        return line.line
    }

    private static func add(_ score: TaskScore, to line: inout JSONLine) {
        line.add("task", score.task.name)
        line.add("title", score.task.title)
        line.add("exams", score.exams)
        line.add("macro") { inner in
            inner.add("labels", score.meanCount)
            add(score.mean, score.meanIntervals, to: &inner)
        }
        line.add("labels", score.labels) { inner, row in
            inner.add("code", row.label.code)
            inner.add("words", row.label.words)
            inner.add("stated", row.label.stated.sorted())
            inner.add("positives", row.positives)
            inner.add("covered", row.isCovered)
            guard row.isCovered else { return }
            inner.add("answered_by", row.answeredBy)
            inner.add("f_max_threshold", row.fMaxThreshold, decimals: 6)
            add(row.figures, row.intervals, to: &inner)
        }
    }

    private static func add(_ alarms: AlarmScore, to line: inout JSONLine) {
        line.add("quiet", alarms.quiet)
        line.add("disturbed", alarms.disturbed)
        line.add("statements", alarms.statements) { inner, row in
            inner.add("code", row.code)
            inner.add("words", row.words)
            inner.add("priority", Vocabulary.priorityName(row.priority))
            inner.add("threshold", row.threshold, decimals: 6)
            inner.add("positives", row.positives)
            inner.add("found", row.found)
            inner.add("false", row.falsely)
        }
    }

    private static func add(_ score: SubgroupScore, to line: inout JSONLine) {
        line.add("kind", score.kind)
        line.add("shared", score.shared)
        line.add("groups", score.groups) { inner, group in
            inner.add("group", group.name)
            inner.add("exams", group.exams)
            inner.add("labels", group.labels)
            inner.add("auroc", group.auroc, decimals: 6)
            inner.add("shared_auroc", group.sharedAUROC, decimals: 6)
            inner.add("interval", raw: group.interval.map(text) ?? "null")
            inner.add("alerting_stated", group.alertingStated, decimals: 6)
            inner.add("alarmed", group.alarmed, decimals: 6)
        }
    }

    private static func text(_ interval: Interval) -> String {
        "[\(Text.fixed(interval.low, decimals: 6)),\(Text.fixed(interval.high, decimals: 6))]"
    }

    /// Each figure by name, and under "interval" its two ends; null where it is undefined.
    private static func add(_ figures: Figures, _ intervals: [Figure: Interval], to line: inout JSONLine) {
        for figure in Figure.allCases { line.add(figure.name, figures[figure], decimals: 6) }
        line.add("interval") { inner in
            for figure in Figure.allCases {
                guard let interval = intervals[figure] else { continue }
                inner.add(figure.name, raw: text(interval))
            }
        }
    }
}
