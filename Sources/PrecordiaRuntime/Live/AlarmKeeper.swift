// What was alarming, acknowledged, paused or switched off, in a file that outlives the program.
// On a thread of its own: a disk that stands still holds up nothing but its own news.

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
    var alarms: [Entry] = []

    /// The file's text: a line for each thing.
    var text: String {
        var lines = ["precordia-alarms 1"]
        if isOff { lines.append("off") }
        if let pausedUntil { lines.append("paused-until \(pausedUntil)") }
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
            if words.count == 2, words[0] == "paused-until" { pausedUntil = Int64(words[1]) }
            guard words.count >= 3, words[0] == "alarm", let priority = priorities[String(words[1])] else { continue }
            alarms.append(
                Entry(
                    name: String(words[words.count - 1]), priority: priority, isLatched: words.contains("latched"),
                    isAcknowledged: words.contains("acknowledged")))
        }
    }

    /// What a board shows now, at `time` of its clock and `utc`, both milliseconds.
    init(_ desk: AlarmDesk, at time: Int64, utc: Int64) {
        isOff = desk.board.isOff
        pausedUntil = desk.board.pauseEnd.map { $0 - time + utc }
        for rule in desk.policy.rules {
            let alarm = desk.board.alarm(rule.place)
            guard alarm.isActive || alarm.isLatched else { continue }
            alarms.append(
                Entry(name: rule.name, priority: alarm.priority, isLatched: alarm.isLatched, isAcknowledged: alarm.isAcknowledged))
        }
    }

    /// Gives a new board what the last program left.
    func restore(_ desk: AlarmDesk, at time: Int64, utc: Int64) {
        for entry in alarms {
            guard let place = desk.policy.place(of: entry.name) else { continue }
            desk.board.restore(place, priority: entry.priority, isLatched: entry.isLatched, isAcknowledged: entry.isAcknowledged, at: time)
        }
        let left = pausedUntil.map { min($0 - utc, desk.policy.settings.pause) }
        desk.board.restore(pauseEnd: left.flatMap { $0 > 0 ? time + $0 : nil }, isOff: isOff, at: time)
    }
}

/// Writes a state to its file, whole or not at all, whenever it has changed.
///
/// - Thread: its own. When it is slow: only the newest state is written. Memory: 64 KiB.
final class AlarmKeeper: @unchecked Sendable {
    let path: String
    private let ring = ChunkRing(capacity: 1 << 16)
    private let stops = Atomic<Bool>(false)
    private let ended = Monitor()
    private var isRunning = false
    /// Why the last state could not be written; 0 if it was.
    private let failure = Atomic<Int32>(0)

    init(path: String) { self.path = path }

    /// The state that a program left; nil where there is none.
    func stored() -> AlarmState? {
        (try? fileBytes(path: path, limit: 1 << 16)).flatMap { AlarmState(String(decoding: $0, as: UTF8.self)) }
    }

    func start() {
        isRunning = true
        if !Workers.start({ self.run() }) { isRunning = false }
    }

    /// Hands a state over. Never waits.
    func keep(_ state: AlarmState) { state.text.utf8Bytes { _ = ring.push(0, time: 0, $0) } }

    /// Why nothing is kept, in words; nil if all is well.
    var problem: String? {
        let code = failure.load(ordering: .relaxed)
        return code == 0 ? nil : String(cString: strerror(code))
    }

    /// Writes what is left and ends the thread.
    func stop() {
        stops.store(true, ordering: .releasing)
        ended.withLock {
            while isRunning { ended.wait() }
        }
    }

    private func run() {
        while true {
            let isLast = stops.load(ordering: .acquiring)
            var newest: [UInt8]?
            while let chunk = ring.next() {
                newest = Array(chunk.bytes)
                ring.release()
            }
            if let newest { failure.store(write(newest), ordering: .relaxed) }
            if isLast { break }
            ring.wait(milliseconds: 100)
        }
        ended.withLock {
            isRunning = false
            ended.broadcast()
        }
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
