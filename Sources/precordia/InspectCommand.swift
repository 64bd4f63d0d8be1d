// `precordia inspect`: what a record or a model holds, in words, with its problems.
// The first thing to run when a file does not do what was expected.

import ArgumentParser
import Glibc
import PrecordiaExams
import PrecordiaFormats
import PrecordiaHost
import PrecordiaSession

struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Say what a record or model file holds, and what is wrong with it.",
        discussion: "Without a file it describes the shipped model.")

    @Argument(help: ArgumentHelp("Records, folders of records, @FILE with one on each line, or model files.", valueName: "file"))
    var files: [String] = []

    @OptionGroup var leads: LeadOptions

    func run() throws {
        Interrupt.catchSignals()
        let output = ByteOutput.standard()
        let converted = ConvertedRecords()
        defer { converted.remove() }
        var failures = 0
        if files.isEmpty { try describe(model: nil, output) }
        let entries = files.flatMap {
            LoadedModel.looksLikeModel($0) ? [RecordList.Entry(path: $0)] : converted.convert(RecordList.expand([$0]))
        }
        for entry in entries {
            if Interrupt.isRequested { throw ExitCode(Interrupt.exitStatus) }
            do throws(RuntimeError) {
                if let failure = entry.failure { throw RuntimeError(failure) }
                guard try describe(entry, output) else {
                    failures += 1
                    continue
                }
            } catch {
                if case .outputClosed = error { throw error }
                if case .cannotWrite = error { throw error }
                try output.flush()
                StandardError.say("\(error)")
                failures += 1
            }
        }
        try output.flush()
        if failures > 0 { throw ExitCode(1) }
    }

    private func describe(model file: String?, _ output: ByteOutput) throws(RuntimeError) {
        for line in ModelReport.lines(try LoadedModel.open(file)) { try output.line(line) }
    }

    private func describe(_ entry: RecordList.Entry, _ output: ByteOutput) throws(RuntimeError) -> Bool {
        if LoadedModel.looksLikeModel(entry.path) {
            try describe(model: entry.path, output)
            return true
        }
        if entry.opened != entry.path { try output.line(Text.printable("\(entry.path), as \(ConvertedRecords.program) reads it:")) }
        let report = try RecordReport.lines(path: entry.opened, naming: try leads.naming())
        for line in report.lines { try output.line(line) }
        return report.isWhole
    }
}
