// Each fault that leaves a lead usable, and each electrode that comes off without the device's saying so: made by the simulator or a formula.

import PrecordiaSignal
import PrecordiaSignalSupport
import PrecordiaSimulator
import Testing

@testable import PrecordiaQuality

/// What a monitor says after simulated signal; `spoil` changes the microvolts at a time in seconds. The device's electrode bits are taken away.
private func watched(
    rate: Int = 500, seconds: Int = 12, noise: PrecordiaSimulator.Noise = .none, _ spoil: (Double, inout [Double]) -> Void = { _, _ in }
) -> (report: QualityReport, usable: LeadSet, loose: ElectrodeSet, maskable: LeadSet) {
    var monitor = qualityMonitor(rate)
    hear(&monitor, seconds: seconds, noise: noise, spoil)
    return (monitor.report, monitor.usable, monitor.looseElectrodes, monitor.maskable)
}

/// Lets a monitor hear simulated leads.
func hear(
    _ monitor: inout QualityMonitor, seconds: Int, seed: UInt64 = 3, rhythm: Rhythm = .normalSinus, noise: PrecordiaSimulator.Noise = .none,
    _ spoil: (Double, inout [Double]) -> Void = { _, _ in }
) {
    var simulator = Simulator(rate: monitor.rate, seed: seed, rhythm: rhythm, noise: noise)
    var converter = LeadConverter(Simulator.format(rate: monitor.rate))
    var frame = Frame(index: 0)
    var leads = [Double](repeating: 0, count: 12)
    for index in 0..<seconds * monitor.rate {
        simulator.next(into: &frame)
        frame.off = .empty
        converter.convert(frame, into: &leads)
        var spoilt = leads
        spoil(Double(index) / Double(monitor.rate), &spoilt)
        monitor.push(frame, microvolts: spoilt)
    }
}

@Suite("The quality monitor's marks")
struct SignalFaultTests {
    @Test(
        "calls mains mains, not noise, up to 1 mV and 0.2 Hz off, and leaves every lead usable", arguments: [250, 500, 1000],
        [49.8, 50.2, 60.1])
    func mains(rate: Int, hertz: Double) {
        let found = watched(rate: rate) { time, leads in
            for lead in 0..<12 { leads[lead] += 1000 * sine(hertz * time) }
        }
        #expect(found.report.mains == .all)
        #expect(found.report.bad.isEmpty)
        #expect(found.usable == .all)
        #expect(found.report.verdict == .degraded)
        #expect(found.report.index.worst > 0.4 && found.report.index.worst < 0.55)
        #expect(found.report.reasons.contains(.mains))
    }

    @Test("says for 10 s that most leads have left their place, and nothing of a few, of spikes or of wander")
    func displaced() {
        func isDisplaced(_ seconds: Int, _ spoil: @escaping (Double, inout [Double]) -> Void) -> Bool {
            var monitor = qualityMonitor(500)
            hear(&monitor, seconds: seconds, spoil)
            return monitor.isDisplaced
        }
        func moves(_ leads: Range<Int>) -> (Double, inout [Double]) -> Void {
            { time, values in for lead in leads where time > 5.3 { values[lead] += 30_000 } }
        }
        #expect(!isDisplaced(5, moves(0..<12)))
        #expect(isDisplaced(7, moves(0..<12)) && isDisplaced(14, moves(0..<12)) && !isDisplaced(18, moves(0..<12)))
        #expect(isDisplaced(8, moves(0..<7)) && !isDisplaced(8, moves(0..<6)))
        #expect(!isDisplaced(8) { time, values in for lead in 0..<12 where Int(time * 500) % 500 < 2 { values[lead] += 50_000 } })
        #expect(!isDisplaced(20) { time, values in for lead in 0..<12 { values[lead] += 9000 * sine(0.15 * time) } })
    }

    @Test("is almost blind with one lead of many that neither stands still nor is off, and not with a single lead of one")
    func almostBlind() {
        func isBlind(_ living: Range<Int>) -> Bool {
            var monitor = qualityMonitor(500)
            hear(&monitor, seconds: 5, noise: .resting) { _, values in for lead in 0..<12 where !living.contains(lead) { values[lead] = 40 }
            }
            return monitor.isAlmostBlind
        }
        #expect(isBlind(1..<2) && isBlind(6..<7) && !isBlind(1..<12) && !isBlind(6..<8))
    }

    @Test("is down to one lead where the others are at a limit for three seconds, and not with two leads left, nor in a stream of two")
    func oneLead() {
        func isDown(_ seconds: Int, _ clipped: Range<Int>, derived: LeadSet = .empty) -> Bool {
            var monitor = qualityMonitor(500)
            hear(&monitor, seconds: seconds) { time, values in
                for lead in 0..<12 where clipped.contains(lead) && time > 5 { values[lead] = 4000 * sine(5 * time) > 0 ? 2000 : -2000 }
            }
            return monitor.isDownToOneLead
        }
        #expect(isDown(9, 1..<12) && !isDown(7, 1..<12) && !isDown(9, 2..<12) && !isDown(9, 0..<0))
    }

