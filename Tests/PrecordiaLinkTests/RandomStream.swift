// Sessions by chance, valid ones from an encoder and what a bad line makes of them: what two decoders are compared on.

import CPrecordiaFirmware
import PrecordiaLink
import PrecordiaSignal
import Testing

enum RandomStream {
    /// Some sessions' blocks: dropped, repeated, exchanged and joined; then bits flipped and bytes cut, repeated or put in between.
    static func make(_ noise: inout Noise, _ framing: LinkFraming) -> [UInt8] {
        var blocks: [[UInt8]] = []
        for _ in 0..<noise.below(3) + 1 { blocks += session(&noise, framing) }
        for _ in 0..<noise.below(6) {
            let at = noise.below(blocks.count)
            switch noise.below(5) {
            case 0: if blocks.count > 1 { blocks.remove(at: at) }
            case 1: blocks.insert(blocks[at], at: at)
            case 2: blocks.swapAt(at, noise.below(blocks.count))
            case 3: blocks[at].removeLast(noise.below(blocks[at].count + 1))
            default: blocks.insert(blocks[noise.below(blocks.count)], at: at)
            }
        }
        var bytes = Array(blocks.joined())
        for _ in 0..<noise.below(4) where bytes.count > 300 {
            let at = noise.below(bytes.count - 200)
            switch noise.below(4) {
            case 0: bytes[at] ^= 1 << UInt8(noise.below(8))
            case 1: bytes.removeSubrange(at..<at + noise.below(200))
            case 2: bytes.insert(contentsOf: bytes[at..<at + noise.below(200)], at: noise.below(bytes.count))
            default: bytes.insert(contentsOf: (0..<noise.below(40)).map { _ in noise.next() }, at: at)
            }
        }
        return bytes
    }

    /// The blocks of one session, of every type, some of them with payloads that contradict themselves.
    private static func session(_ noise: inout Noise, _ framing: LinkFraming) -> [[UInt8]] {
        let leads = channels(&noise)
        let sequence: UInt32 = noise.oneIn(2) ? 0 : UInt32(truncatingIfNeeded: noise.number())
        let device = Device(framing: framing, session: UInt32(noise.below(3)), sequence: sequence, leads: leads)
        var number: UInt16 = 0
        var next: UInt64 = noise.oneIn(12) ? 0x7FFF_FFFF_FFFF_FE00 : noise.oneIn(3) ? UInt64(noise.below(500)) : 0
        if !noise.oneIn(6) { device.hello() }
        let configured = device.starts.count
        device.configure(number: number)
        for _ in 0..<noise.below(20) + 2 {
            switch noise.below(14) {
            case 0: device.hello()
            case 1:
                if noise.oneIn(2) { number &+= 1 }
                device.configure(number: number, rate: UInt32(noise.below(2000)), scale: Double(noise.below(9)))
            case 2: device.status(dropped: noise.oneIn(4) ? .max : UInt64(noise.below(1000)))
            case 3: device.block(.event, payload(&noise, 10..<30))
            case 4: device.block(.error, payload(&noise, 6..<30))
            case 5: device.block(.answer, payload(&noise, 6..<12))
            case 6: device.block([.identify, .configure, .start, .stop, .reset, .selfTest][noise.below(6)], payload(&noise, 0..<10))
            case 7: device.block([.hello, .configuration, .data, .status][noise.below(4)], payload(&noise, 0..<200))
            case 8: device.foreign(type: noise.next(), version: noise.oneIn(2) ? 1 : noise.next())
            default:
                if noise.oneIn(8) { next += UInt64(noise.below(40)) }
                if noise.oneIn(8) { next -= min(next, UInt64(noise.below(300))) }
                let frames = frames(&noise, next, noise.below(12) + 1)
                device.data(frames, marks: marks(&noise, frames))
                next = min(next + UInt64(frames.count), 0x7FFF_FFFF_FFFF_FEFF)
            }
        }
        let ends = device.starts.dropFirst() + [device.bytes.count]
        var blocks = zip(device.starts, ends).map { Array(device.bytes[$0..<$1]) }
        if noise.oneIn(6) { blocks.remove(at: configured) }
        return blocks
    }

    private static func payload(_ noise: inout Noise, _ count: Range<Int>) -> [UInt8] {
        (0..<count.lowerBound + noise.below(count.count)).map { _ in noise.next() }
    }

    /// One to sixteen channels, each lead once, some of no lead.
    private static func channels(_ noise: inout Noise) -> [Lead?] {
        var rest = Lead.allCases
        var channels: [Lead?] = (0..<noise.below(16) + 1).map { _ in
            rest.isEmpty || noise.oneIn(6) ? nil : rest.remove(at: noise.below(rest.count))
        }
        if channels.allSatisfy({ $0 == nil }) { channels[0] = .I }
        return channels
    }

