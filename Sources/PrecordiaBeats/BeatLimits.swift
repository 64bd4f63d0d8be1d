// The numbers of the beat detector, in one place and in units that a reader can check.

/// What the detector takes for a beat. Times in milliseconds, levels in microvolts.
///
/// A lead's level is the magnitude of its band-passed signal, averaged over ``window``. The evidence of all leads together is made of each lead's
/// level as a part of what its beats reach, weighed by how much the lead is worth now.
public struct BeatLimits: Sendable {
    /// Band of the QRS complex, hertz; after Elgendi et al., "Frequency bands effects on QRS detection", 2010, which found 8 to 20.
    public var lowCutoff: Double = 8
    public var highCutoff: Double = 20
    /// Length of the moving average.
    public var window: Int = 100
    /// No second beat within this time of the last.
    public var refractory: Int = 200
    /// How much later than the R peak the middle of the band-passed energy is: the median over 120 recordings at 500 Hz.
    public var lag: Int = 27
    /// A complex ends at the latest this long after its highest level ...
    public var confirmation: Int = 120
    /// ... and is judged this long after it, when what follows it is known.
    public var judgement: Int = 170
    /// Signal that is only learned from at the start and after a long hold.
    public var learning: Int = 1500
    /// A hold up to this is bridged: filters, levels and intervals go on as if nothing had been missing.
    public var bridge: Int = 20
    /// A longer hold up to this stands for a flat line; one that is longer still begins the filters anew.
    public var flatHold: Int = 400
    /// A hold this long empties what was learned and the list of RR intervals.
    public var forgetting: Int = 10_000
    /// A complex whose leads reach less, each weighed by what it is worth, is no beat. A triangle of 0.15 mV in all leads, which IEC 60601-2-27
    /// wants ignored, reaches 33 when 60 to 80 ms wide.
    public var floor: Float = 38
    /// The same for a complex of a shape that five beats had: a patient's beats may shrink.
    public var knownFloor: Float = 12
    public var knownLikeness: Float = 0.8
    /// A lead whose beats stay below this has no voice beside others.
    public var leadFloor: Float = 12
    /// Evidence of a single lead is limited to so many times its usual beat, so that a wild one does not decide.
    public var ceiling: Float = 1.5
    /// Seconds over which a lead's mean level is taken: the higher it is beside the beats, the less the lead is worth.
    public var memory: Double = 2
    /// The score (``BeatEvidence``) above which a complex is a beat ...
    public var leastScore: Float = 0.25
    /// ... above which it may begin a shape of its own ...
    public var newShapeScore: Float = 2
    /// ... and above which the best one that was refused is a beat after all, when none came for ``patience`` mean intervals.
    public var recallScore: Float = -2.5
    public var patience: Double = 1.5
    /// A complex narrower than this within so much of a pacing pulse is what the pulse leaves behind: a beat that it calls is wide.
    public var residueWidth: Float = 64
    public var residueTime: Int = 60
    /// What a complex has to reach where nothing has been heard yet to compare it with, or what was learned is in doubt.
    public var doubtFloor: Float = 60
    /// Of a heart that is not known yet the score from which a complex may be small in most leads: the best one has to reach ``floor``.
    public var smallScore: Float = 2.5
    /// What was learned and fewer beats than this have shown fades by the next part a second, once no beat came for ``doubt`` seconds, to what the lead reached lately; and that by this.
    public var proofs = 5
    public var fading: Float = 0.7
    public var recentFading: Float = 0.3
    /// After so many seconds without a beat among large complexes the score that one needs falls, by so much a second, down to this.
    public var doubt: Float = 1
    public var doubtSlope: Float = 6
    public var lowestScore: Float = -12
    /// A complex this like a shape that three beats had is a beat, whatever its score.
    public var repeatLikeness: Float = 0.95
    /// No rate is told after this much usable signal without a beat.
    public var silence: Int = 4000
    /// From one step of 4 to 10 ms to the next no heart moves a lead further: its filters begin anew at the new level and do not ring.
    public var largestStep: Float = 10_000
    /// Input is limited to plus and minus this, more than electrodes offset.
    public var range: Double = 1_000_000

    public init() {}
}
