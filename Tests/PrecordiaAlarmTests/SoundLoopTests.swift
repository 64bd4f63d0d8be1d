// The sound thread's steps on a card that fails in every way, with exact counters.

import Glibc
import PrecordiaAlerts
import Synchronization
import Testing

@testable import PrecordiaAlarm

@Suite("Sound loop")
struct SoundLoopTests {
    /// What a card hears of a high alarm in so many periods if nothing goes wrong.
    private func undisturbed(periods: UInt64) -> [Int16] {
        var bench = Bench()
        bench.set(.high)
        bench.run(periods: periods)
        return bench.card.heard
    }

    @Test("The card is kept open and fed with silence, and never runs low")
    func silence() {
        var bench = Bench()
        bench.run(milliseconds: 10_000)
        #expect(bench.status == .ready)
        #expect(bench.counted == [.periods: 1003])
        #expect(bench.card.heard.allSatisfy { $0 == 0 })
        #expect(bench.card.lowest >= 3 * 480 - 1)
        #expect(bench.card.calls[.open] == 1)
    }

    @Test("From order to first sample heard: the time until the card has room, and what it holds")
    func latency() {
        var bench = Bench()
        bench.run(milliseconds: 1000)
        bench.set(.high)
        bench.run(milliseconds: 1000)
        #expect(bench.latency > 0 && bench.latency <= 41_000_000)
        let onset = bench.card.heard.firstIndex { $0 != 0 }!
        #expect((48_000 - 480...48_000 + 1920).contains(onset))
        #expect(bench.state.longestLatency.load(ordering: .relaxed) == bench.latency)
    }

    @Test("An alarm repeats until it is over")
    func bursts() {
        var bench = Bench()
        bench.set(.high)
        // Bursts of 3.32 s, 5 s apart; at 18 s the first group of the third is sounding.
        bench.run(milliseconds: 18_000)
        #expect(bench.counted == [.periods: 1803, .bursts: 2])
        bench.set(.none)
        bench.run(milliseconds: 20_000)
        #expect(bench.counted == [.periods: 3803, .bursts: 2, .burstsCut: 1])
        #expect(bench.card.heard.lastIndex { $0 != 0 }.map { (48_000 * 18 + 2400..<48_000 * 18 + 4800).contains($0) } == true)
    }

    @Test("After an underrun in a write the same block is written again")
    func underrun() {
        var bench = Bench()
        bench.set(.high)
        bench.run(periods: 20)
        bench.card.script[.write] = [-Int(EPIPE), -Int(EPIPE)]
        bench.run(periods: 100)
        #expect(bench.troubles == [.underruns: 2, .recoveries: 2])
        #expect(bench.card.calls[.prepare] == 2)
        let heard = bench.card.heard
        #expect(heard == Array(undisturbed(periods: 101).prefix(heard.count)))
    }

    @Test("An underrun is noticed in every call that can tell it", arguments: [FakeCard.Call.room, .wait])
    func underruns(call: FakeCard.Call) {
        var bench = Bench()
        bench.set(.high)
        bench.run(periods: 20)
        bench.card.script[call] = [-Int(EPIPE)]
        bench.run(periods: 100)
        #expect(bench.troubles == [.underruns: 1, .recoveries: 1])
        let heard = bench.card.heard
        #expect(heard == Array(undisturbed(periods: 101).prefix(heard.count)))
    }

    @Test("What a short write left is written next")
    func shortWrites() {
        var bench = Bench()
        bench.set(.high)
        bench.run(periods: 20)
        bench.card.script[.write] = [1, 100, -Int(EINTR), 378, -Int(EAGAIN)]
        bench.run(periods: 100)
        #expect(bench.troubles == [.shortWrites: 3])
        let heard = bench.card.heard
        #expect(heard == Array(undisturbed(periods: 101).prefix(heard.count)))
    }

    @Test("A card that slept is woken, and goes on with the same block")
    func suspension() {
        var bench = Bench()
        bench.set(.high)
        bench.run(periods: 20)
        bench.card.script[.write] = [-Int(ESTRPIPE)]
        bench.card.script[.resume] = [-Int(EAGAIN), -Int(EAGAIN), 0]
        bench.run(periods: 100)
        #expect(bench.troubles == [.suspensions: 1, .recoveries: 1])
        #expect(bench.card.calls[.resume] == 3 && bench.card.calls[.prepare] == nil)
        let heard = bench.card.heard
        #expect(heard == Array(undisturbed(periods: 101).prefix(heard.count)))
    }

    @Test("A card that cannot go on where it was is made ready instead")
    func suspensionWithoutResume() {
        var bench = Bench()
        bench.run(periods: 20)
        bench.card.script[.write] = [-Int(ESTRPIPE)]
        bench.card.script[.resume] = [-Int(ENOSYS)]
        bench.run(periods: 100)
        #expect(bench.troubles == [.suspensions: 1, .recoveries: 1])
        #expect(bench.card.calls[.prepare] == 1)
    }

