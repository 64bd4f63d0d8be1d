// A stream's events as lines of JSON. `docs/events.md` is the contract.
// Above the line, so that the program and a board without Swift's run-time library write the same bytes.

package import PrecordiaAlerts
package import PrecordiaEngine
package import PrecordiaNetwork
package import PrecordiaSignal
package import PrecordiaText

/// Writes what an engine says, one JSON object a line, each with its line feed.
///
/// Nothing here depends on the machine or the number of threads, nor on the clock unless ``time`` is set: the bytes are compared.
///
/// - Memory: the caller's. The name must outlive the report. Thread: any.
/// - Cost: some microseconds a line.
package struct EventReport {
    /// The record's name as every line has it.
    package let name: UnsafeRawBufferPointer
    /// Statements in each answer; nil for all of them, and the classes too.
    package let top: Int?
    /// When the next lines' events were, for a live session; nil where lines must not depend on a clock.
    package var time: EventTime?

    /// - Parameter name: UTF-8; anything else is written as U+FFFD.
    package init(name: UnsafeRawBufferPointer, top: Int? = 5) {
        self.name = name
        self.top = top
    }

    /// The first line: what is read by what.
    ///
    /// - Parameters:
    ///   - leads: those that the source measures.
    ///   - frames: how many will come, if known.
    @_noAllocation @_noLocks
    package func opening(_ engine: borrowing Engine, leads: LeadSet, frames: UInt64?, into text: inout JSONText) {
        opening(engine.model, engine.stream, hop: engine.hop, leads: leads, frames: frames, into: &text)
    }

    /// The same apart from an engine.
    ///
    /// - Parameter hop: samples of the model's rate between two answers.
    @_noAllocation @_noLocks
    package func opening(
        _ model: ModelView, _ stream: StreamFormat, hop: Int, leads: LeadSet, frames: UInt64?, into text: inout JSONText
    ) {
        text.open(0x7B)
        text.field("event", "stream")
        text.field("format", 1)
        text.field("record", name)
        text.field("rate", UInt64(stream.rate))
        add(leads: leads.rawValue, to: &text)
        if !stream.unplaced.isEmpty { add(leads: stream.unplaced.rawValue, named: "unplaced", to: &text) }
        text.key("frames")
        if let frames { text.integer(frames) } else { text.raw("null") }
        text.field("engine", EngineVersion.text)
        text.field("model", model.name)
        text.field("modelVersion", UInt64(model.version))
        text.key("sha256")
        text.raw(0x22)
        for index in 0..<model.hash.count {
            text.raw(JSONText.hex(model.hash[index] &>> 4))
            text.raw(JSONText.hex(model.hash[index] & 15))
        }
        text.raw(0x22)
        text.field("hop", Double(hop) / Double(model.rate), decimals: 3)
        text.field("window", Double(model.window) / Double(model.rate), decimals: 3)
        end(&text)
    }

    /// One event. Of a `.window` or `.unknown` event the line has the engine's probabilities, so write it before the next frame.
    @_noAllocation @_noLocks
    package func line(_ event: Event, _ engine: borrowing Engine, into text: inout JSONText) {
        line(event, engine.lastAnswer, rate: engine.stream.rate, into: &text)
    }

    /// The same apart from an engine.
    ///
    /// - Parameters:
    ///   - answer: the one that a `.window` or `.unknown` event came with; of other events only its model is read.
    ///   - rate: the stream's, hertz.
    @_noAllocation @_noLocks
    package func line(_ event: Event, _ answer: EngineAnswer, rate: Int, into text: inout JSONText) {
        begin(EventNames.kind(event.kind), sample: event.sample, rate: rate, &text)
        switch event.kind {
        case .window:
            add(answer, to: &text)
        case .unknown:
            add(signal: event, to: &text)
            add(answer, to: &text)
        case .heartRate:
            text.field("bpm", Double(event.value), decimals: 1)
        case .alertRaised, .alertCleared:
            add(condition: event.code, answer.model, to: &text)
            text.field("priority", EventNames.priority(event.priority))
            text.field("value", Double(event.value), decimals: 6)
            add(signal: event, to: &text)
            if event.electrodes != 0 { add(electrodes: event.electrodes, to: &text) }
        case .quality:
            add(signal: event, to: &text)
        case .measurement: add(answer.values, to: &text)
        case .gap:
            text.key("frames")
            if event.value == event.value { text.integer(Self.count(event.value)) } else { text.raw("null") }
        }
        end(&text)
    }

    /// An alert of the session's own where no stream has begun: of the device, or of the sound.
    @_noAllocation @_noLocks
    package func line(_ event: Event, of condition: Condition, into text: inout JSONText) {
        begin(EventNames.kind(event.kind), sample: 0, rate: 1, &text)
        text.field("condition", condition.name)
        text.field("statement", EventNames.words(condition))
        text.field("priority", EventNames.priority(event.priority))
        text.field("value", Double(event.value), decimals: 6)
        add(signal: event, to: &text)
        end(&text)
    }

    /// The last line: how far the stream went and what was counted.
    ///
    /// - Parameter sample: the index after the last frame, 0 if none came.
    @_noAllocation @_noLocks
    package func closing(_ engine: borrowing Engine, sample: UInt64, interrupted: Bool, into text: inout JSONText) {
        closing(engine.counters, rate: engine.stream.rate, sample: sample, interrupted: interrupted, into: &text)
    }

    /// The same apart from an engine.
    @_noAllocation @_noLocks
    package func closing(_ counters: EngineCounters, rate: Int, sample: UInt64, interrupted: Bool, into text: inout JSONText) {
        begin("end", sample: sample, rate: rate, &text)
        text.field("interrupted", interrupted)
        text.key("counters")
        text.open(0x7B)
        for index in 0..<EventNames.counterCount {
            let counter = EventNames.counter(index, of: counters)
            text.field(counter.name, counter.value)
        }
        text.close(0x7D)
        end(&text)
    }

    /// A line in place of a stream that could not be read, or stopped being readable.
    ///
    /// - Parameter message: for a person, in the words that standard error gets.
    @_noAllocation @_noLocks
    package func failure(_ message: UnsafeRawBufferPointer, into text: inout JSONText) {
        text.open(0x7B)
        text.field("event", "error")
        text.field("record", name)
        text.field("message", message)
        end(&text)
    }

    /// A value that counts something, as an integer: 0 below 0 and for no number, at most 10^18.
    @_noAllocation @_noLocks
    package static func count(_ value: Float) -> UInt64 {
        value > 0 ? UInt64(min(Double(value), 1e18)) : 0
    }
}
