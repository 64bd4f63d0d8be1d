// What acquisition's news mean, for a live session and a capture alike: bytes to messages, commands when they are due, silence noticed.
// Apart from both, which differ only in what they do with it.

import CPrecordiaTransport
import Glibc
import PrecordiaHost
import PrecordiaLink
import PrecordiaReport

/// What has become of a device, as docs/events.md has it.
package enum DeviceState: Int {
    case open, lost, silent, streaming, absent, restarted

    package var name: StaticString { EventNames.deviceState(rawValue) }
}

/// Whoever is told of a device.
package protocol DeviceListener: AnyObject {
    /// The decoder has found this.
    func heard(_ message: LinkMessage)
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
/// - Thread: its listener's. Memory: a decoder.
package final class DeviceFollower {
    let acquisition: Acquisition
    private let ring: ChunkRing
    private let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: LinkDecoder.requiredBytes, alignment: 64)
    package private(set) var decoder: LinkDecoder
    private var talk: DeviceTalk
    package var watch = DeviceWatch()
    /// Judges what comes: new signal or not, at the rate that the device says or not.
    package var signal = SignalWatch()
    /// Whether the message in hand is the first of a data block.
    package private(set) var isNewBlock = false
    package var figures = LiveFigures()
    /// Monotonic time of the news in hand.
    package private(set) var arrived: Int64 = 0
    /// Whether acquisition has closed the source.
    package private(set) var isOver = false
    /// Whether what still comes is left alone.
    package var isDeaf = false
    private var isFramed = false
    /// Whether the source was left: what becomes of it is no failure.
    package private(set) var isLeaving = false

    /// - Parameters:
    ///   - framing: of the bytes: 0 plain, 1 COBS, -1 for the source's own.
    ///   - rate: the one to ask the device for, hertz; nil for the device's own.
    ///   - keepsTime: whether the source's samples come as fast as they were taken.
    package init(framing: Int32, rate: Int?, keepsTime: Bool, acquisition: Acquisition, ring: ChunkRing) {
        self.acquisition = acquisition
        self.ring = ring
        decoder = LinkDecoder(framing: framing == 1 ? .cobs : .plain, memory: memory)
        talk = DeviceTalk(rate: rate.map { UInt32($0) })
        signal.keepsTime = keepsTime
    }

    /// Whether the times of what comes are known: of a device, and of a capture that has them.
    package var hasTimes: Bool { !acquisition.isPatient || acquisition.isTimed }

    deinit { memory.deallocate() }

    /// What is due by the clock: commands, and whether the device is silent. A file or a pipe may be as slow as it likes.
    package func act(at now: Int64, _ listener: some DeviceListener) {
        guard hasTimes, !isLeaving else { return }
        if !acquisition.isPatient, let words = talk.act(at: now, rate: decoder.configuration?.rate, { send($0) }) { listener.note(words) }
        look(at: now, listener)
    }

    /// Whether anything new has come: after each piece, so that a silence begins with the last one, and as time passes.
    package func look(at now: Int64, _ listener: some DeviceListener) {
        guard hasTimes, !isLeaving else { return }
        let expectsFrames = decoder.counters.frames > 0 && !talk.isOver
        guard let silence = watch.fallsSilent(at: now, decoder.counters, new: newFrames, expectsFrames: expectsFrames) else { return }
        figures.silences += 1
        listener.changed(.silent, words(silence), at: watch.silentAt)
    }

    /// Does what a piece of news asks for.
    package func take(_ chunk: ChunkRing.Chunk, _ listener: some DeviceListener) {
        arrived = chunk.time
        switch AcquisitionNews(rawValue: chunk.kind)! {
        case .bytes: decode(chunk.bytes, listener)
        case .opened: open(chunk, listener)
        case .lost:
            finish(listener)
            watch.lost()
            talk.lost()
            if !isLeaving { listener.changed(.lost, Self.text(chunk.bytes), at: arrived) }
        case .absent: listener.changed(.absent, Self.text(chunk.bytes), at: arrived)
        case .clock: listener.sets(clock: chunk.bytes.loadUnaligned(as: Int64.self), at: arrived)
        case .note: listener.note(Self.text(chunk.bytes))
        case .counters: figures.transport = chunk.bytes.loadUnaligned(as: precordia_transport_counters.self)
        case .ended: finish(listener)
        case .failed:
            finish(listener)
            if !isLeaving { listener.fail(Self.text(chunk.bytes)) }
        case .closed:
            finish(listener)
            isOver = true
        }
    }

    /// Frames that were not the ones before once more.
    private var newFrames: UInt64 { signal.counters.heard &+ signal.counters.mistimed }

    /// Frames come; whether that is news.
    package func hears() -> Bool { watch.hears() }

    /// All frames that the device announced have come.
    package func concludes() {
        talk.over()
        signal.end()
    }

    /// Lets the device rest and closes the source.
    package func leave() {
        guard !isLeaving else { return }
        isLeaving = true
        talk.goodbye(at: Monotonic.now()) { send($0) }
        acquisition.stop()
    }

    /// Brings the figures up to date.
    package func collect() {
        figures.link = decoder.counters
        figures.signal = signal.counters
        figures.chunksRefused = ring.refused
        figures.bytesRefused = ring.refusedBytes
    }

    private func open(_ chunk: ChunkRing.Chunk, _ listener: some DeviceListener) {
        if !isFramed {
            isFramed = true
            if chunk.bytes[0] == 1 { decoder = LinkDecoder(framing: .cobs, memory: memory) }
        }
        figures.epoch += 1
        watch.opened(at: chunk.time, decoder.counters, new: newFrames)
        listener.changed(.open, Self.text(UnsafeRawBufferPointer(rebasing: chunk.bytes[1...])), at: arrived)
        talk.opened(at: Monotonic.now()) { send($0) }
    }

    private func send(_ block: UnsafeRawBufferPointer) {
        if !acquisition.isPatient { _ = acquisition.send(block) }
    }

    private func decode(_ bytes: UnsafeRawBufferPointer, _ listener: some DeviceListener) {
        var rest = bytes
        while rest.count > 0, !isDeaf {
            rest = UnsafeRawBufferPointer(rebasing: rest[decoder.feed(rest)...])
            drain(listener)
        }
    }

    /// What has begun on the line and will not end there any more.
    private func finish(_ listener: some DeviceListener) {
        decoder.finish()
        drain(listener)
    }

    private func drain(_ listener: some DeviceListener) {
        while !isDeaf, let message = decoder.next() {
            var words: String?
            isNewBlock = false
            switch message {
            case .hello: if let hello = decoder.hello { talk.heard(hello, at: Monotonic.now()) }
            case .answer:
                if let answer = decoder.answer { words = talk.answered(answer, by: decoder.hello, at: Monotonic.now()) }
            case .stream: signal.begin()
            case .pace: isNewBlock = signal.observe(decoder, at: hasTimes ? arrived : nil)
            case .frame:
                isNewBlock = signal.observe(decoder, at: hasTimes ? arrived : nil)
                words = talk.isStreaming(decoder)
            default: break
            }
            if let words { listener.note(words) }
            listener.heard(message)
        }
    }

    private func words(_ silence: DeviceWatch.Silence) -> String {
        switch silence {
        case .line: return "no valid block for 2 s"
        case .samples:
            let states: [DeviceStatus.State: String] = [.idle: "idle", .testing: "testing", .failed: "failed"]
            return "sends no samples for 2 s" + (decoder.status.state.flatMap { states[$0] }.map { "; its state is \($0)" } ?? "")
        case .same: return "sends the same samples again and again, nothing new for 2 s"
        case .version:
            return "speaks version \(decoder.header.version) of the protocol and this program version \(BlockHeader.version): "
                + "one of the two needs an update"
        }
    }

    private static func text(_ bytes: UnsafeRawBufferPointer) -> String { String(decoding: bytes, as: UTF8.self) }
}
