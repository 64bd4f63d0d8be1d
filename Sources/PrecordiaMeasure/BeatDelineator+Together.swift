// The marks of all leads together. Apart from the leads' own, because what counts as the whole beat's edge is a definition of its own.

import PrecordiaSignal

extension BeatDelineator {
    /// The second earliest beginning and the second latest end of the leads' marks, or the earliest and latest of fewer than four leads.
    ///
    /// The leads' marks of a median lie closer together than marks of single beats by hand; ``spread(_:)`` makes up for it.
    var together: WaveMarks {
        @_noAllocation @_noLocks get { makeTogether() }
    }

    private func makeTogether() -> WaveMarks {
        var all = WaveMarks()
        all.pOnset = edge(0)
        all.pEnd = edge(1)
        all.qrsOnset = edge(2)
        all.qrsEnd = edge(3)
        all.tEnd = edge(4)
        all.tOnset = edge(5)
        return all
    }

    private func edge(_ edge: Int) -> Float? {
        var sorted = InlineArray<12, Float>(repeating: 0)
        var kept = 0
        for lead in 0..<12 {
            guard let value = value(lead, edge) else { continue }
            var at = kept
            while at > 0, sorted[at - 1] > value {
                sorted[at] = sorted[at - 1]
                at &-= 1
            }
            sorted[at] = value
            kept &+= 1
        }
        guard kept > 0 else { return nil }
        let second = kept >= 4 ? 1 : 0
        return (edge == 0 || edge == 2 || edge == 5 ? sorted[second] : sorted[kept - 1 - second]) + (kept >= 4 ? Self.spread(edge) : 0)
    }

    private func value(_ lead: Int, _ edge: Int) -> Float? {
        switch edge {
        case 0: marks[lead].pOnset
        case 1: marks[lead].pEnd
        case 2: marks[lead].qrsOnset
        case 3: marks[lead].qrsEnd
        case 4: marks[lead].tEnd
        default: marks[lead].tOnset
        }
    }

    /// Milliseconds by which the edges of all leads together lie beyond the leads' own second ones (fitted on the shared half of LUDB).
    private static func spread(_ edge: Int) -> Float {
        switch edge {
        case 0: -2.3
        case 1: 5.6
        case 2: -2.2
        case 3: 7.6
        case 4: 12.7
        default: -8
        }
    }
}
