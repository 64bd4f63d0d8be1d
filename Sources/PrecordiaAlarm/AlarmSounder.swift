// The alarm sound as a session sees it: orders that never wait, and what became of them.
// The sound thread lives here; what it does is SoundLoop's.

import Glibc
package import PrecordiaAlerts
import PrecordiaHost
import Synchronization

/// Sounds alarms until it is stopped.
///
///     let sounder = AlarmSounder(configuration)
///     sounder.start()
///     sounder.set(.high, .cardiovascular)   // the most urgent alarm that is active
///     sounder.set(.none)                    // none is
///     if sounder.status == .failed { … }    // a technical alert, in sounder.problem?.words
///
/// The sounder sounds one alarm, the most urgent; what is active, what is acknowledged and for how long sound is paused are the alarm policy's.
///
/// - Thread: orders and questions from any, none of them waits, locks or allocates (``counters`` allocates). Two threads of its own.
/// - Memory: about 250 KB, most of it the pulses.
package final class AlarmSounder: @unchecked Sendable {
    private let configuration: AlarmConfiguration
    private let state = SounderState()
    private let device: any SoundDevice
    private let fallback: FallbackWorker
    private let stops = Atomic<Bool>(false)
    private var thread: JoinedThread?

    /// A sounder on a card of ALSA, or on another device. It does nothing before ``start()``.
    package init(_ configuration: AlarmConfiguration, device: (any SoundDevice)? = nil) {
        self.configuration = configuration
        self.device = device ?? ALSADevice(configuration.device)
        fallback = FallbackWorker(bell: configuration.bell, command: configuration.command, state: state)
        setVolume(configuration.volume)
    }

    deinit {
        guard let thread else { return }
        stops.store(true, ordering: .releasing)
        thread.join()
        fallback.stop()
    }

    /// Starts the threads. A card that is missing is no error here: ``status`` tells it, and it is tried again.
    ///
    /// - Returns: false if the system has no thread left.
    package func start() -> Bool {
        guard thread == nil else { return true }
        stops.store(false, ordering: .releasing)
        guard fallback.start() else { return false }
        thread = JoinedThread { [unowned self] in run() }
        if thread == nil { fallback.stop() }
        return thread != nil
    }

    /// Why a card cannot be opened now; nil if it can. For those who may do without sound, before anything is started.
    package static func problem(of configuration: AlarmConfiguration) -> SoundProblem? {
        let device = ALSADevice(configuration.device)
        defer { device.close() }
        do throws(SoundProblem) {
            _ = try device.open(configuration.format)
            return nil
        } catch {
            return error
        }
    }

    /// Lets go of the card and ends the threads. Waits for them: some tens of milliseconds, up to 2 s for a card that hangs, or up to 10 s for a command
    /// of the fallback that does.
    package func stop() {
        guard let thread else { return }
        self.thread = nil
        stops.store(true, ordering: .releasing)
        // A thread that the card does not let go of needs this object when it comes back.
        if !thread.join(seconds: 2) { _ = Unmanaged.passRetained(self) }
        fallback.stop()
    }

    /// Says which alarm is the most urgent now; may be said again and again.
    ///
    /// A higher priority than what sounds is heard after the pulse that is sounding; a lower one, or `none`, after its group of pulses.
    ///
    /// - Parameter isNew: whether an alarm of this priority has just come. Where that priority sounds already, its next burst comes earlier.
    package func set(_ priority: AlertPriority, _ melody: AlarmMelody = .general, isNew: Bool = false) {
        order(priority, melody, isNew: isNew, isCut: false)
    }

    /// Ends the sound after the pulse that is sounding: a person has acknowledged. The next ``set(_:_:isNew:)`` sounds again.
    package func silence() { order(.none, .general, isNew: false, isCut: true) }

    /// Sets the level in decibels; beyond ``AlarmConfiguration/quietest`` to 0 it is the nearest. It holds from the next pulse.
    package func setVolume(_ decibels: Double) {
        state.gain.store(Self.gain(decibels), ordering: .relaxed)
    }

    /// Of 32,768.
    static func gain(_ decibels: Double) -> Int32 {
        Int32(32_768 * pow(10, min(max(decibels, AlarmConfiguration.quietest), 0) / 20))
    }

    /// Whether alarms can be heard. `failed` is a technical alert; it may change at any time.
    package var status: AlarmStatus { state.shownStatus(at: Monotonic.now()) }

    /// What is wrong; its ``SoundProblem/words`` are for a person. Nil where nothing is.
    package var problem: SoundProblem? { state.shownProblem(at: Monotonic.now()) }

    /// What became of the fallback's program: from ``start()`` on why it cannot be started, then how its newest run ended; nil if it was not run yet
    /// and could be, or there is none.
    package var fallbackRun: FallbackProblem? { state.fallbackProblem }

    /// Why the sound thread runs without the real-time priority that was asked for; nil if it has it, or none was.
    package var schedulingProblem: String? {
        let code = state.realTimeCode.load(ordering: .relaxed)
        guard code != 0, let priority = configuration.realTimePriority else { return nil }
        return RealTime.priorityRefusal(code, "the sound runs without real-time priority \(priority)", limit: priority).first
    }

    /// Everything counted so far.
    package var counters: AlarmCounters { state.counters }

    /// What the card has given; nil before it was opened.
    package var format: SoundFormat? { state.soundFormat }

    /// Seconds from the newest order for a more urgent sound to its first frame at the card's output, as far as the driver knows it; nil before the first.
    package var latency: Double? { Self.seconds(state.latency.load(ordering: .relaxed)) }

    /// The longest ``latency`` so far.
    package var longestLatency: Double? { Self.seconds(state.longestLatency.load(ordering: .relaxed)) }

    private static func seconds(_ nanoseconds: Int64) -> Double? { nanoseconds < 0 ? nil : Double(nanoseconds) / 1e9 }

    private func order(_ priority: AlertPriority, _ melody: AlarmMelody, isNew: Bool, isCut: Bool) {
        let microseconds = UInt64(Monotonic.now() / 1000)
        var word = state.order.load(ordering: .acquiring)
        while let order = AlarmOrder(word: word).changed(to: priority, melody, isNew: isNew, isCut: isCut, microseconds: microseconds) {
            let (exchanged, newest) = state.order.compareExchange(expected: word, desired: order.word, ordering: .acquiringAndReleasing)
            if exchanged { return }
            word = newest
        }
    }

    private func run() {
        if let priority = configuration.realTimePriority {
            state.realTimeCode.store(RealTime.setPriority(priority), ordering: .relaxed)
        }
        state.stepped.store(Monotonic.now(), ordering: .relaxed)
        var loop = SoundLoop(configuration, device: device, state: state, fallback: fallback)
        while !stops.load(ordering: .acquiring) {
            let now = Monotonic.now()
            state.stepped.store(now, ordering: .relaxed)
            let rest = loop.step(at: now)
            if rest > 0 { usleep(UInt32(rest) * 1000) }
        }
        device.close()
        state.stepped.store(0, ordering: .relaxed)
    }
}
