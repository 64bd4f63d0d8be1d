// Bytes from outside as a JSON string: names of records and labels of models may hold anything.
// Apart from the numbers, because here every byte is suspect.

import PrecordiaSignal

extension JSONText {
    /// The bytes between quotes: quotes, backslashes and control characters escaped, and what is no UTF-8 replaced by U+FFFD, one for each
    /// longest beginning of a character (Unicode 3.9, "substitution of maximal subparts", as Swift's own strings do).
    @_noAllocation @_noLocks
    package mutating func quoted(_ bytes: UnsafeRawBufferPointer) {
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

    /// The bytes as text without quotes, for a person: control characters, those that turn the direction of writing, and what is no UTF-8 replaced by U+FFFD,
    /// so that a device's text cannot steer a terminal.
    @_noAllocation @_noLocks
    package mutating func printable(_ bytes: UnsafeRawBufferPointer) {
        var index = 0
        while index < bytes.count {
            let length = Self.character(bytes, at: index)
            if length < 0 || Self.isControl(bytes, at: index, length) {
                raw("\u{FFFD}")
            } else {
                for offset in 0..<length { raw(bytes[index &+ offset]) }
            }
            index &+= length < 0 ? 0 &- length : length
        }
    }

    /// Whether a character is a control character of C0 or C1, or one that turns the direction of writing (U+202A to U+202E, U+2066 to U+2069).
    @_noAllocation @_noLocks
    private static func isControl(_ bytes: UnsafeRawBufferPointer, at index: Int, _ length: Int) -> Bool {
        let first = bytes[index]
        switch length {
        case 1: return first < 0x20 || first == 0x7F
        case 2: return first == 0xC2 && bytes[index &+ 1] <= 0x9F
        case 3:
            guard first == 0xE2 else { return false }
            let last = bytes[index &+ 2]
            return bytes[index &+ 1] == 0x80 ? last >= 0xAA && last <= 0xAE : bytes[index &+ 1] == 0x81 && last >= 0xA6 && last <= 0xA9
        default: return false
        }
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
