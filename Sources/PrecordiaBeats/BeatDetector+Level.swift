// From samples to complexes: what each lead is worth, how high all of them stand together, and where that has a maximum.

import PrecordiaSignal

/// What a lead's level says.
struct LeadWorth {
    /// The sum of its magnitudes in the window.
    var sum: Float = 0
    /// What its beats reach, 0 if not known, and one over it; its mean level; and its weight among all.
    var beat: Float = 0 { didSet { part = beat > 0 ? 1 / beat : 0 } }
    private(set) var part: Float = 0
    var mean: Float = 0
    var weight: Float = 0
    /// Whether what its beats reach is a guess, because nothing was heard to learn from: the first beat says it.
    var isGuess = false
    /// Beats that have shown what they reach, ``BeatLimits/proofs`` at most; and what the lead reached lately, until then.
    var proofs = 0
    var recent: Float = 0

    @_noAllocation @_noLocks init() {}
}

/// A maximum of the evidence.
struct Complex {
    /// The step of the maximum, and the step of its middle.
    var top: Int64 = 0
    var place: Int64 = 0
    /// The sample of its middle.
    var sample: Int64 = 0
    var slope: Float = 0
    var evidence = BeatEvidence()
    var score: Float = 0
    var height: Float = 0
    /// The shape that it is most like; -1 for none.
    var match = -1
    /// What each lead reached.
    var levels = InlineArray<12, Float>(repeating: 0)

    @_noAllocation @_noLocks init() {}
}

extension BeatDetector {
    /// Takes a step of the leads.
    @_noAllocation @_noLocks
    mutating func take(_ microvolts: UnsafePointer<Double>, leads heard: UInt16) {
        let now = steps.place(step), left = steps.place(step &- Int64(steps.window))
        let share = 1 / Float(steps.window), part = 1 / (Float(limits.memory) * stepRate)
        let values = steps.values + 12 &* now, magnitudes = steps.magnitudes + 12 &* now, old = steps.magnitudes + 12 &* left
        let before = steps.values + 12 &* steps.place(step &- 1)
        bands.step(microvolts, range: limits.range, leads: heard, primed: primed & ~jumps(microvolts, before))
        let hasChanged = heard != primed
        primed = heard
        if hasChanged { weigh() }
        var level: Float = 0
        var momentary: Float = 0
        var slope: Float = 0
        for lead in 0..<12 {
            values[lead] = Float(microvolts[lead])
            let isHeard = heard & (1 &<< UInt16(truncatingIfNeeded: lead)) != 0
            let magnitude = isHeard ? bands.band(lead).magnitude : 0
            leads[lead].sum += magnitude - old[lead]
            magnitudes[lead] = magnitude
            guard isHeard else { continue }
            let own = leads[lead].sum * share
            let beat = leads[lead].beat
            leads[lead].mean += part * ((beat > 0 && own > 2 * beat ? 2 * beat : own) - leads[lead].mean)
            if beat > 0 {
                let weight = leads[lead].weight, each = leads[lead].part
                level += weight * least(own * each, limits.ceiling)
                momentary += weight * (leads[lead].isGuess ? magnitude * each : least(magnitude * each, 4))
                slope += weight * least(bands.change(lead).magnitude * each, 4)
            }
        }
        steps.evidence[now] = momentary
        meanLevel += part * (least(level, 1) - meanLevel)
        step &+= 1
        if settling > 0 { return settle(heard) }
        if hasUnproven { fade(heard) }
        follow(level, slope)
        // One beat at a time can be told.
        while !isTold, waitingCount > 0, step &- waiting[0].top >= Int64(steps(in: limits.judgement)) { judge(nextWaiting()) }
    }

    /// The leads that step from one level to another further than any heart: an amplifier that finds its place, an electrode that moves.
    private func jumps(_ microvolts: UnsafePointer<Double>, _ before: UnsafePointer<Float>) -> UInt16 {
        var jumping: UInt16 = 0
        for lead in 0..<12 where (Float(microvolts[lead]) - before[lead]).magnitude > limits.largestStep {
            jumping |= 1 &<< UInt16(truncatingIfNeeded: lead)
        }
        return jumping
    }

