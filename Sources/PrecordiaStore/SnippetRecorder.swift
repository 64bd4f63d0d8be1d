// The ECG around each alert: which stretches are still to come, and each as a WFDB record when its end has come.
// A snippet that cannot be stored is refused and counted; an alert never waits for one.

import GRDB
import Glibc
import PrecordiaFormats
import PrecordiaHost
import PrecordiaSignal
import PrecordiaText

/// Cuts snippets out of the frames that pass.
///
/// - Memory: a ``FrameHistory`` of the seconds before and after and four more. Thread: the store's.
final class SnippetRecorder {
    /// An alert whose ECG is wanted.
    private struct Wanted {
        var entry: Int64
        var sample: UInt64
        var range: ClosedRange<UInt64>
        var alert: String
    }

    /// Snippets stored, and those refused or failed.
    private(set) var kept: UInt64 = 0
    private(set) var refused: UInt64 = 0
    /// Whether the last attempt failed for want of room; nil after one that did not.
    private(set) var problem: String?
    private let store: EventStore
    private let evidence: LeadEvidence?
    private let complain: (String) -> Void
    private var history: FrameHistory?
    private var stream: UInt32 = 0
    private var wanted: [Wanted] = []
    /// The classifier's lines of the seconds in the history. They come with the frames, so behind the lines of alerts.
    private var answers: [(sample: UInt64, line: String)] = []
    /// Rows that the database has not taken yet, oldest first, and whether each is of a snippet that is there.
    private var unrecorded: [(isKept: Bool, row: StatementArguments)] = []
    /// Bytes that the last snippet needed at most.
    private var largest = 0

    /// Alerts whose end is still to come at one time; one more is refused.
    static let most = 16

    /// - Parameter complain: words for standard error.
    init(store: EventStore, evidence: LeadEvidence?, complain: @escaping (String) -> Void) {
        self.store = store
        self.evidence = evidence
        self.complain = complain
    }

    /// A stream begins; what was wanted of the last one gets what there is.
    func begin(_ format: StreamFormat, stream: UInt32) {
        finish()
        guard stream != self.stream || history == nil else { return }
        self.stream = stream
        answers = []
        history = FrameHistory(format: format, seconds: store.policy.secondsBefore + store.policy.secondsAfter + 4)
    }

    /// Takes a frame of the stream that is open.
    func take(_ frame: Frame, stream: UInt32) {
        guard stream == self.stream else { return }
        // A snippet whose end has come is stored between two readings, or here before its first frame goes.
        if let leaving = history?.leaving, let newest = history?.newest {
            while wanted.contains(where: { $0.range.contains(leaving) && $0.range.upperBound <= newest }), storeNext() {}
        }
        history?.append(frame)
    }

    /// Takes a line of the classifier.
    func answer(_ line: String, sample: UInt64, stream: UInt32) {
        guard let history, stream == self.stream else { return }
        answers.append((sample, line))
        let oldest = answers.firstIndex { $0.sample + UInt64(history.capacity) > sample } ?? 0
        answers.removeFirst(max(oldest, answers.count - 512))
    }

    /// An alert was stored as `entry`; its snippet is wanted.
    func alert(entry: Int64, sample: UInt64, stream: UInt32, line: String) {
        guard stream > 0 else { return }
        guard let history, stream == self.stream else {
            refused += 1
            return record(
                entry, state: "refused", path: nil, frames: 0, missing: 0, bytes: 0, "{\"problem\":\"its stream's frames are not there\"}")
        }
        let rate = UInt64(history.format.rate)
        let before = UInt64(store.policy.secondsBefore) * rate
        let after = sample.addingReportingOverflow(UInt64(store.policy.secondsAfter) * rate)
        let range = (sample < before ? 0 : sample - before)...(after.overflow ? .max : after.partialValue)
        let alert = Wanted(entry: entry, sample: sample, range: range, alert: line)
        guard wanted.count < Self.most else {
            refuse(alert, "too many alerts at once")
            return
        }
        do {
            try store.write { db in
                try db.execute(sql: "INSERT OR IGNORE INTO snippet (entry, state) VALUES (?, 'waiting')", arguments: [entry])
            }
        } catch {
            // The row that tells what became of it is written when its end has come, and tried again until the database takes it.
            complain("the log does not take note that the ECG around entry \(entry) is to come, \(error); it is kept all the same")
        }
        wanted.append(alert)
    }

