// What the blocks of all leads say together: oscillation, silence, or nothing that anybody could watch.

import PrecordiaSignal

/// What the looks have gathered.
struct RhythmEvidence {
    /// Half seconds that looked like fibrillation, and like a tachycardia that oscillates; a look that shows neither takes one away.
    var fibrillation = 0
    var tachycardia = 0
    /// The tachycardia's beats a minute.
    var rate: Float = 0
    /// Half seconds in which the leads moved evenly in waves as large as their beats and much blunter, and these waves a minute.
    var waves = 0
    var waveRate: Float = 0
    /// Seconds for which leads that have shown beats show none, in heard time, and whether other leads show some.
    var silence: Float = 0
    var isLiving = false
    /// Whether a lead is a line with nothing on it but an amplifier's noise.
    var isQuiet = false
    /// Whether complexes came in each of the last four seconds.
    var isBusy = false
    /// Half seconds in which no lead said anything.
    var unwatched = 0
    var isOscillating = false
    /// Whether the leads' odds of an oscillation are such as are not seen beside beats, and when they last were not, with beats that are beyond doubt, in samples heard.
    var isUneasy = false
    var vouchedAt: Int64
    /// When more than half of the leads last had neither beats nor the noise that an amplifier on a body has.
    var deadAt = Int64.min / 2
    /// Whether only derived leads carry signal.
    var wantsDerived = false

    /// - Parameter first: the samples before which nobody can vouch for anything.
    @_noAllocation @_noLocks init(from first: Int) { vouchedAt = Int64(first) }
}

extension RhythmMonitor {
    /// Weighs the newest look.
    @_noAllocation @_noLocks
    mutating func weigh() {
        let isSlow = history.isSlow(position: trace.position, rate: rate)
        var votes: Float = 0
        var odds: Float = 0
        var frequency: Float = 0
        var strongest = -1
        var most: Float = 0
        var silences = InlineArray<12, Float>(repeating: 0)
        var known = 0
        // Leads in which complexes stand out, and in how many of these they come more often than beats were found.
        var beating = 0
        var living = 0
        var busy = 0
        var repeating = 0
        var isWatched = false
        var isQuiet = false
        var heard: UInt16 = 0
        var alive: UInt16 = 0
        var isHeartKnown = false
        for lead in 0..<12 {
            var sum = LeadBlock()
            let found = gather(lead, into: &sum)
            let isAlive = isAlive(lead)
            if block(lead, 0).pointee.heard > 0 {
                heard |= 1 &<< UInt16(truncatingIfNeeded: lead)
                if isAlive {
                    alive |= 1 &<< UInt16(truncatingIfNeeded: lead)
                    if levels[lead].isKnown { isHeartKnown = true }
                }
            }
            let quietFor = silentSeconds(lead)
            guard found >= 5 else { continue }
            let look = LeadLook(sum, blocks: Float(found), rowRate: Float(trace.rowRate), limits)
            let complexes = complexes(lead)
            if look.beats {
                beating &+= 1
                if complexes >= 3 { living &+= 1 }
                if isSlow, complexes >= 4 || peaks(lead) >= 4 { busy &+= 1 }
            }
            if isSlow, repeatsComplexes(lead) { repeating &+= 1 }
            // A line with nothing on it but an amplifier's noise is seen to be one.
            if isAlive, quietFor >= 4 || look.size < limits.oscillation { isQuiet = true }
            if levels[lead].isKnown, quietFor >= 4 || !look.isNoise {
                silences[known] = quietFor
                known &+= 1
            }
            guard !look.isNoise, look.size >= limits.oscillation else { continue }
            isWatched = true
            votes += 1
            odds += look.odds < -3 ? -3 : (look.odds > 3 ? 3 : look.odds)
            frequency += look.frequency
            if look.odds > 0, look.size > most {
                most = look.size
                strongest = lead
            }
        }
        evidence.wantsDerived = heard == 0
        // A cable that is out leaves lines, steps and one lead or the other with something on it.
        // Channels that never carried anything say nothing beside leads that have shown a heart.
        if filled >= 4 { everAlive |= alive }
        if isHeartKnown { heard &= everAlive }
        let isMostlyDead = 2 &* alive.nonzeroBitCount < heard.nonzeroBitCount
        if isMostlyDead { evidence.deadAt = trace.position }
        evidence.silence = silence(silences, known)
        // Half of the leads have to say so: a P wave without a QRS complex stands out in some.
        evidence.isLiving = (living > 0 && 2 &* living >= beating) || (repeating > 0 && 2 &* repeating >= known)
        evidence.isBusy = busy > 0 && 2 &* busy >= beating
        // Of time in which nothing came others tell.
        evidence.isQuiet = isQuiet
        if (isWatched || isQuiet) && !(isMostlyDead && known == 0) {
            evidence.unwatched = 0
        } else if !isHeld, evidence.unwatched < 1000 {
            evidence.unwatched &+= 1
        }
        let mean = votes > 0 ? frequency / votes : 0
        let isSuspected =
            votes > 0 && odds > 0 && strongest >= 0 && mean >= limits.lowestOscillation && mean <= limits.highestOscillation
        if isSuspected { addOscillation(strongest) } else if votes > 0 { loseOscillation() }
        addWaves()
        evidence.isOscillating = isSuspected
        evidence.isUneasy = votes > 0 && odds > limits.uneasyOdds * votes
    }

