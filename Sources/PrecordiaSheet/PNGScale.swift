// Dots a metre in a PNG, which Cairo leaves out: without them no printer knows the true size.

/// The chunk pHYs of PNG (ISO/IEC 15948, 11.3.5.3).
enum PNGScale {
    /// Signature and IHDR, behind which the chunk may stand.
    private static let head = 8 + 12 + 13

    /// The same picture with its scale; bytes that are no PNG as they are.
    static func adding(dots: Int, to png: [UInt8]) -> [UInt8] {
        guard png.count > head, png.starts(with: [0x89, 0x50, 0x4E, 0x47]) else { return png }
        let metre = UInt32((Double(dots) / 0.0254).rounded())
        let body = Array("pHYs".utf8) + word(metre) + word(metre) + [1]
        return png[..<head] + word(9) + body + word(checksum(body)) + png[head...]
    }

    private static func word(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> UInt32(24 - 8 * $0)) } }

    /// CRC-32 of ISO 3309, bit by bit: for 13 bytes no table is worth it.
    static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var crc = UInt32.max
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        return ~crc
    }
}
