// `precordia demo`: the simulator through a rhythm change, live on the terminal.
// It needs no data, device or network, and ends by itself.

import ArgumentParser
import Glibc
import PrecordiaEngine
import PrecordiaRuntime
import PrecordiaSignal
import PrecordiaSimulator

struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Watch a simulated patient: normal rhythm, atrial fibrillation, an electrode off, normal again.",
        discussion: "On a terminal a live view, otherwise plain lines. Ctrl-C ends it.")

    @Option(help: ArgumentHelp("Length.", valueName: "seconds"))
    var seconds = 60.0

    @Option(help: ArgumentHelp("max, or so many times real time.", valueName: "max|N"))
    var speed = Speed.times(1)

    @Option(help: ArgumentHelp("Samples a second, 100 to 2000.", valueName: "hertz"))
    var rate = 500

    @Option(help: ArgumentHelp("Another number is another patient.", valueName: "number"))
    var seed: UInt64 = 1

    @Flag(help: "Plain lines, on a terminal too.")
    var plain = false

    @OptionGroup var model: ModelOptions

    func validate() throws {
        guard seconds > 0, seconds <= 86_400 else { throw ValidationError("--seconds takes more than 0 and at most 86400.") }
        guard StreamFormat.rates.contains(rate) else { throw ValidationError("--rate takes 100 to 2000, not \(rate).") }
    }

    func run() throws {
        Interrupt.catchSignals()
        let model = try model.load()
        var source = SignalSource(
            simulator: Simulator(rate: rate, seed: seed, scenario: .demo), frames: UInt64(max(1, seconds * Double(rate))),
            name: "simulated patient")
        let terminal = Machine.environment("TERM") ?? "dumb"
        if plain || isatty(1) == 0 || terminal == "dumb" {
            let output = ByteOutput.standard(eager: true)
            let replay = Replay(
                model: model, options: EngineOptions(), speed: speed, format: .table, output: output, style: Style.fitting(descriptor: 1))
            _ = try replay.play(&source)
            return
        }
        try LiveSession(model: model, speed: speed).play(&source)
    }
}

/// A session on the screen.
private struct LiveSession {
    let model: LoadedModel
    let speed: Speed

    /// Nanoseconds between two pictures.
    private static let interval: Int64 = 66_000_000

    func play(_ source: inout SignalSource) throws(RuntimeError) {
        let style = Style.fitting(descriptor: 1)
        let host = try EngineHost(model: model, stream: source.format, options: EngineOptions(), name: source.description.name)
        var view = LiveView(
            vocabulary: model.vocabulary, stream: source.description, windowSeconds: model.view.windowSeconds, style: style,
            note: "simulated, no patient; Ctrl-C ends")
        let screen = TerminalScreen(descriptor: 1)
        defer { screen.restore() }
        var drawn: Int64 = 0
        let result = try Session.run(
            &source, through: host, speed: speed,
            onFrame: { index, host, figures throws(RuntimeError) in
                view.add(sample: index, microvolts: host.engine.displayed(.II))
                let now = Monotonic.now()
                guard now - drawn > Self.interval else { return }
                drawn = now
                view.setFooter(footer(host.engine.counters, figures, style))
                let size = TerminalScreen.size(descriptor: 1)
                guard screen.show(view.lines(columns: size.columns, rows: size.rows)) else { throw .outputClosed }
            },
            onEvent: { event, host in view.take(event, answer: host.answer()) })
        screen.restore()
        let output = ByteOutput.standard()
        for line in view.farewell(result) { try output.line(line) }
        try output.flush()
    }

    private func footer(_ counters: EngineCounters, _ figures: SessionFigures, _ style: Style) -> String {
        let text =
            " lost \(Text.grouped(Int(counters.framesMissing))) of \(Text.grouped(Int(counters.frames))) frames; \(figures.shortLatencyText)"
        return style.hasUnicode ? text : text.replacing("µ", with: "u")
    }
}
