// Whether a complex is a beat, and what a beat teaches.

import PrecordiaSignal

extension BeatDetector {
    /// Judges a complex; takes one that was refused before it first, if a beat is overdue.
    @_noAllocation @_noLocks
    mutating func judge(_ waited: Complex) {
        // What waited over a hold may be no longer kept.
        guard step &- waited.top < Int64(steps.capacity &- 2 &* steps.window) else { return }
        var complex = waited
        locate(&complex)
        let since = seconds(to: complex)
        if isOverdue(since, complex) {
            hasRefused = false
            shapes.recall()
            accept(refused, seconds(to: refused))
            return putBack(waited)
        }
        weighEvidence(&complex, since)
        let isLarge = isLarge(complex)
        if complex.score > limits.leastScore, !isLarge {
            for back in 0..<2 { small[2 &- back] = small[1 &- back] }
            small[0] = complex.place
        }
        guard since >= Float(limits.refractory) / 1000, isLarge, !isResidue(complex),
            complex.score > wanted(complex) || isRepeated(complex) || isWhole(complex, since)
        else {
            return refuse(complex, since)
        }
        accept(complex, since)
    }

    /// Whether it is as large as the usual beats in all leads, as steep, and later than a T wave: no chance, though its shape speaks against it.
    private func isWhole(_ complex: Complex, _ since: Float) -> Bool {
        let evidence = complex.evidence
        return since > 0.3 && evidence.level > 0.7 && evidence.agreement > 0.9 && evidence.size > 0.6 && evidence.slope > 0.5
    }

    /// The score that a complex needs. Where large complexes come and none of them is a beat, the longer that lasts the less: what was learned is wrong then.
    private func wanted(_ complex: Complex) -> Float {
        guard complex.evidence.level >= 0.5, reach(complex) >= limits.doubtFloor else { return limits.leastScore }
        let waited = Float(step &- lastAccepted) / stepRate - limits.doubt
        return waited > 0 ? most(limits.leastScore - limits.doubtSlope * waited, limits.lowestScore) : limits.leastScore
    }

    /// Whether it is the very shape of beats that were, as large and as steep as the last: a beat however soon it comes. What came of smaller ones between fast beats
    /// would halve the rate of a tachycardia, in which each second complex follows sooner than most T waves.
    private func isRepeated(_ complex: Complex) -> Bool {
        let evidence = complex.evidence
        guard complex.match >= 0, shapes.shapes[complex.match].count >= 3, evidence.likeness >= limits.repeatLikeness else { return false }
        return evidence.amplitude > 0.6 && evidence.amplitude < 1.6 && evidence.slopeOfLast > 0.6
    }

    /// Seconds from the last beat; 9 without one.
    private func seconds(to complex: Complex) -> Float { hasLast ? Float(complex.place &- lastPlace) / stepRate : 9 }

    private func isOverdue(_ since: Float, _ complex: Complex) -> Bool {
        guard hasRefused, hasLast, recent.count >= 4, since > Float(limits.patience) * recent.mean else { return false }
        return Float(complex.place &- refused.place) / stepRate > 0.35 * recent.mean && refused.score > limits.recallScore
            && isLarge(refused)
    }

    private mutating func refuse(_ complex: Complex, _ since: Float) {
        if since > 0.2 { otherLevel += 0.1 * (least(complex.evidence.level, 1) - otherLevel) }
        guard since > 0.5 * recent.mean, !hasRefused || complex.score > refused.score else { return }
        refused = complex
        hasRefused = true
        shapes.keep()
    }

    /// Whether the leads reach enough, each weighed by what it is worth. Of a heart that is not known yet, and of a complex that much speaks for, it is enough where
    /// the best lead does: some hearts are small in most leads.
    private func isLarge(_ complex: Complex) -> Bool {
        let isKnown = complex.evidence.knownLikeness >= limits.knownLikeness
        let floor = isKnown ? limits.knownFloor : (isGuessing ? limits.doubtFloor : limits.floor)
        if reach(complex) >= floor { return true }
        return hasUnproven && complex.score >= limits.smallScore && bestReach(complex) >= limits.floor
    }

    /// Whether it is what a pacing pulse leaves behind: right at the place where one was cut out, and narrower than any paced beat. Or what a contact that flickers
    /// leaves: as narrow, right after a hold, and of no shape that beats had.
    private func isResidue(_ complex: Complex) -> Bool {
        guard complex.evidence.width < limits.residueWidth else { return false }
        let near = Int64(Self.samples(limits.residueTime, rate)).magnitude
        if (complex.sample &- lastHeld).magnitude <= near, complex.evidence.knownLikeness < limits.knownLikeness { return true }
        return (complex.sample &- lastBlank).magnitude <= near || (complex.sample &- blankBefore).magnitude <= near
    }

