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
        ClassCombination("ST", [71.3, 16.98, -15.854, -0.617, 16.197, -15.452, 0.000, 0.0579]),
        ClassCombination("SB", [71.3, -16.98, -6.994, 1.012, 7.101, -9.783, 0.000, 0.0564]),
        ClassCombination("SARR", [20, 65.25, -6.609, 8.652, -6.941, -2.274, 2.944, 0.1175]),
        ClassCombination("AF", [-0.4727, 0.2597, -7.916, 6.481, -3.949, -0.892, -0.764, 0.0537]),
        ClassCombination("1AVB", [164, 24.91, -7.354, 3.334, 0.461, -1.891, 5.029, 0.0798]),
        ClassCombination("SPR", [164, -24.91, -10.875, 2.903, 2.065, -2.535, 5.378, 0.0046]),
        ClassCombination("LAE", [130, 62.33, -5.436, -0.871, 4.288, -1.989, 1.166, 0.0442]),
        ClassCombination("RAE", [0.107, 0.04787, -13.004, 2.186, 5.385, -5.584, 7.944, 0.0065]),
        ClassCombination("LVH", [0.6977, 0.2953, -3.934, 2.930, -0.879, -1.959, 2.000, 0.1853]),
        ClassCombination("RVH", [-0.6095, 0.5098, -9.357, -3.211, 9.421, -5.004, -0.439, 0.0038]),
        ClassCombination("LAFB", [-0.7631, 0.4639, -7.768, -4.672, 13.745, -8.044, 5.259, 0.1426]),
        ClassCombination("LPFB", [-0.9322, 0.2618, -7.925, -7.347, 11.497, -1.461, -1.025, 0.0099]),
        ClassCombination("LQT", [430, 24.38, -6.573, 2.841, -2.115, 0.422, 2.716, 0.0163]),
        ClassCombination("LVOLT", [1.016, -0.4051, -9.259, 7.659, -3.524, -5.887, 4.852, 0.0341]),
        ClassCombination("LAD", [-0.7631, 0.4639, -9.535, -8.673, 21.784, -10.601, 7.342, 0.1062]),
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
