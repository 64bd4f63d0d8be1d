// Where a stream begins, goes on and ends, and when the device is lost.
// Apart from the following of bytes, because here nothing is decoded: what was found is made into a stream's own count.

import PrecordiaSignal

extension HostSession {
    /// What is still to be done with the frame or pulse in hand.
    enum Step: UInt8 {
        case none
        /// The first look at a block: does the stream go on, or begin?
        case open
        /// The engine was asked whether it follows.
        case follow
        case begin
        /// The stream goes on: what was missed.
        case hole
        case rate
        /// The frame or the pulse itself.
        case give
        /// The engine has had the frame.
        case heard
        case end
    }

    /// A frame or a pulse has come, perhaps the first of a block.
    @_noAllocation @_noLocks
    mutating func begin(isFrame: Bool, isNewBlock: Bool) {
        self.isFrame = isFrame
        step = signal.verdict == .same ? .none : isNewBlock ? .open : .give
    }

    /// Does one step. Each tells something or leads to the next.
    @_noAllocation @_noLocks
    mutating func advance() {
        switch step {
        case .none: break
        case .open: openBlock()
        case .follow: goOn()
        case .begin: beginStream()
        case .hole: tellHole()
        case .rate: tellRate()
        case .give: give()
        case .heard: hear()
        case .end: end()
        }
    }

    /// A device that begins anew is the same patient's: the stream goes on, with the time that was not heard as missing frames.
    @_noAllocation @_noLocks
    private mutating func openBlock() {
        guard stream == .cut else {
            step = stream == .open ? .hole : .begin
            return
        }
        before = stream
        stream = .open
        step = .follow
        tell(.changed)
    }

    /// The engine has had its say about another session or configuration.
    @_noAllocation @_noLocks
    private mutating func goOn() {
        step = .hole
        announced = decoder.configuration?.frames
        untoldRestarts &+= 1
        if let told = toldRestart, moment &- told < 1_000_000_000 { return }
        toldRestart = moment
        restarts = untoldRestarts
        untoldRestarts = 0
        tell(.restarted)
    }

    /// Begins the stream of the configuration in force, unless that was refused.
    @_noAllocation @_noLocks
    private mutating func beginStream() {
        step = .give
        guard stream != .refused, let configuration = decoder.configuration else { return }
        streams &+= 1
        samples = 0
        offset = 0
        announced = configuration.frames
        rate = configuration.rate
        before = stream
        stream = .open
        step = .rate
        tell(.began)
    }

    /// The engine cannot follow, or cannot be made: of ``HostNews/changed`` and ``HostNews/began``, and nothing at any other time.
    @_noAllocation @_noLocks
    package mutating func refuse() {
        switch news {
        case .changed:
            stream = .cutOff
            ending = .cutOff
            step = .begin
            tell(.ended)
        case .began:
            stream = .refused
            step = .give
            if before == .cutOff { raise(at: moment) }
        default: break
        }
    }

    /// The host ends the stream that is open, for a reason of its own; whether one was.
    @_noAllocation @_noLocks
    package mutating func endStream() -> Bool {
        guard stream.isOpen else { return false }
        stream = .waiting
        return true
    }

    /// What is to be missed before a block of the stream that goes on.
    @_noAllocation @_noLocks
    private mutating func tellHole() {
        step = .rate
        let isBegun = samples > 0
        switch signal.hole {
        case .none: break
        case .frames(let frames):
            if isBegun { samples &+= frames }
            offset &+= frames
            missing = frames
            tell(.hole)
        case .unknown:
            missing = nil
            tell(.hole)
        }
        if signal.isRebased, let block = decoder.block { offset = samples &- block.first }
    }

    @_noAllocation @_noLocks
    private mutating func tellRate() {
        step = .give
        guard signal.isRateWrong != toldRate else { return }
        toldRate = signal.isRateWrong
        tell(toldRate ? .rateWrong : .rateRight)
    }

