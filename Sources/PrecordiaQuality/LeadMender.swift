// Gives the classifier something better than a bad lead: what follows from the others, or nothing at all.
// Separate from the monitor, which only judges, and from the display, which shows what the device sent.

public import PrecordiaSignal

/// Replaces bad leads sample by sample: a limb lead by what Einthoven's and Goldberger's equations say of good ones, any other by the
/// value at which it became bad, which to a classifier behind a high-pass is a missing lead, as it was trained with.
///
/// Whatever a lead changes to begins at the level that it had, so that no filter behind sees a step.
/// - Memory: inline. Cost: a comparison a frame until the first bad lead, then some forty operations.
public struct LeadMender: ~Copyable {
    private enum Source: UInt8 {
        case own = 0
        case others = 1
        case held = 2
    }

    private let derived: UInt16
    private var sources = InlineArray<12, UInt8>(repeating: Source.own.rawValue)
    private var offsets = InlineArray<12, Double>(repeating: 0)
    private var newest = InlineArray<12, Double>(repeating: 0)
    /// Whether no lead was bad yet, and so nothing is to be done to a frame without a bad lead.
    public private(set) var isIdle = true

    /// - Parameter derived: leads that the stream computes from I and II, from which nothing new follows.
    public init(derived: LeadSet = LeadSet(rawValue: 0)) { self.derived = derived.rawValue }

    /// Of `bad` leads those that follow from good ones.
    ///
    /// With two of I, II and III good the third follows, and with it every augmented lead. Leads in `derived` are no evidence of their own.
    @_noAllocation @_noLocks
    public static func mendable(_ bad: LeadSet, derived: LeadSet) -> LeadSet {
        let lost = bad.rawValue & 7
        let known = ~(bad.rawValue | derived.rawValue) & 7
        guard known.nonzeroBitCount >= 2 else { return LeadSet(rawValue: 0) }
        return LeadSet(rawValue: bad.rawValue & 0x38 | lost)
    }

    /// Forgets everything, as at the start.
    @_noAllocation @_noLocks
    public mutating func reset() {
        guard !isIdle else { return }
        isIdle = true
        for lead in 0..<12 {
            sources[lead] = Source.own.rawValue
            offsets[lead] = 0
            newest[lead] = 0
        }
    }

    /// Mends one frame's twelve leads in place, in microvolts since their first samples.
    @_noAllocation @_noLocks
    public mutating func mend(_ microvolts: UnsafeMutablePointer<Double>, bad: LeadSet) {
        if isIdle && bad.rawValue == 0 { return }
        if isIdle { begin(microvolts) }
        let mended = LeadMender.mendable(bad, derived: LeadSet(rawValue: derived)).rawValue
        let lost = mended & 7
        let one = lost & 1 != 0 ? microvolts[1] - microvolts[2] : microvolts[0]
        let two = lost & 2 != 0 ? microvolts[0] + microvolts[2] : microvolts[1]
        for lead in 0..<12 {
            let bit: UInt16 = 1 &<< UInt16(truncatingIfNeeded: lead)
            var source = Source.own
            var value = microvolts[lead]
            if mended & bit != 0 {
                source = .others
                value = LeadMender.limb(lead, one, two)
            } else if bad.rawValue & bit != 0 {
                source = .held
            }
            follow(lead, source, value)
            microvolts[lead] = newest[lead]
        }
    }

    private mutating func follow(_ lead: Int, _ source: Source, _ value: Double) {
        let isNew = sources[lead] != source.rawValue
        sources[lead] = source.rawValue
        if case .held = source { return }
        if isNew { offsets[lead] = newest[lead] - value }
        newest[lead] = value + offsets[lead]
    }

    /// The first frame with a bad lead. What came before it was each lead's own, so that the last values stand in for those not remembered.
    private mutating func begin(_ microvolts: UnsafePointer<Double>) {
        isIdle = false
        for lead in 0..<12 { newest[lead] = microvolts[lead] }
    }

    private static func limb(_ lead: Int, _ one: Double, _ two: Double) -> Double {
        switch lead {
        case 0: one
        case 1: two
        case 2: two - one
        case 3: -(one + two) / 2
        case 4: one - two / 2
        default: two - one / 2
        }
    }
}
