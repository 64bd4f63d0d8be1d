// Values that take more than one beat to see: P waves without a QRS complex, five minutes of intervals, and what a value is worth.

import PrecordiaBeats
import PrecordiaSignal
import PrecordiaSimulator
import Testing

@testable import PrecordiaMeasure

/// Lets a monitor measure a simulated patient every 5 s, and at the end with errors.
private func measured(
    _ rhythm: Rhythm, seconds: Int, rate: Int = 250, noise: Noise = .resting, kind: BeatKind = .usual, estimating: Bool = true
) -> Measurement {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: MeasureMonitor.requiredBytes(rate: rate), alignment: 64)
    defer { bytes.deallocate() }
    var monitor = MeasureMonitor(rate: rate, memory: bytes)
    hear(&monitor, Simulator(rate: rate, seed: 8, rhythm: rhythm, noise: noise), seconds: seconds, kind: kind) { sample, monitor in
        if sample % (5 * rate) == 5 * rate - 1 { monitor.measure(markingAll: false) }
    }
    monitor.measure(estimating: estimating)
    return monitor.measurement
}

@Suite("Measured over several beats")
struct MeasuredRhythmsTests {
    @Test("Where every P wave is followed by a QRS complex the atria beat as fast as the ventricles", arguments: [100, 250, 500, 1000])
    func conducted(rate: Int) {
        let values = measured(.normalSinus, seconds: 20, rate: rate)
        #expect(values.blockedP == 0)
        #expect(abs(values.atrialRate! - values.heartRate!) < 2)
    }

    @Test("P waves that no QRS complex follows are counted, and the atria beat faster", arguments: [100, 250, 500, 1000])
    func blocked(rate: Int) {
        let values = measured(.mobitz2, seconds: 20, rate: rate)
        #expect(values.hasP == true && values.blockedP >= 1)
        #expect(values.atrialRate! > values.heartRate! + 5)
    }

    @Test(
        "How P waves and QRS complexes follow each other is read at every rate",
        arguments: [
            (Rhythm.wenckebach, Conduction.wenckebach), (.mobitz2, .mobitz), (.twoToOneBlock, .twoToOne), (.completeBlock, .complete),
            (.firstDegreeBlock, .all),
        ], [100, 250, 500, 1000])
    func conduction(block: (rhythm: Rhythm, conduction: Conduction), rate: Int) {
        let values = measured(block.rhythm, seconds: 20, rate: rate)
        #expect(values.conduction == block.conduction)
        guard block.conduction.isBlock else { return }
        let sinus: Float = block.rhythm == .completeBlock ? 84 : 80
        #expect(abs(values.atrialRate! - sinus) < 3)
    }

    @Test(
        "No block is read where there is none, whatever the atria do",
        arguments: [
            Rhythm.normalSinus, .sinusBradycardia, .sinusArrhythmia, .atrialFibrillation, .atrialFlutter, .prematureAtrial,
            .prematureVentricular,
            .ventricularBigeminy, .supraventricularTachycardia, .ventricularTachycardia, .paced, .leftBundleBranchBlock,
        ], [100, 500])
    func unblocked(rhythm: Rhythm, rate: Int) {
        for seconds in [12, 17, 22] {
            let values = measured(rhythm, seconds: seconds, rate: rate)
            #expect(!values.conduction.isBlock && values.conduction != .isorhythmic && values.earlyBlockedP == 0, "after \(seconds) s")
        }
    }

    @Test("Atria and ventricles that drift past each other at nearly one rate are no block", arguments: [1, 2, 3] as [UInt64])
    func isorhythmic(seed: UInt64) {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: MeasureMonitor.requiredBytes(rate: 100), alignment: 64)
        defer { bytes.deallocate() }
        var monitor = MeasureMonitor(rate: 100, memory: bytes)
        var simulator = Simulator(rate: 100, seed: seed, rhythm: .completeBlock, noise: .resting)
        simulator.set(heartRate: 82)
        hear(&monitor, simulator, seconds: 12)
        monitor.measure()
        #expect(monitor.measurement.conduction == .isorhythmic)
    }

    @Test("No atrial rate is given where no P wave belongs to the beats")
    func fibrillation() {
        let values = measured(.atrialFibrillation, seconds: 20)
        #expect(values.atrialRate == nil && values.blockedP == 0)
    }

    @Test("Five minutes of intervals have a variability of their own; four have not")
    func variability() {
        let short = measured(.normalSinus, seconds: 290)
        #expect(short.longSDNN == nil && short.longRMSSD == nil && short.sdnn != nil)
        let long = measured(.sinusArrhythmia, seconds: 305)
        #expect(long.longSDNN! > 20 && long.longRMSSD! > 5 && long.longSDNN! > short.sdnn!)
    }

    @Test("Ventricular beats are no intervals of five minutes: with bigeminy there is none")
    func bigeminy() {
        #expect(measured(.ventricularBigeminy, seconds: 305).longSDNN == nil)
    }

    @Test("Of a pacemaker's beats a P wave is not looked for, and that is the reason")
    func paced() {
        let values = measured(.normalSinus, seconds: 20, kind: .paced)
        #expect(values.hasP == nil && values.pr == nil && values.pGap == .paced && values.qrs != nil && values.qt != nil)
    }

    @Test("Errors are given where asked for, of what is known, and are larger in noise")
    func uncertainty() {
        #expect(measured(.normalSinus, seconds: 20, estimating: false).uncertainty.qt == nil)
        let quiet = measured(.normalSinus, seconds: 20)
        let noisy = measured(.normalSinus, seconds: 20, noise: .ambulance)
        #expect(quiet.uncertainty.qrs! < 5 && quiet.uncertainty.qt! < 10 && quiet.uncertainty.j60[7]! < 0.02)
        if let error = noisy.uncertainty.j60[7] { #expect(error > quiet.uncertainty.j60[7]!) }
        #expect(measured(.atrialFibrillation, seconds: 20).uncertainty.pr == nil)
    }

    @Test("T begins behind the QRS complex and before its own end")
    func tOnset() {
        let marks = measured(.normalSinus, seconds: 20).marks
        #expect(marks.tOnset! >= marks.qrsEnd! && marks.tOnset! < marks.tEnd!)
    }
}
