// Who shows or stores what a session says: the far end of an outlet.

package import PrecordiaDevice
package import PrecordiaHost
package import PrecordiaReport

/// Shows or stores what a session says.
///
/// - Thread: one at a time, its outlet's.
package protocol LiveSink {
    /// Takes a message, and when what it tells was; nil in a session without times. Anything it throws ends the outlet.
    mutating func take(_ message: LiveMessage, at time: EventTime?) throws(RuntimeError)
    /// So much was lost since this was last said, because this sink was too slow; told at most once a second and at the end.
    mutating func miss(_ loss: OutletLoss) throws(RuntimeError)
    /// Nothing came for a while.
    mutating func pause() throws(RuntimeError)
    /// Nothing more comes.
    mutating func finish(_ figures: LiveFigures) throws(RuntimeError)
}

extension LiveSink {
    package mutating func miss(_ loss: OutletLoss) throws(RuntimeError) {}
    package mutating func pause() throws(RuntimeError) {}
}

/// Shows nothing: for measurements.
package struct NoSink: LiveSink {
    package init() {}
    package mutating func take(_ message: LiveMessage, at time: EventTime?) throws(RuntimeError) {}
    package mutating func finish(_ figures: LiveFigures) throws(RuntimeError) {}
}
