// `precordia export`: the samples of a recorded exam, as CSV or as a plain WFDB record.
// What reads and writes is the room PrecordiaExams; this reads options.

import ArgumentParser
import Glibc
import PrecordiaExams
import PrecordiaFormats
import PrecordiaHost
import PrecordiaSession

struct ExportCommand: ParsableCommand {
    enum Form: String, ExpressibleByArgument, CaseIterable {
        case csv
        case wfdb
    }

    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write the samples of a recorded exam, lead by lead.",
        discussion: """
            csv has a column in microvolts for each lead that is heard, an empty cell for a missing sample, and what precordia.read of the Python \
            package reads again. wfdb is one record of one file, with the record's own counts.
            """)

    @Argument(help: ArgumentHelp("The record.", valueName: "record"))
    var record: String

    @Option(help: "csv or wfdb.")
    var format = Form.csv

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp("For wfdb: the record to write, with or without .hea. csv goes to standard output.", valueName: "name"))
    var name: String?

    @OptionGroup var leads: LeadOptions

    func validate() throws {
        guard (format == .wfdb) == (name != nil) else {
            throw ValidationError(
                format == .wfdb ? "--format wfdb writes two files; -o names them." : "csv goes to standard output; leave -o out.")
        }
    }

    func run() throws {
        Interrupt.catchSignals()
        let converted = ConvertedRecords()
        defer { converted.remove() }
        let entries = converted.convert([RecordList.Entry(path: record)])
        guard entries.count == 1, let entry = entries.first else {
            throw RuntimeError.badRecord(file: record, problem: "\(entries.count) recordings are in it; precordia-convert takes them apart")
        }
        if let failure = entry.failure { throw RuntimeError(failure) }
        let exam = try SignalSource.open(entry.opened, try leads.naming())
        StandardError.say(warnings: exam.warnings, of: record)
        if let name { return try RecordExport.writeRecord(exam, path: name) }
        let output = ByteOutput.standard()
        try RecordExport.table(exam) { (bytes) throws(RuntimeError) in try output.lines(bytes) }
        try output.flush()
    }
}
