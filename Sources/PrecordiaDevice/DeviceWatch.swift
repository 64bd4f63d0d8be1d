// Whether anything comes from the device, by the passing of time alone.

import PrecordiaLink

/// Notices silence, and remembers whether it was told.
///
/// - Thread: the engine's. Times are nanoseconds of the monotonic clock.
package struct DeviceWatch {
    /// What does not come.
    enum Silence: Equatable {
        /// No block of this protocol's version, nor of another.
        case line
        /// Blocks come, and no samples.
        case samples
        /// Samples come, and they are the same again and again.
        case same
        /// Blocks come, all of another version.
        case version
    }

    private var isOpen = false
    /// The silence that was told, until what is expected comes again.
    private var silence: Silence?
    private var isRaised = false
    private var wasTold = false
    /// What had come when it was last looked at: blocks of this version and of others, and frames that were new signal.
    private var blocks: UInt64 = 0
    private var foreign: UInt64 = 0
    private var frames: UInt64 = 0
    private var framesAtAlive: UInt64 = 0
    /// When a block came last, and when what is expected did.
    private var blockAt: Int64 = 0
    private var aliveAt: Int64 = 0
    private var minuteAt: Int64 = 0

    /// Nanoseconds without a valid block, or without a sample while they are expected, after which an open line is silent:
    /// `firmware-protocol/SPEC.md`.
    static let patience: Int64 = 2_000_000_000
    /// A status comes each second: a last block so much later than the last sample was not the line's last.
    private static let afterlife: Int64 = 500_000_000

    package init() {}

    /// A line has opened.
    mutating func opened(at now: Int64, _ counters: LinkCounters, new: UInt64) {
        isOpen = true
        wasTold = false
        blocks = counters.blocks - counters.blocksOtherVersion
        frames = new
        blockAt = now
        live(at: now, counters)
    }

    mutating func lost() {
        isOpen = false
        wasTold = false
    }

    private mutating func live(at now: Int64, _ counters: LinkCounters) {
        aliveAt = now
        foreign = counters.blocksOtherVersion
        framesAtAlive = counters.frames
        silence = nil
    }

    /// What has just fallen silent; nil if nothing has, or it was told already.
    ///
    /// - Parameters:
    ///   - new: frames so far that were new signal, whatever their index.
    ///   - expectsFrames: whether a stream is open, so that blocks without new signal are not enough.
    mutating func fallsSilent(at now: Int64, _ counters: LinkCounters, new: UInt64, expectsFrames: Bool) -> Silence? {
        guard isOpen else { return nil }
        let blocks = counters.blocks - counters.blocksOtherVersion
        if blocks != self.blocks {
            self.blocks = blocks
            blockAt = now
            if !expectsFrames { live(at: now, counters) }
        }
        if new != frames {
            frames = new
            live(at: now, counters)
        }
        guard now - aliveAt >= Self.patience else { return nil }
        let isForeign = counters.blocksOtherVersion != foreign && blockAt <= aliveAt
        let repeats = counters.frames != framesAtAlive
        let found: Silence = isForeign ? .version : repeats ? .same : blockAt - aliveAt > Self.afterlife ? .samples : .line
        guard silence == nil || (isForeign && silence != .version) else { return nil }
        silence = found
        wasTold = false
        return found
    }

    /// Frames come; whether that is news.
    mutating func hears() -> Bool {
        defer { wasTold = true }
        return isOpen && !wasTold
    }

    /// When the silence that was found last began to be one: after the patience.
    var silentAt: Int64 { aliveAt + Self.patience }

    /// Whether the alert is to be raised, or cleared, now.
    package mutating func raises() -> Bool {
        defer { isRaised = true }
        return !isRaised
    }

    package mutating func clears() -> Bool {
        defer { isRaised = false }
        return isRaised
    }

    /// Whether a minute has gone by since the last time.
    package mutating func minuteIsOver(at now: Int64) -> Bool {
        if minuteAt == 0 { minuteAt = now }
        guard now - minuteAt >= 60_000_000_000 else { return false }
        minuteAt = now
        return true
    }
}
