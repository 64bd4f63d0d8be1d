// The payloads of hello, configuration, status and the rarer blocks, field by field.
// Apart from data, which is most of every capture and has rules of its own.

import PrecordiaLink

extension Conformance {
    func tooShort(_ payload: UnsafeRawBufferPointer, _ right: Int) {
        report(.malformed, "a payload of \(payload.count) bytes; \(right) and more would be right")
    }

    private func reserved(_ payload: UnsafeRawBufferPointer, _ bytes: Range<Int>) {
        for at in bytes where payload[at] != 0 {
            report(.reservedBits, "reserved byte \(at) is \(payload[at]); 0 would be right", section: ConformanceRule.reservedBits.section)
        }
    }

    private func text(_ payload: UnsafeRawBufferPointer, _ field: String, _ range: Range<Int>) {
        let bytes = payload.part(range)
        let end = bytes.firstIndex(of: 0) ?? bytes.endIndex
        if String(validating: bytes[..<end], as: UTF8.self) == nil { report(.badText, "\(field) is no UTF-8") }
        if bytes[end...].contains(where: { $0 != 0 }) { report(.badText, "\(field) has something behind its end; zeros would be right") }
    }

    func has(_ capability: UInt32) -> Bool? { hello.map { $0.capabilities >> capability & 1 == 1 } }

    func explainHello(_ payload: UnsafeRawBufferPointer) {
        guard payload.count >= 124 else { return tooShort(payload, 124) }
        let (rates, gains) = (Int(payload[3]), Int(payload[4]))
        if rates > 16 || gains > 16 {
            report(.malformed, "\(rates) rates and \(gains) gains; 0 to 16 of each would be right")
        } else {
            tooShort(payload, 124 + 4 * rates + 2 * gains)
        }
    }

    func checkHello(_ payload: UnsafeRawBufferPointer) {
        guard let told = decoder.hello else { return }
        let rates = (0..<told.rateCount).map { told.rate($0) }
        let gains = (0..<told.gainCount).map { told.gain($0) }
        hello = HelloFacts(capabilities: told.capabilities, channels: told.channels, rates: rates, gains: gains)
        if told.lowestVersion > told.highestVersion || told.lowestVersion > 1 || told.highestVersion < 1 {
            report(.badValue, "versions \(told.lowestVersion) to \(told.highestVersion); a range with 1 in it would be right")
        }
        if !(1...16).contains(told.channels) { report(.badValue, "channels \(told.channels); 1 to 16 would be right") }
        if let cause = told.cause, cause > 3 { report(.badValue, "cause \(cause); 0 to 3, or 0xFF where it is not known, would be right") }
        for rate in rates where rate == 0 { report(.badValue, "a rate of \(rate) Hz") }
        for gain in gains where gain == 0 { report(.badValue, "a gain of \(gain)") }
        if told.capabilities >> 8 != 0 {
            report(
                .reservedBits, "capability bits \(BlockNames.hex(told.capabilities)); bits 8 and up are reserved and 0 would be right",
                section: ConformanceRule.reservedBits.section)
        }
        reserved(payload, 6..<8)
        text(payload, "maker", 12..<44)
        text(payload, "product", 44..<76)
        text(payload, "serial number", 76..<108)
        text(payload, "firmware version", 108..<124)
    }

    func explainConfiguration(_ payload: UnsafeRawBufferPointer) {
        guard payload.count >= 24 else { return tooShort(payload, 24) }
        let channels = Int(payload[2])
        let rate = payload.number(4, UInt32.self)
        guard (1...16).contains(channels) else { return report(.malformed, "channels \(channels); 1 to 16 would be right") }
        guard payload.count >= 24 + 24 * channels else { return tooShort(payload, 24 + 24 * channels) }
        guard (1...1 << 24).contains(rate) else { return report(.malformed, "rate \(rate) Hz; 1 to 16777216 would be right") }
        let leads = (0..<channels).map { payload[24 + 24 * $0] }
        report(.malformed, "leads \(leads); each of 0 to 11 at most once, 255 for no lead, and one lead at least would be right")
    }

