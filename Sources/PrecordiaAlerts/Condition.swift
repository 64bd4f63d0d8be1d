// The conditions that the engine finds without a model, with names that never change.
// Labels of a model come after them in the policy's numbering.

/// A condition that belongs to the engine and not to a model. The raw value is its index in an ``AlertPolicy``;
/// the label `n` of a model has the index `Condition.count + n`.
public enum Condition: Int, Sendable {
    /// No beat in usable signal; the value is ``BeatDetector/secondsWithoutBeat``.
    case asystole = 0
    /// Heart rate above a limit; the value is beats a minute.
    case heartRateHigh = 1
    /// Heart rate below a limit; the value is beats a minute.
    case heartRateLow = 2
    /// The device reports electrodes off; the value is how many.
    case electrodeOff = 3
    /// No usable signal at all; the value is 1 while it lasts, 0 otherwise.
    case signalLost = 4
    /// The quality gate says unknown; the value is 1 while it lasts, 0 otherwise.
    case artefact = 5
    /// The device sends nothing: it is unplugged, or silent. Not the engine's, which has no clock, but raised by whoever holds the line; the value
    /// is seconds since the last frame.
    case deviceLost = 6
    /// The log of alerts cannot be kept. Not the engine's, but raised by whoever feeds the log; the value is 1 where only the ECG of alerts is not
    /// stored, 2 where alerts are not, 3 where nobody keeps the log.
    case logFailed = 13

    /// Conditions that every policy has, and the index of a model's first label.
    public static var count: Int { @_noAllocation @_noLocks get { 14 } }

    /// The stable name, as events and files spell it.
    public var name: StaticString {
        switch self {
        case .asystole: "asystole"
        case .heartRateHigh: "heart-rate-high"
        case .heartRateLow: "heart-rate-low"
        case .electrodeOff: "electrode-off"
        case .signalLost: "signal-lost"
        case .artefact: "artefact"
        case .deviceLost: "device-lost"
        case .logFailed: "log-failed"
        }
    }
}
