// What the passing of time does to alarms: pauses, reminders, onsets, escalation, and what must be heard again or in another's place.
// Apart from what the engine and people say, because nothing here is anybody's news.

extension AlarmBoard {
    /// Lets time pass: pauses end, reminders come, onsets are over, what nobody acknowledges escalates, what was acknowledged and lasts sounds
    /// again, and what holds back others is heard in their place.
    @_noAllocation @_noLocks
    public mutating func tick(at time: Int64) {
        let passed = time &- (tickedAt ?? time)
        tickedAt = time
        let isSilent = isOff || pauseEnd != nil
        let loudest = sound.priority
        if let end = pauseEnd, time >= end { resume(time) }
        if isOff, settings.reminder > 0, time >= remindAt {
            remindAt = time &+ settings.reminder
            onsets &+= 1
            reminding = onsets
            remindUntil = time &+ settings.reminderSound
            note(.reminded, -1, time)
        } else if time >= remindUntil {
            reminding = 0
        }
        for condition in 0..<conditions {
            let alarm = alarms[condition]
            guard alarm.isActive, !alarm.isInhibited, !alarm.isAcknowledged else { continue }
            if alarm.rule.isOnsetOnly {
                let since = time &- alarm.since
                if isSilent || loudest.isAbove(alarm.priority) { alarms[condition].unheard = alarm.unheard &+ min(passed, since) }
                if since &- alarms[condition].unheard >= alarm.rule.onsetDuration { acknowledge(condition, time) }
            }
            let isDue = alarm.rule.escalation > 0 && !alarm.hasEscalated && time &- alarm.since >= alarm.rule.escalation
            guard isDue, alarm.priority.next.isAbove(alarm.priority) else { continue }
            alarms[condition].hasEscalated = true
            alarms[condition].priority = alarm.priority.next
            begin(.escalated, condition, time)
        }
        for condition in 0..<conditions { soundAgain(condition, time) }
        for condition in 0..<conditions { standIn(for: condition, time) }
    }

    /// An alarm of high priority that was acknowledged and whose cause lasts. One that sounds at its onset only has been heard as the policy wants it.
    @_noAllocation @_noLocks
    private mutating func soundAgain(_ condition: Int, _ time: Int64) {
        let alarm = alarms[condition]
        guard settings.soundAgain > 0, alarm.isActive, alarm.isAcknowledged, !alarm.isInhibited, !alarm.rule.isOnsetOnly else { return }
        guard alarm.priority == .high, time &- alarm.acknowledgedAt >= settings.soundAgain else { return }
        alarms[condition].isAcknowledged = false
        alarms[condition].since = time
        alarms[condition].unheard = 0
        begin(.soundedAgain, condition, time)
    }

    /// Where an alarm that would be heard is held back and nothing is heard in its place, what holds it back is heard: one priority below it, and
    /// at least low.
    ///
    /// What is of the patient, no less urgent and acknowledged may stay silent: whoever acknowledged an asystole knows of the slow heart beneath it.
    @_noAllocation @_noLocks
    private mutating func standIn(for held: Int, _ time: Int64) {
        let alarm = alarms[held]
        guard alarm.isActive, alarm.isInhibited, !alarm.isAcknowledged, !alarm.hasStandIn, alarm.priority.isAbove(.information),
            time &- alarm.heldAt >= settings.standIn
        else { return }
        var loudest = -1
        for other in 0..<conditions where other != held && alarms[other].isActive && !alarms[other].isInhibited {
            guard alarms[other].rule.inhibits(held) else { continue }
            let isSilent = alarms[other].isAcknowledged || !alarms[other].priority.isAbove(.information)
            let isEnough = !alarms[other].rule.isTechnical && !alarm.priority.isAbove(alarms[other].priority)
            if !isSilent || isEnough {
                alarms[held].hasStandIn = true
                return
            }
            if loudest < 0 || alarms[other].priority.isAbove(alarms[loudest].priority) { loudest = other }
        }
        guard loudest >= 0 else { return }
        alarms[held].hasStandIn = true
        let least: AlertPriority = alarm.priority == .high ? .medium : .low
        if least.isAbove(alarms[loudest].priority) { alarms[loudest].priority = least }
        alarms[loudest].isAcknowledged = false
        begin(.escalated, loudest, time)
    }
}
