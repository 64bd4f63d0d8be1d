// What was alarming, acknowledged, paused or switched off, as a text that outlives the program, and whose it is.
// Apart from the file, which knows disks and no alarms.

import PrecordiaAlerts
import PrecordiaHost
import PrecordiaPolicy
import PrecordiaReport

/// The state of a board, as a file has it.
struct AlarmState: Equatable {
    struct Entry: Equatable {
        var name: String
        var priority: AlertPriority
        var isLatched: Bool
        var isAcknowledged: Bool
    }

    /// The bed or patient that it belongs to, as `--bed` names it; nil if nobody said.
    var bed: String?
    /// The serial number of the device that was heard last; nil if none was, or it has none.
    var device: String?
    var isOff = false
    /// When a pause ends: milliseconds since 1970, UTC; nil without one.
    var pausedUntil: Int64?
    /// When it was kept: milliseconds since 1970, UTC.
    var keptAt: Int64?
    var alarms: [Entry] = []

    /// The file's text: a line for each thing.
    var text: String {
        var lines = ["precordia-alarms 1"]
        if let bed { lines.append("bed \(Text.printable(bed))") }
        if let device { lines.append("device \(Text.printable(device))") }
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
            if words.count > 1, words[0] == "bed" { bed = String(line.dropFirst(4)) }
            if words.count > 1, words[0] == "device" { device = String(line.dropFirst(7)) }
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
    init(_ policyBoard: PolicyBoard, bed: String? = nil, device: String? = nil, at time: Int64, utc: Int64) {
        self.bed = bed
        self.device = device
        isOff = policyBoard.board.isOff
        keptAt = utc
        pausedUntil = policyBoard.board.pauseEnd.map { $0 - time + utc }
        for rule in policyBoard.policy.rules {
            let alarm = policyBoard.board.alarm(rule.place)
            guard alarm.isActive || alarm.isLatched else { continue }
            alarms.append(
                Entry(name: rule.name, priority: alarm.priority, isLatched: alarm.isLatched, isAcknowledged: alarm.isAcknowledged))
        }
    }

    /// Whether sound is paused or alarms are off.
    var isSilenced: Bool { isOff || pausedUntil != nil }

    /// What is in it, in words.
    var words: String {
        var parts: [String] = []
        if isOff { parts.append("alarms off") }
        if pausedUntil != nil { parts.append("sound paused") }
        parts += alarms.map { "\($0.name)\($0.isAcknowledged ? ", acknowledged" : "")" }
        return parts.isEmpty ? "nothing" : parts.joined(separator: "; ")
    }

    /// Gives a new board the alarms that the last program left. What was acknowledged stays so if it rises again within its hold-off from when this was
    /// kept.
    func restoreAlarms(_ policyBoard: PolicyBoard, at time: Int64, utc: Int64) {
        for entry in alarms {
            guard let place = policyBoard.policy.place(of: entry.name) else { continue }
            // Never longer than the hold-off from now, whatever clocks have done between.
            let holdOff = Int64(policyBoard.policy.rules[place].alert.holdOff) * 1000
            let left = keptAt.map { min(holdOff, $0 + holdOff - utc) } ?? 0
            policyBoard.board.restore(
                place, priority: entry.priority, isLatched: entry.isLatched, isAcknowledged: entry.isAcknowledged,
                silentUntil: left > 0 ? time + left : .min, at: time)
        }
    }

    /// Both.
    func restore(_ policyBoard: PolicyBoard, at time: Int64, utc: Int64) {
        restoreAlarms(policyBoard, at: time, utc: utc)
        restoreSilence(policyBoard, at: time, utc: utc)
    }

    /// Pauses the sound or switches alarms off, as they were left.
    func restoreSilence(_ policyBoard: PolicyBoard, at time: Int64, utc: Int64) {
        let left = pausedUntil.map { min($0 - utc, policyBoard.policy.settings.pause) }
        policyBoard.board.restore(pauseEnd: left.flatMap { $0 > 0 ? time + $0 : nil }, isOff: isOff, at: time)
    }
}
