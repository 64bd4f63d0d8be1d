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
    private let states: UnsafeMutablePointer<ConditionState>

    /// The bytes that a policy of this many conditions needs.
    public static func requiredBytes(conditions: Int) -> Int { conditions * MemoryLayout<ConditionState>.stride }

    /// A policy whose engine conditions follow `parameters` and whose other conditions are silent until ``set(_:for:)``.
    ///
    /// - Parameters:
    ///   - conditions: at least ``Condition/count``; a model's labels add to it.
    ///   - memory: at least ``requiredBytes(conditions:)`` bytes, aligned to 8. Traps otherwise.
    public init(conditions: Int, parameters: PolicyParameters = PolicyParameters(), memory: UnsafeMutableRawBufferPointer) {
        precondition(conditions >= Condition.count, "A policy has at least the engine's own conditions.")
        precondition(memory.count >= Self.requiredBytes(conditions: conditions), "The policy's memory is too small.")
        self.conditions = conditions
        states = memory.baseAddress!.bindMemory(to: ConditionState.self, capacity: conditions)
        states.initialize(repeating: ConditionState(rule: .silent), count: conditions)
        set(parameters.asystole, for: Condition.asystole.rawValue)
        set(parameters.heartRateHigh, for: Condition.heartRateHigh.rawValue)
        set(parameters.heartRateLow, for: Condition.heartRateLow.rawValue)
        set(parameters.electrodeOff, for: Condition.electrodeOff.rawValue)
        set(parameters.signalLost, for: Condition.signalLost.rawValue)
        set(parameters.artefact, for: Condition.artefact.rawValue)
        set(parameters.pause, for: Condition.pause.rawValue)
        set(parameters.fibrillationSuspected, for: Condition.fibrillationSuspected.rawValue)
        set(parameters.ventricularRunSuspected, for: Condition.ventricularRunSuspected.rawValue)
        set(parameters.irregularRhythm, for: Condition.irregularRhythm.rawValue)
        set(parameters.electrodesSwapped, for: Condition.electrodesSwapped.rawValue)
        set(parameters.extremeBradycardia, for: Condition.extremeBradycardia.rawValue)
        set(parameters.extremeTachycardia, for: Condition.extremeTachycardia.rawValue)
        set(parameters.leadsFlat, for: Condition.leadsFlat.rawValue)
        set(parameters.stElevation, for: Condition.stElevation.rawValue)
        set(parameters.stDepression, for: Condition.stDepression.rawValue)
        set(parameters.longQTc, for: Condition.longQTc.rawValue)
        set(parameters.atrioventricularBlock, for: Condition.atrioventricularBlock.rawValue)
    }

    /// Gives a condition its rule and forgets its past. Traps on a rule with a ``AlertRule/problem``.
    public mutating func set(_ rule: AlertRule, for condition: Int) {
        precondition(condition >= 0 && condition < conditions, "The policy has no such condition.")
        precondition(rule.problem == nil, "The alert rule is not valid.")
        states[condition] = ConditionState(rule: rule)
    }

    /// Forgets every alert and all evidence; the rules stay.
    @_noAllocation @_noLocks
    public mutating func reset() {
        for condition in 0..<conditions { states[condition].reset() }
    }

    /// The rule of a condition.
    @_noAllocation @_noLocks
    public func rule(of condition: Int) -> AlertRule { states[condition].rule }

    /// The priority that a condition's alert has now, escalation included; ``AlertPriority/none`` while it is not active.
    @_noAllocation @_noLocks
    public func priority(of condition: Int) -> AlertPriority {
        precondition(condition >= 0 && condition < conditions, "The policy has no such condition.")
        return states[condition].priority
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
