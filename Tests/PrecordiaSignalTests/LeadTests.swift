// Leads, electrodes and the conversion of counts.

import PrecordiaSignal
import Testing

@Suite struct LeadTests {
    @Test("An electrode that is off takes the leads that hang on it, and no other")
    func affected() {
        #expect(ElectrodeSet.chest(3).affectedLeads == LeadSet(.V3))
        #expect(ElectrodeSet.rightLeg.affectedLeads.isEmpty)
        #expect(LeadSet.all.subtracting(ElectrodeSet.leftArm.affectedLeads) == LeadSet(.II))
        #expect(LeadSet.all.subtracting(ElectrodeSet.leftLeg.affectedLeads) == LeadSet(.I))
        #expect(ElectrodeSet.rightArm.affectedLeads == .all)
        #expect(ElectrodeSet.leftArm.union(.leftLeg).affectedLeads == .all)
        #expect(ElectrodeSet.leftArm.union(.chest(1)).affectedLeads == ElectrodeSet.leftArm.affectedLeads)
    }

    @Test("Counts become microvolts relative to the first valid sample; limb leads follow Einthoven and Goldberger")
    func conversion() {
        var format = StreamFormat(rate: 500, derived: .derived)
        format.microvoltsPerCount[0] = 2.5
        format.baseline[0] = 100
        var converter = LeadConverter(format)
        var microvolts = [Double](repeating: 0, count: 12)
        var frame = Frame(index: 0)
        frame.missing = LeadSet(.V1)
        frame.counts[0] = 100
        converter.convert(frame, into: &microvolts)
        #expect(microvolts == [Double](repeating: 0, count: 12))
        frame.missing = .empty
        frame.counts[0] = 140
        frame.counts[1] = 60
        frame.counts[6] = 7
        converter.convert(frame, into: &microvolts)
        #expect(microvolts == [100, 60, -40, -80, 70, 10, 0, 0, 0, 0, 0, 0])
    }

    @Test("A missing sample repeats the last one, and takes the derived leads with it")
    func missing() {
        var converter = LeadConverter(StreamFormat(rate: 500, derived: .derived))
        var microvolts = [Double](repeating: 0, count: 12)
        var frame = Frame(index: 0)
        converter.convert(frame, into: &microvolts)
        frame.counts[0] = 10
        converter.convert(frame, into: &microvolts)
        frame.counts[0] = 99
        frame.missing = LeadSet(.I)
        converter.convert(frame, into: &microvolts)
        #expect(microvolts[0] == 10 && microvolts[2] == -10)
        #expect(converter.missing == LeadSet(.I).union(.derived))
    }

    @Test("An absent lead is not missing and stays at 0; what would be computed from it is absent too")
    func absent() {
        var format = StreamFormat(rate: 500, derived: .derived)
        format.absent = LeadSet(.II).union(LeadSet(.V1))
        #expect(format.lacking == format.absent.union(.derived) && format.leads.count == 6)
        var converter = LeadConverter(format)
        var microvolts = [Double](repeating: 0, count: 12)
        var frame = Frame(index: 0, missing: format.absent)
        converter.convert(frame, into: &microvolts)
        frame.counts = InlineArray(repeating: 9)
        converter.convert(frame, into: &microvolts)
        #expect(converter.missing.isEmpty && microvolts == [9, 0, 0, 0, 0, 0, 0, 9, 9, 9, 9, 9])
    }

    @Test("A measured limb lead stands in for an absent I or II, a computed one never does")
    func standIns() {
        func heard(_ leads: [Lead], derived: LeadSet = .empty) -> (values: [Double], usable: LeadSet) {
            let has = LeadSet(leads.map { LeadSet($0) })
            let standIns = LeadStandIns(
                StreamFormat(rate: 500, derived: derived, absent: LeadSet.all.subtracting(has).subtracting(derived)))
            var values = (0..<12).map { Double($0) + 1 }
            standIns.fill(&values)
            #expect(standIns.isNeeded == (standIns.usable(has) != has))
            return (Array(values[0..<2]), standIns.usable(has))
        }
        #expect(heard(Lead.allCases).values == [1, 2] && heard(Lead.allCases).usable == .all)
        #expect(heard([.I, .II, .V1], derived: .derived).usable.count == 3)
        #expect(heard([.III, .V1]).values == [1, 3] && heard([.III, .V1]).usable == [LeadSet(.II), LeadSet(.III), LeadSet(.V1)])
        #expect(heard([.II, .aVF]).values == [6, 2] && heard([.II, .aVF]).usable.contains(.I))
        #expect(heard([.aVL, .aVF, .III]).values == [3, 6])
    }

    @Test("A stream of few leads needs the electrodes that they hang on, and the right leg")
    func needed() {
        #expect(ElectrodeSet.needed(by: .all).rawValue == 0x3FF)
        #expect(ElectrodeSet.needed(by: LeadSet(.II)) == ElectrodeSet.rightArm.union(.leftLeg).union(.rightLeg))
        let chest = ElectrodeSet.rightArm.union(.leftArm).union(.leftLeg).union(.rightLeg).union(.chest(5))
        #expect(ElectrodeSet.needed(by: LeadSet(.V5)) == chest)
    }
}
