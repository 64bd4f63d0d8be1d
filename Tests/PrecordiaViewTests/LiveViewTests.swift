// The live view at many sizes, drawn from events that the test makes.

import PrecordiaAlerts
import PrecordiaEngine
import PrecordiaHost
import PrecordiaQuality
import PrecordiaSession
import PrecordiaSignal
import PrecordiaTestSupport
import Testing

@testable import PrecordiaLive
@testable import PrecordiaView

@Suite struct LiveViewTests {
    func view(unicode: Bool = true) -> LiveView {
        var view = LiveView(
            vocabulary: .small, stream: .small, windowSeconds: 10, style: Style(hasColour: false, hasUnicode: unicode), note: "simulated")
        let answer = Answer(probabilities: [0.1, 0.93, 0.2], classProbabilities: [], isWhole: true, heartRate: 131)
        for index in 0..<UInt64(3000) {
            view.add(sample: index, microvolts: index % 400 < 20 ? 1200 : 0)
        }
        view.take(Event(.window, sample: 2999), answer: answer)
        view.take(Event(.alertRaised, sample: 1000, code: 0x8000, priority: 4, value: 5), answer: answer)
        view.take(Event(.alertCleared, sample: 2000, code: 0x8000), answer: answer)
        view.take(Event(.alertRaised, sample: 2500, code: 1, priority: 3, value: 0.93), answer: answer)
        view.setFooter(" lost 0 of 3 000 frames; latency 1.2 us median")
        return view
    }

    @Test("no line is longer than the screen and no screen gets more lines than it has", arguments: [true, false])
    func fits(unicode: Bool) {
        let view = view(unicode: unicode)
        for columns in [1, 20, 39, 40, 60, 79, 80, 81, 200] {
            for rows in [1, 2, 11, 12, 16, 21, 22, 24, 60] {
                let lines = view.lines(columns: columns, rows: rows)
                #expect(lines.count <= rows)
                #expect(lines.allSatisfy { $0.count <= columns }, "\(columns) x \(rows)")
            }
        }
    }

    private var values: MeasuredValues {
        var values = MeasuredValues()
        (values.heartRate, values.pr, values.qrs, values.qtc) = (131, 162.4, 98.2, 431.7)
        (values.j[1], values.j[7], values.j[3]) = (0.08, -0.214, 0.9)
        return values
    }

    @Test("rate, PR, QRS, QTc and the largest ST stand on every screen from 40 by 12, aVR left out", arguments: [true, false])
    func measurements(unicode: Bool) {
        var view = view(unicode: unicode)
        view.measured(values)
        for columns in [40, 60, 80, 200] {
            for rows in [12, 16, 24, 60] {
                let lines = view.lines(columns: columns, rows: rows)
                #expect(lines.count <= rows && lines.allSatisfy { $0.count <= columns })
                let wanted =
                    columns < 70 ? " PR 162 QRS 98 QTc 432 ST V2 -0.21" : " rate 131   PR 162 ms   QRS 98 ms   QTc 432 ms   ST V2 -0.21 mV"
                #expect(lines.contains { $0.hasPrefix(wanted) }, "\(columns) x \(rows)")
                #expect(lines.contains { $0.contains("atrial fibrillation") })
            }
        }
    }

    @Test("what is not known, or was measured too long ago, is two dashes")
    func measurementsUnknown() {
        var view = view()
        view.measured(MeasuredValues())
        #expect(view.lines(columns: 40, rows: 12).contains { $0.hasPrefix(" PR -- QRS -- QTc -- ST --") })
        view.measured(values)
        for index in 3000..<UInt64(3000 + 31 * 500) { view.add(sample: index, microvolts: 0) }
        #expect(view.lines(columns: 40, rows: 12).contains { $0.hasPrefix(" PR -- QRS -- QTc -- ST --") })
    }

    @Test("80 by 24 shows clock, rate, statements, alerts and figures")
    func content() {
        let screen = view().lines(columns: 80, rows: 24)
        #expect(screen.count == 24)
        #expect(screen[0].contains("00:05") && screen[0].contains("131/min"))
        let all = screen.joined(separator: "\n")
        for part in ["Signal good", "simulated", "atrial fibrillation", "93 %", "▲ MEDIUM", "over", "lost 0 of 3 000"] {
            #expect(all.contains(part), "\(part)")
        }
        #expect(all.unicodeScalars.contains { (0x2801...0x28FF).contains($0.value) })
    }

