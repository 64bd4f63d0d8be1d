// What follows a device, in the caller's memory, and what it tells in C's own structures.
// The session's struct stands first in that memory, its buffers behind it.

public import CPrecordia
import PrecordiaLink
import PrecordiaReport
import PrecordiaSignal
import PrecordiaText

/// What a `precordia_host` points to.
struct HostState: ~Copyable {
    var session: HostSession

    static func at(_ host: OpaquePointer) -> UnsafeMutablePointer<HostState> { UnsafeMutablePointer<HostState>(host) }

    /// Bytes of the state, so that the buffers behind it begin at a multiple of 64.
    static var headBytes: Int { (MemoryLayout<HostState>.size + 63) & ~63 }
    /// With 63 for memory that does not begin at a multiple of 64.
    static var requiredBytes: Int { headBytes + HostSession.requiredBytes + 63 }
}

extension HostSettings {
    init(_ given: precordia_host_settings) throws(Problem) {
        self.init()
        guard given.reserved == 0 else { throw .reserved }
        guard let framing = LinkFraming(rawValue: UInt8(clamping: given.framing)) else { throw .framing }
        guard given.rate == 0 || StreamFormat.rates.contains(Int(given.rate)) else { throw .rate }
        self.framing = framing
        hasTimes = given.has_times
        takesCommands = given.takes_commands
        keepsTime = given.keeps_time
        rate = given.rate == 0 ? nil : given.rate
        number = given.number
        windowSeconds = Int(given.window_seconds)
        grace = given.grace
        watchesBehindEnd = given.watches_behind_end
        endsWithStream = given.ends_with_stream
        limit = given.limit > 0 ? given.limit : nil
    }
}

@c @implementation
public func precordia_host_settings_default() -> precordia_host_settings {
    let usual = HostSettings()
    return precordia_host_settings(
        grace: usual.grace, limit: 0, framing: UInt32(usual.framing.rawValue), rate: 0, number: usual.number,
        window_seconds: UInt16(truncatingIfNeeded: usual.windowSeconds), has_times: usual.hasTimes, takes_commands: usual.takesCommands,
        keeps_time: usual.keepsTime, watches_behind_end: usual.watchesBehindEnd, ends_with_stream: usual.endsWithStream, reserved: 0)
}

@c @implementation
public func precordia_host_bytes() -> Int { HostState.requiredBytes }

@c @implementation
public func precordia_host_init(
    _ host: UnsafeMutablePointer<OpaquePointer?>, _ memory: UnsafeMutableRawPointer, _ bytes: Int,
    _ settings: UnsafePointer<precordia_host_settings>
) -> precordia_error {
    host.pointee = nil
    do throws(Problem) {
        guard bytes >= HostState.requiredBytes else { throw .memory }
        let settings = try HostSettings(settings.pointee)
        let skipped = (64 &- Int(bitPattern: memory) & 63) & 63
        let head = (memory + skipped).bindMemory(to: HostState.self, capacity: 1)
        let buffers = UnsafeMutableRawBufferPointer(start: memory + skipped + HostState.headBytes, count: HostSession.requiredBytes)
        head.initialize(to: HostState(session: HostSession(settings, memory: buffers)))
        host.pointee = OpaquePointer(head)
        return 0
    } catch { return error.rawValue }
}

@c @implementation
public func precordia_host_opened(_ host: OpaquePointer, _ now: Int64, _ framing: UInt32) {
    HostState.at(host).pointee.session.opened(at: now, framing: framing == 1 ? .cobs : .plain)
}

@c @implementation
public func precordia_host_lost(_ host: OpaquePointer, _ now: Int64) { HostState.at(host).pointee.session.lost(at: now) }

@c @implementation
public func precordia_host_feed(_ host: OpaquePointer, _ bytes: UnsafeRawPointer, _ count: Int, _ now: Int64) -> Int {
    HostState.at(host).pointee.session.feed(UnsafeRawBufferPointer(start: bytes, count: max(0, count)), at: now)
}

@c @implementation
public func precordia_host_finish(_ host: OpaquePointer) { HostState.at(host).pointee.session.finish() }

@c @implementation
public func precordia_host_act(_ host: OpaquePointer, _ now: Int64) { HostState.at(host).pointee.session.act(at: now) }

@c @implementation
public func precordia_host_look(_ host: OpaquePointer, _ now: Int64) { HostState.at(host).pointee.session.look(at: now) }

@c @implementation
public func precordia_host_leave(_ host: OpaquePointer, _ now: Int64) -> Bool { HostState.at(host).pointee.session.leave(at: now) }

@c @implementation
public func precordia_host_next(_ host: OpaquePointer) -> UInt32 {
    guard let news = HostState.at(host).pointee.session.next() else { return 0 }
    return UInt32(news.rawValue)
}

