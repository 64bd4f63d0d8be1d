// Numbers and names as text, the same on every machine and in every locale.
// printf rounds as the C library likes and obeys the locale; results that are compared byte by byte may not.

import Glibc
import PrecordiaText

/// Text of numbers, times and fields.
package enum Text {
    /// A number with `decimals` digits after the point, half rounded away from 0; "nan" when it is none.
    ///
    /// A number too large for that many decimals comes as Swift prints it. `decimals` is in 0...9.
    package static func fixed(_ value: Double, decimals: Int) -> String {
        guard value.isFinite else { return "nan" }
        guard JSONText.scaled(value, decimals: decimals) != nil else { return "\(value)" }
        return String(decoding: JSONText.collected { $0.fixed(value, decimals: decimals) }, as: UTF8.self)
    }

    /// A sample index as seconds with three decimals.
    package static func seconds(sample: UInt64, rate: Int) -> String {
        String(decoding: JSONText.collected { $0.seconds(sample: sample, rate: rate) }, as: UTF8.self)
    }

    /// A time as mm:ss, or h:mm:ss from an hour on.
    package static func clock(seconds: Int) -> String {
        let minutes = seconds / 60
        let tail = padded(minutes % 60, 2) + ":" + padded(seconds % 60, 2)
        return minutes < 60 ? tail : "\(minutes / 60):" + tail
    }

    /// The clock of the day as this machine has it, hh:mm:ss.
    package static func clockOfDay() -> String {
        var now = time(nil)
        var parts = tm()
        localtime_r(&now, &parts)
        return [parts.tm_hour, parts.tm_min, parts.tm_sec].map { padded(Int($0), 2) }.joined(separator: ":")
    }

    /// An integer with leading zeros.
    package static func padded(_ value: Int, _ digits: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    /// A probability as whole per cent; what is not certain is never printed as certain.
    package static func percent(_ probability: Double) -> String {
        guard probability.isFinite else { return "?" }
        let whole = Int((probability * 100).rounded(.toNearestOrAwayFromZero))
        if whole >= 100 && probability < 1 { return "> 99 %" }
        if whole <= 0 && probability > 0 { return "< 1 %" }
        return "\(whole) %"
    }

    /// A duration in the largest unit that reads well.
    package static func duration(nanoseconds: Int64) -> String {
        switch nanoseconds {
        case ..<1_000: "\(nanoseconds) ns"
        case ..<1_000_000: fixed(Double(nanoseconds) / 1e3, decimals: 1) + " µs"
        case ..<1_000_000_000: fixed(Double(nanoseconds) / 1e6, decimals: 1) + " ms"
        default: fixed(Double(nanoseconds) / 1e9, decimals: 1) + " s"
        }
    }

    /// A count with thin groups of three, as "1 234 567".
    package static func grouped(_ value: Int) -> String {
        var digits = String(value.magnitude)
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        return (value < 0 ? "-" : "") + ([digits] + groups).joined(separator: " ")
    }

    /// "1 lead", "2 leads".
    package static func counted(_ count: Int, _ noun: String) -> String { "\(grouped(count)) \(noun)\(count == 1 ? "" : "s")" }

    /// A CSV field after RFC 4180: quoted when it holds a comma, a quote, a line break or outer blanks.
    package static func csv(_ field: String) -> String {
        let plain = field.utf8.allSatisfy { $0 != 0x22 && $0 != 0x2C && $0 != 0x0A && $0 != 0x0D }
        if plain && field.first != " " && field.last != " " { return field }
        return "\"" + field.replacing("\"", with: "\"\"") + "\""
    }

    /// Text without control characters, so that a file's name or comment cannot steer a terminal.
    package static func printable(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? "\u{FFFD}" : $0 }))
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || (0x202A...0x202E).contains(scalar.value)
            || (0x2066...0x2069).contains(scalar.value)
    }
}

extension StringProtocol {
    /// Without spaces and tabs at both ends.
    package var withoutOuterSpaces: String {
        let isSpace = { (character: Character) in character.isWhitespace && !character.isNewline }
        guard let first = firstIndex(where: { !isSpace($0) }), let last = lastIndex(where: { !isSpace($0) }) else { return "" }
        return String(self[first...last])
    }
}