    /// How long it has been silent in all leads but a fourth of them, which may have anything in them.
    private func silence(_ all: InlineArray<12, Float>, _ count: Int) -> Float {
        guard count > 0 else { return 0 }
        for one in 0..<count {
            var shorter = 0
            for other in 0..<count where all[other] < all[one] || (all[other] == all[one] && other < one) { shorter &+= 1 }
            if shorter == count / 4 { return all[one] }
        }
        return 0
    }

    /// Adds the newest seven good blocks of the last eleven.
    private func gather(_ lead: Int, into sum: inout LeadBlock) -> Int {
        var found = 0
        let bound = filled < 11 ? filled : 11
        var back = 0
        while back < bound, found < 7 {
            let one = block(lead, back)
            back &+= 1
            guard isGood(one, lead) else { continue }
            sum.add(one.pointee)
            found &+= 1
        }
        return found
    }

    private func isGood(_ block: UnsafePointer<LeadBlock>, _ lead: Int) -> Bool {
        guard block.pointee.heard >= 0.5 else { return false }
        return block.pointee.peak < (levels[lead].isKnown ? max(limits.artefact * levels[lead].range, 1500) : 5000)
    }

    /// Whether the lead has shown what an amplifier on a body has, noise at least, and no step that is none of a heart's, at any time in the last 2 s.
    private func isAlive(_ lead: Int) -> Bool {
        guard filled >= 4 else { return true }
        for back in 0..<4 {
            let one = block(lead, back)
            if one.pointee.heard > 0, isGood(one, lead), one.pointee.bend >= limits.noiseFloor { return true }
        }
        return false
    }

    /// Seconds of heard signal without anything as large as a part of the lead's beats.
    private func silentSeconds(_ lead: Int) -> Float {
        let level = levels[lead]
        guard level.isKnown else { return 0 }
        var silent = 0
        for back in 0..<filled {
            let one = block(lead, back)
            guard isGood(one, lead), one.pointee.bend >= limits.noiseFloor else { continue }
            guard one.pointee.bend < limits.silent * level.bend, one.pointee.peak < limits.silentSize(level.range) else { break }
            silent &+= 1
        }
        return silent == 0 ? 0 : 0.5 * Float(silent &+ 1)
    }

    /// Of the last four seconds those in which a complex stands out, not much smaller than the lead's beats where these are known.
    private func complexes(_ lead: Int) -> Int {
        guard filled >= 8 else { return 0 }
        let level = levels[lead]
        let least = level.isKnown ? max(limits.smallest * level.bend, limits.leastBend) : 3 * limits.leastBend
        var count = 0
        for second in 0..<4 {
            let place = block(lead, 2 &* second), one = place.pointee
            guard isGood(place, lead), one.bend >= least, one.peak >= limits.smallest * level.range else { continue }
            if one.count * one.bendFourths > limits.beatProminence * one.bends * one.bends { count &+= 1 }
        }
        return count
    }

