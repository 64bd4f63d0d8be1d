// Fuzzes the host's decoder, alone and against the one that firmware is built from: any bytes, in any portions, give the same messages and
// counters, and every byte is accounted for.

import CStream
import PrecordiaLink
import PrecordiaSignal

/// A number that stands for everything a decoder said, in order.
struct Digest: Equatable {
    private(set) var value: UInt64 = 0
    private(set) var messages = 0

    mutating func begin(_ message: UInt8) {
        messages += 1
        add(message)
    }
    mutating func add<Value: FixedWidthInteger>(_ number: Value) {
        value = (value ^ UInt64(truncatingIfNeeded: number)) &* 0x100_0000_01B3
        value ^= value >> 29
    }
    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        add(bytes.count)
        for byte in bytes { add(byte) }
    }
}

struct Outcome: Equatable {
    var digest = Digest()
    var counters = LinkCounters()
    /// Bytes of the blocks that gave a message; what the others held is known from the counters of blocks alone.
    var blocks: UInt64 = 0

    mutating func count(_ now: LinkCounters) {
        for index in 0..<LinkCounters.count {
            precondition(now.counter(index).value >= counters.counter(index).value, "a counter went back")
        }
        counters = now
    }
}

let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: LinkDecoder.requiredBytes, alignment: 8)
let packets = UnsafeMutablePointer<UInt8>.allocate(capacity: WIRE_MAXIMUM_BLOCK)
let firmware = UnsafeMutablePointer<wire_decoder>.allocate(capacity: 1)
let input = UnsafeMutablePointer<stream>.allocate(capacity: 1)

func take(_ decoder: inout LinkDecoder, _ outcome: inout Outcome) {
    while let message = decoder.next() {
        outcome.digest.begin(message.rawValue)
        switch message {
        case .stream:
            let configuration = decoder.configuration!
            outcome.digest.add(configuration.number)
            outcome.digest.add(UInt32(configuration.rate))
            outcome.digest.add(configuration.frames ?? .max)
            outcome.digest.add(configuration.leads.rawValue)
            outcome.digest.add(configuration.format.derived.rawValue)
            for index in 0..<configuration.channelCount {
                let channel = configuration.channel(index)
                outcome.digest.add(channel.lead?.rawValue ?? .max)
                outcome.digest.add(channel.gain ?? .max)
                outcome.digest.add(channel.baseline)
                outcome.digest.add(channel.microvoltsPerCount.bitPattern)
                outcome.digest.add(channel.highPass ?? .max)
                outcome.digest.add(channel.lowPass ?? .max)
            }
        case .frame:
            outcome.digest.add(decoder.frame.index)
            for lead in 0..<12 where !decoder.frame.missing.contains(index: lead) { outcome.digest.add(decoder.frame.counts[lead]) }
            outcome.digest.add(decoder.frame.missing.rawValue)
            outcome.digest.add(decoder.frame.clipped.rawValue)
            outcome.digest.add(decoder.frame.off.rawValue)
        case .pace:
            outcome.digest.add(decoder.pace.sample)
            outcome.digest.add(decoder.pace.fraction)
            outcome.digest.add(decoder.pace.width ?? .max)
            outcome.digest.add(decoder.pace.amplitude ?? .min)
        case .hello:
            let hello = decoder.hello!
            for name in [hello.maker, hello.product, hello.serial, hello.firmware] { outcome.digest.add(name) }
            for index in 0..<hello.rateCount { outcome.digest.add(hello.rate(index)) }
            for index in 0..<hello.gainCount { outcome.digest.add(hello.gain(index)) }
            outcome.digest.add(hello.capabilities)
        case .status:
            let status = decoder.status
            outcome.digest.add(status.samplesDropped ?? .max)
            outcome.digest.add(status.blocksDropped ?? .max)
            outcome.digest.add(status.buffer ?? .max)
            outcome.digest.add(status.battery ?? .max)
            outcome.digest.add(status.temperature ?? .min)
        case .event:
            let event = decoder.event!
            outcome.digest.add(event.sample ?? .max)
            outcome.digest.add(event.code)
            outcome.digest.add(event.value)
            outcome.digest.add(event.text)
        case .error:
            let error = decoder.error!
            outcome.digest.add(error.code)
            outcome.digest.add(error.severity)
            outcome.digest.add(error.detail)
            outcome.digest.add(error.text)
        case .answer:
            let answer = decoder.answer!
            outcome.digest.add(answer.command)
            outcome.digest.add(answer.sequence)
            outcome.digest.add(answer.result)
        case .command:
            outcome.digest.add(decoder.header.type)
            outcome.digest.add(decoder.payload)
        }
    }
    outcome.count(decoder.counters)
}

