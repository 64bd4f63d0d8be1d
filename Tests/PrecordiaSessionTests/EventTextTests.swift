// Events as rows of the table, and the words that rows are made of.

import PrecordiaEngine
import PrecordiaHost
import PrecordiaQuality
import PrecordiaSession
import PrecordiaTestSupport
import Testing

@Suite struct EventTextTests {
    let answer = Answer(probabilities: [0.25, 0.75, 0.125], classProbabilities: [0.75, nil], isWhole: true, heartRate: 72)

    @Test("unknown codes are printed as numbers instead of trapping")
    func strangers() {
        #expect(EventWords.condition(9, .small).words == "statement 9")
        #expect(EventWords.condition(0x8000 + 99, .small).words == "condition 99")
    }

    @Test("many leads are named by those that are left out")
    func leads() {
        #expect(EventWords.leadList(0b11) == "I II")
        #expect(EventWords.leadList(0x0FFD) == "all leads but II")
        #expect(EventWords.leadList(0xFFFF) == "all leads")
        #expect(EventWords.signal(reasons: 0, leads: 0xFFFF).isEmpty)
        #expect(EventWords.signal(reasons: QualityReasons.gap.rawValue, leads: 0) == "samples missing")
        let both = QualityReasons.gap.rawValue | QualityReasons.missingLead.rawValue
        #expect(EventWords.signal(reasons: both, leads: 0xFFFF) == "samples missing in all leads")
    }

    @Test("leads that are not there are no bad ones")
    func fewLeads() {
        let few: QualityReasons = [.tooFewLeads, .absentLeads]
        #expect(EventWords.signal(reasons: few.rawValue, leads: 0) == "too few leads")
        #expect(EventWords.signal(reasons: few.union(.flat).rawValue, leads: 2) == "too few leads, flat in II")
        #expect(
            EventWords.signal(reasons: QualityReasons.absentLeads.union(.mains).rawValue, leads: 2)
                == "not all twelve leads, mains hum in II")
        #expect(EventWords.signal(reasons: QualityReasons.tooFewLeads.rawValue, leads: 2) == "too few good leads in II")
    }

    @Test("the table has a row when the statements change and one each ten seconds")
    func rows() {
        var table = EventTable(vocabulary: .small, stream: .small, windowSeconds: 10, style: .plain)
        func rows(_ second: Int, _ probabilities: [Float]) -> [String] {
            let answer = Answer(probabilities: probabilities, classProbabilities: [], isWhole: true, heartRate: 72)
            return table.rows(Event(.window, sample: UInt64(second * 500)), answer: answer)
        }
        #expect(rows(10, [0.9, 0, 0]) == ["   00:10   72/min  normal ECG 90 %"])
        #expect(rows(11, [0.8, 0, 0]).isEmpty)
        #expect(rows(12, [0.3, 0.6, 0]) == ["   00:12   72/min  atrial fibrillation 60 %"])
        #expect(rows(13, [0.3, 0.35, 0]).isEmpty, "it leaves only below 0.8 of its threshold")
        #expect(rows(14, [0.3, 0.3, 0]).first?.contains("nothing reaches its threshold; closest: ") == true)
        #expect(rows(23, [0.3, 0.3, 0]).isEmpty)
        #expect(rows(24, [0.3, 0.3, 0]).count == 1)
    }

    @Test("a stream without an answer says why, and names statements only where it was good and too short")
    func noAnswer() {
        func closing(seconds: Double, _ reasons: QualityReasons) -> String {
            var table = EventTable(vocabulary: .small, stream: .small, windowSeconds: 10, style: .plain)
            let sample = UInt64(seconds * 500) - 1
            _ = table.rows(Event(.unknown, sample: sample, leads: 0xFFFF, reasons: reasons.rawValue), answer: answer)
            var result = SessionResult()
            result.samples = sample + 1
            return table.closing(result)[0]
        }
        #expect(
            closing(seconds: 4, .incomplete).hasSuffix(
                "  too short for an answer (4.0 s); leaning to: atrial fibrillation 75 %, normal ECG 25 %"))
        #expect(closing(seconds: 0.5, .incomplete).hasSuffix("  too short for an answer (0.5 s)"))
        let poor: QualityReasons = [.missingLead, .tooFewLeads]
        #expect(closing(seconds: 10, poor) == "   00:10           no answer: samples missing, too few good leads in all leads")
        #expect(closing(seconds: 4, [.incomplete, .flat]).contains("no answer: less than a window heard, flat"))
        #expect(closing(seconds: 12, .incomplete).hasSuffix("no answer: less than a window heard in all leads"))
        var table = EventTable(vocabulary: .small, stream: .small, windowSeconds: 10, style: .plain)
        let gap = table.rows(Event(.gap, sample: 0, value: .nan), answer: answer)
        #expect(gap.first?.hasSuffix("frames missing, unknown how many") == true)
    }

    @Test("alerts rise and clear in rows of their own, with their length")
    func alerts() {
        var table = EventTable(vocabulary: .small, stream: .small, windowSeconds: 10, style: .plain)
        let up = table.rows(Event(.alertRaised, sample: 500, code: 1, priority: 3, value: 0.93), answer: answer)
        #expect(up == ["   00:01            ▲ MEDIUM  atrial fibrillation, 93 %"])
        let down = table.rows(Event(.alertCleared, sample: 6000, code: 1, priority: 3), answer: answer)
        #expect(down == ["   00:12            ▼ over: atrial fibrillation after 11 s"])
    }

    @Test("the first seconds, which are incomplete on every stream, make no noise in the table")
    func beginning() {
        var table = EventTable(vocabulary: .small, stream: .small, windowSeconds: 10, style: .plain)
        let incomplete = QualityReasons.incomplete.rawValue
        #expect(table.rows(Event(.quality, sample: 500, reasons: incomplete), answer: answer).isEmpty)
        #expect(table.rows(Event(.unknown, sample: 500, reasons: incomplete), answer: answer).isEmpty)
        #expect(table.rows(Event(.quality, sample: 5000), answer: answer).isEmpty)
        let flat = QualityReasons.flat.rawValue
        #expect(
            table.rows(Event(.quality, sample: 6000, leads: 0b100, reasons: flat), answer: answer).first?.contains("flat in III") == true)
        #expect(table.rows(Event(.quality, sample: 7000), answer: answer).first?.contains("good again") == true)
    }
}
