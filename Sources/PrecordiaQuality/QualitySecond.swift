// What was wrong in one second, or in one frame, lead by lead.
// Separate from the monitor, because a report is nothing but the union of these.

/// Faults as bits of leads.
struct QualitySecond {
    var off: UInt16 = 0
    var flat: UInt16 = 0
    var clipped: UInt16 = 0
    var gap: UInt16 = 0
    var noisy: UInt16 = 0
    var outOfRange: UInt16 = 0
    var mains: UInt16 = 0
    var wander: UInt16 = 0
    var muscle: UInt16 = 0
    var spikes: UInt16 = 0
    /// Leads whose mean moved out of the range since the second before. No reason of its own: they are out of range, too, in either second.
    var displaced: UInt16 = 0

    @_noAllocation @_noLocks
    init() {}

    /// Leads that are worth nothing; mains, wander, muscle noise and spikes leave a lead some worth.
    var bad: UInt16 { @_noAllocation @_noLocks get { off | flat | clipped | gap | noisy | outOfRange } }

    @_noAllocation @_noLocks
    mutating func unite(_ other: QualitySecond) {
        off |= other.off
        flat |= other.flat
        clipped |= other.clipped
        gap |= other.gap
        noisy |= other.noisy
        outOfRange |= other.outOfRange
        mains |= other.mains
        wander |= other.wander
        muscle |= other.muscle
        spikes |= other.spikes
        displaced |= other.displaced
    }
}
