// The 12-lead generator: heart, lead field, electrodes and converter in one call a frame.
// It is the default source of the embedded build and the test bench; it never stands for clinical evidence.

package import PrecordiaSignal

/// A live 12-lead electrocardiogram made from a seed.
///
/// The heart is a moving dipole whose P, QRS and T waves are Gaussian events, each with its own time; a fixed matrix projects it on
/// the leads. The same seed, rate and calls give the same frames on every machine: integers for chance, IEEE arithmetic and
/// ``Arithmetic`` for the rest. `docs/simulator.md` says what is modelled and what is not.
///
/// About 5 KiB of state, nothing allocated, no clock. One thread. Cost: some 0.1 to 0.4 us a frame.
package struct Simulator: ~Copyable {
    /// Samples a second.
    package let rate: Int
    /// What spoils the recording. A change acts on the next frame.
    package var noise: Noise
    /// The programme that sets ``rhythm`` and ``noise`` at its seconds; nil leaves them alone.
    package let scenario: Scenario?

    private var heart: Heart
    private var electrodes: Electrodes
    private var index: UInt64 = 0
    private var secondsPassed = 0
    private var untilSecond = 0
    private let interval: Double
    private let spikeWidth: Double

    /// The converter's end, microvolts. Below 2^14, so that no lead leaves 16 bits, derived ones included.
    package static var limitMicrovolts: Double { @_noAllocation @_noLocks get { 16_383 } }

    /// A simulator that plays one rhythm until told otherwise.
    ///
    /// - Parameters:
    ///   - rate: samples a second, ``StreamFormat/rates``; anything else traps.
    ///   - seed: any number; another number is another patient minute.
    ///   - heartRate: beats a minute, nil for the rhythm's own.
    package init(rate: Int, seed: UInt64, rhythm: Rhythm = .normalSinus, heartRate: Double? = nil, noise: Noise = .none) {
        self.init(rate: rate, seed: seed, scenario: nil, rhythm: rhythm, heartRate: heartRate, noise: noise)
    }

    /// A simulator that follows a programme. A `rate` outside ``StreamFormat/rates`` traps.
    package init(rate: Int, seed: UInt64, scenario: Scenario) {
        let step = scenario.step(atSecond: 0)
        self.init(rate: rate, seed: seed, scenario: scenario, rhythm: step.rhythm, heartRate: nil, noise: step.noise)
    }

    private init(rate: Int, seed: UInt64, scenario: Scenario?, rhythm: Rhythm, heartRate: Double?, noise: Noise) {
        precondition(StreamFormat.rates.contains(rate), "the simulator's rate must lie in 100...2000 samples a second")
        var seeds = Random(seed: seed)
        self.rate = rate
        self.noise = noise
        self.scenario = scenario
        interval = 1 / Double(rate)
        spikeWidth = rate < 1200 ? 0.6 / Double(rate) : 0.0005
        heart = Heart(rhythm: rhythm, seed: seeds.bits())
        heart.requestedRate = heartRate
        electrodes = Electrodes(random: Random(seed: seeds.bits()), rate: rate)
    }

    /// What the counts mean: 1 uV each around 0, all twelve leads present.
    package static func format(rate: Int) -> StreamFormat { StreamFormat(rate: rate) }

    /// What the heart plays. A change begins with the next cycle, at most some 1.5 s later.
    package var rhythm: Rhythm {
        get { heart.rhythm }
        set { heart.rhythm = newValue }
    }

    /// What plays at the last frame: ``rhythm``, once its first cycle has begun.
    package var playing: Rhythm { heart.playing }

    /// Beats a minute asked for, kept within 20...300; nil for the rhythm's own. A change begins with the next cycle. See
    /// ``Rhythm/defaultHeartRate``.
    package var heartRate: Double? { heart.requestedRate }

    /// Asks for another ``heartRate``. No setter, whose access for changing in place would allocate on 32-bit ARM.
    package mutating func set(heartRate: Double?) { heart.requestedRate = heartRate }

    /// How large ``Rhythm/ventricularFibrillation`` is: 1 is coarse, some 0.5 mV; 0.25 is fine, some 0.12 mV.
    package var coarseness: Double { heart.oscillations.coarseness }

    /// Asks for another ``coarseness``, kept within 0...4.
    package mutating func set(coarseness: Double) { heart.oscillations.coarseness = Heart.clamp(coarseness, 0, 4) }

    /// What the pacemaker of ``Rhythm/paced`` does.
    package var pacing: Pacing { heart.pacing }

    package mutating func pace(_ pacing: Pacing) { heart.pacing = pacing }

    /// The pacing pulse that was planned since the last call: how many samples after the last frame the sample before the pulse comes. A
    /// device that detects pulses tells it with its samples.
    @_noAllocation @_noLocks
    package mutating func takePaceMark() -> Int? {
        guard let time = heart.plannedPulse else { return nil }
        heart.plannedPulse = nil
        return Int(truncatingIfNeeded: Int64(time * Double(rate)) &- Int64(truncatingIfNeeded: index) &+ 1)
    }

    /// Ventricular beats so far: the truth that a detector is measured against. Fibrillating ventricles have none.
    package var beatCount: UInt64 { heart.beatCount }

    /// Sample index of the last beat's reference point, within 10 ms of the R or S peak; nil before the first.
    package var lastBeatIndex: UInt64? {
        heart.beatCount == 0 ? nil : UInt64(Arithmetic.roundedToEven(heart.lastBeatTime * Double(rate)))
    }

    /// Where the last beat came from.
    package var lastBeatOrigin: BeatOrigin { heart.lastBeatOrigin }

    /// Waves that found no room in the schedule: always 0, and a test holds it there.
    var droppedWaves: Int { heart.waves.dropped }

    /// Makes the next frame. Every field of `frame` is written.
    @_noAllocation @_noLocks
    package mutating func next(into frame: inout Frame) {
        followScenario()
        let time = Double(index) * interval
        let dipole = heart.advance(to: time, seconds: interval, spikeWidth: spikeWidth)
        var leads = LeadField.project(dipole)
        electrodes.disturb(&leads, noise, at: time)
        frame.index = index
        frame.missing = .empty
        frame.off = noise.electrodesOff
        convert(leads, into: &frame)
        index &+= 1
    }

    @inline(__always)
    private mutating func followScenario() {
        guard let scenario else { return }
        if untilSecond == 0 {
            let step = scenario.step(atSecond: secondsPassed)
            heart.rhythm = step.rhythm
            noise = step.noise
            secondsPassed &+= 1
            untilSecond = rate
        }
        untilSecond &-= 1
    }

    /// Rounds to counts, clips, and derives the limb leads from the counts of I and II (Einthoven, Goldberger).
    @inline(__always)
    private func convert(_ leads: InlineArray<8, Double>, into frame: inout Frame) {
        let limit = Simulator.wholeLimit(noise.saturationMicrovolts)
        var clipped: UInt16 = 0
        for index in 0..<8 {
            let place = index < 2 ? index : index &+ 4
            let value = Arithmetic.roundedToEven(leads[index])
            if value < limit && value > -limit {
                frame.counts[place] = Int32(value)
            } else {
                frame.counts[place] = value < 0 ? -Int32(limit) : Int32(limit)
                clipped |= 1 << UInt16(truncatingIfNeeded: place)
            }
        }
        let one = frame.counts[0]
        let two = frame.counts[1]
        frame.counts[2] = two &- one
        frame.counts[3] = Simulator.half(0 &- one &- two)
        frame.counts[4] = Simulator.half(2 &* one &- two)
        frame.counts[5] = Simulator.half(2 &* two &- one)
        if clipped & 3 != 0 { clipped |= LeadSet.derived.rawValue }
        frame.clipped = LeadSet(rawValue: clipped)
    }

    /// The limit as a whole number of counts in 50...16383; not a number counts as the highest.
    private static func wholeLimit(_ microvolts: Double) -> Double {
        if !(microvolts < limitMicrovolts) { return limitMicrovolts }
        return microvolts > 50 ? Arithmetic.roundedToEven(microvolts) : 50
    }

    /// Half of an integer, ties to even.
    private static func half(_ value: Int32) -> Int32 {
        let floor = value >> 1
        return value & 1 == 0 ? floor : floor &+ (floor & 1)
    }
}
