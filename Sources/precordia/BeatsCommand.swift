// `precordia beats`: the heartbeats of a recording, as a table, as JSON lines or as a WFDB annotation file.
// What finds them is the engine's; this reads options and writes.

import ArgumentParser
import Glibc
import PrecordiaBench
import PrecordiaExams
import PrecordiaFormats
import PrecordiaHost
import PrecordiaSession

struct BeatsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "beats", abstract: "Find the heartbeats of a recording.",
        discussion: """
            A record is a WFDB record by its path, with or without .hea; one lead is enough. With -o the beats are written as WFDB annotations \
            (N, V for those like premature ventricular beats, / for paced ones), for WFDB's own tools and viewers.
            """)

    @Argument(help: ArgumentHelp("The record.", valueName: "record"))
    var record: String?

    @Option(
        name: [.customShort("o"), .customLong("output")], help: ArgumentHelp("Write WFDB annotations to this file.", valueName: "file"))
    var file: String?

    @OptionGroup var leads: LeadOptions

    @Flag(help: "One JSON object a line, as docs/beats.md describes it.")
    var json = false

    @Flag(help: "With --json also a line for each second: the rate, and what the engine's rules of rhythm are given.")
    var seconds = false

    @Flag(
        help: "No record: play the test bench's signals and print what is required and measured, as a table. Fails if a clause is not held."
    )
    var clauses = false

    func validate() throws {
        guard (record == nil) == clauses else { throw ValidationError("Give a record, or --clauses without one.") }
    }

    func run() throws {
        guard let record else { return try printClauses() }
        let converted = ConvertedRecords()
        defer { converted.remove() }
        let entries = converted.convert([RecordList.Entry(path: record)])
        guard entries.count == 1, let entry = entries.first else {
            throw RuntimeError.badRecord(file: record, problem: "\(entries.count) recordings are in it; precordia-convert takes them apart")
        }
        if let failure = entry.failure { throw RuntimeError(failure) }
        let listing = try BeatListing(record: entry.opened, naming: try leads.naming())
        StandardError.say(warnings: listing.record.warnings, of: record)
        if let file {
            do throws(RecordError) { try AnnotationFile.write(listing.annotations, path: file) } catch { throw RuntimeError(error) }
        }
        let output = ByteOutput.standard()
        if json {
            for line in BeatText.lines(listing, record: record, seconds: seconds) { try output.lines(line) }
        } else {
            for line in BeatText.table(listing, isShort: file != nil) { try output.line(line) }
        }
        try output.flush()
    }

    private func printClauses() throws {
        let all = try BeatClauses.all(try LoadedModel.open(nil))
        let output = ByteOutput.standard()
        for line in BeatClauses.table(all) { try output.line(line) }
        try output.flush()
        if all.contains(where: { !$0.isHeld }) { throw ExitCode(1) }
    }
}
