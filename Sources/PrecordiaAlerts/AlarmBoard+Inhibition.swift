// Which alarms hold others back, and which are given back when one is over.
// Apart from the rest of the board, because here alarms meet each other.

extension AlarmBoard {
    /// Whether another holds this one back. One that had been shown is not held back by what is less urgent.
    @_noAllocation @_noLocks
    func isHeldBack(_ condition: Int) -> Bool {
        let alarm = alarms[condition]
        for other in 0..<conditions where other != condition && alarms[other].isActive && !alarms[other].isInhibited {
            guard alarms[other].rule.inhibits(condition) else { continue }
            if !(alarm.isInhibited && alarm.wasShown && alarm.priority.isAbove(alarms[other].priority)) { return true }
        }
        return false
    }

    /// What this one outranks goes out of sight while it lasts; what is shown already and more urgent does not.
    @_noAllocation @_noLocks
    mutating func holdBackOthers(of condition: Int, _ time: Int64) {
        guard !alarms[condition].isInhibited else { return }
        for other in 0..<conditions where other != condition && alarms[other].isActive && !alarms[other].isInhibited {
            guard alarms[condition].rule.inhibits(other), !alarms[other].priority.isAbove(alarms[condition].priority) else { continue }
            alarms[other].wasShown = true
            hold(other, time)
        }
    }

    /// Takes an alarm out of sight.
    @_noAllocation @_noLocks
    mutating func hold(_ condition: Int, _ time: Int64) {
        alarms[condition].isInhibited = true
        alarms[condition].heldAt = time
        alarms[condition].hasStandIn = false
        note(.inhibited, condition, time)
    }

    /// Gives back, one after the other, what nothing that is shown holds back any more.
    @_noAllocation @_noLocks
    mutating func releaseOthers(_ time: Int64) {
        for _ in 0..<conditions {
            let next = nextToRelease()
            guard next >= 0 else { return }
            alarms[next].isInhibited = false
            alarms[next].isLatched = false
            alarms[next].since = time
            alarms[next].unheard = 0
            if alarms[next].isAcknowledged {
                // Somebody has seen it before it was hidden: it is shown as that, and silent.
                note(.released, next, time)
                note(.acknowledged, next, time)
            } else {
                begin(.released, next, time)
            }
            holdBackOthers(of: next, time)
        }
    }

    /// Of those that may be released one that no other of them would hold back again; -1 if there is none to release.
    @_noAllocation @_noLocks
    private func nextToRelease() -> Int {
        var first = -1
        for condition in 0..<conditions where mayBeReleased(condition) {
            if first < 0 { first = condition }
            var isOutranked = false
            for other in 0..<conditions where other != condition && alarms[other].isInhibited && alarms[other].rule.inhibits(condition) {
                isOutranked = isOutranked || mayBeReleased(other)
            }
            if !isOutranked { return condition }
        }
        return first
    }

    @_noAllocation @_noLocks
    private func mayBeReleased(_ condition: Int) -> Bool {
        alarms[condition].isActive && alarms[condition].isInhibited && !isHeldBack(condition)
    }
}
