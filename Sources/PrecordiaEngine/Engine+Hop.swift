// What happens inside a frame and at a hop: the steps that `push` and `drain` are made of.

import PrecordiaAlerts
import PrecordiaBeats
import PrecordiaNetwork
import PrecordiaQuality
import PrecordiaSignal

extension Engine {
    /// Quality, beats and display, which work at the device's rate.
    @_noAllocation @_noLocks
    mutating func follow(_ frame: borrowing Frame) {
        if isVerdictOnly {
            monitor.push(frame, microvolts: samples)
            return
        }
        // A large pulse swings further than a heart can, second after second, as an electrode does that is loose.
        if !beats.isInPulse() {
            for lead in 0..<12 { unpaced[lead] = samples[lead] }
        }
        monitor.push(frame, microvolts: unpaced)
        let usable = monitor.usable
        hopFrames &+= 1
        if usable.isEmpty { hopUnheard &+= 1 }
        for lead in 0..<12 { displayed[lead] = samples[lead] }
        if standIns.isNeeded {
            standIns.fill(displayed)
            let isJudged = beats.push(displayed, usable: standIns.usable(usable), present: standIns.usable(monitor.present))
            hearMeasured(displayed, usable: standIns.usable(usable), isJudged: isJudged)
            for lead in 0..<2 { displayed[lead] = samples[lead] }
        } else {
            let isJudged = beats.push(samples, usable: usable, present: monitor.present)
            hearMeasured(samples, usable: usable, isJudged: isJudged)
        }
        display.process(displayed)
    }

    /// The classifier's path, which works at the model's rate.
    @_noAllocation @_noLocks
    mutating func feed() {
        let bad = mendsLeads ? monitor.maskable : .empty
        if !mender.isIdle || !bad.isEmpty {
            for lead in 0..<12 { mended[lead] = samples[lead] }
            mender.mend(mended, bad: bad)
        }
        input.push(mender.isIdle ? samples : mended)
        advance()
    }

    @_noAllocation @_noLocks
    mutating func pushBeyondEnd() {
        input.pushBeyondEnd(mender.isIdle ? samples : mended)
        advance()
    }