    func checkConfiguration(_ payload: UnsafeRawBufferPointer) {
        guard let told = LinkConfiguration(payload) else { return }
        let bytes = Array(payload)
        if let known = session?.configurations[told.number], known != bytes {
            report(.configurationReused, "number \(told.number) with other settings than before; a number of its own would be right")
        }
        session?.configurations[told.number] = bytes
        session?.expectedFrames = told.frames
        reserved(payload, 3..<4)
        reserved(payload, 20..<24)
        for index in 0..<told.channelCount {
            let at = 24 + 24 * index
            let channel = told.channel(index)
            reserved(payload, at + 1..<at + 2)
            let scale = abs(channel.microvoltsPerCount)
            if !(scale >= 1e-9 && scale <= 1e9) {
                report(
                    .badValue, "channel \(index): scale \(channel.microvoltsPerCount) microvolts; a magnitude of 1e-9 to 1e9 would be right"
                )
            }
            if channel.gain == 0 { report(.suspiciousZero, "channel \(index): gain 0; 0xFFFF is \"not available\"") }
        }
        let (sensed, watched) = (payload.number(16, UInt16.self), payload.number(18, UInt16.self))
        if sensed >> 10 != 0 || watched >> 12 != 0 {
            report(
                .reservedBits, "sensed \(sensed), watched \(watched); electrodes are bits 0 to 9, leads 0 to 11",
                section: ConformanceRule.reservedBits.section)
        }
        if has(0) == false, sensed != 0 {
            report(.capability, "electrodes are sensed, and the hello's capability bit 0 says that they cannot be")
        }
        if has(1) == false, watched != 0 {
            report(.capability, "leads are watched, and the hello's capability bit 1 says that they cannot be")
        }
        guard let hello else { return }
        if told.channelCount > hello.channels {
            report(.badValue, "channels \(told.channelCount); the hello says at most \(hello.channels)")
        }
        if !hello.rates.isEmpty, !hello.rates.contains(UInt32(told.rate)) {
            report(.badValue, "rate \(told.rate) Hz, which the hello does not list: \(hello.rates)")
        }
    }

    func checkStatus(_ payload: UnsafeRawBufferPointer) {
        let status = decoder.status
        session?.isStreaming = status.state == .streaming
        if payload[22] > 3 { report(.badValue, "state \(payload[22]); 0 to 3 would be right") }
        if payload[23] > 1, payload[23] != .max {
            report(.badValue, "supply \(payload[23]); 0, 1, or 0xFF where it is not known, would be right")
        }
        for (field, value) in [("buffer", status.buffer), ("battery", status.battery)] {
            if let value, value > 1000 {
                report(.badValue, "\(field) \(value) thousandths; at most 1000, or 0xFFFF where it is not known, would be right")
            }
        }
        if let battery = status.battery, has(4) == false {
            if battery == 0 {
                report(.suspiciousZero, "battery 0, and the hello has no gauge (capability bit 4); 0xFFFF is \"not available\"")
            } else {
                report(.capability, "battery \(battery), and the hello has no gauge (capability bit 4)")
            }
        }
        if let temperature = status.temperature, has(5) == false {
            if temperature == 0 {
                report(.suspiciousZero, "temperature 0, and the hello has no thermometer (capability bit 5); 0x8000 is \"not available\"")
            } else {
                report(.capability, "temperature \(temperature), and the hello has no thermometer (capability bit 5)")
            }
        }
        if has(7) == true, status.samplesDropped == nil {
            report(.capability, "samples dropped are not available, and the hello has a drop counter (capability bit 7)")
        }
        if has(7) == false, status.samplesDropped == 0 {
            report(
                .suspiciousZero, "samples dropped 0, and the hello has no drop counter (capability bit 7); all ones is \"not available\"")
        }
        guard let dropped = status.samplesDropped, let before = session?.dropped else { return }
        if dropped < before { report(.dropCounter, "samples dropped \(dropped) after \(before) in one session; it only grows") }
        session?.dropped = dropped
    }

    func checkEvent(_ payload: UnsafeRawBufferPointer) {
        let code = payload.number(8, UInt16.self)
        if !(1...3).contains(code) { report(.badValue, "code \(code); 1 to 3 would be right") }
        if code == 3, has(6) == false { report(.capability, "a self test, and the hello has none (capability bit 6)") }
        checkText(payload, 12)
    }

    func checkError(_ payload: UnsafeRawBufferPointer) {
        let code = payload.number(0, UInt16.self)
        if !(1...7).contains(code), code != 255 { report(.badValue, "code \(code); 1 to 7 or 255 would be right") }
        if payload[2] > 2 { report(.badValue, "severity \(payload[2]); 0 to 2 would be right") }
        reserved(payload, 3..<4)
        checkText(payload, 8)
    }

    private func checkText(_ payload: UnsafeRawBufferPointer, _ start: Int) {
        text(payload, "text", start..<payload.count)
        if payload.count - start > 128 { report(.badText, "a text of \(payload.count - start) bytes; up to 128 would be right") }
    }

    func checkAnswer(_ payload: UnsafeRawBufferPointer) {
        guard let answer = DeviceAnswer(payload) else { return }
        reserved(payload, 2..<4)
        if answer.result > 4 { report(.badValue, "result \(answer.result); 0 to 4 would be right") }
        if has(3) == false { report(.capability, "an answer, and the hello takes no commands (capability bit 3)") }
        guard !commands.isEmpty else { return }
        guard commands.removeValue(forKey: answer.sequence) == answer.command else {
            let command = BlockNames.type(answer.command)
            report(
                .answerUnasked, "an answer to \(command) with sequence \(answer.sequence), which was not asked or is answered already",
                section: ConformanceRule.answerUnasked.section)
            return
        }
    }
}
