// The figures by which a classifier is judged, by name; what each means is in docs/evaluate.md.
// One list, so that the table, the JSON, the means and the intervals hold the same ones.

/// A figure of one label, or the mean over labels.
package enum Figure: Int, CaseIterable, Sendable {
    case auroc, auprc, fMax, f1, sensitivity, specificity, ppv, brier, ece

    /// Its name in JSON.
    package var name: String {
        switch self {
        case .auroc: "auroc"
        case .auprc: "auprc"
        case .fMax: "f_max"
        case .f1: "f1"
        case .sensitivity: "sensitivity"
        case .specificity: "specificity"
        case .ppv: "ppv"
        case .brier: "brier"
        case .ece: "ece"
        }
    }
}

/// One value for each figure; not a number where it is undefined.
package struct Figures: Equatable, Sendable {
    private var values = SIMD16<Double>(repeating: .nan)

    package init() {}

    package subscript(figure: Figure) -> Double {
        get { values[figure.rawValue] }
        set { values[figure.rawValue] = newValue }
    }

    /// The mean of each figure over the labels that have positives and, for AUROC and specificity, negatives.
    static func mean(_ labels: [Figures]) -> Figures {
        var mean = Figures()
        let counted = labels.filter { !$0[.sensitivity].isNaN }
        for figure in Figure.allCases {
            let defined = counted.lazy.map { $0[figure] }.filter { !$0.isNaN }
            var sum = 0.0
            var count = 0
            for value in defined {
                sum += value
                count += 1
            }
            if count > 0 { mean[figure] = sum / Double(count) }
        }
        return mean
    }
}

/// The middle 95 % of a figure's bootstrap values.
package struct Interval: Equatable, Sendable {
    package var low: Double
    package var high: Double

    /// The 2.5th and 97.5th percentile of the values that are numbers, between two of them linear; nil without any.
    init?(_ values: [Double]) {
        let sorted = values.filter { !$0.isNaN }.sorted()
        guard !sorted.isEmpty else { return nil }
        func percentile(_ share: Double) -> Double {
            let place = share * Double(sorted.count - 1)
            let below = Int(place)
            let above = min(below + 1, sorted.count - 1)
            return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
        }
        low = percentile(0.025)
        high = percentile(0.975)
    }
}
