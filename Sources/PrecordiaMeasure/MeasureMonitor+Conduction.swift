// How far the atria's beats reach the ventricles, and how long these take to recover: from the values and the places of the last beats.
// Apart from the monitor, which measures and judges nothing.

import PrecordiaBeats
import PrecordiaSignal

extension MeasureMonitor {
    /// The degree of a block between atria and ventricles in the last 10 s; nil where beats are not dropped and no P wave is seen before each.
    ///
    /// 0 none; 1 PR above 200 ms; 1.5 PR of 300 ms and more (marked first-degree block, ACC/AHA/HRS 2018); 2 where beats are dropped: among intervals that are else alike
    /// to 10 % one or more of 1.8 to 2.2 times their middle, a third of them at most and none of a ventricular beat. A sinus node that leaves out a beat looks the same, because
    /// the P wave in the pause is not looked for. A block of each second beat, one whose PR grows so much that the pause is shorter, and a complete one are not seen here.
    @_noAllocation @_noLocks
    public func conductionDegree() -> Float? {
        if dropsBeats() { return 2 }
        guard measurement.hasP == true, let pr = measurement.pr else { return nil }
        return pr >= 300 ? 1.5 : pr > 200 ? 1 : 0
    }

    private func dropsBeats() -> Bool {
        guard beatCount >= 5 else { return false }
        var sorted = InlineArray<48, Int64>(repeating: 0)
        var number = 0
        for index in 1..<beatCount {
            let later = beat(index)
            guard case .usual = later.kind, case .usual = beat(index - 1).kind else { return false }
            let interval = later.position - beat(index - 1).position
            var place = number
            while place > 0, sorted[place - 1] > interval {
                sorted[place] = sorted[place - 1]
                place &-= 1
            }
            sorted[place] = interval
            number &+= 1
        }
        let middle = Double(sorted[(number - 1) / 2])
        var dropped = 0
        for index in 1..<beatCount {
            let part = Double(beat(index).position - beat(index - 1).position) / middle
            let isLong = part >= 1.8 && part <= 2.2
            if isLong { dropped &+= 1 }
            if !isLong, part < 0.9 || part > 1.1 { return false }
        }
        return dropped > 0 && 3 &* dropped <= number
    }

    /// QTc for a limit, milliseconds: of a complex longer than 120 ms less what it is longer, because that is no recovery (after Rautaharju 2009, by JT).
    @_noAllocation @_noLocks
    public func limitedQTc(_ formula: QTFormula = .fridericia) -> Float? {
        guard let qtc = measurement.qtc(formula), let qrs = measurement.qrs else { return nil }
        return qrs > 120 ? qtc - (qrs - 120) : qtc
    }
}
