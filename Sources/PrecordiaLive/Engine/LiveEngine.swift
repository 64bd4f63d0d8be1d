// The thread between acquisition and outlets: bytes to blocks, blocks to frames, frames through the engine, events out.
// All state of the protocol, the clock and the engine lives in this one thread; rings are its only borders.

import CPrecordiaTransport
import Glibc
import PrecordiaCompanion
import PrecordiaDevice
import PrecordiaHost
import PrecordiaLink
import PrecordiaPolicy
import PrecordiaSession
import PrecordiaSignal
import Synchronization

/// Runs a device's streams through an engine until the source ends or is closed.
///
/// - Thread: its own. Memory: a decoder, an engine; allocated when a stream begins and, of the same format, never again.
/// - When nobody reads: what finds an outlet's ring full is refused and counted; the device is read all the same.
package final class LiveEngine: DeviceListener, @unchecked Sendable {
    let settings: LiveSettings
    let model: LoadedModel
    let acquisition: Acquisition
    let input: ChunkRing
    let outlets: LiveOutlets
    let follower: DeviceFollower
    var host: EngineHost?
    var hasStream = false
    /// Whether a stream was cut off by another session or configuration, whose first frame has not come yet.
    var isCut = false
    /// Whether a stream has ended before its time, because the one that follows needs another engine.
    var isAwaited = false
    /// Whether the last stream came to the end that the device announced: nothing more need come.
    var isConcluded = false
    /// Whether the configuration in force cannot be used.
    var isUnusable = false
    /// Whether an error of the device stands in the view.
    var hasFault = false
    /// Whether the device began anew before a window was heard, and whether it did so twice in a row.
    private var wasShort = false
    private var isRestless = false
    /// Frames heard since it began anew.
    private var fresh: UInt64 = 0
    /// The index after the last frame of the stream, which goes on where the device begins anew; what is added to the device's own index for it; and the
    /// device's index at which it said that it would end.
    var samples: UInt64 = 0
    var offset: UInt64 = 0
    var announced: UInt64?
    var time = DeviceTime()
    var latency = LatencyHistogram()
    var transferLatency = LatencyHistogram()
    /// The alarms under a policy; nil where the session has none.
    package let station: AlarmStation?
    /// The log of alerts, kept by another program, which an outlet feeds; nil where none is.
    var log: LogOutlet?
    var outletWatch = OutletWatch()
    var logWatch = LogWatch()
    var soundFault = SessionFault()
    var logFault = SessionFault()
    /// Monotonic time of the bytes that brought the last frame that was new signal.
    var sampled: Int64 = 0
    /// The same when the device was last found lost.
    var lostAt: Int64 = 0
    /// Since when a stream is waited for: from the beginning on, and from the end of one on.
    var waitsSince: Int64?
    /// What time it is for the session: of a capture with times the capture's own, so that it says the same again.
    private(set) var moment: Int64 = 0
    /// Nanoseconds that a device has from then on to stream before it is lost.
    private let grace: Int64
    var told: Int64 = 0
    /// Whether it was told that the rate is wrong, and when that the device has begun anew, and how often since.
    var toldRate = false
    private var toldRestart: Int64?
    private var untoldRestarts = 0
    var toldLoss = false
    private var toldKeeping = false
    private var toldScheduling = false
    private var hearingKey: UInt64 = 0
    private var toldHearing = ""
    /// Why the session has failed; nil if it has not.
    var problem: String?
    private let stops = Atomic<Bool>(false)

    var decoder: LinkDecoder { _read { yield follower.decoder } }
    var watch: DeviceWatch {
        get { follower.watch }
        set { follower.watch = newValue }
    }
    var figures: LiveFigures {
        get { follower.figures }
        set { follower.figures = newValue }
    }
    /// Monotonic time of the bytes in hand.
    var arrived: Int64 { follower.arrived }

    package init(
        settings: LiveSettings, model: LoadedModel, acquisition: Acquisition, input: ChunkRing, outlets: LiveOutlets,
        keeper: AlarmKeeper? = nil
    ) {
        self.settings = settings
        self.model = model
        self.acquisition = acquisition
        self.input = input
        self.outlets = outlets
        follower = DeviceFollower(
            framing: settings.framing, rate: settings.rate, keepsTime: settings.keepsTime, acquisition: acquisition, ring: input)
        grace = Int64(settings.policy?.grace ?? AlarmPolicy.usualGrace) * 1_000_000_000
        station = settings.policy.map { policy in
            AlarmStation(policy, sound: settings.sound, keeper: keeper, silence: settings.silence)
        }
    }

    /// Asks the thread to let the device rest, close the source and end.
    func stop() { stops.store(true, ordering: .releasing) }

    /// The thread's body.
    func run() {
        for words in settings.realTime.applyToThread("the engine", below: 1) { outlets.note(words) }
        for words in station?.takeNotes() ?? [] { outlets.note(words) }
        tellHearing()
        while !follower.isOver {
            guard let chunk = input.next() else {
                if !acquisition.isTimed { act(at: Monotonic.now()) }
                input.wait(milliseconds: 50)
                continue
            }
            // What was due when it came goes before it, however late this thread is.
            act(at: acquisition.isPatient && !acquisition.isTimed ? Monotonic.now() : chunk.time)
            take(chunk)
            input.release()
        }
        endStream(early: Interrupt.isRequested)
        failWithoutStream()
        tellAlarms()
        collectFigures()
        tellSession()
        endLog()
        tellOutlets(isLast: true)
        station?.stop()
        outlets.figures(figures)
        outlets.finished(problem ?? "")
    }

    /// What is due by the clock: commands, silence, figures.
    package func act(at now: Int64) {
        let now = max(now, moment)
        moment = now
        waitsSince = waitsSince ?? now
        if stops.load(ordering: .acquiring) { leave() }
        follower.act(at: now, self)
        awaitStream(at: now)
        actOnAlarms(at: now)
        guard now - told >= 1_000_000_000 else { return }
        told = now
        tellKeeping()
        tellHearing()
        if !toldScheduling, let words = station?.schedulingProblem {
            toldScheduling = true
            outlets.note(words)
        }
        if !acquisition.isTimed, !hasStream, samples == 0, station?.misses(at: now) == true { tellAlarms() }
        watchLog()
        tellOutlets()
        collectFigures()
        outlets.figures(figures)
        let isDue = watch.minuteIsOver(at: now)
        guard isDue || figures.hasLoss != toldLoss else { return }
        toldLoss = figures.hasLoss
        tellSession()
    }

    /// A file or a pipe that held no stream is the wrong one, or has another framing.
    private func failWithoutStream() {
        guard acquisition.isPatient, !follower.isLeaving, figures.streams == 0, problem == nil else { return }
        let counters = decoder.counters
        let found = "no stream was heard: \(counters.bytes) bytes, \(counters.blocks) valid blocks, \(counters.bytesSkipped) bytes skipped"
        fail(counters.blocks > 0 ? found : found + "; a capture of a serial line needs --framing cobs")
    }

    /// Whether alarms can be heard, as a screen shows it for as long as it lasts.
    private func tellHearing() {
        let key = station?.hearingKey ?? 1
        guard key != hearingKey else { return }
        hearingKey = key
        let words = station?.hearingWords ?? AlarmHearing.withoutPolicy
        guard words != toldHearing else { return }
        toldHearing = words
        outlets.hearing(words)
    }

    private func tellKeeping() {
        let problem = station?.keepingProblem
        guard (problem != nil) != toldKeeping else { return }
        toldKeeping = problem != nil
        let tried = "it is tried each second, and a restart would take up what was kept before"
        outlets.note("the state of alarms is " + (problem.map { "not kept, \($0); \(tried)" } ?? "kept again"))
    }

    /// Says goodbye to the device and closes the source; what still comes is left alone.
    private func leave() {
        follower.isDeaf = true
        follower.leave()
    }

    package func take(_ chunk: ChunkRing.Chunk) {
        follower.take(chunk, self)
        follower.look(at: arrived, self)
        let isBytes = chunk.kind == AcquisitionNews.bytes.rawValue
        if isBytes, !acquisition.isPatient { transferLatency.record(Monotonic.now() - arrived) }
        outlets.flush()
    }

    package func changed(_ state: DeviceState, _ words: String, at moment: Int64) {
        tellDevice(state, words, at: moment)
        switch state {
        case .silent, .lost: raiseDeviceLost(at: moment)
        case .streaming, .open, .absent, .restarted: break
        }
    }

    /// Where nothing has begun to stream in time, the device is lost, whatever it says or does not say.
    private func awaitStream(at now: Int64) {
        // Behind an end that was announced nobody need be watched, but by a policy somebody is.
        let isWatched = !isConcluded || (settings.policy != nil && !settings.endsWithStream)
        guard follower.hasTimes, !hasStream, isWatched, !follower.isLeaving, let waitsSince, now - waitsSince >= grace else { return }
        if sampled == 0 { sampled = waitsSince }
        raiseDeviceLost(at: waitsSince + grace, evenBefore: true)
    }

    package func sets(clock: Int64, at moment: Int64) { time.set(clock: clock, at: moment) }

    package func note(_ words: String) { outlets.note(words) }

    package func heard(_ message: LinkMessage) {
        switch message {
        // What follows begins with its first frame: an idle device has settings and no signal.
        case .stream:
            isCut = isCut || hasStream
            isUnusable = false
            watchRestarts()
        case .frame:
            if follower.isNewBlock { openBlock() }
            takeFrame()
        case .event, .error: tellNotice()
        case .status: endIfIdle()
        case .pace:
            if follower.isNewBlock { openBlock() }
            markPace()
        case .hello:
            let serial = decoder.hello.map { String(decoding: $0.serial, as: UTF8.self) } ?? ""
            if let words = station?.hears(deviceNamed: serial) { outlets.note(words) }
        case .answer, .command: break
        }
    }

    /// A data block has come. A device that begins anew is the same patient's: the stream goes on, with the time that was not heard as missing frames.
    private func openBlock() {
        guard follower.signal.verdict != .same else { return }
        if isCut { goOn() }
        let isFirst = !hasStream
        if isFirst { beginStream() }
        guard hasStream, let host, let block = decoder.block else { return }
        if !isFirst {
            switch follower.signal.hole {
            case .none: break
            case .frames(let missing):
                host.engine.miss(missing)
                offset &+= missing
            case .unknown: host.engine.miss(nil)
            }
            if follower.signal.isRebased { offset = host.engine.nextFrame &- block.first }
            samples = max(samples, host.engine.nextFrame)
            tellEvents(host)
        }
        tellRate(host)
    }

    /// The stream goes on under another session or configuration, or where the engine cannot follow, another begins.
    private func goOn() {
        isCut = false
        guard let host, let configuration = decoder.configuration else { return }
        let isKnown = EngineHost.areSame(host.engine.stream, configuration.format) || host.engine.adopt(configuration.format)
        guard isKnown else {
            isAwaited = true
            endStream(early: false)
            return
        }
        announced = configuration.frames
        untoldRestarts += 1
        guard toldRestart.map({ moment - $0 >= 1_000_000_000 }) ?? true else { return }
        toldRestart = moment
        let times = untoldRestarts > 1 ? "\(untoldRestarts) times, " : ""
        changed(.restarted, "it began anew \(times)in session \(decoder.header.session); the stream goes on", at: arrived)
        untoldRestarts = 0
    }

    /// A pacing pulse, told before the frames of its block.
    private func markPace() {
        guard hasStream, follower.signal.verdict == .heard, let host else { return }
        _ = host.engine.mark(pace: decoder.pace.sample &+ offset, width: decoder.pace.width)
    }

    private func takeFrame() {
        guard follower.signal.verdict != .same else { return }
        guard hasStream, let host else {
            figures.framesUnheard += 1
            return
        }
        let isEnd = decoder.frame.index + 1 == announced
        if follower.signal.verdict == .heard { push(decoder.frame, host) }
        if isEnd {
            endStream(early: false)
            isConcluded = true
            waitsSince = moment
            follower.concludes()
            if settings.endsWithStream { leave() }
        } else if let seconds = settings.seconds, Double(samples) >= seconds * Double(host.engine.stream.rate) {
            leave()
            endStream(early: false)
        }
    }

    /// Gives the engine a frame of new signal.
    private func push(_ heard: Frame, _ host: EngineHost) {
        var frame = heard
        frame.index &+= offset
        sampled = arrived
        fresh += 1
        if follower.hasTimes { time.observe(decoder, at: arrived) }
        host.engine.push(frame)
        outlets.signal(frame)
        samples = frame.index + 1
        tellEvents(host)
        hear()
        outlets.draw(frame.index, host.engine)
    }

    /// A device that has announced an end and idles has come to it, even if its last frames have not come here.
    private func endIfIdle() {
        let last = samples &- offset
        guard hasStream, !isCut, let announced, decoder.status.state == .idle, last < announced else { return }
        fail("the device is idle and \(announced - last) frames of those that it announced have not come")
        self.announced = nil
        guard settings.endsWithStream else { return raiseDeviceLost(at: moment) }
        follower.concludes()
        endStream(early: false)
        leave()
    }

    /// New signal has come: the device streams.
    private func hear() {
        if follower.hears() { changed(.streaming, "", at: arrived) }
        if hasFault {
            hasFault = false
            outlets.fault("")
        }
        if station?.isMissing == true { station?.found(at: Monotonic.now()) }
        if isRestless, fresh < window { return }
        isRestless = false
        clearDeviceLost()
    }

    /// A device that begins anew again and again, or announces an end again and again, is as good as none: it is lost until a window was heard without.
    private func watchRestarts() {
        guard follower.hasTimes, fresh > 0 else { return }
        // Where the rate is another one, it takes another engine, which knows nothing yet: a run of beats has to last longer than a window to be an alarm.
        let isSame = decoder.configuration?.rate == host?.engine.stream.rate
        let isShort = fresh < (isSame ? window : 3 * window)
        if isShort, wasShort {
            isRestless = true
            raiseDeviceLost(at: moment, evenBefore: true)
        }
        wasShort = isShort
        fresh = 0
    }

    /// Frames of a window of the stream that is open.
    private var window: UInt64 { UInt64(model.view.windowSeconds * (host?.engine.stream.rate ?? 0)) }
}
