// The alarms of one patient as a person deals with them: new, acknowledged, latched, held back, paused, off.
// Between the engine's alerts, which say what is, and sound, screen and log, which say what is done about it.

/// Follows alerts and what people do about them.
///
/// Feed it every alert that rises or ends, what is pressed, and ``tick(at:)`` now and then; fetch what follows with ``poll()``.
///
/// - Memory: the caller's, ``requiredBytes(conditions:)``; nothing is allocated. Thread: one at a time.
/// - Time: milliseconds of any clock that does not go back; the board has none of its own.
/// - When not read: 256 changes are held, then the newest are refused and counted in ``changesDropped``; sound and states stay right.
public struct AlarmBoard: ~Copyable {
    /// An alarm that is active or latched.
    public struct Alarm: Equatable, Sendable {
        public var rule = AlarmRule()
        public var priority = AlertPriority.none
        /// When it began.
        public var since: Int64 = 0
        /// When what is shown of it last became another: it began, was released, became more urgent.
        var shownAt: Int64 = 0
        /// When it was acknowledged.
        var acknowledgedAt: Int64 = 0
        /// Since when another holds it back, and whether something could be heard in its place since then.
        var heldAt: Int64 = 0
        var hasStandIn = false
        public var isActive = false
        public var isLatched = false
        public var isAcknowledged = false
        public var isInhibited = false
        /// How long of the time since then it could not be heard: sound paused, alarms off, or a more urgent one sounding.
        var unheard: Int64 = 0
        /// Whether a person had been shown it before it was held back.
        var wasShown = false
        public var hasEscalated = false
        /// The number of its newest beginning among all of the board: raised, released or more urgent than before.
        public var onset: UInt32 = 0
        /// Until when it may rise again and still count as acknowledged: a program that has ended has said so.
        var silentUntil = Int64.min

        @_noAllocation @_noLocks
        init() {}

        /// Whether a person is to be shown it.
        public var isShown: Bool { @_noAllocation @_noLocks get { (isActive && !isInhibited) || isLatched } }
    }

    public let settings: AlarmSettings
    /// When the pause of the sound ends; nil without one.
    public internal(set) var pauseEnd: Int64?
    /// Whether alarms are switched off: nothing sounds but the reminder.
    public internal(set) var isOff = false
    public private(set) var changesDropped: UInt64 = 0

    let alarms: UnsafeMutablePointer<Alarm>
    let conditions: Int
    private let changes: UnsafeMutablePointer<AlarmChange>
    private var head = 0
    private var tail = 0
    var remindAt: Int64 = 0
    var onsets: UInt32 = 0
    var offAskedAt: Int64?
    /// When each key was last seen down.
    var acknowledgePressedAt = Int64.min / 2
    var offPressedAt = Int64.min / 2
    var pausePressedAt = Int64.min / 2
    var tickedAt: Int64?
    /// The reminder's own onset while it is to sound, and until when; 0 while it is not.
    var reminding: UInt32 = 0
    var remindUntil: Int64 = 0
    private static var room: Int { @_noAllocation @_noLocks get { 256 } }

    /// Bytes of memory for a board of so many conditions, 1 to 128, aligned to 8.
    public static func requiredBytes(conditions: Int) -> Int {
        MemoryLayout<Alarm>.stride * conditions + MemoryLayout<AlarmChange>.stride * room
    }

    /// A board without an alarm; traps if the memory is too small. Every condition has the default rule until ``set(_:for:)``.
    public init(conditions: Int, settings: AlarmSettings, memory: UnsafeMutableRawBufferPointer) {
        precondition(conditions >= 1 && conditions <= 128, "A board has 1 to 128 conditions.")
        precondition(memory.count >= Self.requiredBytes(conditions: conditions), "The board's memory is too small.")
        self.conditions = conditions
        self.settings = settings
        alarms = memory.baseAddress!.bindMemory(to: Alarm.self, capacity: conditions)
        alarms.initialize(repeating: Alarm(), count: conditions)
        changes = (memory.baseAddress! + MemoryLayout<Alarm>.stride * conditions).bindMemory(to: AlarmChange.self, capacity: Self.room)
        changes.initialize(repeating: AlarmChange(.raised, time: 0), count: Self.room)
    }

