// What is pressed or written on standard input while a session runs: a acknowledges, p pauses the sound, o switches alarms off and on.
// On a screen keys, otherwise letters of a program that has taken the part of the hand.

import Glibc

/// Reads keys without ever waiting.
struct AlarmKeys {
    private var isOpen: Bool

    /// - Parameter isUsed: whether standard input is for something else, such as the stream.
    init(isUsed: Bool) { isOpen = !isUsed && fcntl(0, F_GETFD) >= 0 }

    /// The keys since the last call. A program in the background does not touch the terminal, which would stop it.
    mutating func pressed() -> [AlarmKey] {
        guard isOpen, isatty(0) == 0 || tcgetpgrp(0) == getpgrp() else { return [] }
        var waiting = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, 0) > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(0, &bytes, bytes.count)
        if count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN) { isOpen = false }
        return bytes.prefix(max(0, count)).compactMap { byte in
            switch byte | 0x20 {
            case UInt8(ascii: "a"): .acknowledge
            case UInt8(ascii: "p"): .pause
            case UInt8(ascii: "o"): .off
            default: nil
            }
        }
    }
}