    /// Moves what the resampler has ready into the network; a whole hop makes an answer.
    @_noAllocation @_noLocks
    mutating func advance() {
        while input.pop() {
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
        while hopFill % model.hopUnit != 0 { pushColumn() }
    }

    /// One hop: classify, then say what is known. It was silent if most of its frames had no usable lead.
    @_noAllocation @_noLocks
    mutating func answer() {
        followHoles()
        answer(isSilent: hopUnheard &* 2 > hopFrames)
    }

    /// What of the hop was not heard: holes, and contacts that were elsewhere.
    private mutating func followHoles() {
        let away = Int(beats.samplesAway &- samplesAway)
        samplesAway = beats.samplesAway
        awayHops = awayHops &<< 1 | (away > 0 ? 1 : 0)
        patchyHops = patchyHops &<< 1 | (hopFrames > 0 && 12 &* (hopUnheard &+ away) >= hopFrames ? 1 : 0)
    }

    /// Whether nobody can vouch for a rhythm, not for 8 s, and nothing urgent that needs no beats has said why before this was said.
    private func isUntold(_ unvouched: Float) -> Bool {
        guard unvouched >= 8 else { return false }
        return isUrgent(.signalLost)
            || !(isUrgent(.asystole) || isUrgent(.fibrillationSuspected) || isUrgent(.ventricularRunSuspected) || isUrgent(.leadsFlat))
    }

    private func isUrgent(_ condition: Condition) -> Bool { policy.priority(of: condition.rawValue) == .high }

    private mutating func answer(isSilent: Bool) {
        hopFill = 0
        network.advance()
        isClassified = false
        if !isVerdictOnly { classify() }
        var report = monitor.report
        let isWhole = network.columns == model.windowColumns
        if !isWhole && !report.reasons.contains(.gap) { report.reasons = report.reasons.union(.incomplete) }
        if !beats.believesPaceMarks { report.reasons = report.reasons.union(.paceMarks) }
        let known = report.verdict != .unknown && isWhole
        // First what is alarmed: it decides what may be said beside it.
        if !isVerdictOnly { weighConditions(report, isSilent: isSilent) }
        tellQuality(report)
        tellWindow(report, known: known)
        if !isVerdictOnly {
            tellHeartRate()
            measureHop(report)
            weighStatements(report, known: known)
        }
        hopFrames = 0
        hopUnheard = 0
        off = .empty
    }

    /// Lets the policy weigh everything; `isSilent` is nil where a hop says nothing of whether there is a signal.
    private mutating func weighAll(_ report: QualityReport, known: Bool, isSilent: Bool?) {
        weighConditions(report, isSilent: isSilent)
        if measures { weighMeasured() }
        weighStatements(report, known: known)
    }

    private mutating func weighStatements(_ report: QualityReport, known: Bool) {
        let known = known && !isLethalRhythmAlarmed
        for label in 0..<model.statementCount {
            weigh(Condition.count &+ label, value: network.probability(label), known: known, leads: report.bad)
        }
    }

    private mutating func tellWindow(_ report: QualityReport, known: Bool) {
        var best = 0
        if isClassified {
            for label in 1..<model.statementCount where network.probability(label) > network.probability(best) { best = label }
        }
        var reasons = report.reasons
        if isLethalRhythmAlarmed { reasons = reasons.union(.rhythmAlarmed) }
        let known = known && !isLethalRhythmAlarmed
        if known { counts.windows &+= 1 } else { counts.windowsUnknown &+= 1 }
        queue.push(
            Event(
                known ? .window : .unknown, sample: lastIndex, code: UInt16(truncatingIfNeeded: best), leads: report.bad.rawValue,
                reasons: reasons.rawValue, value: isClassified ? network.probability(best) : 0))
    }

    /// Computes the probabilities of the last answer of an engine that was made with ``EngineOptions/verdictOnly``: before the next frame.
    /// Others have them already.
    @_noAllocation @_noLocks
    public mutating func classify() {
        if isClassified { return }
        network.classify()
        isClassified = true
    }

    private mutating func tellQuality(_ report: QualityReport) {
        guard report.marked != toldMarked || report.reasons.rawValue != toldReasons else { return }
        toldMarked = report.marked
        toldReasons = report.reasons.rawValue
        queue.push(Event(.quality, sample: lastIndex, leads: report.marked.rawValue, reasons: report.reasons.rawValue))
    }

    private mutating func tellHeartRate() {
        let rate: Float
        if let exact = heartRate { rate = Float(Arithmetic.roundedToEven(exact)) } else { rate = 0 }
        guard rate != toldRate else { return }
        toldRate = rate
        queue.push(Event(.heartRate, sample: lastIndex, value: rate == 0 ? .nan : rate))
    }

    /// The engine's own conditions, most urgent first.
    private mutating func weighConditions(_ report: QualityReport, isSilent: Bool?) {
        let heard = !beats.isHeld
        let rate = beats.beatsPerMinute()
        let rhythm = beats.takeRhythm(isNoise: monitor.isNoisy)
        // Of leads that all stand still nobody knows whether a heart does: that is said instead, as urgently.
        let isFlat = monitor.isFlat
        // A signal with a hole in each other second hides what it likes, and so does all of it but one lead.
        let isPatchy = (patchyHops & 0x3FF).nonzeroBitCount >= 5
        // Nor is a line seen in leads that have just left their place, in a single one of many, or in a signal that is lost: that is said instead of an asystole.
        let isBlind = monitor.isDisplaced || (monitor.isAlmostBlind && !rhythm.isLineSeen)
        let isSilentLong = rhythm.silence >= policy.rule(of: Condition.asystole.rawValue).threshold
        let isLost = isSilent == true || isPatchy || monitor.isDownToOneLead || (isBlind && isSilentLong) || isUntold(rhythm.unvouched)
        let isUnseen = isFlat || isBlind || (isLost && !rhythm.isLineSeen)
        let isVouched = rhythm.unvouched == 0
        weighLethal(.asystole, value: rhythm.silence, known: heard && !isUnseen, isVouched: isVouched)
        weigh(Condition.leadsFlat.rawValue, value: isFlat ? 1 : 0, known: true, leads: isFlat ? report.flat : .empty)
        weigh(Condition.signalLost.rawValue, value: isLost ? 1 : 0, known: isSilent != nil, leads: report.bad)
        weighLethal(.fibrillationSuspected, value: rhythm.fibrillation, known: true, isVouched: isVouched)
        weighLethal(.ventricularRunSuspected, value: rhythm.ventricularRun, known: true, isVouched: isVouched)
        // Where beats fall into holes the rest look slow.
        let isSlowKnown = heard && !isPatchy && awayHops & 0xFF == 0 && rhythm.slowest != nil
        weighLethal(.extremeBradycardia, value: rhythm.slowest ?? 300, known: isSlowKnown, isVouched: isVouched)
        weighLethal(.extremeTachycardia, value: rhythm.fastest ?? 1, known: heard, isVouched: isVouched)
        weigh(Condition.pause.rawValue, value: rhythm.pause, known: heard, leads: .empty)
        weigh(Condition.heartRateHigh.rawValue, value: Float(rate ?? 0), known: rate != nil, leads: .empty)
        weigh(Condition.heartRateLow.rawValue, value: Float(rate ?? 0), known: rate != nil, leads: .empty)
        weighElectrodes()
        let irregularity = rhythm.irregularity
        weigh(Condition.irregularRhythm.rawValue, value: irregularity ?? 0, known: heard && irregularity != nil, leads: .empty)
        // The first 10 s of a stream are unknown and no fault.
        let isSpoilt = report.isSpoilt || report.reasons.contains(.gap)
        weigh(Condition.artefact.rawValue, value: isSpoilt ? 1 : 0, known: true, leads: report.bad)
        weigh(Condition.electrodesSwapped.rawValue, value: Float(report.swap.rawValue), known: true, leads: report.swap.leads)
    }

    /// Weighs a rhythm that kills. Evidence that fades is no other rhythm: the alarm is over only while one of beats can be vouched for.
    private mutating func weighLethal(_ condition: Condition, value: Float, known: Bool, isVouched: Bool) {
        let isFading = !isVouched && isAlarmed(condition) && policy.rule(of: condition.rawValue).isOver(value)
        weigh(condition.rawValue, value: value, known: known && !isFading, leads: .empty)
    }

    /// Lets the policy weigh one condition and tells what it decides.
    mutating func weigh(_ condition: Int, value: Float, known: Bool, leads: LeadSet, electrodes: ElectrodeSet = .empty) {
        let change = policy.evaluate(condition, value: value, known: known)
        if change != .none { tell(change, of: condition, value: value, leads: leads, electrodes: electrodes) }
    }

    /// Tells what has become of a condition's alert.
    mutating func tell(_ change: AlertChange, of condition: Int, value: Float, leads: LeadSet, electrodes: ElectrodeSet) {
        let rises = change == .raised || change == .escalated
        if rises { counts.alertsRaised &+= 1 } else { counts.alertsCleared &+= 1 }
        let priority = rises ? policy.priority(of: condition) : policy.rule(of: condition).priority
        queue.push(
            Event(
                rises ? .alertRaised : .alertCleared, sample: lastIndex, code: AlertCode(place: condition).rawValue,
                priority: priority.rawValue,
                leads: leads.rawValue, reasons: change == .lapsed ? 0x8000 : 0, electrodes: electrodes.rawValue, value: value))
    }

    /// Counts and tells frames that never came.
    @_noAllocation @_noLocks
    mutating func lose(_ missing: UInt64) {
        counts.framesMissing &+= missing
        queue.push(Event(.gap, sample: nextIndex, value: Float(missing)))
        // 2^40 frames are 17 years at 2000 Hz: enough for every count below, and far from an overflow.
        let bounded = missing < 1 << 40 ? missing : 1 << 40
        monitor.lose(missing)
        beats.hold(samples: Int64(truncatingIfNeeded: bounded))
        if bounded <= UInt64(truncatingIfNeeded: stream.rate) { bridge(bounded) } else { skip(bounded) }
    }

    /// Refuses a frame that is not newer than the last one taken; after more than a second of nothing else takes its index as a new beginning.
    ///
    /// - Returns: whether the frame is to be taken.
    @_noAllocation @_noLocks
    mutating func acceptRecount(from index: UInt64) -> Bool {
        refused &+= 1
        guard refused > stream.rate else {
            counts.framesOutOfOrder &+= 1
            return false
        }
        queue.push(Event(.gap, sample: index, value: .nan))
        nextIndex = index
        monitor.lose(0)
        beats.hold(samples: Int64(truncatingIfNeeded: stream.rate))
        skip(0)
        return true
    }

    /// Goes on behind a hole of which nobody knows how long it was: short enough for the beats to be followed across it, and nothing of the window is kept.
    @_noAllocation @_noLocks
    mutating func cut() {
        queue.push(Event(.gap, sample: nextIndex, value: .nan))
        monitor.lose(0)
        beats.hold(samples: Int64(truncatingIfNeeded: stream.rate / 10))
        skip(0)
    }

    /// Fills a short gap with the last values, so that seconds stay seconds.
    private mutating func bridge(_ missing: UInt64) {
        for _ in 0..<missing {
            lastIndex = nextIndex
            nextIndex &+= 1
            hopFrames &+= 1
            hopUnheard &+= 1
            missMeasured()
            feed()
            // The frame behind the gap would be too late to ask.
            classify()
        }
    }

    /// Passes over a long gap: one answer, unknown, for all of it; every hop in it counts as unknown, up to 1024 for the alerts. As a lost signal it counts
    /// once: it is over with the frame that ended it, and a device that comes back is no alarm.
    private mutating func skip(_ missing: UInt64) {
        let samples = missing &* UInt64(truncatingIfNeeded: model.rate) / UInt64(truncatingIfNeeded: stream.rate)
        let hops = (samples &+ UInt64(truncatingIfNeeded: hopFill)) / UInt64(truncatingIfNeeded: hop)
        restart()
        if missing > 0 { lastIndex = nextIndex &+ missing &- 1 }
        answer(isSilent: true)
        classify()
        guard hops > 1 else { return }
        counts.windowsUnknown &+= hops &- 1
        let report = monitor.report
        if isVerdictOnly { return }
        for _ in 1..<(hops < 1024 ? hops : 1024) { weighAll(report, known: false, isSilent: nil) }
    }

    /// Starts the signal path anew; counters, alerts and beats go on.
    @_noAllocation @_noLocks
    mutating func restart() {
        leads.reset()
        for lead in 0..<12 { samples[lead] = 0 }
        mender.reset()
        restartMeasured()
        input.reset()
        display.reset()
        network.reset()
        isClassified = true
        hopFill = 0
        hopFrames = 0
        hopUnheard = 0
        drainStep = 0
    }
}
