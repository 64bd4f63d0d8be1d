// What happens inside a frame and at a hop: the steps that `push` and `drain` are made of.

import PrecordiaAlerts
import PrecordiaNetwork
import PrecordiaSignal

extension Engine {
    /// Quality, beats and display, which work at the device's rate.
    @_noAllocation @_noLocks
    mutating func follow(_ frame: borrowing Frame) {
        monitor.push(frame, microvolts: samples)
        _ = beats.push(samples, usable: monitor.usable)
        for lead in 0..<12 { displayed[lead] = samples[lead] }
        display.process(displayed)
    }

    /// The classifier's path, which works at the model's rate.
    @_noAllocation @_noLocks
    mutating func feed() {
        input.push(samples)
        advance()
    }

    @_noAllocation @_noLocks
    mutating func pushBeyondEnd() {
        input.pushBeyondEnd(samples)
        advance()
    }

    /// Moves what the resampler has ready into the network; a whole hop makes an answer.
    @_noAllocation @_noLocks
    mutating func advance() {
        while input.columnsOut < input.columnsDue, input.pop() {
            pushColumn()
            guard hopFill == hop else { continue }
            answer()
        }
    }

    private mutating func pushColumn() {
        network.push(input.column)
        hopFill &+= 1
    }

    /// Repeats the last column of input until the network's next output column is whole.
    @_noAllocation @_noLocks
    mutating func completeColumn() {
        while hopFill % model.samplesPerColumn != 0 { pushColumn() }
    }

    /// One hop: classify, then say what is known.
    @_noAllocation @_noLocks
    mutating func answer() {
        hopFill = 0
        network.advance()
        network.classify()
        let report = monitor.report
        let known = report.verdict != .unknown && network.columns == model.windowColumns
        tellQuality(report)
        tellWindow(report, known: known)
        tellHeartRate()
        weighConditions(report)
        for label in 0..<model.labelCount {
            weigh(Condition.count &+ label, value: network.probability(label), known: known, leads: report.bad)
        }
        off = .empty
    }

    private mutating func tellWindow(_ report: QualityReport, known: Bool) {
        var best = 0
        for label in 1..<model.labelCount where network.probability(label) > network.probability(best) { best = label }
        if known { counts.windows &+= 1 } else { counts.windowsUnknown &+= 1 }
        queue.push(
            Event(
                known ? .window : .unknown, sample: lastIndex, code: UInt16(truncatingIfNeeded: best), leads: report.bad.rawValue,
                reasons: report.reasons.rawValue, value: network.probability(best)))
    }

    private mutating func tellQuality(_ report: QualityReport) {
        guard report.bad != toldBad || report.reasons.rawValue != toldReasons else { return }
        toldBad = report.bad
        toldReasons = report.reasons.rawValue
        queue.push(Event(.quality, sample: lastIndex, leads: report.bad.rawValue, reasons: report.reasons.rawValue))
    }

    private mutating func tellHeartRate() {
        let rate: Float
        if let exact = beats.beatsPerMinute() { rate = Float(Arithmetic.roundedToEven(exact)) } else { rate = 0 }
        guard rate != toldRate else { return }
        toldRate = rate
        queue.push(Event(.heartRate, sample: lastIndex, value: rate == 0 ? .nan : rate))
    }

    /// The engine's own conditions, most urgent first.
    private mutating func weighConditions(_ report: QualityReport) {
        let heard = !beats.isHeld
        let rate = beats.beatsPerMinute()
        weigh(Condition.asystole.rawValue, value: Float(beats.secondsWithoutBeat), known: heard, leads: .empty)
        weigh(Condition.signalLost.rawValue, value: monitor.usable.isEmpty ? 1 : 0, known: true, leads: report.bad)
        weigh(Condition.heartRateHigh.rawValue, value: Float(rate ?? 0), known: rate != nil, leads: .empty)
        weigh(Condition.heartRateLow.rawValue, value: Float(rate ?? 0), known: rate != nil, leads: .empty)
        weigh(Condition.electrodeOff.rawValue, value: Float(off.rawValue.nonzeroBitCount), known: true, leads: off.affectedLeads)
        // The first 10 s of a stream are unknown and no fault.
        let spoilt = report.verdict == .unknown && report.reasons != .incomplete
        weigh(Condition.artefact.rawValue, value: spoilt ? 1 : 0, known: true, leads: report.bad)
    }

    /// Lets the policy weigh one condition and tells what it decides.
    private mutating func weigh(_ condition: Int, value: Float, known: Bool, leads: LeadSet) {
        let change = policy.evaluate(condition, value: value, known: known)
        guard change != .none else { return }
        let own = condition < Condition.count
        let code = own ? 0x8000 | UInt16(truncatingIfNeeded: condition) : UInt16(truncatingIfNeeded: condition &- Condition.count)
        let rises = change == .raised || change == .escalated
        if rises { counts.alertsRaised &+= 1 } else { counts.alertsCleared &+= 1 }
        let priority = rises ? policy.priority(of: condition) : policy.rule(of: condition).priority
        queue.push(
            Event(
                rises ? .alertRaised : .alertCleared, sample: lastIndex, code: code, priority: priority.rawValue,
                leads: leads.rawValue, reasons: change == .lapsed ? 0x8000 : 0, value: value))
    }

    /// Counts and tells frames that never came; a second at most is filled with the last values.
    @_noAllocation @_noLocks
    mutating func bridge(_ missing: UInt64) {
        counts.framesMissing &+= missing
        queue.push(Event(.gap, sample: nextIndex, value: Float(missing)))
        beats.hold(samples: Int64(truncatingIfNeeded: missing))
        guard missing <= UInt64(truncatingIfNeeded: stream.rate) else {
            restart()
            return
        }
        for _ in 0..<missing { feed() }
    }

    /// Starts the signal path anew; counters, alerts and beats go on.
    @_noAllocation @_noLocks
    mutating func restart() {
        leads.reset()
        for lead in 0..<12 { samples[lead] = 0 }
        input.reset()
        display.reset()
        network.reset()
        hopFill = 0
        drainStep = 0
    }
}
