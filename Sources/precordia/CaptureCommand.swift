// `precordia capture`: a device's bytes into a file, exactly as they came.

import ArgumentParser
import Glibc
import PrecordiaBoards
import PrecordiaDevice
import PrecordiaHost
import PrecordiaLink
import PrecordiaLive
import PrecordiaSignal

struct CaptureCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "capture", abstract: "Store a device's stream in a file, byte for byte, to verify, watch or replay it later.",
        discussion: """
            `precordia verify FILE` says whether the device keeps to the protocol, `precordia monitor --source file:FILE` what the \
            engine says of the stream. A serial line's bytes stay COBS packets: give --framing cobs there.
            """)

    @Option(help: ArgumentHelp("Where the stream comes from, as for monitor.", valueName: "source"))
    var source = "usb"

    @Option(name: .shortAndLong, help: ArgumentHelp("The file to make; it must not be there yet.", valueName: "file"))
    var output: String

    @Option(help: ArgumentHelp("End after so many seconds of signal.", valueName: "seconds"))
    var seconds: Double?

    @Option(help: ArgumentHelp("Samples a second to ask the device for.", valueName: "hertz"))
    var rate: Int?

    @Option(help: ArgumentHelp("Blocks as they are, or COBS packets; serial lines have cobs if not given.", valueName: "plain|cobs"))
    var framing: DeviceFraming?

    @Flag(help: "Do not wait for a device that is not there, nor for one that was lost.")
    var once = false

    @OptionGroup var realTime: RealTimeOptions

    func validate() throws {
        if let rate, !StreamFormat.rates.contains(rate) { throw ValidationError("--rate takes 100 to 2000, not \(rate).") }
        if let seconds, !(seconds > 0) { throw ValidationError("--seconds takes more than 0, not \(seconds).") }
    }

    func run() throws {
        Interrupt.catchSignals()
        var settings = LiveSettings(source: source, framing: framing?.link, realTime: realTime.settings)
        settings.rate = rate
        settings.reopens = !once
        var seconds = seconds
        if let simulated = SimulatedSource.name(of: source) {
            settings.source = try SimulatedSource.start(simulated, rate: rate ?? 500)
            seconds = seconds ?? SimulatedSource.length(of: simulated)
        }
        let isShown = isatty(2) == 1
        let session = try CaptureSession(settings, path: output) { words in
            if isShown { _ = write(2, "\r\u{1B}[K", 4) }
            StandardError.say(words)
        }
        let result = try session.run(seconds: seconds) { result in
            guard isShown else { return }
            let line = "\r\(Text.grouped(Int(result.written))) bytes, \(Text.grouped(Int(result.figures.link.frames))) frames\u{1B}[K"
            _ = line.withCString { write(2, $0, strlen($0)) }
        }
        if isShown { _ = write(2, "\r\u{1B}[K", 4) }
        let standard = ByteOutput.standard()
        try standard.line("\(Text.printable(output)): \(Text.grouped(Int(result.written))) bytes")
        for line in result.figures.summary { try standard.line(line) }
        try standard.flush()
        if result.unwritten > 0 { StandardError.say("\(Text.counted(Int(result.unwritten), "byte")) not stored") }
        if let problem = result.problem {
            StandardError.say(problem)
            throw ExitCode(1)
        }
    }
}
