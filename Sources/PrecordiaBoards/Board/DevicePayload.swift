// The payloads that a simulated device makes itself; samples and configurations are the encoder's.
// Apart from the firmware, as bytes are from behaviour.

import PrecordiaLink
import PrecordiaSession

enum DevicePayload {
    static func hello(channels: Int, rate: Int, cause: UInt8, capabilities: UInt8, serial: String) -> [UInt8] {
        func text(_ text: String, _ count: Int) -> [UInt8] {
            let bytes = Array(text.utf8.prefix(count))
            return bytes + Array(repeating: 0, count: count - bytes.count)
        }
        let facts: [UInt8] = [1, 1, UInt8(channels), 1, 0, cause, 0, 0, capabilities, 0, 0, 0]
        let names = text("Precordia", 32) + text("simulated device", 32) + text(serial, 32) + text(ProgramVersion.text, 16)
        return facts + names + little(UInt32(rate))
    }

    /// No battery and no thermometer; on mains.
    static func status(samplesDropped: UInt64, blocksDropped: UInt64, buffer: UInt16, state: DeviceStatus.State) -> [UInt8] {
        little(samplesDropped) + little(blocksDropped) + little(buffer) + little(UInt16.max) + little(Int16.min) + [state.rawValue, 1]
    }

    /// The event at the end of a self test.
    static var testPassed: [UInt8] { little(UInt64.max) + little(3 as UInt16) + little(0 as UInt16) + Array("self test passed".utf8) }

    static func answer(to command: UInt8, sequence: UInt32, result: UInt8) -> [UInt8] { [command, result, 0, 0] + little(sequence) }

    private static func little(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }
}