    @Test("A card that does not wake within five seconds is opened again")
    func neverAwake() {
        var bench = Bench()
        bench.run(periods: 20)
        bench.card.script[.write] = [-Int(ESTRPIPE)]
        bench.card.script[.resume] = [Int](repeating: -Int(EAGAIN), count: 1000)
        bench.run(milliseconds: 5200)
        #expect(bench.troubles == [.suspensions: 1, .failures: 1, .reopenings: 1])
    }

    @Test("An unplugged card is an alert, and is opened again when it is back", arguments: [ENODEV, EBADFD, EIO])
    func unplugged(code: Int32) {
        var bench = Bench()
        bench.set(.high)
        bench.run(periods: 20)
        bench.card.script[.write] = [-Int(code)]
        bench.card.script[.open] = [-Int(ENOENT), -Int(ENOENT)]
        bench.run(milliseconds: 30)
        #expect(bench.status == .failed)
        #expect(bench.state.soundProblem == SoundProblem(.writing, code: code))
        let lost = bench.card.now
        bench.run(milliseconds: 400)
        #expect(bench.status == .failed && bench.state.soundProblem == SoundProblem(.opening, code: ENOENT))
        let before = bench.card.heard.count
        bench.run(milliseconds: 600)
        #expect(bench.status == .ready && bench.state.soundProblem == nil)
        #expect(bench.troubles == [.failures: 1, .failedOpenings: 2, .reopenings: 1])
        #expect(bench.card.openings.count == 4 && bench.card.openings[3] - lost < 720_000_000)
        // The alarm is heard from its first pulse.
        #expect(Array(bench.card.heard[before...].prefix(9600)) == Array(undisturbed(periods: 25).prefix(9600)))
        #expect(bench.fallback.told == [.high, .none])
    }

    @Test(
        "A card that is missing or busy is tried again after 0.1 s, and then twice as long each time up to 2 s",
        arguments: [ENOENT, EBUSY, EACCES])
    func backOff(code: Int32) {
        let card = FakeCard()
        card.script[.open] = [Int](repeating: -Int(code), count: 10)
        var bench = Bench(card)
        bench.run(milliseconds: 20_000)
        let waits = zip(card.openings.dropFirst(), card.openings).map { Int((Double($0 - $1) / 1e7).rounded(.down)) * 10 }
        #expect(waits == [100, 200, 400, 800, 1600, 2000, 2000, 2000, 2000, 2000])
        #expect(bench.troubles == [.failedOpenings: 10])
        #expect(bench.status == .ready)
    }

    @Test("A card that hangs for half a second is let go", arguments: [FakeCard.Call.room, .write])
    func stall(call: FakeCard.Call) {
        var bench = Bench()
        bench.run(periods: 20)
        bench.card.script[call] = [Int](repeating: call == .room ? 0 : -Int(EAGAIN), count: 100)
        bench.card.script[.wait] = [Int](repeating: 0, count: 100)
        bench.run(milliseconds: 500)
        #expect(bench.status == .ready)
        bench.run(milliseconds: 50)
        #expect(bench.status == .failed && bench.state.soundProblem == SoundProblem(.stalled, code: ETIMEDOUT))
        #expect(bench.troubles == [.stalls: 1, .failures: 1])
        #expect(!bench.card.isOpen)
    }

    @Test("A card that is always ready and never has room does not keep the processor busy")
    func falseReady() {
        var bench = Bench()
        bench.run(periods: 20)
        bench.card.script[.room] = [Int](repeating: 0, count: 10_000)
        bench.card.script[.wait] = [Int](repeating: 1, count: 10_000)
        let before = bench.card.calls[.wait] ?? 0
        bench.run(milliseconds: 400)
        #expect(bench.card.calls[.wait]! - before <= 402)
    }

    @Test("Ten underruns without a second of sound between are recovered, the eleventh lets the card go")
    func unstable() {
        var bench = Bench()
        bench.run(periods: 20)
        bench.card.script[.write] = [Int](repeating: -Int(EPIPE), count: 11)
        bench.run(milliseconds: 20)
        #expect(bench.troubles == [.underruns: 10, .recoveries: 10, .failures: 1])
        #expect(bench.state.soundProblem == SoundProblem(.unstable, code: EPIPE))
    }

    @Test("Underruns with a second of sound between never add up")
    func rareUnderruns() {
        var bench = Bench()
        for _ in 0..<30 {
            bench.run(milliseconds: 1100)
            bench.card.script[.write] = [-Int(EPIPE)]
        }
        bench.run(milliseconds: 1100)
        #expect(bench.troubles == [.underruns: 30, .recoveries: 30])
        #expect(bench.status == .ready)
    }

    @Test("A card that is not ready after an underrun is opened again")
    func unprepared() {
        var bench = Bench()
        bench.run(periods: 20)
        bench.card.script[.write] = [-Int(EPIPE)]
        bench.card.script[.prepare] = [-Int(ENODEV)]
        bench.run(milliseconds: 300)
        #expect(bench.troubles == [.underruns: 1, .failures: 1, .reopenings: 1])
    }

