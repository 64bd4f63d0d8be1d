import PrecordiaSignal
import PrecordiaSignalSupport
import Testing

@testable import PrecordiaQuality

/// A monitor with a heart in front of it; `spoil` changes the frame and the microvolts at a time in seconds.
private func watch(
    rate: Int = 250, seconds: Double = 10, derived: LeadSet = .empty, lacking: LeadSet = .empty, unplaced: LeadSet = .empty,
    qrs: Double = 1000,
    _ spoil: (Double, inout Frame, inout [Double]) -> Void = { _, _, _ in }
) -> QualityMonitor {
    var monitor = qualityMonitor(rate, derived: derived, lacking: lacking, unplaced: unplaced)
    watch(&monitor, from: 0, seconds: seconds, qrs: qrs, spoil)
    return monitor
}

private func watch(
    _ monitor: inout QualityMonitor, from: Double, seconds: Double, qrs: Double = 1000,
    _ spoil: (Double, inout Frame, inout [Double]) -> Void = { _, _, _ in }
) {
    // A second more than is heard: a beat on the border between two calls begins in the first.
    var heart = SyntheticHeart.steady(72, seconds: from + seconds + 1, qrs: qrs)
    heart.wave = 200
    let rate = Double(monitor.rate)
    for index in Int(from * rate)..<Int((from + seconds) * rate) {
        let time = Double(index) / rate
        var frame = Frame(index: UInt64(index))
        var leads = heart.parts.map { heart.value(time) * $0 + 6000 }
        spoil(time, &frame, &leads)
        monitor.push(frame, microvolts: leads)
    }
}

private let rates = [100, 257, 500, 2000]

@Suite("The quality monitor")
struct QualityMonitorTests {
    @Test("calls a clean window good, at every device rate", arguments: rates)
    func clean(rate: Int) {
        let report = watch(rate: rate).report
        #expect(report.verdict == .good)
        #expect(report.reasons.rawValue == 0)
        #expect(report.samples == 10 * rate)
    }

    @Test("knows nothing until the window is full", arguments: rates)
    func incomplete(rate: Int) {
        var monitor = watch(rate: rate, seconds: 9.9)
        #expect(monitor.report.verdict == .unknown)
        #expect(monitor.report.reasons == .incomplete)
        #expect(monitor.report.samples == Int(9.9 * Double(rate)))
        watch(&monitor, from: 9.9, seconds: 5)
        #expect(monitor.report.verdict == .good)
        #expect(monitor.report.samples == 10 * rate)
    }

    @Test("finds an electrode off, and forgets it when it has left the window", arguments: [100, 500])
    func electrodeOff(rate: Int) {
        var monitor = watch(rate: rate, seconds: 14.5) { time, frame, _ in
            if time >= 14 { frame.off = .chest(3) }
        }
        #expect(monitor.report.off == LeadSet(.V3))
        #expect(monitor.report.verdict == .degraded)
        #expect(monitor.report.reasons == .electrodeOff)
        #expect(monitor.usable == LeadSet.all.subtracting(LeadSet(.V3)))
        watch(&monitor, from: 14.5, seconds: 10)
        #expect(monitor.usable == .all)
        #expect(monitor.report.off == LeadSet(.V3))
        watch(&monitor, from: 24.5, seconds: 0.5)
        #expect(monitor.report.verdict == .good)
    }

    @Test("calls a window unknown when an arm's electrode is off, and leaves the beats what lead remains")
    func armOff() {
        let left = watch { time, frame, _ in
            if time > 5 { frame.off = .leftArm }
        }
        #expect(left.report.verdict == .unknown)
        #expect(left.usable == LeadSet(.II))
        let monitor = watch { time, frame, _ in
            if time > 5 { frame.off = .rightArm }
        }
        #expect(monitor.report.off == .all)
        #expect(monitor.report.verdict == .unknown)
        #expect(monitor.report.reasons == QualityReasons.electrodeOff.union(.tooFewLeads))
        #expect(monitor.usable == .empty)
    }

    @Test("finds a lead that stands still for 2 s or wanders within 10 uV, not one that is quiet between beats", arguments: rates)
    func flat(rate: Int) {
        var noise = SplitMix(state: 3)
        let monitor = watch(rate: rate) { time, _, leads in
            if time > 6.9, time < 9.1 { leads[8] = 5880 }
            if time > 6.9, time < 9.1 { leads[9] = 6000 + 4.9 * noise.next() }
            if time > 6.9, time < 8.7 { leads[10] = 6017 }
        }
        #expect(monitor.report.flat == LeadSet(rawValue: 1 << 8 | 1 << 9))
        #expect(monitor.report.verdict == .degraded)
        #expect(monitor.report.reasons == .flat)
        #expect(monitor.usable == .all)
    }

