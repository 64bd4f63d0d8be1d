// What is true now of a session, as browsers are told it: made of the session's lines, of which none is reworded.
// A state and no news: whoever missed one is right again with the next.

import PrecordiaCompanion
import PrecordiaHost
import PrecordiaText

/// Follows a session's lines and boards.
///
/// - Memory: a line of each kind, one for each alert, alarms, and the last ``mostEvents`` events. Thread: one at a time.
struct PageState {
    /// An alarm that is there, or stays until somebody has seen it.
    struct Alarm: Equatable {
        var name: String
        var priority: String
        /// `raised`, `acknowledged`, `latched` or `inhibited`.
        var state: String
        /// When it began, milliseconds since 1970; nil if that was before this program heard of it.
        var since: Int64?
        /// Who acknowledged it; empty where nobody is known.
        var who = ""
    }

    private(set) var stream: PageLine?
    private(set) var device: PageLine?
    private(set) var answer: PageLine?
    private(set) var heartRate: PageLine?
    private(set) var quality: PageLine?
    /// What was measured last, which holds for 10 s; whoever shows it looks at its time.
    private(set) var measurement: PageLine?
    private(set) var session: PageLine?
    private(set) var alerts: [(name: String, since: Int64?, line: PageLine)] = []
    private(set) var alarms: [Alarm] = []
    /// When a pause of the sound ends, milliseconds since 1970; nil without one.
    private(set) var pausedUntil: Int64?
    private(set) var isOff = false
    private(set) var events: [PageLine] = []
    /// What the session says that this program missed.
    var missed = CompanionMessage.Pulse(linesMissed: 0, framesMissed: 0)
    /// Samples that never came, as the lines `gap` tell, and how often.
    private(set) var holes = 0
    private var acknowledging: (who: String, name: String?, at: Int64)?
    /// What was known before the board that is being told.
    private var before: (alerts: [(name: String, since: Int64?, line: PageLine)], alarms: [Alarm])?

    static let mostEvents = 60

    init() {}

    /// Takes a line of news.
    ///
    /// - Parameter now: milliseconds since 1970.
    /// - Returns: whether it is an event that a person wants to read.
    mutating func take(_ line: PageLine, at now: Int64) -> Bool {
        guard let event = line.text("event") else { return false }
        let isEvent = follow(line, event, at: now, isNews: true)
        if isEvent {
            events.append(line)
            if events.count > Self.mostEvents { events.removeFirst() }
        }
        return isEvent
    }

    /// Takes a line of a board; nil for its beginning and its end.
    mutating func board(_ line: PageLine?, at now: Int64) {
        if let line {
            guard before != nil, let event = line.text("event") else { return }
            _ = follow(line, event, at: now, isNews: false)
        } else if let before {
            self.before = nil
            for index in alarms.indices where alarms[index].since == nil {
                let known = before.alarms.first { $0.name == alarms[index].name }
                alarms[index].since = known?.since ?? alerts.first { $0.name == alarms[index].name }?.since
                if alarms[index].state == "acknowledged" { alarms[index].who = known?.who ?? "" }
            }
        } else {
            before = (alerts, alarms)
            (stream, answer, heartRate, quality, measurement) = (nil, nil, nil, nil, nil)
            (alerts, alarms, pausedUntil, isOff) = ([], [], nil, false)
        }
    }

    private mutating func follow(_ line: PageLine, _ event: String, at now: Int64, isNews: Bool) -> Bool {
        let time = line.text("utc").flatMap(Self.milliseconds)
        switch event {
        case "stream":
            (stream, answer, heartRate, quality, measurement) = (line, nil, nil, nil, nil)
            // With a stream what was said of it is over; a board tells what is not.
            if isNews { alerts.removeAll { !Self.isOfSession($0.name) } }
        case "end":
            (stream, answer, heartRate, quality, measurement) = (nil, nil, nil, nil, nil)
            alerts.removeAll { !Self.isOfSession($0.name) }
        case "window", "unknown": answer = line
        case "heartRate": heartRate = line
        case "quality": quality = line
        case "measurement": measurement = line
        case "session": session = line
        case "device": device = line
        case "alertRaised":
            guard let name = line.text("condition") else { return false }
            let since = before?.alerts.first { $0.name == name }?.since ?? alerts.first { $0.name == name }?.since ?? time
            alerts.removeAll { $0.name == name }
            alerts.append((name, since, line))
            return isNews
        case "alertCleared":
            alerts.removeAll { $0.name == line.text("condition") }
            return isNews
        case "alarm":
            guard let change = line.text("change") else { return false }
            follow(change, line, at: time ?? now, isNews: isNews, now)
            return isNews && !["raised", "cleared"].contains(change)
        case "command":
            if let command = line.text("command"), command.hasPrefix("acknowledge"), let who = line.text("who") {
                let name = command.dropFirst("acknowledge".utf8.count + 1)
                acknowledging = (who, name.isEmpty ? nil : String(name), now)
            }
            return isNews
        case "gap": holes += 1
        default: break
        }
        return isNews && ["device", "notice", "gap", "error", "end", "stream"].contains(event)
    }

