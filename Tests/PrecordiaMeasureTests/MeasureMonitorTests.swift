// Rate, intervals, levels and axes of beats whose every value is known, and what becomes of what is not there.

import PrecordiaBeats
import PrecordiaSignal
import PrecordiaSimulator
import Testing

@testable import PrecordiaMeasure

/// A beat of straight lines, relative to its place: microvolts at times in milliseconds.
private struct Drawn {
    var points: [(time: Double, value: Double)]

    func value(_ time: Double) -> Double {
        guard let after = points.firstIndex(where: { $0.time >= time }), after > 0 else {
            return points.last!.time < time ? points.last!.value : 0
        }
        let (a, b) = (points[after - 1], points[after])
        return a.value + (b.value - a.value) * (time - a.time) / (b.time - a.time)
    }

    /// P of 100 ms, PR 160 ms, QRS from -40 to 40 ms, ST at a level from J to 120 ms, T to 360 ms.
    static func beat(p: Double = 120, r: Double = 1000, st: Double = 0, t: Double = 300) -> Drawn {
        Drawn(points: [
            (-1000, 0), (-200, 0), (-150, p), (-100, 0), (-40, 0), (0, r), (40, st), (120, st), (270, st + t), (360, 0), (1000, 0),
        ])
    }
}

private func memory(_ rate: Int) -> UnsafeMutableRawBufferPointer {
    .allocate(byteCount: MeasureMonitor.requiredBytes(rate: rate), alignment: 64)
}

/// Lets a monitor measure 10 s of one drawn beat in all leads, `gains` by lead.
private func measured(
    _ beat: Drawn, rate: Int = 500, interval: Double = 1000, gains: [Double] = Array(repeating: 1, count: 12), usable: LeadSet = .all,
    wander: Double = 0, noise: Double = 0, _ look: (borrowing MeasureMonitor) -> Void
) {
    let bytes = memory(rate)
    defer { bytes.deallocate() }
    var monitor = MeasureMonitor(rate: rate, memory: bytes)
    let places = (0..<Int(9500 / interval)).map { 500 + Double($0) * interval }
    var leads = [Double](repeating: 0, count: 12)
    var chance: UInt32 = 1
    for sample in 0..<(10 * rate) {
        let time = Double(sample) * 1000 / Double(rate)
        let nearest = places.min { abs($0 - time) < abs($1 - time) }!
        let value = beat.value(time - nearest)
        for lead in 0..<12 {
            chance = chance &* 1_664_525 &+ 1_013_904_223
            leads[lead] = gains[lead] * value + wander * time / 1000 + 5000 + noise * (Double(chance >> 16) / 32768 - 1)
        }
        monitor.push(leads, usable: usable)
    }
    for place in places {
        var found = Beat()
        found.position = Int64(place * Double(rate) / 1000)
        monitor.add(found)
    }
    monitor.measure()
    look(monitor)
}

@Suite("The measure monitor")
struct MeasureMonitorTests {
    @Test("tells the rate and no variability of even beats", arguments: [100, 250, 360, 500, 1000, 2000])
    func rate(rate: Int) {
        measured(.beat(), rate: rate) { monitor in
            #expect(monitor.measurement.beats == 9 && monitor.measurement.measuredBeats >= 8)
            #expect(monitor.measurement.heartRate == 60)
            #expect(monitor.measurement.interval == 1000 && monitor.measurement.sdnn == 0 && monitor.measurement.rmssd == 0)
        }
    }

    @Test(
        "gives ST at its level, whatever the offset and the wander", arguments: [(0.0, 0.0), (200, 0), (-150, 0), (200, 100), (100, -300)])
    func level(st: Double, wander: Double) {
        measured(.beat(st: st), wander: wander) { monitor in
            for lead in 0..<12 {
                let values = monitor.measurement.lead[lead]
                #expect(abs(values.j60! - Float(st / 1000)) < 0.0015)
            }
        }
    }

    @Test("gives R and T their height, and P its height above the line through its ends")
    func heights() {
        measured(.beat(p: 120, r: 1000, st: 0, t: 300)) { monitor in
            let values = monitor.measurement.lead[1]
            // A step of 4 ms rounds a pointed peak off: 1000 falls to 975, 300 to 292.
            #expect(abs(values.r! - 0.98) < 0.01)
            #expect(abs(values.t! - 0.3) < 0.015)
            #expect(abs(values.p! - 0.115) < 0.015)
            #expect(values.q == nil && values.s == nil && values.rPrime == nil)
        }
    }

