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
}
