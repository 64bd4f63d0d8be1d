// What the engine refuses before its first frame. After that nothing can fail.

/// Why an engine cannot be made.
public enum EngineError: Int32, Error, Sendable {
    /// The stream's rate is not in `StreamFormat.rates`, or below the model's.
    case rate = 1
    /// The magnitude of a lead's scale is not in `StreamFormat.scales`.
    case scale = 2
    /// The stream wants leads derived that are not III, aVR, aVL or aVF.
    case derivedLeads = 3
    /// The hop is not a multiple of the model's `hopUnit`, or longer than the model's hop.
    case hop = 4
    /// The memory is smaller than `Engine.requiredBytes`.
    case memory = 5
    /// The model was refused by the network.
    case model = 6
    /// A threshold or persistence in the model or policy makes no valid alert rule.
    case alertRule = 7
    /// The model needs more filter sections than a cascade holds.
    case filters = 8
    /// The stream has no lead at all.
    case leads = 9
}
