// One stream played to an output: as JSON lines or as a table.
// Between the session, which knows no text, and the command, which knows no engine.

package import PrecordiaEngine
package import PrecordiaFormats
package import PrecordiaHost
package import PrecordiaMeasure
import PrecordiaNetwork

/// What a replay writes.
package enum ReplayFormat: Equatable, Sendable {
    /// A table for a person, in a style.
    case table
    /// One JSON object a line, with so many statements in each answer, or all.
    case lines(top: Int?)
}

/// Plays streams through an engine to an output.
///
/// - Memory: one engine, allocated with the first stream and used again for the next ones. Thread: one at a time.
package final class Replay {
    private let model: LoadedModel
    private let options: EngineOptions
    private let speed: Speed
    private let format: ReplayFormat
    private let output: ByteOutput
    private let style: Style
    private let bar: ProgressBar?
    private let naming: LeadNaming
    private var host: EngineHost?
    private var played = 0

    package init(
        model: LoadedModel, options: EngineOptions, speed: Speed, format: ReplayFormat, output: ByteOutput, style: Style = .plain,
        bar: ProgressBar? = nil, naming: LeadNaming = LeadNaming()
    ) {
        self.naming = naming
        self.model = model
        self.options = options
        self.speed = speed
        self.format = format
        self.output = output
        self.style = style
        self.bar = bar
    }

    /// Plays a recorded exam to its end.
    ///
    /// - Parameters:
    ///   - opened: where it lies, if that is elsewhere because it was converted.
    ///   - onOpening: told what the record is, before its first frame.
    package func play(
        record path: String, opened: String? = nil, onOpening: (StreamDescription) -> Void = { _ in }
    ) throws(RuntimeError) -> SessionResult {
        var source = try SignalSource(record: path, opened: opened, naming: naming)
        onOpening(source.description)
        return try play(&source)
    }

    /// Plays one stream to its end. What was said before an error has been written.
    package func play(_ source: inout SignalSource) throws(RuntimeError) -> SessionResult {
        let stream = source.description
        let host = try prepared(for: source)
        var writer = Writer(model: model, stream: stream, format: format, style: style)
        try say(writer.opening(host, isFirst: played == 0))
        played += 1
        let bar = bar
        let result = try Session.run(
            &source, through: host, speed: speed,
            onFrame: { index, _, _ in
                if index & 255 == 0 { bar?.update(done: index, total: stream.frames, note: stream.name) }
            },
            onEvent: { event, host throws(RuntimeError) in try self.say(writer.event(event, host)) })
        try say(writer.closing(result, host))
        try output.flush()
        return result
    }

    private func say(_ bytes: [UInt8]) throws(RuntimeError) {
        guard !bytes.isEmpty else { return }
        bar?.hide()
        try output.lines(bytes)
    }

    private func prepared(for source: borrowing SignalSource) throws(RuntimeError) -> EngineHost {
        if let host {
            try host.prepare(for: source.format, named: source.description.name)
            return host
        }
        let made = try EngineHost(model: model, stream: source.format, options: options, name: source.description.name)
        host = made
        return made
    }
}

extension Replay {
    /// Options of an engine that answers each `seconds`; nil for the model's own hop.
    package static func options(
        hopSeconds seconds: Double?, measuring: MeasuringSettings = MeasuringSettings(), model: LoadedModel
    ) throws(RuntimeError) -> EngineOptions {
        var options = EngineOptions()
        options.measureSeconds = measuring.seconds
        options.patient = measuring.patient
        guard let seconds else { return options }
        let view = model.view
        let samples = seconds * Double(view.rate)
        let hop = samples.isFinite ? Int(min(max(samples.rounded(), -1), 1e6)) : 0
        guard hop > 0, abs(samples - Double(hop)) < 1e-6, hop <= view.hop, hop % view.hopUnit == 0 else {
            let column = Text.fixed(Double(view.hopUnit) / Double(view.rate), decimals: 3)
            let longest = Text.fixed(Double(view.hop) / Double(view.rate), decimals: 3)
            throw .badSetting(
                name: "--hop", value: "\(seconds)",
                allowed: "model \(model.identity.name) takes multiples of \(column) s up to \(longest) s")
        }
        options.hop = hop
        return options
    }
}

/// How often an engine measures, and for whom.
package struct MeasuringSettings: Sendable {
    /// Between two measurements, as programs have it unless they are told otherwise; 0 for none.
    package static let usualSeconds = 5
    package var seconds: Int
    package var patient = PatientFacts()

    /// - Parameters:
    ///   - age: years, 1 to 120; nil where it is not known.
    ///   - isFemale: nil where nobody knows.
    package init(seconds: Int = MeasuringSettings.usualSeconds, age: Int? = nil, isFemale: Bool? = nil) {
        self.seconds = seconds
        patient = PatientFacts(age: UInt8(clamping: age ?? 0), sex: isFemale.map { $0 ? .female : .male } ?? .unknown)
    }
}

/// The two forms of output behind one door.
private struct Writer {
    private let lines: EventLines?
    private var table: EventTable
    private let stream: StreamDescription

    init(model: LoadedModel, stream: StreamDescription, format: ReplayFormat, style: Style) {
        self.stream = stream
        table = EventTable(
            vocabulary: model.vocabulary, stream: stream, windowSeconds: model.view.windowSeconds, style: style)
        if case .lines(let top) = format { lines = EventLines(record: stream.name, top: top) } else { lines = nil }
    }

    func opening(_ host: EngineHost, isFirst: Bool) -> [UInt8] {
        lines?.opening(stream, host) ?? Self.bytes((isFirst ? [] : [""]) + table.heading())
    }

    mutating func event(_ event: Event, _ host: EngineHost) -> [UInt8] {
        lines?.line(event, host) ?? Self.bytes(table.rows(event, answer: host.answer()))
    }

    mutating func closing(_ result: SessionResult, _ host: EngineHost) -> [UInt8] {
        lines?.closing(result, host) ?? Self.bytes(table.closing(result))
    }

    private static func bytes(_ lines: [String]) -> [UInt8] { lines.flatMap { Array($0.utf8) + [0x0A] } }
}
