// What is to be judged: exams with what was stated of them, and labels with where the model's answer to them lies.
// Every data set becomes this, so that running and scoring know nothing of layouts.

package import PrecordiaFormats
import PrecordiaSession

/// An exam of a data set and what its own labels say.
package struct StatedExam: Equatable, Sendable {
    /// The record's path.
    package var path: String
    /// Codes stated of it, in the data set's vocabulary.
    package var codes: Set<String>
    /// The group it belongs to, for each of the plan's groupings.
    package var groups: [String]
    /// Why `path`, a folder, has no exams to open; nil for a record.
    package var failure: RecordError?

    package init(path: String, codes: Set<String>, groups: [String] = [], failure: RecordError? = nil) {
        self.path = path
        self.codes = codes
        self.groups = groups
        self.failure = failure
    }
}

/// Where the model's answer to a label lies.
package enum ScoreSource: Equatable, Sendable {
    /// The largest probability of these labels of the model; named if one of them reaches its threshold.
    case labels([Int])
    /// The probability of this class of the model; named if one of its sources reaches its threshold.
    case modelClass(Int)
}

/// One label that exams either state or do not.
package struct JudgedLabel: Equatable, Sendable {
    /// Its code.
    package var code: String
    /// In words.
    package var words: String
    /// An exam states it when it states any of these codes.
    package var stated: Set<String>
    /// Nil where the model does not cover it.
    package var source: ScoreSource?

    /// What a table calls it: its code, or its words where the code is a bare number.
    package var shortName: String { code.utf8.allSatisfy { $0 == 0x7C || (0x30...0x39).contains($0) } ? words : code }

    package init(code: String, words: String, stated: Set<String>, source: ScoreSource?) {
        self.code = code
        self.words = words
        self.stated = stated
        self.source = source
    }
}

/// A set of labels that are judged together.
package struct EvaluationTask: Sendable {
    /// Its name in JSON and tables, such as "all".
    package var name: String
    /// What it is, in words.
    package var title: String
    package var labels: [JudgedLabel]
    /// Exams that state none of the labels do not count.
    package var needsLabel: Bool
    /// Its labels are a part of another task's, with the same answers, so that a table need not list them again.
    package var isPart = false

    package init(name: String, title: String, labels: [JudgedLabel], needsLabel: Bool, isPart: Bool = false) {
        self.name = name
        self.title = title
        self.labels = labels
        self.needsLabel = needsLabel
        self.isPart = isPart
    }
}

/// Records or rows that are not judged, and why. Nothing is left out without one.
package struct LeftOut: Equatable, Sendable {
    /// Why, as the end of "17 records: ".
    package var reason: String
    package var names: [String]

    package init(reason: String, names: [String]) {
        self.reason = reason
        self.names = names
    }
}

/// All that an evaluation needs to know of a data set.
package struct EvaluationPlan: Sendable {
    /// The data set as the command names it.
    package var dataset: String
    /// What was chosen of it, in words.
    package var title: String
    package var exams: [StatedExam]
    package var tasks: [EvaluationTask]
    /// Ways to divide the exams of the first task.
    package var groupings: [Grouping] = []
    package var leftOut: [LeftOut] = []
    /// How labels were understood, a sentence each.
    package var remarks: [String] = []

    package init(dataset: String, title: String, exams: [StatedExam], tasks: [EvaluationTask]) {
        self.dataset = dataset
        self.title = title
        self.exams = exams
        self.tasks = tasks
    }

    /// Whether some exam states a label that the model covers.
    var canBeJudged: Bool {
        let covered = tasks.flatMap(\.labels).filter { $0.source != nil }.reduce(into: Set<String>()) { $0.formUnion($1.stated) }
        return exams.contains { !$0.codes.isDisjoint(with: covered) }
    }

    /// Keeps the first `count` exams; the rest is left out and told.
    package mutating func limit(to count: Int) {
        guard exams.count > count else { return }
        leftOut.append(LeftOut(reason: "beyond --limit \(count)", names: exams[count...].map(\.path)))
        exams.removeLast(exams.count - count)
    }
}

/// The labels of a model by set and code.
struct ModelLabels {
    let vocabulary: Vocabulary
    private let sets: [String: [String: Int]]
    private let classes: [String: Int]

    init(_ vocabulary: Vocabulary) {
        self.vocabulary = vocabulary
        var sets: [String: [String: Int]] = [:]
        for set in vocabulary.sets {
            for index in set.labels where sets[set.name]?[vocabulary.labels[index].code] == nil {
                sets[set.name, default: [:]][vocabulary.labels[index].code] = index
            }
        }
        self.sets = sets
        classes = Dictionary(vocabulary.classes.enumerated().map { ($1.code, $0) }, uniquingKeysWith: { first, _ in first })
    }

    private var statements: [String: Int] { sets[vocabulary.sets[0].name] ?? [:] }

    /// Whether the model has a set of that name.
    func hasSet(_ name: String) -> Bool { sets[name] != nil }

    /// The label of that code in a set.
    func label(_ code: String, in set: String) -> Int? { sets[set]?[code] }

    /// Any of these statements; nil if the model has none of them.
    func any(of codes: [String]) -> ScoreSource? {
        let known = codes.compactMap { statements[$0] }
        return known.isEmpty ? nil : .labels(known)
    }

    /// The class of that code, in words, and where its answer lies.
    func modelClass(_ code: String) -> (words: String, source: ScoreSource?)? {
        guard let index = classes[code] else { return nil }
        let entry = vocabulary.classes[index]
        return (entry.words, entry.sources.isEmpty ? nil : .modelClass(index))
    }
}

extension Vocabulary {
    /// The labels that an answer is made of.
    func labels(of source: ScoreSource) -> [Int] {
        switch source {
        case .labels(let indexes): indexes
        case .modelClass(let index): classes[index].sources
        }
    }
}
