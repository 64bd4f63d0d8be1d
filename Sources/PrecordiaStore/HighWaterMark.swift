// How far the log had come, in a small file beside the database: after a loss of power the database cannot know what it has forgotten.

import Glibc
import PrecordiaLink

/// Numbers of entries: the last that was accepted, and the last that may have been given.
///
/// The file has two places of 4 KiB. A write goes to the place that does not hold the last flushed mark, so that a torn write leaves that one.
/// Each place is a few lines of text with a check.
///
/// - Cost: a system call; with `sync` a flush of 4 KiB.
final class HighWaterMark {
    struct Mark: Equatable {
        /// The last entry's number that was about to be stored when this was written.
        var accepted: Int64 = 0
        /// No entry's number above this was given without another mark being flushed first.
        var reserved: Int64 = 0
        /// Whether the log was closed as it should be, after this entry.
        var isClosed = false
        /// The system's start in which this was written; within one, what was written is what was accepted.
        var boot = ""
        /// What the clocks said then; nil in a mark of an older program.
        var clocks: Clocks?
    }

    /// Both clocks, and how much time had surely passed in the log's life. Here because a mark has a check, so that no damage makes a log older.
    struct Clocks: Equatable {
        var instant: LogInstant
        var elapsed: Int64
    }

    /// What the file said when it was opened; nil if there was none, or none that holds together.
    let found: Mark?
    private let path: String
    private let descriptor: Int32
    private var turn: UInt64
    private var place: Int
    private static let placeBytes = 4096

    init(path: String) throws(StoreError) {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw .unusable(path: path, reason: systemWords()) }
        var best: (turn: UInt64, mark: Mark, place: Int)?
        for place in 0..<2 {
            var bytes = [UInt8](repeating: 0, count: 512)
            let count = pread(descriptor, &bytes, bytes.count, off_t(place * Self.placeBytes))
            guard count > 0, let read = Self.parse(bytes[..<count]), read.turn >= best?.turn ?? 0 else { continue }
            best = (read.turn, read.mark, place)
        }
        found = best?.mark
        turn = best?.turn ?? 0
        place = best.map { 1 - $0.place } ?? 0
    }

    deinit { close(descriptor) }

    /// Writes a mark; with `sync` it is on the medium when this returns.
    func write(_ mark: Mark, sync: Bool) throws(StoreError) {
        turn += 1
        let bytes = Self.text(mark, turn: turn)
        guard pwrite(descriptor, bytes, bytes.count, off_t(place * Self.placeBytes)) == bytes.count else { throw failure() }
        guard sync else { return }
        guard fdatasync(descriptor) == 0 else { throw failure() }
        place = 1 - place
    }

    private func failure() -> StoreError {
        errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? .full(file: path) : .unusable(path: path, reason: systemWords())
    }

    static func text(_ mark: Mark, turn: UInt64) -> [UInt8] {
        let clocks = mark.clocks.map { "utc \($0.instant.utc)\nuptime \($0.instant.uptime)\nelapsed \($0.elapsed)\n" }
        let words =
            "precordia-log mark \(clocks == nil ? 1 : 2)\nturn \(turn)\nboot \(mark.boot)\naccepted \(mark.accepted)\n"
            + "reserved \(mark.reserved)\nclosed \(mark.isClosed ? 1 : 0)\n\(clocks ?? "")check "
        let check = Array(words.utf8).withUnsafeBytes { CRC32C().of($0) }
        return Array((words + "\(check)\n").utf8)
    }

    static func parse(_ bytes: ArraySlice<UInt8>) -> (turn: UInt64, mark: Mark)? {
        let fields = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
        let hasClocks = fields[0] == "precordia-log mark 2"
        guard fields.count >= (hasClocks ? 10 : 7), hasClocks || fields[0] == "precordia-log mark 1" else { return nil }
        func value(_ place: Int, _ name: String) -> Substring? {
            fields[place].hasPrefix(name + " ") ? fields[place].dropFirst(name.count + 1) : nil
        }
        guard let turn = value(1, "turn").flatMap({ UInt64($0) }), let boot = value(2, "boot"),
            let accepted = value(3, "accepted").flatMap({ Int64($0) }), let reserved = value(4, "reserved").flatMap({ Int64($0) }),
            let closed = value(5, "closed"), accepted >= 0, reserved >= accepted
        else { return nil }
        var mark = Mark(accepted: accepted, reserved: reserved, isClosed: closed == "1", boot: String(boot))
        if hasClocks {
            guard let utc = value(6, "utc").flatMap({ Int64($0) }), let uptime = value(7, "uptime").flatMap({ Int64($0) }),
                let elapsed = value(8, "elapsed").flatMap({ Int64($0) }), elapsed >= 0
            else { return nil }
            mark.clocks = Clocks(instant: LogInstant(utc: utc, uptime: uptime), elapsed: elapsed)
        }
        let whole = text(mark, turn: turn)
        return whole.elementsEqual(bytes.prefix(whole.count)) ? (turn, mark) : nil
    }
}

/// The system's words for the last error.
func systemWords() -> String { String(cString: strerror(errno)) }
