// A plan carried out: exams through the classifier, answers against what was stated, figures with intervals.
// The answers are those of `classify`, by the same code; nothing here computes a probability.

import PrecordiaExams
import PrecordiaFormats
package import PrecordiaHost
package import PrecordiaSession

/// What an evaluation found.
package struct Evaluation: Sendable {
    package var plan: EvaluationPlan
    package var model: ModelIdentity
    package var bootstrap: Bootstrap
    package var tasks: [TaskScore]
    /// The first task's alerting statements; nil where it has none.
    package var alarms: AlarmScore?
    /// The first task's exams in parts.
    package var subgroups: [SubgroupScore] = []
    /// Exams that were classified.
    package var examCount: Int
    /// Exams that could not be read, and why. They are in no figure.
    package var unread: [RuntimeError]
    /// Exams without any answer, judged by the probabilities that `classify` gives for them all the same.
    package var unknown: [String]
    /// Exams with quality faults but with an answer, judged like the others.
    package var faulty: Int
}

/// The figures of one task.
package struct TaskScore: Sendable {
    package var task: EvaluationTask
    /// Exams that count.
    package var exams: Int
    package var labels: [LabelScore]
    /// The labels' mean, over those that the model covers and some exam states.
    package var mean: Figures
    package var meanIntervals: [Figure: Interval]
    /// How many labels the mean is over.
    package var meanCount: Int
}

/// The figures of one label.
package struct LabelScore: Sendable {
    package var label: JudgedLabel
    /// Exams that state it.
    package var positives: Int
    package var figures: Figures
    package var intervals: [Figure: Interval]
    /// Codes of the model's labels that the answer is made of.
    package var answeredBy: [String]
    /// The threshold at which F1 is largest on these very exams.
    package var fMaxThreshold: Double?
    /// The model does not cover it, so that there is no figure.
    package var isCovered: Bool { label.source != nil }
}

extension Evaluation {
    /// How far the work is: done and all of `what`.
    package typealias Progress = (_ done: Int, _ total: Int, _ what: String) -> Void

    /// Classifies the plan's exams on `threads` threads and judges the answers.
    ///
    /// - Throws: ``RuntimeError/interrupted(file:)`` after Ctrl-C, ``RuntimeError/badTable(file:problem:)`` if no exam states any label.
    package static func run(
        _ plan: EvaluationPlan, model: LoadedModel, mendsLeads: Bool = true, threads: Int, bootstrap: Bootstrap,
        progress: Progress = { _, _, _ in }
    ) throws(RuntimeError) -> Evaluation {
        guard plan.canBeJudged else {
            throw .badTable(file: plan.title, problem: "no exam states a label that the model covers, so there is nothing to judge")
        }
        var evaluation = Evaluation(
            plan: plan, model: model.identity, bootstrap: bootstrap, tasks: [], examCount: 0, unread: [], unknown: [], faulty: 0)
        var answers: [ExamAnswer] = []
        let entries = plan.exams.map { RecordList.Entry(path: $0.path, failure: $0.failure) }
        let pool = OrderedJobs<ExamOutcome>(count: entries.count, threads: min(threads, max(1, entries.count)))
        var done = 0
        try pool.run(worker: { ExamClassifier.worker(model: model, mendsLeads: mendsLeads, entries: entries) }) {
            (outcome) throws(RuntimeError) in
            guard !Interrupt.isRequested else { throw .interrupted(file: plan.title) }
            evaluation.take(outcome, plan.exams[done], &answers)
            done += 1
            progress(done, entries.count, "exams")
        }
        guard !Interrupt.isRequested else { throw .interrupted(file: plan.title) }
        evaluation.examCount = answers.count
        guard !answers.isEmpty else {
            throw .badTable(
                file: plan.title, problem: "none of \(Text.counted(entries.count, "exam")) could be read: \(evaluation.unread[0])")
        }
        let scores = TaskScorer(vocabulary: model.vocabulary, answers: answers)
        let total = (plan.tasks.count + plan.groupings.reduce(0) { $0 + $1.groups.count }) * bootstrap.samples
        var samples = 0
        func drawn(_: Int) throws(RuntimeError) {
            guard !Interrupt.isRequested else { throw .interrupted(file: plan.title) }
            samples += 1
            progress(samples, total, "bootstrap samples")
        }
        for task in plan.tasks { evaluation.tasks.append(try scores.score(task, bootstrap, drawn: drawn)) }
        let alarms = scores.alarms(plan.tasks[0])
        evaluation.alarms = alarms.statements.isEmpty ? nil : alarms
        for (place, grouping) in plan.groupings.enumerated() {
            evaluation.subgroups.append(try scores.subgroups(grouping, place: place, plan.tasks[0], bootstrap, drawn: drawn))
        }
        return evaluation
    }

