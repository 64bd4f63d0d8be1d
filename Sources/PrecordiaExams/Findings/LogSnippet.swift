// The ECG around an alert of a log, as the record that the log keeps: which file it is, and what its header says of the alert.
// Reads no database: the snippet's name has the entry's number, and its header everything else.

import Glibc
package import PrecordiaFindings
package import PrecordiaFormats
package import PrecordiaHost
import PrecordiaSession

/// A snippet of a log.
package struct LogSnippet: Sendable {
    /// Where it lies.
    package let path: String
    package let folder: String
    package let entry: Int

    /// `LOG:EVENT`: a log's folder and an entry's number, as `precordia log` prints both.
    ///
    /// - Throws: ``RuntimeError/badSetting(name:value:allowed:)``, or ``RuntimeError/badRecord(file:problem:)`` where the entry has no ECG.
    package init(_ text: String) throws(RuntimeError) {
        guard let colon = text.lastIndex(of: ":"), let number = Int(text[text.index(after: colon)...]), number > 0 else {
            throw .badSetting(name: "--from", value: text, allowed: "LOG:EVENT would be right, a log's folder and an entry's number")
        }
        folder = text[..<colon].isEmpty ? "." : String(text[..<colon])
        entry = number
        guard let stream = opendir(folder + "/snippets") else {
            throw .cannotRead(file: folder, reason: "\(String(cString: strerror(errno))); the folder of a log would be right")
        }
        defer { closedir(stream) }
        let ending = "-e" + Text.padded(number, 7) + ".hea"
        var found: String?
        while let item = readdir(stream) {
            let name = withUnsafeBytes(of: item.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name.hasPrefix("s"), name.hasSuffix(ending) { found = folder + "/snippets/" + name }
        }
        guard let found else {
            throw .badRecord(
                file: folder,
                problem: "entry \(number) has no ECG; precordia log --folder '\(folder)' shows which have: those that end with a path")
        }
        path = found
    }

    /// The alert by its header: words, priority, and its second in the snippet, if the header says so much.
    package func alarm(in record: ECGRecord) -> (alarm: AlarmFinding, second: Double)? {
        guard let line = record.comments.first(where: { $0.hasPrefix("alert {") }),
            let json = try? JSONValue(Array(line.dropFirst(6).utf8))
        else { return nil }
        let words = json["statement"].text ?? json["condition"].text ?? "alert"
        let time = json["utc"].text
        let alarm = AlarmFinding(
            words: words, priority: json["priority"].text ?? "", time: time.map { Self.readable($0) })
        let before = Double(Self.before)
        // The clock of both, where the header has it; else as a log cuts its snippets.
        let sample = record.comments.first { $0.hasPrefix("Precordia alert") }?.firstRange(of: "sample ").flatMap { range in
            Int(record.comments.first { $0.hasPrefix("Precordia alert") }![range.upperBound...].prefix { $0.isNumber })
        }
        let second = sample.map { min(before, Double($0) / Double(record.rate)) } ?? before
        return (alarm, min(second, record.duration))
    }

    /// Seconds that a log keeps before an alert.
    private static var before: Int { 10 }

    /// "2026-11-30 04:42:10 UTC".
    private static func readable(_ time: String) -> String { time.prefix(19).replacing("T", with: " ") + " UTC" }
}
