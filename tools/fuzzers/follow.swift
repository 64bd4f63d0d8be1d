// Fuzzes what follows a device: any bytes at any times, in any portions, with lines that come and go, give the same news, and a stream's count never goes back.

import PrecordiaLink
import PrecordiaSignal

let hostMemory = UnsafeMutableRawBufferPointer.allocate(byteCount: HostSession.requiredBytes, alignment: 8)

/// Everything that a session told of the bytes, as a number. The time that passes before each portion of 64 bytes is by its first byte.
func follow(_ bytes: UnsafeRawBufferPointer, _ framing: LinkFraming, chunk: Int) -> Digest {
    var settings = HostSettings()
    let kind = bytes.first ?? 0
    settings.framing = framing
    settings.hasTimes = kind & 1 == 0
    settings.rate = kind & 2 == 0 ? nil : 250
    settings.endsWithStream = kind & 4 != 0
    settings.watchesBehindEnd = kind & 8 != 0
    settings.limit = kind & 16 != 0 ? 0.1 : nil
    var session = HostSession(settings, memory: hostMemory)
    var digest = Digest()
    var next: UInt64 = 0
    var now: Int64 = 1
    session.opened(at: now, framing: framing)
    fetch(&session, &digest, &next)
    for start in stride(from: 0, to: bytes.count, by: 64) {
        now += Int64(bytes[start]) * 20_000_000
        session.act(at: now)
        fetch(&session, &digest, &next)
        if bytes[start] > 250 {
            session.finish()
            fetch(&session, &digest, &next)
            session.lost(at: now)
            fetch(&session, &digest, &next)
            session.opened(at: now, framing: framing)
            fetch(&session, &digest, &next)
        }
        var done = start
        let end = min(bytes.count, start + 64)
        while done < end {
            done += session.feed(UnsafeRawBufferPointer(rebasing: bytes[done..<min(end, done + chunk)]), at: now)
            fetch(&session, &digest, &next)
        }
        session.look(at: now)
        fetch(&session, &digest, &next)
    }
    session.finish()
    fetch(&session, &digest, &next)
    precondition(session.newsDropped == 0, "news was dropped")
    precondition(session.counters.bytes == UInt64(bytes.count), "the session did not take every byte")
    return digest
}

func fetch(_ session: inout HostSession, _ digest: inout Digest, _ next: inout UInt64) {
    while let news = session.next() {
        digest.begin(news.rawValue)
        switch news {
        case .began:
            next = 0
            if session.configuration!.rate % 7 == 0 { session.refuse() }
        case .changed: if session.configuration!.rate % 3 == 0 { session.refuse() }
        case .hole: digest.add(session.missing ?? .max)
        case .frame:
            precondition(session.stream.isOpen, "a frame came for no stream")
            precondition(session.frame.index >= next || session.frame.index > 1 << 62, "a stream's count went back")
            precondition(session.samples == session.frame.index &+ 1, "the count is not the frame's")
            next = session.samples
            digest.add(session.frame.index)
        case .deviceLost, .deviceFound:
            precondition(session.unheard >= 0, "time went back")
            digest.add(session.unheard)
        case .silent: digest.add(session.silence.rawValue)
        case .ended: digest.add(session.ending.rawValue)
        case .event, .error: digest.add(session.noticeSample ?? .max)
        default: break
        }
    }
    while let block = session.command() { digest.add(block) }
}
