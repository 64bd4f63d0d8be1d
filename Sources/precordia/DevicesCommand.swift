// `precordia devices`: what could be given to monitor and capture as a source.

import ArgumentParser
import PrecordiaDevice
import PrecordiaHost

struct DevicesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "devices", abstract: "List USB devices that speak the protocol, and serial lines.")

    @Flag(help: "One JSON object a line.")
    var json = false

    func run() throws {
        let output = ByteOutput.standard()
        let devices = try LiveDevice.list()
        for device in devices {
            guard json else {
                let mark =
                    device.isRecognised ? (device.isPermitted ? "ready" : "no access") : (device.isPermitted ? "unknown" : "no access")
                try output.line("\(Text.printable(device.source))  \(mark)  \(Text.printable(device.words))")
                continue
            }
            var line = JSONLine()
            line.add("source", device.source)
            line.add("words", device.words)
            line.add("permitted", device.isPermitted)
            line.add("recognised", device.isRecognised)
            try output.lines(line.line)
        }
        if devices.isEmpty && !json {
            try output.line("no device: nothing on USB has the protocol's interface, and there is no serial line")
            try output.line("without one: precordia monitor --source sim:demo")
        }
        try output.flush()
    }
}
