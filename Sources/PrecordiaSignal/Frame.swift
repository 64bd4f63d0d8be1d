// One sample of all leads, as it comes from a device, a file or the simulator.
// It is the border between whoever produces signal and the engine, which never asks where a frame came from.

/// One sample instant of every lead, in device counts.
public struct Frame: Sendable {
    /// Samples since the stream began, at the stream's rate. A jump means that the frames between were lost.
    public var index: UInt64
    /// Device counts by ``Lead`` raw value; ``StreamFormat`` turns them into microvolts. Leads that the stream derives are ignored.
    public var counts: InlineArray<12, Int32>
    /// Leads that have no valid sample at this instant.
    public var missing: LeadSet
    /// Leads whose converter or amplifier was at its limit.
    public var clipped: LeadSet
    /// Electrodes that the device reports as not attached.
    public var off: ElectrodeSet

    @inlinable
    public init(
        index: UInt64, counts: InlineArray<12, Int32> = InlineArray(repeating: 0), missing: LeadSet = .empty,
        clipped: LeadSet = .empty, off: ElectrodeSet = .empty
    ) {
        self.index = index
        self.counts = counts
        self.missing = missing
        self.clipped = clipped
        self.off = off
    }
}

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
