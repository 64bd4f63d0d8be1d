// Colour and characters that a terminal can show.
// Everything that is coloured goes through here, so that NO_COLOR and a plain file are respected once.

import Glibc

/// What may be written to an output: colours, and characters beyond ASCII.
package struct Style: Sendable {
    package var hasColour: Bool
    package var hasUnicode: Bool

    package init(hasColour: Bool, hasUnicode: Bool) {
        self.hasColour = hasColour
        self.hasUnicode = hasUnicode
    }

    /// No colour, every character.
    package static var plain: Style { Style(hasColour: false, hasUnicode: true) }

    /// What suits a descriptor: colour on a terminal unless NO_COLOR is set or TERM is dumb; ASCII where the locale is not UTF-8.
    package static func fitting(descriptor: Int32, environment: [String: String] = current) -> Style {
        let isTerminal = isatty(descriptor) == 1 && environment["TERM"] != nil && environment["TERM"] != "dumb"
        let quiet = !(environment["NO_COLOR"] ?? "").isEmpty
        return Style(hasColour: isTerminal && !quiet, hasUnicode: isatty(descriptor) == 0 || isUTF8(environment))
    }

    /// The variables that a style depends on, as they are.
    package static var current: [String: String] {
        let names = ["TERM", "NO_COLOR", "LC_ALL", "LC_CTYPE", "LANG"]
        return Dictionary(uniqueKeysWithValues: names.compactMap { name in Machine.environment(name).map { (name, $0) } })
    }

    /// Whether the locale's characters are UTF-8, by the first of LC_ALL, LC_CTYPE and LANG that is set.
    package static func isUTF8(_ environment: [String: String]) -> Bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        let name = locale.lowercased()
        return name.contains("utf-8") || name.contains("utf8")
    }

    /// A role that text can have.
    package enum Role: String, Sendable {
        case normal = ""
        case strong = "1"
        case faint = "2"
        case good = "32"
        case trace = "92"
        case information = "36"
        case low = "1;36"
        case medium = "1;33"
        case high = "1;97;41"
        case title = "1;7"
    }

    /// The role of an alert's priority.
    package static func role(priority: UInt8) -> Role {
        switch priority {
        case 4: .high
        case 3: .medium
        case 2: .low
        case 1: .information
        default: .normal
        }
    }

    /// Text in its role's colours.
    package func paint(_ text: String, _ role: Role) -> String {
        guard hasColour, role != .normal, !text.isEmpty else { return text }
        return "\u{1B}[\(role.rawValue)m\(text)\u{1B}[0m"
    }

    /// The first if the terminal shows all of Unicode, the second if not.
    package func glyph(_ unicode: String, _ ascii: String) -> String { hasUnicode ? unicode : ascii }
}
