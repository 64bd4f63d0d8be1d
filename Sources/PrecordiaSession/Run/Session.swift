// The whole way of a sample through the program: source, pace, engine, figures, listener.
// Live and replay are this one loop; only the source and the pace differ.

package import PrecordiaEngine
package import PrecordiaHost
import PrecordiaSignal

/// What was measured while a session ran. Not part of any compared output.
package struct SessionFigures {
    /// Nanoseconds that the engine took for a frame: push and every poll.
    package var allFrames = LatencyHistogram()
    /// The same, of the frames that brought an answer.
    package var answeringFrames = LatencyHistogram()
    /// Nanoseconds from the first frame to the last event.
    package var elapsed: Int64 = 0

    package init() {}
}

/// How a session ended.
package struct SessionResult {
    /// Frames from the first to the last, missing ones included.
    package var samples: UInt64 = 0
    package var counters = EngineCounters()
    package var figures = SessionFigures()
    /// Whether a person or the system ended it before the source did.
    package var wasInterrupted = false

    package init() {}
}

/// Runs one stream through an engine.
///
/// - Thread: the caller's, until the stream ends. Memory: nothing that grows with the stream.
package enum Session {
    /// Plays a source to its end, or until ``Interrupt``.
    ///
    /// - Parameters:
    ///   - source: gives frames in order.
    ///   - host: an engine prepared for the source's format.
    ///   - onFrame: called after each frame with its index and the figures so far; the engine then shows that instant.
    ///   - onEvent: called for each event, in order, before the next frame.
    /// - Throws: what the source or a listener throws; events up to there have been delivered.
    package static func run(
        _ source: inout SignalSource, through host: EngineHost, speed: Speed,
        onFrame: (UInt64, EngineHost, SessionFigures) throws(RuntimeError) -> Void,
        onEvent: (Event, EngineHost) throws(RuntimeError) -> Void
    ) throws(RuntimeError) -> SessionResult {
        var result = SessionResult()
        var events: [Event] = []
        events.reserveCapacity(256)
        let started = Monotonic.now()
        var pacer: Pacer?
        if case .times(let factor) = speed { pacer = Pacer(rate: host.engine.stream.rate, factor: factor) }

        var frame = Frame(index: 0)
        while try source.next(into: &frame) {
            pacer?.wait(for: frame.index) { Interrupt.isRequested }
            if Interrupt.isRequested {
                result.wasInterrupted = true
                break
            }
            let before = Monotonic.now()
            host.engine.push(frame)
            while let event = host.engine.poll() { events.append(event) }
            let took = Monotonic.now() - before

            result.samples = frame.index + 1
            result.figures.allFrames.record(took)
            if events.contains(where: { $0.isAnswer }) { result.figures.answeringFrames.record(took) }
            try onFrame(frame.index, host, result.figures)
            for event in events { try onEvent(event, host) }
            events.removeAll(keepingCapacity: true)
        }
        var more = !result.wasInterrupted
        while more {
            more = host.engine.drain()
            while let event = host.engine.poll() { try onEvent(event, host) }
        }
        result.counters = host.engine.counters
        result.figures.elapsed = Monotonic.now() - started
        return result
    }
}