    /// Looks for a tachycardia so blunt that its beats are none to a detector of QRS complexes.
    private mutating func addWaves() {
        var known = 0
        var waving = 0
        var rate: Float = 0
        for lead in 0..<12 where levels[lead].isKnown && listens(to: lead) {
            guard block(lead, 0).pointee.heard >= 0.5 else { continue }
            known &+= 1
            guard isBlunt(lead) else { continue }
            let period = period(lead, seconds: limits.waveTime)
            guard period > 0 else { continue }
            let own = Float(60 * trace.rowRate) / period
            guard own >= limits.leastWaves, own <= limits.mostWaves else { continue }
            waving &+= 1
            rate += own
        }
        guard waving > 0, 2 &* waving > known else {
            evidence.waves = evidence.waves > 1 ? evidence.waves &- 2 : 0
            return
        }
        evidence.waveRate = rate / Float(waving)
        if evidence.waves < 24 { evidence.waves &+= 1 }
    }

    /// Whether the last two seconds of the lead hold waves as large as its beats, and nothing as sharp.
    private func isBlunt(_ lead: Int) -> Bool {
        guard filled >= 3 else { return false }
        let level = levels[lead]
        for back in 0..<3 {
            let one = block(lead, back).pointee
            guard one.heard >= 0.5, one.peak >= limits.waveSize * level.range else { return false }
            guard one.bend * level.range < 2 * limits.waveSharpness * level.bend * one.peak else { return false }
        }
        return true
    }

    /// Whether the lead's last 4 s repeat themselves 100 to 250 times a minute tells a tachycardia from fibrillation.
    private mutating func addOscillation(_ lead: Int) {
        let period = period(lead, seconds: 4)
        if period > 0 {
            let rate = Float(60 * trace.rowRate) / period
            evidence.rate = rate
            if rate >= 95, evidence.tachycardia < 12 { evidence.tachycardia &+= 1 }
            if evidence.fibrillation > 0, evidence.fibrillation < 4 { evidence.fibrillation &-= 1 }
        } else if evidence.fibrillation < 12 {
            evidence.fibrillation &+= 1
        }
    }

    private mutating func loseOscillation() {
        if evidence.fibrillation > 0 { evidence.fibrillation &-= 1 }
        if evidence.tachycardia > 0 { evidence.tachycardia &-= 1 }
    }

    /// Rows from one beat to the next of a lead that repeats itself; 0 if it does not.
    private func period(_ lead: Int, seconds: Double) -> Float {
        let count = Int(seconds * trace.rowRate)
        guard trace.copy(lead, from: trace.rows &- Int64(count), count: count, margin: 0, into: line) > count / 2 else { return 0 }
        // Without what is slower than a second.
        let reach = Int(0.35 * trace.rowRate)
        var mean: Float = 0
        for place in 0..<(2 &* reach) { mean += line[place] }
        let length = count &- 2 &* reach
        var energy: Float = 0
        for place in 0..<length {
            other[place] = line[place &+ reach] - mean / Float(2 &* reach)
            mean += line[place &+ 2 &* reach] - line[place]
            energy += other[place] * other[place]
        }
        guard energy > 0 else { return 0 }
        let shortest = Int(0.2 * trace.rowRate), longest = Int(1.2 * trace.rowRate)
        var most: Float = 0
        for lag in shortest...longest {
            let value = correlation(lag, length)
            if value > most { most = value }
        }
        guard most >= limits.regularity else { return 0 }
        var before: Float = 2
        for lag in shortest...longest {
            let value = correlation(lag, length)
            if value >= 0.85 * most, value >= before, correlation(lag &+ 1, length) <= value { return Float(lag) }
            before = value
        }
        return 0
    }

    /// The complexes of the lead's last 4 s that are at least half as sharp as the sharpest.
    private func peaks(_ lead: Int) -> Int {
        let count = Int(4 * trace.rowRate)
        guard trace.copy(lead, from: trace.rows &- Int64(count), count: count, margin: 0, into: line) > count * 3 / 4 else { return 0 }
        var most: Float = 0
        for place in 2..<(count &- 2) {
            other[place] = (2 * line[place] - line[place &- 2] - line[place &+ 2]).magnitude
            if other[place] > most { most = other[place] }
        }
        guard most >= limits.leastBend else { return 0 }
        let apart = Int(0.25 * trace.rowRate)
        var found = 0
        var place = 2
        while place < count &- 2 {
            if other[place] >= 0.5 * most {
                found &+= 1
                place &+= apart
            } else {
                place &+= 1
            }
        }
        return found
    }

