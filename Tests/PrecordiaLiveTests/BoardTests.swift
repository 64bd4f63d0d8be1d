// The board: what is true now is what was told, less what is over; it comes when asked for and behind a loss, and a screen is right by it alone.

import Foundation
import PrecordiaAlerts
import PrecordiaDevice
import PrecordiaEngine
import PrecordiaHost
import PrecordiaLink
import PrecordiaNetwork
import PrecordiaPolicy
import PrecordiaReport
import PrecordiaSession
import PrecordiaSignal
import PrecordiaTestSupport
import PrecordiaTesting
import Testing

@testable import PrecordiaLive
@testable import PrecordiaView

@Suite(.serialized) struct BoardTests {
    let live: LiveSessionTests

    init() throws { live = try LiveSessionTests() }

    /// What of a board outlives its place in the ring.
    struct Copy {
        var samples: UInt64
        var device: DeviceState?
        var epoch: UInt64
        var rate: Int?
        var alerts: [Event]
        var alarms: [LiveBoard.Alarm]
        var pauseLeft: Int64?
        var isOff: Bool?
        var fault: String
        var hearing: String
        var page: String
        var quality: Event?
        var hasAnswer: Bool

        init(_ board: LiveBoard) {
            (samples, device, epoch, rate) = (board.samples, board.device, board.epoch, board.stream?.format.rate)
            (alerts, alarms) = (Array(board.alerts), Array(board.alarms))
            (pauseLeft, isOff) = (board.keys?.pauseLeft, board.keys?.isOff)
            (fault, hearing, page) = (board.fault, board.hearing, board.page)
            (quality, hasAnswer) = (board.quality, board.answer != nil)
        }
    }

    /// The boards among what waits in an outlet, and how many other messages there are.
    func taken(_ outlet: LiveOutlet) -> (boards: [Copy], others: Int) {
        var boards: [Copy] = [], others = 0
        while let chunk = outlet.ring.next() {
            if case .board(let board) = LiveMessage(chunk) { boards.append(Copy(board)) } else { others += 1 }
            outlet.ring.release()
        }
        return (boards, others)
    }

    private func raised(_ code: AlertCode, sample: UInt64, priority: UInt8 = 4, value: Float = 1) -> Event {
        Event(.alertRaised, sample: sample, code: code.rawValue, priority: priority, value: value)
    }

    @Test("has what was told and is not over, and nothing of a stream that has ended but the session's own alerts")
    func sum() throws {
        let late = LiveOutlet("late", wants: .board), outlets = LiveOutlets([LiveOutlet("output", wants: .words), late])
        let alarms = PolicyBoard(try AlarmPolicy.load("bedside", model: live.model))
        func board() -> [Copy] {
            outlets.board(LiveFigures(), samples: 77, alarms: alarms, pauseLeft: 5000)
            return taken(late).boards
        }
        #expect(!outlets.areAsking && board().isEmpty, "nobody has asked")
        let statement = AlertCode(place: Condition.count + 1), asystole = AlertCode(.asystole), lost = AlertCode(.deviceLost)
        outlets.device(.streaming, epoch: 2, "", at: nil)
        outlets.stream(.init(format: StreamFormat(rate: 250), leads: .all, frames: nil, hop: 125), at: nil)
        for event in [
            raised(lost, sample: 1), raised(statement, sample: 2, priority: 2), raised(asystole, sample: 3),
            raised(statement, sample: 4, priority: 3), Event(.alertCleared, sample: 5, code: asystole.rawValue),
            Event(.alertCleared, sample: 6, code: AlertCode(.pause).rawValue), Event(.quality, sample: 7, leads: 3, reasons: 1),
        ] {
            outlets.event(event, at: nil)
            alarms.take(event, at: 100)
        }
        outlets.fault("it has stopped")
        outlets.hearing("no sound was asked for")
        outlets.page("http://here/")
        late.ask()
        #expect(outlets.areAsking)
        let one = try #require(board().first)
        #expect(!outlets.areAsking && board().isEmpty, "a question has one answer")
        #expect(one.samples == 77 && one.device == .streaming && one.epoch == 2 && one.rate == 250)
        #expect(one.alerts == [raised(lost, sample: 1), raised(statement, sample: 4, priority: 3)])
        #expect(one.quality == Event(.quality, sample: 7, leads: 3, reasons: 1))
        #expect(one.fault == "it has stopped" && one.hearing == "no sound was asked for" && one.page == "http://here/")
        #expect(one.pauseLeft == 5000 && one.isOff == false && !one.hasAnswer)
        let places = one.alarms.filter(\.isActive).map { Int($0.place) }
        #expect(places == [Condition.deviceLost.rawValue, Condition.count + 1])
        outlets.end(.init(samples: 80, rate: 250, counters: EngineCounters(), interrupted: false), at: nil)
        outlets.fault("")
        late.ask()
        let two = try #require(board().first)
        #expect(two.rate == nil && two.alerts == [raised(lost, sample: 1)] && two.fault.isEmpty && two.quality == nil)
    }

