// The thread of an outlet beside the first: takes its messages out and hands them to whoever shows or stores them.

import PrecordiaDevice
import PrecordiaHost
import PrecordiaReport

/// An outlet with its sink and its thread.
///
/// - Thread: ``start()`` and ``end()`` from one; the sink is touched by the thread alone.
package final class OutletThread {
    package let outlet: LiveOutlet
    private let sink: any LiveSink
    private var thread: JoinedThread?

    private static let interval: Int32 = 66

    package init(_ outlet: LiveOutlet, _ sink: any LiveSink) {
        self.outlet = outlet
        self.sink = sink
    }

    /// Starts the thread; false if the system has none left.
    func start() -> Bool {
        thread = JoinedThread { [outlet, sink] in Self.serve(outlet, sink) }
        return thread != nil
    }

    /// Waits until the outlet has taken everything, at most so long.
    ///
    /// - Returns: why it died, or that it did not end; nil if all is well.
    func end(seconds: Int32 = 5) -> String? {
        guard let thread else { return nil }
        let hasEnded = thread.join(seconds: seconds)
        self.thread = nil
        if let problem = outlet.problem { return "\(outlet.name): \(problem)" }
        return hasEnded ? nil : "\(outlet.name): it has not taken everything within \(seconds) s of the session's end; the rest is lost"
    }

    private static func serve(_ outlet: LiveOutlet, _ sink: any LiveSink) {
        var sink = sink
        var figures = LiveFigures()
        var missed = OutletLoss()
        do throws(RuntimeError) {
            while true {
                guard let chunk = outlet.ring.next() else {
                    try sink.pause()
                    outlet.ring.wait(milliseconds: interval)
                    continue
                }
                let message = LiveMessage(chunk)
                var isLast = false
                if case .figures(let new) = message { figures = new }
                if case .finished = message { isLast = true }
                if message.isRegular, outlet.loss != missed {
                    let loss = outlet.loss
                    try sink.miss(loss - missed)
                    missed = loss
                }
                try sink.take(message, at: LiveMessage.time(of: chunk))
                outlet.ring.release()
                guard isLast else { continue }
                try sink.finish(figures)
                return outlet.end()
            }
        } catch {
            outlet.die("\(error)")
        }
    }
}

extension LiveMessage {
    /// Whether it comes each second and at the end whatever happens.
    var isRegular: Bool {
        switch self {
        case .figures, .finished: true
        default: false
        }
    }
}
