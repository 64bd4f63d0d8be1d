// How far the atria's beats reach the ventricles, and how long these take to recover: from the values and the places of the last beats.
// Apart from the monitor, which measures and judges nothing.

import PrecordiaBeats
import PrecordiaSignal

extension MeasureMonitor {
    /// The degree of a block between atria and ventricles in the last 10 s; nil where beats are not dropped and no P wave is seen before each.
    ///
    /// 0 none; 1 PR above 200 ms; 1.5 PR of 300 ms and more (marked first-degree block, ACC/AHA/HRS 2018); 2 where P waves that keep time are not all conducted
    /// (``Measurement/conduction``), or beats are dropped: among intervals that are else alike to 10 % one or more of 1.8 to 2.2 times their middle, a third of them at most and none of a
    /// ventricular beat, as a sinus node that leaves out a beat does too; 3 where two P waves in a row and more are not conducted, or none is.
    @_noAllocation @_noLocks
    public func conductionDegree() -> Float? {
        switch measurement.conduction {
        case .advanced, .complete: return 3
        case .wenckebach, .mobitz, .twoToOne: return 2
        case .unknown, .all, .isorhythmic: break
        }
        if dropsBeats() { return 2 }
        guard measurement.hasP == true, let pr = measurement.pr else { return nil }
        return pr >= 300 ? 1.5 : pr > 200 ? 1 : 0
    }

    /// Reads how P waves and beats go together, where the values leave it open: no P wave belongs to each beat, or one is not conducted, PR is long or beats come late.
    mutating func readConduction(_ group: Int) {
        guard let onset = measurement.marks.qrsOnset, let end = measurement.marks.qrsEnd, let rate = measurement.heartRate, rate < 110
        else {
            return
        }
        let isOpen = measurement.hasP != true || measurement.blockedP > 0 || (measurement.pr ?? 0) > 260 || hasPause
        guard isOpen, groups.count >= 4 else { return }
        let tEnd = measurement.marks.tEnd ?? end + 280
        let atria = AtrialRhythm(
            group: group, of: groups, median: median, steps: steps, qrs: (place(onset - 10), place(end + 16)), tEnd: place(tEnd + 24),
            scales: delineator.scales, kernel: kernel, memory: median.free.memory, capacity: median.free.capacity)
        guard atria.count > 0 else { return }
        let reading = ConductionReading(atria, groups, onset: place(onset), rate: steps.rate)
        measurement.conduction = reading.conduction
        if measurement.conduction == .all { believeP(group, middle: reading.meanDelay) }
        if measurement.conduction.isBlock { measurement.atrialRate = 60 * steps.rate / atria.interval }
    }

    /// Whether an interval is a third longer than the middle one.
    private var hasPause: Bool {
        guard let usual = groups.usualInterval else { return false }
        for index in 1..<groups.count where Float(groups.beats[index].found - groups.beats[index - 1].found) > 1.33 * usual { return true }
        return false
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
