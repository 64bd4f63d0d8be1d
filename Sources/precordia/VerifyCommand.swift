// `precordia verify`: holds a capture of a device against the wire protocol's specification.
// For those who write firmware; a host gets along with much of what is a fault here.

import ArgumentParser
import PrecordiaBoards
import PrecordiaHost

struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check a capture of a device for conformance, and explain each fault.",
        discussion: """
            The capture is what the device sent, byte for byte, as precordia capture or any other tool stores it. Each fault is told with its place, its value
            and the section of firmware-protocol/SPEC.md. Exit status: 0 conformant, 1 not, or the file cannot be read, 64 wrong command line.
            """)

    @Argument(help: ArgumentHelp("The capture, or - for standard input.", valueName: "file"))
    var file: String

    @Option(help: ArgumentHelp("How blocks are laid into the bytes; cobs of a serial line.", valueName: "plain|cobs"))
    var framing = DeviceFraming.plain

    @Flag(help: "One JSON object for each finding, and one at the end.")
    var json = false

    func run() throws {
        let capture = try CaptureFile(path: file)
        let check = Conformance(capture.bytes, framing: framing.link)
        let output = ByteOutput.standard()
        if json {
            try ConformanceReport.writeJSON(check, name: file, to: output)
        } else {
            try ConformanceReport.write(check, name: file, to: output)
        }
        try output.flush()
        if !check.isConformant { throw ExitCode(1) }
    }
}
