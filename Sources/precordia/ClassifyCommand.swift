// `precordia classify`: a row of probabilities for each exam, as many exams at a time as there are cores.
// Rows come in the order of the records whatever the number of threads.

import ArgumentParser
import Glibc
import PrecordiaExams
import PrecordiaFormats
import PrecordiaHost
import PrecordiaSession

extension ExamFormat: ExpressibleByArgument {}

struct ClassifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "classify", abstract: "Classify recorded exams, one row each.",
        discussion: """
            Probabilities are the mean over the exam's 10 s windows. A record that cannot be read gives an error row, \
            and the exit status is 1 after all others are done.
            """)

    @Argument(
        help: ArgumentHelp("Records, folders of records, @FILE with one on each line, or @- for standard input.", valueName: "record"))
    var records: [String]

    @Option(
        help: "csv, json (an object a line), table (for a person), or bits (the last window's logits of all labels, as binary32 patterns).")
    var format = ExamFormat.csv

    @Option(help: ArgumentHelp("Exams at a time; the number of cores if not given.", valueName: "count"))
    var jobs: Int?

    @Option(
        help: ArgumentHelp(
            "Columns: a label set of the model (statements, subclasses, superclasses, forms, code), or the classes derived from labels.",
            valueName: "set"))
    var labels = "statements"

    @Flag(help: "Let the classifier hear bad leads as they were recorded instead of mending them; for comparison with training.")
    var asRecorded = false

    @Flag(
        help:
            "Add what is measured (docs/measurements.md), and for each class that a published criterion defines whether it is met: status \"criterion\", no probability."
    )
    var measurements = false

    @Flag(help: "A row for each 10 s of a record, as if it were an exam of its own, with the second at which it begins; for long records.")
    var windows = false

    @Option(name: [.short, .long], help: ArgumentHelp("Write the rows to this file instead of standard output.", valueName: "file"))
    var output: String?

    @Option(
        help: ArgumentHelp(
            "Leave out records that have rows in this file, an earlier output; if it is that of -o, the new rows come behind them.",
            valueName: "file"))
    var skipDone: String?

    @Option(help: ArgumentHelp("Only one machine's share: every Nth record from the Ith on.", valueName: "i/n"))
    var shard: String?

    @OptionGroup var leads: LeadOptions

    @OptionGroup var model: ModelOptions

    func validate() throws {
        guard !records.isEmpty else { throw ValidationError("No record is given.") }
        guard jobs == nil || (1...1024).contains(jobs!) else { throw ValidationError("--jobs takes 1 to 1024.") }
        guard !measurements || format == .csv || format == .json else {
            throw ValidationError("--measurements are columns of csv and json.")
        }
        guard !windows || (!measurements && (format == .csv || format == .json)) else {
            throw ValidationError("--windows has rows of csv and json, without --measurements.")
        }
        guard skipDone == nil || format == .csv || format == .json else { throw ValidationError("--skip-done reads csv and json.") }
        guard labels == "statements" || format != .bits else { throw ValidationError("--format bits has all labels; leave --labels out.") }
    }

    func run() throws {
        Interrupt.catchSignals()
        let model = try model.load()
        let columns = try ExamColumns(labels, of: model)
        let converted = ConvertedRecords()
        defer { converted.remove() }
        var entries = RecordList.expand(RecordArguments.withStandardInput(records))
        if let shard { entries = try Shard(shard).of(entries) }
        let done = try skipDone.map { path throws(RuntimeError) in try DoneRecords(path: path, format: format) }
        let list = converted.convert(entries).filter { done?.contains($0.path) != true }
        let naming = try leads.naming()
        let rows = ExamRows(
            vocabulary: model.vocabulary, format: format, columns: columns, measures: measurements, windows: windows,
            style: self.output == nil ? Style.fitting(descriptor: 1) : .plain)
        let output = try rowsOutput(behind: done)
        let bar = ProgressBar()
        let isTerminal = self.output == nil && isatty(1) == 1
        if let heading = rows.heading, !isContinued(done) { try output.line(heading) }
        let threads = min(jobs ?? Machine.processors, max(1, list.count))
        let pool = OrderedJobs<ExamOutcome>(count: list.count, threads: threads)
        var count: UInt64 = 0
        var failures = 0
        try pool.run(worker: {
            ExamClassifier.worker(
                model: model, mendsLeads: !asRecorded, naming: naming, measures: measurements, windows: windows, entries: list)
        }) { outcome in
            if Interrupt.isRequested {
                bar.hide()
                try output.flush()
                StandardError.say("interrupted after \(count) of \(list.count) records")
                throw ExitCode(Interrupt.exitStatus)
            }
            count += 1
            if case .failure(let error) = outcome.result {
                failures += 1
                bar.hide()
                StandardError.say("\(error)")
            }
            if isTerminal { bar.hide() }
            try output.lines(rows.row(outcome))
            bar.update(done: count, total: UInt64(list.count), note: "\(count) of \(list.count) exams")
        }
        bar.hide()
        try output.flush()
        if failures > 0 {
            if list.count > 1 { StandardError.say("\(Text.counted(failures, "record")) of \(list.count) could not be classified") }
            throw ExitCode(1)
        }
    }
    /// Whether the rows come behind those of an earlier run.
    private func isContinued(_ done: DoneRecords?) -> Bool { output != nil && output == skipDone && (done?.wholeBytes ?? 0) > 0 }

    /// Where the rows go: standard output, or a file, made anew unless the rows that it has are to be continued.
    private func rowsOutput(behind done: DoneRecords?) throws(RuntimeError) -> ByteOutput {
        guard let output else { return .standard() }
        return try .writing(to: output, from: isContinued(done) ? done?.wholeBytes ?? 0 : 0)
    }
}
