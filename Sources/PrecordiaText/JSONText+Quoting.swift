// Bytes from outside as a JSON string: names of records and labels of models may hold anything.
// Apart from the numbers, because here every byte is suspect.

extension JSONText {
    /// The bytes between quotes: quotes, backslashes and control characters escaped, and what is no UTF-8 replaced by U+FFFD, one for each
    /// longest beginning of a character (Unicode 3.9, "substitution of maximal subparts", as Swift's own strings do).
    @_noAllocation @_noLocks
    public mutating func quoted(_ bytes: UnsafeRawBufferPointer) {
        raw(0x22)
        var index = 0
        while index < bytes.count {
            let length = Self.character(bytes, at: index)
            if length < 0 {
                raw("\u{FFFD}")
            } else if length == 1 {
                escaped(bytes[index])
            } else {
                for offset in 0..<length { raw(bytes[index &+ offset]) }
            }
            index &+= length < 0 ? 0 &- length : length
        }
        raw(0x22)
    }

    @_noAllocation @_noLocks
    private mutating func escaped(_ byte: UInt8) {
        switch byte {
        case 0x22, 0x5C:
            raw(0x5C)
            raw(byte)
        case 0x0A: raw("\\n")
        case ..<0x20, 0x7F:
            raw("\\u00")
            raw(Self.hex(byte &>> 4))
            raw(Self.hex(byte & 15))
        default: raw(byte)
        }
    }

    /// The digit of 0...15.
    @_noAllocation @_noLocks
    package static func hex(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 0x30 &+ nibble : 0x57 &+ nibble }

    /// Bytes of the character at `index`; negative, and then the bytes to replace, where it is none (Unicode table 3-7).
    @_noAllocation @_noLocks
    private static func character(_ bytes: UnsafeRawBufferPointer, at index: Int) -> Int {
        let first = bytes[index]
        let length: Int
        var low: UInt8 = 0x80
        var high: UInt8 = 0xBF
        switch first {
        case ..<0x80: return 1
        case 0xC2...0xDF: length = 2
        case 0xE0...0xEF: length = 3
        case 0xF0...0xF4: length = 4
        default: return -1
        }
        if first == 0xE0 { low = 0xA0 }
        if first == 0xED { high = 0x9F }
        if first == 0xF0 { low = 0x90 }
        if first == 0xF4 { high = 0x8F }
        for offset in 1..<length {
            guard index &+ offset < bytes.count, bytes[index &+ offset] >= low, bytes[index &+ offset] <= high else { return 0 &- offset }
            low = 0x80
            high = 0xBF
        }
        return length
    }
}
