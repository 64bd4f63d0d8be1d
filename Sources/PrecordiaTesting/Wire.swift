// The wire protocol's bytes made block by block: what a board sends, right or wrong in whatever way a test wants.
// Apart from the encoder, which cannot make a block that is wrong.

import PrecordiaLink

/// A capture made block by block.
public struct Wire {
    public var bytes: [UInt8] = []
    public var session: UInt32 = 7
    public var sequence: UInt32 = 0
    public var ticks: UInt64? = 0
    public var tickRate: UInt32? = 1_000_000
    public var version: UInt8 = 1
    public var sample: UInt64 = 0

    public init(session: UInt32 = 7, sequence: UInt32 = 0, version: UInt8 = 1) {
        self.session = session
        self.sequence = sequence
        self.version = version
    }

    /// Adds a block whose payload is as given.
    public mutating func block(_ type: UInt8, _ payload: [UInt8]) {
        var block: [UInt8] = [0x9E, 0x45, 0x43, 0x47, version, type] + Wire.little(UInt16(payload.count))
        block += Wire.little(session) + Wire.little(sequence) + Wire.little(ticks ?? .max) + Wire.little(tickRate ?? .max) + payload
        block += Wire.little(block.withUnsafeBytes { CRC32C().of($0) })
        bytes += block
        sequence &+= 1
    }

    public static func little(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }

    /// Where the blocks of plain bytes begin.
    public static func starts(_ bytes: [UInt8]) -> [Int] {
        var starts: [Int] = []
        var place = 0
        while place < bytes.count {
            starts.append(place)
            place += 32 + Int(bytes[place + 6]) + Int(bytes[place + 7]) << 8
        }
        return starts
    }

    public static func text(_ text: String, _ count: Int) -> [UInt8] {
        Array(text.utf8) + [UInt8](repeating: 0, count: count - text.utf8.count)
    }

    /// A hello of a device that can everything and has 500 Hz; `edit` changes its bytes.
    public mutating func hello(_ edit: (inout [UInt8]) -> Void = { _ in }) {
        var payload: [UInt8] = [1, 1, 2, 1, 0, 0, 0, 0, 0xFF, 0, 0, 0] + Wire.text("Maker", 32) + Wire.text("Cart", 32)
        payload += Wire.text("A-17", 32) + Wire.text("1.4", 16) + Wire.little(500 as UInt32)
        edit(&payload)
        block(1, payload)
    }

    /// Leads I and II at 500 Hz, all electrodes but V6 sensed, both leads watched.
    public mutating func configuration(_ edit: (inout [UInt8]) -> Void = { _ in }) {
        var payload: [UInt8] = Wire.little(1 as UInt16) + [2, 0] + Wire.little(500 as UInt32) + Wire.little(UInt64.max)
        payload += Wire.little(0x1FF as UInt16) + Wire.little(3 as UInt16) + [0, 0, 0, 0]
        for lead in 0..<2 as Range<UInt8> {
            payload += [lead, 0] + Wire.little(600 as UInt16) + Wire.little(0 as UInt32) + Wire.little((1.0).bitPattern)
            payload += Wire.little(0 as UInt32) + Wire.little(UInt32.max)
        }
        edit(&payload)
        block(2, payload)
    }

    /// 10 samples of two leads, 2 bytes each, in one group; then 20 ms pass.
    public mutating func data(_ edit: (inout [UInt8]) -> Void = { _ in }) {
        var payload = Wire.little(sample) + Wire.little(1 as UInt16) + [10, 2, 2, 1, 0, 0] + [10, 0, 0, 0, 0, 0]
        for value in 0..<20 as Range<Int16> { payload += Wire.little(value) }
        edit(&payload)
        block(3, payload)
        pass(samples: 10)
    }

    public mutating func pass(samples: UInt64) {
        sample += samples
        ticks = ticks.map { $0 &+ samples * 2000 }
    }

    public mutating func status(_ edit: (inout [UInt8]) -> Void = { _ in }) {
        var payload = Wire.little(0 as UInt64) + Wire.little(0 as UInt64) + Wire.little(100 as UInt16) + Wire.little(900 as UInt16)
        payload += Wire.little(365 as Int16) + [1, 0]
        edit(&payload)
        block(4, payload)
    }

    /// A good session of so many seconds, or what comes of it when `edit` meddles before each data block.
    public static func session(seconds: Int = 1, _ edit: (inout Wire, Int) -> Void = { _, _ in }) -> Wire {
        var wire = Wire()
        wire.hello()
        wire.configuration()
        for index in 0..<seconds * 50 {
            if index > 0, index % 50 == 0 {
                wire.hello()
                wire.configuration()
                wire.status()
            }
            edit(&wire, index)
            wire.data()
        }
        return wire
    }
}
