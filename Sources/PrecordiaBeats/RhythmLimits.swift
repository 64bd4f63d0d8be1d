// The numbers by which beats become kinds and runs, and a trace fibrillation; in one place and in units that a reader can check.

import PrecordiaSignal

/// How beats are told apart and rhythms judged. Times in milliseconds, levels in microvolts.
///
/// When an alert is made of it is the policy's business (``PolicyParameters``).
public struct RhythmLimits: Sendable {
    /// The longest interval within a ventricular run, 100 a minute, where its beats are at least ``runWidth`` wide. Slower than
    /// ``wideInterval`` a beat of another shape than the usual ones is as often of a bundle branch block, which most are narrower than.
    public var runInterval = 600
    /// The usual beats themselves count as ventricular in a run if they were never narrower than ``usualRunWidth`` (wider than 140 ms: Wellens et al., 1978, and half a
    /// row of the trace), this one is this wide, and they are no further apart than ``usualRunInterval``, 115 a minute: a tachycardia that was there from the start. Bundle
    /// branch blocks may be as wide; the rate alone tells them apart.
    public var runWidth: Float = 130
    public var usualRunWidth: Float = 148
    /// ... or ``runInterval`` where nobody has heard a slower rhythm: ``slowRun`` of them.
    public var usualRunInterval = 520
    /// A beat with this correlation to the usual ones is as wide as they are, whatever a hole makes of its own width.
    public var sameLikeness: Float = 0.95
    public var wideInterval = 500
    /// A narrower beat is part of no run, whatever its shape: 98 % of 197 early and strange beats in PTB-XL's exams labelled PVC are wider.
    public var leastRunWidth: Float = 80
    /// A beat of a run has less correlation to the usual shape than this; and on the mean over its last 7 beats a run is blunter than this part of the leads'
    /// usual sharpness, its sharpness and half its correlation to the usual shape come to less than this, and its beats follow each other with this correlation (docs/experiments-beats.md).
    public var runStrangeness: Float = 0.86
    public var runSharpness: Float = 0.9
    /// The same for a run slower than ``wideInterval`` of beats narrower than ``runWidth``.
    public var slowSharpness: Float = 0.6
    public var runBluntness: Float = 1.2
    public var runConstancy: Float = 0.65
    /// Beats of a run of which fewer than half were called ventricular, or are strange.
    public var doubtfulRun = 8
    /// ... unless they are as blunt as this, and as much like each other.
    public var certainSharpness: Float = 0.7
    public var certainConstancy: Float = 0.75
    /// Beats of a tachycardia of less than 115 a minute that was there from the start; ``doubtfulRun`` of a faster one.
    public var slowRun = 14
    /// Beats in a row that a run of 5 and more may lose without being over.
    public var runMisses = 2
    /// A beat with this correlation to a run of 5 and more belongs to it, whatever kind it is.
    public var runLikeness: Float = 0.75
    /// ... unless it is more like the usual ones by this.
    public var usualMargin: Float = 0.15
    /// What oscillates and repeats itself with this correlation is a tachycardia, and with less fibrillation.
    public var regularity: Float = 0.7
    /// Waves in place of beats: so many seconds have to repeat themselves, so many times a minute, at least this part of the beats' size, with second differences
    /// beside their height below this part of the beats'. What a look has seen when it sees them for the first time, seconds.
    public var waveTime = 2.4
    public var leastWaves: Float = 120
    public var mostWaves: Float = 300
    public var waveSize: Float = 0.3
    public var waveSharpness: Float = 0.5
    public var waveSpan: Float = 2
    /// A step from one sample to the next of more than this, microvolts, and this more for each millisecond between them, is none of a heart's. A QRS complex of 5 mV
    /// and 40 ms climbs 250 uV a millisecond.
    public var jumpHeight = 200.0
    public var jumpSlope = 300.0
    /// For so long a lead that has jumped is waited for: a bad contact is back by then, an electrode that has found another place is not.
    public var contactTime = 400
    /// A beat within this time of a pacing pulse is paced.
    public var pacedTime = 200
    /// ... unless it comes sooner than this after the one before, 150 a minute: pacemakers follow the atrium to 130 or so, and what is faster and
    /// wide is a tachycardia, whatever a detector of pulses takes its steep edges for.
    public var pacedInterval = 400
    /// The odds of an oscillation: a logistic rule over 4 s of a lead, fitted to the shared half of VFDB against MIT-BIH, PTB-XL fold 9, CPSC2018 and
    /// LUDB, cross-validated by record (docs/experiments-beats.md). Of the rows of each second the part within a fifth of the largest (threshold crossing sample
    /// count: Arafat et al., 2011), the VF filter's leakage (Kuo and Dillman, 1978), how evenly the steps are spread, the kurtosis and the
    /// energy of the second difference.
    public var oscillationOdds: Float = 0.2
    public var quietWeight: Float = 2.48
    public var leakageWeight: Float = 5.11
    public var evennessWeight: Float = 8.2
    public var prominenceWeight: Float = 4.82
    public var sharpnessWeight: Float = 3.73
    /// A lead with a smaller mean magnitude than this is too quiet to oscillate.
    public var oscillation: Float = 25
    /// Fibrillation and flutter oscillate this many times a second.
    public var lowestOscillation: Float = 2
    public var highestOscillation: Float = 10
    /// QRS complexes make the kurtosis of the second difference larger than this in 49 of 50 looks ...
    public var beatProminence: Float = 5.5
    /// ... and noise smaller than this, with so much of its energy in the second difference.
    public var noiseProminence: Float = 4.5
    public var noiseSharpness: Float = 2
    /// A complex that the detector did not find is one if its second difference is this part of the lead's beats' ...
    public var smallest: Float = 0.3
    /// ... and this large, microvolts.
    public var leastBend: Float = 20
    /// Complexes come evenly if the second differences' magnitudes correlate so much with themselves a beat later.
    public var evenness: Float = 0.35
    /// A lead whose second differences stay below this has no noise: it is not connected to anything.
    public var noiseFloor: Float = 1
    /// A second is silent in a lead if its largest second difference and its largest deviation are below this part of the lead's usual beats.
    public var silent: Float = 0.35
    /// ... and in size below a fifth of these or this many microvolts, the larger of the two: large beats that shrink are not silent yet, P waves are.
    public var silentPart: Float = 0.2
    public var silentMicrovolts: Float = 250
    /// More than this many times the usual beats, and the second is an artefact.
    public var artefact: Float = 3

    /// A rhythm is vouched for where the last 5 beats have this logarithm of the odds that they are beats on the mean, the last is no longer ago than this, milliseconds, ...
    public var sureScore: Float = 4.5
    public var sureTime = 3000
    /// How long nobody could, milliseconds, is counted from here on at the earliest.
    public var firstVouch = 3000
    /// ... and the leads' logarithm of the odds that they oscillate is no higher than this on the mean.
    public var uneasyOdds: Float = -2

    /// Seconds without a beat for which complexes that stand out of some leads may hold an asystole back.
    public var longestDoubt: Float = 7

    public init() {}

    /// The deviation below which a second is silent in a lead whose beats have this size, microvolts.
    @_noAllocation @_noLocks
    func silentSize(_ range: Float) -> Float {
        let small = most(silentPart * range, silentMicrovolts)
        return least(silent * range, small)
    }
}
