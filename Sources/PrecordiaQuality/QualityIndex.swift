// How good each lead was, as one number from 0 to 1: the part of the window that could be read.
// Separate from the sets of faults, which say what was wrong and not how much of the time.

public import PrecordiaSignal

/// A number for each lead, in steps of 1/255: the mean over the window's full seconds of what each was worth.
///
/// A second is worth nothing with a fault that makes the lead bad, and less than 1 with mains, wander, muscle noise or spikes, by the worst of
/// them (``QualityLimits``). Before the first full second it is 0.
public struct QualityIndex: Equatable, Sendable {
    /// A byte a lead: I to V2, and V3 to V6.
    private var first: UInt64 = 0
    private var last: UInt64 = 0
    /// Leads that the stream does not have: their number says nothing.
    var absent: UInt16 = 0

    @_noAllocation @_noLocks
    public init() {}

    /// 0 for a lead that could not be read or is not there, 1 for one without a fault.
    @_noAllocation @_noLocks
    public func value(of lead: Lead) -> Float { Float(self[Int(lead.rawValue)]) / 255 }

    /// The exam's: that of its worst lead, because people call a twelve-lead exam unacceptable when one lead of it cannot be read.
    public var worst: Float {
        @_noAllocation @_noLocks get {
            var least: UInt8 = 255
            for lead in 0..<12 where self[lead] < least && absent & (1 &<< UInt16(truncatingIfNeeded: lead)) == 0 { least = self[lead] }
            return Float(least) / 255
        }
    }

    /// By the place of a lead, in 255ths.
    subscript(lead: Int) -> UInt8 {
        @_noAllocation @_noLocks get {
            let word = lead < 8 ? first : last
            return UInt8(truncatingIfNeeded: word &>> UInt64(truncatingIfNeeded: 8 &* (lead & 7)))
        }
        @_noAllocation @_noLocks set {
            let shift = UInt64(truncatingIfNeeded: 8 &* (lead & 7))
            let kept = ~(UInt64(0xFF) &<< shift)
            if lead < 8 {
                first = first & kept | UInt64(newValue) &<< shift
            } else {
                last = last & kept | UInt64(newValue) &<< shift
            }
        }
    }
}
