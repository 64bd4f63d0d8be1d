// The thread between acquisition and outlets: bytes to blocks, blocks to frames, frames through the engine, events out.
// All state of the protocol, the clock and the engine lives in this one thread; rings are its only borders.

import CPrecordiaTransport
import Glibc
import PrecordiaAlerts
import PrecordiaCompanion
package import PrecordiaDevice
import PrecordiaEngine
package import PrecordiaHost
package import PrecordiaLink
import PrecordiaNetwork
import PrecordiaPolicy
package import PrecordiaSession
import PrecordiaSignal
import Synchronization

/// Runs a device's streams through an engine until the source ends or is closed.
///
/// - Thread: its own. Memory: a host session, an engine; allocated when a stream begins and, of the same format, never again.
/// - When nobody reads: what finds an outlet's ring full is refused and counted; the device is read all the same.
package final class LiveEngine: DeviceListener, @unchecked Sendable {
    let settings: LiveSettings
    let model: LoadedModel
    let acquisition: Acquisition
    let input: ChunkRing
    let outlets: LiveOutlets
    let follower: DeviceFollower
    var host: EngineHost?
    /// Words of the device's fault that stand in the view; empty without.
    private var fault = ""
    var time = DeviceTime()
    var latency = LatencyHistogram()
    var transferLatency = LatencyHistogram()
    /// The alarms under a policy; nil where the session has none.
    package let alarms: LiveAlarms?
    /// Programs beside the session, fed by outlets of their own: the log of alerts first, where one is kept.
    var companions: [Companion] = []
    var outletWatch = OutletWatch()
    var soundFault = SessionFault()
    var logFault = SessionFault()
    var pageFault = SessionFault()
    /// Of all other companions together.
    var companionFault = SessionFault()
    /// Monotonic time of the chunk in hand.
    private(set) var arrived: Int64 = 0
    /// What time it is for the session: of a capture with times the capture's own, so that it says the same again.
    private(set) var moment: Int64 = 0
    var told: Int64 = 0
    private var boardDue: Int64 = 0
    private var minuteAt: Int64?
    var toldLoss = false
    private var toldKeeping = false
    private var toldScheduling = false
    private var hearingKey: UInt64 = 0
    private var toldHearing = ""
    /// Why the session has failed; nil if it has not.
    var problem: String?
    private let stops = Atomic<Bool>(false)

    /// What follows the device, and where its stream stands.
    var session: HostSession { _read { yield follower.session } }
    var hasStream: Bool { session.stream.isOpen }
    /// The index after the last frame of the stream.
    var samples: UInt64 { session.samples }
    var figures: LiveFigures {
        get { follower.figures }
        set { follower.figures = newValue }
    }

    package init(
        settings: LiveSettings, model: LoadedModel, acquisition: Acquisition, input: ChunkRing, outlets: LiveOutlets,
        stateFile: AlarmStateFile? = nil
    ) {
        self.settings = settings
        self.model = model
        self.acquisition = acquisition
        self.input = input
        self.outlets = outlets
        var following = settings.following(acquisition)
        following.windowSeconds = model.view.windowSeconds
        follower = DeviceFollower(following, acquisition: acquisition, ring: input)
        alarms = settings.policy.map { policy in
            LiveAlarms(policy, sound: settings.sound, stateFile: stateFile, silence: settings.silence)
        }
    }

    /// Asks the thread to let the device rest, close the source and end.
    func stop() { stops.store(true, ordering: .releasing) }

    /// The thread's body.
    func run() {
        for words in settings.realTime.applyToThread("the engine", below: 1) { outlets.note(words) }
        for words in alarms?.takeNotes() ?? [] { outlets.note(words) }
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
        if follower.endStream() { endStream(early: Interrupt.isRequested) }
        failWithoutStream()
        tellAlarms()
        collectFigures()
        tellSession()
        endCompanions()
        tellOutlets(isLast: true)
        alarms?.stop()
        outlets.figures(figures)
        outlets.finished(problem ?? "")
    }

    /// What is due by the clock: commands, silence, figures.
    package func act(at now: Int64) {
        let now = max(now, moment)
        moment = now
        if stops.load(ordering: .acquiring) { leave() }
        follower.act(at: now, self)
        obeyCommands(at: now)
        actOnAlarms(at: now)
        tellBoard()
        guard now - told >= 1_000_000_000 else { return }
        told = now
        tellKeeping()
        tellHearing()
        if !toldScheduling, let words = alarms?.schedulingProblem {
            toldScheduling = true
            outlets.note(words)
        }
        if !acquisition.isTimed, !hasStream, samples == 0, alarms?.misses(at: now) == true { tellAlarms() }
        watchCompanions()
        tellOutlets()
        collectFigures()
        outlets.figures(figures)
        let isDue = now - (minuteAt ?? now) >= 60_000_000_000
        if isDue || minuteAt == nil { minuteAt = now }
        guard isDue || figures.hasLoss != toldLoss else { return }
        toldLoss = figures.hasLoss
        tellSession()
    }

    /// A file or a pipe that held no stream is the wrong one, or has another framing.
    private func failWithoutStream() {
        guard acquisition.isPatient, !session.isLeaving, session.streams == 0, problem == nil else { return }
        let counters = session.counters
        let found = "no stream was heard: \(counters.bytes) bytes, \(counters.blocks) valid blocks, \(counters.bytesSkipped) bytes skipped"
        fail(counters.blocks > 0 ? found : found + "; a capture of a serial line needs --framing cobs")
    }

    /// What is true now, to outlets that join late or have missed something.
    private func tellBoard() {
        guard moment >= boardDue, outlets.areAsking else { return }
        // One that stands still is not asked for room at each chunk.
        boardDue = moment + 50_000_000
        outlets.board(figures, samples: samples, alarms: alarms?.policyBoard, pauseLeft: alarms?.pauseLeft(at: moment))
    }

    /// Whether alarms can be heard, as a screen shows it for as long as it lasts.
    private func tellHearing() {
        let key = alarms?.hearingKey ?? 1
        guard key != hearingKey else { return }
        hearingKey = key
        let words = alarms?.hearingWords ?? AlarmHearing.withoutPolicy
        guard words != toldHearing else { return }
        toldHearing = words
        outlets.hearing(words)
    }

    private func tellKeeping() {
        let problem = alarms?.keepingProblem
        guard (problem != nil) != toldKeeping else { return }
        toldKeeping = problem != nil
        let tried = "it is tried each second, and a restart would take up what was kept before"
        outlets.note("the state of alarms is " + (problem.map { "not kept, \($0); \(tried)" } ?? "kept again"))
    }

    /// Says goodbye to the device and closes the source; what still comes is left alone.
    private func leave() {
        follower.discardsInput = true
        follower.leave()
    }

    package func take(_ chunk: ChunkRing.Chunk) {
        arrived = chunk.time
        follower.take(chunk, self)
        follower.look(at: arrived, self)
        let isBytes = chunk.kind == AcquisitionNews.bytes.rawValue
        if isBytes, !acquisition.isPatient { transferLatency.record(Monotonic.now() - arrived) }
        outlets.flush()
    }

    package func changed(_ state: DeviceState, _ words: String, at moment: Int64) { tellDevice(state, words, at: moment) }

    package func sets(clock: Int64, at moment: Int64) { time.set(clock: clock, at: moment) }

    package func note(_ words: String) { outlets.note(words) }

    package func heard(_ news: HostNews) {
        switch news {
        case .began: beginStream()
        case .changed: if !follows() { follower.refuse() }
        case .hole: miss()
        case .pace: if let host { _ = host.engine.mark(pace: session.pace.sample, width: session.pace.width) }
        case .frame: push()
        case .ended: end(session.ending)
        case .unfinished: fail(follower.words)
        case .deviceLost:
            tellOwn(.deviceLost, .alertRaised, value: Float(session.unheard) / 1e9)
            tellAlarms()
        case .deviceFound: tellOwn(.deviceLost, .alertCleared, value: Float(session.unheard) / 1e9)
        case .rateWrong, .rateRight: tellRate()
        case .event, .error: tellNotice()
        case .hello:
            let serial = session.hello.map { String(decoding: $0.serial, as: UTF8.self) } ?? ""
            if let words = alarms?.hears(deviceNamed: serial) { outlets.note(words) }
        // The follower tells these itself.
        case .streaming, .silent, .restarted, .reply: break
        }
    }

    /// Whether the engine goes on under another session or configuration of the device.
    private func follows() -> Bool {
        guard let host, let format = session.configuration?.format else { return false }
        return host.engine.adopt(format)
    }

    /// Frames never came that no index tells of.
    private func miss() {
        guard let host else { return }
        host.engine.miss(session.missing)
        tellEvents(host)
    }

    /// Gives the engine a frame of new signal.
    private func push() {
        guard let host else { return }
        let frame = session.frame
        follower.show(&time)
        host.engine.push(frame)
        outlets.signal(frame)
        tellEvents(host)
        if !fault.isEmpty { stand("") }
        if alarms?.isMissing == true { alarms?.found(at: Monotonic.now()) }
        outlets.draw(frame.index, host)
    }

    /// The stream is over; with it the session, where it was to be.
    private func end(_ why: HostEnding) {
        if why == .limit { leave() }
        endStream(early: false)
        if settings.endsWithStream, why != .cutOff { leave() }
    }

    /// Words stand on the screen until new signal comes.
    func stand(_ words: String) {
        fault = words
        outlets.fault(words)
    }
}
