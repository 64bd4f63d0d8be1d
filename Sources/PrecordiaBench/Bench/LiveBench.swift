// What the live path costs in time: a simulated device in real time, from the completion of a transfer to the event.
// Apart from the other figures, because it takes as long as the signal does and cannot be interleaved with anything.

import PrecordiaBoards
package import PrecordiaDevice
package import PrecordiaHost
import PrecordiaLive
import PrecordiaSession

/// Latency of the live path on this machine, by kind of line.
package enum LiveBench {
    /// One line's figures.
    package struct Result {
        package var line: String
        package var figures: LiveFigures
    }

    /// Plays a simulated device on a pseudo-terminal and over TCP, `seconds` of signal each.
    ///
    /// - Parameters:
    ///   - rate: hertz.
    ///   - hop: seconds between two answers; a shorter one gives more events to count.
    package static func run(seconds: Double, rate: Int, hop: Double, realTime: RealTime) throws(RuntimeError) -> [Result] {
        let model = try LoadedModel.shipped()
        let options = try Replay.options(hopSeconds: hop, model: model)
        var results: [Result] = []
        let lines: [(String, DeviceTransport)] = [
            ("pseudo-terminal", .serial(path: nil, baud: 115_200)), ("TCP, loopback", .tcp(host: "127.0.0.1", port: 0)),
        ]
        for (line, transport) in lines {
            let source = try SimulatedSource.start("normal", rate: rate, at: transport)
            var settings = LiveSettings(source: source, options: options, output: .lines(top: 5), realTime: realTime)
            settings.seconds = seconds
            var sink = NoSink()
            let session = try LiveSession(settings, model: model)
            results.append(Result(line: line, figures: try session.run(&sink).figures))
            if Interrupt.isRequested { throw .interrupted(file: "bench") }
        }
        return results
    }

    /// The table that a person reads.
    package static func table(_ results: [Result]) -> [String] {
        results.flatMap { result in
            [
                "\(result.line):",
                "  from transfer to event:  \(result.figures.eventLatency.text) of \(Text.counted(Int(result.figures.eventLatency.count), "event"))",
                "  from transfer to frames: \(result.figures.transferLatency.text) of \(Text.counted(Int(result.figures.transferLatency.count), "transfer"))",
                "  " + (result.figures.hasLoss ? result.figures.summary[1] : "nothing was lost"),
            ]
        }
    }
}
