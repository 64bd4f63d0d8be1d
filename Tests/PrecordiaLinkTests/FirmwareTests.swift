// What firmware is built from beside the decoder: the encoder's refusals, the sending buffer's losses, the command reader, the converter's packer.

import CPrecordiaFirmware
import PrecordiaLink
import PrecordiaSignal
import Testing

@Suite struct FirmwareTests {
    private static func vector(_ name: String) -> Vector { Vector.all.first { $0.name == name }! }

    @Test("the reference encoder writes a session as the vectors have it", arguments: [LinkFraming.plain, .cobs])
    func session(_ framing: LinkFraming) {
        let device = ReferenceDevice(framing: framing)
        let rates: [UInt32] = [500, 1000]
        let gains: [UInt16] = [600]
        "Maker".withCString { maker in
            "Cart".withCString { product in
                "A-17".withCString { serial in
                    "1.4".withCString { firmware in
                        rates.withUnsafeBufferPointer { rates in
                            gains.withUnsafeBufferPointer { gains in
                                var hello = wire_hello(
                                    lowest_version: 1, highest_version: 1, channels: 8, cause: 0, capabilities: 3, maker: maker,
                                    product: product, serial_number: serial, firmware_version: firmware, rates: rates.baseAddress,
                                    gains: gains.baseAddress, rate_count: 2, gain_count: 1)
                                device.write { wire_write_hello($0, &hello, 5) }
                            }
                        }
                    }
                }
            }
        }
        let leads: [Lead?] = [.I, .II, .V1, .V2, .V3, .V4, .V5, .V6]
        device.configure(
            number: 1, rate: 500, frames: 12,
            channels: leads.map { LinkChannel(lead: $0, gain: 600, baseline: 3, microvoltsPerCount: 0.5, highPass: 50, lowPass: nil) },
            sensed: ElectrodeSet(rawValue: 0x3FF), watched: .all, ticks: 0)
        for first in [0, 4, 8] as [UInt64] {
            device.data(Device.frames(from: first, 4), leads: leads, width: 2, marks: [], ticks: first * 2000)
        }
        var status = wire_status(
            samples_dropped: 0, blocks_dropped: .max, buffer: .max, battery: .max, temperature: -1, state: UInt8(WIRE_STATE_STREAMING),
            supply: UInt8(WIRE_SUPPLY_BATTERY))
        device.write { wire_write_status($0, &status, 5) }
        #expect(device.bytes == Self.vector(framing == .plain ? "session" : "session-cobs").bytes)
    }

    @Test("the reference encoder writes reports and commands as the vectors have them")
    func reports() {
        let reports = ReferenceDevice()
        "nurse".withCString { text in
            var event = wire_event(sample: 9, code: UInt16(WIRE_EVENT_CODE_BUTTON), value: 1, text: text, text_bytes: 5)
            reports.write { wire_write_event($0, &event, 5) }
        }
        var error = wire_error(
            code: UInt16(WIRE_ERROR_CODE_BUFFER_OVERRUN), severity: UInt8(WIRE_SEVERITY_SAMPLES), detail: 0xBEEF, text: nil, text_bytes: 0)
        reports.write { wire_write_error($0, &error, 5) }
        var answered = wire_command()
        answered.type = UInt8(WIRE_TYPE_START)
        answered.result = UInt8(WIRE_RESULT_NOT_NOW)
        answered.sequence = 7
        reports.write { wire_write_answer($0, &answered, 5) }
        #expect(reports.bytes == Self.vector("reports").bytes)

        let commands = ReferenceDevice()
        for type in 0x81...0x86 as ClosedRange<UInt8> {
            var command = wire_command()
            command.type = type
            command.rate = 500
            command.gain = .max
            commands.write { wire_write_command($0, &command, 5) }
        }
        #expect(commands.bytes == Self.vector("commands").bytes)
    }