    /// Whether room has come back since the last snippet that found none, and the database for what it would not take.
    func look() {
        recordAgain()
        if problem != nil, unrecorded.isEmpty, hasRoom(for: largest) { problem = nil }
    }

    private func hasRoom(for bytes: Int) -> Bool {
        var room = statvfs()
        return statvfs(store.folder, &room) != 0 || UInt64(room.f_bavail) * UInt64(room.f_frsize) >= UInt64(store.policy.freeBytes + bytes)
    }

    /// Stores the first snippet whose end has come; whether there was one.
    func storeNext() -> Bool {
        guard let newest = history?.newest, let place = wanted.firstIndex(where: { $0.range.upperBound <= newest }) else { return false }
        write(wanted.remove(at: place))
        return true
    }

    /// Nothing more comes of this stream: stores what is wanted with what there is.
    func finish() {
        while !wanted.isEmpty { write(wanted.removeFirst()) }
        recordAgain()
    }

    private func write(_ wanted: Wanted) {
        guard let history else { return }
        let frames = history.frames(wanted.range)
        guard !frames.isEmpty else { return refuse(wanted, "no frame of it was there") }
        let folder = store.folder + "/snippets"
        largest = frames.count * Lead.count * 4
        guard hasRoom(for: largest) else {
            problem = "less than \(store.policy.freeBytes >> 20) MiB are free"
            return refuse(wanted, problem!)
        }
        let name = "s\(Self.padded(store.session, 4))\(Self.ending(wanted.entry))"
        let reason = reason(wanted, frames.filter { $0.index <= wanted.sample }, history.format)
        do throws(PrecordiaFormats.RecordError) {
            let writer = try WFDBWriter(
                path: folder + "/" + name, format: history.format, storage: Self.storage(frames),
                comments: comments(wanted, reason: reason), startTime: startTime(wanted, first: frames[0].index, rate: history.format.rate))
            for frame in frames { try writer.append(frame) }
            try writer.finish()
            try Self.flush([writer.signalPath, writer.headerPath, folder])
            let bytes = Self.size(writer.signalPath) + Self.size(writer.headerPath)
            problem = nil
            record(
                wanted.entry, state: "kept", path: "snippets/" + name, frames: frames.count, missing: writer.filledCount, bytes: bytes,
                reason)
        } catch {
            problem = "\(error)"
            refuse(wanted, problem!)
        }
    }

    /// Value, leads and the most probable statements as the session told them, and the leads that the statement hangs on.
    private func reason(_ wanted: Wanted, _ before: [Frame], _ format: StreamFormat) -> String {
        let condition =
            (try? store.read { try String.fetchOne($0, sql: "SELECT ? ->> 'condition'", arguments: [wanted.alert]) }) ?? nil
        var falls = "[]"
        if let evidence, let condition {
            let parts = evidence.falls(of: condition, frames: before, format: format).prefix(3).map {
                "{\"lead\":\"\($0.lead)\",\"fall\":\(Text.fixed($0.fall, decimals: 4))}"
            }
            falls = "[" + parts.joined(separator: ",") + "]"
        }
        let reason = try? store.read { db in
            try String.fetchOne(
                db,
                sql: """
                    SELECT json_object('value', ?1 ->> 'value', 'reasons', ?1 -> 'reasons', 'leads', ?1 -> 'leads', 'statements', ?2 -> 'probabilities',
                    'evidence', json(?3))
                    """, arguments: [wanted.alert, answer(before: wanted), falls])
        }
        return reason.flatMap { $0 } ?? "{}"
    }

