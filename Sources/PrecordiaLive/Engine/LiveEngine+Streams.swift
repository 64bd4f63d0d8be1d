// Where streams begin and end, and what is told of them.
// Apart from the following of bytes, because this is where words are made.

import PrecordiaAlerts
import PrecordiaCompanion
import PrecordiaDevice
import PrecordiaEngine
import PrecordiaHost
import PrecordiaLink
import PrecordiaPolicy
import PrecordiaReport
import PrecordiaSession
import PrecordiaSignal
import PrecordiaText

extension LiveEngine {
    /// Begins the stream of the configuration in force, or refuses it.
    func beginStream() {
        guard let configuration = session.configuration else { return }
        let format = configuration.format
        do throws(RuntimeError) {
            if let host {
                try host.prepare(for: format, named: settings.name)
            } else {
                host = try EngineHost(
                    model: model, stream: format, options: settings.options, rules: settings.policy?.engineRules ?? [], name: settings.name)
            }
        } catch {
            fail("\(error)")
            return follower.refuse()
        }
        feed?.begin(format)
        outlet.stream(LiveMessage.StreamFacts(rate: format.rate, leads: configuration.leads, frames: configuration.frames))
        line { report, host, text in report.opening(host.engine, leads: configuration.leads, frames: configuration.frames, into: &text) }
        tellFaults()
    }

    /// Tells the end of a stream: its last answer, the link's counters, its own. `early` if a person or the system ended it.
    func endStream(early: Bool) {
        guard let host else { return }
        var more = !early
        while more {
            more = host.engine.drain()
            tellEvents(host)
        }
        flushDisplay()
        let samples = samples
        let counters = session.counters
        line { report, host, text in report.link(counters, sample: samples, rate: host.engine.stream.rate, into: &text) }
        line { report, host, text in report.closing(host.engine, sample: samples, interrupted: early, into: &text) }
        outlet.end(samples: samples, host.engine.counters, interrupted: early)
        // What is alarming when the session itself ends is for the next one to know.
        guard !follower.isOver, !session.isLeaving else { return }
        station?.endStream(at: moment)
        tellAlarms()
    }

    /// Fetches what the engine has to say and passes it on.
    func tellEvents(_ host: EngineHost) {
        while let event = host.engine.poll() { tell(event, host) }
    }

    func tell(_ event: Event, _ host: EngineHost) {
        if !acquisition.isPatient { latency.record(Monotonic.now() - arrived) }
        station?.take(event, at: moment)
        // Alerts may use the ring's reserve: answers, of which there is one each second, must not take their room.
        let isUrgent = event.kind == .alertRaised || event.kind == .alertCleared
        if settings.output.isLines || feed != nil {
            line(at: event.sample, isUrgent: isUrgent) { report, host, text in report.line(event, host.engine, into: &text) }
        }
        if !settings.output.isLines { outlet.event(event, host.engine, isUrgent: isUrgent) }
        tellAlarms()
    }

    /// Says whether the samples contradict the rate that the device gives.
    func tellRate() {
        let isWrong = session.news == .rateWrong
        if isWrong {
            let words = follower.words
            outlet.note(words)
            stand(words)
        }
        tellOwn(.rateWrong, isWrong ? .alertRaised : .alertCleared, value: isWrong ? Float(session.measuredRate) : 0)
    }

    /// An alert of the session's own: of the device, the sound or the log. Of the device its sample, and so its time, is the last one that was heard.
    func tellOwn(_ condition: Condition, _ kind: Event.Kind, value: Float) {
        let rule = settings.policy?.rules[condition.rawValue].alert ?? settings.options.policy.rule(for: condition)
        let event = Event(
            kind, sample: samples > 0 ? samples - 1 : 0, code: AlertCode(condition).rawValue, priority: rule.priority.rawValue,
            value: value)
        if let host, session.streams > 0 { return tell(event, host) }
        station?.take(event, at: moment)
        if settings.output.isLines || feed != nil { write(at: nil) { report, text in report.line(event, of: condition, into: &text) } }
        if !settings.output.isLines { outlet.event(event) }
        outlet.note("\(EventNames.words(condition))\(EventWords.evidence(event, model.vocabulary))")
    }

    /// Whether the log is kept, as an alert like any other.
    func watchLog() {
        guard let feed, let fault = logWatch.news(feed.status.fault) else { return }
        outlet.note("log of alerts: " + (fault == .none ? "kept again" : fault.words))
        logFault.value = Float(fault.rawValue)
        tellFaults()
    }

