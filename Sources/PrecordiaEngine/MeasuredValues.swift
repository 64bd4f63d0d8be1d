// What was measured last, in a fixed layout that events, other threads and the C interface can carry.
// Apart from PrecordiaMeasure's own values, which are larger: this is what a screen and a line have.

public import PrecordiaMeasure
public import PrecordiaSignal

/// The values of the last 10 s as an engine tells them. Times in milliseconds, axes in degrees, levels in millivolts; NaN for what is not known.
public struct MeasuredValues: Sendable {
    /// Beats a minute; not known wherever the engine gives no heart rate.
    public var heartRate = Float.nan
    /// P duration, PR interval, QRS duration, QT interval, and QT by Fridericia for 60 beats a minute.
    public var p = Float.nan
    public var pr = Float.nan
    public var qrs = Float.nan
    public var qt = Float.nan
    public var qtc = Float.nan
    public var pAxis = Float.nan
    public var qrsAxis = Float.nan
    public var tAxis = Float.nan
    /// ST at the J point and 60 ms after it, by lead in ``Lead`` order.
    public var j = InlineArray<12, Float>(repeating: .nan)
    public var j60 = InlineArray<12, Float>(repeating: .nan)
    /// Leads that were measured.
    public var leads: UInt16 = 0
    /// Beats of the last 10 s, and those in the median that was measured.
    public var beats: UInt8 = 0
    public var measuredBeats: UInt8 = 0
    /// 1 where a P wave belongs to each beat, 0 where none does, 2 where it cannot be seen.
    public var pPresent: UInt8 = 2
    /// Why ``p`` and ``pr``, ``qrs``, and ``qt`` are not known, raw values of ``MeasureGap``.
    public var pGap = MeasureGap.noBeats.rawValue
    public var qrsGap = MeasureGap.noBeats.rawValue
    public var qtGap = MeasureGap.noBeats.rawValue
    /// Whether nothing is given because a rhythm that kills is alarmed.
    public var isWithheld = false
    /// Whether axes and levels are left out because limb electrodes seem to be at each other's places, or leads do not fit each other.
    public var isVoltageDoubted = false

    /// Nothing known.
    @_noAllocation @_noLocks
    public init() {}

    /// - Parameters:
    ///   - leads: those whose place and voltage are certain; levels of others are not given.
    ///   - axes: whether the limb leads are certain.
    @_noAllocation @_noLocks
    public init(_ values: Measurement, leads certain: LeadSet, axes: Bool) {
        heartRate = values.heartRate ?? .nan
        p = values.p ?? .nan
        pr = values.pr ?? .nan
        qrs = values.qrs ?? .nan
        qt = values.qt ?? .nan
        qtc = values.qtc() ?? .nan
        if axes {
            pAxis = values.pAxis ?? .nan
            qrsAxis = values.qrsAxis ?? .nan
            tAxis = values.tAxis ?? .nan
        }
        leads = values.leads.rawValue
        for lead in 0..<12 where certain.contains(index: lead) {
            j[lead] = values.lead[lead].j ?? .nan
            j60[lead] = values.lead[lead].j60 ?? .nan
        }
        beats = UInt8(truncatingIfNeeded: values.beats)
        measuredBeats = UInt8(truncatingIfNeeded: values.measuredBeats)
        if let hasP = values.hasP { pPresent = hasP ? 1 : 0 }
        pGap = values.pGap.rawValue
        qrsGap = values.qrsGap.rawValue
        qtGap = values.qtGap.rawValue
        isVoltageDoubted = !axes
    }

    /// The lead whose level at J is furthest from 0, aVR left out; nil where none is known.
    public var largestST: (lead: Int, level: Float)? {
        @_noAllocation @_noLocks get {
            var best = -1
            for lead in 0..<12 where lead != 3 && j[lead] == j[lead] {
                if best < 0 || j[lead].magnitude > j[best].magnitude { best = lead }
            }
            return best < 0 ? nil : (best, j[best])
        }
    }
}
