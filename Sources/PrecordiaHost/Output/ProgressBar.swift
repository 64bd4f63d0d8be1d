// A bar on standard error while a long job runs.
// It exists only on a terminal, and makes room for whatever else is said there.

import Glibc

/// One line that is drawn again ten times a second at most. Thread: one at a time.
package final class ProgressBar {
    private let isShown: Bool
    private let style: Style
    private var lastDrawn: Int64 = 0
    private var isVisible = false
    private let started = Monotonic.now()

    /// A bar on standard error, or none if that is no terminal.
    package init() {
        isShown = isatty(2) == 1
        style = Style.fitting(descriptor: 2)
    }

    /// Shows that `done` of `total` are done; `note` stands behind.
    package func update(done: UInt64, total: UInt64?, note: String) {
        guard isShown else { return }
        let now = Monotonic.now()
        guard now - lastDrawn > 100_000_000 else { return }
        lastDrawn = now
        isVisible = true
        let width = TerminalScreen.size(descriptor: 2).columns
        let text = Self.text(done: done, total: total, elapsed: now - started, note: note, width: width, style: style)
        write("\r" + text + "\u{1B}[K")
    }

    /// Removes the bar until the next update, so that a line can be written in its place.
    package func hide() {
        guard isVisible else { return }
        isVisible = false
        lastDrawn = 0
        write("\r\u{1B}[K")
    }

    /// The bar's text, at most `width - 1` characters.
    package static func text(done: UInt64, total: UInt64?, elapsed: Int64, note: String, width: Int, style: Style) -> String {
        guard let total, total > 0 else { return String("\(Text.grouped(Int(done)))  \(note)".prefix(max(0, width - 1))) }
        let share = min(1, Double(done) / Double(total))
        let cells = 24
        let full = Int(share * Double(cells))
        let bar = String(repeating: style.glyph("█", "#"), count: full) + String(repeating: style.glyph("░", "-"), count: cells - full)
        var text = bar + " " + String(Int(share * 100)) + " %"
        if elapsed > 2_000_000_000, share > 0.01 {
            text += "  " + Text.clock(seconds: Int(Double(elapsed) / 1e9 * (1 - share) / share)) + " left"
        }
        return String("\(text)  \(Text.printable(note))".prefix(max(0, width - 1)))
    }

    private func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { Glibc.write(2, $0.baseAddress!, $0.count) }
    }
}
