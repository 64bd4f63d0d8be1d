// What a stream's counts mean, told once before the first frame.

/// What the counts of a stream mean. Fixed for the life of an engine.
public struct StreamFormat: Sendable {
    /// Samples a second and lead, hertz, 100 to 2000.
    public var rate: Int
    /// Leads computed from I and II instead of being read from the frame: a subset of ``LeadSet/derived``.
    public var derived: LeadSet
    /// Microvolts a count, by lead; the magnitude in ``scales``.
    public var microvoltsPerCount: InlineArray<12, Double>
    /// The count that stands for 0 microvolts, by lead.
    public var baseline: InlineArray<12, Int32>
    /// Leads that this stream does not have: its cable has no such electrode. They are no fault, whatever its frames say of them.
    public var absent: LeadSet
    /// Leads whose samples are an electrocardiogram from nobody knows where on the body: heart beats are looked for in them, the
    /// classifier does not hear them.
    public var unplaced: LeadSet

    public init(
        rate: Int, derived: LeadSet = .empty, microvoltsPerCount: InlineArray<12, Double> = InlineArray(repeating: 1),
        baseline: InlineArray<12, Int32> = InlineArray(repeating: 0), absent: LeadSet = .empty, unplaced: LeadSet = .empty
    ) {
        self.rate = rate
        self.derived = derived
        self.microvoltsPerCount = microvoltsPerCount
        self.baseline = baseline
        self.absent = absent
        self.unplaced = unplaced
    }

    /// Leads that no frame can have: ``absent``, and those to be computed from an absent I or II.
    public var lacking: LeadSet {
        @_noAllocation @_noLocks get { absent.contains(.I) || absent.contains(.II) ? absent.union(derived) : absent }
    }

    /// Leads that frames can have, computed ones included.
    public var leads: LeadSet { @_noAllocation @_noLocks get { LeadSet.all.subtracting(lacking) } }

    /// Whether counts mean the same in both.
    @_noAllocation @_noLocks
    public func isSame(as other: StreamFormat) -> Bool {
        guard rate == other.rate, derived == other.derived, absent == other.absent, unplaced == other.unplaced else { return false }
        for lead in 0..<12 where microvoltsPerCount[lead] != other.microvoltsPerCount[lead] || baseline[lead] != other.baseline[lead] {
            return false
        }
        return true
    }

    /// Rates that the engine takes, hertz.
    public static var rates: ClosedRange<Int> { 100...2000 }

    /// Magnitudes of ``microvoltsPerCount`` that the engine takes. Electrocardiographs have 0.1 to 10; with the limits any 32-bit count
    /// stays finite in every filter.
    public static var scales: ClosedRange<Double> { 1e-9...1e9 }
}
