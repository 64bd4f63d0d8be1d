// A header's bytes as lines, fields and numbers.
// Separate from the grammar, which reads better without indices; on bytes, because headers of ten thousand exams are read in a row.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A cursor over the lines of a text file.
struct HeaderText {
    let path: String
    let bytes: [UInt8]
    /// Number of the current line, from 1.
    private(set) var line = 0
    private var next = 0

    /// A byte order mark, which some editors put first, is no part of the text.
    init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { next = 3 }
    }

    /// The next line without its end (LF, CRLF, or the CR of old Macintoshes), blanks trimmed on both sides; nil at the end of the file.
    mutating func nextLine() -> Range<Int>? {
        guard next < bytes.count else { return nil }
        line += 1
        var end = next
        while end < bytes.count, bytes[end] != UInt8(ascii: "\n"), bytes[end] != UInt8(ascii: "\r") { end += 1 }
        let range = trimmed(next..<end)
        if end + 1 < bytes.count, bytes[end] == UInt8(ascii: "\r"), bytes[end + 1] == UInt8(ascii: "\n") { end += 1 }
        next = end + 1
        return range
    }

    /// The range without blanks at either end.
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var lower = range.lowerBound
        var upper = range.upperBound
        while lower < upper, isBlank(bytes[lower]) { lower += 1 }
        while lower < upper, isBlank(bytes[upper - 1]) { upper -= 1 }
        return lower..<upper
    }

    /// Takes the first blank-separated field off `rest`; nil if none is left.
    func takeField(_ rest: inout Range<Int>) -> Range<Int>? {
        let range = trimmed(rest)
        guard !range.isEmpty else { return nil }
        var end = range.lowerBound
        while end < range.upperBound, !isBlank(bytes[end]) { end += 1 }
        rest = trimmed(end..<range.upperBound)
        return range.lowerBound..<end
    }

    /// The place of `byte` in `range`.
    func firstIndex(of byte: Unicode.Scalar, in range: Range<Int>) -> Int? {
        var i = range.lowerBound
        let wanted = UInt8(ascii: byte)
        while i < range.upperBound {
            if bytes[i] == wanted { return i }
            i += 1
        }
        return nil
    }

    /// The bytes as text: UTF-8, or else Latin-1, in which older recorders write `µV`.
    func text(_ range: Range<Int>) -> String {
        if let text = String(validating: bytes[range], as: UTF8.self) { return text }
        var text = ""
        for byte in bytes[range] { text.unicodeScalars.append(Unicode.Scalar(byte)) }
        return text
    }

    /// The bytes as a message shows them: shortened, control characters visible.
    func quoted(_ range: Range<Int>) -> String {
        var text = "'"
        for scalar in self.text(range.prefix(40)).unicodeScalars { text += scalar.value < 32 ? "?" : String(scalar) }
        return text + (range.count > 40 ? "...'" : "'")
    }

    /// A whole number; nil if it is not one, or beyond 64 bits.
    func integer(_ range: Range<Int>) -> Int? {
        var i = range.lowerBound
        let negative = i < range.upperBound && bytes[i] == UInt8(ascii: "-")
        if negative || (i < range.upperBound && bytes[i] == UInt8(ascii: "+")) { i += 1 }
        guard i < range.upperBound else { return nil }
        var value = 0
        while i < range.upperBound {
            let digit = Int(bytes[i]) - 48
            guard digit >= 0, digit <= 9 else { return nil }
            let (scaled, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflowToo) = negative ? scaled.subtractingReportingOverflow(digit) : scaled.addingReportingOverflow(digit)
            if overflow || overflowToo { return nil }
            value = sum
            i += 1
        }
        return value
    }

    /// A decimal number, correctly rounded; nil if it is not one or not finite.
    func number(_ range: Range<Int>) -> Double? {
        guard !range.isEmpty, range.count <= 64 else { return nil }
        if let simple = simpleNumber(range) { return simple }
        let allowed = bytes[range].allSatisfy { byte in
            (byte >= 48 && byte <= 57) || byte == 43 || byte == 45 || byte == 46 || byte == 69 || byte == 101
        }
        guard allowed else { return nil }
        let value = withUnsafeTemporaryAllocation(of: CChar.self, capacity: range.count + 1) { buffer -> Double? in
            for (i, byte) in bytes[range].enumerated() { buffer[i] = CChar(truncatingIfNeeded: byte) }
            buffer[range.count] = 0
            var end: UnsafeMutablePointer<CChar>?
            let value = strtod(buffer.baseAddress!, &end)
            return end == buffer.baseAddress! + range.count ? value : nil
        }
        guard let value, value.isFinite else { return nil }
        return value
    }

    /// Up to 15 digits with at most one point: both the digits and the power of ten are exact, so one division rounds correctly.
    private func simpleNumber(_ range: Range<Int>) -> Double? {
        guard range.count <= 16 else { return nil }
        var mantissa = 0
        var digits = 0
        var scale = 1.0
        var sawPoint = false
        for byte in bytes[range] {
            if byte == UInt8(ascii: "."), !sawPoint {
                sawPoint = true
            } else if byte >= 48, byte <= 57 {
                mantissa = mantissa * 10 + Int(byte) - 48
                digits += 1
                if sawPoint { scale *= 10 }
            } else {
                return nil
            }
        }
        return digits > 0 && digits <= 15 ? Double(mantissa) / scale : nil
    }

    private func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 13 || byte == 11 || byte == 12 }
}