    /// Whether nobody knows yet what beats reach.
    private var isGuessing: Bool {
        for lead in 0..<12 where leads[lead].weight > 0 && !leads[lead].isGuess { return false }
        return true
    }

    private func reach(_ complex: Complex) -> Float {
        var sum: Float = 0
        for lead in 0..<12 { sum += leads[lead].weight * complex.levels[lead] }
        return sum
    }

    /// The most that it reaches in a lead with half of the voice that all have on the mean.
    private func bestReach(_ complex: Complex) -> Float {
        var voices: Float = 0
        for lead in 0..<12 where leads[lead].weight > 0 { voices += 1 }
        var best: Float = 0
        for lead in 0..<12 where leads[lead].weight * voices >= 0.5 { best = most(best, complex.levels[lead]) }
        return best
    }

    /// The middle of the energy in the window that ended at the maximum, then in a window around that, less the filters' lag; and what each lead reached.
    private func locate(_ complex: inout Complex) {
        let age = Float(step &- complex.top), window = steps.window
        var middle = middle(around: age + Float(window) / 2)
        for _ in 0..<3 { middle = self.middle(around: middle) }
        complex.place = step &- 1 &- Int64(middle + 0.5) &- Int64(steps(in: limits.lag))
        let exact = Double(step &- 1) - Double(middle)
        complex.sample =
            Int64(Arithmetic.roundedToEven(exact * Double(factor) + Double(factor) / 2)) &- Int64(Self.samples(limits.lag, rate))
        for lead in 0..<12 where primed & (1 &<< UInt16(truncatingIfNeeded: lead)) != 0 {
            var sum: Float = 0
            for back in 0..<window { sum += steps.magnitudes[12 &* steps.place(complex.top &- 1 &- Int64(back)) &+ lead] }
            complex.levels[lead] = sum / Float(window)
        }
    }

    /// The middle of the evidence in the window around `center` steps back; a step at its border counts in part.
    private func middle(around center: Float) -> Float {
        let half = Float(steps.window) / 2
        let first = Int(most(center - half - 1, 0)), end = Int(least(center + half + 2, Float(steps.capacity &- 1)))
        var energy: Float = 0
        var moment: Float = 0
        for back in first..<(end > first ? end : first) {
            let inside = least(most(half + 0.5 - (Float(back) - center).magnitude, 0), 1)
            let value = steps.evidence[steps.place(step &- 1 &- Int64(back))]
            energy += inside * value * value
            moment += inside * value * value * Float(back)
        }
        return energy > 0 ? moment / energy : center
    }

    /// Cuts the complex out of the leads that have a voice.
    private mutating func cut(_ complex: Complex) {
        let first = steps.place(complex.place &- Int64(shapes.before))
        for lead in 0..<12 {
            let weight = leads[lead].weight
            let voice = weight > 0 ? Float(Arithmetic.squareRoot(Double(weight))) / leads[lead].beat : 0
            shapes.cut(lead, from: steps.values, first: first, capacity: steps.capacity, voice: voice)
        }
    }

    private mutating func weighEvidence(_ complex: inout Complex, _ since: Float) {
        cut(complex)
        complex.height = shapes.height
        compare(&complex)
        complex.evidence.other = otherLevel
        complex.evidence.mean = meanLevel
        complex.evidence.slope = complex.slope / usualSlope
        complex.evidence.slopeOfLast = complex.slope / lastSlope
        complex.evidence.since = least(since, 3)
        let mean = recent.mean
        complex.evidence.ratio = mean > 0 ? least(since / mean, 2.5) : (since > 3 ? 2.5 : least(1, since / 0.8))
        complex.evidence.size = usualHeight > 0 ? complex.height / usualHeight : 1
        for place in 0..<waitingCount where Float(waiting[place].top &- complex.top) / stepRate < 0.2 {
            complex.evidence.next = most(complex.evidence.next, waiting[place].evidence.level)
        }
        for lead in 0..<12 where leads[lead].weight > 0 && complex.levels[lead] > 0.4 * leads[lead].beat {
            complex.evidence.agreement += leads[lead].weight
        }
        complex.score = complex.evidence.score
    }

