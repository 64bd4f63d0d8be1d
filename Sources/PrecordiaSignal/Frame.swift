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
