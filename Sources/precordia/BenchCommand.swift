// `precordia bench`: what models, filters and engine cost on this machine.
// For the board that it will run on; tools/bench holds the same figures against other runtimes.

import ArgumentParser
import PrecordiaRuntime

struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure speed and memory on this machine.",
        discussion: """
            Whole windows, hops and single layers by each kernel that runs here, against the instruction set's own peak; filters, \
            frames and start. Medians of interleaved rounds in one thread: pin it to a core (taskset -c 1) and leave the machine alone.
            """)

    @Option(
        name: .customLong("model"),
        help: ArgumentHelp("Measure this model instead of the shipped one; may be given again.", valueName: "file"))
    var models: [String] = []

    @Option(help: ArgumentHelp("Only this kernel, or 'best'.", valueName: "name"))
    var kernel: String?

    @Option(help: ArgumentHelp("How long to measure; at least five rounds are made.", valueName: "seconds"))
    var seconds = 10.0

    @Flag(help: "One JSON object with every figure.")
    var json = false

    func validate() throws {
        guard seconds > 0 && seconds <= 3600 else { throw ValidationError("--seconds takes more than 0 up to 3600, not \(seconds).") }
    }

    func run() throws {
        Interrupt.catchSignals()
        let result: BenchResult
        do {
            result = try Bench.run(models.isEmpty ? [nil] : models.map(Optional.some), kernel: kernel, seconds: seconds)
        } catch {
            guard case RuntimeError.interrupted = error else { throw error }
            Complaint.say("interrupted; no figure is given for a part of the rounds")
            throw ExitCode(Interrupt.exitStatus)
        }
        let output = ByteOutput.standard()
        if json {
            try output.lines(BenchJSON(result).line)
        } else {
            for line in BenchText(result, style: Style.fitting(descriptor: 1)).lines { try output.line(line) }
        }
        try output.flush()
    }
}
