// The gate's tallies and the detector's band by every instruction set, against the reference.

import PrecordiaBeats
import PrecordiaQuality
import PrecordiaSignal
import PrecordiaSignalSupport
import Testing

/// The kernels that this machine can run besides the reference.
private var kernels: [Int] { (1..<SignalKernel.count).filter { SignalKernel($0).isSupported } }

@Suite struct AlertKernelTests {
    /// Beats, noise, stays at limits, flat stretches, missing leads and what is not a number, from a written generator.
    private func play(_ body: (Frame, [Double]) -> Void) {
        var state: UInt64 = 11
        for n in 0..<10_000 {
            var frame = Frame(index: UInt64(n < 6000 ? n : n + 5))
            var leads = (0..<12).map { lead -> Double in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let noise = Double(Int(state >> 52) - 2048) * (lead == 4 ? 1 : 0.01)
                return (n % 400 < 20 ? 900 : 0) + noise + Double(lead)
            }
            if n > 2000 { leads[2] = 5 }
            if n % 700 < 60 { leads[7] = 4000 }
            if n == 5001 { leads[9] = .nan }
            if n % 900 > 800 { frame.missing = LeadSet(rawValue: UInt16(truncatingIfNeeded: n)) }
            if n % 2500 > 2480 { frame.missing = .all }
            body(frame, leads)
        }
    }

    @Test("Quality and its usable leads are the reference's at every frame", arguments: kernels)
    func quality(number: Int) {
        var tested = qualityMonitor(250, kernel: SignalKernel(number)), reference = qualityMonitor(250, kernel: SignalKernel(0))
        var different = 0
        play { frame, leads in
            tested.push(frame, microvolts: leads)
            reference.push(frame, microvolts: leads)
            if tested.report != reference.report || tested.usable != reference.usable { different += 1 }
        }
        #expect(different == 0)
        #expect(!reference.report.bad.isEmpty)
    }

    @Test("Beats come at the reference's samples, whatever leads come and go", arguments: kernels)
    func beats(number: Int) {
        let bytes = BeatDetector.requiredBytes(rate: 250)
        var tested = BeatDetector(rate: 250, kernel: SignalKernel(number), memory: memory(bytes))
        var reference = BeatDetector(rate: 250, kernel: SignalKernel(0), memory: memory(bytes))
        var different = 0
        play { frame, leads in
            let usable = LeadSet.all.subtracting(frame.missing)
            let found = tested.push(leads, usable: usable), expected = reference.push(leads, usable: usable)
            if found != expected || tested.lastBeat != reference.lastBeat || tested.beatsPerMinute() != reference.beatsPerMinute() {
                different += 1
            }
        }
        #expect(different == 0 && reference.beats > 10)
    }

    @Test("Rhythm is the reference's every second, jumps of leads included", arguments: kernels)
    func rhythm(number: Int) {
        let bytes = BeatMonitor.requiredBytes(rate: 250)
        var tested = BeatMonitor(rate: 250, kernel: SignalKernel(number), memory: memory(bytes))
        var reference = BeatMonitor(rate: 250, kernel: SignalKernel(0), memory: memory(bytes))
        var different = 0, count = 0
        play { frame, leads in
            let usable = LeadSet.all.subtracting(frame.missing)
            if tested.push(leads, usable: usable) != reference.push(leads, usable: usable) { different += 1 }
            count += 1
            if count % 250 == 0, tested.takeRhythm() != reference.takeRhythm() { different += 1 }
        }
        #expect(different == 0 && reference.beats > 10)
    }
}
