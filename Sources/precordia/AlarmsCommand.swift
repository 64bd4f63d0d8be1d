// `precordia alarms`: the alarm matrix, each deadly rhythm with each disturbance, played faster than real time.
// tools/alarms calls it, and scores recordings beside it.

import ArgumentParser
import PrecordiaBench
import PrecordiaHost

struct AlarmsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alarms", abstract: "Play each deadly rhythm with each disturbance and say whether it is alarmed.",
        discussion: """
            Rhythms: \(MatrixRhythm.allCases.map(\.rawValue).joined(separator: ", ")).
            Disturbances: \(MatrixDisturbance.all.map(\.name).joined(separator: ", ")).
            A cell is as many seconds from when the rhythm's definition is met to the alarm; T means a technical alarm of high priority, ! an alarm that was
            there before. Status 1 if a cell is silent, late or ends by itself.
            """)

    @Flag(help: "The matrix; the only thing that there is without a record.")
    var matrix = false

    @Flag(help: "Only the cells of make test.")
    var short = false

    @Flag(help: "A line for each cell, with every high-priority alarm and when it was up.")
    var cells = false

    @Option(help: ArgumentHelp("Only these rhythms.", valueName: "a,b"))
    var rhythms: String?

    @Option(help: ArgumentHelp("Only these disturbances.", valueName: "a,b"))
    var disturbances: String?

    @Option(help: ArgumentHelp("Only these of replay, bedside, clinic.", valueName: "a,b"))
    var ways: String?

    @Option(help: ArgumentHelp("Only signals that begin in the rhythm (in), or before it (before).", valueName: "in|before"))
    var begin: String?

    @Option(help: ArgumentHelp("Take this alarm for not raised: the matrix must then have silent cells.", valueName: "alarm"))
    var without: String?

    @Option(help: ArgumentHelp("Cells at a time.", valueName: "count"))
    var jobs = Machine.processors

    @OptionGroup var model: ModelOptions

    func validate() throws {
        guard matrix else { throw ValidationError("Give --matrix.") }
        guard (1...64).contains(jobs) else { throw ValidationError("--jobs takes 1 to 64, not \(jobs).") }
        guard begin == nil || begin == "in" || begin == "before" else { throw ValidationError("--begin takes in or before.") }
    }

    func run() throws {
        var wanted = short ? AlarmMatrix.short : AlarmMatrix()
        wanted.rhythms = try Self.chosen(rhythms, of: wanted.rhythms, "--rhythms", \.rawValue)
        wanted.disturbances = try Self.chosen(disturbances, of: wanted.disturbances, "--disturbances", \.name)
        wanted.ways = try Self.chosen(ways, of: wanted.ways, "--ways", \.rawValue)
        wanted.silenced = without
        if let begin { wanted.beginnings = [begin == "in"] }
        let output = ByteOutput.standard(eager: cells)
        var text = MatrixText()
        try wanted.run(try model.load(), threads: jobs) { (outcome) throws(RuntimeError) in
            text.add(outcome)
            if cells { try output.line(MatrixText.line(outcome)) }
        }
        if !cells { for line in text.tables { try output.line(line) } }
        try output.flush()
        if !text.isWhole { throw ExitCode(1) }
    }

    private static func chosen<Value>(
        _ list: String?, of all: [Value], _ option: String, _ name: (Value) -> String
    ) throws(RuntimeError) -> [Value] {
        guard let list else { return all }
        var chosen: [Value] = []
        for wanted in list.split(separator: ",") {
            guard let found = all.first(where: { name($0) == wanted }) else {
                throw .badSetting(name: option, value: String(wanted), allowed: all.map(name).joined(separator: ", "))
            }
            chosen.append(found)
        }
        return chosen
    }
}
