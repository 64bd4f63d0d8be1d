// What is pressed or written on standard input while a session runs: a acknowledges, p pauses the sound, o (twice) switches alarms off, and on.
// On a screen keys, otherwise letters of a program that has taken the part of the hand.

import Glibc
import PrecordiaAlerts
import PrecordiaHost

/// Reads keys without ever waiting.
struct KeyInput {
    private var isOpen: Bool
    private var reader = KeyReader()
    private var held = HeldKeys()

    /// - Parameter isEnabled: whether keys mean anything: not where nothing sounds, nor where standard input is the stream.
    init(isEnabled: Bool) { isOpen = isEnabled && fcntl(0, F_GETFD) >= 0 }

    /// The keys since the last call. A program in the background does not touch the terminal, which would stop it.
    mutating func pressed() -> [AlarmKey] {
        let now = Monotonic.now()
        held.look(at: now)
        guard isOpen, isatty(0) == 0 || tcgetpgrp(0) == getpgrp() else { return [] }
        var waiting = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, 0) > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(0, &bytes, bytes.count)
        if count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN) { isOpen = false }
        return bytes.prefix(max(0, count)).compactMap { reader.take($0, at: now) }.filter { held.isPress($0) }
    }
}

/// Tells a press from a key that is held down or stuck, which a keyboard repeats.
///
/// A key counts as up only for as long as somebody looked and saw nothing of it: when looking was held up, as by a terminal that takes no text, what
/// has gathered meanwhile is no news.
struct HeldKeys {
    private var quiet: [AlarmKey: Int64] = [:]
    private var lookedAt: Int64?

    /// Nanoseconds without a look that count as seen.
    private static let glance: Int64 = 200_000_000

    /// Somebody looks, at `now` in nanoseconds.
    mutating func look(at now: Int64) {
        let passed = min(max(0, now - (lookedAt ?? now)), Self.glance)
        lookedAt = now
        for (key, before) in quiet { quiet[key] = before + passed }
    }

    /// Whether a key that was seen now is a press of its own.
    mutating func isPress(_ key: AlarmKey) -> Bool {
        let before = quiet.updateValue(0, forKey: key)
        return before.map { $0 >= AlarmSettings().keyRepeat * 1_000_000 } ?? true
    }
}

/// Finds the keys among bytes. What a terminal sends for any other key, an escape sequence, is passed over whole: F1 is ESC O P, cursor-up ESC [ A.
struct KeyReader {
    private enum Place { case letters, escape, parameters, one, text, textEscape }

    private var place = Place.letters
    private var last: Int64 = 0

    /// Nanoseconds after which the rest of a sequence does not come any more: Escape itself was pressed.
    static let patience: Int64 = 500_000_000

    /// Takes a byte that came at `now`, nanoseconds.
    mutating func take(_ byte: UInt8, at now: Int64) -> AlarmKey? {
        if now - last > Self.patience { place = .letters }
        last = now
        let isEscape = byte == 0x1B
        switch place {
        case .letters:
            if isEscape { place = .escape }
            return key(byte)
        case .escape:
            switch byte {
            case UInt8(ascii: "["): place = .parameters
            case UInt8(ascii: "O"): place = .one
            case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"): place = .text
            default: place = isEscape ? .escape : .letters
            }
        case .parameters:
            // The console's F1 to F5 are ESC [ [ and a letter.
            if byte == UInt8(ascii: "[") { place = .one } else if isEscape { place = .escape } else if byte >= 0x40 { place = .letters }
        // Modified keys have their modifier before the letter, as in ESC O 2 P.
        case .one: if isEscape { place = .escape } else if !(0x30...0x3B).contains(byte) { place = .letters }
        case .text: if byte == 0x07 { place = .letters } else if isEscape { place = .textEscape }
        case .textEscape: place = byte == UInt8(ascii: "\\") ? .letters : .text
        }
        return nil
    }

    private func key(_ byte: UInt8) -> AlarmKey? {
        switch byte | 0x20 {
        case UInt8(ascii: "a"): .acknowledge
        case UInt8(ascii: "p"): .pause
        case UInt8(ascii: "o"): .off
        default: nil
        }
    }
}
