// What a person may do about alarms: acknowledge, pause the sound, switch alarms off.
// Apart from the rest of the board, because here a key may be stuck and a hand may be too quick.

extension AlarmBoard {
    /// The key for it was pressed: a key that is held down, or stuck, is one press, and nobody has seen what is shown for less than
    /// ``AlarmSettings/shownFor``.
    @_noAllocation @_noLocks
    public mutating func pressAcknowledge(at time: Int64) {
        let isHeldDown = time &- acknowledgePressedAt < settings.keyRepeat
        acknowledgePressedAt = time
        if !isHeldDown { acknowledge(at: time, shownFor: settings.shownFor) }
    }

    /// A person has seen all alarms that are shown: they are silent from now on, and latched ones go.
    ///
    /// - Parameter shownFor: milliseconds; what is shown for less stays as it is, and is told as ``AlarmChange/Kind/tooSoon``.
    @_noAllocation @_noLocks
    public mutating func acknowledge(at time: Int64, shownFor: Int64 = 0) {
        for condition in 0..<conditions { _ = acknowledge(condition, at: time, shownFor: shownFor) }
    }

    /// A person has seen this alarm, and says nothing of others.
    ///
    /// - Parameter shownFor: milliseconds; what is shown for less stays as it is, and is told as ``AlarmChange/Kind/tooSoon``.
    /// - Returns: whether it was shown long enough, and not acknowledged yet.
    @_noAllocation @_noLocks
    public mutating func acknowledge(_ condition: Int, at time: Int64, shownFor: Int64) -> Bool {
        guard condition >= 0, condition < conditions, alarms[condition].isShown, !alarms[condition].isAcknowledged else { return false }
        guard time &- alarms[condition].shownAt >= shownFor else {
            note(.tooSoon, condition, time)
            return false
        }
        if alarms[condition].isInhibited {
            // What was seen is the episode before; the one that is held back is yet to be shown.
            alarms[condition].isLatched = false
            alarms[condition].wasShown = false
            note(.acknowledged, condition, time)
        } else {
            acknowledge(condition, time)
        }
        return true
    }

    /// The key for the pause was pressed: a key that is held down is one press.
    @_noAllocation @_noLocks
    public mutating func pressPause(at time: Int64) {
        let isHeldDown = time &- pausePressedAt < settings.keyRepeat
        pausePressedAt = time
        if !isHeldDown { pauseAudio(at: time) }
    }

    /// Stops the sound for the time that the settings say; again, and it goes on.
    @_noAllocation @_noLocks
    public mutating func pauseAudio(at time: Int64) {
        if pauseEnd != nil { return resume(time) }
        pauseEnd = time &+ settings.pause
        note(.audioPaused, -1, time)
    }

    /// Switches alarms off, or on again.
    @_noAllocation @_noLocks
    public mutating func switchOff(_ off: Bool, at time: Int64) {
        guard off != isOff else { return }
        isOff = off
        reminding = 0
        remindAt = time &+ settings.reminder
        note(off ? .switchedOff : .switchedOn, -1, time)
    }

    /// The key for it was pressed. Off takes two presses, a key that is held down being one; on takes one.
    @_noAllocation @_noLocks
    public mutating func pressOff(at time: Int64) {
        let isHeldDown = time &- offPressedAt < settings.keyRepeat
        offPressedAt = time
        guard !isHeldDown else { return }
        if isOff { return switchOff(false, at: time) }
        var isConfirmed = false
        if let asked = offAskedAt { isConfirmed = time &- asked <= settings.confirmation }
        offAskedAt = isConfirmed ? nil : time
        if isConfirmed { switchOff(true, at: time) } else { note(.offAsked, -1, time) }
    }
}
