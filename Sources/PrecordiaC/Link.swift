// The wire protocol's decoder in the caller's memory, and what it found in C's own structures.
// The state's struct stands first in that memory, the decoder's buffers behind it.

public import CPrecordia
import PrecordiaLink
import PrecordiaSignal

/// What a `precordia_link` points to.
struct LinkState: ~Copyable {
    var decoder: LinkDecoder
    var watch = SignalWatch()

    static func at(_ link: OpaquePointer) -> UnsafeMutablePointer<LinkState> { UnsafeMutablePointer<LinkState>(link) }

    /// Bytes of the state, so that the buffers behind it begin at a multiple of 64.
    static var headBytes: Int { (MemoryLayout<LinkState>.size + 63) & ~63 }
    /// With 63 for memory that does not begin at a multiple of 64.
    static var requiredBytes: Int { headBytes + LinkDecoder.requiredBytes + 63 }
}

@c @implementation
public func precordia_link_bytes() -> Int { LinkState.requiredBytes }

@c @implementation
public func precordia_link_init(
    _ link: UnsafeMutablePointer<OpaquePointer?>, _ memory: UnsafeMutableRawPointer, _ bytes: Int, _ framing: UInt32
) -> precordia_error {
    link.pointee = nil
    guard bytes >= LinkState.requiredBytes else { return Problem.memory.rawValue }
    guard let framing = LinkFraming(rawValue: UInt8(clamping: framing)) else { return Problem.framing.rawValue }
    let skipped = (64 &- Int(bitPattern: memory) & 63) & 63
    let head = (memory + skipped).bindMemory(to: LinkState.self, capacity: 1)
    let buffers = UnsafeMutableRawBufferPointer(start: memory + skipped + LinkState.headBytes, count: LinkDecoder.requiredBytes)
    head.initialize(to: LinkState(decoder: LinkDecoder(framing: framing, memory: buffers)))
    link.pointee = OpaquePointer(head)
    return 0
}

@c @implementation
public func precordia_link_feed(_ link: OpaquePointer, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
    LinkState.at(link).pointee.decoder.feed(UnsafeRawBufferPointer(start: bytes, count: max(0, count)))
}

@c @implementation
public func precordia_link_finish(_ link: OpaquePointer) { LinkState.at(link).pointee.decoder.finish() }

@c @implementation
public func precordia_link_next(_ link: OpaquePointer) -> UInt32 {
    guard let message = LinkState.at(link).pointee.decoder.next() else { return 0 }
    if message == .stream { LinkState.at(link).pointee.watch.begin() }
    return UInt32(message.rawValue)
}

@c @implementation
public func precordia_link_stream_of(
    _ link: OpaquePointer, _ stream: UnsafeMutablePointer<precordia_stream>, _ leads: UnsafeMutablePointer<UInt16>,
    _ frames: UnsafeMutablePointer<UInt64>
) -> Bool {
    guard let configuration = LinkState.at(link).pointee.decoder.configuration else { return false }
    give(configuration, stream, leads, frames)
    return true
}

@c @implementation
public func precordia_link_frame_of(
    _ link: OpaquePointer, _ index: UnsafeMutablePointer<UInt64>, _ counts: UnsafeMutablePointer<Int32>,
    _ marks: UnsafeMutablePointer<precordia_marks>
) {
    let state = LinkState.at(link)
    give(state.pointee.decoder.frame, of: state.pointee.decoder.leads, index, counts, marks)
}

@c @implementation
public func precordia_link_pace_of(
    _ link: OpaquePointer, _ sample: UnsafeMutablePointer<UInt64>, _ width: UnsafeMutablePointer<UInt16>
) {
    give(LinkState.at(link).pointee.decoder.pace, sample, width)
}

@c @implementation
public func precordia_link_hear(
    _ link: OpaquePointer, _ monotonic: Int64, _ keepsTime: Bool, _ hearing: UnsafeMutablePointer<precordia_hearing>
) {
    let state = LinkState.at(link)
    state.pointee.watch.keepsTime = keepsTime
    let isNew = state.pointee.watch.observe(state.pointee.decoder, at: monotonic < 0 ? nil : monotonic)
    let watch = state.pointee.watch
    let missing: UInt64 =
        switch watch.hole {
        case .none: 0
        case .frames(let count): count
        case .unknown: .max
        }
    hearing.pointee = precordia_hearing(
        first: state.pointee.decoder.block?.first ?? 0, missing: missing, wrong_rate: watch.isRateWrong ? watch.measuredRate : 0,
        verdict: UInt32(watch.verdict.rawValue), is_new: isNew, is_rebased: watch.isRebased, reserved: 0,
        heard: watch.counters.heard &+ watch.counters.mistimed)
}

@c @implementation
public func precordia_link_conclude(_ link: OpaquePointer) { LinkState.at(link).pointee.watch.end() }

@c @implementation
public func precordia_link_hearing_counters(_ link: OpaquePointer, _ counters: UnsafeMutablePointer<precordia_hearing_counters>) {
    counters.pointee = precordia_hearing_counters(LinkState.at(link).pointee.watch.counters)
}

@c @implementation
public func precordia_link_device_of(_ link: OpaquePointer, _ device: UnsafeMutablePointer<precordia_device>) -> Bool {
    guard let hello = LinkState.at(link).pointee.decoder.hello else { return false }
    device.pointee = precordia_device(hello)
    return true
}

@c @implementation
public func precordia_link_notice_of(_ link: OpaquePointer, _ notice: UnsafeMutablePointer<precordia_notice>) -> Bool {
    let state = LinkState.at(link)
    if let event = state.pointee.decoder.event {
        notice.pointee = precordia_notice(event, sample: event.sample ?? .max)
        return true
    }
    guard let error = state.pointee.decoder.error else { return false }
    notice.pointee = precordia_notice(error, sample: .max)
    return true
}

@c @implementation
public func precordia_link_version_of(_ link: OpaquePointer) -> UInt32 { UInt32(LinkState.at(link).pointee.decoder.header.version) }

@c @implementation
public func precordia_link_counters_of(_ link: OpaquePointer, _ counters: UnsafeMutablePointer<precordia_link_counters>) {
    counters.pointee = precordia_link_counters(LinkState.at(link).pointee.decoder.counters)
}

@c @implementation
public func precordia_link_command(
    _ command: UInt32, _ session: UInt32, _ sequence: UInt32, _ payload: UnsafeRawPointer?, _ count: Int,
    _ buffer: UnsafeMutableRawPointer, _ bytes: Int
) -> Int {
    guard let type = BlockType(rawValue: UInt8(clamping: command)), type.isCommand else { return 0 }
    let payload = UnsafeRawBufferPointer(start: payload, count: payload == nil ? 0 : min(max(0, count), BlockHeader.maximumPayload))
    let length = BlockHeader.byteCount + payload.count + BlockHeader.checkByteCount
    guard length <= bytes else { return length }
    return BlockHeader(type: type, session: session, sequence: sequence)
        .block(payload, into: UnsafeMutableRawBufferPointer(start: buffer, count: bytes))
}