func decode(_ bytes: UnsafeRawBufferPointer, _ framing: LinkFraming, chunk: Int) -> Outcome {
    var outcome = Outcome()
    var decoder = LinkDecoder(framing: framing, memory: memory)
    var done = 0
    while done < bytes.count {
        let end = min(bytes.count, done + chunk)
        done += decoder.feed(UnsafeRawBufferPointer(rebasing: bytes[done..<end]))
        take(&decoder, &outcome)
    }
    decoder.finish()
    take(&decoder, &outcome)
    precondition(outcome.counters.bytes == UInt64(bytes.count), "not every byte was taken")
    return outcome
}

/// Takes what the firmware's decoder has found, in the same words.
func take(_ outcome: inout Outcome) {
    while true {
        let message = wire_decoder_next(firmware)
        if UInt32(message) == WIRE_NOTHING.rawValue { break }
        outcome.digest.begin(UInt8(message))
        switch wire_message(rawValue: UInt32(message)) {
        case WIRE_STREAM: stream(&outcome)
        case WIRE_FRAME:
            let frame = firmware.pointee.frame
            outcome.digest.add(frame.index)
            withUnsafeBytes(of: frame.values) { values in
                for lead in 0..<12 where frame.missing & 1 << UInt16(lead) == 0 {
                    outcome.digest.add(values.load(fromByteOffset: lead * 4, as: Int32.self))
                }
            }
            outcome.digest.add(frame.missing)
            outcome.digest.add(frame.clipped)
            outcome.digest.add(frame.off)
        case WIRE_PACE:
            outcome.digest.add(firmware.pointee.pace.sample)
            outcome.digest.add(firmware.pointee.pace.fraction)
            outcome.digest.add(firmware.pointee.pace.width)
            outcome.digest.add(firmware.pointee.pace.amplitude)
        case WIRE_HELLO: hello(&outcome)
        case WIRE_STATUS:
            var status = wire_status()
            wire_read_status(firmware, &status)
            outcome.digest.add(status.samples_dropped)
            outcome.digest.add(status.blocks_dropped)
            outcome.digest.add(status.buffer)
            outcome.digest.add(status.battery)
            outcome.digest.add(status.temperature)
        case WIRE_EVENT:
            var event = wire_event()
            wire_read_event(firmware, &event)
            outcome.digest.add(event.sample)
            outcome.digest.add(event.code)
            outcome.digest.add(event.value)
            outcome.digest.add(UnsafeRawBufferPointer(start: event.text, count: event.text_bytes))
        case WIRE_ERROR:
            var error = wire_error()
            wire_read_error(firmware, &error)
            outcome.digest.add(error.code)
            outcome.digest.add(error.severity)
            outcome.digest.add(error.detail)
            outcome.digest.add(UnsafeRawBufferPointer(start: error.text, count: error.text_bytes))
        case WIRE_ANSWER:
            var answer = wire_answer()
            wire_read_answer(firmware, &answer)
            outcome.digest.add(answer.command)
            outcome.digest.add(answer.sequence)
            outcome.digest.add(answer.result)
        default:
            outcome.digest.add(firmware.pointee.payload[WIRE_HEADER_TYPE - WIRE_HEADER_BYTES])
            outcome.digest.add(UnsafeRawBufferPointer(start: firmware.pointee.payload, count: Int(firmware.pointee.payload_bytes)))
        }
    }
}

func stream(_ outcome: inout Outcome) {
    let leads = UInt16(firmware.pointee.leads)
    withUnsafeBytes(of: &firmware.pointee.configuration) { bytes in
        outcome.digest.add(bytes.loadUnaligned(fromByteOffset: WIRE_CONFIGURATION_NUMBER, as: UInt16.self))
        outcome.digest.add(bytes.loadUnaligned(fromByteOffset: WIRE_CONFIGURATION_RATE, as: UInt32.self))
        outcome.digest.add(bytes.loadUnaligned(fromByteOffset: WIRE_CONFIGURATION_FRAMES, as: UInt64.self))
        outcome.digest.add(leads)
        outcome.digest.add(0x0FFF & ~leads & ~UInt16(firmware.pointee.absent))
        for index in 0..<UInt32(bytes[WIRE_CONFIGURATION_CHANNEL_COUNT]) {
            var channel = wire_channel()
            wire_read_channel(firmware, index, &channel)
            outcome.digest.add(channel.lead)
            outcome.digest.add(channel.gain)
            outcome.digest.add(channel.baseline)
            outcome.digest.add(channel.scale.bitPattern)
            outcome.digest.add(channel.high_pass)
            outcome.digest.add(channel.low_pass)
        }
    }
}

