// What the intervals between beats say of a group. Arithmetic on places alone.

import PrecordiaSignal

extension BeatGroups {
    /// The median time from a group's beats to the next ones, in steps; nil if no beat has one. Of all beats if the group's are the last.
    @_noAllocation @_noLocks
    func interval(after group: Int) -> Float? { medianInterval(of: group) ?? medianInterval(of: nil) }

    /// The median interval of all beats, in steps; nil with fewer than two.
    var usualInterval: Float? { @_noAllocation @_noLocks get { medianInterval(of: nil) } }

    private func medianInterval(of group: Int?) -> Float? {
        var sorted = InlineArray<48, Float>(repeating: 0)
        var kept = 0
        for index in 0..<count where index + 1 < count {
            if let group, Int(beats[index].group) != group { continue }
            insert(Float(beats[index + 1].found - beats[index].found), into: &sorted, &kept)
        }
        return middle(sorted, kept)
    }

    /// The median difference of successive intervals as a part of the median interval; 0 with fewer than three intervals.
    var irregularity: Float {
        @_noAllocation @_noLocks get {
            guard count > 3, let interval = medianInterval(of: nil), interval > 0 else { return 0 }
            var sorted = InlineArray<48, Float>(repeating: 0)
            var kept = 0
            for index in 2..<count {
                let last = beats[index].found - beats[index - 1].found
                let before = beats[index - 1].found - beats[index - 2].found
                insert(Float(last - before).magnitude, into: &sorted, &kept)
            }
            return (middle(sorted, kept) ?? 0) / interval
        }
    }

    private func insert(_ value: Float, into sorted: inout InlineArray<48, Float>, _ kept: inout Int) {
        var at = kept
        while at > 0, sorted[at - 1] > value {
            sorted[at] = sorted[at - 1]
            at &-= 1
        }
        sorted[at] = value
        kept &+= 1
    }

    private func middle(_ sorted: InlineArray<48, Float>, _ kept: Int) -> Float? {
        guard kept > 0 else { return nil }
        return kept & 1 == 1 ? sorted[kept >> 1] : 0.5 * (sorted[kept >> 1 - 1] + sorted[kept >> 1])
    }
}
