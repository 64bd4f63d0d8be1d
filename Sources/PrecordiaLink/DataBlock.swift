// The samples of a data block, read in place once they agree with each other and with the configuration.
// Separate from the decoder, which decides what a hole means.

import PrecordiaSignal

/// A pacing pulse that the device saw between two samples.
package struct PaceMark: Equatable, Sendable {
    /// The sample before the pulse's beginning, and the part of a sample interval after it in 1/65536.
    package var sample: UInt64
    package var fraction: UInt16
    /// Microseconds; nil if not known.
    package var width: UInt16?
    /// Tenths of a millivolt, signed; nil if not known.
    package var amplitude: Int16?

    @_noAllocation @_noLocks
    package init(sample: UInt64, fraction: UInt16 = 0, width: UInt16? = nil, amplitude: Int16? = nil) {
        self.sample = sample
        self.fraction = fraction
        self.width = width
        self.amplitude = amplitude
    }
}

/// A data block's payload, checked.
struct DataBlock {
    static var fixedBytes: Int { 16 }
    static var groupBytes: Int { 6 }
    static var markBytes: Int { 8 }

    /// Index of the first sample since the session began.
    let first: UInt64
    let count: Int
    let markCount: Int
    let width: Int
    let channels: Int
    let payload: UnsafeRawBufferPointer
    /// Where the values begin.
    let samples: Int

    /// The highest index of a first sample instant, so that no block's end wraps or passes 2^63.
    private static var maximumFirst: UInt64 { @_noAllocation @_noLocks get { 0x7FFF_FFFF_FFFF_FEFF } }

    /// The configuration that a payload was made with, and its frames; nil if it is too short to say so, or the index is none.
    @_noAllocation @_noLocks
    static func claim(_ payload: UnsafeRawBufferPointer) -> (configuration: UInt16, first: UInt64, frames: Int)? {
        guard payload.count >= fixedBytes, payload.u64(0) <= maximumFirst else { return nil }
        return (payload.u16(8), payload.u64(0), Int(payload[10]))
    }

    /// Nil if a count, the length, the groups or the index contradict each other or the configuration.
    @_noAllocation @_noLocks
    init?(_ payload: UnsafeRawBufferPointer, _ configuration: LinkConfiguration) {
        guard payload.count >= Self.fixedBytes else { return nil }
        self.payload = payload
        first = payload.u64(0)
        count = Int(payload[10])
        width = Int(payload[11])
        channels = Int(payload[12])
        let groups = Int(payload[13])
        markCount = Int(payload[14])
        samples = Self.fixedBytes &+ groups &* Self.groupBytes &+ markCount &* Self.markBytes
        guard count >= 1, width >= 2, width <= 4, channels == configuration.channelCount, groups >= 1,
            payload.count == samples &+ count &* channels &* width, first <= Self.maximumFirst
        else { return nil }
        var covered = 0
        for group in 0..<groups {
            let length = Int(payload[Self.fixedBytes &+ group &* Self.groupBytes])
            guard length > 0 else { return nil }
            covered &+= length
        }
        guard covered == count else { return nil }
        for mark in 0..<markCount where Int(payload[samples &- (markCount &- mark) &* Self.markBytes]) >= count { return nil }
    }

    /// Reads the sample instant `place`, 0..<``count``. `absent` are the leads without a channel that nothing derives.
    @_noAllocation @_noLocks
    func read(_ place: Int, _ configuration: LinkConfiguration, absent: LeadSet, into frame: inout Frame) {
        frame.index = first &+ UInt64(truncatingIfNeeded: place)
        var missing = absent.rawValue
        var at = samples &+ place &* channels &* width
        for channel in 0..<channels {
            let value = sample(at)
            at &+= width
            let lead = Int(configuration.payload[configuration.at(channel)])
            guard lead < 12 else { continue }
            if let value { frame.counts[lead] = value } else { missing |= 1 &<< UInt16(truncatingIfNeeded: lead) }
        }
        frame.missing = LeadSet(rawValue: missing)
        let group = group(of: place)
        frame.off = ElectrodeSet(rawValue: payload.u16(group &+ 2))
        frame.clipped = LeadSet(rawValue: payload.u16(group &+ 4))
    }

    /// A pace mark, 0..<``markCount``.
    @_noAllocation @_noLocks
    func mark(_ index: Int) -> PaceMark {
        let at = samples &- (markCount &- index) &* Self.markBytes
        return PaceMark(
            sample: first &+ UInt64(payload[at]), fraction: payload.u16(at &+ 2),
            width: payload.u16(at &+ 4) == .max ? nil : payload.u16(at &+ 4),
            amplitude: payload.i16(at &+ 6) == .min ? nil : payload.i16(at &+ 6))
    }

    /// The value at `at`; nil for the lowest of its width, which says that there is none.
    @_noAllocation @_noLocks
    func sample(_ at: Int) -> Int32? {
        switch width {
        case 2:
            let value = payload.i16(at)
            return value == .min ? nil : Int32(value)
        case 3:
            let bits = UInt32(payload[at]) &<< 8 | UInt32(payload[at &+ 1]) &<< 16 | UInt32(payload[at &+ 2]) &<< 24
            return bits == 0x8000_0000 ? nil : Int32(bitPattern: bits) &>> 8
        default:
            let value = payload.i32(at)
            return value == .min ? nil : value
        }
    }

    /// Where the entry of the group that `place` is in begins.
    @_noAllocation @_noLocks
    private func group(of place: Int) -> Int {
        var at = Self.fixedBytes
        var end = Int(payload[at])
        while place >= end {
            at &+= Self.groupBytes
            end &+= Int(payload[at])
        }
        return at
    }
}
