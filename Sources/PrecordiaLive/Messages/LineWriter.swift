// A session's messages as lines of JSON, on the thread of whoever writes them; `docs/events.md` is the contract.

import PrecordiaAlerts
import PrecordiaCompanion
import PrecordiaDevice
import PrecordiaEngine
import PrecordiaHost
import PrecordiaNetwork
package import PrecordiaPolicy
package import PrecordiaReport
package import PrecordiaSession
import PrecordiaSignal
import PrecordiaText

/// Turns messages into lines.
///
/// - Memory: 64 KiB for a line, more once a line takes more. Thread: one at a time.
package final class LineWriter {
    private let model: LoadedModel
    private let policy: AlarmPolicy?
    private let top: Int?
    private let name: UnsafeMutableRawBufferPointer
    /// Names of the session's outlets, in their order.
    private let outlets: [String]
    private var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 64)
    /// In place of the answer that an event without one has not.
    private let blank: UnsafeMutableBufferPointer<Float>

    /// - Parameters:
    ///   - top: statements in each answer, nil for all.
    ///   - outlets: what the session's outlets are called; the line `session` names those that missed something.
    package init(name: String, top: Int?, model: LoadedModel, policy: AlarmPolicy?, outlets: [String] = []) {
        self.model = model
        self.policy = policy
        self.top = top
        self.outlets = outlets
        let bytes = Array(name.utf8)
        self.name = .allocate(byteCount: max(1, bytes.count), alignment: 1)
        self.name.copyBytes(from: bytes)
        nameCount = bytes.count
        blank = .allocate(capacity: model.view.labelCount)
        blank.initialize(repeating: 0)
    }

    private let nameCount: Int

    deinit {
        name.deallocate()
        memory.deallocate()
        blank.deallocate()
    }

    /// The line of a message, with its line feed, until the next one is asked for; nil for messages that are none.
    package func line(_ message: LiveMessage, at time: EventTime?) -> UnsafeRawBufferPointer? {
        switch message {
        case .stream(let facts):
            write(time) { $0.opening(model.view, facts.format, hop: facts.hop, leads: facts.leads, frames: facts.frames, into: &$1) }
        case .answer(let event, let facts): write(time) { $0.line(event, facts.answer(of: model), rate: facts.rate, into: &$1) }
        case .event(let event, let rate): write(event, rate, at: time)
        case .measurement(let event, let values, let rate): write(event, rate, values, at: time)
        case .alarm(let change, let board): write(change, board, time)
        case .device(let state, let epoch, let words):
            write(time) { report, text in words.utf8Bytes { report.device(state.name, epoch: epoch, words: $0, into: &text) } }
        case .notice(.event(let event), let sample): write(time) { $0.notice(event, sample: sample, into: &$1) }
        case .notice(.error(let error), let sample): write(time) { $0.notice(error, sample: sample, into: &$1) }
        case .link(let counters, let sample, let rate): write(time) { $0.link(counters, sample: sample, rate: rate, into: &$1) }
        case .end(let end):
            write(time) { $0.closing(end.counters, rate: end.rate, sample: end.samples, interrupted: end.interrupted, into: &$1) }
        case .failure(let words): write(time) { report, text in words.utf8Bytes { report.failure($0, into: &text) } }
        case .deed(let deed): write(deed, time)
        case .session(let figures): write(time) { $0.session(figures, outlets: outlets, into: &$1) }
        case .frames, .signal, .figures, .reply, .note, .fault, .hearing, .page, .finished, .board: nil
        }
    }

    /// The lines of a board, each as it would be if what it tells happened now, and none of them with a time.
    func lines(of board: LiveBoard, _ use: (UnsafeRawBufferPointer) -> Void) {
        let rate = board.stream?.format.rate ?? 0
        if let state = board.device {
            use(
                write(nil) { report, text in
                    board.fault.utf8Bytes { report.device(state.name, epoch: board.epoch, words: $0, into: &text) }
                })
        }
        if let facts = board.stream, let line = line(.stream(facts), at: nil) { use(line) }
        if let event = board.quality { use(write(event, rate, at: nil)) }
        if let (event, facts) = board.answer, let line = line(.answer(event, facts), at: nil) { use(line) }
        if let head = board.measurement { use(write(head.event, head.rate, head.values, at: nil)) }
        for event in board.alerts { use(write(event, rate, at: nil)) }
        for alarm in board.alarms {
            let kind: AlarmChange.Kind =
                alarm.isLatched ? .latched : alarm.isInhibited ? .inhibited : alarm.isAcknowledged ? .acknowledged : .raised
            use(write(kind, Int(alarm.place), alarm.priority.rawValue))
        }
        if let keys = board.keys {
            if keys.pauseLeft >= 0 { use(write(.audioPaused, -1, 0, pauseLeft: keys.pauseLeft)) }
            if keys.isOff { use(write(.switchedOff, -1, 0)) }
        }
        if let line = line(.session(board.figures), at: nil) { use(line) }
    }

    private func write(_ deed: LiveMessage.Deed, _ time: EventTime?) -> UnsafeRawBufferPointer {
        write(time) { report, text in
            deed.who.utf8Bytes { who in
                deed.by.utf8Bytes { by in
                    deed.command.utf8Bytes { command in
                        deed.words.utf8Bytes { words in
                            report.deed(who: who, by: by, command: command, result: deed.result.name, words: words, into: &text)
                        }
                    }
                }
            }
        }
    }

    private func write(
        _ kind: AlarmChange.Kind, _ place: Int, _ priority: UInt8, pauseLeft: Int64 = -1
    ) -> UnsafeRawBufferPointer {
        let condition = place < 0 ? "" : policy?.rules[place].name ?? ""
        return write(nil) { report, text in
            condition.utf8Bytes { report.alarm(PolicyBoard.name(kind), condition: $0, priority, pauseLeft: pauseLeft, into: &text) }
        }
    }

    private func write(
        _ event: Event, _ rate: Int, _ values: MeasuredValues = MeasuredValues(), at time: EventTime?
    ) -> UnsafeRawBufferPointer {
        write(time) { report, text in
            if rate > 0 {
                let answer = EngineAnswer(model.view, UnsafeBufferPointer(blank), isWhole: false, values: values)
                report.line(event, answer, rate: rate, into: &text)
            } else if let condition = event.alert.condition {
                report.line(event, of: condition, into: &text)
            }
        }
    }

    private func write(_ change: AlarmChange, _ board: LiveMessage.BoardState, _ time: EventTime?) -> UnsafeRawBufferPointer {
        let condition = change.condition < 0 ? "" : policy?.rules[Int(change.condition)].name ?? ""
        return write(time) { report, text in
            condition.utf8Bytes { name in
                report.alarm(
                    PolicyBoard.name(change.kind), condition: name, change.priority.rawValue, electrodes: board.electrodes,
                    pauseLeft: change.kind == .audioPaused ? board.pauseLeft : -1, into: &text)
            }
        }
    }

    private func write(_ time: EventTime?, _ body: (EventReport, inout JSONText) -> Void) -> UnsafeRawBufferPointer {
        var report = EventReport(name: UnsafeRawBufferPointer(rebasing: name[..<nameCount]), top: top)
        report.time = time
        while true {
            var text = JSONText(memory)
            body(report, &text)
            if text.isWhole { return UnsafeRawBufferPointer(rebasing: memory[..<text.count]) }
            let needed = text.count
            memory.deallocate()
            memory = .allocate(byteCount: needed * 2, alignment: 64)
        }
    }
}
