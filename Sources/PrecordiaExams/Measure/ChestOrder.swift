// Whether the chest leads are in their order: neighbours look alike. Apart from the quality room, which hears limb leads contradict each other and cannot see this.

import PrecordiaSignal

extension MedianRecord {
    /// How far it is from V1 to V6 through the QRS complex in the best other order of two exchanged electrodes, as a part of the way in the order told; nil without all six.
    ///
    /// Leads next to each other on the chest look alike, so the way through the leads as they lie is the shortest one. Below 0.75 another order fits better: of 1,198 of PTB-XL's
    /// exams 0.8 % have that; of the same with two electrodes exchanged 59 % (V3, V4), 50 % (V2, V3), 24 % (V4, V5), 10 % (V1, V2), 1 % (V5, V6), 82 % (V2, V4), 75 % (V3, V5).
    package var chestOrder: Double? {
        guard let edges else { return nil }
        let chest = (6..<12).map { Array(values[$0][edges]) }
        guard chest.allSatisfy({ line in line.contains { $0 != 0 } }) else { return nil }
        let distances = chest.map { one in
            chest.map { other in zip(one, other).reduce(0.0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }.squareRoot() }
        }
        func way(_ order: [Int]) -> Double { zip(order, order.dropFirst()).reduce(0) { $0 + distances[$1.0][$1.1] } }
        let told = way([0, 1, 2, 3, 4, 5])
        guard told > 0 else { return nil }
        var best = Double.infinity
        for first in 0..<5 {
            for second in (first + 1)...min(5, first + 2) {
                var order = [0, 1, 2, 3, 4, 5]
                order.swapAt(first, second)
                best = min(best, way(order))
            }
        }
        return best / told
    }
}
