// What is done about an alert once it is there: who is told, how loudly, and for how long.
// Apart from AlertRule, which decides whether it is there; this never changes an event of the engine.

import PrecordiaSignal

/// How an alert is treated. Durations are milliseconds of the time that the board is told.
public struct AlarmRule: Equatable, Sendable {
    /// Whether it tells of the equipment (an electrode, the signal, the device) and not of the patient.
    public var isTechnical = false
    /// Whether it stays, silent, when its condition is over, until somebody acknowledges it.
    public var isLatching = false
    /// Whether it only sounds when it begins: it counts as acknowledged after ``onsetDuration``.
    public var isOnsetOnly = false
    /// How long an alert that only sounds when it begins does so.
    public var onsetDuration: Int64 = 10_000
    /// Unacknowledged for so long it becomes one priority more urgent, once; 0 for never.
    public var escalation: Int64 = 0
    /// Conditions that are held back while this one is active, one bit each by their place in the policy: below 64, and from 64 on.
    public var inhibits: (low: UInt64, high: UInt64) = (0, 0)

    @_noAllocation @_noLocks
    public init() {}

    @_noAllocation @_noLocks
    public static func == (a: AlarmRule, b: AlarmRule) -> Bool {
        a.isTechnical == b.isTechnical && a.isLatching == b.isLatching && a.isOnsetOnly == b.isOnsetOnly
            && a.onsetDuration == b.onsetDuration
            && a.escalation == b.escalation && a.inhibits == b.inhibits
    }

    @_noAllocation @_noLocks
    public mutating func inhibit(_ condition: Int) {
        if condition < 64 { inhibits.low |= 1 &<< UInt64(truncatingIfNeeded: condition) }
        if condition >= 64 { inhibits.high |= 1 &<< UInt64(truncatingIfNeeded: condition &- 64) }
    }

    @_noAllocation @_noLocks
    public func inhibits(_ condition: Int) -> Bool {
        let half = condition < 64 ? inhibits.low : inhibits.high
        return half & (1 &<< UInt64(truncatingIfNeeded: condition & 63)) != 0
    }
}

/// What holds for all alarms of a board. Durations in milliseconds.
public struct AlarmSettings: Equatable, Sendable {
    /// How long the sound may be paused.
    public var pause: Int64 = 120_000
    /// An alert of at least this priority that is new ends a pause; ``AlertPriority/none`` for no such thing.
    public var pauseBreaker = AlertPriority.high
    /// While alarms are switched off: a reminder as often as that; 0 for none.
    public var reminder: Int64 = 300_000
    /// The second press that switches alarms off comes within this time of the first ...
    public var confirmation: Int64 = 5_000
    /// ... and presses closer than this are one key that is held down. Keyboards wait for up to a second before they repeat a key.
    public var keyRepeat: Int64 = 1_100
    /// For how long an alarm must have been shown before anybody can have seen it, and acknowledged it.
    public var shownFor: Int64 = 1_000
    /// Time after which an alarm of high priority that was acknowledged, and whose cause lasts, sounds again; 0 for never.
    public var soundAgain: Int64 = 120_000
    /// Time after which what holds back an alarm is heard in its place, if nothing is: heard is a burst later, and 10 s are the promise.
    public var standIn: Int64 = 5_000
    /// How long the reminder is ordered: whoever sounds it completes a burst that has begun.
    public var reminderSound: Int64 = 1000

    @_noAllocation @_noLocks
    public init() {}
}

/// What has become of an alarm, or of the board.
public struct AlarmChange: Equatable, Sendable {
    public enum Kind: UInt8, Sendable {
        /// An alarm began, or became more urgent because the engine says so.
        case raised = 1
        /// Its condition is over.
        case cleared = 2
        /// Its condition is over and it stays until it is acknowledged.
        case latched = 3
        case acknowledged = 4
        /// Nobody acknowledged it for too long, or it holds back another that would be heard: more urgent now.
        case escalated = 5
        /// It began while another one holds it back.
        case inhibited = 6
        /// What held it back is over and it is still there.
        case released = 7
        /// The sound is paused; ended by time, by a person, or by an alarm that is too urgent for it.
        case audioPaused = 8
        case audioResumed = 9
        /// Alarms are switched off, on again; the reminder that they are off.
        case switchedOff = 10
        case switchedOn = 11
        case reminded = 12
        /// The key that switches alarms off was pressed once; the second press does it.
        case offAsked = 13
        /// It was acknowledged, and its cause lasts: it sounds again.
        case soundedAgain = 14
        /// A person acknowledged before it had been shown long enough to be seen: it is not acknowledged.
        case tooSoon = 15
    }

    public var kind: Kind
    /// The condition's place in the policy; -1 for the board itself.
    public var condition: Int16
    public var priority: AlertPriority
    /// Milliseconds of the board's time.
    public var time: Int64

    @_noAllocation @_noLocks
    public init(_ kind: Kind, condition: Int16 = -1, priority: AlertPriority = .none, time: Int64) {
        self.kind = kind
        self.condition = condition
        self.priority = priority
        self.time = time
    }
}

/// What the sound should be.
public struct AlarmSignal: Equatable, Sendable {
    /// The most urgent alarm that may sound; ``AlertPriority/none`` for silence.
    public var priority = AlertPriority.none
    /// Whether all alarms of that priority are about the equipment.
    public var isTechnical = false
    /// The newest beginning among the alarms of that priority, ``AlarmBoard/Alarm/onset``; a greater number than before is a new alarm.
    public var onset: UInt32 = 0

    @_noAllocation @_noLocks
    public init() {}

    @_noAllocation @_noLocks
    init(_ priority: AlertPriority, isTechnical: Bool, onset: UInt32) {
        self.priority = priority
        self.isTechnical = isTechnical
        self.onset = onset
    }
}
