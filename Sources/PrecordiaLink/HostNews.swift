// What a host session tells, as numbers: no words, so that a board without memory for any can follow a device too.
// Words for all of this are PrecordiaReport's, one set for every program.

/// What a ``HostSession`` has to tell; what it is about stands in the session until the next call.
package enum HostNews: UInt8, Sendable {
    /// A stream begins with the block in hand: make an engine for ``HostSession/configuration``. Where there can be none, call ``HostSession/refuse()``.
    case began = 1
    /// The stream goes on under another session or configuration of the device. Where the engine cannot follow, call ``HostSession/refuse()``: the stream
    /// ends then, and another begins.
    case changed = 2
    /// ``HostSession/missing``: frames to be missed before the block in hand, because no index tells of them.
    case hole = 3
    /// ``HostSession/pace``, ahead of its block's frames.
    case pace = 4
    /// ``HostSession/frame``, the engine's next.
    case frame = 5
    /// The stream is over, for the reason in ``HostSession/ending``.
    case ended = 6
    /// The device idles and ``HostSession/framesLeft`` frames of those that it announced have not come.
    case unfinished = 7

    /// New signal comes: the first of a connection, or after a silence.
    case streaming = 8
    /// The line is open, and what ``HostSession/silence`` says does not come.
    case silent = 9
    /// The device has begun anew ``HostSession/restarts`` times since this was told last, in ``HostSession/deviceSession``; the stream goes on.
    case restarted = 10

    /// Nobody hears the patient: raise `device-lost`. ``HostSession/unheard`` says for how long already.
    case deviceLost = 11
    /// New signal is heard again: clear it. ``HostSession/unheard`` says for how long none was.
    case deviceFound = 12
    /// The samples contradict the rate that the device says: raise `rate-wrong`; ``HostSession/measuredRate``.
    case rateWrong = 13
    /// They agree again: clear it.
    case rateRight = 14

    /// ``HostSession/hello``.
    case hello = 15
    /// ``HostSession/event``.
    case event = 16
    /// ``HostSession/error``.
    case error = 17
    /// What became of a command: ``HostSession/reply``.
    case reply = 18
}

/// What does not come over an open line.
package enum HostSilence: UInt8, Sendable {
    /// No block of this protocol's version, nor of another.
    case line = 1
    /// Blocks come, and no samples.
    case samples = 2
    /// Samples come, and they are the same again and again.
    case same = 3
    /// Blocks come, all of another version.
    case version = 4
}

/// Why a stream is over.
package enum HostEnding: UInt8, Sendable {
    /// It came to the end that the device announced.
    case announced = 1
    /// What follows takes another engine.
    case cutOff = 2
    /// The device idles before the announced end, and the session was to end with its stream.
    case unfinished = 3
    /// ``HostSettings/limit`` has come.
    case limit = 4
}

/// What became of a command that a person should know.
package enum HostReply: UInt8, Sendable {
    /// The device streams at another rate than was asked for.
    case otherRate = 1
    /// It does not take that rate, for the reason in ``HostSession/result``.
    case rateRefused = 2
    /// It never answered the request for it.
    case rateUnanswered = 3
    /// It does not start, for the reason in ``HostSession/result``, and is asked again each second.
    case startRefused = 4
    /// It has not answered two starts in a row, and is asked again each second.
    case startUnanswered = 5
    /// It refuses another command, for the reason in ``HostSession/result``.
    case refused = 6
}

/// Where a session's stream stands.
package enum HostStream: UInt8, Sendable {
    /// None is open, and the next begins with its first frame.
    case waiting = 0
    /// One is open.
    case open = 1
    /// One is open, and another session or configuration has cut it off, whose first frame has not come yet.
    case cut = 2
    /// One has ended before its time, because the one that follows takes another engine: somebody is monitored all the same.
    case cutOff = 3
    /// The last came to the end that the device announced: nothing more need come.
    case concluded = 4
    /// The configuration in force cannot be used; another may.
    case refused = 5

    /// Whether frames are an engine's.
    package var isOpen: Bool { @_noAllocation @_noLocks get { self == .open || self == .cut } }
}
