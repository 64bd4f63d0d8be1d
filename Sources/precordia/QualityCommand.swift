// `precordia quality`: whether an exam's signal can be read, lead by lead, and what is wrong with it.
// Apart from classify, because it needs no model and says more.

import ArgumentParser
import Glibc
import PrecordiaExams
import PrecordiaFormats
import PrecordiaHost
import PrecordiaSession

struct QualityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quality", abstract: "Say how good the signal of recorded exams is, lead by lead.",
        discussion: """
            A row of CSV for each 10 s: the engine's verdict, whether a person would accept the exam, its index (that of its worst lead, \
            0 to 1), what was found, and each lead's index. docs/quality.md says what counts.
            """)

    @Argument(help: ArgumentHelp("Records, folders of records, or @FILE with one on each line.", valueName: "record"))
    var records: [String]

    @OptionGroup var leads: LeadOptions

    func validate() throws {
        guard !records.isEmpty else { throw ValidationError("No record is given.") }
    }

    func run() throws {
        Interrupt.catchSignals()
        let naming = try leads.naming()
        let output = ByteOutput.standard()
        try output.line(RecordQuality.heading)
        var failures = 0
        let converted = ConvertedRecords()
        defer { converted.remove() }
        for entry in converted.convert(RecordList.expand(records)) {
            do throws(RuntimeError) {
                if let failure = entry.failure { throw RuntimeError(failure) }
                for window in try RecordQuality.windows(record: entry.opened, naming: naming) {
                    try output.line(RecordQuality.row(window, record: entry.path))
                }
            } catch {
                if case .outputClosed = error { throw error }
                if case .cannotWrite = error { throw error }
                if case .interrupted = error {
                    try output.flush()
                    StandardError.say("\(error)")
                    throw ExitCode(Interrupt.exitStatus)
                }
                try output.flush()
                StandardError.say("\(error)")
                failures += 1
            }
        }
        try output.flush()
        if failures > 0 { throw ExitCode(1) }
    }
}