    @Test("is noisy where most leads are, and not where half of them are")
    func noisy() {
        func isNoisy(_ leads: Range<Int>) -> Bool {
            var noise = SplitMix(state: 5)
            var monitor = qualityMonitor(500)
            hear(&monitor, seconds: 5) { _, values in for lead in leads { values[lead] += 2000 * noise.next() } }
            return monitor.isNoisy
        }
        #expect(isNoisy(0..<12) && isNoisy(0..<7) && !isNoisy(0..<6) && !isNoisy(0..<0))
    }

    @Test("says nothing of mains of 50 uV, nor of a heart", arguments: [250, 500, 1000])
    func littleMains(rate: Int) {
        let found = watched(rate: rate) { time, leads in leads[3] += 50 * sine(50 * time) }
        #expect(found.report.mains.isEmpty)
        #expect(found.report.verdict == .good)
        #expect(found.report.index.worst > 0.95)
    }

    @Test("tells muscle noise in the lead that has it, before it is so much that the lead is noisy", arguments: [100, 500])
    func muscle(rate: Int) {
        var noise = SplitMix(state: 5)
        let found = watched(rate: rate) { _, leads in leads[10] += 150 * noise.next() }
        #expect(found.report.muscle == LeadSet(.V5))
        #expect(found.report.bad.isEmpty)
        #expect(found.report.verdict == .degraded && found.report.reasons == .muscle)
        #expect(found.report.index.value(of: .V5) < found.report.index.value(of: .V4))
    }

    @Test("tells a baseline that moves by more than 1 mV from one second to the next", arguments: [100, 500])
    func wander(rate: Int) {
        let found = watched(rate: rate) { time, leads in
            leads[7] += 1500 * sine(0.25 * time)
            leads[8] += 300 * sine(0.25 * time)
        }
        #expect(found.report.wander == LeadSet(.V2))
        #expect(found.report.reasons == .wander && found.report.bad.isEmpty)
    }

    @Test("tells a spike from a QRS complex of 5 mV and 40 ms", arguments: [250, 500, 1000])
    func spikes(rate: Int) {
        let found = watched(rate: rate) { time, leads in
            if time >= 5, time < 5.0021 { leads[6] += 3000 }
            let beat = abs(time - 6) / 0.02
            if beat < 1 { leads[9] += 5000 * (1 - beat) }
        }
        #expect(found.report.spikes == LeadSet(.V1))
        #expect(found.report.reasons == .spikes && found.report.bad.isEmpty)
    }

    @Test("forgets a mark when it has left the window")
    func forgets() {
        let found = watched(seconds: 25) { time, leads in
            if time < 12 { for lead in 0..<12 { leads[lead] += 200 * sine(50 * time) + (time > 5 && time < 5.003 ? 4000 : 0) } }
        }
        #expect(found.report.verdict == .good && found.report.reasons.isEmpty)
    }

    @Test(
        "finds an electrode off by its hum alone, which is no reason to do without its leads",
        arguments: [
            (ElectrodeSet.leftArm, LeadSet(rawValue: 0b101)), (.leftLeg, LeadSet(rawValue: 0b110)), (.rightArm, LeadSet(rawValue: 0b011)),
            (.chest(1), LeadSet(.V1)), (.chest(4), LeadSet(.V4)), (.chest(6), LeadSet(.V6)),
        ])
    func loose(electrode: ElectrodeSet, leads: LeadSet) {
        var noise = PrecordiaSimulator.Noise.resting
        noise.electrodesOff = electrode
        let found = watched(seconds: 14, noise: noise)
        #expect(found.loose == electrode)
        #expect(found.report.mains.intersection(leads) == leads)
        #expect(found.report.off.isEmpty && found.report.noisy.isEmpty && found.maskable.isEmpty)
    }

    @Test("takes no electrode for loose when all leads hum: that is the room's mains")
    func humEverywhere() {
        let found = watched { time, leads in
            for lead in 0..<12 { leads[lead] += 500 * sine(50 * time) }
        }
        #expect(found.loose.isEmpty && found.report.off.isEmpty)
    }

    @Test("gives an index of 1 to a clean lead, about 0 to a flat one, and the share of good seconds to others; the exam has the worst")
    func index() {
        let found = watched(seconds: 10) { time, leads in
            leads[6] = 0
            if time >= 5, time < 8 { leads[9] += (Int(time * 20) & 1 == 0 ? 6000 : -6000) }
        }
        let index = found.report.index
        #expect(index.value(of: .II) > 0.95)
        #expect(index.value(of: .V1) < 0.15)
        // Three bad seconds, and half of one for the jump back.
        #expect(index.value(of: .V4) > 0.6 && index.value(of: .V4) < 0.67)
        #expect(index.worst == index.value(of: .V1))
        let monitor = qualityMonitor(500)
        #expect(monitor.report.index.worst == 0)
    }

    private func sine(_ cycles: Double) -> Double { Arithmetic.sine(6.283185307179586 * (cycles - Double(Int(cycles)))) }
}
