// Messages of a decoder as JSON, one object each: what the vectors expect, and what two decoders must say alike.
// Apart from both decoders, so that the same words are written of either.

import PrecordiaLink
import PrecordiaSignal

enum Said {
    static func stream(_ number: UInt16, _ frames: UInt64?, _ leads: LeadSet, _ format: StreamFormat) -> String {
        let scales = (0..<12).map { "\(format.microvoltsPerCount[$0])" }.joined(separator: ",")
        let baselines = (0..<12).map { "\(format.baseline[$0])" }.joined(separator: ",")
        return message(
            "stream",
            "\"configuration\":\(number),\"rate\":\(format.rate),\"frames\":\(text(frames)),\"leads\":\(leads.rawValue),"
                + "\"derived\":\(format.derived.rawValue),\"microvoltsPerCount\":[\(scales)],\"baseline\":[\(baselines)]")
    }

    static func frame(_ frame: Frame) -> String {
        let counts = (0..<12).map { frame.missing.contains(index: $0) ? "null" : "\(frame.counts[$0])" }.joined(separator: ",")
        return message(
            "frame",
            "\"index\":\(frame.index),\"counts\":[\(counts)],\"missing\":\(frame.missing.rawValue),\"clipped\":\(frame.clipped.rawValue),"
                + "\"off\":\(frame.off.rawValue)")
    }

    static func pace(_ pace: PaceMark) -> String {
        message(
            "pace",
            "\"sample\":\(pace.sample),\"fraction\":\(pace.fraction),\"width\":\(text(pace.width)),\"amplitude\":\(text(pace.amplitude))")
    }

    /// - Parameter names: maker, product, serial number, firmware version.
    static func hello(
        _ names: [UnsafeRawBufferPointer], channels: Int, capabilities: UInt32, cause: UInt8?, rates: [UInt32], gains: [UInt16]
    ) -> String {
        message(
            "hello",
            "\"maker\":\(quoted(names[0])),\"product\":\(quoted(names[1])),\"serial\":\(quoted(names[2])),\"firmware\":\(quoted(names[3])),"
                + "\"channels\":\(channels),\"capabilities\":\(capabilities),\"cause\":\(text(cause)),\"rates\":[\(list(rates))],"
                + "\"gains\":[\(list(gains))]")
    }

    static func status(_ status: DeviceStatus) -> String {
        message(
            "status",
            "\"samplesDropped\":\(text(status.samplesDropped)),\"blocksDropped\":\(text(status.blocksDropped)),"
                + "\"buffer\":\(text(status.buffer)),\"battery\":\(text(status.battery)),\"temperature\":\(text(status.temperature)),"
                + "\"state\":\(text(status.state?.rawValue)),\"onBattery\":\(text(status.isOnBattery))")
    }

    static func event(_ sample: UInt64?, _ code: UInt16, _ value: UInt16, _ words: UnsafeRawBufferPointer) -> String {
        message("event", "\"sample\":\(text(sample)),\"code\":\(code),\"value\":\(value),\"text\":\(quoted(words))")
    }

    static func error(_ code: UInt16, _ severity: UInt8, _ detail: UInt32, _ words: UnsafeRawBufferPointer) -> String {
        message("error", "\"code\":\(code),\"severity\":\(severity),\"detail\":\(detail),\"text\":\(quoted(words))")
    }

    static func answer(_ command: UInt8, _ sequence: UInt32, _ result: UInt8) -> String {
        message("answer", "\"command\":\(command),\"sequence\":\(sequence),\"result\":\(result)")
    }

    static func command(_ type: UInt8, _ length: Int) -> String { message("command", "\"type\":\(type),\"length\":\(length)") }

    /// The header of a block, whole and with a right check at `bytes`.
    static func block(_ bytes: UnsafeRawBufferPointer) -> String {
        func number<Value: FixedWidthInteger>(_ type: Value.Type, _ offset: Int) -> Value {
            Value(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Value.self))
        }
        let ticks = number(UInt64.self, 16), rate = number(UInt32.self, 24)
        return "{\"version\":\(bytes[4]),\"type\":\(bytes[5]),\"length\":\(number(UInt16.self, 6)),\"session\":\(number(UInt32.self, 8)),"
            + "\"sequence\":\(number(UInt32.self, 12)),\"ticks\":\(text(ticks == .max ? nil : ticks)),"
            + "\"tickRate\":\(text(rate == .max ? nil : rate))}"
    }

    static func head(_ about: String, _ framing: LinkFraming) -> String { "{\"about\":\"\(about)\",\"framing\":\"\(framing)\"," }

    /// Names and values, of all counters or of those that are not 0.
    static func counters(_ counters: LinkCounters, all: Bool = true) -> String {
        (0..<LinkCounters.count).map { counters.counter($0) }.filter { all || $0.value != 0 }.map { "\"\($0.name)\":\($0.value)" }
            .joined(separator: ",")
    }

    /// A list with one entry a line.
    static func lines(_ entries: [String]) -> String { entries.isEmpty ? "[]" : "[\n" + entries.joined(separator: ",\n") + "\n]" }

    private static func message(_ name: String, _ fields: String) -> String { "{\"message\":\"\(name)\",\(fields)}" }
    private static func text<Value>(_ value: Value?) -> String { value.map { "\($0)" } ?? "null" }
    private static func list<Value>(_ values: [Value]) -> String { values.map { "\($0)" }.joined(separator: ",") }

    /// A text as a JSON string: whatever the bytes are, what comes out is JSON.
    private static func quoted(_ bytes: UnsafeRawBufferPointer) -> String {
        var quoted = "\""
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case "\u{0}"..<" ": quoted += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
