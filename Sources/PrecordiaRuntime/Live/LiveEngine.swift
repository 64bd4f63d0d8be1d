// The thread between acquisition and sink: bytes to blocks, blocks to frames, frames through the engine, events out.
// All state of the protocol, the clock and the engine lives in this one thread; two rings are its only borders.

import CPrecordiaTransport
import Glibc
import PrecordiaAlarm
import PrecordiaAlerts
import PrecordiaEngine
import PrecordiaLink
import PrecordiaReport
import PrecordiaSignal
import Synchronization

/// Runs a device's streams through an engine until the source ends or is closed.
///
/// - Thread: its own. Memory: a decoder, an engine, 64 KiB for a line; allocated when a stream begins and, of the same format, never again.
/// - When nobody reads: what finds the ring to the sink full is refused and counted; the device is read all the same.
final class LiveEngine: DeviceListener, @unchecked Sendable {
    let settings: LiveSettings
    let model: LoadedModel
    let acquisition: Acquisition
    let input: ChunkRing
    let outlet: LiveMessage.Outlet
    let name: UnsafeRawBufferPointer

    let follower: DeviceFollower
    let lineMemory = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 64)
    var host: EngineHost?
    var hasStream = false
    /// Whether a stream was cut off by another configuration, whose first frame has not come yet.
    var isAwaited = false
    /// Whether the configuration in force cannot be used.
    var isUnusable = false
    /// Whether an error of the device stands in the view.
    var hasFault = false
    /// Whether the stream before was cut off before a window was heard, and whether so was the one before that.
    private var wasShort = false
    private var isRestless = false
    /// The index after the last frame of the stream, and the index at which the device said it would end.
    var samples: UInt64 = 0
    var announced: UInt64?
    var time = DeviceTime()
    var latency = LatencyHistogram()
    var transferLatency = LatencyHistogram()
    var strip = DisplayStrip()
    private var displayLead = DisplayLead()
    /// The alarms under a policy; nil where the session has none.
    let station: AlarmStation?
    /// The log of alerts, kept by another program; nil where none is.
    var feed: LogFeed?
    var logWatch = LogWatch()
    var soundFault = SessionFault()
    var logFault = SessionFault()
    /// Monotonic time of the bytes that brought the last frame.
    var sampled: Int64 = 0
    var told: Int64 = 0
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

    init(
        settings: LiveSettings, model: LoadedModel, acquisition: Acquisition, input: ChunkRing, output: ChunkRing,
        keeper: AlarmKeeper? = nil
    ) {
        self.settings = settings
        self.model = model
        self.acquisition = acquisition
        self.input = input
        outlet = LiveMessage.Outlet(ring: output, isPatient: acquisition.isPatient)
        let bytes = Array(settings.name.utf8)
        let kept = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes.count), alignment: 1)
        kept.copyBytes(from: bytes)
        name = UnsafeRawBufferPointer(rebasing: kept[..<bytes.count])
        follower = DeviceFollower(settings, acquisition: acquisition, ring: input)
        station = settings.policy.map { policy in
            AlarmStation(policy, sound: settings.sound, keeper: keeper, silence: settings.silence)
        }
    }

    deinit {
        name.deallocate()
        lineMemory.deallocate()
    }

    /// Asks the thread to let the device rest, close the source and end.
    func stop() { stops.store(true, ordering: .releasing) }

    /// The thread's body.
    func run() {
        for words in settings.realTime.applyToThread("the engine", below: 1) { outlet.note(words) }
        for words in station?.takeNotes() ?? [] { outlet.note(words) }
        tellHearing()
        while !follower.isOver {
            let now = Monotonic.now()
            act(at: now)
            guard let chunk = input.next() else {
                input.wait(milliseconds: 50)
                continue
            }
            take(chunk)
            input.release()
        }
        endStream(early: Interrupt.isRequested)
        failWithoutStream()
        tellAlarms()
        collectFigures()
        tellSession()
        endLog()
        station?.stop()
        outlet.figures(figures)
        outlet.finished(problem ?? "")
    }

    /// Lets the recorder store what waits, and says what the log lacks.
    private func endLog() {
        guard let feed else { return }
        let isWhole = feed.finish()
        let status = feed.status
        if !isWhole { outlet.note("entries of this session that the log of alerts lacks: \(status.waiting + status.linesRefused)") }
        if status.framesRefused > 0 { outlet.note("frames that the ECG in the log of alerts lacks: \(status.framesRefused)") }
    }

    /// What is due by the clock: commands, silence, figures.
    func act(at now: Int64) {
        if stops.load(ordering: .acquiring) { leave() }
        follower.act(at: now, self)
        actOnAlarms(at: now)
        guard now - told >= 1_000_000_000 else { return }
        told = now
        tellKeeping()
        tellHearing()
        if !toldScheduling, let words = station?.schedulingProblem {
            toldScheduling = true
            outlet.note(words)
        }
        if !hasStream, samples == 0, station?.misses(at: now) == true { tellAlarms() }
        feed?.flush()
        watchLog()
        collectFigures()
        outlet.figures(figures)
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
        outlet.hearing(words)
    }

    private func tellKeeping() {
        let problem = station?.keepingProblem
        guard (problem != nil) != toldKeeping else { return }
        toldKeeping = problem != nil
        let tried = "it is tried each second, and a restart would take up what was kept before"
        outlet.note("the state of alarms is " + (problem.map { "not kept, \($0); \(tried)" } ?? "kept again"))
    }

    /// Says goodbye to the device and closes the source; what still comes is left alone.
    private func leave() {
        follower.isDeaf = true
        follower.leave()
    }

    func take(_ chunk: ChunkRing.Chunk) {
        follower.take(chunk, self)
        let isBytes = chunk.kind == AcquisitionNews.bytes.rawValue
        if isBytes, !acquisition.isPatient { transferLatency.record(Monotonic.now() - arrived) }
        flushDisplay()
    }

    func changed(_ state: DeviceState, _ words: String) {
        tellDevice(state.name, words)
        switch state {
        case .silent, .lost: raiseDeviceLost(at: Monotonic.now())
        case .streaming, .open, .absent: break
        }
    }

    func note(_ words: String) { outlet.note(words) }

    func heard(_ message: LinkMessage) {
        switch message {
        // The next one begins with its first frame: an idle device has settings and no signal.
        case .stream:
            isAwaited = isAwaited || hasStream
            isUnusable = false
            watchRestarts()
            endStream(early: false)
        case .frame: takeFrame()
        case .event, .error: tellNotice()
        case .status: endIfIdle()
        case .pace: markPace()
        case .hello:
            let serial = decoder.hello.map { String(decoding: $0.serial, as: UTF8.self) } ?? ""
            if let words = station?.hears(deviceNamed: serial) { outlet.note(words) }
        case .answer, .command: break
        }
    }

    /// A pacing pulse, told before the frames of its block.
    private func markPace() {
        if !hasStream { beginStream() }
        guard hasStream, let host else { return }
        _ = host.engine.mark(pace: decoder.pace.sample, width: decoder.pace.width)
    }

    private func takeFrame() {
        if !hasStream { beginStream() }
        guard hasStream, let host else {
            figures.framesUnheard += 1
            return
        }
        hear()
        host.engine.push(decoder.frame)
        feed?.push(decoder.frame)
        samples = decoder.frame.index + 1
        tellEvents(host)
        if settings.output.isView { show(decoder.frame.index, host) }
        if samples == announced {
            isRestless = false
            clearDeviceLost()
            endStream(early: false)
            follower.concludes()
            if settings.endsWithStream { leave() }
        } else if let seconds = settings.seconds, Double(samples) >= seconds * Double(host.engine.stream.rate) {
            leave()
            endStream(early: false)
        }
    }

    /// A device that has announced an end and idles has come to it, even if its last frames have not come here.
    private func endIfIdle() {
        guard hasStream, let announced, decoder.status.state == .idle, samples < announced else { return }
        fail("the device is idle and \(announced - samples) frames of those that it announced have not come")
        self.announced = nil
        follower.concludes()
        guard settings.endsWithStream else { return raiseDeviceLost(at: Monotonic.now()) }
        endStream(early: false)
        leave()
    }

    /// A frame has come: the device streams, and its clock has told something.
    private func hear() {
        sampled = arrived
        if !acquisition.isPatient { time.observe(decoder, at: arrived) }
        if follower.hears() { changed(.streaming, "") }
        if hasFault {
            hasFault = false
            outlet.fault("")
        }
        if station?.isMissing == true { station?.found(at: Monotonic.now()) }
        if isRestless, samples < window { return }
        isRestless = false
        clearDeviceLost()
    }

    /// A device that begins anew again and again is as good as none: it is lost until a stream lasts for a window.
    private func watchRestarts() {
        guard !acquisition.isPatient else { return }
        let isShort = hasStream && samples < window
        if isShort, wasShort {
            isRestless = true
            raiseDeviceLost(at: Monotonic.now())
        }
        wasShort = isShort
    }

    /// Frames of a window of the stream that is open.
    private var window: UInt64 { UInt64(model.view.windowSeconds * (host?.engine.stream.rate ?? 0)) }

    /// A sample of the lead that tells most.
    private func show(_ index: UInt64, _ host: EngineHost) {
        if displayLead.follow(host.engine) {
            flushDisplay()
            strip.lead = displayLead.lead
        }
        strip.add(index, Float(host.engine.displayed(strip.lead)))
    }

    func flushDisplay() { strip.flush(outlet) }
}