    @Test("leaves a flat lead out of the usable ones, unless all attached leads are flat: that may be an asystole")
    func usableWhenFlat() {
        let one = watch { _, _, leads in leads[6] = 0 }
        #expect(one.usable == LeadSet.all.subtracting(LeadSet(.V1)))
        let all = watch { _, frame, leads in
            leads = [Double](repeating: 3, count: 12)
            frame.off = .chest(2)
        }
        #expect(all.report.verdict == .unknown)
        #expect(all.report.flat == .all)
        #expect(all.usable == LeadSet.all.subtracting(LeadSet(.V2)))
    }

    @Test("finds clipping that the device reports, and leads lost with I or II when they are derived")
    func reportedClipping() {
        let measured = watch { time, frame, _ in
            if time > 5, time < 5.01 { frame.clipped = LeadSet(.II) }
        }
        #expect(measured.report.clipped == LeadSet(.II))
        #expect(measured.report.verdict == .degraded)
        let derived = watch(derived: .derived) { time, frame, _ in
            if time > 5, time < 5.01 { frame.clipped = LeadSet(.II) }
        }
        #expect(derived.report.clipped == LeadSet.derived.union(LeadSet(.II)))
        #expect(derived.report.verdict == .unknown)
    }

    @Test("finds a plateau at a limit that the device does not report, and none in a quantised clean signal", arguments: rates)
    func plateau(rate: Int) {
        let limited = watch(rate: rate, qrs: 5000) { _, _, leads in
            for lead in 9...11 { leads[lead] = min(leads[lead], 8500) }
        }
        #expect(limited.report.clipped == LeadSet(rawValue: 1 << 9 | 1 << 10 | 1 << 11))
        let quantised = watch(rate: rate, qrs: 3000) { _, _, leads in
            for lead in 0..<12 { leads[lead] = Arithmetic.roundedToEven(leads[lead] / 10) * 10 }
        }
        #expect(quantised.report.verdict == .good)
    }

    @Test("finds a lead of noise and a lead that swings too far", arguments: rates)
    func noise(rate: Int) {
        var noise = SplitMix(state: 11)
        let monitor = watch(rate: rate) { time, _, leads in
            leads[7] += 2000 * noise.next()
            if time > 4, time < 4.1 { leads[10] += 12_000 }
        }
        #expect(monitor.report.noisy == LeadSet(.V2))
        #expect(monitor.report.outOfRange == LeadSet(.V5))
        #expect(monitor.report.verdict == .degraded)
        #expect(monitor.usable == LeadSet.all.subtracting(LeadSet(.V2)))
    }

    @Test("finds a gap and knows nothing until a full window has passed after it", arguments: [100, 360, 2000])
    func gap(rate: Int) {
        var monitor = watch(rate: rate, seconds: 12)
        // The heart of a later call has later beats: cut between two of them, it goes on without a jump.
        watch(&monitor, from: 13, seconds: 9.5)
        #expect(monitor.report.verdict == .unknown)
        #expect(monitor.report.reasons == .gap)
        watch(&monitor, from: 22.5, seconds: 0.6)
        #expect(monitor.report.verdict == .good)
        watch(&monitor, from: 5, seconds: 1)
        #expect(monitor.report.verdict == .unknown)
    }

    @Test("takes samples without any lead for a gap, and of one lead for that lead's fault")
    func missing() {
        var monitor = watch(seconds: 20) { time, frame, _ in
            if time >= 12, time < 12.5 { frame.missing = .all }
        }
        #expect(monitor.report.reasons == .gap)
        #expect(monitor.report.samples == 1875)
        watch(&monitor, from: 20, seconds: 2.5)
        #expect(monitor.report.verdict == .good)
        watch(&monitor, from: 22.5, seconds: 1) { _, frame, _ in frame.missing = LeadSet(.V6) }
        #expect(monitor.report.gap == LeadSet(.V6))
        #expect(monitor.report.verdict == .degraded)
        #expect(monitor.report.reasons == .missingLead)
        #expect(monitor.usable == LeadSet.all.subtracting(LeadSet(.V6)))
        watch(&monitor, from: 23.5, seconds: 0.1) { _, frame, _ in frame.missing = .all }
        #expect(monitor.usable == .empty)
        #expect(monitor.report.gap == .all)
    }

    @Test(
        "gives an answer with 2 bad measured leads, and none with 3, or with I and II; what follows from other leads is not bad",
        arguments: [
            ([0], QualityVerdict.degraded), ([6, 11], .degraded), ([1, 6], .degraded), ([6, 7, 8], .unknown), ([0, 1], .unknown),
            ([2, 3, 4], .degraded), ([2, 3, 4, 5], .degraded), ([2, 3, 6], .degraded), ([0, 3, 4, 5], .degraded), ([1, 6, 7], .degraded),
            ([0, 2, 3, 4], .unknown),
        ])
    func badLeads(leads: [Int], expected: QualityVerdict) {
        let monitor = watch { _, _, values in
            for lead in leads { values[lead] = 0 }
        }
        #expect(monitor.report.verdict == expected)
        #expect(monitor.report.reasons.contains(.tooFewLeads) == (expected == .unknown))
    }