    /// Raises or clears the alerts of sound and log that have changed; without a stream they wait for the next.
    private func tellFaults() {
        guard hasStream else { return }
        if let value = soundFault.news() { tellOwn(.soundFailed, value > 0 ? .alertRaised : .alertCleared, value: value) }
        if let value = logFault.news() { tellOwn(.logFailed, value > 0 ? .alertRaised : .alertCleared, value: value) }
    }

    /// Keys, pauses, sound: what is due on the station.
    func actOnAlarms(at now: Int64) {
        guard let station else { return }
        if let failed = station.act(at: now) {
            if failed { outlet.note("alarms cannot be heard: " + station.problem) }
            soundFault.value = failed ? 1 : 0
            tellFaults()
        }
        tellAlarms()
    }

    /// What has become of alarms.
    func tellAlarms() {
        guard let station else { return }
        var isChanged = false
        defer { if isChanged { station.keep() } }
        while let change = station.desk.board.poll() {
            isChanged = true
            let electrodes = station.desk.electrodes(of: change)
            let board = LiveMessage.BoardState(
                pauseLeft: station.pauseLeft(at: moment) ?? -1, isOff: station.desk.board.isOff, electrodes: electrodes)
            outlet.alarm(change, board)
            let rule = change.condition < 0 ? nil : station.desk.policy.rules[Int(change.condition)]
            (rule?.name ?? "").utf8Bytes { name in
                write(at: nil) { report, text in
                    report.alarm(
                        PolicyBoard.name(change.kind), condition: name, change.priority.rawValue, electrodes: electrodes, into: &text)
                }
            }
        }
    }

    /// The line of the device's state, and the words for a person.
    func tellDevice(_ state: StaticString, _ words: String, at moment: Int64) {
        let epoch = session.epoch
        words.utf8Bytes { words in
            write(at: nil, said: moment) { report, text in report.device(state, epoch: epoch, words: words, into: &text) }
        }
        if !settings.output.isLines { outlet.note("device \(state)" + (words.isEmpty ? "" : ": " + words)) }
    }

    /// A button, a marker or an error of the device, as a line and in words.
    func tellNotice() {
        let sample = session.noticeSample
        if let event = session.event {
            write(at: event.sample == nil ? nil : sample) { report, text in report.notice(event, sample: sample, into: &text) }
            outlet.note(follower.words)
        }
        if let error = session.error {
            write(at: sample) { report, text in report.notice(error, sample: sample, into: &text) }
            outlet.note(follower.words)
            if error.isFatal { stand(follower.words) }
        }
    }

    /// What ends or replaces a stream.
    package func fail(_ words: String) {
        let named = words.hasPrefix(settings.name + ":") ? words : "\(settings.name): \(words)"
        problem = named
        words.utf8Bytes { words in write(at: nil) { report, text in report.failure(words, into: &text) } }
        outlet.note(named)
    }

    func collectFigures() {
        follower.collect()
        figures.sinkRefused = outlet.ring.refused
        figures.hearing = station?.hearing.rawValue ?? AlarmHearing.none.rawValue
        figures.clock = time.figures
        figures.eventLatency = LatencySummary(latency)
        figures.transferLatency = LatencySummary(transferLatency)
    }

    /// The session's line: everything that can be lost, and the clock.
    func tellSession() {
        let figures = figures
        write(at: nil) { report, text in report.session(figures, into: &text) }
    }

    /// Writes a line about the stream, dated by its sample.
    func line(at sample: UInt64? = nil, isUrgent: Bool = true, _ body: (EventReport, EngineHost, inout JSONText) -> Void) {
        guard let host else { return }
        write(at: sample ?? samples, isUrgent: isUrgent) { report, text in body(report, host, &text) }
    }

    private func write(at sample: UInt64?, said: Int64? = nil, isUrgent: Bool = true, _ body: (EventReport, inout JSONText) -> Void) {
        guard settings.output.isLines || feed != nil else { return }
        var top: Int? = 5
        if case .lines(let wanted) = settings.output { top = wanted }
        var report = EventReport(name: name, top: top)
        if session.settings.hasTimes {
            report.time = sample.flatMap { time.time(ofSample: $0 &- session.offset) } ?? time.time(at: said ?? moment)
        }
        var text = JSONText(lineMemory)
        body(report, &text)
        guard text.isWhole else { return fail("a line of \(text.count) bytes is too long to be told") }
        let line = UnsafeRawBufferPointer(rebasing: lineMemory[..<text.count])
        if settings.output.isLines { outlet.line(line, isUrgent: isUrgent) }
        feed?.append(line)
    }
}
