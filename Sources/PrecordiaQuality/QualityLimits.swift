// The numbers of the quality gate, in one place and in units that a reader can check.

/// When a lead is bad and when a window is unknown. Levels in microvolts, times in milliseconds.
///
/// A window is unknown when it is not full since the start or the last gap, when more than ``badLeads`` leads or
/// ``badIndependentLeads`` measured leads are bad, when both I and II are, or when limb electrodes are swapped. A lead that follows from
/// others counts as good. It is degraded with fewer bad leads, and with mains, wander, muscle noise or spikes, which leave a lead usable.
public struct QualityLimits: Sendable {
    /// A lead that stays within this range, peak to peak ...
    public var flatRange = 10.0
    /// ... for this long is flat.
    public var flatTime = 2000
    /// A lead that stays at exactly its highest or lowest value of a second for this long in a row ...
    public var clippedTime = 30
    /// ... at least this far from the second's mean is clipped. Quantised T waves and lines between beats stand still too, but nearer.
    public var clippedHeight = 1500.0
    /// Seconds of the last five in which one lead is left of three and more, before the rhythm cannot be watched.
    public var oneLeadSeconds = 3
    /// A lead that swings further than this within a second, peak to peak, is out of range.
    public var range = 10_000.0
    /// A sample is busy when the second difference over 10 ms, without the mains, is larger than this ...
    public var busyDifference = 300.0
    /// ... and a second of which more than this part is busy is noisy. QRS complexes make a third busy at most.
    public var busyPart = 0.6
    /// It is restless when the second difference is larger than this ...
    public var restlessDifference = 75.0
    /// ... and a second of which more than this part is restless has muscle noise: about 45 uV root mean square, white.
    public var restlessPart = 0.6
    /// A second with mains of more than this amplitude has mains ...
    public var mains = 100.0
    /// ... and an electrode whose leads have more than this, two seconds in a row, is loose: a body's own hum stays below.
    public var looseMains = 300.0
    /// The quality of the notches at 50 and 60 Hz that tell the mains from the rest: 5 and 6 Hz wide, because networks drift by 0.2 Hz.
    public var mainsQuality = 10.0
    /// A second whose mean lies further than this from that of the second before has baseline wander.
    public var wander = 1000.0
    /// A step from one sample to the next of more than this ...
    public var jumpHeight = 500.0
    /// ... and this more for each millisecond between them is a spike. A QRS complex of 5 mV and 40 ms climbs 250 uV a millisecond.
    public var jumpSlope = 300.0
    /// Mains amplitude, wander and part of restless samples of which a second is worth nothing: where the index reaches 0. Up to
    /// ``freeRestlessPart`` a restless second costs nothing, because QRS complexes and T waves make one.
    public var worthlessMains = 2000.0
    public var worthlessWander = 1500.0
    public var worthlessRestlessPart = 1.6
    public var freeRestlessPart = 0.4
    /// What a second with a spike is worth.
    public var spikeWorth = 0.5
    /// An exam whose worst lead has a lower index is not acceptable. Chosen on exams that people have judged (docs/quality.md).
    public var acceptableIndex: Float = 0.5
    /// The advantage, in natural logarithms of odds, that an exchange of limb electrodes must have over the right places.
    public var swapMargin = 3.25
    /// Complexes whose second differences in I, II and III together are smaller than this, root mean square, are noise and say nothing.
    public var leastComplex = 75.0
    /// A limb lead with less than this share of the energy of I, II and III, in QRS complexes, ...
    public var emptyShare = 0.005
    /// ... and than this between them, lies between two legs.
    public var emptyWaveShare = 0.02
    /// More bad and absent leads of the 12 make a window unknown.
    public var badLeads = 3
    /// More bad and absent measured leads (I, II, V1 to V6) make a window unknown. Of absent ones the model card has the figures.
    public var badIndependentLeads = 2

    public init() {}
}