    @Test("is as new after a reset")
    func reset() {
        var monitor = watch(seconds: 12) { time, frame, leads in
            leads[3] = 0
            if time > 11 { frame.off = .rightLeg }
        }
        watch(&monitor, from: 30, seconds: 1)
        monitor.reset()
        #expect(monitor.usable == .empty)
        #expect(monitor.report.reasons == .incomplete)
        watch(&monitor, from: 3, seconds: 10)
        #expect(monitor.report.verdict == .good)
    }

    @Test("takes any value without a trap")
    func anyValue() {
        let values = [Double.nan, .infinity, -.infinity, 1e308, -1e308, 0]
        var noise = SplitMix(state: 5)
        let monitor = watch { _, _, leads in
            for lead in 0..<12 { leads[lead] = values[Int((noise.next() + 1) * 2.999)] }
        }
        #expect(monitor.report.samples == 2500)
    }
}

@Suite("The quality monitor of a stream of few leads")
struct AbsentLeadsTests {
    private let two = LeadSet.all.subtracting(LeadSet(.II)).subtracting(LeadSet(.V5))

    @Test("names what is not there and calls nothing of it bad")
    func absent() {
        let report = watch(lacking: two).report
        #expect(report.reasons == QualityReasons.tooFewLeads.union(.absentLeads) && report.verdict == .unknown)
        #expect(report.bad.isEmpty && report.marked.isEmpty && report.absent == two && !report.isSpoilt)
        #expect(report.index.worst > 0.9 && report.index.value(of: .I) == 0)
    }

    @Test("hears the leads that are there, and nothing is a gap but the loss of all of them")
    func usable() {
        var monitor = watch(lacking: two) { _, frame, _ in frame.missing = two }
        #expect(monitor.usable == LeadSet(.II).union(LeadSet(.V5)))
        watch(&monitor, from: 10, seconds: 1) { _, frame, _ in frame.missing = LeadSet.all.subtracting(LeadSet(.V5)) }
        #expect(monitor.usable == LeadSet(.V5) && monitor.report.gap == LeadSet(.II) && !monitor.report.isSpoilt)
        #expect(monitor.report.samples == 2500)
        watch(&monitor, from: 11, seconds: 1) { _, frame, _ in frame.missing = .all }
        #expect(monitor.usable.isEmpty && monitor.report.gap == LeadSet.all.subtracting(two) && monitor.report.samples == 0)
    }

    @Test("is spoilt when every lead that it has is bad, and when faults take the answer that the absent leads left")
    func spoilt() {
        func flat(_ leads: [Int]) -> (Double, inout Frame, inout [Double]) -> Void {
            { _, _, values in for lead in leads { values[lead] = 0 } }
        }
        #expect(!watch(lacking: two, flat([1])).report.isSpoilt)
        #expect(watch(lacking: two, flat([1, 10])).report.isSpoilt)
        let chest = LeadSet(.V1).union(LeadSet(.V2))
        #expect(watch(lacking: chest).report.verdict == .degraded && !watch(lacking: chest).report.isSpoilt)
        #expect(watch(lacking: chest, flat([8])).report.isSpoilt)
    }

    @Test("tells of a humming electrode only what its leads can show")
    func loose() {
        func hum(_ leads: [Int]) -> (Double, inout Frame, inout [Double]) -> Void {
            { time, _, values in
                let cycles = time * 50
                for lead in leads { values[lead] += 800 * Arithmetic.sine(6.283185307179586 * (cycles - cycles.rounded(.down))) }
            }
        }
        let leads = LeadSet.all.subtracting(LeadSet(.I).union(LeadSet(.II)).union(LeadSet(.III)).union(LeadSet(.V5)))
        #expect(watch(lacking: leads, hum([10])).looseElectrodes == .chest(5))
        #expect(watch(lacking: leads, hum([0, 1])).looseElectrodes == .rightArm)
        #expect(watch(lacking: leads, unplaced: LeadSet(.V5), hum([10])).looseElectrodes.isEmpty)
        #expect(watch(lacking: LeadSet.all.subtracting(LeadSet(.V5)), hum([10])).looseElectrodes.isEmpty)
    }

    @Test("judges no exchange of electrodes without all measured leads")
    func swap() {
        #expect(watch(lacking: LeadSet(.V1)) { _, _, values in values[1] = 0 }.report.swap == .none)
    }
}
