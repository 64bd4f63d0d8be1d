// One step of the sound thread after the other: fill a period, give it to the card, get over whatever the card says.
// Apart from the thread, because a test gives it a card that fails and the time, and expects exact counters.

import Glibc
import PrecordiaAlerts
import Synchronization

/// Keeps a sound card open and fed, with silence where there is no alarm.
///
/// - Thread: the sound thread. Memory: a period and the pulses of all sounds, allocated when a card is opened.
/// - Cost: at 48 kHz and 10 ms a period, some 25 µs a period.
/// - When the card fails: it is let go, opened again after 0.1 s, then after twice as long each time up to 2 s, and the fallback is told.
package struct SoundLoop {
    /// Nanoseconds without a frame taken after which a card counts as hanging.
    static let stallLimit: Int64 = 500_000_000
    /// Recoveries without a second of sound between after which a card is let go and opened anew.
    static let strikeLimit = 10
    /// Nanoseconds for which a card that was suspended may not be awake.
    static let wakeLimit: Int64 = 5_000_000_000
    private static let firstBackOff: Int64 = 100_000_000
    private static let longestBackOff: Int64 = 2_000_000_000

    private enum Line {
        case closed(until: Int64)
        case suspended(since: Int64)
        case open
    }

    let device: any SoundDevice
    let state: SounderState
    let fallback: any AlarmFallback
    private let wish: SoundFormat
    private let isPaced: Bool
    private var line = Line.closed(until: 0)
    private var format: SoundFormat
    private var sequencer: BurstSequencer
    /// One period, interleaved; frames before `written` have been taken, `filled` are in it.
    private var block: [Int16]
    private var channel: [Int16]
    private var written = 0
    private var filled = 0

    private var order = AlarmOrder()
    private var wanted: Int?
    /// When what is wanted was ordered.
    private var since: Int64 = 0
    private var wasOpened = false
    private var backOff = Self.firstBackOff
    private var strikes = 0
    /// Periods since the card was opened or had to be recovered.
    private var clean = 0
    private var taken: Int64 = 0
    private var waits = 0
    private var pace = Pace()
    private var idleSince: Int64 = 0
    private var told = AlertPriority.none
    private var toldOnset: UInt8 = 0
    /// Whether the fallback does not know yet that the card has failed: it is told though nothing should be heard, and shows whether it works.
    private var isUntold = false

    init(_ configuration: AlarmConfiguration, device: any SoundDevice, state: SounderState, fallback: any AlarmFallback) {
        self.device = device
        self.state = state
        self.fallback = fallback
        wish = configuration.format
        isPaced = configuration.isPaced
        format = wish
        sequencer = BurstSequencer(Self.render(wish.rate))
        block = []
        channel = []
        makeBlocks()
    }

    private static func render(_ rate: Int) -> [RenderedSound] { AlarmTable.sounds.map { RenderedSound($0, rate: rate) } }

    private mutating func makeBlocks() {
        channel = [Int16](repeating: 0, count: format.period)
        block = [Int16](repeating: 0, count: format.period * format.channels)
    }

    /// Does what is next.
    ///
    /// - Parameter now: nanoseconds of the monotonic clock.
    /// - Returns: milliseconds for which there is nothing to do.
    mutating func step(at now: Int64) -> Int32 {
        takeOrder()
        switch line {
        case .closed(let until): return now >= until ? open(at: now) : idle(at: now)
        case .suspended(let since): return wake(since, at: now)
        case .open: return feed(at: now)
        }
    }

    private mutating func takeOrder() {
        let newest = AlarmOrder(word: state.order.load(ordering: .acquiring))
        let sound = AlarmTable.index(newest.priority, newest.melody)
        let isFresh = newest.onset != order.onset
        if newest != order || sound != wanted { sequencer.want(sound, isCut: newest.isCut, isFresh: isFresh && sound != nil) }
        if newest.microseconds != order.microseconds { since = Int64(newest.microseconds) * 1000 }
        order = newest
        wanted = sound
    }

    private mutating func feed(at now: Int64) -> Int32 {
        if written == filled {
            let room = device.room()
            if room < 0 { return mend(room, .writing, at: now) }
            if room < format.period { return waitForCard(at: now) }
            if isPaced, pace.isAhead(at: now, format) { return 10 }
            fill(at: now)
        }
        let count = filled - written
        let done = block.withUnsafeBufferPointer { device.write($0.baseAddress! + written * format.channels, count) }
        if done < 0 { return done == -Int(EAGAIN) ? waitForCard(at: now) : mend(done, .writing, at: now) }
        if done == 0 { return waitForCard(at: now) }
        taken = now
        waits = 0
        written += min(done, count)
        guard written == filled else {
            state.count(.shortWrites)
            return 0
        }
        periodTaken()
        return 0
    }

    /// Fills the block with the next period. Before it is written, what the card still holds tells when it will be heard.
    private mutating func fill(at now: Int64) {
        let gain = state.gain.load(ordering: .relaxed)
        let news = channel.withUnsafeMutableBufferPointer { sequencer.render($0.baseAddress!, format.period, gain: gain) }
        for frame in 0..<format.period {
            for place in 0..<format.channels { block[frame * format.channels + place] = channel[frame] }
        }
        written = 0
        filled = format.period
        pace.add(format.period)
        count(news)
        guard let frame = news.firstHeard else { return }
        let queued = max(0, device.delay()) + frame
        state.heard(after: now + Int64(queued) * 1_000_000_000 / Int64(format.rate) - since)
    }

    private func count(_ news: BurstSequencer.News) {
        if news.burstsEnded > 0 { state.count(.bursts, news.burstsEnded) }
        if news.burstsCut > 0 { state.count(.burstsCut, news.burstsCut) }
    }

    private mutating func periodTaken() {
        state.count(.periods)
        clean += 1
        if clean == 10 {
            state.set(nil)
            state.status.store(AlarmStatus.ready.rawValue, ordering: .releasing)
            tell(.none)
        }
        // A second of sound: whatever was wrong is over.
        if clean * format.period >= format.rate {
            strikes = 0
            backOff = Self.firstBackOff
        }
    }

    private mutating func waitForCard(at now: Int64) -> Int32 {
        guard now - taken <= Self.stallLimit else {
            state.count(.stalls)
            return lose(SoundProblem(.stalled, code: ETIMEDOUT), at: now)
        }
        let ready = device.wait(milliseconds: 20)
        if ready < 0 { return mend(ready, .writing, at: now) }
        // A card that says it is ready and has no room must not make this a loop without rest.
        waits += 1
        return ready > 0 && waits > 1 ? 1 : 0
    }

    private mutating func mend(_ result: Int, _ stage: SoundProblem.Stage, at now: Int64) -> Int32 {
        let code = Int32(-result)
        if code == EINTR || code == EAGAIN { return 1 }
        strikes += 1
        clean = 0
        if strikes > Self.strikeLimit { return lose(SoundProblem(.unstable, code: code), at: now) }
        switch code {
        case EPIPE:
            state.count(.underruns)
            return prepare(at: now)
        case ESTRPIPE:
            state.count(.suspensions)
            line = .suspended(since: now)
            return 0
        default:
            return lose(SoundProblem(stage, code: code), at: now)
        }
    }

    /// Makes the card ready; the block that it did not take is written again.
    private mutating func prepare(at now: Int64) -> Int32 {
        let result = device.prepare()
        if result < 0 { return lose(SoundProblem(.preparing, code: Int32(-result)), at: now) }
        state.count(.recoveries)
        line = .open
        taken = now
        return 0
    }

    private mutating func wake(_ since: Int64, at now: Int64) -> Int32 {
        let result = device.resume()
        if result == -Int(EAGAIN) {
            return now - since > Self.wakeLimit ? lose(SoundProblem(.resuming, code: EAGAIN), at: now) : 20
        }
        // Not every card can go on where it was.
        if result < 0 { return prepare(at: now) }
        state.count(.recoveries)
        line = .open
        taken = now
        return 0
    }

    private mutating func lose(_ problem: SoundProblem, at now: Int64) -> Int32 {
        state.count(.failures)
        device.close()
        return fail(problem, at: now)
    }

    private mutating func fail(_ problem: SoundProblem, at now: Int64) -> Int32 {
        state.set(problem)
        if state.status.load(ordering: .relaxed) != AlarmStatus.failed.rawValue { isUntold = true }
        state.status.store(AlarmStatus.failed.rawValue, ordering: .releasing)
        line = .closed(until: now + backOff)
        backOff = min(2 * backOff, Self.longestBackOff)
        if idleSince == 0 { idleSince = now }
        written = 0
        filled = 0
        return 0
    }

    private mutating func open(at now: Int64) -> Int32 {
        let got: SoundFormat
        do throws(SoundProblem) {
            got = try device.open(wish)
        } catch {
            state.count(.failedOpenings)
            return fail(error, at: now)
        }
        if got.rate != format.rate { sequencer = BurstSequencer(Self.render(got.rate)) }
        format = got
        makeBlocks()
        state.set(got)
        if wasOpened { state.count(.reopenings) }
        wasOpened = true
        sequencer.beginAgain()
        sequencer.want(wanted, isCut: false, isFresh: false)
        line = .open
        taken = now
        clean = 0
        strikes = 0
        waits = 0
        idleSince = 0
        pace = Pace()
        return 0
    }

    /// Keeps the rhythm by the clock, with a bell for each pulse, and tells the command what should be heard.
    private mutating func idle(at now: Int64) -> Int32 {
        tell(wanted == nil ? .none : order.priority)
        let gain = state.gain.load(ordering: .relaxed)
        let frame = 1_000_000_000 / Int64(format.rate)
        var due = min(Int((now - idleSince) / frame), format.rate)
        if due == format.rate { idleSince = now - Int64(due) * frame }
        while due >= format.period {
            let news = channel.withUnsafeMutableBufferPointer { sequencer.render($0.baseAddress!, format.period, gain: gain) }
            if news.pulsesBegun > 0 { fallback.ring() }
            due -= format.period
            idleSince += Int64(format.period) * frame
        }
        return 10
    }

    private mutating func tell(_ priority: AlertPriority) {
        guard isUntold || priority != told || (priority != .none && order.onset != toldOnset) else { return }
        isUntold = false
        told = priority
        toldOnset = order.onset
        fallback.tell(priority)
    }
}

/// Notices a device that takes sound faster than it can be heard, such as ALSA's null, which would keep a processor busy.
///
/// Frames are compared with the clock over ten seconds at a time, so that a card's own clock may drift.
private struct Pace {
    private var since: Int64 = 0
    private var frames = 0

    mutating func add(_ count: Int) { frames += count }

    /// Whether more was written than the card can hold beyond what time has passed, and a tenth of a second.
    mutating func isAhead(at now: Int64, _ format: SoundFormat) -> Bool {
        if since == 0 || now - since > 10_000_000_000 {
            since = now
            frames = 0
        }
        return frames > Int((now - since) * Int64(format.rate) / 1_000_000_000) + format.buffer + format.rate / 10
    }
}
