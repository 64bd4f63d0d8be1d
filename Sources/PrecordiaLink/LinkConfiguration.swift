// The settings that samples are to be read with, as the device repeats them on the wire.
// Read in place and checked once; the encoder writes the same bytes.

package import PrecordiaSignal

/// One channel of the device's frames.
package struct LinkChannel: Equatable, Sendable {
    /// The lead it carries; nil for one that is no lead of the twelve, which a reader passes over.
    package var lead: Lead?
    /// The amplifier's gain in hundredths; nil if not known. For a person: ``microvoltsPerCount`` has it included.
    package var gain: UInt16?
    /// The count that stands for 0 microvolts.
    package var baseline: Int32
    /// Microvolts of one count.
    package var microvoltsPerCount: Double
    /// Band of the device's own filters in thousandths of a hertz; nil if not known, 0 for none.
    package var highPass, lowPass: UInt32?

    @_noAllocation @_noLocks
    package init(
        lead: Lead?, gain: UInt16? = nil, baseline: Int32 = 0, microvoltsPerCount: Double = 1, highPass: UInt32? = nil,
        lowPass: UInt32? = nil
    ) {
        self.lead = lead
        self.gain = gain
        self.baseline = baseline
        self.microvoltsPerCount = microvoltsPerCount
        self.highPass = highPass
        self.lowPass = lowPass
    }
}

/// A configuration block's payload, checked. The bytes must outlive it.
package struct LinkConfiguration {
    /// Counts the changes of a session; data names the one that it was made with.
    package var number: UInt16 { @_noAllocation @_noLocks get { payload.u16(0) } }
    /// Channels of a frame, 1 to 16.
    package var channelCount: Int { @_noAllocation @_noLocks get { Int(payload[2]) } }
    /// Samples a second and channel, hertz.
    package var rate: Int { @_noAllocation @_noLocks get { Int(truncatingIfNeeded: payload.u32(4)) } }
    /// Frames that will come in this session; nil if nobody knows.
    package var frames: UInt64? { @_noAllocation @_noLocks get { payload.u64(8) == .max ? nil : payload.u64(8) } }
    /// Electrodes whose contact the device can tell. Of the others nothing is known, attached or not.
    package var sensed: ElectrodeSet { @_noAllocation @_noLocks get { ElectrodeSet(rawValue: payload.u16(16)) } }
    /// Leads whose limits the device watches.
    package var watched: LeadSet { @_noAllocation @_noLocks get { LeadSet(rawValue: payload.u16(18)) } }

    static var fixedBytes: Int { 24 }
    static var channelBytes: Int { 24 }
    static var maximumChannels: Int { 16 }
    /// Bytes of the longest configuration that this version writes.
    package static var maximumBytes: Int { @_noAllocation @_noLocks get { fixedBytes + maximumChannels * channelBytes } }

    let payload: UnsafeRawBufferPointer

    /// A view of bytes that were checked.
    @_noAllocation @_noLocks
    init(checked payload: UnsafeRawBufferPointer) { self.payload = payload }

    /// A payload as it came; nil if it contradicts itself: too short, no channel or more than 16, a rate of 0 or above 2^24 Hz, a lead
    /// twice or a number that is none, or no lead at all.
    @_noAllocation @_noLocks
    package init?(_ payload: UnsafeRawBufferPointer) {
        guard payload.count >= Self.fixedBytes, payload[2] >= 1, Int(payload[2]) <= Self.maximumChannels,
            payload.count >= Self.fixedBytes + Int(payload[2]) * Self.channelBytes, payload.u32(4) >= 1, payload.u32(4) <= 1 << 24
        else { return nil }
        self.payload = payload
        var leads = LeadSet.empty
        for index in 0..<channelCount {
            let number = payload[at(index)]
            if number == .max { continue }
            guard number < 12, !leads.contains(index: Int(number)) else { return nil }
            leads.formUnion(LeadSet(rawValue: 1 &<< UInt16(number)))
        }
        if leads.isEmpty { return nil }
    }

    /// A channel, 0..<``channelCount``.
    @_noAllocation @_noLocks
    package func channel(_ index: Int) -> LinkChannel {
        precondition(index >= 0 && index < channelCount, "The configuration has no such channel.")
        let at = at(index)
        return LinkChannel(
            lead: Lead(rawValue: payload[at]), gain: payload.u16(at &+ 2) == .max ? nil : payload.u16(at &+ 2),
            baseline: payload.i32(at &+ 4), microvoltsPerCount: payload.f64(at &+ 8),
            highPass: payload.u32(at &+ 16) == .max ? nil : payload.u32(at &+ 16),
            lowPass: payload.u32(at &+ 20) == .max ? nil : payload.u32(at &+ 20))
    }

    /// Leads that a channel carries.
    package var leads: LeadSet {
        @_noAllocation @_noLocks get {
            var leads = LeadSet.empty
            for index in 0..<channelCount where payload[at(index)] != .max {
                leads.formUnion(LeadSet(rawValue: 1 &<< UInt16(payload[at(index)])))
            }
            return leads
        }
    }

    /// What the frames' counts mean to the engine. III, aVR, aVL and aVF are derived where I and II are carried and they are not;
    /// what is neither carried nor derived is absent, as with a cable of three or five leads.
    package var format: StreamFormat {
        @_noAllocation @_noLocks get {
            let leads = leads
            let limbs = leads.contains(.I) && leads.contains(.II)
            var format = StreamFormat(rate: rate, derived: limbs ? LeadSet.derived.subtracting(leads) : .empty)
            format.absent = LeadSet.all.subtracting(leads).subtracting(format.derived)
            for index in 0..<channelCount {
                let place = Int(payload[at(index)])
                guard place < 12 else { continue }
                format.microvoltsPerCount[place] = payload.f64(at(index) &+ 8)
                format.baseline[place] = payload.i32(at(index) &+ 4)
            }
            return format
        }
    }

    /// Where a channel's entry begins.
    @_noAllocation @_noLocks
    func at(_ channel: Int) -> Int { Self.fixedBytes &+ channel &* Self.channelBytes }
}
