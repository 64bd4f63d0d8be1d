// The numbers of the quality gate, in one place and in units that a reader can check.

/// When a lead is bad and when a window is unknown. Levels in microvolts, times in milliseconds.
///
/// A window is unknown when it is not full since the start or the last gap, when more than ``badLeads`` leads or
/// ``badIndependentLeads`` measured leads are bad, or when both I and II are. It is degraded with fewer bad leads.
public struct QualityLimits: Sendable {
    /// A lead that stays within this range, peak to peak ...
    public var flatRange = 10.0
    /// ... for this long is flat.
    public var flatTime = 2000
    /// A lead that stays at exactly its highest or lowest value of a second for this long in a row ...
    public var clippedTime = 30
    /// ... at least this far from the second's mean is clipped. Quantised T waves and lines between beats stand still too, but nearer.
    public var clippedHeight = 1500.0
    /// A lead that swings further than this within a second, peak to peak, is out of range.
    public var range = 10_000.0
    /// A sample is busy when the second difference over 10 ms is larger than this ...
    public var busyDifference = 300.0
    /// ... and a second of which more than this part is busy is noisy. QRS complexes make a third busy at most.
    public var busyPart = 0.6
    /// More bad leads of the 12 make a window unknown.
    public var badLeads = 3
    /// More bad measured leads (I, II, V1 to V6) make a window unknown.
    public var badIndependentLeads = 2

    public init() {}
}
