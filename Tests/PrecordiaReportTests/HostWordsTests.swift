// What a device and its follower say, in the very words that a person reads.

import PrecordiaLink
import PrecordiaReport
import PrecordiaSignal
import PrecordiaText
import Testing

/// A device whose blocks are heard one by one, and the words of each piece of news.
private final class Spoken {
    var session: HostSession
    private(set) var words: [String] = []
    private let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: HostSession.requiredBytes, alignment: 8)
    private let block = UnsafeMutableRawBufferPointer.allocate(byteCount: LinkEncoder.maximumBytes, alignment: 8)
    private var encoder = LinkEncoder(session: 7, tickRate: 1_000_000)
    private var sent: (type: UInt8, sequence: UInt32) = (0, 0)

    init(rate: UInt32? = nil) {
        var settings = HostSettings()
        settings.rate = rate
        session = HostSession(settings, memory: memory)
        session.opened(at: 1, framing: .plain)
        drain()
    }

    deinit {
        memory.deallocate()
        block.deallocate()
    }

    func act(_ seconds: Double) {
        session.act(at: Int64((seconds * 1e9).rounded()))
        drain()
    }

    func hear(_ type: BlockType, _ payload: [UInt8] = [], version: UInt8 = 1, _ seconds: Double) {
        let count = payload.withUnsafeBytes { encoder.block(type, $0, into: block) }
        block[4] = version
        let body = UnsafeRawBufferPointer(rebasing: block[..<(count - 4)])
        block.storeBytes(of: CRC32C().of(body).littleEndian, toByteOffset: count - 4, as: UInt32.self)
        take(count, seconds)
    }

    func configure(rate: UInt32, session number: UInt32 = 7, frames: UInt64? = nil, _ seconds: Double) {
        if number != encoder.session { encoder = LinkEncoder(session: number, tickRate: 1_000_000) }
        let count = [LinkChannel(lead: .II)].withUnsafeBufferPointer {
            encoder.configuration(
                number: 1, rate: rate, frames: frames, channels: $0, sensed: .empty, watched: .empty, ticks: 0, into: block)
        }
        take(count, seconds)
    }

    func data(from first: UInt64, rate: UInt64 = 500, _ seconds: Double) {
        let frames = (0..<10 as Range<UInt64>).map { place in
            var frame = Frame(index: first + place)
            frame.counts[1] = Int32(truncatingIfNeeded: (first + place) &* 2_654_435_761 % 1999)
            return frame
        }
        let written = frames.withUnsafeBufferPointer { encoder.data($0, ticks: first * 1_000_000 / rate, into: block) }
        take(written.bytes, seconds)
    }

    func answer(_ result: UInt8, _ seconds: Double) {
        hear(.answer, [sent.type, result, 0, 0] + withUnsafeBytes(of: sent.sequence.littleEndian) { Array($0) }, seconds)
    }

    /// Who the device is: it takes commands and offers 500 and 1000 Hz.
    func hello(_ seconds: Double) {
        hear(
            .hello, [1, 1, 1, 2, 0, 0, 0, 0, 8, 0, 0, 0] + [UInt8](repeating: 0x41, count: 112) + [0xF4, 1, 0, 0, 0xE8, 3, 0, 0], seconds)
    }

    private func take(_ count: Int, _ seconds: Double) {
        let now = Int64((seconds * 1e9).rounded())
        session.act(at: now)
        drain()
        _ = session.feed(UnsafeRawBufferPointer(rebasing: block[..<count]), at: now)
        drain()
    }

    private func drain() {
        while session.next() != nil {
            let said = spoken { session.words(into: &$0) }
            if !said.isEmpty { words.append(said) }
        }
        if let command = session.command() {
            let header = BlockHeader(UnsafeRawBufferPointer(rebasing: command[..<28]))
            sent = (header.type, header.sequence)
        }
    }
}

private func spoken(_ write: (inout JSONText) -> Void) -> String {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 1024, alignment: 1)
    defer { memory.deallocate() }
    var text = JSONText(memory)
    write(&text)
    return String(decoding: memory[..<text.count], as: UTF8.self)
}

@Suite struct HostWordsTests {
    private func event(_ code: UInt16, _ value: UInt16, _ text: [UInt8] = []) -> String {
        let payload = [UInt8](repeating: 0xFF, count: 8) + [UInt8(code), 0, UInt8(value), 0] + text
        return payload.withUnsafeBytes { bytes in spoken { DeviceEvent(bytes)!.words(into: &$0) } }
    }

    private func error(_ code: UInt8, _ severity: UInt8, detail: UInt8 = 0, _ text: [UInt8] = []) -> String {
        ([code, 0, severity, 0, detail, 0, 0, 0] + text).withUnsafeBytes { bytes in spoken { DeviceError(bytes)!.words(into: &$0) } }
    }

