// What was alarming, acknowledged, paused or switched off, in a file that outlives the program.
// On a thread of its own: a disk that stands still holds up nothing but its own news.

import CPrecordiaSystem
import Glibc
import PrecordiaAlerts
import PrecordiaFormats
import PrecordiaReport
import Synchronization

/// The state of a board, as a file has it.
struct AlarmState: Equatable {
    struct Entry: Equatable {
        var name: String
        var priority: AlertPriority
        var isLatched: Bool
        var isAcknowledged: Bool
    }

    var isOff = false
    /// When a pause ends: milliseconds since 1970, UTC; nil without one.
    var pausedUntil: Int64?
    /// When it was kept: milliseconds since 1970, UTC.
    var keptAt: Int64?
    var alarms: [Entry] = []

    /// The file's text: a line for each thing.
    var text: String {
        var lines = ["precordia-alarms 1"]
        if isOff { lines.append("off") }
        if let pausedUntil { lines.append("paused-until \(pausedUntil)") }
        if let keptAt { lines.append("kept-at \(keptAt)") }
        for alarm in alarms {
            let state = (alarm.isLatched ? " latched" : "") + (alarm.isAcknowledged ? " acknowledged" : "")
            lines.append("alarm \(EventNames.priority(alarm.priority.rawValue))\(state) \(alarm.name)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    init() {}

    /// Reads a text; nil if it is none of this kind. Lines that a later version adds are passed over.
    init?(_ text: String) {
        let lines = text.split(separator: "\n")
        guard lines.first == "precordia-alarms 1" else { return nil }
        let priorities: [String: AlertPriority] = ["information": .information, "low": .low, "medium": .medium, "high": .high]
        for line in lines.dropFirst() {
            let words = line.split(separator: " ")
            if line == "off" { isOff = true }
            if words.count == 2, words[0] == "paused-until" { pausedUntil = Self.time(words[1]) }
            if words.count == 2, words[0] == "kept-at" { keptAt = Self.time(words[1]) }
            guard words.count >= 3, words[0] == "alarm", let priority = priorities[String(words[1])] else { continue }
            alarms.append(
                Entry(
                    name: String(words[words.count - 1]), priority: priority, isLatched: words.contains("latched"),
                    isAcknowledged: words.contains("acknowledged")))
        }
    }

    /// A time that can be reckoned with: before the year 10000.
    private static func time(_ word: Substring) -> Int64? { Int64(word).flatMap { (0..<253_402_300_800_000).contains($0) ? $0 : nil } }

    /// What a board shows now, at `time` of its clock and `utc`, both milliseconds.
    init(_ desk: AlarmDesk, at time: Int64, utc: Int64) {
        isOff = desk.board.isOff
        keptAt = utc
        pausedUntil = desk.board.pauseEnd.map { $0 - time + utc }
        for rule in desk.policy.rules {
            let alarm = desk.board.alarm(rule.place)
            guard alarm.isActive || alarm.isLatched else { continue }
            alarms.append(
                Entry(name: rule.name, priority: alarm.priority, isLatched: alarm.isLatched, isAcknowledged: alarm.isAcknowledged))
        }
    }

    /// Gives a new board what the last program left. What was acknowledged stays so if it rises again within its hold-off from when this was kept.
    func restore(_ desk: AlarmDesk, at time: Int64, utc: Int64) {
        for entry in alarms {
            guard let place = desk.policy.place(of: entry.name) else { continue }
            // Never longer than the hold-off from now, whatever clocks have done between.
            let holdOff = Int64(desk.policy.rules[place].alert.holdOff) * 1000
            let left = keptAt.map { min(holdOff, $0 + holdOff - utc) } ?? 0
            desk.board.restore(
                place, priority: entry.priority, isLatched: entry.isLatched, isAcknowledged: entry.isAcknowledged,
                silentUntil: left > 0 ? time + left : .min, at: time)
        }
        let left = pausedUntil.map { min($0 - utc, desk.policy.settings.pause) }
        desk.board.restore(pauseEnd: left.flatMap { $0 > 0 ? time + $0 : nil }, isOff: isOff, at: time)
    }
}

/// Writes a state to its file, whole or not at all, whenever it has changed.
///
/// - Thread: its own. When the disk is slow: one state waits, the newest.
final class AlarmKeeper: @unchecked Sendable {
    let path: String
    /// The text that waits to be written.
    private final class Waiting: Sendable {
        let text: String
        init(_ text: String) { self.text = text }
    }

    private let waiting = Atomic<Unmanaged<Waiting>?>(nil)
    private let bell = precordia_bell_open()
    private let stops = Atomic<Bool>(false)
    private let isRunning = Atomic<Bool>(false)
    /// Whether what lies at the path must not be written over.
    private var isBlocked = false
    /// Why the last state could not be written; 0 if it was.
    private let failure = Atomic<Int32>(0)

    init(path: String) {
        self.path = path
        precondition(bell >= 0, "The system has no descriptor left for the state of alarms.")
    }

    deinit {
        _ = taken()
        close(bell)
    }

    /// The state that a program left, or why nothing is known of it; neither where there is no file. A file that holds something else is set aside;
    /// what cannot be read or set aside is left alone, and nothing is kept.
    func stored() -> (state: AlarmState?, problem: String?) {
        var status = stat()
        guard stat(path, &status) == 0 || errno != ENOENT else { return (nil, nil) }
        let forgotten = "what was acknowledged, latched or switched off before is not known"
        guard status.st_mode & S_IFMT == S_IFREG, let bytes = try? fileBytes(path: path, limit: 1 << 16) else {
            failure.store(status.st_mode & S_IFMT == S_IFDIR ? EISDIR : EACCES, ordering: .relaxed)
            isBlocked = true
            return (nil, "\(path): cannot be read as a state of alarms; \(forgotten)")
        }
        if let state = AlarmState(String(decoding: bytes, as: UTF8.self)) { return (state, nil) }
        let aside = path + ".unread"
        let isThere = access(aside, F_OK) == 0
        guard !isThere, rename(path, aside) == 0 else {
            failure.store(isThere ? EEXIST : errno, ordering: .relaxed)
            isBlocked = true
            return (nil, "\(path): is no state of alarms, and cannot be set aside as \(aside); \(forgotten)")
        }
        return (nil, "\(path): is no state of alarms, set aside as \(aside); \(forgotten)")
    }

    func start() {
        if isBlocked { return }
        isRunning.store(true, ordering: .relaxed)
        guard !Workers.start({ self.run() }) else { return }
        isRunning.store(false, ordering: .relaxed)
        failure.store(EAGAIN, ordering: .relaxed)
    }

    /// Hands a state over, in place of one that still waits. Never waits itself.
    func keep(_ state: AlarmState) {
        waiting.exchange(Unmanaged.passRetained(Waiting(state.text)), ordering: .acquiringAndReleasing)?.release()
        precordia_bell_ring(bell)
    }

    private func taken() -> String? { waiting.exchange(nil, ordering: .acquiringAndReleasing)?.takeRetainedValue().text }

    /// Why nothing is kept, in words; nil if all is well.
    var problem: String? {
        let code = failure.load(ordering: .relaxed)
        return code == 0 ? nil : String(cString: strerror(code))
    }

    /// Writes what is left and ends the thread; a disk that stands still is left alone after 5 s.
    func stop() {
        stops.store(true, ordering: .releasing)
        precordia_bell_ring(bell)
        let deadline = Monotonic.now() + 5_000_000_000
        while isRunning.load(ordering: .acquiring), Monotonic.now() < deadline { Monotonic.sleep(until: Monotonic.now() + 2_000_000) }
    }

    private func run() {
        let folder = path.folderPrefix.isEmpty ? "." : path.folderPrefix
        // A state stays until it is written, or a newer one takes its place.
        var due: String?
        while true {
            let isLast = stops.load(ordering: .acquiring)
            due = taken() ?? due
            if let text = due {
                let code = write(Array(text.utf8))
                failure.store(code, ordering: .relaxed)
                if code == 0 { due = nil }
            } else {
                // The state of now must not replace what was left before anything has changed: so only whether a file could be made there.
                failure.store(access(folder, W_OK) == 0 ? 0 : errno, ordering: .relaxed)
            }
            if isLast { break }
            precordia_bell_wait(bell, 1000)
        }
        isRunning.store(false, ordering: .releasing)
    }

    /// The file beside it, then in its place: after a power cut there is the old state or the new.
    private func write(_ bytes: [UInt8]) -> Int32 {
        let beside = path + ".new"
        let descriptor = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { return errno }
        let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        var code = count == bytes.count ? 0 : count < 0 ? errno : ENOSPC
        if code == 0, fsync(descriptor) != 0 { code = errno }
        close(descriptor)
        if code == 0, rename(beside, path) != 0 { code = errno }
        return code
    }
}
