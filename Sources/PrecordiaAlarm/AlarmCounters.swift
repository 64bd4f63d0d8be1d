// Everything that the sound thread counts, and the state that it shows others.
// Apart from the thread, because any thread may read it.

import Glibc
import Synchronization

/// What is counted. The raw value is the place in ``AlarmCounters``.
package enum AlarmCounter: Int, Sendable, CaseIterable {
    /// Periods that the card took whole.
    case periods
    /// Bursts played to their last pulse, and left before it.
    case bursts
    case burstsCut
    /// Times that the card ran empty, that the machine had slept, and that either was got over.
    case underruns
    case suspensions
    case recoveries
    /// Writes of which the card took a part.
    case shortWrites
    /// Times that the card took nothing for half a second.
    case stalls
    /// Times that the card was lost or given up; attempts to open it that failed; times that it was opened again.
    case failures
    case failedOpenings
    case reopenings
    /// What the fallback did: bells rung, commands run, commands that could not be started or failed, and what was left out because the last still ran.
    case bells
    case commands
    case commandsFailed
    case commandsLeftOut

    /// The stable name.
    package var name: String {
        switch self {
        case .periods: "periods"
        case .bursts: "bursts"
        case .burstsCut: "bursts-cut"
        case .underruns: "underruns"
        case .suspensions: "suspensions"
        case .recoveries: "recoveries"
        case .shortWrites: "short-writes"
        case .stalls: "stalls"
        case .failures: "failures"
        case .failedOpenings: "failed-openings"
        case .reopenings: "reopenings"
        case .bells: "bells"
        case .commands: "commands"
        case .commandsFailed: "commands-failed"
        case .commandsLeftOut: "commands-left-out"
        }
    }
}

/// The counters at one moment.
package struct AlarmCounters: Equatable, Sendable {
    private var counts = [UInt64](repeating: 0, count: AlarmCounter.allCases.count)

    package init() {}

    package subscript(_ counter: AlarmCounter) -> UInt64 {
        get { counts[counter.rawValue] }
        set { counts[counter.rawValue] = newValue }
    }

    /// "underruns 2, recoveries 2": those that are not 0.
    package var words: String {
        AlarmCounter.allCases.filter { self[$0] > 0 }.map { "\($0.name) \(self[$0])" }.joined(separator: ", ")
    }
}

/// Whether alarms can be heard.
package enum AlarmStatus: UInt8, Sendable {
    /// The card has not been heard of yet.
    case starting = 0
    /// The card plays.
    case ready = 1
    /// There is no sound: a technical alert, `sound-failed`. The fallback speaks meanwhile, and the card is tried again.
    case failed = 2
}

/// What the sound thread and its users share: words that either may read and write at any time.
final class SounderState: Sendable {
    let order = Atomic<UInt64>(0)
    /// Of 32,768.
    let gain = Atomic<Int32>(32_768)
    let status = Atomic<UInt8>(AlarmStatus.starting.rawValue)
    /// Stage (bits 32-39) and code (0-31) of the newest ``SoundProblem``; 0 for none.
    let problem = Atomic<UInt64>(0)
    /// What became of the fallback's newest run, as ``FallbackProblem`` packs it; 0 before the first.
    let fallback = Atomic<UInt64>(0)
    /// Nanoseconds from the newest order to its first sample that can be heard, and the longest; -1 before the first.
    let latency = Atomic<Int64>(-1)
    let longestLatency = Atomic<Int64>(-1)
    /// The format that the card has, packed as rate (bits 40-63), period (20-39) and buffer (0-19), and its channels.
    let format = Atomic<UInt64>(0)
    let channels = Atomic<Int>(0)
    /// Nanoseconds of the monotonic clock at which the sound thread began its newest step; 0 while it does not run.
    let stepped = Atomic<Int64>(0)
    /// What the scheduler said when real-time priority was asked for; 0 if it was given.
    let realTimeCode = Atomic<Int32>(0)
    private nonisolated(unsafe) let counts: UnsafeMutablePointer<Atomic<UInt64>>

    init() {
        counts = .allocate(capacity: AlarmCounter.allCases.count)
        for index in 0..<AlarmCounter.allCases.count { (counts + index).initialize(to: Atomic(0)) }
    }

    deinit { counts.deallocate() }

    func count(_ counter: AlarmCounter, _ more: Int = 1) {
        counts[counter.rawValue].wrappingAdd(UInt64(more), ordering: .relaxed)
    }

    var counters: AlarmCounters {
        var counters = AlarmCounters()
        for counter in AlarmCounter.allCases { counters[counter] = counts[counter.rawValue].load(ordering: .relaxed) }
        return counters
    }

    func set(_ problem: SoundProblem?) {
        let word = problem.map { UInt64($0.stage.rawValue) << 32 | UInt64(UInt32(bitPattern: $0.code)) } ?? 0
        self.problem.store(word, ordering: .relaxed)
    }

    func set(_ problem: FallbackProblem) { fallback.store(problem.word, ordering: .releasing) }

    var fallbackProblem: FallbackProblem? { FallbackProblem(word: fallback.load(ordering: .acquiring)) }

    /// Nanoseconds that a step may take. No call to a card should wait, but a plugin of ALSA may, and then the thread can tell nothing.
    static let hangLimit: Int64 = 2_000_000_000

    /// Whether the sound thread hangs in a call.
    func hangs(at now: Int64) -> Bool {
        let stepped = stepped.load(ordering: .relaxed)
        return stepped != 0 && now - stepped > Self.hangLimit
    }

    /// What others are shown: ``status``, or that the thread hangs.
    func shownStatus(at now: Int64) -> AlarmStatus {
        hangs(at: now) ? .failed : AlarmStatus(rawValue: status.load(ordering: .acquiring)) ?? .failed
    }

    func shownProblem(at now: Int64) -> SoundProblem? { hangs(at: now) ? SoundProblem(.stalled, code: ETIMEDOUT) : soundProblem }

    var soundProblem: SoundProblem? {
        let word = problem.load(ordering: .relaxed)
        guard let stage = SoundProblem.Stage(rawValue: UInt8(truncatingIfNeeded: word >> 32)) else { return nil }
        return SoundProblem(stage, code: Int32(truncatingIfNeeded: word))
    }

    func set(_ format: SoundFormat) {
        let word = UInt64(format.rate) << 40 | UInt64(min(format.period, 0xF_FFFF)) << 20 | UInt64(min(format.buffer, 0xF_FFFF))
        channels.store(format.channels, ordering: .relaxed)
        self.format.store(word, ordering: .releasing)
    }

    var soundFormat: SoundFormat? {
        let word = format.load(ordering: .acquiring)
        guard word != 0 else { return nil }
        return SoundFormat(
            rate: Int(word >> 40), channels: channels.load(ordering: .relaxed), period: Int(word >> 20 & 0xF_FFFF),
            buffer: Int(word & 0xF_FFFF))
    }

    func heard(after nanoseconds: Int64) {
        latency.store(nanoseconds, ordering: .relaxed)
        if nanoseconds > longestLatency.load(ordering: .relaxed) { longestLatency.store(nanoseconds, ordering: .relaxed) }
    }
}
