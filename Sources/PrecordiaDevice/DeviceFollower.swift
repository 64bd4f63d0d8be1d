// Between acquisition and the host session that follows the device: chunks of the ring in, commands back, news on to whoever listens.
// Apart from a live session and a capture, which differ only in what they do with it; and from PrecordiaLink, which has no thread and no words.

import CPrecordiaTransport
import Glibc
package import PrecordiaHost
package import PrecordiaLink
import PrecordiaReport

/// What has become of a device, as docs/events.md has it.
package enum DeviceState: Int {
    case open, lost, silent, streaming, absent, restarted

    package var name: StaticString { EventNames.deviceState(rawValue) }
}

/// Whoever is told of a device.
package protocol DeviceListener: AnyObject {
    /// The session has news, other than those below; what they are about stands in ``DeviceFollower/session``.
    func heard(_ news: HostNews)
    /// The device has another state, since a moment of the monotonic clock; words for a person, which may be none.
    func changed(_ state: DeviceState, _ words: String, at moment: Int64)
    /// Of a capture with times: what the host's clock was then, microseconds since 1970.
    func sets(clock: Int64, at moment: Int64)
    /// Something a person should know.
    func note(_ words: String)
    /// The source cannot be used.
    func fail(_ words: String)
}

/// Follows a device by what acquisition says of it.
///
/// - Thread: its listener's. Memory: a host session's.
package final class DeviceFollower {
    let acquisition: Acquisition
    private let ring: ChunkRing
    private let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: HostSession.requiredBytes, alignment: 64)
    package private(set) var session: HostSession
    package var figures = LiveFigures()
    /// Whether acquisition has closed the source.
    package private(set) var isOver = false
    /// Whether what still comes is left alone.
    package var discardsInput = false

    package init(_ settings: HostSettings, acquisition: Acquisition, ring: ChunkRing) {
        self.acquisition = acquisition
        self.ring = ring
        session = HostSession(settings, memory: memory)
    }

    deinit { memory.deallocate() }

    /// What is due by the clock: commands, and whether the device is silent. A file or a pipe may be as slow as it likes.
    package func act(at now: Int64, _ listener: some DeviceListener) {
        session.act(at: now)
        drain(listener)
    }

    /// Whether anything new has come: after each piece, so that a silence begins with the last one.
    package func look(at now: Int64, _ listener: some DeviceListener) {
        session.look(at: now)
        drain(listener)
    }

    /// Does what a piece of news asks for.
    package func take(_ chunk: ChunkRing.Chunk, _ listener: some DeviceListener) {
        switch AcquisitionNews(rawValue: chunk.kind)! {
        case .bytes: decode(chunk, listener)
        case .opened:
            session.opened(at: chunk.time, framing: LinkFraming(rawValue: chunk.bytes[0]) ?? .plain)
            listener.changed(.open, Self.text(UnsafeRawBufferPointer(rebasing: chunk.bytes[1...])), at: chunk.time)
            drain(listener)
        case .lost:
            finish(listener)
            if !session.isLeaving { listener.changed(.lost, Self.text(chunk.bytes), at: chunk.time) }
            session.lost(at: chunk.time)
            drain(listener)
        case .absent: listener.changed(.absent, Self.text(chunk.bytes), at: chunk.time)
        case .clock: listener.sets(clock: chunk.bytes.loadUnaligned(as: Int64.self), at: chunk.time)
        case .note: listener.note(Self.text(chunk.bytes))
        case .counters: figures.transport = chunk.bytes.loadUnaligned(as: precordia_transport_counters.self)
        case .ended: finish(listener)
        case .failed:
            finish(listener)
            if !session.isLeaving { listener.fail(Self.text(chunk.bytes)) }
        case .closed:
            finish(listener)
            isOver = true
        }
    }

    /// Shows the block in hand to what follows the device's clock, in a session with times. Done here, because from outside the whole session would be
    /// copied for it, 11 KiB a frame.
    package func show(_ time: inout DeviceTime) {
        if session.settings.hasTimes { time.observe(session) }
    }

    /// Of ``HostNews/began`` and ``HostNews/changed``: there is no engine for it.
    package func refuse() { session.refuse() }

    /// The listener ends the stream that is open; whether one was.
    package func endStream() -> Bool { session.endStream() }

    /// Lets the device rest and closes the source.
    package func leave() {
        guard !session.isLeaving else { return }
        _ = session.leave(at: Monotonic.now())
        send()
        acquisition.stop()
    }

    /// Brings the figures up to date.
    package func collect() {
        figures.epoch = session.epoch
        figures.streams = session.streams
        figures.silences = session.silences
        figures.framesUnheard = session.framesUnheard
        figures.link = session.counters
        figures.signal = session.heard
        figures.chunksRefused = ring.refused
        figures.bytesRefused = ring.refusedBytes
    }

    /// The words of the news in hand.
    package var words: String {
        withUnsafeTemporaryAllocation(byteCount: 1 << 14, alignment: 1) { memory in
            let count = session.words(in: memory)
            return String(decoding: memory[..<min(count, memory.count)], as: UTF8.self)
        }
    }

    private func send() {
        while let block = session.command() { _ = acquisition.send(block) }
    }

    private func decode(_ chunk: ChunkRing.Chunk, _ listener: some DeviceListener) {
        var rest = chunk.bytes
        while rest.count > 0, !discardsInput {
            rest = UnsafeRawBufferPointer(rebasing: rest[session.feed(rest, at: chunk.time)...])
            drain(listener)
        }
    }

    /// What has begun on the line and will not end there any more.
    private func finish(_ listener: some DeviceListener) {
        session.finish()
        drain(listener)
    }

    private func drain(_ listener: some DeviceListener) {
        while !discardsInput, let news = session.next() {
            switch news {
            case .streaming: listener.changed(.streaming, "", at: session.arrived)
            case .silent: listener.changed(.silent, words, at: session.silentAt)
            case .restarted: listener.changed(.restarted, words, at: session.arrived)
            case .reply: listener.note(words)
            default: listener.heard(news)
            }
        }
        send()
    }

    private static func text(_ bytes: UnsafeRawBufferPointer) -> String { String(decoding: bytes, as: UTF8.self) }
}
