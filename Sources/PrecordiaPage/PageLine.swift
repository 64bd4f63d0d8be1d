// A line of JSON taken apart as far as the page needs it: its fields' raw values.
// Without a library for JSON: the lines are our own and flat, what a browser sends is small, and nothing here trusts either.

/// An object of JSON in bytes; fields of objects inside it are not looked at.
struct PageLine: Equatable {
    /// Without a line feed.
    let bytes: [UInt8]

    init(_ bytes: some Sequence<UInt8>) {
        var bytes = Array(bytes)
        while bytes.last == 0x0A { bytes.removeLast() }
        self.bytes = bytes
    }

    init(_ text: String) { self.init(text.utf8) }

    /// A field's value as it stands there; nil if there is none, or no object.
    func raw(_ name: String) -> ArraySlice<UInt8>? {
        var place = 0
        guard next(&place) == 0x7B else { return nil }
        let name = Array(name.utf8)
        while let key = string(&place), next(&place) == 0x3A, let value = value(&place) {
            if bytes[key].elementsEqual(name) { return bytes[value] }
            guard next(&place) == 0x2C else { return nil }
        }
        return nil
    }

    /// A field's text; nil if it is none, or has an escape other than of a quote, a backslash or a slash.
    func text(_ name: String) -> String? {
        guard let raw = raw(name), raw.first == 0x22, raw.count >= 2 else { return nil }
        var found: [UInt8] = []
        var isEscaped = false
        for byte in raw.dropFirst().dropLast() {
            if isEscaped {
                guard byte == 0x22 || byte == 0x5C || byte == 0x2F else { return nil }
                isEscaped = false
            } else if byte == 0x5C {
                isEscaped = true
                continue
            }
            found.append(byte)
        }
        return String(decoding: found, as: UTF8.self)
    }

    /// A field's number; nil if it is none.
    func number(_ name: String) -> Double? { raw(name).flatMap { Double(String(decoding: $0, as: UTF8.self)) } }

    /// Whether the whole is one object.
    var isObject: Bool {
        var place = 0
        guard let value = value(&place), bytes[value].first == 0x7B else { return false }
        return bytes[value.upperBound...].allSatisfy(Self.isSpace)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    /// The next byte that is no space, and past it.
    private func next(_ place: inout Int) -> UInt8? {
        while place < bytes.count, Self.isSpace(bytes[place]) { place += 1 }
        guard place < bytes.count else { return nil }
        defer { place += 1 }
        return bytes[place]
    }

    /// The bytes between the quotes of a text.
    private func string(_ place: inout Int) -> Range<Int>? {
        guard next(&place) == 0x22 else { return nil }
        let start = place
        while place < bytes.count, bytes[place] != 0x22 { place += bytes[place] == 0x5C ? 2 : 1 }
        guard place < bytes.count else { return nil }
        defer { place += 1 }
        return start..<place
    }

    /// A value whole.
    private func value(_ place: inout Int) -> Range<Int>? {
        guard next(&place) != nil else { return nil }
        place -= 1
        let start = place
        var depth = 0
        while place < bytes.count {
            switch bytes[place] {
            case 0x22:
                guard string(&place) != nil else { return nil }
                if depth == 0 { return start..<place }
                continue
            case 0x7B, 0x5B: depth += 1
            case 0x7D, 0x5D:
                if depth == 0 { return start < place ? start..<place : nil }
                depth -= 1
                if depth == 0 {
                    place += 1
                    return start..<place
                }
            case 0x2C where depth == 0: return start < place ? start..<place : nil
            default: break
            }
            place += 1
        }
        return depth == 0 && start < place ? start..<place : nil
    }
}
