// The engine's own alert limits, in one place.
// They are data: an integrator or a policy file overrides any of them before start.

/// Limits and priorities of the engine's own conditions, and how persistent a model's statement must be. For hops of about 1 s.
///
/// The defaults are a first choice for adults. They are not taken from a clinical study, and a device maker replaces them.
public struct PolicyParameters: Sendable {
    /// More than 4 s without a beat, at once; over when 3 hops in a row saw a beat in the last 2 s. Never lapses: a signal that
    /// is lost after an asystole does not end it.
    public var asystole = AlertRule(threshold: 4, release: 0.5, required: 1, hops: 3, priority: .high)
    /// 130 beats a minute in 3 of 5 hops; over below 123.5.
    public var heartRateHigh = AlertRule(
        threshold: 130, release: 0.95, required: 3, hops: 5, holdOff: 10, lapse: 30, priority: .medium)
    /// Below 40 beats a minute in 3 of 5 hops; over from 42.1.
    public var heartRateLow = AlertRule(
        threshold: 40, side: .below, release: 0.95, required: 3, hops: 5, holdOff: 10, lapse: 30, priority: .medium)
    /// One electrode off, at once; over after 2 hops with all attached; medium priority after 60 hops.
    public var electrodeOff = AlertRule(
        threshold: 1, release: 1, required: 1, hops: 2, priority: .low, escalatedPriority: .medium, escalation: 60)
    /// No usable signal, at once; over after 2 hops with signal.
    public var signalLost = AlertRule(threshold: 1, release: 1, required: 1, hops: 2, priority: .high)
    /// The quality gate says unknown, at once; over at the first hop that does not.
    public var artefact = AlertRule(threshold: 1, release: 1, required: 1, hops: 1, priority: .information)

    /// Hops that must show a model's statement ...
    public var labelRequired: UInt8 = 3
    /// ... of this many.
    public var labelHops: UInt8 = 5
    /// A statement is over below this fraction of its threshold.
    public var labelRelease: Float = 0.8
    /// Hops after a clearing in which the same statement may not rise again.
    public var labelHoldOff: UInt16 = 10
    /// Unknown hops after which an active statement lapses.
    public var labelLapse: UInt16 = 30

    public init() {}

    /// The rule of one of the engine's own conditions.
    public func rule(for condition: Condition) -> AlertRule {
        switch condition {
        case .asystole: asystole
        case .heartRateHigh: heartRateHigh
        case .heartRateLow: heartRateLow
        case .electrodeOff: electrodeOff
        case .signalLost: signalLost
        case .artefact: artefact
        }
    }

    /// The rule of a model's statement with this probability threshold and priority.
    public func rule(labelThreshold: Float, priority: AlertPriority) -> AlertRule {
        AlertRule(
            threshold: labelThreshold, release: labelRelease, required: labelRequired, hops: labelHops, holdOff: labelHoldOff,
            lapse: labelLapse, priority: priority)
    }
}
