// A sound card that plays by a clock of its own and fails when it is told to.
// It stands in for ALSA in the tests of the sound thread's steps.

import Glibc
import PrecordiaAlerts
import Synchronization

@testable import PrecordiaAlarm

/// A card that holds a buffer, drains it as its clock goes on, and answers each call as scripted before it works again.
final class FakeCard: SoundDevice {
    enum Call: Hashable { case open, room, write, wait, prepare, resume }

    /// Nanoseconds; goes on only when a call waits or a test says so.
    var now: Int64 = 1_000_000_000
    var format: SoundFormat
    /// Whether it is never full: a device that keeps no time.
    var isBottomless = false
    /// Answers to the next calls, before the card works.
    var script: [Call: [Int]] = [:]
    /// Everything that it took, one channel.
    private(set) var heard: [Int16] = []
    private(set) var calls: [Call: Int] = [:]
    private(set) var openings: [Int64] = []
    private(set) var isOpen = false
    private var queued = 0.0
    private var drained: Int64 = 0
    /// The least that it held when it was written to, once it had been full.
    private(set) var lowest = Int.max
    private var wasFull = false

    init(_ format: SoundFormat = AlarmConfiguration().format) { self.format = format }

    private func drain() {
        queued = max(0, queued - Double(now - drained) * Double(format.rate) / 1e9)
        drained = now
    }

    private func scripted(_ call: Call) -> Int? {
        calls[call, default: 0] += 1
        guard let answers = script[call], !answers.isEmpty else { return nil }
        return script[call]!.removeFirst()
    }

    func open(_ wish: SoundFormat) throws(SoundProblem) -> SoundFormat {
        openings.append(now)
        if let answer = scripted(.open), answer < 0 { throw SoundProblem(.opening, code: Int32(-answer)) }
        isOpen = true
        queued = 0
        drained = now
        return format
    }

    func room() -> Int {
        if let answer = scripted(.room) { return answer }
        guard isOpen else { return Int(-EBADFD) }
        if isBottomless { return format.buffer }
        drain()
        return format.buffer - Int(queued.rounded(.up))
    }

    func delay() -> Int { isBottomless ? 0 : Int(queued.rounded(.up)) }

    func write(_ frames: UnsafePointer<Int16>, _ count: Int) -> Int {
        let answer = scripted(.write)
        if let answer, answer <= 0 { return answer }
        let taken = min(answer ?? count, count)
        drain()
        if wasFull { lowest = min(lowest, Int(queued)) }
        for frame in 0..<taken { heard.append(frames[frame * format.channels]) }
        queued += Double(taken)
        if queued + Double(format.period) > Double(format.buffer) { wasFull = true }
        return taken
    }

    func wait(milliseconds: Int32) -> Int {
        if let answer = scripted(.wait) {
            if answer == 0 { now += Int64(milliseconds) * 1_000_000 }
            return answer
        }
        drain()
        let missing = queued - Double(format.buffer - format.period)
        let nanoseconds = missing <= 0 ? 0 : Int64((missing * 1e9 / Double(format.rate)).rounded(.up)) + 1
        if nanoseconds > Int64(milliseconds) * 1_000_000 {
            now += Int64(milliseconds) * 1_000_000
            return 0
        }
        now += nanoseconds
        return 1
    }

    func prepare() -> Int { scripted(.prepare) ?? 0 }

    func resume() -> Int { scripted(.resume) ?? 0 }

    func close() { isOpen = false }
}

/// Remembers what the fallback was told, and when.
final class FakeFallback: AlarmFallback {
    let card: FakeCard
    private(set) var rings: [Int64] = []
    private(set) var told: [AlertPriority] = []

    init(_ card: FakeCard) { self.card = card }

    func ring() { rings.append(card.now) }
    func tell(_ priority: AlertPriority) { told.append(priority) }
}

/// The sound thread's steps on a card's clock.
struct Bench {
    let card: FakeCard
    let fallback: FakeFallback
    let state = SounderState()
    private var loop: SoundLoop

    init(_ card: FakeCard = FakeCard()) {
        self.card = card
        fallback = FakeFallback(card)
        loop = SoundLoop(AlarmConfiguration(), device: card, state: state, fallback: fallback)
    }

    var status: AlarmStatus? { AlarmStatus(rawValue: state.status.load(ordering: .relaxed)) }
    var latency: Int64 { state.latency.load(ordering: .relaxed) }

    /// The counters that are not 0.
    var counted: [AlarmCounter: UInt64] {
        let counters = state.counters
        return Dictionary(uniqueKeysWithValues: AlarmCounter.allCases.map { ($0, counters[$0]) }.filter { $0.1 > 0 })
    }

    /// The same without what counts success.
    var troubles: [AlarmCounter: UInt64] { counted.filter { ![.periods, .bursts].contains($0.key) } }

    func set(_ priority: AlertPriority, _ melody: AlarmMelody = .cardiovascular, isNew: Bool = false, isCut: Bool = false) {
        let order = AlarmOrder(word: state.order.load(ordering: .relaxed))
        guard let changed = order.changed(to: priority, melody, isNew: isNew, isCut: isCut, microseconds: UInt64(card.now / 1000)) else {
            return
        }
        state.order.store(changed.word, ordering: .relaxed)
    }

    /// Steps until so much time has passed.
    mutating func run(milliseconds: Int64) {
        let end = card.now + milliseconds * 1_000_000
        while card.now < end {
            let rest = loop.step(at: card.now)
            // A step takes a microsecond, so that a card which never waits cannot stop the clock.
            card.now += max(1000, Int64(rest) * 1_000_000)
        }
    }

    /// Steps until so many periods were taken.
    mutating func run(periods: UInt64) {
        while state.counters[.periods] < periods { run(milliseconds: 1) }
    }
}
