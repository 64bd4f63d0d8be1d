// `precordia replay`: recorded exams through the engine, as a live stream would go.
// The session does the work; this reads options and keeps on after a bad record.

import ArgumentParser
import Glibc
import PrecordiaFormats
import PrecordiaHost
import PrecordiaSession

struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Play recorded exams through the engine and show what it says.",
        discussion: """
            A record is a WFDB record by its path, with or without .hea; a folder or @FILE stands for the records in it. \
            At --speed max a record goes as fast as the engine can, at 1 in real time.
            """)

    @Argument(help: ArgumentHelp("Records, folders of records, or @FILE with one on each line.", valueName: "record"))
    var records: [String]

    @Option(help: ArgumentHelp("max, or so many times real time.", valueName: "max|N"))
    var speed = Speed.max

    @Option(help: ArgumentHelp("Time between two answers; the model's own if not given.", valueName: "seconds"))
    var hop: Double?

    @Flag(help: "One JSON object a line, as docs/events.md describes it.")
    var json = false

    @Option(help: ArgumentHelp("Statements in each answer of --json.", valueName: "count"))
    var top = 5

    @Flag(help: "All statements and classes in each answer of --json.")
    var all = false

    @OptionGroup var leads: LeadOptions

    @OptionGroup(title: "Measurements") var measuring: MeasuringOptions
    @OptionGroup var model: ModelOptions

    func validate() throws {
        guard !records.isEmpty else { throw ValidationError("No record is given.") }
        guard top >= 0 else { throw ValidationError("--top takes 0 or more.") }
    }

    func run() throws {
        Interrupt.catchSignals()
        let model = try model.load()
        let bar = ProgressBar()
        let output = ByteOutput.standard(eager: speed != .max)
        let replay = Replay(
            model: model, options: try Replay.options(hopSeconds: hop, measuring: measuring.settings, model: model), speed: speed,
            format: json ? .lines(top: all ? nil : top) : .table, output: output, style: Style.fitting(descriptor: 1), bar: bar,
            naming: try leads.naming())
        var failures = 0
        let converted = ConvertedRecords()
        defer { converted.remove() }
        for entry in converted.convert(RecordList.expand(records)) {
            do throws(RuntimeError) {
                if let failure = entry.failure { throw RuntimeError(failure) }
                let result = try replay.play(record: entry.path, opened: entry.opened) { stream in
                    guard json, !stream.warnings.isEmpty else { return }
                    bar.hide()
                    StandardError.say(warnings: stream.warnings, of: entry.path)
                }
                bar.hide()
                if json && isatty(2) == 1 { result.figures.latencyLines.forEach { StandardError.say("\(entry.path): \($0)") } }
                if result.wasInterrupted { break }
            } catch {
                try report(error, entry.path, output, bar)
                failures += 1
            }
        }
        try output.flush()
        if failures > 0 { throw ExitCode(1) }
    }

    private func report(_ error: RuntimeError, _ record: String, _ output: ByteOutput, _ bar: ProgressBar) throws(RuntimeError) {
        bar.hide()
        if case .outputClosed = error { throw error }
        if case .cannotWrite = error { throw error }
        if json { try output.lines(EventLines(record: record).failure("\(error)")) }
        try output.flush()
        StandardError.say("\(error)")
    }
}