    /// Whether complexes come evenly in the lead since the last beat that was found, 4 s at most, 43 to 200 a minute, however little they stand out.
    private func repeatsComplexes(_ lead: Int) -> Bool {
        let level = levels[lead]
        var count = Int(4 * trace.rowRate)
        // What the last beat that was found left behind shows nothing about the time since.
        let since = trace.rows &- trace.row(of: history.lastPlace) &- Int64(0.5 * trace.rowRate)
        if since < Int64(count) { count = Int(since) }
        guard count > Int(2.4 * trace.rowRate),
            trace.copy(lead, from: trace.rows &- Int64(count), count: count, margin: 0, into: line) > count * 3 / 4
        else { return false }
        var lowest = line[0], highest = line[0]
        for place in 0..<count {
            if line[place] < lowest { lowest = line[place] }
            if line[place] > highest { highest = line[place] }
        }
        // P waves come evenly too, when no QRS complex follows them.
        guard highest - lowest >= limits.smallest * level.range else { return false }
        let length = count &- 6
        var mean: Float = 0
        for place in 0..<length {
            var sum: Float = 0
            for near in 0..<3 {
                let at = place &+ near &+ 2
                sum += (2 * line[at] - line[at &- 2] - line[at &+ 2]).magnitude
            }
            other[place] = sum
            mean += sum
        }
        mean /= Float(length)
        var most: Float = 0
        for place in 0..<length {
            if other[place] > most { most = other[place] }
            other[place] -= mean
        }
        guard most / 2 >= max(limits.smallest * level.bend, limits.leastBend) else { return false }
        for lag in Int(0.3 * trace.rowRate)...Int(1.4 * trace.rowRate) where correlation(lag, length) >= limits.evenness { return true }
        return false
    }

    private func correlation(_ lag: Int, _ length: Int) -> Float {
        var product: Float = 0
        var early: Float = 0
        var late: Float = 0
        for place in 0..<(length &- lag) {
            let (a, b) = (other[place], other[place &+ lag])
            product += a * b
            early += a * a
            late += b * b
        }
        guard early > 0, late > 0 else { return 0 }
        return product / Float(Arithmetic.squareRoot(Double(early) * Double(late)))
    }

    /// What there is to say since the last call.
    ///
    /// - Parameters:
    ///   - silence: seconds without a beat, as the detector counts them; `unbroken`: the same since the last long hold.
    ///   - isWhispering: whether complexes come that are beats but for their size; `isNoise`: whether most leads are full of noise.
    ///   - position: the newest sample's place.
    @_noAllocation @_noLocks
    mutating func take(silence: Double, unbroken: Double, isHeld: Bool, isWhispering: Bool, isNoise: Bool, position: Int64) -> RhythmReport
    {
        var report = history.take(silence: unbroken, isHeld: isHeld, rate: rate)
        report.fibrillation = Float(evidence.fibrillation) * 0.5
        if evidence.tachycardia >= 3 {
            let beats = (Float(evidence.tachycardia) * 0.5 + 2) * evidence.rate / 60
            if beats > report.ventricularRun { report.ventricularRun = beats }
        }
        if evidence.waves > 1 {
            let beats = (Float(evidence.waves &- 1) * 0.5 + limits.waveSpan) * evidence.waveRate / 60
            if beats > report.ventricularRun { report.ventricularRun = beats }
        }
        // Of leads that are connected to nothing no silence is counted.
        let alive = Double(position &- evidence.deadAt) / Double(rate)
        report.silence = Float(silence < alive ? silence : alive)
        // Complexes that stand in a lead at their usual size are beats, whoever has not found them; but P waves and what pacing pulses leave behind stand out
        // of a line, too, and so it is believed for no longer than an asystole may stay unsaid.
        // Where no lead can be watched nobody knows; that is told before the same time is over.
        if evidence.isLiving || isWhispering || evidence.unwatched > 0, report.silence >= 3, report.silence < limits.longestDoubt {
            report.silence = 3
        }
        if !evidence.isLiving, !evidence.isOscillating, evidence.silence > report.silence { report.silence = evidence.silence }
        report.isLineSeen = evidence.isQuiet || evidence.silence > 0
        report.slowest = evidence.isBusy ? nil : history.slowest(position: position, rate: rate)
        report.fastest = history.fastest(rate: rate)
        if !isNoise, !evidence.isUneasy, history.isSure(limits.sureScore, within: Int64(limits.sureTime &* rate / 1000), position: position)
        {
            evidence.vouchedAt = heard
        }
        report.unvouched = Float(Double(heard &- evidence.vouchedAt) / Double(rate))
        return report
    }
}
