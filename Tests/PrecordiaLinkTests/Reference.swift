// The codec that firmware is built from, as these tests drive it: what its decoder says about bytes, and what its encoder writes.

import CPrecordiaFirmware
import PrecordiaLink
import PrecordiaSignal

/// What the reference decoder made of bytes, in the words of ``Decoded``.
struct ReferenceDecoded {
    var messages: [String] = []
    var counters = LinkCounters()

    /// Decodes bytes that come in portions of `chunk`; nil for all at once.
    init(_ bytes: [UInt8], framing: LinkFraming = .plain, chunk: Int? = nil) {
        let room = WIRE_MAXIMUM_BLOCK
        let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: room + 8)
        let decoder = UnsafeMutablePointer<wire_decoder>.allocate(capacity: 1)
        defer {
            memory.deallocate()
            decoder.deallocate()
        }
        for index in 0..<room + 8 { memory[index] = 0xEE }
        UnsafeMutableRawPointer(decoder).initializeMemory(as: UInt8.self, repeating: 0, count: MemoryLayout<wire_decoder>.size)
        decoder.pointee.scanner.memory = memory
        decoder.pointee.scanner.room = UInt32(room)
        decoder.pointee.scanner.framing = framing.rawValue
        bytes.withUnsafeBufferPointer { all in
            var start = 0
            while start < all.count {
                let end = min(all.count, start + (chunk ?? all.count))
                var done = start
                while done < end {
                    done += wire_decoder_feed(decoder, all.baseAddress! + done, end - done)
                    take(decoder)
                }
                start = end
            }
        }
        wire_scanner_finish(&decoder.pointee.scanner)
        take(decoder)
        count(decoder.pointee.scanner, decoder.pointee.counters)
        precondition((room..<room + 8).allSatisfy { memory[$0] == 0xEE }, "the decoder wrote behind its memory")
    }

    /// The header of each valid block, of any version and type, as the reference scanner finds them.
    static func blocks(_ bytes: [UInt8], framing: LinkFraming) -> [String] {
        let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: WIRE_MAXIMUM_BLOCK)
        defer { memory.deallocate() }
        var scanner = wire_scanner()
        scanner.memory = memory
        scanner.room = UInt32(WIRE_MAXIMUM_BLOCK)
        scanner.framing = framing.rawValue
        var blocks: [String] = []
        func take() {
            while let block = wire_scanner_next(&scanner) {
                blocks.append(Said.block(UnsafeRawBufferPointer(start: block, count: WIRE_HEADER_BYTES)))
            }
        }
        var done = 0
        while done < bytes.count {
            done += bytes.withUnsafeBufferPointer { wire_scanner_feed(&scanner, $0.baseAddress! + done, $0.count - done) }
            take()
        }
        wire_scanner_finish(&scanner)
        take()
        return blocks
    }

    private mutating func take(_ decoder: UnsafeMutablePointer<wire_decoder>) {
        while true {
            let message = UInt32(wire_decoder_next(decoder))
            if message == WIRE_NOTHING.rawValue { return }
            messages.append(Reference.text(message, decoder))
        }
    }

    private mutating func count(_ scanner: wire_scanner, _ found: wire_counters) {
        counters.bytes = scanner.bytes
        counters.bytesSkipped = scanner.bytes_skipped
        counters.blocks = scanner.blocks
        counters.checksumFailures = scanner.checksum_failures
        counters.packetsBroken = scanner.packets_broken
        counters.blocksMissing = found.blocks_missing
        counters.blocksRepeated = found.blocks_repeated
        counters.blocksOtherVersion = found.blocks_other_version
        counters.blocksUnknown = found.blocks_unknown
        counters.blocksMalformed = found.blocks_malformed
        counters.restarts = found.restarts
        counters.frames = found.frames
        counters.framesMissing = found.frames_missing
        counters.framesRepeated = found.frames_repeated
        counters.framesUnconfigured = found.frames_unconfigured
        counters.deviceSamplesDropped = found.device_samples_dropped
    }
}

enum Reference {
    /// Nil for the value that says "not available".
    private static func known<Value: FixedWidthInteger>(_ value: Value) -> Value? {
        value == (Value.isSigned ? Value.min : Value.max) ? nil : value
    }

