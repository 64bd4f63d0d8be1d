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

    public init(
        rate: Int, derived: LeadSet = .empty, microvoltsPerCount: InlineArray<12, Double> = InlineArray(repeating: 1),
        baseline: InlineArray<12, Int32> = InlineArray(repeating: 0)
    ) {
        self.rate = rate
        self.derived = derived
        self.microvoltsPerCount = microvoltsPerCount
        self.baseline = baseline
    }

    /// Rates that the engine takes, hertz.
    public static var rates: ClosedRange<Int> { 100...2000 }

    /// Magnitudes of ``microvoltsPerCount`` that the engine takes. Electrocardiographs have 0.1 to 10; with the limits any 32-bit count
    /// stays finite in every filter.
    public static var scales: ClosedRange<Double> { 1e-9...1e9 }
}
