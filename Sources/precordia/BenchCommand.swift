// `precordia bench`: what models, filters and engine cost on this machine.
// For the board that it will run on; tools/bench holds the same figures against other runtimes.

import ArgumentParser
import PrecordiaBench
import PrecordiaHost
import PrecordiaSignal

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

    @Flag(help: "The live path instead, in real time: from a transfer's completion to the event, --seconds on each kind of line.")
    var live = false

    @Option(help: ArgumentHelp("With --live: samples a second.", valueName: "hertz"))
    var rate = 500

    @Option(help: ArgumentHelp("With --live: time between two answers.", valueName: "seconds"))
    var hop = 0.2

    @OptionGroup var realTime: RealTimeOptions

    func validate() throws {
        guard StreamFormat.rates.contains(rate) else { throw ValidationError("--rate takes 100 to 2000, not \(rate).") }
        guard seconds > 0 && seconds <= 3600 else { throw ValidationError("--seconds takes more than 0 up to 3600, not \(seconds).") }
    }

    func run() throws {
        Interrupt.catchSignals()
        do {
            if live { return try measureLive() }
            try measure()
        } catch {
            guard case RuntimeError.interrupted = error else { throw error }
            StandardError.say("interrupted; no figure is given for a part of the rounds")
            throw ExitCode(Interrupt.exitStatus)
        }
    }

    private func measureLive() throws {
        let results = try LiveBench.run(seconds: seconds, rate: rate, hop: hop, realTime: realTime.settings)
        let output = ByteOutput.standard()
        for line in LiveBench.table(results) { try output.line(line) }
        try output.flush()
    }

    private func measure() throws {
        let result = try Bench.run(models.isEmpty ? [nil] : models.map(Optional.some), kernel: kernel, seconds: seconds)
        let output = ByteOutput.standard()
        if json {
            try output.lines(BenchJSON(result).line)
        } else {
            for line in BenchText(result, style: Style.fitting(descriptor: 1)).lines { try output.line(line) }
        }
        try output.flush()
    }
}