    private static func words(_ text: UnsafePointer<CChar>?, _ count: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: text, count: count)
    }

    fileprivate static func text(_ message: UInt32, _ decoder: UnsafeMutablePointer<wire_decoder>) -> String {
        switch wire_message(rawValue: message) {
        case WIRE_STREAM: return stream(decoder)
        case WIRE_FRAME: return Said.frame(frame(decoder.pointee.frame))
        case WIRE_PACE:
            let pace = decoder.pointee.pace
            return Said.pace(
                PaceMark(sample: pace.sample, fraction: pace.fraction, width: known(pace.width), amplitude: known(pace.amplitude)))
        case WIRE_HELLO: return hello(decoder)
        case WIRE_STATUS:
            var found = wire_status()
            wire_read_status(decoder, &found)
            var status = DeviceStatus()
            status.samplesDropped = known(found.samples_dropped)
            status.blocksDropped = known(found.blocks_dropped)
            status.buffer = known(found.buffer)
            status.battery = known(found.battery)
            status.temperature = known(found.temperature)
            status.state = DeviceStatus.State(rawValue: found.state)
            status.isOnBattery = found.supply > 1 ? nil : found.supply == 0
            return Said.status(status)
        case WIRE_EVENT:
            var event = wire_event()
            wire_read_event(decoder, &event)
            return Said.event(known(event.sample), event.code, event.value, words(event.text, event.text_bytes))
        case WIRE_ERROR:
            var error = wire_error()
            wire_read_error(decoder, &error)
            return Said.error(error.code, error.severity, error.detail, words(error.text, error.text_bytes))
        case WIRE_ANSWER:
            var answer = wire_answer()
            wire_read_answer(decoder, &answer)
            return Said.answer(answer.command, answer.sequence, answer.result)
        default:
            let type = decoder.pointee.payload[WIRE_HEADER_TYPE - WIRE_HEADER_BYTES]
            return Said.command(type, Int(decoder.pointee.payload_bytes))
        }
    }

    private static func frame(_ found: wire_frame) -> Frame {
        var frame = Frame(index: found.index)
        withUnsafeBytes(of: found.values) { values in
            for lead in 0..<12 { frame.counts[lead] = values.load(fromByteOffset: lead * 4, as: Int32.self) }
        }
        frame.missing = LeadSet(rawValue: found.missing)
        frame.clipped = LeadSet(rawValue: found.clipped)
        frame.off = ElectrodeSet(rawValue: found.off)
        return frame
    }

    private static func stream(_ decoder: UnsafeMutablePointer<wire_decoder>) -> String {
        let leads = LeadSet(rawValue: UInt16(decoder.pointee.leads))
        let derived = LeadSet.all.subtracting(leads).subtracting(LeadSet(rawValue: UInt16(decoder.pointee.absent)))
        return withUnsafeBytes(of: &decoder.pointee.configuration) { bytes in
            func number<Value: FixedWidthInteger>(_ place: Value.Type, at offset: Int) -> Value {
                Value(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Value.self))
            }
            let rate = number(UInt32.self, at: WIRE_CONFIGURATION_RATE)
            var format = StreamFormat(rate: Int(rate), derived: derived)
            for index in 0..<UInt32(bytes[WIRE_CONFIGURATION_CHANNEL_COUNT]) {
                var channel = wire_channel()
                wire_read_channel(decoder, index, &channel)
                guard channel.lead < 12 else { continue }
                format.microvoltsPerCount[Int(channel.lead)] = channel.scale
                format.baseline[Int(channel.lead)] = channel.baseline
            }
            return Said.stream(
                number(UInt16.self, at: WIRE_CONFIGURATION_NUMBER),
                known(number(UInt64.self, at: WIRE_CONFIGURATION_FRAMES)), leads, format)
        }
    }

    private static func hello(_ decoder: UnsafeMutablePointer<wire_decoder>) -> String {
        let count = Int(decoder.pointee.hello_bytes)
        return withUnsafeBytes(of: &decoder.pointee.hello) { all in
            let hello = UnsafeRawBufferPointer(rebasing: all[..<count])
            func name(_ offset: Int, _ room: Int) -> UnsafeRawBufferPointer {
                let field = hello[offset..<offset + room]
                return UnsafeRawBufferPointer(rebasing: field[..<(field.firstIndex(of: 0) ?? field.endIndex)])
            }
            let rates = Int(hello[WIRE_HELLO_RATE_COUNT])
            let gains = Int(hello[WIRE_HELLO_GAIN_COUNT])
            let lists = WIRE_HELLO_BYTES
            return Said.hello(
                [
                    name(WIRE_HELLO_MAKER, 32), name(WIRE_HELLO_PRODUCT, 32),
                    name(WIRE_HELLO_SERIAL_NUMBER, 32), name(WIRE_HELLO_FIRMWARE_VERSION, 16),
                ],
                channels: Int(hello[WIRE_HELLO_CHANNEL_COUNT]),
                capabilities: hello.loadUnaligned(fromByteOffset: WIRE_HELLO_CAPABILITIES, as: UInt32.self).littleEndian,
                cause: known(hello[WIRE_HELLO_CAUSE]),
                rates: (0..<rates).map { hello.loadUnaligned(fromByteOffset: lists + $0 * 4, as: UInt32.self).littleEndian },
                gains: (0..<gains).map { hello.loadUnaligned(fromByteOffset: lists + rates * 4 + $0 * 2, as: UInt16.self).littleEndian })
        }
    }
}