    @Test("comes by itself behind a loss, as soon as there is room, and is no loss itself while there is none")
    func behindLoss() {
        let slow = LiveOutlet("slow", wants: [.words, .board], capacity: 1 << 14),
            plain = LiveOutlet("plain", wants: .words, capacity: 1 << 14)
        let outlets = LiveOutlets([slow, plain])
        for number in 0..<1000 { outlets.note("note \(number)") }
        outlets.event(raised(AlertCode(.asystole), sample: 9), at: nil)
        let loss = slow.loss
        #expect(loss.messages > 0 && outlets.areAsking)
        outlets.board(LiveFigures(), samples: 1, alarms: nil, pauseLeft: nil)
        #expect(slow.loss == loss && outlets.areAsking, "there is no room yet")
        #expect(taken(slow).boards.isEmpty)
        outlets.board(LiveFigures(), samples: 2, alarms: nil, pauseLeft: nil)
        let boards = taken(slow).boards
        #expect(boards.map(\.samples) == [2] && boards.first?.alerts.map(\.sample) == [9] && boards.first?.isOff == nil)
        #expect(!outlets.areAsking && taken(plain).boards.isEmpty, "who wants no board gets none, whatever it has lost")
        slow.die("its disk is full")
        slow.ask()
        #expect(!outlets.areAsking)
    }

    /// Takes nothing until it is given a board, and shows that.
    private struct Late: LiveSink {
        let seen: Seen
        let gate: DispatchSemaphore
        mutating func take(_ message: LiveMessage, at time: EventTime?) throws(RuntimeError) {
            guard case .board(let board) = message else { return }
            seen.view.take(board, answer: board.answer?.facts.copy(of: seen.model), until: nil)
            seen.writer.lines(of: board) { seen.lines.append(String(decoding: $0, as: UTF8.self)) }
            seen.boards += 1
            gate.signal()
        }
        mutating func finish(_ figures: LiveFigures) throws(RuntimeError) {}
    }

    private final class Seen: @unchecked Sendable {
        let model: LoadedModel
        var view: LiveView
        var boards = 0
        var lines: [String] = []
        let writer: LineWriter
        init(_ model: LoadedModel, _ policy: AlarmPolicy?) {
            self.model = model
            writer = LineWriter(name: "exam", top: 1, model: model, policy: policy)
            view = LiveView(
                vocabulary: model.vocabulary, stream: StreamDescription(name: "exam", rate: 250, leads: .empty, frames: nil),
                windowSeconds: model.view.windowSeconds, style: .plain, note: "")
        }

        /// What a person sees of alerts and answers; not the device's own, which depends on how fast this machine is.
        func words() -> [String] {
            let entries = view.entriesInOrder().filter { entry in
                entry.cleared == nil && AlertCode(rawValue: entry.code).condition?.isOfSession != true
            }
            let answer = view.answer.map { "\($0.probabilities) \($0.heartRate ?? 0) \(view.isKnown)" } ?? "none"
            return entries.map { "\($0.words)\($0.evidence) \($0.priority) \(String(describing: $0.mark))" } + [answer, view.signal]
        }
    }

    @Test("a screen that joins in the middle of an alarm shows by its board alone what one shows that was there all along")
    func joins() throws {
        let exam = try live.exam(seconds: 60)
        let last = exam.starts[exam.starts.count - 10]
        let joined = DispatchSemaphore(value: 0)
        let cart = FakeCart([[.hear(32), .send(Array(exam.bytes[..<last])), .wait(joined), .send(Array(exam.bytes[last...])), .hearOut]])
        var settings = LiveSettings(source: cart.source, output: .view)
        settings.endsWithStream = true
        settings.policy = try AlarmPolicy.load("bedside", model: live.model)
        let outlet = LiveOutlet("late", wants: [.view, .board])
        let late = Seen(live.model, settings.policy), whole = Seen(live.model, nil)
        var wanted: [String] = []
        var sink = Collected(settings, live.model) { message, _ in
            switch message {
            case .stream(let facts): whole.view.begin(facts.description(named: "exam"))
            case .answer(let event, let facts): whole.view.take(event, answer: facts.copy(of: live.model))
            case .event(let event, _): whole.view.take(event, answer: .none)
            case .alarm(let change, let board): whole.view.take(change, until: nil, isOff: board.isOff)
            case .figures(let figures) where figures.link.bytes == UInt64(last) && wanted.isEmpty:
                wanted = whole.words()
                outlet.ask()
            default: break
            }
        }
        let result = try LiveSession(settings, model: live.model, beside: [OutletThread(outlet, Late(seen: late, gate: joined))]).run(&sink)
        #expect(!result.failed && late.boards == 1)
        #expect(wanted.contains { $0.contains("atrial fibrillation") })
        #expect(late.words() == wanted)
        let kinds = late.lines.compactMap { $0.split(separator: "\"").dropFirst(3).first.map(String.init) }
        #expect(kinds.prefix(2) == ["device", "stream"] && kinds.last == "session" && late.lines.allSatisfy { !$0.contains("\"utc\"") })
        #expect(kinds.filter { $0 == "window" }.count == 1 && kinds.contains("alertRaised") && kinds.contains("alarm"))
    }
}