    /// A pulse, told before the frames of its block; or a frame of new signal.
    @_noAllocation @_noLocks
    private mutating func give() {
        step = .none
        guard isFrame else {
            guard stream.isOpen, signal.verdict == .heard else { return }
            pace = decoder.pace
            pace.sample &+= offset
            return tell(.pace)
        }
        guard stream.isOpen else {
            framesUnheard &+= 1
            return
        }
        step = .end
        guard signal.verdict == .heard else { return }
        step = .heard
        frame = decoder.frame
        frame.index &+= offset
        samples = frame.index &+ 1
        sampled = arrived
        fresh &+= 1
        tell(.frame)
    }

    /// New signal has come: the device streams.
    @_noAllocation @_noLocks
    private mutating func hear() {
        step = .end
        if watch.hears() { tell(.streaming) }
        if restartsTooSoon, fresh < window { return }
        restartsTooSoon = false
        guard isLost else { return }
        isLost = false
        unheard = max(0, sampled &- lostFrom)
        tell(.deviceFound)
    }

    /// Whether the frame was the stream's last.
    @_noAllocation @_noLocks
    private mutating func end() {
        step = .none
        if decoder.frame.index &+ 1 == announced {
            stream = .concluded
            waitsSince = moment
            conclude()
            ending = .announced
            tell(.ended)
        } else if let limit = settings.limit, Double(samples) >= limit * Double(rate) {
            stream = .waiting
            ending = .limit
            tell(.ended)
        }
    }

    /// All frames that the device announced have come, or never will.
    @_noAllocation @_noLocks
    private mutating func conclude() {
        talk.over()
        signal.end()
    }

    /// A device that has announced an end and idles has come to it, even if its last frames have not come here.
    @_noAllocation @_noLocks
    mutating func endIfIdle() {
        let last = samples &- offset
        guard stream == .open, let announced, decoder.status.state == .idle, last < announced else { return }
        framesLeft = announced &- last
        self.announced = nil
        tell(.unfinished)
        guard settings.endsWithStream else { return lose(at: moment) }
        conclude()
        stream = .waiting
        ending = .unfinished
        tell(.ended)
    }

    /// A configuration has come. What follows begins with its first frame: an idle device has settings and no signal.
    @_noAllocation @_noLocks
    mutating func configure() {
        signal.begin()
        if stream == .open { stream = .cut }
        if stream == .refused { stream = .waiting }
        watchRestarts()
    }

    /// A device that begins anew again and again, or announces an end again and again, is as good as none: it is lost until a window was heard without.
    @_noAllocation @_noLocks
    private mutating func watchRestarts() {
        guard settings.hasTimes, fresh > 0 else { return }
        // Where the rate is another one, it takes another engine, which knows nothing yet: a run of beats has to last longer than a window to be an alarm.
        let isSame = decoder.configuration?.rate == rate
        let isShort = fresh < (isSame ? window : 3 &* window)
        if isShort, wasShort {
            restartsTooSoon = true
            raise(at: moment)
        }
        wasShort = isShort
        fresh = 0
    }

    /// Frames of a window of the stream.
    private var window: UInt64 { @_noAllocation @_noLocks get { UInt64(max(0, settings.windowSeconds &* rate)) } }

    /// Nothing comes any more: the device is lost where somebody is monitored, in a stream or behind one that was cut off.
    @_noAllocation @_noLocks
    mutating func lose(at now: Int64) { if stream.isOpen || stream == .cutOff { raise(at: now) } }

    /// Where nothing has begun to stream in time, the device is lost, whatever it says or does not say.
    @_noAllocation @_noLocks
    mutating func missStream(at now: Int64) {
        let isWatched = stream != .concluded || settings.watchesBehindEnd
        guard !stream.isOpen, isWatched, let waitsSince, now &- waitsSince >= settings.grace else { return }
        if sampled == 0 { sampled = waitsSince }
        raise(at: waitsSince &+ settings.grace)
    }

    @_noAllocation @_noLocks
    private mutating func raise(at now: Int64) {
        guard !isLost else { return }
        isLost = true
        lostFrom = sampled
        unheard = max(0, now &- sampled)
        tell(.deviceLost)
    }
}
