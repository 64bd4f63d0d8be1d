// Events as lines of JSON in memory that grows: what the program needs around EventReport, which says everything.

package import PrecordiaEngine
import PrecordiaHost
import PrecordiaReport
import PrecordiaText

/// Writes a stream's events, one JSON object a line, after `docs/events.md`.
package struct EventLines {
    private let name: String
    /// Statements in each answer; nil for all of them, and the classes too.
    private let top: Int?

    package init(record name: String, top: Int? = nil) {
        self.name = name
        self.top = top
    }

    /// The first line: what is read by what.
    package func opening(_ stream: StreamDescription, _ host: EngineHost) -> [UInt8] {
        line { report, text in report.opening(host.engine, leads: stream.leads, frames: stream.frames, into: &text) }
    }

    /// One event, while the engine holds its answer.
    package func line(_ event: Event, _ host: EngineHost) -> [UInt8] {
        line { report, text in report.line(event, host.engine, into: &text) }
    }

    /// The last line: how far the stream went and what was counted.
    package func closing(_ result: SessionResult, _ host: EngineHost) -> [UInt8] {
        line { report, text in
            report.closing(host.engine, sample: result.samples, interrupted: result.wasInterrupted, into: &text)
        }
    }

    /// A line in place of a stream that could not be read, or stopped being readable.
    package func failure(_ message: String) -> [UInt8] {
        line { report, text in message.utf8Bytes { report.failure($0, into: &text) } }
    }

    private func line(_ write: (EventReport, inout JSONText) -> Void) -> [UInt8] {
        name.utf8Bytes { name in
            JSONText.collected { write(EventReport(name: name, top: top), &$0) }
        }
    }
}
