// The times of a capture, in a file beside it: when each piece of it came, and what became of the line between.
// Apart from the capture, whose bytes stay those of the device, so that every other reader of it needs to know nothing of this.

import Glibc
import PrecordiaHost
import PrecordiaReport

/// What a line of the file says.
package enum CaptureEntry: Equatable {
    /// So many bytes more of the capture had come.
    case bytes(Int)
    /// A connection was there; the framing, and words.
    case opened(UInt8, String)
    /// It had gone; words.
    case lost(String)
    /// A try to connect had failed; words.
    case absent(String)
    /// The host's clock: microseconds since 1970, UTC.
    case clock(Int64)
}

/// Writes the file `PATH.times` of a capture `PATH`: a line for each piece, first its time in nanoseconds of the host's monotonic clock.
///
///     precordia-times 1
///     81234567890 clock 1795932000123456
///     81234567890 opened 0 opened, 127.0.0.1:7411
///     81254567890 bytes 294
///
/// What cannot be written ends it, and is told; the capture itself goes on.
package final class CaptureTimes {
    package static func path(of capture: String) -> String { capture + ".times" }
    private static let heading = "precordia-times 1"

    private var descriptor: Int32
    private var clockAt: Int64?
    /// Why nothing more is written; nil if all is.
    package private(set) var problem: String?

    package init(capture: String) {
        descriptor = open(Self.path(of: capture), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        if descriptor < 0 { problem = String(cString: strerror(errno)) }
        write(Self.heading)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Adds an entry, and ten seconds after the last time the clock.
    package func add(_ entry: CaptureEntry, at time: Int64) {
        if clockAt.map({ time - $0 >= 10_000_000_000 }) ?? true {
            clockAt = time
            let passed = (Monotonic.now() - time) / 1000
            write("\(time) clock \(DeviceTime.now().utc - passed)")
        }
        switch entry {
        case .bytes(let count): write("\(time) bytes \(count)")
        case .opened(let framing, let words): write("\(time) opened \(framing) \(Text.printable(words))")
        case .lost(let words): write("\(time) lost \(Text.printable(words))")
        case .absent(let words): write("\(time) absent \(Text.printable(words))")
        case .clock(let utc): write("\(time) clock \(utc)")
        }
    }

    private func write(_ line: String) {
        guard problem == nil else { return }
        let bytes = Array((line + "\n").utf8)
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                done += count
            } else if errno != EINTR {
                problem = String(cString: strerror(errno))
                return
            }
        }
    }

    /// Reads a line; nil if it is none of these.
    static func entry(_ line: Substring) -> (time: Int64, entry: CaptureEntry)? {
        let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let time = Int64(parts[0]), time >= 0, time < 1 << 62 else { return nil }
        switch parts[1] {
        case "bytes":
            guard let count = Int(parts[2]), count > 0, count <= 1 << 24 else { return nil }
            return (time, .bytes(count))
        case "opened":
            let rest = parts[2].split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
            guard let framing = UInt8(rest[0]), framing <= 1 else { return nil }
            return (time, .opened(framing, rest.count > 1 ? String(rest[1]) : ""))
        case "lost": return (time, .lost(String(parts[2])))
        case "absent": return (time, .absent(String(parts[2])))
        case "clock":
            guard let utc = Int64(parts[2]), (0..<253_402_300_800_000_000).contains(utc) else { return nil }
            return (time, .clock(utc))
        default: return nil
        }
    }
}

/// Reads a capture's bytes by its times.
final class CapturePlayer {
    private let times: UnsafeMutablePointer<FILE>
    private var line: UnsafeMutablePointer<CChar>?
    private var room = 0
    private var last: Int64 = 0

    /// Nil where a file has no times beside it, or what is there is something else.
    init?(source: String) {
        guard source != "-" else { return nil }
        let capture = source.hasPrefix("file:") ? String(source.dropFirst(5)) : source
        guard let times = fopen(CaptureTimes.path(of: capture), "re") else { return nil }
        self.times = times
        guard let first = read(), first == "precordia-times 1" else { return nil }
    }

    deinit {
        fclose(times)
        free(line)
    }

    private func read() -> Substring? {
        let count = getline(&line, &room, times)
        guard count > 0, let line else { return nil }
        let bytes = UnsafeRawBufferPointer(start: line, count: count)
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").first ?? ""
    }

    /// The next entry, its time never before the last one's; nil at the end, and at a line that is damaged: what is left of the capture has the last time.
    func next() -> (time: Int64, entry: CaptureEntry)? {
        guard let text = read(), let found = CaptureTimes.entry(text) else { return nil }
        last = max(last, found.time)
        return (last, found.entry)
    }
}