    /// The classifier's last line up to the alert's sample, that which raised it among them.
    private func answer(before wanted: Wanted) -> String? { answers.last { $0.sample <= wanted.sample }?.line }

    private func refuse(_ wanted: Wanted, _ why: String) {
        refused += 1
        let words = String(
            decoding: JSONText.collected { text in
                text.open(0x7B)
                text.text("problem", why)
                text.close(0x7D)
            }, as: UTF8.self)
        record(wanted.entry, state: "refused", path: nil, frames: 0, missing: 0, bytes: 0, words)
    }

    private func record(_ entry: Int64, state: String, path: String?, frames: Int, missing: Int, bytes: Int, _ reason: String) {
        unrecorded.append((state == "kept", [entry, state, path, frames, missing, bytes, reason]))
        recordAgain()
    }

    /// Tells the database what has become of snippets. What it does not take, because another program holds it or it finds no room, is told later: the
    /// files of a snippet that no row knows are removed at the next start.
    private func recordAgain() {
        while let (isKept, row) = unrecorded.first {
            do throws(StoreError) {
                try store.write { db in
                    try db.execute(
                        sql: """
                            INSERT OR REPLACE INTO snippet (entry, state, path, frames, missing, bytes, reason) VALUES (?, ?, ?, ?, ?, ?, ?)
                            """, arguments: row)
                    if !isKept { try store.count("snippetsRefused", 1, db) }
                }
            } catch {
                problem = "\(error)"
                return
            }
            if isKept { kept += 1 }
            unrecorded.removeFirst()
        }
    }

    private func comments(_ wanted: Wanted, reason: String) -> [String] {
        var all = ["Precordia alert, entry \(wanted.entry) of the log, sample \(wanted.sample) of its stream", "alert " + wanted.alert]
        if let answer = answer(before: wanted) { all.append("answer " + answer) }
        return all + ["reason " + reason]
    }

    /// When the snippet's first sample was taken: the alert's time less the samples between.
    private func startTime(_ wanted: Wanted, first: UInt64, rate: Int) -> WFDBHeader.StartTime? {
        let seconds = (Double(first) - Double(wanted.sample)) / Double(rate)
        let text = try? store.read { db in
            try String.fetchOne(
                db, sql: "SELECT strftime('%Y %m %d %H %M %f', coalesce(utc, received), ? || ' seconds') FROM entry WHERE sequence = ?",
                arguments: [seconds, wanted.entry])
        }
        guard let parts = text?.split(whereSeparator: { $0 == " " || $0 == "." }).map({ Int($0) ?? 0 }), parts.count == 7 else {
            return nil
        }
        return WFDBHeader.StartTime(
            date: WFDBHeader.StartTime.Day(year: parts[0], month: parts[1], day: parts[2]), hour: parts[3], minute: parts[4],
            second: parts[5],
            millisecond: parts[6])
    }

    /// The smallest storage that holds every count.
    static func storage(_ frames: [Frame]) -> WFDBFormat {
        var largest: UInt32 = 0
        for frame in frames {
            for lead in 0..<Lead.count { largest = max(largest, frame.counts[lead].magnitude) }
        }
        return largest < 1 << 15 ? .format16 : largest < 1 << 23 ? .format24 : .format32
    }

    private static func flush(_ paths: [String]) throws(PrecordiaFormats.RecordError) {
        for path in paths {
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            let isFlushed = descriptor >= 0 && fsync(descriptor) == 0
            let reason = systemWords()
            if descriptor >= 0 { close(descriptor) }
            guard isFlushed else { throw PrecordiaFormats.RecordError(.unwritable, file: path, problem: "cannot be flushed: \(reason)") }
        }
    }

    static func size(_ path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    /// What a snippet's name ends with, by which alone it belongs to its entry.
    static func ending(_ entry: Int64) -> String { "-e" + padded(entry, 7) }

    static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