func hello(_ outcome: inout Outcome) {
    withUnsafeBytes(of: &firmware.pointee.hello) { bytes in
        for (offset, room) in [
            (WIRE_HELLO_MAKER, 32), (WIRE_HELLO_PRODUCT, 32), (WIRE_HELLO_SERIAL_NUMBER, 32), (WIRE_HELLO_FIRMWARE_VERSION, 16),
        ] {
            let field = bytes[offset..<offset + room]
            outcome.digest.add(UnsafeRawBufferPointer(rebasing: field[..<(field.firstIndex(of: 0) ?? field.endIndex)]))
        }
        let rates = Int(bytes[WIRE_HELLO_RATE_COUNT])
        for index in 0..<rates { outcome.digest.add(bytes.loadUnaligned(fromByteOffset: WIRE_HELLO_BYTES + index * 4, as: UInt32.self)) }
        for index in 0..<Int(bytes[WIRE_HELLO_GAIN_COUNT]) {
            outcome.digest.add(bytes.loadUnaligned(fromByteOffset: WIRE_HELLO_BYTES + rates * 4 + index * 2, as: UInt16.self))
        }
        outcome.digest.add(bytes.loadUnaligned(fromByteOffset: WIRE_HELLO_CAPABILITIES, as: UInt32.self))
    }
}

/// What the firmware's decoder makes of the bytes.
func decodeAsFirmware(_ bytes: UnsafeRawBufferPointer, _ framing: LinkFraming) -> Outcome {
    var outcome = Outcome()
    UnsafeMutableRawPointer(firmware).initializeMemory(as: UInt8.self, repeating: 0, count: MemoryLayout<wire_decoder>.size)
    firmware.pointee.scanner.memory = packets
    firmware.pointee.scanner.room = UInt32(WIRE_MAXIMUM_BLOCK)
    firmware.pointee.scanner.framing = framing.rawValue
    var done = 0
    while done < bytes.count {
        done += wire_decoder_feed(firmware, bytes.baseAddress! + done, bytes.count - done)
        take(&outcome)
    }
    wire_scanner_finish(&firmware.pointee.scanner)
    take(&outcome)
    let scanner = firmware.pointee.scanner, counters = firmware.pointee.counters
    outcome.counters.bytes = scanner.bytes
    outcome.counters.bytesSkipped = scanner.bytes_skipped
    outcome.counters.blocks = scanner.blocks
    outcome.counters.checksumFailures = scanner.checksum_failures
    outcome.counters.packetsBroken = scanner.packets_broken
    outcome.counters.blocksMissing = counters.blocks_missing
    outcome.counters.blocksRepeated = counters.blocks_repeated
    outcome.counters.blocksOtherVersion = counters.blocks_other_version
    outcome.counters.blocksUnknown = counters.blocks_unknown
    outcome.counters.blocksMalformed = counters.blocks_malformed
    outcome.counters.restarts = counters.restarts
    outcome.counters.frames = counters.frames
    outcome.counters.framesMissing = counters.frames_missing
    outcome.counters.framesRepeated = counters.frames_repeated
    outcome.counters.framesUnconfigured = counters.frames_unconfigured
    outcome.counters.deviceSamplesDropped = counters.device_samples_dropped
    return outcome
}

@c(LLVMFuzzerTestOneInput)
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    stream_read(input, data, size)
    let bytes = UnsafeRawBufferPointer(start: input.pointee.bytes, count: input.pointee.count)
    let framing: LinkFraming = input.pointee.framing == WIRE_COBS ? .cobs : .plain
    let whole = decode(bytes, framing, chunk: max(bytes.count, 1))
    precondition(whole == decode(bytes, framing, chunk: input.pointee.chunk), "the result depends on how the bytes were cut")
    precondition(whole == decodeAsFirmware(bytes, framing), "the two decoders disagree")
    precondition(
        follow(bytes, framing, chunk: 64) == follow(bytes, framing, chunk: input.pointee.chunk),
        "what is told of a device depends on how the bytes were cut")
    return 0
}
