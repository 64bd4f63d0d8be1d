// What the classifier gets in place of a bad lead, sample by sample.

import PrecordiaSignal
import Testing

@testable import PrecordiaQuality

/// A frame in which each limb lead follows from I and II, and each chest lead is its number.
private func frame(_ one: Double, _ two: Double) -> [Double] {
    [one, two, two - one, -(one + two) / 2, one - two / 2, two - one / 2, 1, 2, 3, 4, 5, 6]
}

@Suite("The lead mender")
struct LeadMenderTests {
    @Test("leaves good leads alone, to the bit")
    func idle() {
        var mender = LeadMender()
        var leads = frame(-0.0, 100.25)
        let before = leads
        mender.mend(&leads, bad: .empty)
        let isIdle = mender.isIdle
        #expect(isIdle && leads.map(\.bitPattern) == before.map(\.bitPattern))
    }

    @Test("makes any of I, II and III from the other two, and the augmented leads from those", arguments: 0...5)
    func derived(lead: Int) {
        var mender = LeadMender()
        let bad = LeadSet(rawValue: 1 << UInt16(lead))
        for step in 0..<100 {
            let good = frame(Double(step), Double(3 * step - 7 * (step % 5)))
            var spoilt = good
            if step >= 10 { spoilt[lead] = 9999 }
            mender.mend(&spoilt, bad: step >= 10 ? bad : .empty)
            // It begins at the level at which the lead became bad, and from then on moves as the true one does.
            let offset = lead < 12 && step >= 10 ? 9999 - frame(10, 30)[lead] : 0
            for other in 0..<12 { #expect(spoilt[other] == good[other] + (other == lead ? offset : 0)) }
        }
        let isIdle = mender.isIdle
        #expect(!isIdle)
    }

    @Test("holds a chest lead where it became bad, and lets it go on without a step")
    func held() {
        var mender = LeadMender()
        var seen: [Double] = []
        for step in 0..<8 {
            var leads = frame(0, 0)
            leads[8] = [10, 11, 50, 70, 90, 40, 41, 42][step]
            mender.mend(&leads, bad: (2...4).contains(step) ? LeadSet(.V3) : .empty)
            seen.append(leads[8])
        }
        #expect(seen == [10, 11, 50, 50, 50, 50, 51, 52])
        mender.reset()
        let isIdle = mender.isIdle
        #expect(isIdle)
    }

    @Test("knows what follows from what")
    func mendable() {
        func set(_ leads: Lead...) -> LeadSet { leads.reduce(LeadSet.empty) { $0.union(LeadSet($1)) } }
        #expect(LeadMender.mendable(set(.I), derived: .empty) == set(.I))
        #expect(LeadMender.mendable(set(.III, .aVR, .aVL, .aVF), derived: .empty) == set(.III, .aVR, .aVL, .aVF))
        #expect(LeadMender.mendable(set(.I, .aVL, .V2), derived: .empty) == set(.I, .aVL))
        #expect(LeadMender.mendable(set(.I, .III, .aVR), derived: .empty) == .empty)
        // Where III is computed from I and II it is no evidence of its own.
        #expect(LeadMender.mendable(set(.I, .III), derived: .derived) == .empty)
        #expect(LeadMender.mendable(set(.II), derived: .derived) == .empty)
        #expect(LeadMender.mendable(ElectrodeSet.leftArm.affectedLeads, derived: .empty) == .empty)
    }
}
