// Limb leads with other names, signs and scales than a body gives them: each is told as what it is, and nothing else changes.

import PrecordiaSignal
import PrecordiaSignalSupport
import PrecordiaSimulator
import Testing

@testable import PrecordiaQuality

private func misfit(rate: Int = 500, derived: LeadSet = .empty, _ change: @escaping (inout [Double]) -> Void) -> QualityReport {
    var monitor = qualityMonitor(rate)
    hear(&monitor, seconds: 12, noise: .resting) { _, leads in change(&leads) }
    return monitor.report
}

@Suite("Leads that do not fit each other")
struct LeadFitTests {
    @Test("are not told of a body, whatever the rhythm and the noise", arguments: 0..<Rhythm.count)
    func body(rhythm: Int) {
        for noise in [Noise.none, .resting, .ambulance] {
            var monitor = qualityMonitor(250)
            hear(&monitor, seconds: 15, seed: 5, rhythm: Rhythm(rawValue: UInt8(rhythm))!, noise: noise)
            #expect(monitor.report.misfit == LeadMisfit() && !monitor.report.reasons.contains(.unfit))
        }
    }

    @Test("one upside down is named", arguments: 0..<6, [100, 500])
    func inverted(lead: Int, rate: Int) {
        let report = misfit(rate: rate) { $0[lead] = -$0[lead] }
        #expect(report.misfit.kind == .inverted && report.misfit.leads == LeadSet(rawValue: 1 << UInt16(lead)))
        #expect(report.reasons.contains(.unfit) && report.verdict == .degraded && report.marked.contains(index: lead))
    }

    @Test("two with each other's names are named", arguments: 0..<6, 0..<6)
    func exchanged(a: Int, b: Int) {
        guard a < b else { return }
        let report = misfit { $0.swapAt(a, b) }
        #expect(report.misfit.kind == .exchanged && report.misfit.leads.rawValue == 1 << UInt16(a) | 1 << UInt16(b), "\(report.misfit)")
        #expect(report.verdict == .degraded)
    }

    @Test(
        "one of another size or unit is named with its factor",
        arguments: [(0, 2.0), (1, 0.5), (2, 1000), (3, 0.1), (5, 3)] as [(Int, Double)])
    func scaled(lead: Int, factor: Double) {
        let report = misfit { $0[lead] *= factor }
        // What is a thousand times too large swings further than a heart can, and is told as that.
        guard factor < 100 else {
            #expect(report.outOfRange.contains(index: lead))
            return
        }
        #expect(report.misfit.kind == .scaled && report.misfit.leads == LeadSet(rawValue: 1 << UInt16(lead)))
        #expect(abs(Double(report.misfit.factor) / factor - 1) < 0.02)
    }

    @Test("each stretched to one height is told as that, and nobody's electrodes are blamed")
    func stretched() {
        let report = misfit { leads in for (lead, factor) in [1.3, 0.7, 2.1, 0.9, 3, 1.1].enumerated() { leads[lead] *= factor } }
        #expect(report.misfit.kind == .scaledEach && report.misfit.leads == LeadSet(rawValue: 0x3F) && report.swap == .none)
    }

    @Test("those of somebody else are told, and those of a chest are nobody's business here")
    func strangers() {
        let report = misfit { leads in (leads[2], leads[5]) = (leads[8], leads[6]) }
        #expect(report.misfit.kind == .unknown)
        #expect(misfit { leads in leads[8] *= 5 }.misfit.kind == .none)
    }

    @Test("are not looked for where some are derived, and forgotten within 10 s of being right")
    func limits() {
        var right = qualityMonitor(250)
        hear(&right, seconds: 32, noise: .resting) { time, leads in if time < 20 { leads[2] = -leads[2] } }
        #expect(right.report.misfit.kind == .none)
    }

    @Test("an exchange of left arm and left leg is told, and answered; the others are not")
    func probable() {
        let report = misfit { leads in
            (leads[0], leads[1], leads[2]) = (leads[1], leads[0], -leads[2])
            (leads[4], leads[5]) = (leads[5], leads[4])
        }
        #expect(report.misfit.kind == .none)
        #expect(!LimbSwap.leftArmLeftLeg.isNearlyCertain && !LimbSwap.none.isNearlyCertain)
        for swap in [LimbSwap.rightArmLeftArm, .rightArmLeftLeg, .rightArmRightLeg, .leftArmRightLeg, .armsLegs] {
            #expect(swap.isNearlyCertain)
        }
        if report.swap == .leftArmLeftLeg { #expect(report.verdict == .degraded && report.reasons.contains(.swapped)) }
    }
}