    private mutating func follow(_ change: String, _ line: PageLine, at time: Int64, isNews: Bool, _ now: Int64) {
        let since = isNews ? time : nil
        switch change {
        case "audioPaused": pausedUntil = now + Int64((line.number("left") ?? 0) * 1000)
        case "audioResumed": pausedUntil = nil
        case "switchedOff": isOff = true
        case "switchedOn": isOff = false
        default: break
        }
        guard let name = line.text("condition"), let priority = line.text("priority") else { return }
        func set(_ state: String) {
            if let index = alarms.firstIndex(where: { $0.name == name }) {
                alarms[index].state = state
                alarms[index].priority = priority
            } else {
                alarms.append(Alarm(name: name, priority: priority, state: state, since: since))
            }
        }
        switch change {
        case "raised":
            // One that begins anew, latched or held back before, counts from now.
            alarms.removeAll { $0.name == name }
            set("raised")
        case "released", "escalated", "soundedAgain": set("raised")
        case "latched": set("latched")
        case "inhibited": set("inhibited")
        case "cleared": alarms.removeAll { $0.name == name }
        case "acknowledged":
            // One that was only latched is gone with it.
            guard alarms.first(where: { $0.name == name })?.state != "latched" || !isNews else {
                alarms.removeAll { $0.name == name }
                return
            }
            set("acknowledged")
            if let by = acknowledging, now - by.at < 2000, by.name == nil || by.name == name,
                let index = alarms.firstIndex(where: { $0.name == name })
            {
                alarms[index].who = by.who
            }
        default: break
        }
    }

    /// What the session says of itself, and not of a stream.
    private static func isOfSession(_ name: String) -> Bool {
        name == "device-lost" || name == "rate-wrong" || name.hasSuffix("-failed")
    }

    /// Milliseconds since 1970 of a time such as 2026-11-30T16:02:33.123456Z; nil if it is none.
    static func milliseconds(_ utc: String) -> Int64? {
        let parts = utc.utf8.split { !(0x30...0x39).contains($0) }.map { String($0)! }
        guard parts.count >= 6, let year = Int64(parts[0]), let month = Int64(parts[1]), let day = Int64(parts[2]),
            let hour = Int64(parts[3]), let minute = Int64(parts[4]), let second = Int64(parts[5])
        else { return nil }
        let fraction = parts.count > 6 ? Int64((parts[6] + "000").prefix(3)) ?? 0 : 0
        // Days since 1970 by the rule of Gauss, years beginning in March.
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400, ofEra = shifted % 400
        let ofYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let days = era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468
        return ((days * 24 + hour) * 60 + minute) * 60_000 + second * 1000 + fraction
    }
}

extension PageState {
    /// The message `state` for browsers: one object of JSON.
    ///
    /// - Parameters:
    ///   - isHeard: whether the session gives signs of life.
    ///   - viewers: how many look.
    func message(at now: Int64, isHeard: Bool, hasEnded: Bool, viewers: Int) -> [UInt8] {
        var line = JSONLine()
        line.add("kind", "state")
        line.add("now", Int(now))
        line.add("heard", isHeard)
        line.add("ended", hasEnded)
        line.add("viewers", viewers)
        for (name, value) in [
            ("stream", stream), ("device", device), ("answer", answer), ("heartRate", heartRate), ("quality", quality),
            ("measurement", measurement),
        ] { line.add(name, raw: value.map { String(decoding: $0.bytes, as: UTF8.self) } ?? "null") }
        line.add("alerts", alerts) { object, alert in
            object.add("since", raw: alert.since.map { "\($0)" } ?? "null")
            object.add("line", raw: String(decoding: alert.line.bytes, as: UTF8.self))
        }
        line.add("alarms", alarms) { object, alarm in
            object.add("name", alarm.name)
            object.add("priority", alarm.priority)
            object.add("state", alarm.state)
            object.add("since", raw: alarm.since.map { "\($0)" } ?? "null")
            object.add("who", alarm.who)
        }
        line.add("pausedUntil", raw: pausedUntil.map { "\($0)" } ?? "null")
        line.add("off", isOff)
        line.add("holes", holes)
        line.add("missedLines", raw: "\(missed.linesMissed)")
        line.add("missedFrames", raw: "\(missed.framesMissed)")
        return line.line.dropLast()
    }

    /// The message `history`: the last events, and the session's own line.
    func history() -> [UInt8] {
        var line = JSONLine()
        line.add("kind", "history")
        line.add("session", raw: session.map { String(decoding: $0.bytes, as: UTF8.self) } ?? "null")
        line.add("events", raw: "[" + events.map { String(decoding: $0.bytes, as: UTF8.self) }.joined(separator: ",") + "]")
        return line.line.dropLast()
    }

    /// The message `event` of one of them, or of the session's own line.
    static func message(of event: PageLine) -> [UInt8] {
        var line = JSONLine()
        line.add("kind", "event")
        line.add("line", raw: String(decoding: event.bytes, as: UTF8.self))
        return line.line.dropLast()
    }
}
