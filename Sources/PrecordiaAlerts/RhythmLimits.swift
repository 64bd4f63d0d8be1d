// The numbers by which beats become kinds and runs, and a trace fibrillation; in one place and in units that a reader can check.

/// How beats are told apart and rhythms judged. Times in milliseconds, levels in microvolts.
///
/// When an alert is made of it is the policy's business (``PolicyParameters``).
public struct RhythmLimits: Sendable {
    /// A beat with less correlation to the usual shape may be ventricular ...
    public var likeness: Float = 0.85
    /// ... if it is this many times as wide as the usual ones and this wide at least ...
    public var widening: Float = 1.3
    public var wide: Float = 100
    /// ... or comes earlier than this part of the mean interval with less than this correlation.
    public var early = 0.85
    public var strangeness: Float = 0.7
    /// The longest interval within a ventricular run, 100 a minute, where its beats are at least ``runWidth`` wide. Slower than
    /// ``wideInterval`` a beat of another shape than the usual ones is as often of a bundle branch block, which most are narrower than.
    public var runInterval = 600
    /// The usual beats themselves count as ventricular in a run if they are this wide, and no further apart than this, 120 a minute: a
    /// tachycardia that was there from the start. Bundle branch blocks are as wide; the rate alone tells them apart.
    public var runWidth: Float = 130
    public var wideInterval = 500
    /// A narrower beat is part of no run, whatever its shape: 98 % of 197 early and strange beats in PTB-XL's exams labelled PVC are wider.
    public var leastRunWidth: Float = 80
    /// A beat within this time of a pacing pulse is paced.
    public var pacedTime = 200
    /// ... unless it comes sooner than this after the one before, 150 a minute: pacemakers follow the atrium to 130 or so, and what is faster and
    /// wide is a tachycardia, whatever a detector of pulses takes its steep edges for.
    public var pacedInterval = 400
    /// Fibrillation and flutter oscillate this many times a second ...
    public var lowestOscillation: Float = 3.2
    public var highestOscillation: Float = 9
    /// ... with at least this mean magnitude in a lead ...
    public var oscillation: Float = 40
    /// ... leave less than this of the signal beside an oscillation of one frequency (the VF filter's leakage: Kuo and Dillman, 1978) ...
    public var leakage: Float = 0.6
    /// ... and have less than this part of their samples within a fifth of the largest (threshold crossing sample count: Arafat et al., 2011).
    public var quiet: Float = 0.45

    public init() {}
}