    public var count: Int { @_noAllocation @_noLocks get { conditions } }

    /// An alarm by its condition's place, 0..<``count``.
    @_noAllocation @_noLocks
    public func alarm(_ condition: Int) -> Alarm {
        precondition(condition >= 0 && condition < conditions, "The board has no such condition.")
        return alarms[condition]
    }

    /// Gives a condition its rule.
    public mutating func set(_ rule: AlarmRule, for condition: Int) {
        precondition(condition >= 0 && condition < conditions, "The board has no such condition.")
        alarms[condition].rule = rule
    }

    /// The oldest change that was not fetched yet.
    @_noAllocation @_noLocks
    public mutating func poll() -> AlarmChange? {
        guard head != tail else { return nil }
        let change = changes[head % Self.room]
        head &+= 1
        return change
    }

    /// An alert has risen, or has become more urgent.
    ///
    /// - Parameter isMore: whether it says more than it did, such as another electrode: then it is a new one, acknowledged or not.
    @_noAllocation @_noLocks
    public mutating func raise(_ condition: Int, priority: AlertPriority, isMore: Bool = false, at time: Int64) {
        precondition(condition >= 0 && condition < conditions, "The board has no such condition.")
        let isNew = !alarms[condition].isActive
        let isMore = isMore || priority.isAbove(alarms[condition].priority)
        guard isNew || isMore else { return }
        let isKnown = isNew && !isMore && time < alarms[condition].silentUntil
        if isNew || priority.isAbove(alarms[condition].priority) { alarms[condition].priority = priority }
        alarms[condition].isActive = true
        alarms[condition].isAcknowledged = false
        alarms[condition].hasEscalated = false
        alarms[condition].since = time
        alarms[condition].unheard = 0
        alarms[condition].silentUntil = .min
        // One that is latched stays in sight while it is held back: nobody has acknowledged it.
        if isNew, isHeldBack(condition) {
            alarms[condition].wasShown = alarms[condition].isLatched
            hold(condition, time)
            return
        }
        alarms[condition].isLatched = false
        if isKnown {
            note(.raised, condition, time)
            acknowledge(condition, time)
        } else if !alarms[condition].isInhibited {
            begin(.raised, condition, time)
        }
        holdBackOthers(of: condition, time)
        releaseOthers(time)
    }

    /// An alert is over, or nothing is known about it any more.
    @_noAllocation @_noLocks
    public mutating func clear(_ condition: Int, at time: Int64) {
        precondition(condition >= 0 && condition < conditions, "The board has no such condition.")
        guard alarms[condition].isActive else { return }
        alarms[condition].isActive = false
        let isSeen = !alarms[condition].isInhibited || alarms[condition].wasShown
        let stays = alarms[condition].isLatched || (alarms[condition].rule.isLatching && !alarms[condition].isAcknowledged && isSeen)
        alarms[condition].isLatched = stays
        alarms[condition].isInhibited = false
        note(stays ? .latched : .cleared, condition, time)
        releaseOthers(time)
    }

    /// The stream that the engine heard has ended: none of its alerts is active any more. The session's own, of device, sound and log, stay.
    @_noAllocation @_noLocks
    public mutating func endStream(at time: Int64) {
        // Those held back first, so that none is released on the way.
        for held in 0..<2 {
            for condition in 0..<conditions where alarms[condition].isInhibited == (held == 0) {
                if let own = Condition(rawValue: condition), own.isOfSession { continue }
                clear(condition, at: time)
            }
        }
    }

    /// Whether an alarm that was acknowledged is still active.
    public var hasAcknowledged: Bool {
        @_noAllocation @_noLocks get {
            for condition in 0..<conditions where alarms[condition].isActive && alarms[condition].isAcknowledged { return true }
            return false
        }
    }

