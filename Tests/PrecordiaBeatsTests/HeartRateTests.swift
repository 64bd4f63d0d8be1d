import PrecordiaSignal
import PrecordiaSignalSupport
import Testing

@testable import PrecordiaBeats

/// A detector with a heart in front of it, at 250 Hz.
private struct Bench: ~Copyable {
    var detector = beatDetector(250)
    var heart: SyntheticHeart
    var index = 0

    init(_ heart: SyntheticHeart) { self.heart = heart }

    mutating func listen(_ seconds: Double, usable: LeadSet = .all) {
        var leads = [Double](repeating: 0, count: 12)
        for _ in 0..<Int(seconds * 250) {
            for lead in 0..<12 { leads[lead] = heart.value(Double(index) / 250) * heart.parts[lead] }
            _ = detector.push(leads, usable: usable)
            index += 1
        }
    }
}

@Suite("The heart rate")
struct HeartRateTests {
    @Test("is the mean of up to 12 intervals without the longest and the shortest")
    func trimmedMean() {
        var history = IntervalHistory()
        #expect(history.mean(slow: 1200, fast: 300) == nil)
        history.append(800)
        #expect(history.mean(slow: 1200, fast: 300) == nil)
        history.append(900)
        #expect(history.mean(slow: 1200, fast: 300) == 850)
        history.append(400)
        #expect(history.mean(slow: 1200, fast: 300) == 800)
        for interval in 0..<12 { history.append(Int32(1000 + interval)) }
        #expect(history.mean(slow: 1200, fast: 300) == 1005.5)
        history.append(5)
        #expect(history.mean(slow: 1200, fast: 300) == Double((1002...1010).reduce(1001, +)) / 10)
    }

    @Test("is the mean of the last 4 intervals when each of the last 3 is longer than 1200 ms")
    func slowMean() {
        var history = IntervalHistory()
        for _ in 0..<9 { history.append(600) }
        for interval: Int32 in [1300, 1400, 1200] { history.append(interval) }
        #expect(history.mean(slow: 1200, fast: 300) == Double(600 * 8 + 1300 + 1200) / 10)
        for interval: Int32 in [1300, 1400] { history.append(interval) }
        #expect(history.mean(slow: 1200, fast: 300) != Double(1400 + 1200 + 1300 + 1400) / 4)
        history.append(1500)
        #expect(history.mean(slow: 1200, fast: 300) == Double(1200 + 1300 + 1400 + 1500) / 4)
    }

    @Test("is the mean of the last 6 intervals when each of them is shorter than 460 ms")
    func fastMean() {
        var history = IntervalHistory()
        for _ in 0..<6 { history.append(800) }
        for interval: Int32 in [400, 380, 390, 370, 360] { history.append(interval) }
        #expect(history.mean(slow: 1200, fast: 460) == Double(800 * 5 + 400 + 380 + 390 + 370) / 9)
        history.append(380)
        #expect(history.mean(slow: 1200, fast: 460) == Double(400 + 380 + 390 + 370 + 360 + 380) / 6)
        history.append(460)
        #expect(history.mean(slow: 1200, fast: 460) == Double(800 * 4 + 400 + 380 + 390 + 370 + 380 + 460) / 10)
    }

    @Test("is not known before the third beat, and not after 4 s without one")
    func knownWhen() {
        var times = [2.0, 3.0, 4.0]
        var bench = Bench(SyntheticHeart(times: times))
        bench.listen(3.5)
        #expect(bench.detector.beats == 2)
        #expect(bench.detector.beatsPerMinute() == nil)
        bench.listen(1)
        #expect(abs(bench.detector.beatsPerMinute()! - 60) < 0.5)
        bench.listen(3.3)
        #expect(bench.detector.beatsPerMinute() != nil)
        bench.listen(0.5)
        #expect(bench.detector.beatsPerMinute() == nil)
        #expect(abs(bench.detector.secondsWithoutBeat - 4.3) < 0.03)
        times.append(9)
        bench.heart.times = times
        bench.listen(1)
        #expect(bench.detector.beats == 4)
        #expect(bench.detector.secondsWithoutBeat < 1)
    }

