// What happens in one cycle of each rhythm: which waves, how far apart, and when the next cycle comes.
// Times are seconds. A cycle that the sinus node drives begins with the onset of P; another begins 80 ms before its R.

extension Heart {
    /// Beats a minute of the rhythm that plays.
    var rate: Double { @_noAllocation @_noLocks get { Heart.clamp(requestedRate ?? playing.defaultHeartRate, 20, 300) } }
    /// Mean time between cycles, seconds.
    var meanInterval: Double { @_noAllocation @_noLocks get { 60 / rate } }

    @_noAllocation @_noLocks mutating func planCycle(at time: Double, spikeWidth: Double) {
        if !(rhythm == playing) || !started { adopt(rhythm, at: time) }
        switch playing {
        case .normalSinus, .sinusBradycardia, .sinusTachycardia, .sinusArrhythmia: planSinus(.normal, at: time)
        case .rightBundleBranchBlock: planSinus(.rightBundleBranchBlock, at: time)
        case .leftBundleBranchBlock: planSinus(.leftBundleBranchBlock, at: time)
        case .anteriorElevation: planSinus(.anteriorElevation, at: time)
        case .inferiorElevation: planSinus(.inferiorElevation, at: time)
        case .lateralElevation: planSinus(.lateralElevation, at: time)
        case .firstDegreeBlock: planSinus(.normal, at: time, delay: 0.30)
        case .paced: planPaced(at: time, spikeWidth: spikeWidth)
        case .prematureAtrial: planPrematureAtrial(at: time)
        case .prematureVentricular, .ventricularBigeminy: planPrematureVentricular(at: time)
        case .wenckebach, .mobitz2, .twoToOneBlock: planSecondDegree(at: time)
        case .completeBlock, .ventricularTachycardia: planVentricular(at: time)
        case .atrialFibrillation: planFibrillation(at: time)
        case .atrialFlutter: planFlutter(at: time)
        case .supraventricularTachycardia: planReentry(at: time)
        case .ventricularFibrillation, .asystole: nextCycle = time + 0.25
        }
    }

    private mutating func adopt(_ rhythm: Rhythm, at time: Double) {
        playing = rhythm
        pending = false
        position = 0
        group = rhythm == .ventricularBigeminy || rhythm == .twoToOneBlock ? 1 : 3
        switch rhythm {
        case .atrialFibrillation: oscillations.kind = .atrialFibrillation
        case .atrialFlutter: oscillations.kind = .flutter
        case .paced: oscillations.kind = .fineFibrillation
        case .ventricularFibrillation: oscillations.kind = .ventricularFibrillation
        default: oscillations.kind = .none
        }
        if !started { oscillations.skipFade() }
        started = true
        let dissociated = rhythm == .completeBlock || rhythm == .ventricularTachycardia
        nextFreeAtrial = dissociated ? time + 0.3 : .infinity
    }

    /// Time to the next sinus beat: faster when breathing in, plus a little chance.
    private mutating func sinusInterval(at time: Double) -> Double {
        let depth = playing == .sinusArrhythmia ? 0.20 : 0.025
        return meanInterval * (1 - depth * Heart.breath(at: time) + 0.008 * random.gaussian())
    }

    /// PR interval: 160 ms at rest, shorter at high rates.
    private var conductionTime: Double { Heart.clamp(0.12 + 0.046 * meanInterval, 0.12, 0.18) }

    private mutating func planSinus(_ complex: Complex, at time: Double, delay: Double? = nil) {
        addAtrial(.sinus, at: time)
        addVentricular(complex, at: time + (delay ?? conductionTime) + complex.onset, origin: .conducted)
        nextCycle = time + sinusInterval(at: time)
    }

    /// A single-chamber pacemaker in slow atrial fibrillation, where most of them are: the ventricles follow the spike like clockwork.
    private mutating func planPaced(at time: Double, spikeWidth: Double) {
        addSpike(at: time + 0.02, width: spikeWidth)
        if pacing.captures { addVentricular(.paced, at: time + 0.02 + 0.012 + Complex.paced.onset, origin: .paced) }
        nextCycle = time + meanInterval
    }

