// The wire protocol, end to end: what is sent arrives, and whatever happens on the way is counted.

import PrecordiaLink
import PrecordiaSignal
import Testing

@Suite struct LinkTests {
    @Test("the check is CRC-32C, and a block has the bytes of the specification")
    func bytes() {
        let check = Array("123456789".utf8).withUnsafeBytes { CRC32C().of($0) }
        #expect(check == 0xE306_9283)
        let bytes = Device(session: 0x0102_0304, sequence: 9).block(.event, Array(repeating: 0xAB, count: 12)).bytes
        #expect(Array(bytes[..<16]) == [0x9E, 0x45, 0x43, 0x47, 1, 5, 12, 0, 4, 3, 2, 1, 9, 0, 0, 0])
        #expect(Array(bytes[16..<28]) == [5, 0, 0, 0, 0, 0, 0, 0, 0x40, 0x42, 0x0F, 0])
        #expect(bytes.count == 28 + 12 + 4)
        let end = bytes[..<40].withUnsafeBytes { CRC32C().of($0) }
        #expect(Array(bytes[40...]) == (0..<4).map { UInt8(truncatingIfNeeded: end >> ($0 * 8)) })
    }

    @Test("frames arrive as they were sent: counts of every width, missing samples, electrodes, clipped leads")
    func frames() {
        var frames = Device.frames(from: 0, 300)
        for index in frames.indices {
            if index > 100 { frames[index].counts[0] = 40_000 }
            if index > 200 { frames[index].counts[1] = Int32.min + 1 + Int32(index) }
            if index % 7 == 0 { frames[index].missing = LeadSet(.V3) }
            if index > 50 && index < 60 { frames[index].off = .leftArm }
            if index % 90 == 0 { frames[index].clipped = LeadSet(.V6).union(LeadSet(.I)) }
        }
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: LinkDecoder.requiredBytes, alignment: 8)
        defer { memory.deallocate() }
        var decoder = LinkDecoder(memory: memory)
        var arrived = 0
        let bytes = Device(leads: Lead.allCases).hello().configure().data(frames).status().bytes
        bytes.withUnsafeBytes { all in
            var rest = all[...]
            while !rest.isEmpty {
                rest = rest.dropFirst(decoder.feed(UnsafeRawBufferPointer(rebasing: rest)))
                while let message = decoder.next() {
                    guard message == .frame else { continue }
                    let frame = decoder.frame
                    let sent = frames[arrived]
                    #expect(
                        frame.index == sent.index && frame.missing == sent.missing && frame.off == sent.off && frame.clipped == sent.clipped
                    )
                    for lead in 0..<12 where !sent.missing.contains(index: lead) { #expect(frame.counts[lead] == sent.counts[lead]) }
                    arrived += 1
                }
            }
        }
        #expect(arrived == 300)
        #expect(!decoder.counters.hasLoss)
        #expect(decoder.configuration?.format.microvoltsPerCount[11] == 0.5)
        #expect(decoder.hello.map { String(decoding: $0.serial, as: UTF8.self) } == "A-17")
    }

    @Test("eight channels leave four leads to be derived; with fewer, the leads without a channel are missing")
    func leads() {
        let eight = Decoded(Device().configure().data(from: 0).bytes)
        #expect(eight.messages[0].contains("\"leads\":\(0xFC3),\"derived\":\(0x3C)"))
        #expect(eight.messages[1].contains("\"missing\":0,"))
        let few = Decoded(Device(leads: [.II, nil, .V1]).configure().data(from: 0).bytes)
        #expect(few.messages[0].contains("\"derived\":0,"))
        #expect(few.messages[1].contains("\"missing\":\(0xFFF & ~0x42),"))
        #expect(few.frames.count == 4)
    }

    @Test("a device of any one or more leads says which, and the others are absent")
    func cables() throws {
        for leads in [[Lead.II], [.II, .V5], [.I, .II], [.I, .II, .V1]] as [[Lead]] {
            let bytes = Device(leads: leads.map { $0 }).configure().bytes
            let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: LinkDecoder.requiredBytes, alignment: 64)
            defer { memory.deallocate() }
            var decoder = LinkDecoder(framing: .plain, memory: memory)
            _ = bytes.withUnsafeBytes { decoder.feed($0) }
            while decoder.next() != nil {}
            let configuration = decoder.configuration
            let format = try #require(configuration).format
            let derived = leads.contains(.I) && leads.contains(.II) ? LeadSet.derived : .empty
            let has = LeadSet(leads.map { LeadSet($0) })
            #expect(format.derived == derived && format.absent == LeadSet.all.subtracting(has).subtracting(derived))
            #expect(format.leads == has.union(derived) && format.unplaced.isEmpty)
        }
    }

    @Test("the same bytes give the same messages and counters, however they are cut")
    func chunks() {
        var bytes = [UInt8](repeating: 0x9E, count: 3)
        bytes += Device().hello().configure().data(from: 0, 20).data(from: 40, 20).status(dropped: 3).bytes
        bytes[400] ^= 1
        bytes += bytes[100..<600]
        for framing in [LinkFraming.plain, .cobs] {
            let whole = Decoded(bytes, framing: framing)
            for chunk in [1, 2, 3, 7, 31, 100, 4127, 4128, 4129] {
                #expect(Decoded(bytes, framing: framing, chunk: chunk) == whole, "portions of \(chunk)")
            }
        }
    }

    @Test("lost blocks are counted as blocks and as frames, exactly")
    func gaps() {
        let device = Device().hello().configure()
        for block in 0..<10 { device.data(from: UInt64(block * 4)) }
        for lost in 2..<12 {
            var bytes = device.bytes
            let end = lost + 1 < device.starts.count ? device.starts[lost + 1] : bytes.count
            bytes.removeSubrange(device.starts[lost]..<end)
            let decoded = Decoded(bytes)
            #expect(decoded.counters.blocksMissing == (lost < 11 ? 1 : 0))
            #expect(decoded.counters.framesMissing == (lost < 11 ? 4 : 0), "after the last nobody can know")
            #expect(decoded.frames.count == 36)
            #expect(decoded.counters.bytesSkipped == 0)
        }
    }

    @Test("blocks and frames that come again are left out and counted")
    func repeats() {
        let device = Device().configure().data(from: 0).data(from: 4)
        let again = device.bytes + device.bytes[device.starts[1]...]
        let twice = Decoded(again)
        #expect(twice.frames == Array(0..<8))
        #expect(twice.counters.blocksRepeated == 2)
        let overlap = Decoded(Device().configure().data(from: 0).data(from: 2).data(from: 6).bytes)
        #expect(overlap.frames == Array(0..<10))
        #expect(overlap.counters.framesRepeated == 2)
    }

    @Test("sequence and sample index go on over their ends")
    func wrap() {
        let device = Device(sequence: .max - 1).configure().data(from: 0).data(from: 4).data(from: 8)
        let decoded = Decoded(device.bytes)
        #expect(decoded.frames == Array(0..<12))
        #expect(!decoded.counters.hasLoss)
        let late = UInt64(Int64.max) - 300
        #expect(Decoded(Device().configure().data(from: late, 4).bytes).frames == Array(late..<late + 4))
        #expect(Decoded(Device().configure().data(from: UInt64(Int64.max) - 100, 4).bytes).counters.blocksMalformed == 1)
    }

    @Test("another session, another configuration and a device that counts anew each begin a new stream")
    func streams() {
        func streams(_ decoded: Decoded) -> Int { decoded.messages.count { $0.hasPrefix("{\"message\":\"stream\"") } }
        let two = Decoded(Device(session: 1).configure().data(from: 0).bytes + Device(session: 2).configure().data(from: 0).bytes)
        #expect(streams(two) == 2)
        #expect(two.frames.count == 8)
        #expect(two.counters.restarts == 1)
        #expect(!two.counters.hasLoss)
        let repeated = Decoded(Device().configure().data(from: 0).configure().data(from: 4).bytes)
        #expect(streams(repeated) == 1, "the same configuration again is no news")
        let changed = Decoded(Device().configure().data(from: 0).configure(number: 2, scale: 0.25).data(from: 4).bytes)
        #expect(streams(changed) == 2)
        #expect(changed.frames == Array(0..<8))
        let anew = Decoded(Device().configure().data(from: 100).data(from: 0).data(from: 4).bytes)
        #expect(streams(anew) == 2)
        #expect(anew.frames == [100, 101, 102, 103] + Array(0..<8))
        #expect(anew.counters.restarts == 1)
        let rebooted = Decoded(Device(sequence: 1000).configure().data(from: 100).bytes + Device().configure().data(from: 0).bytes)
        #expect(streams(rebooted) == 2)
        #expect(rebooted.counters.restarts == 1)
    }

    @Test("data whose configuration never came is counted and not guessed at")
    func unconfigured() {
        let late = Decoded(Device().data0(from: 0).configure().data(from: 4).bytes)
        #expect(late.frames == Array(4..<8))
        #expect(late.counters.framesUnconfigured == 4)
        let device = Device().configure().data(from: 0).configure(number: 2).data(from: 4)
        let lost = Decoded(Array(device.bytes[..<device.starts[2]] + device.bytes[device.starts[3]...]))
        #expect(lost.frames == Array(0..<4))
        #expect(lost.counters.framesUnconfigured == 4)
        #expect(lost.counters.blocksMissing == 1)
    }

    @Test("blocks of other versions, of unknown types and with impossible payloads are told apart")
    func strangers() {
        var other = Device().configure().data(from: 0).bytes
        other[4] = 2
        other.replaceSubrange(other.startIndex..., with: Self.signed(other, blocks: Device().configure().data(from: 0).starts))
        #expect(Decoded(other).counters.blocksOtherVersion == 1)
        var unknown = Device().configure().bytes
        unknown[5] = 0x42
        #expect(Decoded(Self.signed(unknown, blocks: [0])).counters.blocksUnknown == 1)
        for type in [BlockType.hello, .configuration, .data, .status, .event, .error, .answer] {
            #expect(Decoded(Device().block(type, [1, 2, 3]).bytes).counters.blocksMalformed == 1, "\(type)")
        }
        let device = Device().configure().data(from: 0)
        let start = device.starts[1] + BlockHeader.byteCount
        for (place, value) in [(10, 0), (10, 5), (11, 1), (11, 5), (12, 7), (13, 0), (13, 2), (14, 1), (16, 0), (16, 3), (16, 5)] {
            var bytes = device.bytes
            bytes[start + place] = UInt8(value)
            let decoded = Decoded(Self.signed(bytes, blocks: device.starts))
            #expect(decoded.counters.blocksMalformed == 1, "byte \(place) is \(value)")
            #expect(decoded.frames.isEmpty)
        }
    }

    @Test("a device's reports arrive, and what it does not know is nothing, never 0")
    func reports() {
        let mark = PaceMark(sample: 2, fraction: 0x8000, width: nil, amplitude: -70)
        let decoded = Decoded(
            Device().hello().configure().data(Device.frames(from: 0, 4), marks: [mark]).status(dropped: 5)
                .block(.event, [9, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0] + Array("nurse".utf8))
                .block(.error, [3, 0, 1, 0, 0xEF, 0xBE, 0, 0]).block(.answer, [0x83, 2, 0, 0, 7, 0, 0, 0]).block(.start, []).bytes)
        #expect(decoded.messages[2] == "{\"message\":\"pace\",\"sample\":2,\"fraction\":32768,\"width\":null,\"amplitude\":-70}")
        #expect(
            decoded.messages[7...].joined()
                == """
                {"message":"status","samplesDropped":5,"blocksDropped":null,"buffer":null,"battery":null,"temperature":-1,"state":1,\
                "onBattery":true}{"message":"event","sample":9,"code":1,"value":1,"text":"nurse"}\
                {"message":"error","code":3,"severity":1,"detail":48879,"text":""}{"message":"answer","command":131,"sequence":7,"result":2}\
                {"message":"command","type":131,"length":0}
                """)
        #expect(decoded.counters.deviceSamplesDropped == 5)
        #expect(decoded.counters.hasLoss)
    }

    /// The stream with each block's check made right again.
    static func signed(_ bytes: [UInt8], blocks: [Int]) -> [UInt8] {
        var signed = bytes
        for (number, start) in blocks.enumerated() {
            let end = (number + 1 < blocks.count ? blocks[number + 1] : bytes.count) - 4
            let check = bytes[start..<end].withUnsafeBytes { CRC32C().of($0) }
            for byte in 0..<4 { signed[end + byte] = UInt8(truncatingIfNeeded: check >> (byte * 8)) }
        }
        return signed
    }
}

extension Device {
    /// Data of configuration 1 though none was sent in these bytes.
    func data0(from first: UInt64) -> Device {
        let other = Device().configure().data(from: first)
        let payload = other.bytes[(other.starts[1] + BlockHeader.byteCount)...].dropLast(4)
        return block(.data, Array(payload))
    }
}
