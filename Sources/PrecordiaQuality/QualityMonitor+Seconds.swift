// What the monitor makes of a second that is over: faults, what they cost, loose electrodes, swapped ones.
// Separate from the taking of frames, which happens a thousand times as often.

import PrecordiaSignal

extension QualityMonitor {
    /// Judges the second that is over and begins another.
    @_noAllocation @_noLocks
    mutating func closeSecond() {
        var humming: UInt16 = 0
        for lead in 0..<12 {
            let bit: UInt16 = 1 &<< UInt16(truncatingIfNeeded: lead)
            if tallies.isClipped(lead, samples: clippedSamples, height: limits.clippedHeight) { current.clipped |= bit }
            if tallies.swing(lead) > limits.range { current.outOfRange |= bit }
            if tallies.busyPart(lead) > limits.busyPart { current.noisy |= bit }
            let mains = tallies.mains(lead), moved = change(of: lead), restless = tallies.restlessPart(lead)
            if mains > limits.mains { current.mains |= bit }
            if mains > limits.looseMains { humming |= bit }
            if moved > limits.wander { current.wander |= bit }
            if moved > limits.range { current.displaced |= bit }
            if restless > limits.restlessPart { current.muscle |= bit }
            if tallies.hasJump(lead) { current.spikes |= bit }
            costs[12 &* place &+ lead] = cost(mains: mains, wander: moved, restless: restless, bit)
        }
        findLoose(humming)
        let spoilt = (current.bad | current.muscle | current.spikes | lacking | unplaced) & LeadSet.independent.rawValue
        swap = limbs.closeSecond(isClean: spoilt == 0, limits: limits)
        let limb = (current.off | current.flat | current.gap | current.clipped | current.outOfRange) & LeadSet.limb.rawValue
        misfit = fit.closeSecond(isClean: limb == 0)
        // Leads with other names or scales say nothing of electrodes.
        if !misfit.leads.isEmpty { swap = .none }
        tallies.nextSecond()
        last = current
        history[place] = current
        place = place &+ 1 == seconds ? 0 : place &+ 1
        if closed < seconds { closed &+= 1 }
        current = QualitySecond()
    }

    /// How far the lead's mean has moved since the second before, microvolts; 0 in the first.
    private func change(of lead: Int) -> Double {
        guard let level = tallies.level(lead) else { return 0 }
        let before = levels[lead]
        levels[lead] = level
        return closed == 0 ? 0 : (level - before).magnitude
    }

    /// What the second cost the lead, in 255ths: all of it with a fault that makes it bad, else by the worst of what mars it.
    private func cost(mains: Double, wander: Double, restless: Double, _ bit: UInt16) -> UInt8 {
        if current.bad & bit != 0 { return 255 }
        var most = part(mains, of: limits.worthlessMains)
        most = max(most, part(wander, of: limits.worthlessWander))
        most = max(
            most, part(restless - limits.freeRestlessPart, of: limits.worthlessRestlessPart - limits.freeRestlessPart))
        if current.spikes & bit != 0 { most = max(most, 1 - limits.spikeWorth) }
        return UInt8(truncatingIfNeeded: Int(Arithmetic.roundedToEven(255 * most)))
    }

    /// `value` as a part of `whole`, 0 to 1.
    private func part(_ value: Double, of whole: Double) -> Double { value > 0 ? (value < whole ? value / whole : 1) : 0 }

    /// An electrode is loose when all of its leads, and no other limb lead, hum or leave the range, two seconds in a row.
    ///
    /// Two of I, II and III share each limb electrode. All three of them say no more than that the recording is bad, and so do all chest leads
    /// of several. Of a lead from nobody knows where nobody can say which electrode it hangs on.
    private mutating func findLoose(_ humming: UInt16) {
        let lost = (humming | current.outOfRange) & ~unplaced
        let both = lost & hum
        hum = lost
        let limb = both & 7, chest = both &>> 6, chests = (has & ~unplaced) &>> 6
        switch limb {
        case 0b101: loose = .leftArm
        case 0b011: loose = .rightArm
        case 0b110: loose = .leftLeg
        case 0 where chest != chests || (chest.nonzeroBitCount == 1 && has & 7 != 0): loose = ElectrodeSet(rawValue: chest &<< 4)
        default: loose = ElectrodeSet(rawValue: 0)
        }
    }

    /// The mean worth of the full seconds in the window.
    var index: QualityIndex {
        @_noAllocation @_noLocks get {
            var index = QualityIndex()
            index.absent = lacking
            guard closed > 0 else { return index }
            for lead in 0..<12 where has & (1 &<< UInt16(truncatingIfNeeded: lead)) != 0 {
                var cost = 0
                for second in 0..<closed { cost &+= Int(costs[12 &* second &+ lead]) }
                index[lead] = UInt8(truncatingIfNeeded: 255 &- (cost &+ closed / 2) / closed)
            }
            return index
        }
    }
}

extension QualityReport {
    /// The sets of a window, of which the rest is still to be judged.
    @_noAllocation @_noLocks
    init(_ all: QualitySecond) {
        self.init()
        off = LeadSet(rawValue: all.off)
        flat = LeadSet(rawValue: all.flat)
        clipped = LeadSet(rawValue: all.clipped)
        gap = LeadSet(rawValue: all.gap)
        noisy = LeadSet(rawValue: all.noisy)
        outOfRange = LeadSet(rawValue: all.outOfRange)
        mains = LeadSet(rawValue: all.mains)
        wander = LeadSet(rawValue: all.wander)
        muscle = LeadSet(rawValue: all.muscle)
        spikes = LeadSet(rawValue: all.spikes)
    }

    /// The reasons that the sets and the swap give.
    var faults: QualityReasons {
        @_noAllocation @_noLocks get {
            var bits: UInt32 = 0
            if !off.isEmpty { bits |= QualityReasons.electrodeOff.rawValue }
            if !flat.isEmpty { bits |= QualityReasons.flat.rawValue }
            if !clipped.isEmpty { bits |= QualityReasons.clipped.rawValue }
            if !noisy.isEmpty { bits |= QualityReasons.noisy.rawValue }
            if !outOfRange.isEmpty { bits |= QualityReasons.outOfRange.rawValue }
            if !gap.isEmpty { bits |= QualityReasons.missingLead.rawValue }
            if !mains.isEmpty { bits |= QualityReasons.mains.rawValue }
            if !wander.isEmpty { bits |= QualityReasons.wander.rawValue }
            if !muscle.isEmpty { bits |= QualityReasons.muscle.rawValue }
            if !spikes.isEmpty { bits |= QualityReasons.spikes.rawValue }
            if swap.rawValue != 0 { bits |= QualityReasons.swapped.rawValue }
            if !misfit.leads.isEmpty { bits |= QualityReasons.unfit.rawValue }
            return QualityReasons(rawValue: bits)
        }
    }
}
