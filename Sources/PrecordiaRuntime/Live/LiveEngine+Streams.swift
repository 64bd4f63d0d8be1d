// Where streams begin and end, and what is told of them.
// Apart from the following of bytes, because this is where words are made.

import PrecordiaAlerts
import PrecordiaEngine
import PrecordiaLink
import PrecordiaReport
import PrecordiaSignal

extension LiveEngine {
    /// Begins the stream of the configuration in force.
    func beginStream() {
        guard let configuration = decoder.configuration else { return }
        figures.streams += 1
        samples = 0
        announced = configuration.frames
        let format = configuration.format
        do throws(RuntimeError) {
            if let host {
                try host.prepare(for: format, named: settings.name)
            } else {
                host = try EngineHost(model: model, stream: format, options: settings.options, name: settings.name)
            }
        } catch {
            fail("\(error)")
            return
        }
        hasStream = true
        outlet.stream(LiveMessage.StreamFacts(rate: format.rate, leads: configuration.leads, frames: configuration.frames))
        line { report, host, text in report.opening(host.engine, leads: configuration.leads, frames: configuration.frames, into: &text) }
    }

    /// Ends the stream that is open: its last answer, the link's counters, its own. `early` if a person or the system ended it.
    func endStream(early: Bool) {
        guard hasStream, let host else { return }
        var more = !early
        while more {
            more = host.engine.drain()
            tellEvents(host)
        }
        flushDisplay()
        let samples = samples
        let counters = decoder.counters
        line { report, host, text in report.link(counters, sample: samples, rate: host.engine.stream.rate, into: &text) }
        line { report, host, text in report.closing(host.engine, sample: samples, interrupted: early, into: &text) }
        outlet.end(samples: samples, host.engine.counters, interrupted: early)
        hasStream = false
    }

    /// Fetches what the engine has to say and passes it on.
    func tellEvents(_ host: EngineHost) {
        while let event = host.engine.poll() { tell(event, host) }
    }

    func tell(_ event: Event, _ host: EngineHost) {
        if !acquisition.isPatient { latency.record(Monotonic.now() - arrived) }
        // Alerts may use the ring's reserve: answers, of which there is one each second, must not take their room.
        let isUrgent = event.kind == .alertRaised || event.kind == .alertCleared
        if settings.output.isLines {
            line(at: event.sample, isUrgent: isUrgent) { report, host, text in report.line(event, host.engine, into: &text) }
        } else {
            outlet.event(event, host.engine, isUrgent: isUrgent)
        }
    }

    /// Says that nothing comes from the device, as an alert like any other.
    func raiseDeviceLost(at now: Int64) {
        guard hasStream, let host, watch.raises() else { return }
        let since = Float(max(0, now - arrived)) / 1e9
        let rule = settings.options.policy.deviceLost
        tell(
            Event(
                .alertRaised, sample: samples > 0 ? samples - 1 : 0, code: 0x8000 | UInt16(Condition.deviceLost.rawValue),
                priority: rule.priority.rawValue, value: since), host)
    }

    func clearDeviceLost() {
        guard hasStream, let host, watch.clears() else { return }
        tell(
            Event(
                .alertCleared, sample: decoder.frame.index, code: 0x8000 | UInt16(Condition.deviceLost.rawValue),
                priority: settings.options.policy.deviceLost.priority.rawValue), host)
    }

    /// The line of the device's state, and the words for a person.
    func tellDevice(_ state: StaticString, _ words: String) {
        let epoch = figures.epoch
        words.utf8Bytes { words in
            write(at: nil) { report, text in report.device(state, epoch: epoch, words: words, into: &text) }
        }
        if !settings.output.isLines { outlet.note("device \(state)" + (words.isEmpty ? "" : ": " + words)) }
    }

    /// A button, a marker or an error of the device, in words.
    func tellNotice() {
        if let event = decoder.event {
            let what = ["", "button", "marker", "self test"]
            let kind = Int(event.code) < what.count && event.code > 0 ? what[Int(event.code)] : "event \(event.code)"
            outlet.note("device: \(kind) \(event.value) \(String(decoding: event.text, as: UTF8.self))")
        }
        if let error = decoder.error {
            outlet.note("device: error \(error.code), severity \(error.severity) \(String(decoding: error.text, as: UTF8.self))")
        }
    }

    /// What ends or replaces a stream.
    func fail(_ words: String) {
        hasFailed = true
        words.utf8Bytes { words in write(at: nil) { report, text in report.failure(words, into: &text) } }
        outlet.note(words)
    }

    func collectFigures() {
        figures.link = decoder.counters
        figures.chunksRefused = input.refused
        figures.bytesRefused = input.refusedBytes
        figures.sinkRefused = outlet.ring.refused
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

    private func write(at sample: UInt64?, isUrgent: Bool = true, _ body: (EventReport, inout JSONText) -> Void) {
        guard case .lines(let top) = settings.output else { return }
        var report = EventReport(name: name, top: top)
        if !acquisition.isPatient { report.time = sample.flatMap { time.time(ofSample: $0) } ?? DeviceTime.now() }
        var text = JSONText(lineMemory)
        body(report, &text)
        guard text.isWhole else { return fail("a line of \(text.count) bytes is too long to be told") }
        outlet.line(UnsafeRawBufferPointer(rebasing: lineMemory[..<text.count]), isUrgent: isUrgent)
    }
}
