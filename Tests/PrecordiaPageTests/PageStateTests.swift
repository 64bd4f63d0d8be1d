// What is true now: alerts and alarms as they come and go, boards, pauses, who did what.

import PrecordiaCompanion
import Testing

@testable import PrecordiaPage

@Suite struct PageStateTests {
    private let second: Int64 = 1000
    private let begin: Int64 = 1_780_000_000_000

    private func alarm(_ change: String, _ name: String = "AFIB", priority: String = "medium") -> PageLine {
        PageLine(#"{"event":"alarm","record":"r","change":"\#(change)","condition":"\#(name)","priority":"\#(priority)"}"#)
    }

    private func alert(_ event: String, _ name: String, utc: String? = "2026-11-30T16:00:00.250000Z") -> PageLine {
        PageLine(#"{"event":"\#(event)","condition":"\#(name)","priority":"high"\#(utc.map { #","utc":"\#($0)""# } ?? "")}"#)
    }

    @Test("times are read to the millisecond, over leap years and centuries")
    func times() {
        #expect(PageState.milliseconds("1970-01-01T00:00:00.000000Z") == 0)
        #expect(PageState.milliseconds("2026-11-30T16:02:33.123456Z") == 1_796_054_553_123)
        #expect(PageState.milliseconds("2024-02-29T23:59:59.5Z") == 1_709_251_199_500)
        #expect(PageState.milliseconds("2000-03-01T00:00:00Z") == 951_868_800_000)
        #expect(PageState.milliseconds("soon") == nil && PageState.milliseconds("") == nil)
    }

    @Test("an alarm is raised, acknowledged by name, escalated and over; each with when it began")
    func alarms() {
        var state = PageState()
        let isEvent = state.take(alarm("raised"), at: begin)
        #expect(!isEvent)
        #expect(state.alarms == [.init(name: "AFIB", priority: "medium", state: "raised", since: begin)])
        let command = PageLine(#"{"event":"command","who":"Ana, from 10.0.0.5","command":"acknowledge AFIB","result":"done"}"#)
        let events = [state.take(command, at: begin + 5 * second), state.take(alarm("acknowledged"), at: begin + 5 * second + 20)]
        #expect(events == [true, true])
        #expect(state.alarms == [.init(name: "AFIB", priority: "medium", state: "acknowledged", since: begin, who: "Ana, from 10.0.0.5")])
        _ = state.take(alarm("soundedAgain", priority: "high"), at: begin + 9 * second)
        #expect(state.alarms.map(\.state) == ["raised"] && state.alarms.map(\.priority) == ["high"] && state.alarms[0].since == begin)
        _ = state.take(alarm("cleared"), at: begin + 10 * second)
        #expect(state.alarms.isEmpty)
    }

    @Test("a latched alarm stays until it is acknowledged; one that is held back comes back")
    func latched() {
        var state = PageState()
        _ = state.take(alarm("raised", "asystole"), at: begin)
        _ = state.take(alarm("latched", "asystole"), at: begin + second)
        #expect(state.alarms.map(\.state) == ["latched"])
        _ = state.take(alarm("acknowledged", "asystole"), at: begin + 2 * second)
        #expect(state.alarms.isEmpty)
        _ = state.take(alarm("raised"), at: begin)
        _ = state.take(alarm("inhibited"), at: begin)
        #expect(state.alarms.map(\.state) == ["inhibited"])
        _ = state.take(alarm("released"), at: begin)
        #expect(state.alarms.map(\.state) == ["raised"])
    }

    @Test("what was measured last stands beside the rest, and goes with its stream")
    func measured() {
        var state = PageState()
        _ = state.take(PageLine(#"{"event":"stream","rate":500}"#), at: begin)
        let isEvent = state.take(PageLine(#"{"event":"measurement","pr":162,"unknown":{}}"#), at: begin)
        #expect(!isEvent)
        let message = String(decoding: state.message(at: begin, isHeard: true, hasEnded: false, viewers: 1), as: UTF8.self)
        #expect(message.contains(#""measurement":{"event":"measurement","pr":162,"unknown":{}}"#))
        _ = state.take(PageLine(#"{"event":"end"}"#), at: begin + second)
        #expect(state.measurement == nil)
    }

    @Test("who acknowledged is not credited to an alarm of another name, nor long after")
    func credit() {
        var state = PageState()
        for name in ["AFIB", "PVC"] { _ = state.take(alarm("raised", name), at: begin) }
        _ = state.take(PageLine(#"{"event":"command","who":"Ana","command":"acknowledge PVC"}"#), at: begin)
        _ = state.take(alarm("acknowledged"), at: begin)
        _ = state.take(alarm("acknowledged", "PVC"), at: begin + 3 * second)
        #expect(state.alarms.map(\.who) == ["", ""])
    }

    @Test("a pause has an end by its line, the switch stays, and both are over when they are said to be")
    func silence() {
        var state = PageState()
        let paused = PageLine(#"{"event":"alarm","record":"r","change":"audioPaused","left":120.000}"#)
        _ = state.take(paused, at: begin)
        #expect(state.pausedUntil == begin + 120 * second)
        _ = state.take(PageLine(#"{"event":"alarm","record":"r","change":"audioResumed"}"#), at: begin)
        #expect(state.pausedUntil == nil)
        _ = state.take(PageLine(#"{"event":"alarm","record":"r","change":"switchedOff"}"#), at: begin)
        #expect(state.isOff)
        _ = state.take(PageLine(#"{"event":"alarm","record":"r","change":"switchedOn"}"#), at: begin)
        #expect(!state.isOff)
    }

    @Test("a board replaces everything, and what lasts keeps its beginning and who has seen it")
    func board() {
        var state = PageState()
        _ = state.take(alert("alertRaised", "AFIB"), at: begin)
        _ = state.take(alarm("raised"), at: begin)
        _ = state.take(PageLine(#"{"event":"command","who":"Ana","command":"acknowledge","result":"done"}"#), at: begin)
        _ = state.take(alarm("acknowledged"), at: begin)
        _ = state.take(alarm("raised", "PVC"), at: begin)
        state.board(nil, at: begin)
        state.board(PageLine(#"{"event":"stream","record":"r","rate":500}"#), at: begin)
        state.board(alert("alertRaised", "AFIB", utc: nil), at: begin)
        state.board(alarm("acknowledged"), at: begin)
        state.board(alarm("latched", "asystole"), at: begin)
        state.board(nil, at: begin)
        #expect(state.stream?.number("rate") == 500)
        #expect(state.alerts.map(\.since) == [PageState.milliseconds("2026-11-30T16:00:00.25Z")])
        #expect(state.alarms.map(\.name) == ["AFIB", "asystole"], "what is not on the board is over")
        #expect(state.alarms.map(\.since) == [begin, nil] && state.alarms.map(\.who) == ["Ana", ""])
    }

    @Test("with a stream its alerts are over, and those of the session stay")
    func streams() {
        var state = PageState()
        for name in ["AFIB", "device-lost", "page-failed"] { _ = state.take(alert("alertRaised", name), at: begin) }
        _ = state.take(PageLine(#"{"event":"end","record":"r","sample":5}"#), at: begin)
        #expect(state.alerts.map(\.name) == ["device-lost", "page-failed"] && state.stream == nil)
        _ = state.take(alert("alertCleared", "device-lost"), at: begin)
        #expect(state.alerts.map(\.name) == ["page-failed"])
    }

    @Test("the messages are whole objects of JSON, with null for what is not known")
    func messages() {
        var state = PageState()
        let empty = PageLine(state.message(at: begin, isHeard: true, hasEnded: false, viewers: 1))
        #expect(empty.isObject && empty.text("kind") == "state")
        #expect(empty.raw("stream").map { String(decoding: $0, as: UTF8.self) } == "null")
        _ = state.take(alert("alertRaised", "AFIB"), at: begin)
        _ = state.take(alarm("raised"), at: begin)
        state.missed = .init(linesMissed: 3, framesMissed: 4)
        let full = PageLine(state.message(at: begin, isHeard: false, hasEnded: true, viewers: 2))
        #expect(full.isObject && full.number("missedFrames") == 4 && full.number("missedLines") == 3)
        #expect(PageLine(state.history()).isObject && PageLine(PageState.message(of: alarm("raised"))).isObject)
    }

    @Test("no more than so many events are kept, the newest")
    func events() {
        var state = PageState()
        for number in 0..<200 { _ = state.take(PageLine(#"{"event":"gap","frames":\#(number)}"#), at: begin) }
        #expect(state.events.count == PageState.mostEvents && state.events.last?.number("frames") == 199 && state.holes == 200)
    }
}
