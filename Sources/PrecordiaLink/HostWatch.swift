// Whether anything comes from the device, by the passing of time alone.
// Apart from the session, which knows what is expected; here only counts and times are compared.

/// Notices silence, and remembers whether it was told.
///
/// - Memory: some 80 bytes. Thread: one at a time. Times are nanoseconds of a clock that does not go back.
struct HostWatch {
    /// Nanoseconds without a valid block, or without a sample while they are expected, after which an open line is silent:
    /// `firmware-protocol/SPEC.md`.
    static var patience: Int64 { @_noAllocation @_noLocks get { 2_000_000_000 } }
    /// A status comes each second: a last block so much later than the last sample was not the line's last.
    private static var afterlife: Int64 { @_noAllocation @_noLocks get { 500_000_000 } }

    private(set) var isOpen = false
    /// The silence that was told, until what is expected comes again.
    private var silence: HostSilence?
    private var wasTold = false
    /// What had come when it was last looked at: blocks of this version and of others, and frames that were new signal.
    private var blocks: UInt64 = 0
    private var foreign: UInt64 = 0
    private var frames: UInt64 = 0
    private var framesAtAlive: UInt64 = 0
    /// When a block came last, and when what is expected did.
    private var blockAt: Int64 = 0
    private var aliveAt: Int64 = 0

    @_noAllocation @_noLocks
    init() {}

    /// A line has opened.
    @_noAllocation @_noLocks
    mutating func opened(at now: Int64, _ counters: LinkCounters, new: UInt64) {
        isOpen = true
        wasTold = false
        blocks = counters.blocks &- counters.blocksOtherVersion
        frames = new
        blockAt = now
        live(at: now, counters)
    }

    @_noAllocation @_noLocks
    mutating func lost() {
        isOpen = false
        wasTold = false
    }

    @_noAllocation @_noLocks
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
    @_noAllocation @_noLocks
    mutating func fallsSilent(at now: Int64, _ counters: LinkCounters, new: UInt64, expectsFrames: Bool) -> HostSilence? {
        guard isOpen else { return nil }
        let blocks = counters.blocks &- counters.blocksOtherVersion
        if blocks != self.blocks {
            self.blocks = blocks
            blockAt = now
            if !expectsFrames { live(at: now, counters) }
        }
        if new != frames {
            frames = new
            live(at: now, counters)
        }
        guard now &- aliveAt >= Self.patience else { return nil }
        let isForeign = counters.blocksOtherVersion != foreign && blockAt <= aliveAt
        let repeats = counters.frames != framesAtAlive
        let found: HostSilence = isForeign ? .version : repeats ? .same : blockAt &- aliveAt > Self.afterlife ? .samples : .line
        guard silence == nil || (isForeign && silence != .version) else { return nil }
        silence = found
        wasTold = false
        return found
    }

    /// Frames come; whether that is news.
    @_noAllocation @_noLocks
    mutating func hears() -> Bool {
        let isNews = isOpen && !wasTold
        wasTold = true
        return isNews
    }

    /// When the silence that was found last began to be one: after the patience.
    var silentAt: Int64 { @_noAllocation @_noLocks get { aliveAt &+ Self.patience } }
}
