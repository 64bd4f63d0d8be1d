// `precordia evaluate`: how well the model's answers agree with the labels of a data set.
// One command for every layout, so that a hospital's own exams are judged like the published ones.

import ArgumentParser
import Glibc
import PrecordiaEvaluation
import PrecordiaHost
import PrecordiaSession

struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate", abstract: "Judge the model's answers against the labels of recorded exams.",
        discussion: """
            ptbxl: PTB-XL with its two tables. cpsc2018, cinc2021: diagnoses in each header. records: any folder of WFDB records, \
            with --labels FILE.csv (record,codes). The answers are those of 'precordia classify'.
            """)

    enum Dataset: String, CaseIterable, ExpressibleByArgument {
        case ptbxl, cpsc2018, cinc2021, records
    }

    @Argument(help: "ptbxl, cpsc2018, cinc2021 or records.")
    var dataset: Dataset

    @Argument(help: ArgumentHelp("The data set's folder.", valueName: "dir"))
    var folder: String

    @Option(help: ArgumentHelp("Folds of ptbxl, from 1 to 10, such as 9,10; 10 if not given.", valueName: "list"))
    var folds: Folds?

    @Option(help: ArgumentHelp("Records of ptbxl at 100 or 500 Hz; 100 if not given.", valueName: "hertz"))
    var rate: Int?

    @Option(help: ArgumentHelp("Labels for records: a CSV with the columns record and codes.", valueName: "file"))
    var labels: String?

    @Flag(help: "One JSON object with every figure, interval and name.")
    var json = false

    @Option(help: ArgumentHelp("Bootstrap samples for the 95 % intervals; 0 for none.", valueName: "count"))
    var bootstrap = 1000

    @Option(help: ArgumentHelp("Another number draws other bootstrap samples.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Judge only the first exams.", valueName: "count"))
    var limit: Int?

    @Option(help: ArgumentHelp("Exams at a time; the number of cores if not given.", valueName: "count"))
    var jobs: Int?

    @Flag(help: "Let the classifier hear bad leads as they were recorded instead of mending them; for comparison with training.")
    var asRecorded = false

    @OptionGroup var model: ModelOptions

    func validate() throws {
        guard jobs == nil || (1...1024).contains(jobs!) else { throw ValidationError("--jobs takes 1 to 1024.") }
        guard (0...100_000).contains(bootstrap) else { throw ValidationError("--bootstrap takes 0 to 100000, not \(bootstrap).") }
        guard limit == nil || limit! > 0 else { throw ValidationError("--limit takes 1 or more.") }
        guard rate == nil || rate == 100 || rate == 500 else { throw ValidationError("--rate takes 100 or 500, not \(rate!).") }
        guard dataset == .ptbxl || (folds == nil && rate == nil) else { throw ValidationError("--folds and --rate are for ptbxl.") }
        guard (dataset == .records) == (labels != nil) else {
            throw ValidationError(labels == nil ? "records needs --labels FILE.csv." : "--labels is for records.")
        }
    }

    private func plan(_ vocabulary: Vocabulary) throws -> EvaluationPlan {
        let folder = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        switch dataset {
        case .ptbxl:
            return try PTBXLDataset.plan(folder: folder, folds: folds?.numbers ?? [10], rate: rate ?? 100, vocabulary: vocabulary)
        case .cpsc2018: return try CinCDataset.cpsc2018(folder: folder, vocabulary: vocabulary)
        case .cinc2021: return try CinCDataset.cinc2021(folder: folder, vocabulary: vocabulary)
        case .records: return try LabelledRecords.plan(folder: folder, labels: labels!, vocabulary: vocabulary)
        }
    }

    func run() throws {
        Interrupt.catchSignals()
        let model = try model.load()
        var plan = try plan(model.vocabulary)
        if let limit { plan.limit(to: limit) }
        let bar = ProgressBar()
        let evaluation: Evaluation
        do {
            evaluation = try Evaluation.run(
                plan, model: model, mendsLeads: !asRecorded, threads: jobs ?? Machine.processors,
                bootstrap: Bootstrap(samples: bootstrap, seed: seed)
            ) { done, total, what in
                bar.update(done: UInt64(done), total: UInt64(total), note: "\(Text.grouped(done)) of \(Text.grouped(total)) \(what)")
            }
            bar.hide()
        } catch {
            bar.hide()
            guard case RuntimeError.interrupted = error else { throw error }
            StandardError.say("interrupted; no figure is given for a part of the exams")
            throw ExitCode(Interrupt.exitStatus)
        }
        try write(evaluation)
        guard evaluation.unread.isEmpty else {
            for error in evaluation.unread.prefix(5) { StandardError.say("\(error)") }
            StandardError.say("\(Text.counted(evaluation.unread.count, "exam")) of \(plan.exams.count) could not be read")
            throw ExitCode(1)
        }
    }

    private func write(_ evaluation: Evaluation) throws {
        let output = ByteOutput.standard()
        if json {
            try output.lines(EvaluationJSON(evaluation).line)
        } else {
            for line in EvaluationText(evaluation, style: Style.fitting(descriptor: 1)).lines { try output.line(line) }
        }
        try output.flush()
    }
}

/// Folds of PTB-XL, as a person lists them: numbers from 1 to 10, such as 9,10.
struct Folds: ExpressibleByArgument {
    let numbers: Set<Int>
    var defaultValueDescription: String { numbers.sorted().map { String($0) }.joined(separator: ",") }

    init(_ numbers: Set<Int>) { self.numbers = numbers }

    init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { Int($0) }.filter { (1...10).contains($0) }
        guard numbers.count == parts.count else { return nil }
        self.init(Set(numbers))
    }
}
