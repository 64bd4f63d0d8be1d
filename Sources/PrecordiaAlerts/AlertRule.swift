// When one condition becomes an alert, when it stops, and how urgent it is.
// Data: it comes from a model or policy file, or from PolicyParameters.

/// The rule of one condition. All durations are counted in hops, the steps at which the engine evaluates.
public struct AlertRule: Sendable {
    /// Which side of the threshold is the condition.
    public enum Side: UInt8, Sendable {
        /// The condition holds at or above the threshold.
        case above = 0
        /// The condition holds below the threshold.
        case below = 1
    }

    /// The value at which the condition holds, in the value's own unit. Finite and above 0.
    public var threshold: Float
    public var side: Side
    /// Hysteresis, above 0 up to 1. A rule of side `above` counts as over below `threshold * release`, one of side `below` at or
    /// above `threshold / release`. Values between the two levels say neither.
    public var release: Float
    /// The alert rises when the condition held in at least this many ...
    public var required: UInt8
    /// ... of this many last known hops, 1 to 32; it clears when the condition was over in every one of as many last known hops.
    public var hops: UInt8
    /// Hops after a clearing in which the alert may not rise again. Evidence is gathered meanwhile.
    public var holdOff: UInt16
    /// Unknown hops in a row after which an active alert lapses and old evidence is forgotten; 0 for never.
    public var lapse: UInt16
    public var priority: AlertPriority
    /// The priority once the alert has been active for ``escalation`` hops.
    public var escalatedPriority: AlertPriority
    /// Hops from rising to ``escalatedPriority``; 0 for never.
    public var escalation: UInt16

    public init(
        threshold: Float, side: Side = .above, release: Float = 1, required: UInt8 = 1, hops: UInt8 = 1, holdOff: UInt16 = 0,
        lapse: UInt16 = 0, priority: AlertPriority, escalatedPriority: AlertPriority? = nil, escalation: UInt16 = 0
    ) {
        self.threshold = threshold
        self.side = side
        self.release = release
        self.required = required
        self.hops = hops
        self.holdOff = holdOff
        self.lapse = lapse
        self.priority = priority
        self.escalatedPriority = escalatedPriority ?? priority
        self.escalation = escalation
    }

    /// Whether the condition holds at this value, and whether it is over; between the two levels it is neither.
    @_noAllocation @_noLocks
    func holds(_ value: Float) -> Bool { side == .above ? value >= threshold : value < threshold }
    @_noAllocation @_noLocks
    public func isOver(_ value: Float) -> Bool { side == .above ? value < threshold * release : value >= threshold / release }

    /// A rule that never raises anything.
    public static var silent: AlertRule { AlertRule(threshold: 1, priority: .none) }

    /// What is wrong with this rule, or nil. ``AlertPolicy/set(_:for:)`` takes only rules without a problem.
    public var problem: AlertRuleProblem? {
        guard threshold.isFinite, threshold > 0 else { return .threshold }
        guard release > 0, release <= 1 else { return .release }
        guard hops >= 1, hops <= 32 else { return .hops }
        guard required >= 1, required <= hops else { return .required }
        guard escalation == 0 || escalatedPriority.rawValue > priority.rawValue else { return .escalation }
        return nil
    }

    /// The same rule in seconds, for hops `factor` times as short. What rises at once still does; looking back further than 32 hops is
    /// not possible, and the share of them that is required stays.
    public func stretched(by factor: Int) -> AlertRule {
        var rule = self
        let span = min(32, Int(hops) * factor)
        rule.hops = UInt8(clamping: span)
        if required > 1 { rule.required = UInt8(clamping: max(2, Int(required) * span / Int(hops))) }
        rule.holdOff = UInt16(clamping: Int(holdOff) * factor)
        rule.lapse = UInt16(clamping: Int(lapse) * factor)
        rule.escalation = UInt16(clamping: Int(escalation) * factor)
        return rule
    }
}

/// What can be wrong with an ``AlertRule``.
public enum AlertRuleProblem: Int32, Error, Sendable {
    /// The threshold is not a finite number above 0.
    case threshold = 1
    /// The release is not above 0 and at most 1.
    case release = 2
    /// The hops looked at are not 1 to 32.
    case hops = 3
    /// The hops required are not 1 to the hops looked at.
    case required = 4
    /// The alert escalates to a priority that is not above its first.
    case escalation = 5
}
