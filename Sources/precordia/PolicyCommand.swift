// `precordia policy`: what an alarm policy says, in words, and what it would have done.

import ArgumentParser
import PrecordiaAlerts
import PrecordiaEvaluation
import PrecordiaExams
import PrecordiaFormats
import PrecordiaHost
import PrecordiaPolicy
import PrecordiaReport
import PrecordiaSession
import PrecordiaSignal

struct PolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Explain an alarm policy, or try it on recorded exams.",
        subcommands: [Check.self, Simulate.self, Evaluate.self])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say in words what a policy does, or where in its text it is wrong.",
            discussion:
                "POLICY is a TOML file after docs/policy.md, or one that ships with the program: \(AlarmPolicy.shipped.joined(separator: ", "))."
        )

        @Argument(help: ArgumentHelp("The policy.", valueName: "policy"))
        var policy: String

        @OptionGroup var model: ModelOptions

        func run() throws {
            let model = try model.load()
            let output = ByteOutput.standard()
            for line in PolicyText(try AlarmPolicy.load(policy, model: model), model: model).lines { try output.line(Text.printable(line)) }
            try output.flush()
        }
    }

    struct Simulate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what a policy would have done with recorded exams, and nobody at the bed.")

        @Argument(help: ArgumentHelp("Records, folders of records, or @FILE with one on each line.", valueName: "record"))
        var records: [String]

        @Option(
            help: ArgumentHelp("The policy: a TOML file, or one of \(AlarmPolicy.shipped.joined(separator: ", ")).", valueName: "policy"))
        var policy = "bedside"

        @Flag(help: "Only the totals.")
        var totals = false

        @OptionGroup var model: ModelOptions

        func run() throws {
            Interrupt.catchSignals()
            let model = try model.load()
            let run = PolicyRun(try AlarmPolicy.load(policy, model: model), model: model)
            let output = ByteOutput.standard()
            var failures = 0
            let converted = ConvertedRecords()
            defer { converted.remove() }
            for entry in converted.convert(RecordList.expand(records)) where !Interrupt.isRequested {
                do throws(RuntimeError) {
                    if let failure = entry.failure { throw RuntimeError(failure) }
                    var source = try SignalSource(record: entry.path, opened: entry.opened)
                    let rate = source.format.rate
                    if !totals { try output.line(Text.printable(entry.path)) }
                    try run.play(&source) { (sample, change, words) throws(RuntimeError) in
                        guard !totals else { return }
                        let priority = change.priority == .none ? "" : "\(EventNames.priority(change.priority.rawValue)) "
                        try output.line(
                            "  \(Text.clock(seconds: Int(sample) / rate))  \(PolicyBoard.name(change.kind))  \(priority)\(words)")
                    }
                } catch {
                    switch error {
                    case .outputClosed, .cannotWrite: throw error
                    default: StandardError.say("\(error)")
                    }
                    failures += 1
                }
            }
            let hours = run.totals.seconds / 3600
            try output.line("\(Text.fixed(hours, decimals: 2)) h of signal, nobody at the bed; heard:")
            for priority in [4, 3, 2] as [UInt8] {
                let count = run.totals.sounded[priority] ?? 0
                try output.line(
                    "  \(EventNames.priority(priority)): \(count), \(Text.fixed(hours > 0 ? Double(count) / hours : 0, decimals: 2)) an hour"
                )
            }
            let sounding = Text.fixed(run.totals.sounding, decimals: 0)
            try output.line("  shown and never heard: \(run.totals.unheard); held back: \(run.totals.inhibited); sounding \(sounding) s")
            try output.flush()
            if failures > 0 { throw ExitCode(1) }
        }
    }

    struct Evaluate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Hold a policy against hours of stream stitched from PTB-XL's exams, beside the naive rule.",
            discussion: "No patient occurs twice. Fold 10 is for the final figure; docs/policy.md counts each look at it.")

        @Argument(help: ArgumentHelp("PTB-XL's folder.", valueName: "folder"))
        var folder: String

        @Option(help: ArgumentHelp("Folds, from 1 to 10, as in 9 or 8,9.", valueName: "list"))
        var folds = Folds([9])

        @Option(
            help: ArgumentHelp("The policy: a TOML file, or one of \(AlarmPolicy.shipped.joined(separator: ", ")).", valueName: "policy"))
        var policy = "bedside"

        @Option(help: ArgumentHelp("Another number is another order of the exams.", valueName: "number"))
        var seed: UInt64 = 1

        @OptionGroup var model: ModelOptions

        func run() throws {
            Interrupt.catchSignals()
            let model = try model.load()
            let trial = PolicyTrial(try AlarmPolicy.load(policy, model: model), model: model)
            try trial.run(folder: folder, folds: folds.numbers, seed: seed)
            let output = ByteOutput.standard()
            for line in trial.lines { try output.line(line) }
            try output.flush()
        }
    }
}
