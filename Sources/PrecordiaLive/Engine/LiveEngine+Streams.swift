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
        if let host {
            let facts = LiveMessage.StreamFacts(
                format: host.engine.stream, leads: configuration.leads, frames: configuration.frames, hop: host.engine.hop)
            outlets.stream(facts, at: date(of: samples))
        }
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
        let rate = host.engine.stream.rate
        outlets.link(session.counters, sample: samples, rate: rate, at: date(of: samples))
        let end = LiveMessage.StreamEnd(samples: samples, rate: rate, counters: host.engine.counters, interrupted: early)
        outlets.end(end, at: date(of: samples))
        // What is alarming when the session itself ends is for the next one to know.
        guard !follower.isOver, !session.isLeaving else { return }
        alarms?.endStream(at: moment)
        tellAlarms()
    }

    /// Fetches what the engine has to say and passes it on.
    func tellEvents(_ host: EngineHost) {
        while let event = host.engine.poll() { tell(event, host) }
    }

    func tell(_ event: Event, _ host: EngineHost) {
        if !acquisition.isPatient { latency.record(Monotonic.now() - arrived) }
        alarms?.take(event, at: moment)
        outlets.event(event, host.engine, at: date(of: event.sample))
        tellAlarms()
    }

    /// Says whether the samples contradict the rate that the device gives.
    func tellRate() {
        let isWrong = session.news == .rateWrong
        if isWrong {
            let words = follower.words
            outlets.note(words)
            stand(words)
        }
        tellOwn(.rateWrong, isWrong ? .alertRaised : .alertCleared, value: isWrong ? Float(session.measuredRate) : 0)
    }

    /// An alert of the session's own: of the device, the sound or a companion. Of the device its sample, and so its time, is the last one that was heard.
    func tellOwn(_ condition: Condition, _ kind: Event.Kind, value: Float) {
        let rule = settings.policy?.rules[condition.rawValue].alert ?? settings.options.policy.rule(for: condition)
        let event = Event(
            kind, sample: samples > 0 ? samples - 1 : 0, code: AlertCode(condition).rawValue, priority: rule.priority.rawValue,
            value: value)
        if let host, session.streams > 0 { return tell(event, host) }
        alarms?.take(event, at: moment)
        outlets.event(event, at: date())
        outlets.note("\(EventNames.words(condition))\(EventWords.evidence(event, model.vocabulary))")
    }

    /// Raises or clears the alerts of sound and companions that have changed; without a stream they wait for the next.
    func tellFaults() {
        guard hasStream else { return }
        if let value = soundFault.news() { tellOwn(.soundFailed, value > 0 ? .alertRaised : .alertCleared, value: value) }
        if let value = logFault.news() { tellOwn(.logFailed, value > 0 ? .alertRaised : .alertCleared, value: value) }
        if let value = pageFault.news() { tellOwn(.pageFailed, value > 0 ? .alertRaised : .alertCleared, value: value) }
        if let value = companionFault.news() { tellOwn(.companionFailed, value > 0 ? .alertRaised : .alertCleared, value: value) }
    }

    /// Keys, pauses, sound: what is due of the alarms.
    func actOnAlarms(at now: Int64) {
        guard let alarms else { return }
        if let failed = alarms.act(at: now) {
            if failed { outlets.note("alarms cannot be heard: " + alarms.problem) }
            soundFault.value = failed ? 1 : 0
            tellFaults()
        }
        tellAlarms()
    }

    /// What has become of alarms.
    func tellAlarms() {
        guard let alarms else { return }
        var isChanged = false
        defer { if isChanged { alarms.keep() } }
        while let change = alarms.policyBoard.board.poll() {
            isChanged = true
            let electrodes = alarms.policyBoard.electrodes(of: change)
            let board = LiveMessage.BoardState(
                pauseLeft: alarms.pauseLeft(at: moment) ?? -1, isOff: alarms.policyBoard.board.isOff, electrodes: electrodes)
            outlets.alarm(change, board, at: date())
        }
    }

    /// The device's state.
    func tellDevice(_ state: DeviceState, _ words: String, at moment: Int64) {
        outlets.device(state, epoch: session.epoch, words, at: date(said: moment))
    }

    /// A button, a marker or an error of the device, as a line and in words.
    func tellNotice() {
        let sample = session.noticeSample
        if let event = session.event {
            outlets.notice(event, sample: sample, at: date(of: event.sample == nil ? nil : sample))
            outlets.note(follower.words)
        }
        if let error = session.error {
            outlets.notice(error, sample: sample, at: date(of: sample))
            outlets.note(follower.words)
            if error.isFatal { stand(follower.words) }
        }
    }

    /// What ends or replaces a stream.
    package func fail(_ words: String) {
        let named = words.hasPrefix(settings.name + ":") ? words : "\(settings.name): \(words)"
        problem = named
        outlets.failure(words, at: date())
        outlets.note(named)
    }

    func collectFigures() {
        follower.collect()
        for (place, outlet) in outlets.all.enumerated() {
            let missed = outlet.loss.messages
            if place == 0 { figures.sinkRefused = missed } else { figures.outletsRefused[place] = missed }
        }
        figures.hearing = alarms?.hearing.rawValue ?? AlarmHearing.none.rawValue
        figures.clock = time.figures
        figures.eventLatency = LatencySummary(latency)
        figures.transferLatency = LatencySummary(transferLatency)
    }

    /// The session's line: everything that can be lost, and the clock.
    func tellSession() { outlets.session(figures, at: date()) }

    /// The date of a sample of the stream that is open, or where there is none, of what was said at a moment, or now; nil in a session without times.
    func date(of sample: UInt64? = nil, said: Int64? = nil) -> EventTime? {
        guard session.settings.hasTimes else { return nil }
        return sample.flatMap { time.time(ofSample: $0 &- session.offset) } ?? time.time(at: said ?? moment)
    }
}
