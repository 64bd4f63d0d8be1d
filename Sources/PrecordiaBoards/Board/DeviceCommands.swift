// The commands of a host, as a simulated device takes them: the state machine of firmware-protocol/SPEC.md.
// Apart from the firmware, which knows how to do what is asked; here is whether it may.

import PrecordiaLink

/// Reads commands from bytes of the line.
final class DeviceCommands {
    private var decoder: LinkDecoder
    private let memory: UnsafeMutableRawBufferPointer

    init(framing: LinkFraming) {
        memory = .allocate(byteCount: LinkDecoder.requiredBytes, alignment: 8)
        decoder = LinkDecoder(framing: framing, memory: memory)
    }

    deinit { memory.deallocate() }

    /// Does what the bytes ask for, and answers. One byte at a time, so that each block is met by itself: commands are rare and short.
    func take(_ bytes: UnsafeRawBufferPointer, _ firmware: DeviceFirmware, at moment: Int64) {
        for index in bytes.indices {
            let unknown = decoder.counters.blocksUnknown
            _ = decoder.feed(UnsafeRawBufferPointer(rebasing: bytes[index...index]))
            while let message = decoder.next() { if message == .command { obey(firmware, moment) } }
            if decoder.counters.blocksUnknown > unknown { answer(1, firmware, moment) }
        }
    }

    /// What has begun and not ended is no command: the line has gone.
    func finish() {
        decoder.finish()
        while decoder.next() != nil {}
    }

    private func obey(_ firmware: DeviceFirmware, _ moment: Int64) {
        guard let type = BlockType(rawValue: decoder.header.type) else { return }
        switch (firmware.state, type) {
        case (_, .reset):
            answer(0, firmware, moment)
            firmware.reset(at: moment, cause: 1)
        case (.testing, _), (.failed, _): answer(2, firmware, moment)
        case (_, .identify):
            answer(0, firmware, moment)
            firmware.introduce(at: moment)
        case (.idle, .configure):
            let result = configuration(firmware)
            answer(result, firmware, moment)
            if result == 0 { firmware.configure(at: moment) }
        case (.idle, .start):
            answer(0, firmware, moment)
            firmware.start(at: moment)
        case (.idle, .stop): answer(0, firmware, moment)
        case (.idle, .selfTest):
            answer(0, firmware, moment)
            firmware.test(at: moment)
        case (.streaming, .stop):
            answer(0, firmware, moment)
            firmware.stop(at: moment)
        default: answer(2, firmware, moment)
        }
    }

    /// The result that a configure command gets.
    private func configuration(_ firmware: DeviceFirmware) -> UInt8 {
        let payload = decoder.payload
        guard payload.count >= 8 else { return 3 }
        let rate = UInt32(littleEndian: payload.loadUnaligned(fromByteOffset: 0, as: UInt32.self))
        let gain = UInt16(littleEndian: payload.loadUnaligned(fromByteOffset: 4, as: UInt16.self))
        return firmware.canBe(rate: rate, gain: gain) ? 0 : 3
    }

    private func answer(_ result: UInt8, _ firmware: DeviceFirmware, _ moment: Int64) {
        firmware.queue.ledger.commands += 1
        firmware.tell(
            .answer, DevicePayload.answer(to: decoder.header.type, sequence: decoder.header.sequence, result: result), at: moment)
    }
}
