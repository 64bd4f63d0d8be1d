// JSON as a value, read from bytes that may be anything. Foundation's reader would be loaded for this alone.

/// A value of JSON.
package indirect enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case text(String)
    case list([JSONValue])
    case object([String: JSONValue])

    /// What is wrong with a text that is no JSON.
    package struct Fault: Error, Equatable {
        /// The byte at which it was noticed.
        package var offset: Int
        package var problem: String
    }

    /// Lists and objects that may lie in each other.
    package static let deepest = 16

    /// Reads one value and nothing behind it but blanks. Of a name that an object has twice, the last counts.
    package init(_ bytes: [UInt8]) throws(Fault) {
        var reader = JSONReader(bytes)
        self = try reader.value(depth: 0)
        reader.skipBlanks()
        guard reader.isAtEnd else { throw reader.fault("something follows the value") }
    }

    package subscript(_ name: String) -> JSONValue {
        guard case .object(let fields) = self else { return .null }
        return fields[name] ?? .null
    }

    package var text: String? { if case .text(let text) = self { text } else { nil } }
    package var number: Double? { if case .number(let number) = self { number } else { nil } }
    package var bool: Bool? { if case .bool(let bool) = self { bool } else { nil } }
    package var list: [JSONValue]? { if case .list(let list) = self { list } else { nil } }
}

/// A place in a text.
private struct JSONReader {
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { place == bytes.count }

    func fault(_ problem: String) -> JSONValue.Fault { JSONValue.Fault(offset: place, problem: problem) }

    mutating func skipBlanks() {
        while place < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[place]) { place += 1 }
    }

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        place += 1
        return true
    }

    mutating func value(depth: Int) throws(JSONValue.Fault) -> JSONValue {
        guard depth < JSONValue.deepest else { throw fault("lists and objects lie too deep in each other") }
        skipBlanks()
        switch next {
        case UInt8(ascii: "{"): return try object(depth)
        case UInt8(ascii: "["): return try list(depth)
        case UInt8(ascii: "\""): return .text(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case nil: throw fault("it ends too soon")
        default: return .number(try number())
        }
    }

    private mutating func word(_ text: StaticString, _ value: JSONValue) throws(JSONValue.Fault) -> JSONValue {
        let count = text.utf8CodeUnitCount
        guard place + count <= bytes.count else { throw fault("it ends too soon") }
        for index in 0..<count where bytes[place + index] != text.utf8Start[index] { throw fault("no value of JSON") }
        place += count
        return value
    }

    private mutating func object(_ depth: Int) throws(JSONValue.Fault) -> JSONValue {
        place += 1
        var fields: [String: JSONValue] = [:]
        skipBlanks()
        if take(UInt8(ascii: "}")) { return .object(fields) }
        while true {
            skipBlanks()
            guard next == UInt8(ascii: "\"") else { throw fault("a name in quotes is due") }
            let name = try string()
            skipBlanks()
            guard take(UInt8(ascii: ":")) else { throw fault("a colon is due") }
            fields[name] = try value(depth: depth + 1)
            skipBlanks()
            if take(UInt8(ascii: "}")) { return .object(fields) }
            guard take(UInt8(ascii: ",")) else { throw fault("a comma or } is due") }
        }
    }

    private mutating func list(_ depth: Int) throws(JSONValue.Fault) -> JSONValue {
        place += 1
        var items: [JSONValue] = []
        skipBlanks()
        if take(UInt8(ascii: "]")) { return .list(items) }
        while true {
            items.append(try value(depth: depth + 1))
            skipBlanks()
            if take(UInt8(ascii: "]")) { return .list(items) }
            guard take(UInt8(ascii: ",")) else { throw fault("a comma or ] is due") }
        }
    }

    private mutating func number() throws(JSONValue.Fault) -> Double {
        let start = place
        while let byte = next, (0x30...0x39).contains(byte) || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains(byte) { place += 1 }
        // Most are whole: microvolts.
        guard place - start <= 32, let value = whole(start..<place) ?? Double(String(decoding: bytes[start..<place], as: UTF8.self)),
            value.isFinite
        else {
            place = start
            throw fault("no value of JSON")
        }
        return value
    }

    private func whole(_ range: Range<Int>) -> Double? {
        let isNegative = range.first.map { bytes[$0] == UInt8(ascii: "-") } ?? false
        let digits = isNegative ? range.dropFirst() : range
        guard (1...15).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains(bytes[$0]) }) else { return nil }
        let value = digits.reduce(0) { 10 * $0 + Int(bytes[$1] - 0x30) }
        return Double(isNegative ? -value : value)
    }

    private mutating func string() throws(JSONValue.Fault) -> String {
        place += 1
        var text: [UInt8] = []
        while let byte = next {
            place += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let read = String(validating: text, as: UTF8.self) else { throw fault("a text that is not UTF-8") }
                return read
            case UInt8(ascii: "\\"): text += try escaped()
            case ..<0x20: throw fault("a control character in a text")
            default: text.append(byte)
            }
        }
        throw fault("it ends too soon")
    }

    private mutating func escaped() throws(JSONValue.Fault) -> [UInt8] {
        guard let byte = next else { throw fault("it ends too soon") }
        place += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [8]
        case UInt8(ascii: "f"): return [12]
        case UInt8(ascii: "n"): return [10]
        case UInt8(ascii: "r"): return [13]
        case UInt8(ascii: "t"): return [9]
        case UInt8(ascii: "u"):
            let first = try unit()
            guard (0xD800..<0xDC00).contains(first) else { return Array(String(scalar(UInt32(first))).utf8) }
            guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw fault("half a character") }
            let second = try unit()
            guard (0xDC00..<0xE000).contains(second) else { throw fault("half a character") }
            return Array(String(scalar(0x10000 + (UInt32(first) - 0xD800) << 10 + UInt32(second) - 0xDC00)).utf8)
        default: throw fault("no escape of JSON")
        }
    }

    private func scalar(_ value: UInt32) -> Character { Character(Unicode.Scalar(value) ?? "\u{FFFD}") }

    private mutating func unit() throws(JSONValue.Fault) -> UInt16 {
        guard place + 4 <= bytes.count, bytes[place..<place + 4].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let value = UInt16(String(decoding: bytes[place..<place + 4], as: UTF8.self), radix: 16)
        else { throw fault("four hexadecimal digits are due") }
        place += 4
        return value
    }
}
