// Data blocks: samples that are missing, flags that cannot be, and why a payload contradicts itself.
// Apart from the other payloads, as most of every capture is this.

import PrecordiaHost
import PrecordiaLink
import PrecordiaSignal

extension Conformance {
    func explainData(_ payload: UnsafeRawBufferPointer) {
        guard payload.count >= 16 else { return tooShort(payload, 16) }
        let (samples, width, channels) = (Int(payload[10]), Int(payload[11]), Int(payload[12]))
        let (groups, marks) = (Int(payload[13]), Int(payload[14]))
        let right = 16 + 6 * groups + 8 * marks + samples * channels * width
        let configured = decoder.configuration?.channelCount ?? channels
        let words: String
        if payload.number(0, UInt64.self) > 0x7FFF_FFFF_FFFF_FEFF {
            words = "sample \(payload.number(0, UInt64.self)); up to 2^63 - 257 would be right"
        } else if samples == 0 {
            words = "samples 0; 1 to 255 would be right"
        } else if !(2...4).contains(width) {
            words = "width \(width); 2, 3 or 4 would be right"
        } else if channels != configured {
            words = "channels \(channels); \(configured) as in the configuration would be right"
        } else if groups == 0 {
            words = "groups 0; 1 to \(samples) would be right"
        } else if payload.count != right {
            words = "a payload of \(payload.count) bytes; \(right) would be right for \(samples) samples, \(groups) groups, \(marks) marks"
        } else {
            let lengths = (0..<groups).map { Int(payload[16 + 6 * $0]) }
            let places = (0..<marks).map { Int(payload[16 + 6 * groups + 8 * $0]) }
            if lengths.contains(0) || lengths.reduce(0, +) != samples {
                words = "groups of \(lengths) samples; they must add up to \(samples), none of them 0"
            } else {
                words = "pace marks at samples \(places); 0 to \(samples - 1) would be right"
            }
        }
        report(.malformed, words)
    }

    func checkData(_ payload: UnsafeRawBufferPointer, _ header: BlockHeader, _ before: LinkCounters, _ after: LinkCounters) {
        let first = payload.number(0, UInt64.self)
        let count = Int(payload[10])
        let missing = after.framesMissing - before.framesMissing
        let errors = ConformanceRule.samplesMissing.section
        session?.missing += missing
        session?.delivered += after.frames - before.frames
        if missing > 0 {
            report(
                .samplesMissing, "sample \(first): \(Text.counted(Int(clamping: missing), "sample")) before it never came", section: errors)
        }
        let repeated = after.framesRepeated - before.framesRepeated
        if repeated > 0 {
            report(.samplesRepeated, "sample \(first): \(Text.counted(Int(clamping: repeated), "sample")) came already", section: errors)
        }
        guard after.framesUnconfigured == before.framesUnconfigured, let configuration = decoder.configuration
        else {
            let number = payload.number(8, UInt16.self)
            let rule = ConformanceRule.dataUnconfigured
            report(rule, "\(count) samples of configuration \(number), which has not come", section: errors)
            return
        }
        summary.seconds += Double(after.frames - before.frames) / Double(configuration.rate)
        checkTicks(header, first: first, rate: configuration.rate)
        if count * 10 > configuration.rate, count > 1 {
            let length = Text.fixed(Double(count) / Double(configuration.rate) * 1000, decimals: 0)
            report(.blockTooLong, "\(count) samples are \(length) ms; at most 100 ms would be right", section: "Types")
        }
        if payload[14] > 0, has(2) == false {
            report(.capability, "pace marks, and the hello tells none (capability bit 2)")
        }
        checkFlags(payload, configuration)
        checkWidth(payload)
    }

    private func checkFlags(_ payload: UnsafeRawBufferPointer, _ configuration: LinkConfiguration) {
        let reserved = ConformanceRule.reservedBits.section
        if payload[15] != 0 { report(.reservedBits, "reserved byte 15 is \(payload[15]); 0 would be right", section: reserved) }
        for group in 0..<Int(payload[13]) {
            let at = 16 + 6 * group
            if payload[at + 1] != 0 {
                report(.reservedBits, "reserved byte of group \(group) is \(payload[at + 1]); 0 would be right", section: reserved)
            }
            let off = payload.number(at + 2, UInt16.self)
            let clipped = payload.number(at + 4, UInt16.self)
            if off >> 10 != 0 || clipped >> 12 != 0 {
                report(
                    .reservedBits, "group \(group): off \(off), clipped \(clipped); electrodes are bits 0 to 9, leads 0 to 11",
                    section: reserved)
            }
            let unsensed = off & 0x3FF & ~configuration.sensed.rawValue
            if unsensed != 0 {
                report(.offNotSensed, "group \(group): \(BlockNames.electrodes(unsensed)) off, which the configuration does not sense")
            }
            let unwatched = clipped & 0xFFF & ~configuration.watched.rawValue
            if unwatched != 0 {
                report(.clippedNotWatched, "group \(group): \(BlockNames.leads(unwatched)) clipped, which the configuration does not watch")
            }
        }
        let marks = 16 + 6 * Int(payload[13])
        for mark in 0..<Int(payload[14]) where payload[marks + 8 * mark + 1] != 0 {
            report(.reservedBits, "reserved byte of mark \(mark) is \(payload[marks + 8 * mark + 1]); 0 would be right", section: reserved)
        }
    }

    /// Whether fewer bytes a value would have held all of them.
    private func checkWidth(_ payload: UnsafeRawBufferPointer) {
        let width = Int(payload[11])
        guard width > 2, !toldWidths.contains(UInt8(width)) else { return }
        let start = 16 + 6 * Int(payload[13]) + 8 * Int(payload[14])
        let lowest: Int32 = width == 3 ? -8_388_608 : .min
        let limit: Int32 = width == 3 ? 32_767 : 8_388_607
        for at in stride(from: start, to: payload.count, by: width) {
            var value: UInt32 = 0
            for byte in 0..<width { value |= UInt32(payload[at + byte]) << UInt32(8 * byte + 32 - 8 * width) }
            let sample = Int32(bitPattern: value) >> Int32(32 - 8 * width)
            if sample != lowest, sample < -limit || sample > limit { return }
        }
        toldWidths.insert(UInt8(width))
        report(.wideValues, "values of \(width) bytes that \(width - 1) would hold; told once")
    }
}
