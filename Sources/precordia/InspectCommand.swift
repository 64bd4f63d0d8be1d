// `precordia inspect`: what a record or a model holds, in words, with its problems.
// The first thing to run when a file does not do what was expected.

import ArgumentParser
import Glibc
import PrecordiaExams
import PrecordiaHost
import PrecordiaSession

struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Say what a record or model file holds, and what is wrong with it.",
        discussion: "Without a file it describes the shipped model.")

    @Argument(help: ArgumentHelp("Records, or model files.", valueName: "file"))
    var files: [String] = []

    @OptionGroup var leads: LeadOptions

    func run() throws {
        let output = ByteOutput.standard()
        var failures = 0
        for file in files.isEmpty ? [nil] : files.map(Optional.some) {
            do throws(RuntimeError) {
                guard try describe(file, output) else {
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

    private func describe(_ file: String?, _ output: ByteOutput) throws(RuntimeError) -> Bool {
        guard let file, !LoadedModel.looksLikeModel(file) else {
            for line in ModelReport.lines(try LoadedModel.open(file)) { try output.line(line) }
            return true
        }
        let report = try RecordReport.lines(path: file, naming: try leads.naming())
        for line in report.lines { try output.line(line) }
        return report.isWhole
    }
}