    @Test(
        "turns axes as the areas in I and aVF say",
        arguments: [(1.0, 0.0, 0), (0, 1, 90), (1, -0.8660254, -45), (-1, 0.8660254, 135), (-1, 0, 180)])
    func axes(left: Double, down: Double, angle: Int) {
        var gains = Array(repeating: 1.0, count: 12)
        gains[0] = left
        gains[5] = down
        measured(.beat(), gains: gains) { monitor in
            #expect(monitor.measurement.qrsAxis.map { Int(abs($0).rounded()) } == abs(angle))
            if angle.magnitude < 180 { #expect(monitor.measurement.qrsAxis!.sign == Float(angle).sign) }
        }
    }

    @Test("has no axis without I or aVF, and no value of a lead that is not usable")
    func missing() {
        measured(.beat(), usable: LeadSet.all.subtracting(LeadSet(.aVF).union(LeadSet(.V1)))) { monitor in
            #expect(monitor.measurement.qrsAxis == nil && monitor.measurement.pAxis == nil)
            #expect(monitor.measurement.lead[6].j == nil && monitor.measurement.sokolowLyon == nil)
            #expect(monitor.measurement.qrs != nil && !monitor.measurement.leads.contains(.V1))
        }
    }

    @Test("says that nothing is known when there is no beat or no lead")
    func nothing() {
        measured(.beat(), usable: .empty) { monitor in
            #expect(monitor.measurement.qrs == nil && monitor.measurement.qrsGap == .noBeats && monitor.measurement.measuredBeats == 0)
        }
        let bytes = memory(500)
        defer { bytes.deallocate() }
        var monitor = MeasureMonitor(rate: 500, memory: bytes)
        monitor.measure()
        #expect(monitor.measurement.heartRate == nil && monitor.measurement.pGap == .noBeats)
    }

    @Test("gives nothing but the rate where beats drown in noise, and says so; little noise takes nothing")
    func noise() {
        measured(.beat(), noise: 2500) { monitor in
            let values = monitor.measurement
            #expect(values.qrs == nil && values.pr == nil && values.qt == nil && values.hasP == nil && values.lead[1].j == nil)
            #expect(values.pGap == .noise && values.qrsGap == .noise && values.qtGap == .noise && values.heartRate != nil)
            for group in 0..<4 {
                #expect(monitor.marks(group: group, lead: nil) == WaveMarks() && monitor.marks(group: group, lead: .II) == WaveMarks())
            }
        }
        measured(.beat(), noise: 50) { monitor in
            #expect(monitor.measurement.qrsGap == .none && monitor.measurement.measuredBeats >= 8)
        }
    }

    @Test("gives the same values for the same samples, to the bit, after a reset")
    func repeatable() {
        var first: [UInt32] = []
        for _ in 0..<2 {
            measured(.beat(st: 80)) { monitor in
                let values = monitor.measurement
                let bits = [values.pr, values.qrs, values.qt, values.qrsAxis, values.lead[3].j, values.lead[7].t].map {
                    ($0 ?? .nan).bitPattern
                }
                if first.isEmpty { first = bits }
                #expect(first == bits)
            }
        }
    }

    @Test("adds both large deflections for Sokolow-Lyon and Cornell")
    func voltages() {
        var gains = Array(repeating: 0.5, count: 12)
        gains[6] = -2
        gains[8] = -1
        gains[11] = 2
        measured(.beat(p: 0, r: 1000), gains: gains) { monitor in
            #expect(abs(monitor.measurement.sokolowLyon! - 4 * 0.98) < 0.05)
            #expect(abs(monitor.measurement.cornell! - 1.5 * 0.98) < 0.03)
        }
    }
}

/// Lets a monitor measure 10 s of a simulated patient, whose own beats it is told.
private func measured(_ rhythm: Rhythm, rate: Int = 500, heartRate: Double? = nil, noise: Noise = .resting) -> Measurement {
    let bytes = memory(rate)
    defer { bytes.deallocate() }
    var monitor = MeasureMonitor(rate: rate, memory: bytes)
    hear(&monitor, Simulator(rate: rate, seed: 5, rhythm: rhythm, heartRate: heartRate, noise: noise), seconds: 20)
    monitor.measure()
    return monitor.measurement
}

@Suite("Measured rhythms")
struct MeasuredRhythmTests {
    @Test("A sinus rhythm has P waves at any rate of sampling", arguments: [100, 250, 360, 500, 1000, 2000])
    func sinus(rate: Int) {
        let values = measured(.normalSinus, rate: rate)
        #expect(values.hasP == true && values.pGap == .none)
        #expect(values.pr! > 120 && values.pr! < 200 && values.qrs! > 60 && values.qrs! < 120)
    }

    @Test("Atrial fibrillation has no PR interval, and its reason is told")
    func fibrillation() {
        let values = measured(.atrialFibrillation)
        #expect(values.hasP == false && values.pr == nil && values.p == nil && values.pAxis == nil && values.pGap == .noP)
        #expect(values.qrs != nil)
    }

    @Test("Premature ventricular beats are not in the median of the usual ones")
    func ventricular() {
        let values = measured(.prematureVentricular)
        #expect(values.measuredBeats < values.beats && values.qrs! < 120)
    }
}