    @Test("a block that does not fit or is outside its range is not written, and uses up no sequence number")
    func refusals() {
        var bytes = [UInt8](repeating: 0, count: 300)
        bytes.withUnsafeMutableBufferPointer { memory in
            var encoder = wire_encoder()
            encoder.block = memory.baseAddress
            encoder.room = 300
            var status = wire_status()
            encoder.room = WIRE_HEADER_BYTES + WIRE_STATUS_BYTES + WIRE_CHECK_BYTES - 1
            #expect(wire_write_status(&encoder, &status, 0) == 0)
            encoder.room += 1
            #expect(wire_write_status(&encoder, &status, 0) == 56)
            encoder.room = 300
            "".withCString { text in
                var event = wire_event(sample: 0, code: 1, value: 0, text: text, text_bytes: WIRE_MAXIMUM_TEXT + 1)
                #expect(wire_write_event(&encoder, &event, 0) == 0)
            }
            var hello = wire_hello()
            #expect(wire_write_hello(&encoder, &hello, 0) == 0, "no channel")
            hello.channels = 17
            #expect(wire_write_hello(&encoder, &hello, 0) == 0, "17 channels")
            var configuration = wire_configuration()
            #expect(wire_write_configuration(&encoder, &configuration, 0) == 0, "no channel")
            #expect(wire_write_block(&encoder, 9, WIRE_MAXIMUM_PAYLOAD + 1, 0) == 0)
            #expect(encoder.sequence == 1)

            var data = wire_data()
            data.block = memory.baseAddress
            data.room = 300
            data.most_samples = 4
            data.width = 3
            #expect(wire_data_begin(&data, &encoder, 0, 0) == 0, "before a configuration")
            encoder.channels = 8
            for width in [0, 1, 5, 255] as [UInt8] {
                data.width = width
                #expect(wire_data_begin(&data, &encoder, 0, 0) == 0, "width \(width)")
                #expect(wire_data_add(&data, [Int32](repeating: 0, count: 8), 0, 0) == 0)
                #expect(wire_data_end(&data, &encoder) == 0)
            }
            data.width = 3
            data.room = 28 + 16 + 4 * 6 + 4 * 24 + 4
            #expect(wire_data_begin(&data, &encoder, 0, 0) != 0)
            #expect(wire_data_end(&data, &encoder) == 0, "no sample")
            #expect(encoder.sequence == 1)
            data.room -= 1
            #expect(wire_data_begin(&data, &encoder, 0, 0) == 0, "one byte too little")
        }
    }

