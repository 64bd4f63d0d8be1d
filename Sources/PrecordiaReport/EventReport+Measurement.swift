// The line of a measurement.
// Apart from the other parts, because only engines that measure have it.

import PrecordiaEngine
import PrecordiaMeasure
import PrecordiaSignal
import PrecordiaText

extension EventReport {
    @_noAllocation @_noLocks
    func add(_ values: MeasuredValues, to text: inout JSONText) {
        text.field("beats", UInt64(values.beats))
        text.field("measured", UInt64(values.measuredBeats))
        text.field("heartRate", Double(values.heartRate), decimals: 1)
        text.field("p", Double(values.p), decimals: 0)
        text.field("pr", Double(values.pr), decimals: 0)
        text.field("qrs", Double(values.qrs), decimals: 0)
        text.field("qt", Double(values.qt), decimals: 0)
        text.field("qtc", Double(values.qtc), decimals: 0)
        text.field("pAxis", Double(values.pAxis), decimals: 0)
        text.field("qrsAxis", Double(values.qrsAxis), decimals: 0)
        text.field("tAxis", Double(values.tAxis), decimals: 0)
        text.key("pPresent")
        text.raw(values.pPresent == 1 ? "true" : values.pPresent == 0 ? "false" : "null")
        text.key("unknown")
        text.open(0x7B)
        add("p", values.pGap, values, to: &text)
        add("pr", values.pGap, values, to: &text)
        add("qrs", values.qrsGap, values, to: &text)
        add("qt", values.qtGap, values, to: &text)
        if values.isVoltageDoubted { text.field("st", "leads") }
        text.close(0x7D)
        text.key("st")
        text.open(0x7B)
        for lead in 0..<12 where values.j[lead] == values.j[lead] {
            text.key(EventNames.lead(lead))
            text.open(0x7B)
            text.field("j", Double(values.j[lead]), decimals: 3)
            text.field("j60", Double(values.j60[lead]), decimals: 3)
            text.close(0x7D)
        }
        text.close(0x7D)
    }

    private func add(_ name: StaticString, _ gap: UInt8, _ values: MeasuredValues, to text: inout JSONText) {
        if values.isWithheld {
            text.field(name, "rhythmAlarmed")
        } else if gap != 0 {
            text.field(name, (MeasureGap(rawValue: gap) ?? .noBeats).name)
        }
    }
}
