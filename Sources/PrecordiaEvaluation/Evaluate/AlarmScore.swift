// Alerting statements at the thresholds from which they may raise an alert, which are not those from which they are named.
// Apart from the tasks' figures: an alarm is judged by what it finds and by how often it disturbs for nothing.

import PrecordiaSession

/// How alerting statements fare at their alarm thresholds: one answer an exam, without the engine's persistence over several.
package struct AlarmScore: Sendable {
    /// One alerting statement.
    package struct Statement: Sendable {
        package var code: String
        package var words: String
        /// 1 information ... 4 high.
        package var priority: UInt8
        /// Its alarm threshold, a probability.
        package var threshold: Double
        /// Exams that state it.
        package var positives: Int
        /// Of these, how many reach the threshold.
        package var found: Int
        /// How many others reach it.
        package var falsely: Int
    }

    package var statements: [Statement]
    /// Exams that state none of them.
    package var quiet: Int
    /// Of these, how many reach a threshold all the same.
    package var disturbed: Int
}

/// One of a task's labels that is an alerting statement of the model.
struct AlarmLabel {
    var label: JudgedLabel
    var statement: Vocabulary.Statement
    private let index: Int

    init?(_ label: JudgedLabel, _ vocabulary: Vocabulary) {
        guard case .labels(let indexes)? = label.source, indexes.count == 1, vocabulary.labels[indexes[0]].priority > 0 else { return nil }
        self.label = label
        index = indexes[0]
        statement = vocabulary.labels[index]
    }

    func isStated(of exam: ExamAnswer) -> Bool { !label.stated.isDisjoint(with: exam.codes) }

    func isRaised(by exam: ExamAnswer) -> Bool { exam.probabilities[index] >= statement.alarmThreshold }
}

extension TaskScorer {
    /// The task's labels that alert.
    func alarmLabels(_ task: EvaluationTask) -> [AlarmLabel] { task.labels.compactMap { AlarmLabel($0, vocabulary) } }

    /// The task's alerting statements on the exams that count for it.
    func alarms(_ task: EvaluationTask) -> AlarmScore {
        let exams = counted(task)
        let labels = alarmLabels(task)
        let statements = labels.map { each in
            let stated = exams.filter(each.isStated)
            let found = stated.count(where: each.isRaised)
            return AlarmScore.Statement(
                code: each.label.code, words: each.label.words, priority: each.statement.priority, threshold: each.statement.alarmThreshold,
                positives: stated.count, found: found, falsely: exams.count(where: each.isRaised) - found)
        }
        let quiet = exams.filter { exam in !labels.contains { $0.isStated(of: exam) } }
        let disturbed = quiet.count { exam in labels.contains { $0.isRaised(by: exam) } }
        return AlarmScore(statements: statements, quiet: quiet.count, disturbed: disturbed)
    }
}
