// The parts that several lines share: beginning and end, answers, signal, conditions.

import PrecordiaAlerts
import PrecordiaEngine
import PrecordiaNetwork
import PrecordiaSignal
package import PrecordiaText

extension EventReport {
    /// What every line but the first and an error begins with.
    @_noAllocation @_noLocks
    package func begin(_ event: StaticString, sample: UInt64, rate: Int, _ text: inout JSONText) {
        text.open(0x7B)
        text.field("event", event)
        text.field("record", name)
        text.field("sample", sample)
        text.key("time")
        text.seconds(sample: sample, rate: rate)
    }

    /// The end of a line.
    @_noAllocation @_noLocks
    package func end(_ text: inout JSONText) {
        if let time { text.fields(of: time) }
        text.close(0x7D)
        text.raw(0x0A)
    }

    @_noAllocation @_noLocks
    func add(_ answer: EngineAnswer, to text: inout JSONText) {
        let model = answer.model
        text.field("whole", answer.isWhole)
        text.key("probabilities")
        text.open(0x7B)
        if let top {
            addMostProbable(top, of: answer, to: &text)
        } else {
            for index in 0..<model.statementCount { add(statement: index, of: answer, to: &text) }
        }
        text.close(0x7D)
        guard top == nil, model.classCount > 0 else { return }
        text.key("classes")
        text.open(0x7B)
        for index in 0..<model.classCount {
            guard let probability = answer.classProbability(index) else { continue }
            text.key(model.classEntry(index).code)
            text.fixed(Double(probability), decimals: 6)
        }
        text.close(0x7D)
    }

    /// The `top` most probable statements, most probable first, equals in the model's order: each the largest of those that come after the
    /// last one in this order, so that nothing need be sorted or remembered.
    @_noAllocation @_noLocks
    private func addMostProbable(_ top: Int, of answer: EngineAnswer, to text: inout JSONText) {
        let count = answer.model.statementCount
        var last = -1
        var lastProbability = Float.infinity
        for _ in 0..<min(top, count) {
            var best = -1
            var bestProbability = -Float.infinity
            for index in 0..<count {
                let probability = answer.probabilities[index]
                let comes = probability < lastProbability || (probability == lastProbability && index > last)
                if comes && probability > bestProbability {
                    best = index
                    bestProbability = probability
                }
            }
            guard best >= 0 else { return }
            add(statement: best, of: answer, to: &text)
            last = best
            lastProbability = bestProbability
        }
    }

    @_noAllocation @_noLocks
    private func add(statement index: Int, of answer: EngineAnswer, to text: inout JSONText) {
        text.key(answer.model.label(index).code)
        text.fixed(Double(answer.probabilities[index]), decimals: 6)
    }

    @_noAllocation @_noLocks
    func add(signal event: Event, to text: inout JSONText) {
        text.key("reasons")
        text.open(0x5B)
        for index in 0..<EventNames.reasonCount {
            let reason = EventNames.reason(index)
            guard event.reasons & reason.bit != 0 else { continue }
            text.next()
            text.quoted(JSONText.bytes(of: reason.name))
        }
        text.close(0x5D)
        add(leads: event.leads, to: &text)
    }

    @_noAllocation @_noLocks
    func add(leads bits: UInt16, named name: StaticString = "leads", to text: inout JSONText) {
        text.key(name)
        text.open(0x5B)
        for index in 0..<Lead.count where bits & (1 &<< UInt16(truncatingIfNeeded: index)) != 0 {
            text.next()
            text.quoted(JSONText.bytes(of: EventNames.lead(index)))
        }
        text.close(0x5D)
    }

    @_noAllocation @_noLocks
    func add(electrodes bits: UInt16, to text: inout JSONText) {
        text.key("electrodes")
        text.open(0x5B)
        for index in 0..<10 where bits & (1 &<< UInt16(truncatingIfNeeded: index)) != 0 {
            text.next()
            text.quoted(JSONText.bytes(of: EventNames.electrode(index)))
        }
        text.close(0x5D)
    }

    /// A statement of the model or a condition of the engine; a code that is neither as its number.
    @_noAllocation @_noLocks
    func add(condition code: UInt16, _ model: ModelView, to text: inout JSONText) {
        let alert = AlertCode(rawValue: code)
        if let statement = alert.statement, statement < model.statementCount {
            let label = model.label(statement)
            text.field("condition", label.code)
            text.field("statement", label.statement)
        } else if let condition = alert.condition {
            text.field("condition", condition.name)
            text.field("statement", EventNames.words(condition))
        } else {
            text.key("condition")
            text.raw(0x22)
            text.integer(UInt64(code))
            text.raw(0x22)
            text.key("statement")
            text.raw(alert.isCondition ? "\"condition " : "\"statement ")
            text.integer(UInt64(alert.number))
            text.raw(0x22)
        }
    }
}