@c @implementation
public func precordia_host_refuse(_ host: OpaquePointer) { HostState.at(host).pointee.session.refuse() }

@c @implementation
public func precordia_host_end_stream(_ host: OpaquePointer) -> Bool { HostState.at(host).pointee.session.endStream() }

@c @implementation
public func precordia_host_command(_ host: OpaquePointer, _ buffer: UnsafeMutableRawPointer, _ bytes: Int) -> Int {
    guard let block = HostState.at(host).pointee.session.command() else { return 0 }
    if block.count <= bytes { UnsafeMutableRawBufferPointer(start: buffer, count: bytes).copyMemory(from: block) }
    return block.count
}

@c @implementation
public func precordia_host_stream_of(
    _ host: OpaquePointer, _ stream: UnsafeMutablePointer<precordia_stream>, _ leads: UnsafeMutablePointer<UInt16>,
    _ frames: UnsafeMutablePointer<UInt64>
) -> Bool {
    guard let configuration = HostState.at(host).pointee.session.configuration else { return false }
    give(configuration, stream, leads, frames)
    return true
}

@c @implementation
public func precordia_host_frame_of(
    _ host: OpaquePointer, _ index: UnsafeMutablePointer<UInt64>, _ counts: UnsafeMutablePointer<Int32>,
    _ marks: UnsafeMutablePointer<precordia_marks>
) {
    let state = HostState.at(host)
    give(state.pointee.session.frame, of: state.pointee.session.leads, index, counts, marks)
}

@c @implementation
public func precordia_host_pace_of(_ host: OpaquePointer, _ sample: UnsafeMutablePointer<UInt64>, _ width: UnsafeMutablePointer<UInt16>) {
    give(HostState.at(host).pointee.session.pace, sample, width)
}

@c @implementation
public func precordia_host_device_of(_ host: OpaquePointer, _ device: UnsafeMutablePointer<precordia_device>) -> Bool {
    guard let hello = HostState.at(host).pointee.session.hello else { return false }
    device.pointee = precordia_device(hello)
    return true
}

@c @implementation
public func precordia_host_notice_of(_ host: OpaquePointer, _ notice: UnsafeMutablePointer<precordia_notice>) -> Bool {
    let state = HostState.at(host)
    let sample = state.pointee.session.noticeSample ?? .max
    if let event = state.pointee.session.event {
        notice.pointee = precordia_notice(event, sample: sample)
        return true
    }
    guard let error = state.pointee.session.error else { return false }
    notice.pointee = precordia_notice(error, sample: sample)
    return true
}

@c @implementation
public func precordia_host_facts_of(_ host: OpaquePointer, _ facts: UnsafeMutablePointer<precordia_host_facts>) {
    let state = HostState.at(host)
    facts.pointee = precordia_host_facts(
        epoch: state.pointee.session.epoch, streams: state.pointee.session.streams, silences: state.pointee.session.silences,
        frames_unheard: state.pointee.session.framesUnheard, samples: state.pointee.session.samples,
        missing: state.pointee.session.missing ?? .max, frames_left: state.pointee.session.framesLeft,
        frames_to_come: state.pointee.session.framesToCome ?? 0, news_dropped: state.pointee.session.newsDropped,
        unheard: state.pointee.session.unheard, measured_rate: state.pointee.session.measuredRate,
        stream: UInt32(state.pointee.session.stream.rawValue), ending: UInt32(state.pointee.session.ending.rawValue),
        silence: UInt32(state.pointee.session.silence.rawValue), reply: UInt32(state.pointee.session.reply.rawValue),
        result: UInt32(state.pointee.session.result), restarts: UInt32(truncatingIfNeeded: state.pointee.session.restarts),
        session: state.pointee.session.deviceSession, version: UInt32(state.pointee.session.deviceVersion))
}

@c @implementation
public func precordia_host_words(_ host: OpaquePointer, _ buffer: UnsafeMutablePointer<CChar>, _ bytes: Int) -> Int {
    var text = JSONText(buffer, bytes)
    HostState.at(host).pointee.session.words(into: &text)
    if bytes > 0 { buffer[min(text.count, bytes - 1)] = 0 }
    return text.count
}

@c @implementation
public func precordia_host_counters(_ host: OpaquePointer, _ counters: UnsafeMutablePointer<precordia_link_counters>) {
    counters.pointee = precordia_link_counters(HostState.at(host).pointee.session.counters)
}

@c @implementation
public func precordia_host_hearing_counters(_ host: OpaquePointer, _ counters: UnsafeMutablePointer<precordia_hearing_counters>) {
    counters.pointee = precordia_hearing_counters(HostState.at(host).pointee.session.heard)
}
