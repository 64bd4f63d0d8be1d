// Criteria of two chambers at once and of early repolarisation: several limits together. Apart from the single limits.

import PrecordiaMeasure
import PrecordiaSignal

extension ClassCriteria {
    /// Right: P above 0.25 mV in II. Left: inverted by 0.1 mV and more in V1, or of 120 ms and more, which are 130 of ours.
    var bothAtria: Bool? {
        guard let hasP = values.hasP else { return nil }
        guard hasP else { return false }
        guard let second = lead(.II)?.p, let first = lead(.V1)?.p, let duration = values.p else { return nil }
        return second > 0.25 && (first <= -0.1 || duration >= Self.wide)
    }

    /// Left hypertrophy by voltage, and an axis of 90 and more, or R and S of 5 mV together in V2, V3 or V4, neither below a quarter of it (Katz and Wachtel).
    var bothVentricles: Bool? {
        guard let hypertrophy else { return nil }
        guard hypertrophy else { return false }
        if axis(90...180, { true }) == true { return true }
        var isKnown = false
        for place in [Lead.V2, .V3, .V4] {
            guard let own = lead(place) else { continue }
            isKnown = true
            let (up, down) = (own.r ?? 0, -(own.s ?? 0))
            if up + down >= 5, min(up, down) >= 0.25 * (up + down) { return true }
        }
        return isKnown ? false : nil
    }

    /// J of 0.1 mV and more in two neighbours of the inferior or lateral wall, rising into an upright T, of a narrow complex. Notches and slurs are not looked for.
    var earlyRepolarisation: Bool? {
        guard narrow, values.qrs != nil else { return values.qrs == nil ? nil : false }
        // What is lowered elsewhere tells an infarct's elevation.
        if let st, st.depression >= 1 { return false }
        let pairs: [(Lead, Lead)] = [(.II, .aVF), (.aVF, .III), (.I, .aVL), (.V4, .V5), (.V5, .V6)]
        var isKnown = false
        for (first, second) in pairs {
            guard let one = lead(first), let other = lead(second) else { continue }
            isKnown = true
            if rises(one), rises(other) { return true }
        }
        return isKnown ? false : nil
    }

    private func rises(_ own: LeadMeasurement) -> Bool { (own.j ?? 0) >= 0.1 && (own.slope ?? -1) >= 0 && (own.t ?? 0) >= 0.1 }
}