    @Test("before anything was heard of a patient nothing is green, and nobody is said to be watched")
    func nothingYet() {
        let view = LiveView(
            vocabulary: .small, stream: .small, windowSeconds: 10, style: Style(hasColour: false, hasUnicode: true), note: "waiting")
        let screen = view.lines(columns: 80, rows: 24).joined(separator: "\n")
        #expect(screen.contains("No signal: nothing comes from the device yet") && screen.contains("nobody is watched"))
        #expect(!screen.contains("Signal good") && !screen.contains(" none"))
        #expect(view.lines(columns: 30, rows: 4).contains { $0.contains("no signal yet") })
    }

    @Test("while the device is lost, or its rate is wrong, no answer stands on the screen", arguments: [Condition.deviceLost, .rateWrong])
    func lost(condition: Condition) {
        var view = view()
        let code = AlertCode(condition).rawValue
        let nothing = Answer(probabilities: [], classProbabilities: [], isWhole: false, heartRate: nil)
        view.take(Event(.alertRaised, sample: 2999, code: code, priority: 4, value: 500), answer: nothing)
        let screen = view.lines(columns: 80, rows: 24).joined(separator: "\n")
        #expect(!screen.contains("Signal good") && !screen.contains("93 %  ") && screen.contains("--/min"))
        view.take(Event(.alertCleared, sample: 3500, code: code, value: 1), answer: nothing)
        #expect(view.lines(columns: 80, rows: 24)[1].contains("Signal good"))
    }

