// One label's exams in order of their probability: every figure of it comes from one walk down this list.
// Sorted once; a bootstrap sample only changes how often each exam counts.

/// The exams of one label, most probable first.
///
/// - Memory: 13 bytes an exam. Cost: a walk takes about 3 ns an exam.
struct RankedLabel {
    /// Exams that state the label.
    var positives: Int { positiveExams.count }
    /// The probability at which F1 is largest, and from which on an exam would then be named; nil without a positive.
    private(set) var fMaxThreshold: Double?
    private let positiveExams: [Int]
    private let order: [Int32]
    private let probabilities: [Double]
    private let marks: [Mark]

    private struct Mark: OptionSet {
        let rawValue: UInt8
        static let positive = Mark(rawValue: 1)
        /// The model names the label at its own threshold.
        static let named = Mark(rawValue: 2)
        /// The next exam has a lower probability.
        static let endsTie = Mark(rawValue: 4)
        /// The next exam falls into another bin of the calibration error.
        static let endsBin = Mark(rawValue: 8)
    }

    /// Equal-width bins of the expected calibration error (Naeini, Cooper and Hauskrecht, AAAI 2015).
    static let binCount = 15

    /// - Parameters:
    ///   - probabilities: one for each exam, 0 to 1.
    ///   - stated: whether the exam's labels say so.
    ///   - named: whether the model says so at its own threshold.
    init(probabilities scores: [Double], stated: [Bool], named: [Bool]) {
        let sorted = scores.indices.sorted { scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1 }
        let bins = sorted.map { min(Self.binCount - 1, Int(scores[$0] * Double(Self.binCount))) }
        order = sorted.map(Int32.init)
        probabilities = sorted.map { scores[$0] }
        positiveExams = stated.indices.filter { stated[$0] }
        marks = sorted.indices.map { place in
            var mark: Mark = []
            let isLast = place == sorted.count - 1
            if stated[sorted[place]] { mark.insert(.positive) }
            if named[sorted[place]] { mark.insert(.named) }
            if isLast || scores[sorted[place + 1]] != scores[sorted[place]] { mark.insert(.endsTie) }
            if isLast || bins[place + 1] != bins[place] { mark.insert(.endsBin) }
            return mark
        }
        var best = 0.0
        var hits = 0
        var tied = 0
        for place in sorted.indices {
            hits += marks[place].contains(.positive) ? 1 : 0
            guard marks[place].contains(.endsTie), hits > tied else { continue }
            tied = hits
            let f1 = 2 * Double(hits) / Double(place + 1 + positives)
            if f1 > best { (best, fMaxThreshold) = (f1, probabilities[place]) }
        }
    }

    /// Every figure, exam i counting `weights[i]` times.
    func figures(weights: [UInt16]) -> Figures {
        var walk = Walk(positives: positiveExams.reduce(0) { $0 + Int(weights[$1]) })
        for place in marks.indices {
            let mark = marks[place]
            let weight = Int(weights[Int(order[place])])
            let hit = mark.contains(.positive) ? weight : 0
            walk.take(hit: hit, miss: weight - hit, probability: probabilities[place], isNamed: mark.contains(.named))
            if mark.contains(.endsTie) { walk.endTie() }
            if mark.contains(.endsBin) { walk.endBin() }
        }
        return walk.figures
    }

    /// What has been counted on the way down.
    private struct Walk {
        private let positives: Int
        private var hits = 0
        private var misses = 0
        private var tiedHits = 0
        private var tiedMisses = 0
        private var namedHits = 0
        private var namedMisses = 0
        /// Twice the pairs of a positive above a negative; a tie counts as half a pair.
        private var doubledPairs = 0
        private var precisions = 0.0
        private var fMax = 0.0
        private var squares = 0.0
        private var binError = 0.0
        private var binErrors = 0.0

        init(positives: Int) { self.positives = positives }

        mutating func take(hit: Int, miss: Int, probability: Double, isNamed: Bool) {
            hits += hit
            misses += miss
            if isNamed {
                namedHits += hit
                namedMisses += miss
            }
            let above = Double(miss) * probability
            let below = Double(hit) * (1 - probability)
            squares += above * probability + below * (1 - probability)
            binError += above - below
        }

        mutating func endTie() {
            let newHits = hits - tiedHits
            doubledPairs += (misses - tiedMisses) * (tiedHits + hits)
            tiedMisses = misses
            guard newHits > 0 else { return }
            tiedHits = hits
            precisions += Double(newHits) * Double(hits) / Double(hits + misses)
            fMax = max(fMax, 2 * Double(hits) / Double(hits + misses + positives))
        }

        mutating func endBin() {
            binErrors += binError.magnitude
            binError = 0
        }

        var figures: Figures {
            var figures = Figures()
            let count = Double(hits + misses)
            guard count > 0 else { return figures }
            figures[.brier] = squares / count
            figures[.ece] = binErrors / count
            if misses > 0 { figures[.specificity] = Double(misses - namedMisses) / Double(misses) }
            guard hits > 0 else { return figures }
            if misses > 0 { figures[.auroc] = Double(doubledPairs) / (2 * Double(hits) * Double(misses)) }
            figures[.auprc] = precisions / Double(hits)
            figures[.fMax] = fMax
            figures[.f1] = 2 * Double(namedHits) / Double(namedHits + namedMisses + hits)
            figures[.sensitivity] = Double(namedHits) / Double(hits)
            figures[.ppv] = namedHits + namedMisses > 0 ? Double(namedHits) / Double(namedHits + namedMisses) : 0
            return figures
        }
    }
}
