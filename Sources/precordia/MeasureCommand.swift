// `precordia measure`: intervals, axes, amplitudes and ST levels of recorded exams, and their marks as WFDB annotation files.
// What measures is the room PrecordiaMeasure; this reads options and writes.

import ArgumentParser
import Glibc
import PrecordiaExams
import PrecordiaFormats
import PrecordiaHost
import PrecordiaSession

struct MeasureCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure", abstract: "Measure recorded exams: rate, PR, QRS, QT, axes, ST.",
        discussion: """
            Values are those of the median beat of a record's last 10 s. What cannot be seen is left out or null, and its reason is told. \
            docs/measurements.md defines each value and says how right it is. Not a diagnosis.
            """)

    @Argument(help: ArgumentHelp("Records, folders of records, or @FILE with one on each line.", valueName: "record"))
    var records: [String]

    @Flag(help: "One JSON object a record.")
    var json = false

    @Flag(help: "A row of CSV a record.")
    var csv = false

    @Option(help: ArgumentHelp("QTc by fridericia, bazett, framingham or hodges.", valueName: "name"))
    var formula = "fridericia"

    @Option(
        help: ArgumentHelp(
            "Write the marks of every beat as WFDB annotations: NAME.global, and NAME.LEAD for each lead. One record.", valueName: "name"))
    var marks: String?

    @Option(help: ArgumentHelp("Write the median beat as a WFDB record NAME. One record.", valueName: "name"))
    var median: String?

    @OptionGroup var leads: LeadOptions

    func validate() throws {
        guard MeasureText.formula(named: formula) != nil else {
            throw ValidationError("--formula \(formula) is none: fridericia, bazett, framingham or hodges.")
        }
        guard !records.isEmpty else { throw ValidationError("No record is given.") }
        guard !(json && csv) else { throw ValidationError("Give --json or --csv, not both.") }
        guard marks == nil || records.count == 1 else { throw ValidationError("--marks writes the marks of one record; give one.") }
        guard median == nil || records.count == 1 else { throw ValidationError("--median writes the beat of one record; give one.") }
    }

    func run() throws {
        Interrupt.catchSignals()
        let naming = try leads.naming()
        let text = MeasureText(format: json ? .json : csv ? .csv : .table, formula: MeasureText.formula(named: formula)!)
        let output = ByteOutput.standard()
        if let heading = text.heading { try output.line(heading) }
        let entries = RecordList.expand(records)
        if median != nil, entries.count != 1 {
            throw ValidationError("--median writes the beat of one record; these are \(entries.count).")
        }
        if marks != nil, entries.count != 1 { throw ValidationError("--marks writes the marks of one record; these are \(entries.count).") }
        var failures = 0
        for entry in entries {
            do throws(RuntimeError) {
                if let failure = entry.failure { throw RuntimeError(failure) }
                if Interrupt.isRequested { throw .interrupted(file: entry.path) }
                let listing = try MeasureListing(record: entry.path, naming: naming, marking: marks != nil)
                StandardError.say(warnings: listing.record.warnings, of: entry.path)
                if let median { try listing.writeMedian(median, of: entry.path) }
                if let marks { _ = try MeasureMarks.write(listing, name: marks) }
                for row in text.rows(listing, record: entry.path) { try output.lines(row) }
            } catch {
                if case .outputClosed = error { throw error }
                if case .cannotWrite = error { throw error }
                try output.flush()
                StandardError.say("\(error)")
                if case .interrupted = error { throw ExitCode(Interrupt.exitStatus) }
                failures += 1
            }
        }
        try output.flush()
        if failures > 0 { throw ExitCode(1) }
    }
}
