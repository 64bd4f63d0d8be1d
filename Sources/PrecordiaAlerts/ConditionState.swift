// What the policy remembers of one condition, and what a hop does to it.

/// The rule of one condition and its past, newest known hop in bit 0.
struct ConditionState {
    let rule: AlertRule
    private(set) var active = false
    private var held: UInt32 = 0
    private var over: UInt32 = 0
    private var holdOff: UInt16 = 0
    private var unknown: UInt16 = 0
    private var age: UInt16 = 0

    init(rule: AlertRule) { self.rule = rule }

    /// Forgets the past and keeps the rule.
    @_noAllocation @_noLocks
    mutating func reset() {
        end(holdOff: 0)
        unknown = 0
    }

    private var isEscalated: Bool { rule.escalation > 0 && age >= rule.escalation }

    /// The priority that the alert has now; none while it is not active.
    var priority: AlertPriority {
        @_noAllocation @_noLocks get {
            guard active else { return .none }
            return isEscalated ? rule.escalatedPriority : rule.priority
        }
    }

    /// One hop. A hop ends with at most one change; a lapse or a clearing goes before an escalation.
    @_noAllocation @_noLocks
    mutating func step(_ value: Float, known: Bool) -> AlertChange {
        if case .none = rule.priority { return .none }
        let change = known ? weigh(value) : wait()
        guard case .none = change else { return change }
        if holdOff > 0 { holdOff &-= 1 }
        guard active, rule.escalation > 0, age < rule.escalation else { return .none }
        age &+= 1
        return isEscalated ? .escalated : .none
    }

    private mutating func weigh(_ value: Float) -> AlertChange {
        unknown = 0
        let window = UInt32.max >> UInt32(32 - Int(rule.hops))
        held = ((held << 1) | (rule.holds(value) ? 1 : 0)) & window
        over = ((over << 1) | (rule.isOver(value) ? 1 : 0)) & window
        return active ? clear(window) : raise()
    }

    private mutating func raise() -> AlertChange {
        guard holdOff == 0, held.nonzeroBitCount >= Int(rule.required) else { return .none }
        active = true
        age = 0
        over = 0
        return .raised
    }

    private mutating func clear(_ window: UInt32) -> AlertChange {
        guard over == window else { return .none }
        end(holdOff: rule.holdOff)
        return .cleared
    }

    private mutating func wait() -> AlertChange {
        guard rule.lapse > 0 else { return .none }
        if unknown < rule.lapse { unknown &+= 1 }
        guard unknown == rule.lapse else { return .none }
        let wasActive = active
        end(holdOff: holdOff)
        return wasActive ? .lapsed : .none
    }

    private mutating func end(holdOff hops: UInt16) {
        active = false
        held = 0
        over = 0
        age = 0
        holdOff = hops
    }
}
