// What is measured of an exam as columns beside its probabilities: numbers, and which classes a criterion gives it.
// Apart from MeasureText, whose rows are measurements alone.

import PrecordiaHost
import PrecordiaMeasure
import PrecordiaQuality
import PrecordiaSession

/// Columns of one exam, in the order of ``names``, as text without decimals but where a unit asks for them; empty for what is not known.
package struct MeasuredColumns: Equatable, Sendable {
    /// Values: rate in 1/min, times in ms, axes in degrees, voltages in mV, words where leads do not fit each other.
    package static let names = [
        "heartRate", "p", "pr", "qrs", "qt", "qtc", "pAxis", "qrsAxis", "tAxis", "pPresent", "sokolowLyon", "cornell", "leadFit",
    ]
    /// One column for each class that a criterion defines.
    package static let criteria = ClassCriteria.codes.map { "criterion:" + $0 }

    /// One for each class that both the network and a value say something of.
    package static let combined = ClassCombination.all.map { "combined:" + $0.code }

    package let values: [String]
    /// "1" where the criterion is met, "0" where it is not, empty where nobody can say.
    package let met: [String]
    /// By class that is combined its value and score; both nil of a model that does not have the class.
    package let scores: [Score]

    /// What a combined class came to.
    package struct Score: Equatable, Sendable {
        package let value: Double?
        package let score: Double?
        /// Whether the score reaches the class's threshold; nil without a score.
        package let isMet: Bool?
    }

    /// - Parameter network: the network's own probability of a class, nil where the model does not have it.
    package init(_ listing: MeasureListing, network: (String) -> Double? = { _ in nil }) {
        let own = listing.measurement
        func text(_ value: Float?, _ decimals: Int = 0) -> String { value.map { Text.fixed(Double($0), decimals: decimals) } ?? "" }
        values = [
            text(own.heartRate, 1), text(own.p), text(own.pr), text(own.qrs), text(own.qt), text(own.qtc()), text(own.pAxis),
            text(own.qrsAxis),
            text(own.tAxis), own.hasP.map { $0 ? "1" : "0" } ?? "", text(own.sokolowLyon, 3), text(own.cornell, 3),
            EventWords.misfit(listing.misfit),
        ]
        let criteria = ClassCriteria(listing)
        met = ClassCriteria.codes.map { criteria.isMet($0).map { $0 ? "1" : "0" } ?? "" }
        scores = ClassCombination.all.map { combination in
            let value = criteria.value(combination.code)
            guard let own = network(combination.code) else { return Score(value: value, score: nil, isMet: nil) }
            let score = combination.probability(network: own, value: value)
            return Score(value: value, score: score, isMet: score > combination.threshold)
        }
    }
}
