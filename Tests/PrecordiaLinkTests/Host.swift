// A host session as a test drives it: blocks at times that the test sets, every piece of news as a word, every command that was sent.
// Apart from the tests, which share it.

import PrecordiaLink
import PrecordiaSignal

/// Follows devices on a clock of its own.
final class Host {
    var session: HostSession
    /// What was told, in order; runs of frames as one.
    private(set) var told: [String] = []
    private(set) var frames: [UInt64] = []
    private(set) var sent: [(type: BlockType, sequence: UInt32)] = []
    private(set) var lastSent: [UInt8] = []
    /// Rates for which there is no engine, and whether an engine that is there follows no other configuration.
    var refused: Set<Int> = []
    var followsNone = false
    /// The most bytes that are given at once.
    var portion = Int.max
    private(set) var now: Int64 = 0
    private let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: HostSession.requiredBytes, alignment: 1)
    private var seed: UInt64 = 1

    init(_ change: (inout HostSettings) -> Void = { _ in }) {
        var settings = HostSettings()
        change(&settings)
        session = HostSession(settings, memory: memory)
    }

    deinit { memory.deallocate() }

    var types: [BlockType] { sent.map(\.type) }
    /// News but frames.
    var news: [String] { told.filter { !$0.hasPrefix("frames") } }

    func forget() {
        told = []
        frames = []
    }

    /// A line opens.
    func open(_ seconds: Double = 0) {
        now = Int64((seconds * 1e9).rounded())
        session.opened(at: now, framing: .plain)
        drain()
    }

    func lose(_ seconds: Double) {
        now = Int64((seconds * 1e9).rounded())
        session.finish()
        drain()
        session.lost(at: now)
        drain()
    }

    func leave(_ seconds: Double) -> Bool {
        let rests = session.leave(at: Int64((seconds * 1e9).rounded()))
        drain()
        return rests
    }

    /// Time passes.
    func act(_ seconds: Double) {
        now = Int64((seconds * 1e9).rounded())
        session.act(at: now)
        drain()
    }

    /// Takes what the device has written since its block `first`, at one moment.
    func hear(_ device: Device, from first: Int = 0, _ seconds: Double) {
        act(seconds)
        let bytes = first < device.starts.count ? Array(device.bytes[device.starts[first]...]) : []
        bytes.withUnsafeBytes { all in
            var done = 0
            while done < all.count {
                done += session.feed(UnsafeRawBufferPointer(rebasing: all[done..<min(all.count, done + min(portion, all.count))]), at: now)
                drain()
            }
        }
        session.look(at: now)
        drain()
    }

    /// Blocks of 10 frames for so many seconds at 500 Hz, each heard when it is whole.
    func play(_ device: Device, index: UInt64 = 0, from start: Double, seconds: Double) {
        for block in 0..<Int(seconds * 50) {
            let mark = device.starts.count
            device.data(living(from: index + UInt64(block * 10)))
            hear(device, from: mark, start + Double(block + 1) * 0.02)
        }
    }

    /// Ten frames as a converter makes them: no two alike.
    func living(from first: UInt64) -> [Frame] {
        (0..<10).map { place in
            var frame = Frame(index: first + UInt64(place))
            for lead in 0..<12 {
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                frame.counts[lead] = Int32(truncatingIfNeeded: seed >> 40) % 1000
            }
            return frame
        }
    }

    private func drain() {
        while let news = session.next() { take(news) }
        while let block = session.command() {
            let header = BlockHeader(UnsafeRawBufferPointer(rebasing: block[..<28]))
            sent.append((BlockType(rawValue: header.type)!, header.sequence))
            lastSent = Array(block)
        }
    }

    private func take(_ news: HostNews) {
        switch news {
        case .frame:
            frames.append(session.frame.index)
            if told.last != "frames" { told.append("frames") }
        case .began:
            told.append("began \(session.configuration!.rate)")
            if refused.contains(session.configuration!.rate) { session.refuse() }
        case .changed:
            told.append("changed")
            if followsNone { session.refuse() }
        case .hole: told.append("hole \(session.missing.map { "\($0)" } ?? "unknown")")
        case .ended: told.append("ended \(session.ending)")
        case .unfinished: told.append("unfinished \(session.framesLeft)")
        case .silent: told.append("silent \(session.silence) \(Self.text(session.silentAt))")
        case .restarted: told.append("restarted \(session.restarts)")
        case .deviceLost, .deviceFound: told.append("\(news) \(Self.text(session.unheard))")
        case .rateWrong: told.append("rateWrong \(Int(session.measuredRate + 0.5))")
        case .event: told.append("event \(session.event!.code) \(session.noticeSample.map { "\($0)" } ?? "none")")
        case .error: told.append("error \(session.error!.code) \(session.noticeSample.map { "\($0)" } ?? "none")")
        case .reply: told.append("reply \(session.reply) \(session.result)")
        case .pace, .streaming, .rateRight, .hello: told.append("\(news)")
        }
    }

    private static func text(_ nanoseconds: Int64) -> String {
        let hundredths = (nanoseconds + 5_000_000) / 10_000_000
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }
}