    /// Every few beats an early P of another shape; the pause after it does not make up for it.
    private mutating func planPrematureAtrial(at time: Double) {
        let premature = pending
        addAtrial(premature ? .ectopic : .sinus, at: time)
        let reference = time + conductionTime + (premature ? 0.02 : 0) + Complex.normal.onset
        addVentricular(.normal, at: reference, origin: premature ? .prematureAtrial : .conducted)
        pending = false
        position += 1
        let interval = sinusInterval(at: time)
        if premature {
            nextCycle = time + 1.15 * interval
        } else if position >= group {
            (pending, position, group) = (true, 0, 3 + random.index(below: 4))
            nextCycle = time + 0.62 * interval
        } else {
            nextCycle = time + interval
        }
    }

    /// A ventricular beat after every `group` conducted ones. The sinus node goes on: its next P is not conducted, so the pause is full.
    private mutating func planPrematureVentricular(at time: Double) {
        addAtrial(.sinus, at: time)
        nextCycle = time + sinusInterval(at: time)
        if pending {
            pending = false
            return
        }
        let reference = time + conductionTime + Complex.normal.onset
        addVentricular(.normal, at: reference, origin: .conducted)
        position += 1
        guard position >= group else { return }
        let coupling = Heart.clamp(0.60 * meanInterval, 0.38, 0.62) * (1 + 0.01 * random.gaussian())
        addVentricular(.rightVentricular, at: reference + coupling, origin: .ventricular)
        (pending, position) = (true, 0)
        if playing == .prematureVentricular { group = 3 + random.index(below: 4) }
    }

    /// Groups of three to five P waves whose last is not conducted: PR grows within the group (Wenckebach) or stays (Mobitz II). In a block of each second
    /// beat a group is one conducted P wave and one that is not.
    private mutating func planSecondDegree(at time: Double) {
        addAtrial(.sinus, at: time)
        nextCycle = time + sinusInterval(at: time)
        position += 1
        if position > group {
            (position, group) = (0, playing == .twoToOneBlock ? 1 : 2 + random.index(below: 3))
            return
        }
        // Each step is smaller than the one before, so RR shortens towards the pause.
        let growth = 0.17 + 0.19 * (1 - 1 / (1 + 0.8 * Double(position - 1)))
        let delay = playing == .wenckebach ? growth : 0.18
        addVentricular(.normal, at: time + delay + Complex.normal.onset, origin: .conducted)
    }

    /// Escape rhythm below a complete block, or tachycardia: the ventricles alone, while the atria keep their own time.
    private mutating func planVentricular(at time: Double) {
        addVentricular(.leftVentricular, at: time + 0.08, origin: .ventricular)
        nextCycle = time + meanInterval * (1 + 0.008 * random.gaussian())
    }

    /// Intervals without memory: a bell of 23 % around (PTB-XL: 12 to 27 %, median 18 %) the mean, never below what the AV node passes.
    private mutating func planFibrillation(at time: Double) {
        addVentricular(.normal, at: time + 0.08, origin: .conducted)
        let factor = Heart.clamp(1 + 0.23 * random.gaussian(), 0.5, 1.8)
        let interval = meanInterval * factor
        nextCycle = time + (interval > 0.27 ? interval : 0.27)
    }

    /// The AV node passes every second, third or fourth flutter wave.
    private mutating func planFlutter(at time: Double) {
        addVentricular(.normal, at: time + 0.08, origin: .conducted)
        let ratio = requestedRate == nil ? 2 + random.index(below: 3) : flutterRatio
        nextCycle = time + Double(ratio) / Oscillations.flutterHertz
    }

    /// The whole number of flutter waves a beat that comes closest to the rate asked for.
    private var flutterRatio: Int {
        let ratio = Int(Oscillations.flutterHertz * meanInterval + 0.5)
        return ratio < 1 ? 1 : (ratio > 8 ? 8 : ratio)
    }

    /// Re-entry in the AV node: regular narrow beats, the atria activated backwards just after.
    private mutating func planReentry(at time: Double) {
        addVentricular(.normal, at: time + 0.08, origin: .conducted)
        addAtrial(.retrograde, at: time + 0.08 + 0.045)
        nextCycle = time + meanInterval * (1 + 0.004 * random.gaussian())
    }
}
