import PrecordiaSignal
import PrecordiaSignalSupport
import Testing

@testable import PrecordiaBeats

/// What a detector heard in a signal.
private struct Heard {
    var places: [Int64] = []
    var rates: [Double?] = []
    var latest = 0.0
    var silence = 0.0

    /// Beats after the learning time that were not found within 25 ms, and finds that are no beat.
    func misses(_ heart: SyntheticHeart, rate: Int, before end: Double) -> Int {
        let found = places.map { Double($0) / Double(rate) }
        let missed = heart.times.filter { time in time > 1.6 && time < end && !found.contains { abs($0 - time) < 0.025 } }
        let invented = found.filter { place in !heart.times.contains { abs($0 - place) < 0.025 } }
        return missed.count + invented.count
    }
}

private func hear(
    rate: Int, seconds: Double, usable: LeadSet = .all, _ signal: (Int, Double) -> Double
) -> Heard {
    var detector = beatDetector(rate)
    var heard = Heard()
    var leads = [Double](repeating: 0, count: 12)
    for index in 0..<Int(seconds * Double(rate)) {
        for lead in 0..<12 { leads[lead] = signal(lead, Double(index) / Double(rate)) }
        if detector.push(leads, usable: usable) {
            heard.places.append(detector.lastBeat!)
            heard.latest = max(heard.latest, Double(Int64(index) - detector.lastBeat!) / Double(rate))
        }
        heard.rates.append(detector.beatsPerMinute())
    }
    heard.silence = detector.secondsWithoutBeat
    return heard
}

private func hear(_ heart: SyntheticHeart, rate: Int, seconds: Double, usable: LeadSet = .all) -> Heard {
    hear(rate: rate, seconds: seconds, usable: usable) { lead, time in heart.value(time) * heart.parts[lead] }
}

private let rates = [100, 128, 250, 257, 360, 500, 1000, 2000]

@Suite("The beat detector")
struct BeatDetectorTests {
    @Test("finds beats within 5 s after a movement, ten times as large, that it learned from", arguments: rates)
    func movement(rate: Int) {
        let heart = SyntheticHeart.steady(75, seconds: 12, qrs: 800)
        let heard = hear(rate: rate, seconds: 12) { lead, time in
            // Jerks of 5 Hz in the first 1.4 s.
            let phase = time * 5 - Double(Int(time * 5))
            let jerk = time < 1.4 ? 8000 * (phase < 0.5 ? phase : 1 - phase) : 0
            return (heart.value(time) + jerk) * heart.parts[lead]
        }
        let found = heard.places.map { Double($0) / Double(rate) }
        let late = heart.times.filter { time in time > 5 && time < 11.5 && !found.contains { abs($0 - time) < 0.025 } }
        #expect(late.isEmpty)
    }

    @Test("finds every beat from 2 s after an amplifier found its place, 35 mV further", arguments: rates)
    func placing(rate: Int) {
        let heart = SyntheticHeart.steady(75, seconds: 12, qrs: 800)
        let heard = hear(rate: rate, seconds: 12) { lead, time in heart.value(time) * heart.parts[lead] + (time < 1 ? -35_000 : 0) }
        let found = heard.places.map { Double($0) / Double(rate) }
        let late = heart.times.filter { time in time > 3 && time < 11.5 && !found.contains { abs($0 - time) < 0.025 } }
        #expect(late.isEmpty)
    }

    @Test("finds a heart of 0.25 mV in its best leads, and none of 0.15 mV in all leads, as IEC 60601-2-27 wants")
    func small() {
        let small = SyntheticHeart.steady(75, seconds: 12, qrs: 210)
        #expect(hear(small, rate: 500, seconds: 12).places.count >= 10)
        var flat = SyntheticHeart.steady(75, seconds: 12, qrs: 150)
        flat.parts = [Double](repeating: 1, count: 12)
        flat.qrsWidth = 0.08
        #expect(hear(flat, rate: 500, seconds: 12).places.isEmpty)
    }

    @Test("tells the rate of a steady rhythm to 1 % at every device rate", arguments: rates, [30.0, 40, 61.7, 75, 120, 180, 240])
    func steadyRate(rate: Int, beatsPerMinute: Double) throws {
        let seconds = beatsPerMinute < 60 ? 16.0 : 10.0
        let heard = hear(.steady(beatsPerMinute, seconds: seconds), rate: rate, seconds: seconds)
        let told = try #require(heard.rates.last!)
        #expect(abs(told - beatsPerMinute) < 0.01 * beatsPerMinute, "told \(told)")
    }

    @Test("finds every beat after learning, each within 25 ms of its place, no later than 250 ms after it", arguments: rates)
    func places(rate: Int) {
        let heart = SyntheticHeart.steady(73, seconds: 20)
        let heard = hear(heart, rate: rate, seconds: 20)
        #expect(heard.misses(heart, rate: rate, before: 19.7) == 0)
        #expect(heard.latest < 0.25)
    }

    @Test("finds beats that come irregularly, as in atrial fibrillation")
    func irregular() {
        var noise = SplitMix(state: 7)
        var times = [0.4]
        while times.last! < 29 { times.append(times.last! + 0.65 + 0.3 * noise.next()) }
        let heart = SyntheticHeart(times: times, wave: 250)
        let heard = hear(heart, rate: 250, seconds: 30)
        #expect(heard.misses(heart, rate: 250, before: 29.7) == 0)
    }

