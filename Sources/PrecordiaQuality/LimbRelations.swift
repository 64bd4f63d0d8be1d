// Einthoven's and Goldberger's relations on products of the limb leads: which change would make them hold.
// Apart from LeadFit, which gathers the products second by second.

import PrecordiaSignal

/// What the products of the six limb leads say.
struct LimbRelations {
    private let products: UnsafePointer<Double>

    @_noAllocation @_noLocks
    init(_ products: UnsafePointer<Double>) { self.products = products }

    /// That the leads fit as they are, the one change that makes them fit best, or that none does.
    @_noAllocation @_noLocks
    func misfit(limit: Double) -> LeadMisfit {
        var scale = InlineArray<6, Double>(repeating: 1)
        var order: InlineArray<6, Int> = [0, 1, 2, 3, 4, 5]
        var found = LeadMisfit()
        var best = worst(scale, order)
        if best < limit { return found }
        best = limit
        for a in 0..<6 {
            let own: UInt16 = 1 &<< UInt16(truncatingIfNeeded: a)
            scale[a] = -1
            if worst(scale, order) < best {
                best = worst(scale, order)
                found = told(.inverted, LeadSet(rawValue: own))
            }
            let right = bestScale(a)
            scale[a] = right
            if right > 1e-5, worst(scale, order) < best {
                best = worst(scale, order)
                found = told(.scaled, LeadSet(rawValue: own))
                found.factor = Float(1 / right)
            }
            scale[a] = 1
            for b in 0..<a {
                (order[a], order[b]) = (b, a)
                if worst(scale, order) < best {
                    best = worst(scale, order)
                    found = told(.exchanged, LeadSet(rawValue: own | 1 &<< UInt16(truncatingIfNeeded: b)))
                }
                (order[a], order[b]) = (a, b)
            }
        }
        if !found.leads.isEmpty { return found }
        return told(isScaledEach(limit) ? .scaledEach : .unknown, .limb)
    }

    private func told(_ kind: LeadMisfit.Kind, _ leads: LeadSet) -> LeadMisfit {
        var found = LeadMisfit()
        found.kind = kind
        found.leads = leads
        return found
    }

    /// The weight of a lead in one of the four relations.
    private func weight(_ relation: Int, _ lead: Int) -> Double {
        switch (relation, lead) {
        case (0, 0), (0, 2): 1
        case (0, 1), (2, 0), (3, 1): -1
        case (1, 3), (2, 4), (3, 5): 1
        case (1, 0), (1, 1), (2, 1), (3, 0): 0.5
        default: 0
        }
    }

    /// The largest part of the mean energy that one of the four misses, with leads taken from other places and scaled.
    private func worst(_ scale: InlineArray<6, Double>, _ order: InlineArray<6, Int>) -> Double {
        var energy = 0.0
        for lead in 0..<6 { energy += scale[lead] * scale[lead] * products[7 &* order[lead]] }
        guard energy > 0 else { return 0 }
        var worst = 0.0
        for relation in 0..<4 {
            var missed = 0.0
            for a in 0..<6 {
                let own = weight(relation, a) * scale[a]
                if own == 0 { continue }
                for b in 0..<6 { missed += own * weight(relation, b) * scale[b] * products[6 &* order[a] &+ order[b]] }
            }
            if missed > worst { worst = missed }
        }
        return 6 * worst / energy
    }

    /// The scale of one lead that makes all four miss least: the bottom of a parabola.
    private func bestScale(_ lead: Int) -> Double {
        var square = 0.0
        var mixed = 0.0
        for relation in 0..<4 {
            let own = weight(relation, lead)
            square += own * own * products[7 &* lead]
            for other in 0..<6 where other != lead { mixed += own * weight(relation, other) * products[6 &* lead &+ other] }
        }
        return square > 0 ? -mixed / square : 0
    }

    /// Whether III, aVR, aVL and aVF are each some sum of I and II.
    private func isScaledEach(_ limit: Double) -> Bool {
        let ones = products[0], both = products[1], twos = products[7]
        let determinant = ones * twos - both * both
        guard determinant > 1e-6 * ones * twos else { return false }
        for lead in 2..<6 {
            let one = products[lead], two = products[6 &+ lead], own = products[7 &* lead]
            let a = (one * twos - two * both) / determinant
            let b = (two * ones - one * both) / determinant
            if own - a * one - b * two > limit * own { return false }
        }
        return true
    }
}
