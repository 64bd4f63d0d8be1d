// The numbers of the beat detector, in one place and in units that a reader can check.

/// What the detector takes for a beat. Times in milliseconds, levels in microvolts.
///
/// The level that it works on is the mean over the usable leads of the band-passed signal's magnitude, integrated over ``window``.
public struct BeatLimits: Sendable {
    /// Band of the QRS complex, hertz; after Elgendi et al., "Frequency bands effects on QRS detection", 2010, which found 8 to 20.
    public var lowCutoff: Double = 8
    public var highCutoff: Double = 20
    /// Length of the moving-window integration.
    public var window: Int = 120
    /// No second beat within this time of the last.
    public var refractory: Int = 200
    /// Within this time a complex with less than ``waveSlope`` of the last beat's slope is its T wave (Pan and Tompkins, 1985).
    public var waveTime: Int = 360
    public var waveSlope: Double = 0.5
    /// A complex ends at the latest this long after its highest level.
    public var confirmation: Int = 120
    /// Signal that is only learned from at the start and after a long hold.
    public var learning: Int = 1500
    /// Signal passed over after a short hold, while the filters settle.
    public var settling: Int = 300
    /// A hold this long empties what was learned and the list of RR intervals.
    public var forgetting: Int = 10_000
    /// A lower level is never a beat: complexes of 0.15 mV in all leads stay below it (IEC 60601-2-27 asks that they be ignored).
    public var floor: Double = 22
    /// The threshold's place between the levels of what was not and what was a beat.
    public var fraction: Double = 0.3
    /// Without a beat for this long the threshold starts to halve, every ``halving``, down to ``floor``.
    public var patience: Int = 1200
    public var halving: Int = 700
    /// No rate is told after this much usable signal without a beat.
    public var silence: Int = 4000
    /// Input is limited to plus and minus this.
    public var range: Double = 50_000

    public init() {}
}