    @Test("hears no beat and tells no rate in noise of plus and minus 0.1 mV", arguments: rates)
    func noise(rate: Int) {
        var noise = SplitMix(state: UInt64(rate))
        let heard = hear(rate: rate, seconds: 30) { _, _ in 100 * noise.next() }
        #expect(heard.places.isEmpty)
        #expect(heard.rates.allSatisfy { $0 == nil })
        #expect(heard.silence == 30)
    }

    @Test("ignores complexes of 0.15 mV and finds complexes of 0.5 mV in all leads", arguments: rates)
    func amplitude(rate: Int) {
        for (qrs, width, isHeard) in [(150.0, 0.04, false), (150, 0.07, false), (150, 0.12, false), (500, 0.07, true), (500, 0.12, true)] {
            var heart = SyntheticHeart.steady(80, seconds: 15, qrs: qrs)
            heart.qrsWidth = width
            heart.parts = [Double](repeating: 1, count: 12)
            let heard = hear(heart, rate: rate, seconds: 15)
            #expect(heard.places.isEmpty == !isHeard, "\(qrs) uV: \(heard.places.count) beats")
        }
    }

    @Test("does not take a T wave for a beat, up to 1.2 times the QRS", arguments: rates)
    func tallWave(rate: Int) throws {
        for wave in [300.0, 800, 1200] {
            var heart = SyntheticHeart.steady(80, seconds: 20)
            heart.wave = wave
            let heard = hear(heart, rate: rate, seconds: 20)
            let told = try #require(heard.rates.last!)
            #expect(abs(told - 80) < 1, "T wave of \(wave) uV: \(told)")
        }
    }

    @Test("is not disturbed by mains hum of 0.1 mV", arguments: [250, 500, 1000])
    func mains(rate: Int) throws {
        let heart = SyntheticHeart.steady(66, seconds: 20)
        let heard = hear(rate: rate, seconds: 20) { lead, time in
            heart.value(time) * heart.parts[lead] + 100 * Arithmetic.sine(314.159265358979 * time)
        }
        #expect(heard.misses(heart, rate: rate, before: 19.7) == 0)
        #expect(abs(try #require(heard.rates.last!) - 66) < 0.7)
    }

    @Test("works on a single usable lead, and on derived ones alone", arguments: [LeadSet(.II), LeadSet(.V5), LeadSet(.aVF)])
    func singleLead(usable: LeadSet) throws {
        let heard = hear(.steady(90, seconds: 12), rate: 250, seconds: 12, usable: usable)
        #expect(abs(try #require(heard.rates.last!) - 90) < 0.9)
    }

    @Test(
        "a lost second in four does not hide that there is no beat, and of a contact that comes and goes nothing is said", arguments: rates)
    func lostSeconds(rate: Int) {
        for heard in [3, 1] {
            var detector = beatDetector(rate)
            let leads = [Double](repeating: 0, count: 12)
            var longest = 0.0, unbroken = 0.0
            for _ in 0..<20 {
                for _ in 0..<heard * rate { _ = detector.push(leads, usable: .all) }
                longest = max(longest, detector.secondsWithoutBeat)
                unbroken = max(unbroken, detector.unbrokenSecondsWithoutBeat)
                detector.hold(samples: Int64(rate))
            }
            #expect(heard == 3 ? longest >= 30 : longest <= 2)
            #expect(unbroken <= Double(heard))
        }
    }

    @Test("does not read leads that are not usable")
    func unusableLeads() throws {
        let heart = SyntheticHeart.steady(90, seconds: 12)
        let heard = hear(rate: 250, seconds: 12, usable: LeadSet.all.subtracting(LeadSet(.V1))) { lead, time in
            lead == 6 ? .nan : heart.value(time) * heart.parts[lead]
        }
        #expect(abs(try #require(heard.rates.last!) - 90) < 0.9)
    }

    @Test("takes any value: not a number and infinity are limited, and the beats after them are found")
    func anyValue() throws {
        let heart = SyntheticHeart.steady(75, seconds: 30)
        let heard = hear(rate: 250, seconds: 30) { lead, time in
            guard time > 3, time < 3.1 else { return heart.value(time) * heart.parts[lead] }
            return [Double.nan, .infinity, -.infinity, 1e300, -1e300, 0][lead % 6]
        }
        #expect(abs(try #require(heard.rates.last!) - 75) < 0.8)
    }

    @Test("gives the same beats for the same samples, also after a reset")
    func deterministic() {
        let heart = SyntheticHeart.steady(110, seconds: 15)
        var detector = beatDetector(360)
        var runs: [[Int64]] = []
        for _ in 0..<3 {
            var noise = SplitMix(state: 1)
            var places: [Int64] = []
            for index in 0..<(15 * 360) {
                var leads = [Double](repeating: 0, count: 12)
                for lead in 0..<12 { leads[lead] = heart.value(Double(index) / 360) * heart.parts[lead] + 40 * noise.next() }
                if detector.push(leads, usable: .all) { places.append(detector.lastBeat!) }
            }
            runs.append(places)
            detector.reset()
            #expect(detector.lastBeat == nil && detector.beatsPerMinute() == nil && detector.position == 0)
        }
        #expect(runs[0].count > 20)
        #expect(runs[0] == runs[1] && runs[1] == runs[2])
    }
}