    @Test("Without a card the bell keeps the alarm's rhythm, and the command hears what should sound")
    func fallback() {
        let card = FakeCard()
        card.script[.open] = [Int](repeating: -Int(ENOENT), count: 1000)
        var bench = Bench(card)
        bench.run(milliseconds: 100)
        bench.set(.medium)
        let start = card.now
        bench.run(milliseconds: 9500)
        let times = bench.fallback.rings.map { Int((Double($0 - start) / 1e7).rounded()) * 10 }
        // Pulses each 370 ms, a burst each 8930 ms, seen each 10 ms.
        #expect(times.count == 5)
        for (time, expected) in zip(times, [0, 370, 740, 8930, 9300]) { #expect(abs(time - expected) <= 20) }
        bench.set(.high)
        bench.run(milliseconds: 500)
        bench.set(.none)
        bench.run(milliseconds: 500)
        #expect(bench.fallback.told == [.none, .medium, .high, .none])
    }

    @Test("Without a card the command hears of each new alarm, though the priority is the same")
    func fallbackAgain() {
        let card = FakeCard()
        card.script[.open] = [Int](repeating: -Int(ENOENT), count: 1000)
        var bench = Bench(card)
        bench.set(.high)
        bench.run(milliseconds: 500)
        bench.set(.high, isNew: true)
        bench.run(milliseconds: 500)
        bench.set(.high)
        bench.run(milliseconds: 500)
        #expect(bench.fallback.told == [.high, .high])
    }

    @Test("A card that fails while nothing sounds is told to the command once, so that it is known to work before it is needed")
    func fallbackTried() {
        var bench = Bench()
        bench.run(periods: 20)
        #expect(bench.fallback.told.isEmpty)
        bench.card.script[.write] = [-Int(ENODEV)]
        bench.card.script[.open] = [Int](repeating: -Int(ENOENT), count: 3)
        bench.run(milliseconds: 3000)
        #expect(bench.status == .ready && bench.fallback.told == [.none])
        bench.card.script[.write] = [-Int(ENODEV)]
        bench.run(milliseconds: 1000)
        #expect(bench.fallback.told == [.none, .none])
    }

    @Test("Silence ends the sound after its pulse, and what is set again sounds at once")
    func silenced() {
        var bench = Bench()
        bench.set(.high)
        bench.run(milliseconds: 1000)
        bench.set(.none, .general, isCut: true)
        bench.run(milliseconds: 300)
        let before = bench.card.heard.count
        bench.run(milliseconds: 9600)
        #expect(bench.card.heard[before...].allSatisfy { $0 == 0 })
        bench.set(.high)
        bench.run(milliseconds: 200)
        #expect(bench.card.heard[before...].contains { $0 != 0 })
        #expect(bench.counted == [.periods: 1113, .burstsCut: 1])
        #expect(bench.latency > 0 && bench.latency <= 41_000_000)
    }

    @Test("A card with other channels and another rate plays the same times")
    func otherFormat() {
        let card = FakeCard(SoundFormat(rate: 44_100, channels: 2, period: 441, buffer: 1764))
        var bench = Bench(card)
        bench.set(.high)
        bench.run(milliseconds: 20_000)
        #expect(bench.counted == [.periods: 2003, .bursts: 3])
        #expect(bench.state.soundFormat == card.format)
    }

    @Test("A device that keeps no time is held back to the clock")
    func bottomless() {
        let card = FakeCard()
        card.isBottomless = true
        var bench = Bench(card)
        bench.run(milliseconds: 60_000)
        #expect(card.heard.count >= 60 * 48_000)
        #expect(card.heard.count <= 60 * 48_000 + 7 * (1920 + 4800 + 480))
    }

    @Test("A thread that hangs in a call is shown as failed, by whoever asks")
    func hang() {
        let state = SounderState()
        state.status.store(AlarmStatus.ready.rawValue, ordering: .relaxed)
        #expect(state.shownStatus(at: 9_000_000_000) == .ready)
        state.stepped.store(1_000_000_000, ordering: .relaxed)
        #expect(state.shownStatus(at: 3_000_000_000) == .ready && state.shownProblem(at: 3_000_000_000) == nil)
        #expect(state.shownStatus(at: 3_000_000_001) == .failed)
        #expect(state.shownProblem(at: 3_000_000_001) == SoundProblem(.stalled, code: ETIMEDOUT))
    }

    @Test("What is wrong is said with what would be right")
    func words() {
        #expect(SoundProblem(.opening, code: EBUSY).words.hasPrefix("cannot be opened, Device or resource busy; "))
        #expect(
            SoundProblem(.settingFormat, code: EINVAL).words
                == "refuses 16 bits at the rate asked for, Invalid argument; the same card as plughw: instead of hw: converts")
    }
}