    @Test("a full sending buffer drops the oldest data, keeps reports and what is on its way, and counts")
    func queue() {
        let device = Device().hello().configure().data(from: 0).data(from: 4).data(from: 8).status().data(from: 12)
        let ends = device.starts.dropFirst() + [device.bytes.count]
        let blocks = zip(device.starts, ends).map { Array(device.bytes[$0..<$1]) }
        var slots = [UInt8](repeating: 0, count: 4 * 300)
        slots.withUnsafeMutableBufferPointer { memory in
            var queue = wire_queue()
            queue.memory = memory.baseAddress
            queue.slot_bytes = 300
            queue.slots = 4
            func sequence(of block: UnsafePointer<UInt8>?) -> UInt8? { block?[12] }
            var bytes = 0
            for block in blocks[..<4] { #expect(wire_queue_add(&queue, block) == 1) }
            #expect(queue.count == 4 && queue.blocks_dropped == 0)
            #expect(sequence(of: wire_queue_front(&queue, &bytes)) == 0 && bytes == blocks[0].count)
            #expect(wire_queue_add(&queue, blocks[4]) == 1)
            #expect(queue.samples_dropped == 4 && queue.blocks_dropped == 1)
            wire_queue_broken(&queue)
            #expect(sequence(of: wire_queue_front(&queue, &bytes)) == 0, "what was broken off comes again")
            var sent: [UInt8] = []
            while let block = wire_queue_front(&queue, &bytes) {
                sent.append(block[12])
                wire_queue_sent(&queue)
            }
            #expect(sent == [0, 1, 3, 4], "data of sequence 2 is gone")

            for _ in 0..<4 { #expect(wire_queue_add(&queue, blocks[5]) == 1) }
            #expect(wire_queue_add(&queue, blocks[6]) == 0, "no data is there that could go")
            #expect(queue.samples_dropped == 8 && queue.blocks_dropped == 2)
            #expect(wire_queue_add(&queue, blocks[0]) == 1, "the oldest report goes for a new one")
            #expect(queue.samples_dropped == 8 && queue.blocks_dropped == 3)
            queue.slot_bytes = 100
            queue.count = 0
            #expect(wire_queue_add(&queue, blocks[2]) == 0, "longer than a slot")
            #expect(queue.samples_dropped == 12 && queue.blocks_dropped == 4)
        }
    }

    @Test("a device takes each command once, answers what it does not know, and leaves out what is none")
    func commands() {
        func read(_ blocks: [[UInt8]]) -> [String] {
            var order = wire_order()
            return blocks.map { block in
                guard wire_is_block(block, block.count) == 1 else { return "none" }
                var command = wire_command()
                guard wire_read_command(&order, block, &command) == 1 else { return "left out" }
                return "\(command.type):\(command.result):\(command.sequence):\(command.rate):\(command.gain)"
            }
        }
        let host = Device().block(.start, []).block(.configure, [0xE8, 3, 0, 0, 0x58, 2, 0, 0, 9]).block(.configure, [1, 0])
            .foreign(type: 0x99).foreign(type: 0).foreign(type: 0x81, version: 2).foreign(type: 3).block(.stop, [])
        let ends = host.starts.dropFirst() + [host.bytes.count]
        var blocks = zip(host.starts, ends).map { Array(host.bytes[$0..<$1]) }
        blocks.append(blocks[7])
        blocks.append(blocks[0])
        blocks.append(Device(session: 8).block(.start, []).bytes)
        blocks.append(Array(blocks[0].dropLast()))
        blocks.append(blocks[0] + [0])
        blocks[12][12] ^= 1
        #expect(
            read(blocks) == [
                "131:0:0:4294967295:65535", "130:0:1:1000:600", "130:3:2:4294967295:65535", "153:1:3:4294967295:65535",
                "0:1:4:4294967295:65535", "left out", "left out", "132:0:7:4294967295:65535", "left out", "left out",
                "131:0:0:4294967295:65535", "none", "none",
            ])
    }

    @Test("an ADS1298's frame becomes values, electrodes off and clipped leads, and one that slipped becomes no samples")
    func converter() {
        var wiring = ads1298_twelve_leads
        var frame = [UInt8](repeating: 0, count: ADS1298_FRAME_BYTES)
        // 1100, LOFF_STATP 1000 0001, LOFF_STATN 0000 0010, GPIO 1111.
        frame.replaceSubrange(0..<3, with: [0xC8, 0x10, 0x2F])
        let numbers: [Int32] = [1, -1, 8_388_607, -8_388_608, 8_388_606, -8_388_607, 0x123456, 0]
        for (input, number) in numbers.enumerated() {
            for byte in 0..<3 { frame[3 + input * 3 + byte] = UInt8(truncatingIfNeeded: number >> Int32(16 - byte * 8)) }
        }
        var values = [Int32](repeating: 0, count: 8)
        var off: UInt16 = 0
        var clipped: UInt16 = 0
        #expect(ads1298_read(&wiring, frame, &values, &off, &clipped) == 1)
        #expect(values == numbers)
        #expect(ElectrodeSet(rawValue: off) == [.leftArm, .rightArm, .chest(6)])
        #expect(LeadSet(rawValue: clipped) == [LeadSet(.V1), LeadSet(.V2), LeadSet(.V4)])
        #expect(ads1298_sensed(&wiring) == 0x3F7 && ads1298_watched(&wiring) == LeadSet.independent.rawValue)
        frame[0] = 0x68
        #expect(ads1298_read(&wiring, frame, &values, &off, &clipped) == 0)
        #expect(values == [Int32](repeating: .min, count: 8) && off == 0 && clipped == 0)
    }
}
