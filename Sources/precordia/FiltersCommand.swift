// `precordia filters`: the standard filters' coefficients at a rate.
// What a verifier compares with other software.

import ArgumentParser
import Glibc
import PrecordiaExams
import PrecordiaHost
import PrecordiaSignal

struct FiltersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "filters", abstract: "Print the standard filters' sections at a sampling rate.")

    @Option(help: ArgumentHelp("Samples a second, 100 to 2000.", valueName: "hertz"))
    var rate: Int

    @Flag(help: "One JSON object a line, with the response to a unit step.")
    var json = false

    func validate() throws {
        guard StreamFormat.rates.contains(rate) else { throw ValidationError("--rate takes 100 to 2000, not \(rate).") }
    }

    func run() throws {
        let output = ByteOutput.standard()
        if json {
            for line in FilterListing.lines(rate: rate) { try output.lines(line) }
        } else {
            for line in FilterListing.table(rate: rate) { try output.line(line) }
        }
        try output.flush()
    }
}
