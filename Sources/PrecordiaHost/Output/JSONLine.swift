// One JSON object on one line, with fields in the order in which they are given: the growing form of JSONText.
// Foundation's encoder sorts or shuffles keys and chooses its own number text; these bytes are compared between machines.

package import PrecordiaText

/// Builds one line of JSON.
package struct JSONLine {
    private var bytes: [UInt8] = [0x7B]
    private var continues = false

    package init() {}

    /// The finished line, with its line feed.
    package var line: [UInt8] { bytes + [0x7D, 0x0A] }

    /// Adds a text.
    package mutating func add(_ key: String, _ value: String) {
        write(key) { text in value.utf8Bytes { text.quoted($0) } }
    }

    /// Adds an integer.
    package mutating func add(_ key: String, _ value: Int) { add(key, raw: String(value)) }

    /// Adds true or false.
    package mutating func add(_ key: String, _ value: Bool) { add(key, raw: value ? "true" : "false") }

    /// Adds a number with fixed decimals, or null when it is none.
    package mutating func add(_ key: String, _ value: Double?, decimals: Int) {
        add(key, raw: value.map { $0.isFinite ? Text.fixed($0, decimals: decimals) : "null" } ?? "null")
    }

    /// Adds a list of texts.
    package mutating func add(_ key: String, _ values: [String]) {
        write(key) { text in
            text.open(0x5B)
            for value in values {
                text.next()
                value.utf8Bytes { text.quoted($0) }
            }
            text.close(0x5D)
        }
    }

    /// Adds a list of objects, one for each item, whose fields `build` gives.
    package mutating func add<Item>(_ key: String, _ items: [Item], _ build: (inout JSONLine, Item) -> Void) {
        write(key) { $0.raw(0x5B) }
        for (index, item) in items.enumerated() {
            if index > 0 { bytes.append(0x2C) }
            add { build(&$0, item) }
        }
        bytes.append(0x5D)
    }

    /// Adds a value that is JSON already.
    package mutating func add(_ key: String, raw: String) {
        write(key) { text in raw.utf8Bytes { text.raw($0) } }
    }

    /// Adds an object whose fields `build` gives.
    package mutating func add(_ key: String, _ build: (inout JSONLine) -> Void) {
        write(key) { _ in }
        add(build)
    }

    private mutating func add(_ build: (inout JSONLine) -> Void) {
        var inner = JSONLine()
        build(&inner)
        bytes.append(contentsOf: inner.bytes)
        bytes.append(0x7D)
    }

    private mutating func write(_ key: String, _ value: (inout JSONText) -> Void) {
        bytes += JSONText.collected(continues: continues) { text in
            key.utf8Bytes { text.key($0) }
            value(&text)
        }
        continues = true
    }
}

extension JSONText {
    /// The bytes that `write` gives, in as much memory as they take. `write` is called a second time where 1 KiB was too little.
    package static func collected(continues: Bool = false, _ write: (inout JSONText) -> Void) -> [UInt8] {
        var room = 1024
        while true {
            var needed = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: room) { memory, count in
                var text = JSONText(UnsafeMutableRawBufferPointer(memory), continues: continues)
                write(&text)
                needed = text.count
                count = min(needed, room)
            }
            if needed <= room { return bytes }
            room = needed
        }
    }
}

extension String {
    /// Lends the text's UTF-8 bytes.
    package func utf8Bytes<Result>(_ use: (UnsafeRawBufferPointer) -> Result) -> Result {
        var copy = self
        return copy.withUTF8 { use(UnsafeRawBufferPointer($0)) }
    }
}
