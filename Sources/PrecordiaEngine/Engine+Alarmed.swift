// What follows from alerts for what else may be said: nothing contradicts a rhythm that kills, and an alert of electrodes says which.
// Apart from the hop, because live view, lines and the C interface ask for it too.

import PrecordiaAlerts
import PrecordiaBeats
import PrecordiaNetwork
import PrecordiaQuality
import PrecordiaSignal

extension Engine {
    @_noAllocation @_noLocks
    func isAlarmed(_ condition: Condition) -> Bool { policy.priority(of: condition.rawValue) != .none }

    /// Whether asystole, or what looks like ventricular fibrillation or a ventricular run, is an alert now. The classifier has no say meanwhile: it has
    /// no word for these, and its nearest one would contradict the alarm.
    public var isLethalRhythmAlarmed: Bool {
        @_noAllocation @_noLocks get {
            isAlarmed(.asystole) || isAlarmed(.fibrillationSuspected) || isAlarmed(.ventricularRunSuspected)
        }
    }

    /// Beats a minute, or nil when it cannot be told. Of an asystole and of fibrillation there is none, whatever is counted; and below 100 a minute none
    /// of a ventricular run, which is faster.
    public var heartRate: Double? {
        @_noAllocation @_noLocks get {
            if isAlarmed(.asystole) || isAlarmed(.fibrillationSuspected) { return nil }
            guard let rate = beats.beatsPerMinute() else { return nil }
            return rate < 100 && isAlarmed(.ventricularRunSuspected) ? nil : rate
        }
    }

    /// Weighs the electrodes that were off since the last hop. While that is an alert it is told again with another one that comes off, and with those
    /// that are left when one has not been off for 10 s.
    @_noAllocation @_noLocks
    mutating func weighElectrodes() {
        off.formUnion(monitor.looseElectrodes)
        let condition = Condition.electrodeOff
        let wasAlarmed = isAlarmed(condition)
        let count = Float(off.rawValue.nonzeroBitCount)
        weigh(condition.rawValue, value: count, known: true, leads: off.affectedLeads.intersection(stream.leads), electrodes: off)
        guard wasAlarmed, isAlarmed(condition) else {
            toldOff = off
            recentOff = .empty
            recentHops = 0
            return
        }
        recentOff.formUnion(off)
        recentHops &+= 1
        let isLong = recentHops &* hop >= 10 &* model.rate
        let isMore = !off.subtracting(toldOff).isEmpty
        let isLess = isLong && !recentOff.isEmpty && recentOff != toldOff
        if isMore || isLess {
            toldOff = isMore ? toldOff.union(off) : recentOff
            let value = Float(toldOff.rawValue.nonzeroBitCount)
            tell(
                .raised, of: condition.rawValue, value: value, leads: toldOff.affectedLeads.intersection(stream.leads), electrodes: toldOff)
        }
        guard isLong else { return }
        recentOff = .empty
        recentHops = 0
    }
}