    @Test("a foot with many losses takes more lines, and none is left out")
    func longFoot() {
        var view = view()
        let losses = (1...8).map { "\($0) blocks of kind \($0)" }
        view.setFooter(" lost 9 of 3 000 frames; " + losses.joined(separator: "; "))
        let screen = view.lines(columns: 80, rows: 24)
        #expect(screen.count == 24 && screen.allSatisfy { $0.count <= 80 })
        for loss in losses { #expect(screen.suffix(3).joined().contains(loss)) }
        for rows in 12...24 { #expect(view.lines(columns: 60, rows: rows).count == rows) }
    }

    @Test("what a device says of its having stopped stands over the trace until it goes on")
    func fault() {
        var view = view()
        view.setFault("device: converter error, it has stopped sending samples")
        #expect(view.lines(columns: 80, rows: 24)[1].contains("converter error"))
        view.setFault("")
        #expect(view.lines(columns: 80, rows: 24)[1].contains("Signal good"))
    }

    @Test("an ASCII terminal gets ASCII only")
    func ascii() {
        #expect(view(unicode: false).lines(columns: 80, rows: 24).allSatisfy { $0.allSatisfy { $0.isASCII } })
    }

    @Test("while the answer is unknown no statement is shown")
    func unknown() {
        var view = view()
        let answer = Answer(probabilities: [0.1, 0.93, 0.2], classProbabilities: [], isWhole: true, heartRate: nil)
        let flat = QualityReasons.flat.rawValue
        view.take(Event(.quality, sample: 2999, leads: 0b11, reasons: flat), answer: answer)
        view.take(Event(.unknown, sample: 2999, leads: 0b11, reasons: flat), answer: answer)
        let all = view.lines(columns: 80, rows: 24).joined(separator: "\n")
        #expect(all.contains("unknown: the signal does not allow an answer"))
        #expect(all.contains("flat in I II"))
        #expect(!all.contains("normal ECG"))
    }

    @Test("why there is no answer fits the screen too, however long it is")
    func unknownFits() {
        var view = view()
        let answer = Answer(probabilities: [0.1, 0.93, 0.2], classProbabilities: [], isWhole: true, heartRate: nil)
        let many = QualityReasons(rawValue: 0x1E3C).rawValue
        view.take(Event(.quality, sample: 2999, leads: 0b1111_1101, reasons: many), answer: answer)
        view.take(Event(.unknown, sample: 2999, leads: 0b1111_1101, reasons: many), answer: answer)
        for columns in [1, 20, 39, 40, 60, 79, 80, 81, 200] {
            for rows in [12, 24, 60] {
                #expect(view.lines(columns: columns, rows: rows).allSatisfy { $0.count <= columns }, "\(columns) x \(rows)")
            }
        }
        #expect(view.lines(columns: 40, rows: 24).contains { $0.hasPrefix(" unknown: the signal") && $0.hasSuffix("…") })
    }

    @Test("many alerts stay within bounds, active ones first")
    func manyAlerts() throws {
        var view = view()
        let answer = Answer(probabilities: [0, 0, 0], classProbabilities: [], isWhole: true, heartRate: nil)
        for round in 0..<200 {
            view.take(Event(.alertRaised, sample: UInt64(round), code: 2, priority: 1), answer: answer)
            view.take(Event(.alertCleared, sample: UInt64(round + 1), code: 2), answer: answer)
        }
        #expect(view.farewell(SessionResult()).count <= 32 + 4)
        let screen = view.lines(columns: 80, rows: 24)
        let title = try #require(screen.firstIndex { line in line.contains("Alerts") })
        #expect(screen[title + 1].contains("atrial fibrillation"))
    }

    @Test(
        "an alarm that a program left is shown until it is acknowledged, a pause with its countdown, and what is asked before alarms are off"
    )
    func restored() {
        var view = view()
        let asystole = Int16(Condition.asystole.rawValue)
        func screen() -> String { view.lines(columns: 140, rows: 30).joined(separator: "\n") }
        view.begin(.small)
        view.take(AlarmChange(.latched, condition: Int16(Condition.pause.rawValue), priority: .medium, time: 0), until: nil, isOff: false)
        #expect(screen().contains("MEDIUM") && screen().contains(", before the program began (over, not acknowledged)"))
        view.take(AlarmChange(.acknowledged, condition: Int16(Condition.pause.rawValue), time: 1), until: nil, isOff: false)
        #expect(!screen().contains("not acknowledged"))
        view.take(AlarmChange(.audioPaused, time: 2), until: Monotonic.now() + 90_500_000_000, isOff: false)
        #expect(screen().contains("Alerts: sound paused, 01:"))
        view.take(AlarmChange(.offAsked, time: 3), until: nil, isOff: false)
        #expect(screen().contains("o ONCE MORE switches ALARMS OFF"))
        // One that stays is the same as one that comes again.
        let answer = Answer(probabilities: [0, 0, 0], classProbabilities: [], isWhole: true, heartRate: nil)
        view.take(AlarmChange(.latched, condition: asystole, priority: .high, time: 4), until: nil, isOff: false)
        view.take(Event(.alertRaised, sample: 10, code: 0x8000, priority: 4, value: 5), answer: answer)
        view.take(AlarmChange(.raised, condition: asystole, priority: .high, time: 5), until: nil, isOff: false)
        #expect(!screen().contains("not acknowledged"))
    }

    @Test("what is held back is shown as such, acknowledging what it followed leaves it, and an alarm that no event told is shown")
    func heldBack() throws {
        var view = view()
        func screen() -> String { view.lines(columns: 140, rows: 30).joined(separator: "\n") }
        let answer = Answer(probabilities: [0, 0, 0], classProbabilities: [], isWhole: true, heartRate: nil)
        let pause = Int16(Condition.pause.rawValue), lost = Int16(Condition.deviceLost.rawValue)
        let code = AlertCode(.pause).rawValue
        view.begin(.small)
        view.take(Event(.alertRaised, sample: 10, code: code, priority: 3, value: 3), answer: answer)
        view.take(AlarmChange(.raised, condition: pause, priority: .medium, time: 0), until: nil, isOff: false)
        view.take(Event(.alertCleared, sample: 20, code: code), answer: answer)
        view.take(AlarmChange(.latched, condition: pause, priority: .medium, time: 1), until: nil, isOff: false)
        view.take(Event(.alertRaised, sample: 30, code: code, priority: 3, value: 3), answer: answer)
        view.take(AlarmChange(.inhibited, condition: pause, priority: .medium, time: 2), until: nil, isOff: false)
        #expect(screen().contains("(held back)") && screen().contains("(over, not acknowledged)"))
        view.take(AlarmChange(.acknowledged, condition: pause, priority: .medium, time: 3), until: nil, isOff: false)
        #expect(screen().contains("(held back)") && !screen().contains("acknowledged)"))

        view.take(AlarmChange(.raised, condition: lost, priority: .high, time: 4), until: nil, isOff: false)
        let first = try #require(view.entriesInOrder().first)
        #expect(first.code == AlertCode(place: Int(lost)).rawValue && first.cleared == nil)
        view.take(AlarmChange(.cleared, condition: lost, priority: .high, time: 5), until: nil, isOff: false)
        #expect(view.entriesInOrder().allSatisfy { $0.code != AlertCode(place: Int(lost)).rawValue || $0.cleared != nil })
    }

    @Test("a screen with room for fewer alerts says how many it leaves out")
    func more() {
        var view = view()
        let answer = Answer(probabilities: [0, 0, 0], classProbabilities: [], isWhole: true, heartRate: nil)
        view.begin(.small)
        for code in 0..<7 as Range<UInt16> {
            view.take(Event(.alertRaised, sample: 10, code: AlertCode(place: Int(code)).rawValue, priority: 3, value: 1), answer: answer)
        }
        #expect(view.lines(columns: 100, rows: 30).contains { $0.contains("Alerts, 2 more") })
        view.take(AlarmChange(.switchedOff, time: 1), until: nil, isOff: true)
        #expect(view.lines(columns: 39, rows: 5).first?.hasPrefix("ALARMS ARE OFF") == true)
    }

    @Test("another stream ends what is shown of the one before, but for the session's own, whose end is shown too")
    func anotherStream() {
        var view = view()
        let answer = Answer(probabilities: [0, 0, 0], classProbabilities: [], isWhole: true, heartRate: nil)
        let code = AlertCode(.soundFailed).rawValue
        view.take(Event(.alertRaised, sample: 2900, code: code, priority: 4, value: 1), answer: answer)
        view.begin(.small)
        #expect(view.entriesInOrder().first?.code == code && view.entriesInOrder().count { $0.cleared == nil } == 1)
        view.take(Event(.alertCleared, sample: 5, code: code), answer: answer)
        #expect(view.lines(columns: 100, rows: 30).joined().contains("lasted 0 s"))
    }

    @Test("why alarms cannot be heard stands above them, on every size, until they can be", arguments: [(80, 24), (40, 12), (39, 5)])
    func hearing(columns: Int, rows: Int) {
        var view = view()
        view.setHearing("NO SOUND: cannot be opened, No such device")
        let screen = view.lines(columns: columns, rows: rows)
        #expect(screen.contains { $0.contains("NO SOUND: cannot be opened") } && screen.count <= rows)
        view.setHearing("")
        #expect(!view.lines(columns: columns, rows: rows).joined().contains("NO SOUND"))
    }

    @Test("40 by 12 shows the clock of the day, rate, signal, one statement, four alerts and what was done about them before their words")
    func small() {
        var view = view()
        view.clock = "14:03:22"
        view.take(AlarmChange(.acknowledged, condition: Int16(Condition.count + 1), priority: .medium, time: 0), until: nil, isOff: false)
        let screen = view.lines(columns: 40, rows: 12)
        #expect(screen.count == 12 && screen[0].hasSuffix("14:03:22  ♥ 131/min ") && screen[1].contains("Signal good"))
        #expect(screen[5].contains("93 %") && screen[6].contains("a seen, p pause, o off"))
        #expect(screen[7].contains("MEDIUM  seen: atrial fibril") && screen[11].contains("lost 0 of 3 000"))
        #expect(view.lines(columns: 80, rows: 24)[0].hasSuffix("14:03:22   00:05   ♥ 131/min "))
    }

    @Test("beside an alarm of a rhythm that kills no statement is shown, and the screen says why")
    func withheld() {
        var view = view()
        let answer = Answer(probabilities: [0.1, 0.93, 0.2], classProbabilities: [], isWhole: true, heartRate: nil)
        view.take(Event(.unknown, sample: 2999, reasons: QualityReasons.rhythmAlarmed.rawValue), answer: answer)
        let all = view.lines(columns: 80, rows: 24).joined(separator: "\n")
        #expect(all.contains("no statement while this rhythm is alarmed") && all.contains("--/min") && !all.contains("93 %  "))
        view.take(Event(.window, sample: 3999), answer: answer)
        #expect(!view.lines(columns: 80, rows: 24).joined().contains("no statement"))
    }

    @Test("the strip names its lead, and another lead begins another strip")
    func otherLead() {
        var view = view()
        #expect(view.lines(columns: 80, rows: 24).contains { $0.hasPrefix(" II  ") })
        view.add(sample: 3000, microvolts: 100, of: .V2)
        let screen = view.lines(columns: 80, rows: 24)
        #expect(screen.contains { $0.hasPrefix(" V2  ") } && !screen.contains { $0.hasPrefix(" II  ") })
        #expect(view.strip.newest(200).allSatisfy { $0.isMissing })
    }

    @Test("another electrode that comes off is named as soon as it does, and an alarm that sounds again is not shown as acknowledged")
    func news() {
        var view = view()
        func screen() -> String { view.lines(columns: 140, rows: 30).joined(separator: "\n") }
        let answer = Answer(probabilities: [0, 0, 0], classProbabilities: [], isWhole: true, heartRate: nil)
        let place = Int16(Condition.electrodeOff.rawValue)
        let code = AlertCode(.electrodeOff).rawValue
        view.begin(.small)
        view.take(
            Event(.alertRaised, sample: 10, code: code, priority: 2, electrodes: ElectrodeSet.leftArm.rawValue, value: 1), answer: answer)
        #expect(screen().contains("electrode off: LA (left arm)"))
        let both = ElectrodeSet.leftArm.union(.chest(3)).rawValue
        view.take(Event(.alertRaised, sample: 20, code: code, priority: 2, electrodes: both, value: 2), answer: answer)
        #expect(screen().contains("electrode off: LA (left arm), V3"))
        view.take(AlarmChange(.acknowledged, condition: place, priority: .low, time: 1), until: nil, isOff: false)
        #expect(screen().contains("(acknowledged)"))
        view.take(AlarmChange(.soundedAgain, condition: place, priority: .low, time: 2), until: nil, isOff: false)
        #expect(!screen().contains("(acknowledged)"))
        view.take(AlarmChange(.tooSoon, condition: place, priority: .low, time: 3), until: nil, isOff: false)
        #expect(screen().contains("NOT acknowledged: seen for less than 1 s, again"))
    }

    @Test("a narrow QRS is never skipped by the strip")
    func strip() {
        var strip = SignalStrip(columns: 100, rate: 500, columnsPerSecond: 38)
        for index in 0..<5000 { strip.add(index == 4800 ? 1000 : 0) }
        #expect(strip.newest(100).contains { $0.high == 1000 })
        let drawn = SignalStrip.braille(strip.newest(100), columns: 50, rows: 6)
        #expect(drawn.count == 6 && drawn.allSatisfy { $0.count == 50 })
    }

    @Test("a missing lead leaves a hole instead of a line")
    func hole() {
        var strip = SignalStrip(columns: 10, rate: 100, columnsPerSecond: 10)
        for _ in 0..<100 { strip.add(nil) }
        #expect(SignalStrip.ascii(strip.newest(10), columns: 10, rows: 2) == ["          ", "          "])
        strip.add(.nan)
        #expect(strip.newest(10).allSatisfy { $0.isMissing })
    }

    @Test("few leads are no poor signal: the signal is good, and the classifier unknown for want of leads")
    func fewLeads() {
        var view = LiveView(
            vocabulary: .small, stream: .small, windowSeconds: 10, style: Style(hasColour: false, hasUnicode: false), note: "")
        let answer = Answer(probabilities: [0.1, 0.93, 0.2], classProbabilities: [], isWhole: true, heartRate: 71)
        let few: QualityReasons = [.tooFewLeads, .absentLeads]
        view.add(sample: 9998, microvolts: 0)
        view.take(Event(.unknown, sample: 9999, reasons: few.rawValue), answer: answer)
        view.take(Event(.quality, sample: 9999, reasons: few.rawValue), answer: answer)
        let screen = view.lines(columns: 80, rows: 24).joined(separator: "\n")
        #expect(
            screen.contains(" Signal good; too few leads") && screen.contains(" unknown: too few leads") && !screen.contains("listening"))
        view.take(Event(.quality, sample: 10_499, leads: 2, reasons: few.union(.mains).rawValue), answer: answer)
        #expect(view.lines(columns: 80, rows: 24).joined(separator: "\n").contains(" Signal: mains hum in II; too few leads"))
    }
}