    private static func frames(_ noise: inout Noise, _ first: UInt64, _ count: Int) -> [Frame] {
        let shift = [16, 8, 0][noise.below(3)]
        var frames = Device.frames(from: first, count)
        for index in frames.indices {
            for lead in 0..<12 { frames[index].counts[lead] = Int32(truncatingIfNeeded: noise.number()) >> Int32(shift) }
            if noise.oneIn(10) {
                frames[index].counts[noise.below(12)] = [.min, .max, -32_768, 32_767, -8_388_608, 8_388_608][noise.below(6)]
            }
            if noise.oneIn(4) { frames[index].missing = LeadSet(rawValue: UInt16(truncatingIfNeeded: noise.number())) }
            if noise.oneIn(4) { frames[index].off = ElectrodeSet(rawValue: UInt16(truncatingIfNeeded: noise.number())) }
            if noise.oneIn(4) { frames[index].clipped = LeadSet(rawValue: UInt16(truncatingIfNeeded: noise.number())) }
        }
        return frames
    }

    private static func marks(_ noise: inout Noise, _ frames: [Frame]) -> [PaceMark] {
        (0..<noise.below(3)).map { _ in
            PaceMark(
                sample: frames[noise.below(frames.count)].index, fraction: UInt16(truncatingIfNeeded: noise.number()),
                width: noise.oneIn(3) ? nil : UInt16(noise.below(65_535)),
                amplitude: noise.oneIn(3) ? nil : Int16(noise.below(60_000) - 30_000))
        }
    }

    /// Writes a session of random settings, samples and reports with both encoders and compares the bytes.
    static func expectSameBytes(_ noise: inout Noise, _ framing: LinkFraming) {
        let leads = channels(&noise)
        let session = UInt32(truncatingIfNeeded: noise.number())
        let sequence = UInt32(truncatingIfNeeded: noise.number())
        let rate: UInt32? = noise.oneIn(3) ? nil : UInt32(noise.below(1 << 30))
        let ticks: UInt64? = noise.oneIn(3) ? nil : noise.number() >> 1
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: LinkEncoder.maximumBytes, alignment: 8)
        defer { memory.deallocate() }
        var encoder = LinkEncoder(framing: framing, session: session, sequence: sequence, tickRate: rate)
        let reference = ReferenceDevice(framing: framing, session: session, sequence: sequence, tickRate: rate)
        var bytes: [UInt8] = []

        let entries = leads.map { lead in
            LinkChannel(
                lead: lead, gain: noise.oneIn(3) ? nil : UInt16(noise.below(65_535)), baseline: Int32(truncatingIfNeeded: noise.number()),
                microvoltsPerCount: Double(bitPattern: noise.number()), highPass: noise.oneIn(3) ? nil : UInt32(noise.below(1 << 30)),
                lowPass: noise.oneIn(3) ? nil : UInt32(noise.below(1 << 30)))
        }
        let sensed = ElectrodeSet(rawValue: UInt16(truncatingIfNeeded: noise.number()))
        let watched = LeadSet(rawValue: UInt16(truncatingIfNeeded: noise.number()))
        let count: UInt64? = noise.oneIn(2) ? nil : noise.number() >> 1
        let number = UInt16(truncatingIfNeeded: noise.number())
        bytes += entries.withUnsafeBufferPointer {
            Array(
                memory[
                    ..<encoder.configuration(
                        number: number, rate: 500, frames: count, channels: $0, sensed: sensed, watched: watched, ticks: ticks, into: memory
                    )])
        }
        reference.configure(
            number: number, rate: 500, frames: count, channels: entries, sensed: sensed, watched: watched, ticks: ticks)

        for _ in 0..<4 {
            let frames = frames(&noise, noise.number() >> 2, noise.below(300) + 1)
            let marks = marks(&noise, frames)
            let written = frames.withUnsafeBufferPointer { frames in
                marks.withUnsafeBufferPointer { encoder.data(frames, marks: $0, ticks: ticks, into: memory) }
            }
            let kept = marks.filter { $0.sample < frames[0].index + UInt64(written.frames) }
            guard kept == marks else { return }
            bytes += memory[..<written.bytes]
            reference.data(
                Array(frames[..<written.frames]), leads: leads, width: width(frames[..<written.frames], leads), marks: marks, ticks: ticks)
        }
        #expect(bytes == reference.bytes)
    }

    /// The fewest bytes that hold every valid sample, as the host's encoder takes.
    private static func width(_ frames: ArraySlice<Frame>, _ leads: [Lead?]) -> UInt8 {
        var width: UInt8 = 2
        for frame in frames {
            for case let lead? in leads where !frame.missing.contains(lead) {
                let value = frame.counts[Int(lead.rawValue)]
                if value <= -8_388_608 || value > 8_388_607 { return 4 }
                if value <= -32_768 || value > 32_767 { width = 3 }
            }
        }
        return width
    }
}
