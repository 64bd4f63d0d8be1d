// Events as lines of JSON, the form that other programs read. `docs/events.md` is the contract.
// Nothing here may depend on the clock, the machine or the number of threads: the bytes are compared.

import PrecordiaEngine

/// Writes a stream's events, one JSON object a line.
public struct EventLines {
    private let vocabulary: Vocabulary
    private let stream: StreamDescription
    /// Statements in each answer; nil for all of them, and the classes too.
    private let top: Int?

    public init(vocabulary: Vocabulary, stream: StreamDescription, top: Int?) {
        self.vocabulary = vocabulary
        self.stream = stream
        self.top = top
    }

    /// The first line: what is read by what.
    public func opening(model: ModelIdentity, hopSeconds: Double, windowSeconds: Double) -> [UInt8] {
        var line = JSONLine()
        line.add("event", "stream")
        line.add("format", 1)
        line.add("record", stream.name)
        line.add("rate", stream.rate)
        line.add("leads", stream.leads)
        line.add("frames", raw: stream.frames.map(String.init) ?? "null")
        line.add("engine", ProgramVersion.text)
        line.add("model", model.name)
        line.add("modelVersion", model.version)
        line.add("sha256", model.hash)
        line.add("hop", hopSeconds, decimals: 3)
        line.add("window", windowSeconds, decimals: 3)
        return line.line
    }

    /// One event. `answer` belongs to a `.window` or `.unknown` event.
    public func line(_ event: Event, answer: Answer) -> [UInt8] {
        var line = JSONLine()
        line.add("event", Self.name(event.kind))
        line.add("record", stream.name)
        line.add("sample", Int(event.sample))
        line.add("time", raw: Text.seconds(sample: event.sample, rate: stream.rate))
        switch event.kind {
        case .window:
            add(answer, to: &line)
        case .unknown:
            addSignal(event, to: &line)
            add(answer, to: &line)
        case .heartRate:
            line.add("bpm", event.value.isFinite ? Double(event.value) : nil, decimals: 1)
        case .alertRaised, .alertCleared:
            let condition = EventWords.condition(event.code, vocabulary)
            line.add("condition", condition.code)
            line.add("statement", condition.words)
            line.add("priority", Vocabulary.priorityName(event.priority))
            line.add("value", Double(event.value), decimals: 6)
            addSignal(event, to: &line)
        case .quality:
            addSignal(event, to: &line)
        case .gap:
            line.add("frames", raw: event.value.isNaN ? "null" : String(EventWords.count(event.value)))
        }
        return line.line
    }

    /// The last line: how far the stream went and what was counted.
    public func closing(sample: UInt64, counters: EngineCounters, interrupted: Bool) -> [UInt8] {
        var line = JSONLine()
        line.add("event", "end")
        line.add("record", stream.name)
        line.add("sample", Int(sample))
        line.add("time", raw: Text.seconds(sample: sample, rate: stream.rate))
        line.add("interrupted", interrupted)
        line.add("counters") { inner in
            for (name, value) in EventWords.counters(counters) { inner.add(name, value) }
        }
        return line.line
    }

    /// A line in place of a stream that could not be read, or stopped being readable.
    public static func failure(record: String, message: String) -> [UInt8] {
        var line = JSONLine()
        line.add("event", "error")
        line.add("record", record)
        line.add("message", message)
        return line.line
    }

    private func add(_ answer: Answer, to line: inout JSONLine) {
        line.add("whole", answer.isWhole)
        line.add("probabilities") { inner in
            let shown = top.map { Vocabulary.top($0, of: answer.probabilities) } ?? Array(answer.probabilities.indices)
            for index in shown { inner.add(vocabulary.statements[index].code, Double(answer.probabilities[index]), decimals: 6) }
        }
        guard top == nil, !answer.classProbabilities.isEmpty else { return }
        line.add("classes") { inner in
            for (index, probability) in answer.classProbabilities.enumerated() {
                guard let probability else { continue }
                inner.add(vocabulary.classes[index].code, Double(probability), decimals: 6)
            }
        }
    }

    private func addSignal(_ event: Event, to line: inout JSONLine) {
        line.add("reasons", EventWords.reasons(event.reasons))
        line.add("leads", EventWords.leads(event.leads))
    }

    private static func name(_ kind: Event.Kind) -> String {
        switch kind {
        case .window: "window"
        case .unknown: "unknown"
        case .heartRate: "heartRate"
        case .alertRaised: "alertRaised"
        case .alertCleared: "alertCleared"
        case .quality: "quality"
        case .gap: "gap"
        }
    }
}
