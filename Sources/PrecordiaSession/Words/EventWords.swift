// What events say, in words: leads, reasons, conditions, counters.
// One list of words for tables, JSON and the live view, so that they never disagree.

import PrecordiaAlerts
import PrecordiaCompanion
package import PrecordiaEngine
import PrecordiaHost
package import PrecordiaQuality
import PrecordiaReport
package import PrecordiaSignal
import PrecordiaText

/// Words for the numbers in an event.
package enum EventWords {
    /// The names of leads in a set's bits, in the standard order.
    package static func leads(_ bits: UInt16) -> [String] {
        (0..<Lead.count).filter { bits & (1 << UInt16($0)) != 0 }.map { "\(EventNames.lead($0))" }
    }

    /// Reasons and leads as a person says them; empty if there is no reason.
    package static func signal(reasons bits: UInt32, leads: UInt16) -> String {
        var found: [String] = []
        // Of a stream of few leads none is bad for that.
        let absent = absence(bits)
        if absent != 0 { found.append(absent & QualityReasons.tooFewLeads.rawValue != 0 ? "too few leads" : "not all twelve leads") }
        for entry in reasons where bits & ~absent & entry.bit != 0 && !found.contains(entry.words) { found.append(entry.words) }
        var words = found.joined(separator: ", ")
        if !words.isEmpty, leads & LeadSet.all.rawValue != 0 { words += " in " + leadList(leads) }
        guard bits & QualityReasons.rhythmAlarmed.rawValue != 0 else { return words }
        return withheld + (words.isEmpty ? "" : "; " + words)
    }

    /// Why there is no statement beside an alarm of a rhythm that kills.
    package static let withheld = "no statement while this rhythm is alarmed"

    /// Electrodes as a person says them.
    package static func electrodeList(_ bits: UInt16) -> String {
        let limbs = ["right arm", "left arm", "left leg", "right leg"]
        let names = (0..<10).filter { bits & (1 << UInt16($0)) != 0 }.map { place in
            // The short name first: on a small screen the rest is cut off.
            "\(EventNames.electrode(place))" + (place < 4 ? " (\(limbs[place]))" : "")
        }
        return names.joined(separator: ", ")
    }

    /// Of reasons those that say that leads are not there, which is no fault of the signal.
    package static func absence(_ bits: UInt32) -> UInt32 {
        let absent = QualityReasons.absentLeads.rawValue
        return bits & absent == 0 ? 0 : bits & (absent | QualityReasons.tooFewLeads.rawValue)
    }

    /// Leads as a person says them: by name, or of many those that are left out.
    package static func leadList(_ bits: UInt16) -> String {
        let others = self.leads(~bits)
        if others.isEmpty { return "all leads" }
        return others.count < 5 ? "all leads but " + others.joined(separator: " ") : self.leads(bits).joined(separator: " ")
    }

    /// Leads as columns of tables name them, joined by plus signs; "all" for all twelve.
    package static func column(_ leads: LeadSet) -> String {
        leads == .all ? "all" : self.leads(leads.rawValue).joined(separator: "+")
    }

    /// Exchanged limb electrodes, for a person: "right arm and left arm".
    package static func swap(_ swap: LimbSwap) -> String { "\(EventNames.swap(Float(swap.rawValue)))" }

    /// The quality of an exam's windows in the stable words of ``QualityWords``; empty where there is nothing to say.
    package static func quality(_ faults: SignalFaults, isShort: Bool, unknownWindows: Int, windows: Int) -> String {
        withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 1) { memory in
            var text = JSONText(memory)
            QualityWords(faults, isShort: isShort, unknownWindows: unknownWindows, windows: windows).write(into: &text)
            return String(decoding: memory[..<min(text.count, memory.count)], as: UTF8.self)
        }
    }

    /// Code and words of an event's condition: a statement of the model or a condition of the engine.
    package static func condition(_ code: UInt16, _ vocabulary: Vocabulary) -> (code: String, words: String) {
        let alert = AlertCode(rawValue: code)
        if let index = alert.statement {
            guard vocabulary.statements.indices.contains(index) else { return ("\(code)", "statement \(code)") }
            return (vocabulary.statements[index].code, vocabulary.statements[index].words)
        }
        guard let condition = alert.condition else { return ("\(code)", "condition \(alert.number)") }
        return ("\(condition.name)", "\(EventNames.words(condition))")
    }

    /// What an alert rests on, to stand behind its words.
    package static func evidence(_ event: Event, _ vocabulary: Vocabulary) -> String {
        if !event.alert.isCondition { return ", " + Text.percent(Double(event.value)) }
        switch event.alert.condition {
        case .asystole: return ", \(Text.fixed(Double(event.value), decimals: 0)) s"
        case .deviceLost: return event.value < 0.5 ? "" : ", \(Text.fixed(Double(event.value), decimals: 0)) s"
        case .heartRateHigh, .heartRateLow, .extremeBradycardia, .extremeTachycardia:
            return ", \(Text.fixed(Double(event.value), decimals: 0))/min"
        case .pause, .fibrillationSuspected: return ", \(Text.fixed(Double(event.value), decimals: 1)) s"
        case .ventricularRunSuspected: return ", \(Text.counted(Int(event.value), "beat"))"
        case .irregularRhythm: return ", \(Text.fixed(Double(event.value), decimals: 0)) %"
        case .electrodeOff where event.electrodes != 0: return ": " + electrodeList(event.electrodes)
        case .electrodeOff, .signalLost, .artefact:
            return event.leads & LeadSet.all.rawValue == 0 ? "" : ": " + leadList(event.leads)
        case .electrodesSwapped: return ": \(EventNames.swap(event.value))"
        case .rateWrong: return event.value > 0 ? ", \(Text.fixed(Double(event.value), decimals: 0)) Hz" : ""
        case .stElevation, .stDepression:
            let times = "\(Text.fixed(Double(event.value), decimals: 1)) times the limit"
            return event.leads & LeadSet.all.rawValue == 0 ? ", " + times : ": \(leadList(event.leads)), \(times)"
        case .longQTc: return ", \(Text.fixed(Double(event.value), decimals: 0)) ms"
        case .atrioventricularBlock:
            return event.value >= 3 ? ": P waves without beats" : event.value >= 2 ? ": beats dropped" : event.value > 0 ? ": long PR" : ""
        case .soundFailed, .leadsFlat, .pageFailed, .companionFailed, nil: return ""
        case .logFailed: return CompanionFault(rawValue: UInt32(clamping: EventReport.count(event.value))).map { ": " + $0.words } ?? ""
        }
    }

    /// A gap's length as a person says it.
    package static func gap(_ event: Event) -> String {
        event.value.isNaN ? "frames missing, unknown how many" : "\(Text.counted(Int(EventReport.count(event.value)), "frame")) missing"
    }

    /// What is wrong with limb leads that do not fit each other, as a person says it; empty where they do.
    package static func misfit(_ misfit: LeadMisfit) -> String {
        let names = leads(misfit.leads.rawValue)
        let factor = misfit.factor < 1 ? 1 / misfit.factor : misfit.factor
        let size = "\(Text.fixed(Double(factor), decimals: factor < 20 ? 1 : 0)) times too \(misfit.factor < 1 ? "small" : "large")"
        return switch misfit.kind {
        case .none: ""
        case .inverted: "lead \(names[0]) is upside down"
        case .exchanged: "leads \(names[0]) and \(names[1]) have each other's names"
        case .scaled: "lead \(names[0]) is \(size)" + (factor > 50 ? ": another unit" : "")
        case .scaledEach: "each limb lead has a scale of its own"
        case .unknown: "the limb leads do not belong together"
        }
    }

    /// Every counter with its stable name.
    package static func counters(_ counters: EngineCounters) -> [(String, Int)] {
        (0..<EventNames.counterCount).map { index in
            let counter = EventNames.counter(index, of: counters)
            return ("\(counter.name)", Int(clamping: counter.value))
        }
    }

    private static let reasons: [(bit: UInt32, words: String)] = [
        (QualityReasons.incomplete.rawValue, "less than a window heard"),
        (QualityReasons.gap.rawValue, "samples missing"),
        (QualityReasons.electrodeOff.rawValue, "electrode off"),
        (QualityReasons.flat.rawValue, "flat"),
        (QualityReasons.clipped.rawValue, "clipped"),
        (QualityReasons.noisy.rawValue, "noise"),
        (QualityReasons.outOfRange.rawValue, "out of range"),
        (QualityReasons.missingLead.rawValue, "samples missing"),
        (QualityReasons.tooFewLeads.rawValue, "too few good leads"),
        (QualityReasons.mains.rawValue, "mains hum"),
        (QualityReasons.wander.rawValue, "baseline wander"),
        (QualityReasons.muscle.rawValue, "muscle noise"),
        (QualityReasons.spikes.rawValue, "spikes"),
        (QualityReasons.swapped.rawValue, "limb electrodes swapped"),
        (QualityReasons.paceMarks.rawValue, "pace marks that no pacemaker makes"),
        (QualityReasons.unfit.rawValue, "leads do not fit each other"),
        (EventNames.lapsed, "nothing known any more"),
    ]
}
