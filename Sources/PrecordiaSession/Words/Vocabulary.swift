// The words of a model: its statements and classes as text.
// The engine knows labels by number; whoever writes for a person or a file needs their names once, not at each event.

import PrecordiaReport

/// The labels and classes of one model, and how priorities are called.
package struct Vocabulary: Sendable {
    /// A statement that the model was trained on, or a label of another set.
    package struct Statement: Sendable {
        /// Short code, such as "AFIB".
        package var code: String
        /// In words, such as "atrial fibrillation".
        package var words: String
        /// The group it belongs to.
        package var group: String
        /// Probability from which it counts as said.
        package var threshold: Double
        /// Probability from which it may raise an alert, if it has a priority.
        package var alarmThreshold: Double
        /// 0 none ... 4 high.
        package var priority: UInt8

        /// Probability from which tables name it: rare statements have thresholds below what a person calls likely.
        package var shownFrom: Double { max(threshold, 0.05) }

        package init(code: String, words: String, group: String, threshold: Double, alarmThreshold: Double? = nil, priority: UInt8) {
            self.code = code
            self.words = words
            self.group = group
            self.threshold = threshold
            self.alarmThreshold = alarmThreshold ?? threshold
            self.priority = priority
        }
    }

    /// A class of another vocabulary that is derived from statements.
    package struct DerivedClass: Sendable {
        package var code: String
        package var words: String
        package var group: String
        /// How sure the class's definition is, as its table says: "confirmed", "implied" or "provisional".
        package var status: String
        /// Indexes of the labels it is the largest of; empty when the model does not cover it.
        package var sources: [Int]
        /// What those labels are worth: 0 not covered, 1 human labels, 2 weak machine labels.
        package var evidence: UInt8

        package init(code: String, words: String, group: String, status: String, sources: [Int], evidence: UInt8? = nil) {
            self.code = code
            self.words = words
            self.group = group
            self.status = status
            self.sources = sources
            self.evidence = evidence ?? (sources.isEmpty ? 0 : 1)
        }
    }

    /// Labels that belong together.
    package struct LabelSet: Sendable {
        /// "statements", "subclasses" and so on.
        package var name: String
        /// Indexes into ``Vocabulary/labels``.
        package var labels: Range<Int>

        package init(name: String, labels: Range<Int>) {
            self.name = name
            self.labels = labels
        }
    }

    /// Every label of the model.
    package let labels: [Statement]
    /// The sets that the labels fall into; the first are the statements.
    package let sets: [LabelSet]
    /// The labels of the first set: what events, alerts and tables are about.
    package let statements: [Statement]
    package let classes: [DerivedClass]

    /// A vocabulary whose first set are the statements. Traps without a set.
    package init(labels: [Statement], sets: [LabelSet], classes: [DerivedClass]) {
        self.labels = labels
        self.sets = sets
        self.classes = classes
        statements = Array(labels[sets[0].labels])
    }

    /// A vocabulary of statements alone.
    package init(statements: [Statement], classes: [DerivedClass]) {
        self.init(
            labels: statements, sets: [LabelSet(name: "statements", labels: statements.indices)], classes: classes)
    }

    /// A priority's name in files.
    package static func priorityName(_ priority: UInt8) -> String {
        "\(EventNames.priority(priority))"
    }

    /// A priority as a table shows it.
    package static func priorityMark(_ priority: UInt8) -> String {
        switch priority {
        case 1: "INFO"
        case 2: "LOW"
        case 3: "MEDIUM"
        case 4: "HIGH"
        default: ""
        }
    }

    /// The indexes of the `count` most probable statements, most probable first; equals in the model's order.
    package static func top(_ count: Int, of probabilities: [Float]) -> [Int] {
        let order = probabilities.indices.sorted {
            probabilities[$0] != probabilities[$1] ? probabilities[$0] > probabilities[$1] : $0 < $1
        }
        return Array(order.prefix(count))
    }
}
