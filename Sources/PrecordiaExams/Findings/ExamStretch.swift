// Ten seconds of a record as a record of its own, in a private folder: so that everything on a sheet is about the seconds on the sheet.

import Glibc
package import PrecordiaFormats
package import PrecordiaHost
import PrecordiaSession
import PrecordiaSignal

/// A record of at most ten seconds: the one that was asked for, or a part of it that was written for as long as this is held.
package final class ExamStretch {
    /// Where it lies.
    package let path: String
    /// The record that it is, or was cut from.
    package let whole: ECGRecord
    /// Its first sample in the whole record.
    package let first: Int
    package let count: Int
    private var folder: String?
    /// What is to be said of its signals: nothing of a part, which has its leads' names.
    package let naming: LeadNaming

    /// Seconds of a sheet.
    package static var seconds: Int { 10 }

    /// - Parameters:
    ///   - at: the second with which it begins; nil for the last ten.
    package init(record: String, naming: LeadNaming, at: Double?) throws(RuntimeError) {
        whole = try SignalSource.open(record, naming)
        let wanted = Self.seconds * whole.rate
        // A second more is not worth a cut: 10.24 s are one exam, as every other command takes it.
        if at == nil, whole.sampleCount <= wanted + whole.rate {
            (path, first, count) = (record, 0, whole.sampleCount)
            self.naming = naming
            return
        }
        let last = max(0, whole.sampleCount - wanted)
        var begin = last
        if let at {
            guard at >= 0, at * Double(whole.rate) < Double(whole.sampleCount) else {
                throw .badSetting(
                    name: "--at", value: Text.fixed(at, decimals: 1),
                    allowed:
                        "the record has \(Text.fixed(whole.duration, decimals: 1)) s; 0 to \(Text.fixed(max(0, whole.duration - 10), decimals: 1)) would be right"
                )
            }
            begin = min(last, Int((at * Double(whole.rate)).rounded()))
        }
        first = begin
        count = min(wanted, whole.sampleCount - begin)
        self.naming = LeadNaming()
        let made = try Self.makeFolder()
        folder = made
        path = made + "/exam"
        do throws(RecordError) { try write() } catch {
            Self.remove(made)
            throw RuntimeError(error)
        }
    }

    deinit { if let folder { Self.remove(folder) } }

    private func write() throws(RecordError) {
        let writer = try WFDBWriter(
            path: path, format: whole.format, storage: .format32, comments: whole.comments,
            names: { [whole] in whole.format.unplaced.contains($0) ? whole.signalName(of: $0) ?? "ECG" : $0.name })
        var reader = whole.frames()
        var frame = Frame(index: 0)
        while Int(frame.index) + 1 < first + count, try reader.next(into: &frame) {
            if frame.index >= UInt64(first) { try writer.append(frame) }
        }
        try writer.finish()
    }

    private static func makeFolder() throws(RuntimeError) -> String {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array((base + "/precordia-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw .cannotWrite(file: base, reason: String(cString: strerror(errno))) }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func remove(_ folder: String) {
        for name in ["exam.hea", "exam.dat", "exam.hea.part", "exam.dat.part"] { unlink(folder + "/" + name) }
        rmdir(folder)
    }

    /// Which part of the record it is, in words; nil of all of it.
    package var words: String? {
        guard folder != nil else { return nil }
        let from = Double(first) / Double(whole.rate)
        return
            "Seconds \(Text.fixed(from, decimals: 1)) to \(Text.fixed(from + Double(count) / Double(whole.rate), decimals: 1)) of \(Text.fixed(whole.duration, decimals: 1))"
    }

    /// The clock at its first sample, as the header has it; nil where it has none.
    package var time: String? {
        guard let start = whole.startTime else { return nil }
        return start.later(bySeconds: Double(first) / Double(whole.rate)).description
    }
}

extension WFDBHeader.StartTime {
    /// So many seconds later, to the second: nobody reads milliseconds on paper.
    package func later(bySeconds seconds: Double) -> WFDBHeader.StartTime {
        let all = Double(hour * 3600 + minute * 60 + second) + Double(millisecond) / 1000 + seconds
        let whole = Int(all.rounded(.down))
        let clock = whole % 86_400
        return WFDBHeader.StartTime(
            date: date.map { $0.later(byDays: whole / 86_400) }, hour: clock / 3600, minute: clock / 60 % 60, second: clock % 60)
    }
}

extension WFDBHeader.StartTime.Day {
    /// So many days later, by the Gregorian calendar.
    func later(byDays days: Int) -> WFDBHeader.StartTime.Day {
        var day = self
        for _ in 0..<days {
            day.day += 1
            guard day.day > Self.length(of: day.month, day.year) else { continue }
            day.day = 1
            day.month += 1
            if day.month > 12 { (day.month, day.year) = (1, day.year + 1) }
        }
        return day
    }

    private static func length(of month: Int, _ year: Int) -> Int {
        if month == 2 { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28 }
        return [4, 6, 9, 11].contains(month) ? 30 : 31
    }
}