/// Writes the blocks of one session with the reference encoder, as ``Device`` does with the host's.
final class ReferenceDevice {
    private(set) var bytes: [UInt8] = []
    private let framing: LinkFraming
    private let encoder = UnsafeMutablePointer<wire_encoder>.allocate(capacity: 1)
    private let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: 2 * WIRE_MAXIMUM_BLOCK)

    init(framing: LinkFraming = .plain, session: UInt32 = 7, sequence: UInt32 = 0, tickRate: UInt32? = 1_000_000) {
        self.framing = framing
        encoder.initialize(to: wire_encoder())
        encoder.pointee.session = session
        encoder.pointee.sequence = sequence
        encoder.pointee.tick_rate = tickRate ?? .max
        encoder.pointee.block = memory
        encoder.pointee.room = WIRE_MAXIMUM_BLOCK
    }

    deinit {
        encoder.deallocate()
        memory.deallocate()
    }

    /// Adds what a call of the encoder wrote.
    func write(_ call: (UnsafeMutablePointer<wire_encoder>) -> Int) { add(memory, call(encoder)) }

    private func add(_ block: UnsafeMutablePointer<UInt8>, _ count: Int) {
        precondition(count > 0, "the encoder refused the block")
        if framing == .plain {
            bytes += UnsafeBufferPointer(start: block, count: count)
        } else {
            var packet = [UInt8](repeating: 0, count: COBS.maximumBytes(count))
            packet.removeLast(packet.count - wire_packet(block, count, &packet))
            bytes += packet
        }
    }

    func configure(
        number: UInt16, rate: UInt32, frames: UInt64?, channels: [LinkChannel], sensed: ElectrodeSet, watched: LeadSet, ticks: UInt64?
    ) {
        let entries = channels.map {
            wire_channel(
                lead: $0.lead?.rawValue ?? UInt8(WIRE_NO_LEAD), gain: $0.gain ?? .max, baseline: $0.baseline,
                scale: $0.microvoltsPerCount, high_pass: $0.highPass ?? .max, low_pass: $0.lowPass ?? .max)
        }
        entries.withUnsafeBufferPointer { entries in
            var configuration = wire_configuration(
                number: number, sensed: sensed.rawValue, watched: watched.rawValue, rate: rate, frames: frames ?? .max,
                channels: entries.baseAddress, channel_count: UInt8(entries.count))
            write { wire_write_configuration($0, &configuration, ticks ?? .max) }
        }
    }

    /// One data block of all these frames, in `width` bytes a value.
    func data(_ frames: [Frame], leads: [Lead?], width: UInt8, marks: [PaceMark], ticks: UInt64?) {
        let room = WIRE_MAXIMUM_BLOCK
        let block = UnsafeMutablePointer<UInt8>.allocate(capacity: room)
        defer { block.deallocate() }
        var data = wire_data()
        data.block = block
        data.room = room
        data.most_samples = UInt8(frames.count)
        data.most_marks = UInt8(marks.count)
        data.width = width
        precondition(wire_data_begin(&data, encoder, ticks ?? .max, frames[0].index) != 0, "the encoder refused the block")
        for frame in frames {
            let values = leads.map { lead -> Int32 in
                guard let lead, !frame.missing.contains(lead) else { return .min }
                return max(frame.counts[Int(lead.rawValue)], .min + 1)
            }
            _ = wire_data_add(&data, values, frame.off.rawValue, frame.clipped.rawValue)
        }
        for mark in marks {
            let place = UInt8(mark.sample - frames[0].index)
            precondition(wire_data_mark(&data, place, mark.fraction, mark.width ?? .max, mark.amplitude ?? .min) != 0, "no room for a mark")
        }
        add(block, wire_data_end(&data, encoder))
    }
}
