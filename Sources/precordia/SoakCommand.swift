// `precordia soak`: a day of stream in simulated time, with losses of every kind, and both sides' accounts beside each other.
// For those who change the wire protocol or carry it over a new line; a short form of it is among the tests.

import ArgumentParser
import PrecordiaBench
import PrecordiaHost

struct SoakCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "soak", abstract: "A day of stream in simulated time, with losses on purpose, accounted for on both sides.",
        discussion: """
            A simulated device, the wire protocol, the decoder and the engine, as fast as they go. Sequence and ticks wrap around; data blocks are withheld and
            spoilt, the line stalls and goes away, the device restarts. Exit status: 0 if every frame was delivered or counted, 1 if not.
            """)

    @Option(help: ArgumentHelp("How long the stream is.", valueName: "hours"))
    var hours = 24.0

    @Option(help: ArgumentHelp("Plain blocks, or cobs as on a serial line.", valueName: "plain|cobs"))
    var framing = DeviceFraming.plain

    @OptionGroup var model: ModelOptions

    func validate() throws {
        guard hours >= 0.1 && hours <= 744 else { throw ValidationError("--hours takes 0.1 to 744, not \(hours).") }
    }

    func run() throws {
        Interrupt.catchSignals()
        let result = try LinkSoak.run(minutes: Int((hours * 60).rounded()), model: model.load(), framing: framing.link)
        if Interrupt.isRequested { throw ExitCode(Interrupt.exitStatus) }
        let output = ByteOutput.standard()
        let stream = Text.grouped(Int(result.streamSeconds))
        try output.line(
            "\(stream) s of stream in \(Text.fixed(result.seconds, decimals: 1)) s, \(Text.grouped(Int(result.windows))) answers")
        try output.line("")
        try output.line(Self.row("", "device", "host"))
        for row in result.rows {
            try output.line(
                Self.row(row.name, Text.grouped(Int(row.expected)), Text.grouped(Int(row.found)))
                    + (row.expected == row.found ? "" : "  <- differs"))
        }
        try output.line("")
        try output.line("sequence wrapped: \(result.sequenceWrapped ? "yes" : "no"), ticks wrapped: \(result.ticksWrapped ? "yes" : "no")")
        let early = Text.fixed(Double(result.memoryEarly) / 1_048_576, decimals: 1)
        let end = Text.fixed(Double(result.memoryEnd) / 1_048_576, decimals: 1)
        try output.line("memory: \(early) MiB when a twentieth was done, \(end) MiB at the end")
        try output.line("frames lost without a number: \(result.unexplained)")
        try output.flush()
        if !result.isWhole { throw ExitCode(1) }
    }

    private static func row(_ name: String, _ device: String, _ host: String) -> String {
        func pad(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - text.count)) }
        return "  " + name + pad(name, 46) + pad(device, 14) + device + pad(host, 14) + host
    }
}
