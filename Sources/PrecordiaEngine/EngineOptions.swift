// What a user of the engine may choose, what the engine may refuse, and what it counts.

import PrecordiaAlerts
import PrecordiaNetwork
import PrecordiaSignal

/// Choices that are fixed when an engine is made.
public struct EngineOptions: Sendable {
    /// Samples of the model's rate between two answers, a multiple of its `samplesPerColumn` up to its `hop`; 0 for the model's own.
    public var hop = 0
    /// The display chain; a filter that the stream's rate cannot carry is left out and ``Engine/displayFilters`` tells.
    public var displayHighPass: StandardFilter? = .highPass0_5
    public var displayNotch: StandardFilter?
    public var displayLowPass: StandardFilter? = .lowPass40
    /// Limits of the quality gate.
    public var limits = QualityLimits()
    /// Limits of the engine's own conditions. Persistence of the model's statements comes from the model file.
    public var policy = PolicyParameters()

    public init() {}
}

/// Why an engine cannot be made.
public enum EngineError: Int32, Error, Sendable {
    /// The stream's rate is not in `StreamFormat.rates`, or below the model's.
    case rate = 1
    /// The magnitude of a lead's scale is not in `StreamFormat.scales`.
    case scale = 2
    /// The stream wants leads derived that are not III, aVR, aVL or aVF.
    case derivedLeads = 3
    /// The hop is not a multiple of the model's column, or longer than the model's hop.
    case hop = 4
    /// The memory is smaller than `Engine.requiredBytes`.
    case memory = 5
    /// The model was refused by the network.
    case model = 6
    /// A threshold or persistence in the model or policy makes no valid alert rule.
    case alertRule = 7
    /// The model needs more filter sections than a cascade holds.
    case filters = 8
}

/// Everything that an engine counts, since it was made or reset.
public struct EngineCounters: Equatable, Sendable {
    /// Frames taken.
    public var frames: UInt64 = 0
    /// Frames that never came: jumps in the frame index.
    public var framesMissing: UInt64 = 0
    /// Frames left out because their index was not above the last one's.
    public var framesOutOfOrder: UInt64 = 0
    /// Samples of single leads that were missing in frames that came, derived leads included.
    public var samplesMissing: UInt64 = 0
    /// Frames with at least one clipped lead.
    public var framesClipped: UInt64 = 0
    /// Hops with an answer.
    public var windows: UInt64 = 0
    /// Hops for which the answer was "unknown", those of a long gap included.
    public var windowsUnknown: UInt64 = 0
    /// Alerts that rose, and alerts that ended.
    public var alertsRaised: UInt64 = 0
    public var alertsCleared: UInt64 = 0
    /// Events that the caller did not fetch in time.
    public var eventsDropped: UInt64 = 0

    @_noAllocation @_noLocks
    public init() {}
}
