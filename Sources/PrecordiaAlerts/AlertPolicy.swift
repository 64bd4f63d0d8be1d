// From values to alerts: persistence, hysteresis, hold-off and lapse, the same for a model's statements and the engine's own conditions.
// Separate from what computes the values, so that the truth tables can be tested without a signal.

/// Decides at every hop which alerts rise and which end.
///
/// One state for each condition: the engine's own ``Condition``s first, then the labels of the model.
/// - Memory: the caller's, ``requiredBytes(conditions:)`` bytes, aligned to 8, alive as long as the policy.
/// - Cost: a few integer operations an evaluation. One thread.
public struct AlertPolicy: ~Copyable {
    /// Conditions that the policy follows.
    public let conditions: Int
    private let states: UnsafeMutablePointer<State>

    /// One condition's rule and its past, newest hop in bit 0.
    private struct State {
        var rule = AlertRule.silent
        var held: UInt32 = 0
        var over: UInt32 = 0
        var holdOff: UInt16 = 0
        var unknown: UInt16 = 0
        var age: UInt32 = 0
        var active = false
    }

    /// The bytes that a policy of this many conditions needs.
    public static func requiredBytes(conditions: Int) -> Int { conditions * MemoryLayout<State>.stride }

    /// A policy whose engine conditions follow `parameters` and whose other conditions are silent until ``set(_:for:)``.
    ///
    /// - Parameters:
    ///   - conditions: at least ``Condition/count``; a model's labels add to it.
    ///   - memory: at least ``requiredBytes(conditions:)`` bytes, aligned to 8. Traps otherwise.
    public init(conditions: Int, parameters: PolicyParameters = PolicyParameters(), memory: UnsafeMutableRawBufferPointer) {
        precondition(conditions >= Condition.count, "A policy has at least the engine's own conditions.")
        precondition(memory.count >= Self.requiredBytes(conditions: conditions), "The policy's memory is too small.")
        self.conditions = conditions
        states = memory.baseAddress!.bindMemory(to: State.self, capacity: conditions)
        states.initialize(repeating: State(), count: conditions)
        set(parameters.asystole, for: Condition.asystole.rawValue)
        set(parameters.heartRateHigh, for: Condition.heartRateHigh.rawValue)
        set(parameters.heartRateLow, for: Condition.heartRateLow.rawValue)
        set(parameters.electrodeOff, for: Condition.electrodeOff.rawValue)
        set(parameters.signalLost, for: Condition.signalLost.rawValue)
        set(parameters.artefact, for: Condition.artefact.rawValue)
    }

    /// Gives a condition its rule and forgets its past. Traps on a rule with a ``AlertRule/problem``.
    public mutating func set(_ rule: AlertRule, for condition: Int) {
        precondition(condition >= 0 && condition < conditions, "The policy has no such condition.")
        precondition(rule.problem == nil, "The alert rule is not valid.")
        states[condition] = State(rule: rule)
    }

    /// Forgets every alert and all evidence; the rules stay.
    @_noAllocation @_noLocks
    public mutating func reset() {
        for condition in 0..<conditions { states[condition] = State(rule: states[condition].rule) }
    }

    /// The rule of a condition.
    public func rule(of condition: Int) -> AlertRule { states[condition].rule }

    /// Whether a condition's alert is active.
    @_noAllocation @_noLocks
    public func isActive(_ condition: Int) -> Bool {
        precondition(condition >= 0 && condition < conditions, "The policy has no such condition.")
        return states[condition].active
    }

    /// The priority that a condition's alert has now, escalation included; ``AlertPriority/none`` while it is not active.
    @_noAllocation @_noLocks
    public func priority(of condition: Int) -> AlertPriority {
        precondition(condition >= 0 && condition < conditions, "The policy has no such condition.")
        let state = states[condition]
        guard state.active else { return .none }
        return state.isEscalated ? state.rule.escalatedPriority : state.rule.priority
    }

    /// Takes the value of one condition at one hop. Call it once a hop for each condition, in any order.
    ///
    /// - Parameters:
    ///   - value: in the unit of the rule's threshold; ignored unless `known`. Not a number counts as unknown.
    ///   - known: false if the signal did not allow a value. An unknown hop is no evidence: it neither raises nor clears, and the
    ///     hops before and after it count as neighbours. Too many in a row let an active alert lapse (``AlertRule/lapse``).
    @_noAllocation @_noLocks
    public mutating func evaluate(_ condition: Int, value: Float, known: Bool) -> AlertChange {
        precondition(condition >= 0 && condition < conditions, "The policy has no such condition.")
        return states[condition].step(value, known: known && value == value)
    }
}

extension AlertPolicy.State {
    var isEscalated: Bool { rule.escalation > 0 && age >= UInt32(rule.escalation) }

    /// One hop. A hop ends with at most one change; a lapse or a clearing goes before an escalation.
    mutating func step(_ value: Float, known: Bool) -> AlertChange {
        guard rule.priority != .none else { return .none }
        let change = known ? weigh(value) : wait()
        if holdOff > 0, change != .cleared { holdOff &-= 1 }
        guard active, change == .none, rule.escalation > 0, age < UInt32(rule.escalation) else { return change }
        age &+= 1
        return isEscalated && rule.escalatedPriority != rule.priority ? .escalated : .none
    }

    private mutating func weigh(_ value: Float) -> AlertChange {
        unknown = 0
        let holds = rule.side == .above ? value >= rule.threshold : value < rule.threshold
        let isOver = rule.side == .above ? value < rule.releaseLevel : value >= rule.releaseLevel
        let window = UInt32.max >> UInt32(32 - Int(rule.hops))
        held = ((held << 1) | (holds ? 1 : 0)) & window
        over = ((over << 1) | (isOver ? 1 : 0)) & window
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
