// What a host may look at between two news: the decoder's findings, and the signal's.
// Views only, so that nobody needs the decoder itself.

package import PrecordiaSignal

extension HostSession {
    /// Everything that the decoder has counted, and what was found of the signal.
    package var counters: LinkCounters { @_noAllocation @_noLocks get { decoder.counters } }
    package var heard: SignalWatch.Counters { @_noAllocation @_noLocks get { signal.counters } }
    /// Frames so far that were not the ones before once more.
    var newFrames: UInt64 { @_noAllocation @_noLocks get { signal.counters.heard &+ signal.counters.mistimed } }

    /// The configuration in force; nil before the first of the device's session.
    package var configuration: LinkConfiguration? { @_noAllocation @_noLocks get { decoder.configuration } }
    /// Leads that a channel of it carries.
    package var leads: LeadSet { @_noAllocation @_noLocks get { decoder.leads } }
    /// Who the device is; nil before it has said hello.
    package var hello: DeviceHello? { @_noAllocation @_noLocks get { decoder.hello } }
    /// How the device fares, by its last status.
    package var status: DeviceStatus { @_noAllocation @_noLocks get { decoder.status } }
    /// The device's own count of its sessions, and the protocol's version in its last block.
    package var deviceSession: UInt32 { @_noAllocation @_noLocks get { decoder.header.session } }
    package var deviceVersion: UInt8 { @_noAllocation @_noLocks get { decoder.header.version } }

    /// Of ``HostNews/event``, and ``HostNews/error``; nil at other times.
    package var event: DeviceEvent? { @_noAllocation @_noLocks get { news == .event ? decoder.event : nil } }
    package var error: DeviceError? { @_noAllocation @_noLocks get { news == .error ? decoder.error : nil } }
    /// The sample instant that a ``HostNews/event`` or ``HostNews/error`` is about, in the stream's count: the device's own or, where it gives none, the index
    /// after the last frame; nil where neither is known.
    package var noticeSample: UInt64? {
        @_noAllocation @_noLocks get {
            if let event, let sample = event.sample { return stream.isOpen ? sample &+ offset : sample }
            return stream.isOpen ? samples : nil
        }
    }

    /// Of ``HostNews/rateWrong``: samples that come in a second.
    package var measuredRate: Double { @_noAllocation @_noLocks get { signal.measuredRate } }
    /// The rate that was asked for, hertz, and what the last answer said became of a command: 0 done, or why not.
    package var askedRate: UInt32 { @_noAllocation @_noLocks get { talk.rate ?? 0 } }
    package var result: UInt8 { @_noAllocation @_noLocks get { talk.result } }
    /// Frames of those that were announced which a stream that is open has not had; nil if nobody knows.
    package var framesToCome: UInt64? {
        @_noAllocation @_noLocks get {
            guard stream.isOpen, let announced, announced > samples &- offset else { return nil }
            return announced &- (samples &- offset)
        }
    }
}

extension ClockTracker {
    /// Observes the data block that a session has in hand; call it with each ``HostNews/frame``, the first of a block counts.
    @_noAllocation @_noLocks
    package mutating func observe(_ session: borrowing HostSession) { observe(session.decoder, at: session.arrived) }
}

extension DeviceError {
    /// Whether it says that nothing more comes.
    package var isFatal: Bool { @_noAllocation @_noLocks get { severity >= 2 } }
}
