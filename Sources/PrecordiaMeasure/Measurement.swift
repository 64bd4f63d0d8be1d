// What is measured of an electrocardiogram: the values of the last 10 s, and of each lead.
// Apart from the monitor that measures, because readers need the values alone.

public import PrecordiaSignal

/// A wave's or a level's size in one lead, millivolts relative to the level before the QRS complex; nil for what is not known or not there.
public struct LeadMeasurement: Sendable, Equatable {
    /// Edges and peaks in this lead.
    public var marks = WaveMarks()
    /// The P wave's largest deflection, relative to the line from its beginning to its end.
    public var p: Float?
    /// The largest deflections of the QRS complex in their order: negative before R, positive, negative after R, positive after S. A complex without a
    /// positive deflection is all Q (QS).
    public var q: Float?
    public var r: Float?
    public var s: Float?
    public var rPrime: Float?
    /// The T wave's largest deflection; negative where it is inverted.
    public var t: Float?
    /// The level at the J point of all leads together, and 20, 40, 60 and 80 ms after it.
    public var j: Float?
    public var j20: Float?
    public var j40: Float?
    public var j60: Float?
    public var j80: Float?
    /// Millivolts a second from J to J + 80 ms; positive where ST rises.
    public var slope: Float?
    /// Milliseconds from the global QRS onset to the R peak of this lead (intrinsicoid deflection).
    public var intrinsicoid: Float?
    /// The root mean square of what single beats differ from the median, millivolts.
    public var noise: Float?
    /// Beats in the median.
    public var beats = 0

    @_noAllocation @_noLocks
    public init() {}
}

/// Ways to refer a QT interval to a rate of 60 a minute (AHA/ACC/HRS 2009).
public enum QTFormula: UInt8, Sendable {
    /// QT / ∛RR. The default.
    case fridericia = 0
    /// QT / √RR.
    case bazett = 1
    /// QT + 154 ms × (1 - RR / 1 s).
    case framingham = 2
    /// QT + 1.75 ms × (rate - 60).
    case hodges = 3
}

/// The values of the last 10 s. Times in milliseconds, axes in degrees, voltages in millivolts; nil for what is not known, with its reason beside it.
public struct Measurement: Sendable {
    /// Beats in the last 10 s, and of these the ones in the median that was measured.
    public var beats = 0
    public var measuredBeats = 0
    /// The leads that were measured.
    public var leads = LeadSet.empty
    /// Beats a minute: of all intervals of the last 10 s. At least two beats.
    public var heartRate: Float?
    /// The mean interval between beats, its standard deviation (SDNN) and the root mean square of successive differences (RMSSD), all of the last 10 s.
    public var interval: Float?
    public var sdnn: Float?
    public var rmssd: Float?
    /// The same of the intervals between usual beats of the last five minutes; nil before so much was heard, and where such intervals cover less than
    /// 80 % of it. Counts what ``MeasureMonitor/measure(markingAll:estimating:)`` saw: call it at least every 8 s.
    public var longSDNN: Float?
    public var longRMSSD: Float?
    /// P waves a minute: of the measured beats, and of those found between them that no QRS complex follows. Nil where no P wave belongs to the beats.
    /// One that lies in a T wave or in a QRS complex is not found.
    public var atrialRate: Float?
    /// P waves without a QRS complex in the last 10 s.
    public var blockedP = 0
    /// Those of them that come early and make a pause that is no double interval: premature atrial beats that are not conducted.
    public var earlyBlockedP = 0
    /// How P waves and QRS complexes follow each other, where it is looked for: not in a rhythm whose every beat has its P wave at less than 260 ms, without pauses.
    public var conduction = Conduction.unknown
    /// Whether a P wave belongs to each of the measured beats; nil where it cannot be seen.
    public var hasP: Bool?
    /// The edges over all leads together: of the second earliest beginning and of the second latest end of the leads' own.
    public var marks = WaveMarks()
    /// P duration, PR interval (P onset to QRS onset), QRS duration, QT interval (QRS onset to T end).
    public var p: Float?
    public var pr: Float?
    public var qrs: Float?
    public var qt: Float?
    /// Why ``p`` and ``pr``, ``qrs``, and ``qt`` are not known.
    public var pGap = MeasureGap.noBeats
    public var qrsGap = MeasureGap.noBeats
    public var qtGap = MeasureGap.noBeats
    /// Frontal axes by the areas in I and aVF, -179 to 180; 0 points to the left, 90 down. aVF counts 2/√3, because an augmented lead is that much shorter.
    public var pAxis: Float?
    public var qrsAxis: Float?
    public var tAxis: Float?
    /// S in V1 and the larger R of V5 and V6 (Sokolow-Lyon); R in aVL and S in V3 (Cornell).
    public var sokolowLyon: Float?
    public var cornell: Float?
    public var lead = InlineArray<12, LeadMeasurement>(repeating: LeadMeasurement())
    /// Standard errors of these values, where they were asked for.
    public var uncertainty = MeasureUncertainty()

    @_noAllocation @_noLocks
    public init() {}

    /// The QT interval as it would be at 60 beats a minute.
    @_noAllocation @_noLocks
    public func qtc(_ formula: QTFormula = .fridericia) -> Float? {
        guard let qt, let interval, interval > 0 else { return nil }
        let seconds = Double(interval) / 1000
        switch formula {
        case .fridericia: return Float(Double(qt) / Angles.cubeRoot(seconds))
        case .bazett: return Float(Double(qt) / Arithmetic.squareRoot(seconds))
        case .framingham: return Float(Double(qt) + 154 * (1 - seconds))
        case .hodges: return Float(Double(qt) + 1.75 * (60 / seconds - 60))
        }
    }
}
