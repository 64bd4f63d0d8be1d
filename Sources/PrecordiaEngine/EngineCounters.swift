// What the engine counts, so that nothing is lost silently.

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
    /// Pacing pulses that were cut out of what beats are looked for in, and those that came too late or too many for it.
    public var paceMarks: UInt64 = 0
    public var paceMarksUnused: UInt64 = 0
    /// Pacing pulses that were not believed, because no pacemaker makes so many; and frames in which pulses were cut out.
    public var paceMarksIgnored: UInt64 = 0
    public var framesBlanked: UInt64 = 0
    /// Events that the caller did not fetch in time.
    public var eventsDropped: UInt64 = 0

    @_noAllocation @_noLocks
    public init() {}
}