    private mutating func take(_ outcome: ExamOutcome, _ exam: StatedExam, _ answers: inout [ExamAnswer]) {
        switch outcome.result {
        case .failure(let error): unread.append(error)
        case .success(let result):
            if result.noAnswer != nil { unknown.append(exam.path) } else if result.quality != "good" { faulty += 1 }
            answers.append(
                ExamAnswer(
                    codes: exam.codes, groups: exam.groups, probabilities: result.probabilities,
                    classProbabilities: result.classProbabilities))
        }
    }
}

/// One exam's answers beside what was stated of it.
struct ExamAnswer {
    var codes: Set<String>
    var groups: [String]
    var probabilities: [Double]
    var classProbabilities: [Double?]
}

/// Turns answers into the figures of tasks.
struct TaskScorer {
    let vocabulary: Vocabulary
    let answers: [ExamAnswer]

    /// The exams that count for a task.
    func counted(_ task: EvaluationTask) -> [ExamAnswer] {
        guard task.needsLabel else { return answers }
        return answers.filter { exam in task.labels.contains { !$0.stated.isDisjoint(with: exam.codes) } }
    }

    /// The figures of one task; `drawn` is called after each bootstrap sample.
    func score(
        _ task: EvaluationTask, _ bootstrap: Bootstrap, drawn: (Int) throws(RuntimeError) -> Void
    ) throws(RuntimeError) -> TaskScore {
        let counted = counted(task)
        let ranked = task.labels.compactMap { label in label.source.map { rank(label, $0, counted) } }
        let ones = [UInt16](repeating: 1, count: counted.count)
        let figures = ranked.map { $0.figures(weights: ones) }
        let intervals = try bootstrap.intervals(ranked, exams: counted.count, drawn: drawn)
        var next = 0
        let labels = task.labels.map { label in
            guard let source = label.source else {
                let positives = counted.count { !label.stated.isDisjoint(with: $0.codes) }
                return LabelScore(label: label, positives: positives, figures: Figures(), intervals: [:], answeredBy: [])
            }
            defer { next += 1 }
            return LabelScore(
                label: label, positives: ranked[next].positives, figures: figures[next], intervals: intervals.labels[next],
                answeredBy: vocabulary.labels(of: source).map { vocabulary.labels[$0].code },
                fMaxThreshold: ranked[next].fMaxThreshold)
        }
        return TaskScore(
            task: task, exams: counted.count, labels: labels, mean: Figures.mean(figures), meanIntervals: intervals.mean,
            meanCount: ranked.count { $0.positives > 0 })
    }

    /// A label's exams in order.
    func rank(_ label: JudgedLabel, _ source: ScoreSource, _ exams: [ExamAnswer]) -> RankedLabel {
        RankedLabel(
            probabilities: exams.map { probability(source, $0) }, stated: exams.map { !label.stated.isDisjoint(with: $0.codes) },
            named: exams.map { isNamed(source, $0) })
    }

    private func probability(_ source: ScoreSource, _ exam: ExamAnswer) -> Double {
        switch source {
        case .labels(let indexes): indexes.reduce(0) { max($0, exam.probabilities[$1]) }
        case .modelClass(let index): exam.classProbabilities[index] ?? 0
        }
    }

    private func isNamed(_ source: ScoreSource, _ exam: ExamAnswer) -> Bool {
        vocabulary.labels(of: source).contains { exam.probabilities[$0] >= vocabulary.labels[$0].threshold }
    }
}
