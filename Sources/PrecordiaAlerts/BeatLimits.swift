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
    /// Within this time a complex with less than ``waveSlope`` of the last beat's slope is its T wave (after Pan and Tompkins, 1985).
    public var waveTime: Int = 400
    public var waveSlope: Double = 0.5
    /// How much later than the R peak the middle of the band-passed energy is: the median over 120 recordings at 500 Hz.
    public var lag: Int = 27
    /// A complex ends at the latest this long after its highest level.
    public var confirmation: Int = 120
    /// Signal that is only learned from at the start and after a long hold.
    public var learning: Int = 1500
    /// A hold up to this is bridged: filters, thresholds and intervals go on as if nothing had been missing.
    public var bridge: Int = 20
    /// Signal passed over after a longer hold, while the filters settle.
    public var settling: Int = 300
    /// A hold this long empties what was learned and the list of RR intervals.
    public var forgetting: Int = 10_000
    /// A lower level is never a beat. A triangle of 0.15 mV in all leads, which IEC 60601-2-27 wants ignored, reaches 30 when 60 to
    /// 80 ms wide, and white noise of plus and minus 0.1 mV at 100 Hz 31; of 2198 recordings of patients the lowest reaches 68.
    public var floor: Double = 36
    /// The threshold's place between the levels of what was not and what was a beat.
    public var fraction: Double = 0.3
    /// Without a beat for this long the threshold starts to halve, every ``halving``, down to ``floor``.
    public var patience: Int = 1200
    public var halving: Int = 700
    /// No rate is told after this much usable signal without a beat.
    public var silence: Int = 4000
    /// Input is limited to plus and minus this, more than electrodes offset.
    public var range: Double = 1_000_000

    public init() {}
}