    @Test("counts seconds without a beat from the start of a flat signal")
    func flatFromTheStart() {
        var bench = Bench(SyntheticHeart(times: []))
        bench.listen(6)
        #expect(bench.detector.secondsWithoutBeat == 6)
        #expect(bench.detector.lastBeat == nil)
    }

    @Test("is not known while the signal is held, which is no asystole, and comes back after it")
    func held() {
        var bench = Bench(.steady(75, seconds: 60))
        bench.listen(10)
        bench.listen(20, usable: .empty)
        #expect(bench.detector.isHeld == true)
        #expect(bench.detector.beatsPerMinute() == nil)
        #expect(bench.detector.secondsWithoutBeat < 1)
        #expect(bench.detector.position == 30 * 250)
        let before = bench.detector.beats
        bench.listen(1)
        #expect(bench.detector.isHeld == false)
        #expect(bench.detector.secondsWithoutBeat <= 1)
        bench.listen(6)
        #expect(bench.detector.beats > before + 4)
        #expect(abs(bench.detector.beatsPerMinute()! - 75) < 0.8)
    }

    @Test("has no interval that spans a hold")
    func noIntervalAcrossAHold() {
        var bench = Bench(.steady(75, seconds: 60))
        bench.listen(10)
        bench.listen(3, usable: .empty)
        bench.listen(1.2)
        #expect(abs(bench.detector.beatsPerMinute()! - 75) < 0.8)
        var other = Bench(.steady(75, seconds: 60))
        other.listen(10)
        other.detector.hold(samples: 750)
        other.index += 750
        other.listen(1.2)
        #expect(other.detector.position == bench.detector.position)
        #expect(other.detector.lastBeat == bench.detector.lastBeat)
        #expect(other.detector.beatsPerMinute() == bench.detector.beatsPerMinute())
    }

    @Test("is not disturbed by single samples that are lost, nor by the electrodes' offset and wander")
    func lostSamples() {
        var detector = beatDetector(250)
        let heart = SyntheticHeart.steady(75, seconds: 30)
        var noise = SplitMix(state: 2)
        var known = 0
        for index in 0..<(30 * 250) {
            let time = Double(index) / 250
            let wander = 250_000 + 2000 * Arithmetic.sine(2 * time)
            let leads = heart.parts.map { heart.value(time) * $0 + wander }
            if noise.next() > 0.98 { detector.hold() } else { _ = detector.push(leads, usable: .all) }
            if let rate = detector.beatsPerMinute(), abs(rate - 75) < 1.5 { known += 1 }
        }
        #expect(known > 26 * 250)
        #expect(detector.beats >= 34)
    }

    @Test("does not hear a beat when leads come and go on a standing offset")
    func leadsComeAndGo() {
        var detector = beatDetector(500)
        let leads = (0..<12).map { Double($0) * 3000 }
        var beats = 0
        for index in 0..<(30 * 500) {
            let usable = LeadSet(rawValue: UInt16(truncatingIfNeeded: (index / 37) &* 0x9E37) | 1)
            if detector.push(leads, usable: usable) { beats += 1 }
        }
        #expect(beats == 0)
    }

    @Test("goes over to a new rate within the 12 beats after a change")
    func change() {
        var times = (0..<15).map { 0.4 + Double($0) }
        times += (1...30).map { 14.4 + 0.4 * Double($0) }
        var bench = Bench(SyntheticHeart(times: times))
        bench.listen(14.5)
        #expect(abs(bench.detector.beatsPerMinute()! - 60) < 0.6)
        bench.listen(13 * 0.4 + 0.2)
        #expect(abs(bench.detector.beatsPerMinute()! - 150) < 1.5)
    }
}
