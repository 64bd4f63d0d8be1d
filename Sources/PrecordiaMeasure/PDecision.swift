// Whether the beats have a P wave. Apart from the marks, because a wave can be marked anywhere, and a PR interval that is none is worse than none.

import PrecordiaSignal

/// Says whether a P wave belongs to each of a group's beats.
///
/// Three signs are weighed by a linear rule whose limit was set on the shared half of LUDB, with networks that had not seen the records (docs/measurements.md): how like each other the beats are where the
/// wave would be (waves of fibrillation are not), how sure the network is, and how irregular the intervals are.
struct PDecision {
    /// Above 0 there is one, below -0.8 there is none.
    let score: Float

    @_noAllocation @_noLocks
    init(likeness: Float?, certainty: Float, irregularity: Float) {
        // A single beat has nothing to be like: the network alone decides, and needs more.
        let alike = likeness ?? 0.7
        // Beats that are alike to the last detail have a wave there, be it one that the network has seldom seen, as before a long PR interval.
        score = 10 * (certainty - 0.72) + (alike > 0.8 ? 8 : 4) * (alike - 0.8) - 5 * most(0, irregularity - 0.1)
    }

    /// Nil where neither can be said. Of the exams that the limits were set on, those with P waves have -0.1 and more, those without -1.5 and less.
    var isPresent: Bool? { @_noAllocation @_noLocks get { score > 0 ? true : score < -0.8 ? false : nil } }
}