    private func compare(_ complex: inout Complex) {
        let dominant = shapes.dominant
        complex.evidence.width = shapes.width
        complex.match = -1
        for index in 0..<BeatShapes.count where shapes.shapes[index].count > 0 {
            let (likeness, amplitude) = shapes.compare(index)
            if likeness > complex.evidence.likeness {
                complex.match = index
                complex.evidence.likeness = likeness
                complex.evidence.amplitude = amplitude
            }
            if index == dominant { complex.evidence.usualLikeness = likeness }
            if shapes.shapes[index].count >= 5, likeness > complex.evidence.knownLikeness {
                complex.evidence.knownLikeness = likeness
                complex.evidence.knownWeight = shapes.shapes[index].weight
            }
        }
        if dominant >= 0, shapes.shapes[dominant].width > 0 {
            complex.evidence.widening = complex.evidence.width / shapes.shapes[dominant].width
        }
    }

    /// Takes a beat: the complex at hand in ``shapes``.
    private mutating func accept(_ complex: Complex, _ since: Float) {
        hasRefused = false
        let median = recentUsual.count >= 3 ? recentUsual.median : recent.median
        let timing = median > 0 ? least(since / median, 2.5) : 1
        let mayBegin = !hasLast || recent.count <= 4 || complex.score >= limits.newShapeScore || isWhole(complex, since)
        let own = shapes.remember(complex.match, likeness: complex.evidence.likeness, width: complex.evidence.width, mayBegin: mayBegin)
        let usual = shapes.usual
        look = BeatLook()
        look.width = complex.evidence.width
        look.score = complex.score
        if usual >= 0 {
            look.likeness = shapes.compare(usual).likeness
            look.usualWidth = shapes.shapes[usual].width
            look.isCompared = beats > 0 || hasLast
        }
        let isUsual = own == usual && own >= 0
        if isUsual, wasUsual, since < 2.5 { recentUsual.append(since) }
        wasUsual = isUsual
        shapes.learn(own, timing: timing, usualLikeness: look.likeness, isUsual: isUsual)
        look.isVentricular = look.isCompared && isVentricular(complex, own, timing)
        learn(complex, since)
        confirm(complex.sample)
    }

    /// What a beat teaches about the leads' levels, slope and height.
    private mutating func learn(_ complex: Complex, _ since: Float) {
        for lead in 0..<12 where primed & (1 &<< UInt16(truncatingIfNeeded: lead)) != 0 {
            let level = complex.levels[lead], beat = leads[lead].beat
            if leads[lead].proofs < limits.proofs { leads[lead].proofs &+= 1 }
            if beat == 0 || leads[lead].isGuess {
                guard level > limits.leadFloor else { continue }
                leads[lead].beat = level
                leads[lead].isGuess = false
            } else {
                leads[lead].beat += 0.15 * (least(level, 2 * beat + 5) - beat)
            }
        }
        weigh()
        if hasLast, since < 3 { recent.append(since) }
        usualHeight += usualHeight > 0 ? 0.15 * (least(complex.height, 2 * usualHeight) - usualHeight) : complex.height
        usualSlope += 0.15 * (least(complex.slope, 2 * usualSlope) - usualSlope)
        lastSlope = complex.slope
        lastPlace = complex.place
        hasLast = true
        lastAccepted = step
    }

    private mutating func confirm(_ place: Int64) {
        if isChained, let lastBeat { intervals.append(Int32(truncatingIfNeeded: place &- lastBeat)) }
        lastBeat = place
        isChained = true
        beats &+= 1
        isTold = true
        let since = position &- 1 &- place
        silence = since < silence ? since : silence
    }

    /// Whether a beat's shape and time are those of a ventricular one.
    ///
    /// It must be unlike the usual beats by more than they differ among themselves, and then either wide and early, or of a shape whose beats are; or very unlike
    /// and early; or much wider than usual and no later. A small and very early one is a premature beat of the atria, conducted otherwise.
    private func isVentricular(_ complex: Complex, _ own: Int, _ timing: Float) -> Bool {
        let unlikeness = 1 - look.likeness
        guard look.likeness < 0.88, unlikeness > 2.5 * (shapes.spread + 0.03) else { return false }
        let size = complex.evidence.size
        if size < 0.53, timing < 0.7 { return false }
        let width = look.width, widening = look.usualWidth > 0 ? width / look.usualWidth : 1
        if width >= 85, widening >= 1.2, timing < 0.93 { return true }
        if look.likeness < 0.5, width >= 70, timing < 0.9, size >= 0.53 { return true }
        guard own >= 0 else { return width >= 100 && widening >= 1.4 && look.likeness < 0.7 && timing < 1 }
        let shape = shapes.shapes[own]
        let isWideShape = shape.width >= 85 && shape.width >= 1.2 * look.usualWidth && shape.usualLikeness < 0.88
        if isWideShape, shape.count >= 4, shape.timing < 0.9 { return true }
        return width >= 100 && widening >= 1.4 && look.likeness < 0.7 && timing < 1.1 && shape.timing < 1
    }
}
