// Limb electrodes exchanged on purpose: by the equations of the leads, on the simulator's heart.
// How often it is right on patients is measured by tools/quality.

import PrecordiaSignal
import PrecordiaSignalSupport
import PrecordiaSimulator
import Testing

@testable import PrecordiaQuality

/// I, II and III as recorded when the electrodes of `swap` are at each other's places. A leg's electrode gives `leg`, the potential of a leg
/// against the other, of which little reaches the body.
private func exchanged(_ leads: [Double], _ swap: LimbSwap) -> [Double] {
    var changed = leads
    let one = leads[0], two = leads[1], three = leads[2], leg = 0.03 * leads[0]
    switch swap {
    case .none: break
    case .rightArmLeftArm: (changed[0], changed[1], changed[2]) = (-one, three, two)
    case .leftArmLeftLeg: (changed[0], changed[1], changed[2]) = (two, one, -three)
    case .rightArmLeftLeg: (changed[0], changed[1], changed[2]) = (-three, -two, -one)
    case .rightArmRightLeg: (changed[0], changed[1], changed[2]) = (-three, leg, three)
    case .leftArmRightLeg: (changed[0], changed[1], changed[2]) = (two, two + leg, leg)
    case .armsLegs: (changed[0], changed[1], changed[2]) = (leg, -three, -three)
    }
    changed[3] = -(changed[0] + changed[1]) / 2
    changed[4] = changed[0] - changed[1] / 2
    changed[5] = changed[1] - changed[0] / 2
    return changed
}

private let exchanges: [LimbSwap] = [.rightArmLeftArm, .rightArmLeftLeg, .rightArmRightLeg, .leftArmRightLeg, .armsLegs]

@Suite("Limb electrodes at each other's places")
struct LimbSwapTests {
    @Test("are told by name, and no answer is given", arguments: exchanges, [100, 360, 500])
    func told(swap: LimbSwap, rate: Int) {
        var monitor = qualityMonitor(rate)
        hear(&monitor, seconds: 12, noise: .resting) { _, leads in leads = exchanged(leads, swap) }
        #expect(monitor.report.swap == swap)
        #expect(monitor.report.reasons.contains(.swapped))
        #expect(monitor.report.verdict == .unknown)
        #expect(swap.leads == LeadSet(rawValue: 0x3F))
    }

    @Test("are not told where they are right, whatever the rhythm", arguments: 0..<Rhythm.count)
    func right(rhythm: Int) {
        var monitor = qualityMonitor(500)
        hear(&monitor, seconds: 15, seed: 9, rhythm: Rhythm(rawValue: UInt8(rhythm))!, noise: .ambulance)
        #expect(monitor.report.swap == .none)
    }

    @Test("are forgotten within 10 s of being put right, and not judged where a chest lead is flat")
    func forgotten() {
        var monitor = qualityMonitor(250)
        hear(&monitor, seconds: 32, noise: .resting) { time, leads in
            if time < 20 { leads = exchanged(leads, .rightArmLeftArm) }
        }
        #expect(monitor.report.swap == .none)
        var flat = qualityMonitor(250)
        hear(&flat, seconds: 12, noise: .resting) { _, leads in
            leads = exchanged(leads, .rightArmLeftArm)
            leads[8] = 0
        }
        #expect(flat.report.swap == .none)
    }
}
