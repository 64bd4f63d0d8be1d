// One JSON object on one line, with fields in the order in which they are given.
// Foundation's encoder sorts or shuffles keys and chooses its own number text; these bytes are compared between machines.

/// Builds one line of JSON.
public struct JSONLine {
    private var bytes: [UInt8] = [0x7B]
    private var separate = false

    public init() {}

    /// The finished line, with its line feed.
    public var line: [UInt8] { bytes + [0x7D, 0x0A] }

    /// Adds a text.
    public mutating func add(_ key: String, _ value: String) {
        self.key(key)
        text(value)
    }

    /// Adds an integer.
    public mutating func add(_ key: String, _ value: Int) { add(key, raw: String(value)) }

    /// Adds true or false.
    public mutating func add(_ key: String, _ value: Bool) { add(key, raw: value ? "true" : "false") }

    /// Adds a number with fixed decimals, or null when it is none.
    public mutating func add(_ key: String, _ value: Double?, decimals: Int) {
        add(key, raw: value.map { $0.isFinite ? Text.fixed($0, decimals: decimals) : "null" } ?? "null")
    }

    /// Adds a list of texts.
    public mutating func add(_ key: String, _ values: [String]) {
        self.key(key)
        bytes.append(0x5B)
        for (index, value) in values.enumerated() {
            if index > 0 { bytes.append(0x2C) }
            text(value)
        }
        bytes.append(0x5D)
    }

    /// Adds a list of objects, one for each item, whose fields `build` gives.
    public mutating func add<Item>(_ key: String, _ items: [Item], _ build: (inout JSONLine, Item) -> Void) {
        self.key(key)
        bytes.append(0x5B)
        for (index, item) in items.enumerated() {
            if index > 0 { bytes.append(0x2C) }
            var inner = JSONLine()
            build(&inner, item)
            bytes.append(contentsOf: inner.bytes)
            bytes.append(0x7D)
        }
        bytes.append(0x5D)
    }

    /// Adds a value that is JSON already.
    public mutating func add(_ key: String, raw: String) {
        self.key(key)
        bytes.append(contentsOf: raw.utf8)
    }

    /// Adds an object whose fields `build` gives.
    public mutating func add(_ key: String, _ build: (inout JSONLine) -> Void) {
        self.key(key)
        var inner = JSONLine()
        build(&inner)
        bytes.append(contentsOf: inner.bytes)
        bytes.append(0x7D)
    }

    private mutating func key(_ key: String) {
        if separate { bytes.append(0x2C) }
        separate = true
        text(key)
        bytes.append(0x3A)
    }

    private mutating func text(_ value: String) {
        bytes.append(0x22)
        for byte in value.utf8 {
            switch byte {
            case 0x22, 0x5C: bytes.append(contentsOf: [0x5C, byte])
            case 0x0A: bytes.append(contentsOf: [0x5C, 0x6E])
            case ..<0x20, 0x7F: bytes.append(contentsOf: Array("\\u00".utf8) + Self.hex(byte))
            default: bytes.append(byte)
            }
        }
        bytes.append(0x22)
    }

    private static func hex(_ byte: UInt8) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
}