    /// What should sound now: of several alarms the most urgent, and of equal ones the patient's; while alarms are off the reminder.
    public var sound: AlarmSignal {
        @_noAllocation @_noLocks get {
            var sound = AlarmSignal()
            guard pauseEnd == nil else { return sound }
            if isOff {
                if reminding != 0 { sound = AlarmSignal(.low, isTechnical: true, onset: reminding) }
                return sound
            }
            for condition in 0..<conditions {
                let alarm = alarms[condition]
                guard alarm.isActive, !alarm.isInhibited, !alarm.isAcknowledged else { continue }
                if alarm.priority.isAbove(sound.priority) {
                    sound = AlarmSignal(alarm.priority, isTechnical: alarm.rule.isTechnical, onset: alarm.onset)
                } else if alarm.priority == sound.priority, sound.priority != .none {
                    sound.isTechnical = sound.isTechnical && alarm.rule.isTechnical
                    sound.onset = max(sound.onset, alarm.onset)
                }
            }
            return sound
        }
    }
}

extension AlarmBoard {
    /// Takes up an alarm of a program that has ended: shown until it is acknowledged, or rises or ends here.
    ///
    /// - Parameter silentUntil: if it was acknowledged and rises again before this time, it still is.
    @_noAllocation @_noLocks
    public mutating func restore(
        _ condition: Int, priority: AlertPriority, isLatched: Bool, isAcknowledged: Bool, silentUntil: Int64 = .min, at time: Int64
    ) {
        precondition(condition >= 0 && condition < conditions, "The board has no such condition.")
        alarms[condition].priority = priority
        alarms[condition].since = time
        // Nobody knows yet whether it is still there; that it was must not be forgotten.
        alarms[condition].isLatched = isLatched || !isAcknowledged
        alarms[condition].isAcknowledged = isAcknowledged
        if isAcknowledged { alarms[condition].silentUntil = silentUntil }
        alarms[condition].shownAt = time
        if alarms[condition].isLatched { note(.latched, condition, time) }
    }

    /// Takes up a pause and the switch.
    @_noAllocation @_noLocks
    public mutating func restore(pauseEnd: Int64?, isOff: Bool, at time: Int64) {
        self.pauseEnd = pauseEnd
        if pauseEnd != nil { note(.audioPaused, -1, time) }
        switchOff(isOff, at: time)
    }

    /// An alarm begins to be heard, or to be more urgent.
    @_noAllocation @_noLocks
    mutating func begin(_ kind: AlarmChange.Kind, _ condition: Int, _ time: Int64) {
        onsets &+= 1
        alarms[condition].onset = onsets
        alarms[condition].shownAt = time
        note(kind, condition, time)
        breakPause(alarms[condition].priority, time)
    }

    @_noAllocation @_noLocks
    mutating func acknowledge(_ condition: Int, _ time: Int64) {
        alarms[condition].isAcknowledged = true
        alarms[condition].acknowledgedAt = time
        alarms[condition].isLatched = false
        note(.acknowledged, condition, time)
    }

    @_noAllocation @_noLocks
    mutating func resume(_ time: Int64) {
        pauseEnd = nil
        note(.audioResumed, -1, time)
    }

    @_noAllocation @_noLocks
    private mutating func breakPause(_ priority: AlertPriority, _ time: Int64) {
        guard pauseEnd != nil, settings.pauseBreaker.isAbove(.none), !settings.pauseBreaker.isAbove(priority) else { return }
        resume(time)
    }

    @_noAllocation @_noLocks
    mutating func note(_ kind: AlarmChange.Kind, _ condition: Int, _ time: Int64) {
        guard tail &- head < Self.room else {
            changesDropped &+= 1
            return
        }
        let priority = condition < 0 ? AlertPriority.none : alarms[condition].priority
        changes[tail % Self.room] = AlarmChange(kind, condition: Int16(truncatingIfNeeded: condition), priority: priority, time: time)
        tail &+= 1
    }
}
