// What events say, in words: leads, reasons, conditions, counters.
// One list of words for tables, JSON and the live view, so that they never disagree.

import PrecordiaAlerts
import PrecordiaEngine
import PrecordiaSignal

/// Words for the numbers in an event.
public enum EventWords {
    /// The names of leads in a set's bits, in the standard order.
    public static func leads(_ bits: UInt16) -> [String] {
        Lead.allCases.filter { bits & (1 << UInt16($0.rawValue)) != 0 }.map { "\($0)" }
    }

    /// Stable names of the reasons in the bits.
    public static func reasons(_ bits: UInt16) -> [String] { table.filter { bits & $0.bit != 0 }.map(\.name) }

    /// Reasons and leads as a person says them; empty if there is no reason.
    public static func signal(reasons bits: UInt16, leads: UInt16) -> String {
        var found: [String] = []
        for entry in table where bits & entry.bit != 0 && !found.contains(entry.words) { found.append(entry.words) }
        let words = found.joined(separator: ", ")
        guard !words.isEmpty, leads & LeadSet.all.rawValue != 0 else { return words }
        return words + " in " + leadList(leads)
    }

    /// Leads as a person says them: by name, or of many those that are left out.
    public static func leadList(_ bits: UInt16) -> String {
        let others = self.leads(~bits)
        if others.isEmpty { return "all leads" }
        return others.count < 5 ? "all leads but " + others.joined(separator: " ") : self.leads(bits).joined(separator: " ")
    }

    /// Code and words of an event's condition: a statement of the model or a condition of the engine.
    public static func condition(_ code: UInt16, _ vocabulary: Vocabulary) -> (code: String, words: String) {
        if code & 0x8000 == 0 {
            let index = Int(code)
            guard vocabulary.statements.indices.contains(index) else { return ("\(code)", "statement \(code)") }
            return (vocabulary.statements[index].code, vocabulary.statements[index].words)
        }
        guard let condition = Condition(rawValue: Int(code & 0x7FFF)) else { return ("\(code)", "condition \(code & 0x7FFF)") }
        let words =
            switch condition {
            case .asystole: "no heartbeat (asystole)"
            case .heartRateHigh: "heart rate high"
            case .heartRateLow: "heart rate low"
            case .electrodeOff: "electrode off"
            case .signalLost: "signal lost"
            case .artefact: "signal too poor for an answer"
            }
        return ("\(condition.name)", words)
    }

    /// What an alert rests on, to stand behind its words.
    public static func evidence(_ event: Event, _ vocabulary: Vocabulary) -> String {
        if event.code & 0x8000 == 0 { return ", " + Text.percent(Double(event.value)) }
        switch Condition(rawValue: Int(event.code & 0x7FFF)) {
        case .asystole: return ", \(Text.fixed(Double(event.value), decimals: 0)) s"
        case .heartRateHigh, .heartRateLow: return ", \(Text.fixed(Double(event.value), decimals: 0))/min"
        case .electrodeOff, .signalLost, .artefact:
            return event.leads & LeadSet.all.rawValue == 0 ? "" : ": " + leadList(event.leads)
        case nil: return ""
        }
    }

    /// A value that counts something, as an integer.
    public static func count(_ value: Float) -> Int { value > 0 ? Int(min(Double(value), 1e18)) : 0 }

    /// A gap's length as a person says it.
    public static func gap(_ event: Event) -> String {
        event.value.isNaN ? "frames missing, unknown how many" : "\(Text.counted(count(event.value), "frame")) missing"
    }

    /// Every counter with its stable name.
    public static func counters(_ counters: EngineCounters) -> [(String, Int)] {
        [
            ("frames", Int(clamping: counters.frames)), ("framesMissing", Int(clamping: counters.framesMissing)),
            ("framesOutOfOrder", Int(clamping: counters.framesOutOfOrder)), ("samplesMissing", Int(clamping: counters.samplesMissing)),
            ("framesClipped", Int(clamping: counters.framesClipped)), ("windows", Int(clamping: counters.windows)),
            ("windowsUnknown", Int(clamping: counters.windowsUnknown)), ("alertsRaised", Int(clamping: counters.alertsRaised)),
            ("alertsCleared", Int(clamping: counters.alertsCleared)), ("eventsDropped", Int(clamping: counters.eventsDropped)),
        ]
    }

    /// The reason of an alert that ended because nothing is known any more.
    public static let lapsed: UInt16 = 0x8000

    private static let table: [(bit: UInt16, name: String, words: String)] = [
        (QualityReasons.incomplete.rawValue, "incomplete", "less than a window heard"),
        (QualityReasons.gap.rawValue, "gap", "samples missing"),
        (QualityReasons.electrodeOff.rawValue, "electrodeOff", "electrode off"),
        (QualityReasons.flat.rawValue, "flat", "flat"),
        (QualityReasons.clipped.rawValue, "clipped", "clipped"),
        (QualityReasons.noisy.rawValue, "noisy", "noise"),
        (QualityReasons.outOfRange.rawValue, "outOfRange", "out of range"),
        (QualityReasons.missingLead.rawValue, "missingLead", "samples missing"),
        (QualityReasons.tooFewLeads.rawValue, "tooFewLeads", "too few good leads"),
        (lapsed, "lapsed", "nothing known any more"),
    ]
}
