// Lists and dictionaries as Python prints them: PTB-XL's tables hold some in their fields.
// Only the flat forms that occur; anything else is refused rather than guessed.

import Glibc
import PrecordiaHost

/// Takes Python's text of a flat list or dictionary apart.
enum PythonText {
    /// The parts between the brackets and commas, in which no comma may be quoted; nil without the brackets.
    static func items(_ text: String, from open: Character, to close: Character) -> [String]? {
        let trimmed = text.withoutOuterSpaces
        guard trimmed.count >= 2, trimmed.first == open, trimmed.last == close else { return nil }
        let inner = trimmed.dropFirst().dropLast().withoutOuterSpaces
        return inner.isEmpty ? [] : inner.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }

    /// The text within single or double quotes; nil without them.
    static func unquoted(_ text: String) -> String? {
        let trimmed = text.withoutOuterSpaces
        guard trimmed.count > 2, let quote = trimmed.first, quote == "'" || quote == "\"", trimmed.last == quote else { return nil }
        let inner = trimmed.dropFirst().dropLast()
        return inner.contains(quote) || inner.contains("\\") ? nil : String(inner)
    }
}
