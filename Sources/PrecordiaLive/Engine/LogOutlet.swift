// The log of alerts as an outlet: lines and frames on their way to the program that keeps them.
// What the engine's thread has to know of it, the recorder's state, it asks; it never hands it anything but messages.

import PrecordiaCompanion
import PrecordiaDevice
import PrecordiaHost
import PrecordiaReport

/// Feeds the log.
///
/// - Thread: its outlet's, but for ``feed``'s status, which any may ask for.
struct LogOutlet: LiveSink {
    let outlet: LiveOutlet
    let feed: LogFeed
    private let writer: LineWriter

    init(_ feed: LogFeed, writer: LineWriter) {
        outlet = LiveOutlet("log", wants: [.lines, .signal])
        self.feed = feed
        self.writer = writer
    }

    mutating func take(_ message: LiveMessage, at time: EventTime?) throws(RuntimeError) {
        switch message {
        case .stream(let facts): feed.begin(facts.format)
        case .signal(let frames): for frame in frames { feed.push(frame) }
        case .figures: feed.flush()
        default: break
        }
        if let line = writer.line(message, at: time) { feed.append(line) }
    }

    mutating func miss(_ loss: OutletLoss) throws(RuntimeError) { feed.miss(lines: loss.lines, frames: loss.frames) }

    mutating func pause() throws(RuntimeError) {}

    mutating func finish(_ figures: LiveFigures) throws(RuntimeError) { feed.finish() }
}

extension LiveEngine {
    /// Lets the recorder store what waits, and says what the log lacks.
    func endLog() {
        guard let log else { return }
        outlets.finish(log.outlet)
        let deadline = Monotonic.now() + 6_000_000_000
        while !log.outlet.isOver, Monotonic.now() < deadline { Monotonic.sleep(until: Monotonic.now() + 1_000_000) }
        let status = log.feed.status
        if !log.feed.isWhole {
            outlets.note("entries of this session that the log of alerts lacks: \(status.waiting + status.linesRefused)")
        }
        if status.framesRefused > 0 { outlets.note("frames that the ECG in the log of alerts lacks: \(status.framesRefused)") }
    }

    /// What outlets miss.
    func tellOutlets(isLast: Bool = false) {
        for words in outletWatch.news(outlets.all, isLast: isLast) { outlets.note(words) }
    }
}
