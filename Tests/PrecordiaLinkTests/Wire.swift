// What the tests of this room share: streams made by the encoder, and what a decoder says about bytes, as text.

import PrecordiaLink
import PrecordiaSignal

/// Writes the blocks of one session.
final class Device {
    private(set) var bytes: [UInt8] = []
    /// Where each block begins.
    private(set) var starts: [Int] = []
    private var encoder: LinkEncoder
    private let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: LinkEncoder.maximumBytes, alignment: 8)
    private let leads: [Lead?]

    init(
        framing: LinkFraming = .plain, session: UInt32 = 7, sequence: UInt32 = 0,
        leads: [Lead?] = [.I, .II, .V1, .V2, .V3, .V4, .V5, .V6]
    ) {
        encoder = LinkEncoder(framing: framing, session: session, sequence: sequence, tickRate: 1_000_000)
        self.leads = leads
    }

    deinit { memory.deallocate() }

    private func add(_ count: Int) {
        starts.append(bytes.count)
        bytes += memory[..<count]
    }

    /// A block of raw payload bytes.
    @discardableResult
    func block(_ type: BlockType, _ payload: [UInt8]) -> Device {
        add(payload.withUnsafeBytes { encoder.block(type, $0, ticks: 5, into: memory) })
        return self
    }

    /// Other bytes instead of all that was written.
    func replace(with block: [UInt8]) -> Device {
        bytes = block
        starts = [0]
        return self
    }

    /// A block of any type and version, its check right.
    @discardableResult
    func foreign(type: UInt8, version: UInt8 = 1, _ payload: [UInt8] = []) -> Device {
        var plain = LinkEncoder(session: encoder.session, sequence: encoder.sequence, tickRate: encoder.tickRate)
        let count = payload.withUnsafeBytes { plain.block(.event, $0, ticks: 5, into: memory) }
        var block = Array(memory[..<count])
        block[4] = version
        block[5] = type
        block = LinkTests.signed(block, blocks: [0])
        // Uses up the sequence number.
        _ = encoder.block(.event, UnsafeRawBufferPointer(start: nil, count: 0), into: memory)
        switch encoder.framing {
        case .plain: memory.copyBytes(from: block)
        case .cobs: block = Array(memory[..<block.withUnsafeBytes { COBS.encode($0, into: memory) }])
        }
        add(block.count)
        return self
    }

    @discardableResult
    func hello() -> Device {
        func text(_ text: String, _ count: Int) -> [UInt8] { Array(text.utf8) + Array(repeating: 0, count: count - text.utf8.count) }
        let names = text("Maker", 32) + text("Cart", 32) + text("A-17", 32) + text("1.4", 16)
        return block(.hello, [1, 1, 8, 2, 1, 0, 0, 0, 3, 0, 0, 0] + names + [0xF4, 1, 0, 0, 0xE8, 3, 0, 0, 0x58, 2])
    }

    @discardableResult
    func configure(number: UInt16 = 1, rate: UInt32 = 500, scale: Double = 0.5, frames: UInt64? = nil) -> Device {
        let channels = leads.map { LinkChannel(lead: $0, gain: 600, baseline: 3, microvoltsPerCount: scale, highPass: 50, lowPass: nil) }
        add(
            channels.withUnsafeBufferPointer {
                encoder.configuration(
                    number: number, rate: rate, frames: frames, channels: $0, sensed: ElectrodeSet(rawValue: 0x3FF), watched: .all,
                    ticks: 0,
                    into: memory)
            })
        return self
    }

    @discardableResult
    func data(_ frames: [Frame], marks: [PaceMark] = [], ticks: UInt64? = nil) -> Device {
        var rest = frames[...]
        while !rest.isEmpty {
            let written = Array(rest).withUnsafeBufferPointer { frames in
                marks.withUnsafeBufferPointer { encoder.data(frames, marks: $0, ticks: ticks ?? rest.first!.index &* 2000, into: memory) }
            }
            add(written.bytes)
            rest = rest.dropFirst(written.frames)
        }
        return self
    }

    /// `count` frames from `first` on, which carry their index in every lead.
    @discardableResult
    func data(from first: UInt64, _ count: Int = 4, step: Int32 = 1) -> Device { data(Device.frames(from: first, count, step: step)) }

    static func frames(from first: UInt64, _ count: Int, step: Int32 = 1) -> [Frame] {
        (0..<count).map { place in
            var frame = Frame(index: first + UInt64(place))
            for lead in 0..<12 { frame.counts[lead] = Int32(truncatingIfNeeded: frame.index &* 10) &* step &+ Int32(lead) - 50 }
            return frame
        }
    }

    @discardableResult
    func status(dropped: UInt64 = 0) -> Device {
        block(.status, withUnsafeBytes(of: dropped.littleEndian) { Array($0) } + [UInt8](repeating: 0xFF, count: 14) + [1, 0])
    }
}

/// What a decoder made of bytes.
struct Decoded: Equatable {
    /// One JSON object for each message.
    var messages: [String] = []
    var counters = LinkCounters()

    /// Indexes of the frames.
    var frames: [UInt64] = []

    /// Decodes bytes that come in portions of `chunk`; nil for all at once.
    init(_ bytes: [UInt8], framing: LinkFraming = .plain, chunk: Int? = nil) {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: LinkDecoder.requiredBytes + 8, alignment: 8)
        defer { memory.deallocate() }
        for index in memory.indices { memory[index] = 0xEE }
        var decoder = LinkDecoder(framing: framing, memory: UnsafeMutableRawBufferPointer(rebasing: memory[..<LinkDecoder.requiredBytes]))
        bytes.withUnsafeBytes { all in
            var start = 0
            while start < all.count {
                let end = min(all.count, start + (chunk ?? all.count))
                var done = start
                while done < end {
                    done += decoder.feed(UnsafeRawBufferPointer(rebasing: all[done..<end]))
                    take(&decoder)
                }
                start = end
            }
        }
        decoder.finish()
        take(&decoder)
        counters = decoder.counters
        precondition(memory.suffix(8).allSatisfy { $0 == 0xEE }, "the decoder wrote behind its memory")
    }

    private mutating func take(_ decoder: inout LinkDecoder) {
        while let message = decoder.next() {
            messages.append(Decoded.text(message, decoder))
            if message == .frame { frames.append(decoder.frame.index) }
        }
    }

    private static func text(_ message: LinkMessage, _ decoder: borrowing LinkDecoder) -> String {
        switch message {
        case .stream:
            let configuration = decoder.configuration!
            return Said.stream(configuration.number, configuration.frames, configuration.leads, configuration.format)
        case .frame: return Said.frame(decoder.frame)
        case .pace: return Said.pace(decoder.pace)
        case .hello:
            let hello = decoder.hello!
            return Said.hello(
                [hello.maker, hello.product, hello.serial, hello.firmware], channels: hello.channels, capabilities: hello.capabilities,
                cause: hello.cause, rates: (0..<hello.rateCount).map { hello.rate($0) },
                gains: (0..<hello.gainCount).map { hello.gain($0) })
        case .status: return Said.status(decoder.status)
        case .event:
            let event = decoder.event!
            return Said.event(event.sample, event.code, event.value, event.text)
        case .error:
            let error = decoder.error!
            return Said.error(error.code, error.severity, error.detail, error.text)
        case .answer:
            let answer = decoder.answer!
            return Said.answer(answer.command, answer.sequence, answer.result)
        case .command: return Said.command(decoder.header.type, decoder.payload.count)
        }
    }
}
