// Figures of parts of the exams, as by age, so that a mean over all cannot hide whom the model serves worse.
// Apart from the tasks: the same labels and answers, on fewer exams.

import PrecordiaHost

/// A way to divide exams, and its groups in the order in which they are shown.
package struct Grouping: Equatable, Sendable {
    /// What it divides by, such as "age".
    package var kind: String
    package var groups: [String]

    package init(kind: String, groups: [String]) {
        self.kind = kind
        self.groups = groups
    }

    /// Groups of fewer exams are not compared with others of their kind: few labels would be left for all.
    static let fewestExams = 100
}

/// The figures of one grouping.
package struct SubgroupScore: Sendable {
    /// One group.
    package struct Group: Sendable {
        package var name: String
        package var exams: Int
        /// Labels with at least ``SubgroupScore/fewestPositives`` exams that state them, and one that does not.
        package var labels: Int
        /// Macro AUROC over these labels. Other groups have other labels, so it is not to be compared.
        package var auroc: Double
        /// Macro AUROC over the labels that all compared groups have; not a number where the group is too small.
        package var sharedAUROC: Double
        package var interval: Interval?
        /// Share of exams that state an alerting statement.
        package var alertingStated: Double
        /// Share of exams that reach an alarm threshold.
        package var alarmed: Double
    }

    package var kind: String
    /// Codes of the labels that all compared groups have.
    package var shared: [String]
    package var groups: [Group]

    /// Positives that a label needs within a group.
    package static let fewestPositives = 5
}

extension TaskScorer {
    /// The task's exams divided by the `place`-th grouping of the plan; groups without an exam are left out.
    func subgroups(
        _ grouping: Grouping, place: Int, _ task: EvaluationTask, _ bootstrap: Bootstrap, drawn: (Int) throws(RuntimeError) -> Void
    ) throws(RuntimeError) -> SubgroupScore {
        let alarms = alarmLabels(task)
        let exams = counted(task)
        let parts = grouping.groups.map { name in (name: name, exams: exams.filter { $0.groups[place] == name }) }.filter {
            !$0.exams.isEmpty
        }
        let ranked = parts.map { rankable(task, $0.exams) }
        let large = parts.indices.filter { parts[$0].exams.count >= Grouping.fewestExams }
        let codes = task.labels.map(\.code).filter { code in large.count > 1 && large.allSatisfy { ranked[$0][code] != nil } }
        var groups: [SubgroupScore.Group] = []
        for (index, part) in parts.enumerated() {
            let ones = [UInt16](repeating: 1, count: part.exams.count)
            let all = task.labels.compactMap { ranked[index][$0.code] }
            let shared = large.contains(index) ? codes.compactMap { ranked[index][$0] } : []
            let interval = shared.isEmpty ? nil : try bootstrap.intervals(shared, exams: part.exams.count, drawn: drawn).mean[.auroc]
            func share(_ isOne: (AlarmLabel, ExamAnswer) -> Bool) -> Double {
                Double(part.exams.count { exam in alarms.contains { isOne($0, exam) } }) / Double(part.exams.count)
            }
            groups.append(
                SubgroupScore.Group(
                    name: part.name, exams: part.exams.count, labels: all.count,
                    auroc: Figures.mean(all.map { $0.figures(weights: ones) })[.auroc],
                    sharedAUROC: Figures.mean(shared.map { $0.figures(weights: ones) })[.auroc], interval: interval,
                    alertingStated: share { $0.isStated(of: $1) }, alarmed: share { $0.isRaised(by: $1) }))
        }
        return SubgroupScore(kind: grouping.kind, shared: codes, groups: groups)
    }

    /// The covered labels that enough of these exams state, and one does not, by code.
    private func rankable(_ task: EvaluationTask, _ exams: [ExamAnswer]) -> [String: RankedLabel] {
        var found: [String: RankedLabel] = [:]
        for label in task.labels {
            guard let source = label.source else { continue }
            let ranked = rank(label, source, exams)
            if ranked.positives >= SubgroupScore.fewestPositives, ranked.positives < exams.count { found[label.code] = ranked }
        }
        return found
    }
}