    /// What was learned from a movement of the patient, or an electrode that was put on, and is shown by no beat, fades to what comes now.
    private mutating func fade(_ heard: UInt16) {
        let isOverdue = Float(step &- lastAccepted) > limits.doubt * stepRate
        hasUnproven = false
        for lead in 0..<12 where heard & (1 &<< UInt16(truncatingIfNeeded: lead)) != 0 && leads[lead].proofs < limits.proofs {
            hasUnproven = true
            let own = leads[lead].sum / Float(steps.window)
            leads[lead].recent = most(own, leads[lead].recent * (1 - limits.recentFading / stepRate))
            guard isOverdue, leads[lead].beat > most(leads[lead].recent, 2 * limits.leadFloor) else { continue }
            leads[lead].beat *= 1 - limits.fading / stepRate
        }
        if isOverdue, step % Int64(steps.window) == 0 { weigh() }
    }

    /// The highest level of the learning time is a first guess of a lead's beats.
    private mutating func settle(_ heard: UInt16) {
        settling &-= 1
        let isSwinging = settling > Int64(steps(in: limits.learning &- 300))
        for lead in 0..<12 where !isSwinging && heard & (1 &<< UInt16(truncatingIfNeeded: lead)) != 0 {
            let own = leads[lead].sum / Float(steps.window)
            guard !isLearned || leads[lead].beat == 0, own > leads[lead].beat else { continue }
            leads[lead].beat = own
            if leads[lead].mean < 0.1 * own { leads[lead].mean = 0.1 * own }
        }
        guard settling == 0 else { return }
        for lead in 0..<12 where heard & (1 &<< UInt16(truncatingIfNeeded: lead)) != 0 && leads[lead].beat <= limits.leadFloor {
            leads[lead].beat = 2 * limits.leadFloor
            leads[lead].isGuess = true
        }
        isLearned = true
        hasUnproven = true
        lastAccepted = step
        isFalling = true
        valley = 1
        weigh()
    }

    /// Weighs the leads by how far their beats stand out of their mean level. Without any that is known, learning begins again.
    @_noAllocation @_noLocks
    mutating func weigh() {
        var total: Float = 0
        for lead in 0..<12 {
            leads[lead].weight = 0
            guard primed & (1 &<< UInt16(truncatingIfNeeded: lead)) != 0, leads[lead].beat > limits.leadFloor else { continue }
            let share = leads[lead].mean / leads[lead].beat
            leads[lead].weight = 1 / (share * share * share + 0.01)
            total += leads[lead].weight
        }
        if total > 0 {
            for lead in 0..<12 { leads[lead].weight /= total }
        } else if isLearned, primed != 0, settling == 0 {
            for lead in 0..<12 where primed & (1 &<< UInt16(truncatingIfNeeded: lead)) != 0 { leads[lead].beat = 0 }
            isLearned = false
            settling = Int64(steps(in: limits.learning))
        }
    }

    /// Follows the evidence up to a maximum and down again.
    private mutating func follow(_ level: Float, _ slope: Float) {
        if isFalling {
            if level < valley { valley = level }
            if waitingCount > 0, level < waiting[waitingCount &- 1].evidence.after { waiting[waitingCount &- 1].evidence.after = level }
            guard level > valley * 1.2 + 0.02 else { return }
            peak = Complex()
            peak.top = step
            peak.slope = slope
            peak.evidence.level = level
            peak.evidence.before = valley
            isFalling = false
            return
        }
        if slope > peak.slope { peak.slope = slope }
        if level > peak.evidence.level {
            peak.evidence.level = level
            peak.top = step
        }
        guard level < 0.6 * peak.evidence.level || step &- peak.top >= Int64(steps(in: limits.confirmation)) else { return }
        isFalling = true
        valley = level
        peak.evidence.after = least(level, 1)
        guard peak.evidence.level > 0.08 else { return }
        if waitingCount == 8 { judge(nextWaiting()) }
        guard waitingCount < 8 else { return }
        waiting[waitingCount] = peak
        waitingCount &+= 1
    }

    /// Lets a complex be judged again with the next step.
    @_noAllocation @_noLocks
    mutating func putBack(_ complex: Complex) {
        guard waitingCount < 8 else { return }
        var place = waitingCount
        while place > 0 {
            waiting[place] = waiting[place &- 1]
            place &-= 1
        }
        waiting[0] = complex
        waitingCount &+= 1
    }

    /// Takes the complex that waits longest.
    private mutating func nextWaiting() -> Complex {
        let first = waiting[0]
        for place in 1..<8 { waiting[place &- 1] = waiting[place] }
        waitingCount &-= 1
        return first
    }
}