    @Test("a device's events and errors have the protocol's words")
    func codes() {
        #expect(event(1, 1) == "device: button pressed" && event(1, 0) == "device: button released" && event(1, 5) == "device: button, 5")
        #expect(event(2, 3) == "device: marker 3" && event(3, 0) == "device: self test passed")
        #expect(event(3, 4) == "device: self test failed, number 4" && event(9, 7) == "device: event 9, value 7")
        #expect(error(1, 0) == "device: converter error, samples are as good as before")
        #expect(error(2, 1) == "device: voltage reference outside its limits, samples are affected")
        #expect(error(3, 2) == "device: buffer overrun, it has stopped sending samples")
        #expect(error(4, 3) == "device: settings not taken by the converter, severity 3")
        #expect(error(5, 0).hasPrefix("device: self test failed,") && error(6, 0).hasPrefix("device: power too low,"))
        #expect(error(7, 0).hasPrefix("device: too hot,") && error(255, 0).hasPrefix("device: other error,"))
        #expect(error(8, 1, detail: 42) == "device: error 8, samples are affected, detail 42")
    }

    @Test("a device's own text is said behind, and cannot steer a terminal")
    func text() {
        #expect(event(1, 1, Array("nurse".utf8)) == "device: button pressed: nurse")
        #expect(error(7, 1, Array("zu heiß".utf8)) == "device: too hot, samples are affected: zu heiß")
        let steering = Array("a\u{1B}[2J\n\u{7F}\u{9B}\u{202E}\u{2066}b".utf8) + [0xC3, 0x28, 0xFF]
        #expect(
            event(1, 1, steering) == "device: button pressed: a\u{FFFD}[2J" + String(repeating: "\u{FFFD}", count: 5) + "b\u{FFFD}(\u{FFFD}"
        )
        #expect(event(1, 1, Array("\u{A0}\u{2029}\u{202F}\u{2065}\u{206A}".utf8)).hasSuffix(": \u{A0}\u{2029}\u{202F}\u{2065}\u{206A}"))
    }

    @Test("each silence says what does not come, and the device's state where it gives one")
    func silences() {
        let line = Spoken()
        line.act(3)
        #expect(line.words == ["no valid block for 2 s"])
        let mute = Spoken()
        mute.configure(rate: 500, 0.1)
        mute.data(from: 0, 0.2)
        for tenth in 3...30 { mute.hear(.status, [UInt8](repeating: 0xFF, count: 22) + [3, 0], Double(tenth) / 10) }
        #expect(mute.words == ["sends no samples for 2 s; its state is failed"])
        let foreign = Spoken()
        for tenth in 1...30 { foreign.hear(.hello, version: 3, Double(tenth) / 10) }
        #expect(foreign.words == ["speaks version 3 of the protocol and this program version 1: one of the two needs an update"])
    }

    @Test("restarts are told with their number and the device's session")
    func restarts() {
        let spoken = Spoken()
        for session in 0..<6 {
            let start = Double(session) * 0.3
            spoken.configure(rate: 500, session: UInt32(session), start + 0.1)
            spoken.data(from: UInt64(session) * 10, start + 0.2)
        }
        #expect(
            spoken.words == ["it began anew in session 1; the stream goes on", "it began anew 4 times, in session 5; the stream goes on"])
    }

    @Test("what became of a command is told with the reason and with what the device offers")
    func replies() {
        let spoken = Spoken(rate: 250)
        spoken.hello(0.1)
        spoken.configure(rate: 500, 0.1)
        spoken.act(0.5)
        spoken.answer(3, 0.6)
        spoken.act(0.7)
        spoken.answer(2, 0.8)
        spoken.act(9)
        #expect(
            spoken.words.prefix(2) == [
                "the device does not take 250 Hz: the value is not possible; it offers 500, 1000 Hz",
                "the device does not start: not possible in its present state; it is asked again each second",
            ])
        let mute = Spoken(rate: 250)
        mute.hello(0.1)
        mute.configure(rate: 500, 0.1)
        for tenth in 4...60 { mute.act(Double(tenth) / 10) }
        #expect(mute.words.contains("the device does not answer the request for 250 Hz"))
        #expect(mute.words.contains("the device does not answer start; it is asked again each second"))
        let other = Spoken(rate: 250)
        other.hello(0.1)
        other.configure(rate: 500, 0.1)
        other.data(from: 0, 0.2)
        #expect(other.words == ["the device runs at 500 Hz, not at the 250 Hz asked for"])
    }

    @Test("frames that an idle device owes, and a rate that the samples contradict, are told in numbers")
    func numbers() {
        let owing = Spoken()
        owing.configure(rate: 500, frames: 100, 0.1)
        owing.data(from: 0, 0.2)
        owing.hear(.status, [UInt8](repeating: 0xFF, count: 22) + [0, 0], 0.3)
        #expect(owing.words == ["the device is idle and 90 frames of those that it announced have not come"])
        let fast = Spoken()
        fast.configure(rate: 250, 0.1)
        for block in 0..<500 { fast.data(from: UInt64(block) * 10, 0.1 + Double(block) * 0.02) }
        #expect(
            fast.words == [
                "the device says 250 Hz and 500 samples a second come: no time and no heart rate would be right, nothing is heard until they agree"
            ])
    }
}
