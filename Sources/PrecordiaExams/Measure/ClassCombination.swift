// Classes that rest on both, the network and what is measured: the mean of what either says, as a probability.
// Apart from the criteria, which know nothing of the network, and from the network, which knows one country.

import PrecordiaSignal

/// How likely a class is by its measured value and by the network.
///
/// Both are laid on one scale, the logarithm of the odds, and their mean is the answer: the network is calibrated there, and the value was in turn by a line with two bends, fitted
/// on PTB-XL's folds 1 to 8 (`tools/criteria --fit`). The half is a choice and not fitted: a fit at home leans on the network, which does not travel (docs/code66.md).
package struct ClassCombination: Sendable {
    package let code: String
    /// The middle and the spread of the value, which is then -4 to 4.
    let middle: Double
    let spread: Double
    /// Logarithm of the odds: constant, slope, what the slope changes by from 0.5 and from 1.5 on, and what is added where the value is not known.
    let constant: Double
    let slope: Double
    let bend: Double
    let later: Double
    let unknown: Double
    /// The probability that 5 in 100 exams without the class reach: 95 % specificity on fold 9.
    package let threshold: Double

    private init(_ code: String, _ numbers: [Double]) {
        self.code = code
        (middle, spread, constant, slope) = (numbers[0], numbers[1], numbers[2], numbers[3])
        (bend, later, unknown, threshold) = (numbers[4], numbers[5], numbers[6], numbers[7])
    }

    /// The combinations, in the order of models/code66.csv; the numbers are those that `tools/criteria --fit` prints.
    package static let all = [
        // combinations: begin
        ClassCombination("ST", [71.27, 16.98, -16.018, -0.458, 16.119, -15.529, 0.000, 0.0580]),
        ClassCombination("SB", [71.27, -16.98, -6.987, 1.026, 7.081, -9.808, 0.000, 0.0568]),
        ClassCombination("SARR", [19.72, 64.77, -6.578, 8.476, -6.700, -2.339, 3.005, 0.1171]),
        ClassCombination("AF", [-0.473, 0.2562, -7.941, 6.235, -3.335, -1.425, 0.000, 0.0539]),
        ClassCombination("1AVB", [164, 25.22, -7.336, 3.378, 0.472, -2.072, 4.960, 0.0825]),
        ClassCombination("SPR", [164, -25.22, -8.789, -0.085, 4.502, -2.012, 3.137, 0.0044]),
        ClassCombination("LAE", [129.6, 62.99, -5.435, -0.873, 4.323, -2.117, 1.152, 0.0441]),
        ClassCombination("RAE", [0.107, 0.04927, -10.257, -1.099, 7.730, -4.707, 5.171, 0.0066]),
        ClassCombination("LVH", [0.698, 0.2942, -3.931, 2.920, -0.871, -1.952, 1.908, 0.1852]),
        ClassCombination("RVH", [-0.6095, 0.5093, -9.354, -3.201, 9.401, -4.993, -0.496, 0.0038]),
        ClassCombination("LAFB", [-0.763, 0.4637, -7.772, -4.686, 13.774, -8.061, 5.057, 0.1427]),
        ClassCombination("LPFB", [-0.932, 0.2608, -7.908, -7.252, 11.300, -1.352, 3.746, 0.0112]),
        ClassCombination("LQT", [430.2, 24.38, -6.561, 2.852, -2.132, 0.427, 2.704, 0.0163]),
        ClassCombination("LVOLT", [1.016, -0.4003, -9.231, 7.480, -3.310, -5.942, 4.342, 0.0343]),
        ClassCombination("LAD", [-0.763, 0.4637, -9.544, -8.692, 21.820, -10.609, 7.268, 0.1039]),
        // combinations: end
    ]

    /// The probability of the class, of the network's own and the value; nil is a value that is not known.
    package func probability(network: Double, value: Double?) -> Double {
        let bounded = max(1e-6, min(network, 1 - 1e-6))
        let odds = 0.5 * Self.logarithm(bounded / (1 - bounded)) + 0.5 * logit(value)
        return Arithmetic.logistic(odds)
    }

    /// The natural logarithm of a positive number by its series, the same on every processor.
    static func logarithm(_ x: Double) -> Double {
        let t = (x.significand - 1) / (x.significand + 1)
        var sum = 0.0
        var power = t
        for odd in stride(from: 1, through: 41, by: 2) {
            sum += power / Double(odd)
            power *= t * t
        }
        return 2 * sum + Double(x.exponent) * 0.6931471805599453
    }

    private func logit(_ value: Double?) -> Double {
        guard let value else { return constant + unknown }
        let z = max(-4, min((value - middle) / spread, 4))
        return constant + slope * z + bend * max(0, z - 0.5) + later * max(0, z - 1.5)
    }
}
