// The terminal as a screen: its size, the alternate page, and its state given back at the end.
// A program that ends and leaves the cursor hidden has broken somebody's cart.

import Glibc

/// A terminal taken over for a live view until ``restore()``.
package final class TerminalScreen {
    private let descriptor: Int32
    private var saved = termios()
    private var hasSaved = false
    private var isTaken = false

    /// Takes over the terminal at `descriptor`: alternate page, no cursor, keys unseen.
    ///
    /// - Precondition: it is a terminal.
    package init(descriptor: Int32) {
        self.descriptor = descriptor
        hasSaved = tcgetattr(descriptor, &saved) == 0
        var quiet = saved
        quiet.c_lflag &= ~tcflag_t(ECHO | ICANON)
        // Ctrl-S would stop the picture, and whoever looks at it would not know.
        quiet.c_iflag &= ~tcflag_t(IXON)
        if hasSaved { tcsetattr(descriptor, TCSANOW, &quiet) }
        isTaken = true
        TerminalRestore.take(descriptor: descriptor, modes: hasSaved ? (saved, quiet) : nil)
        send(TerminalRestore.entering)
    }

    /// Gives the terminal back as it was. Harmless when done twice.
    package func restore() {
        guard isTaken else { return }
        isTaken = false
        TerminalRestore.forget()
        send(TerminalRestore.leaving)
        tcflush(descriptor, TCIFLUSH)
        if hasSaved { tcsetattr(descriptor, TCSANOW, &saved) }
    }

    deinit { restore() }

    /// Shows lines from the top, no more than fit; the rest of the screen becomes empty.
    ///
    /// - Returns: false when the terminal has gone.
    package func show(_ lines: [String]) -> Bool {
        let rows = Self.size(descriptor: descriptor).rows
        var text = "\u{1B}[H"
        for (index, line) in lines.prefix(rows).enumerated() {
            text += (index == 0 ? "" : "\r\n") + line + "\u{1B}[K"
        }
        return send(Array((text + "\u{1B}[J").utf8))
    }

    /// Columns and rows now; 80 and 24 where the terminal does not tell.
    package static func size(descriptor: Int32) -> (columns: Int, rows: Int) {
        var window = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0, window.ws_row > 0 else { return (80, 24) }
        return (Int(window.ws_col), Int(window.ws_row))
    }

    @discardableResult
    private func send(_ bytes: [UInt8]) -> Bool {
        var start = 0
        while start < bytes.count {
            let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + start, $0.count - start) }
            if written > 0 {
                start += written
            } else if errno != EINTR && errno != EAGAIN {
                return false
            }
        }
        return true
    }
}
