// The beating heart: a clock that plans one cycle at a time and the dipole that its waves add up to.
// It knows nothing of electrodes, counts or sampling; `Heart+Rhythms.swift` holds what each rhythm does in a cycle.

import PrecordiaSignal

/// Where a ventricular beat came from: the ground truth that goes with the signal.
package enum BeatOrigin: UInt8, Sendable {
    /// Conducted from the sinus node, or from fibrillating or fluttering atria, or a re-entry at the AV node.
    case conducted
    case prematureAtrial
    /// Premature, tachycardic or escape beat of the ventricles.
    case ventricular
    case paced
}

/// State of the simulated heart: about 5 KiB, no memory of its own. One call a sample.
struct Heart {
    var rhythm: Rhythm
    /// Beats a minute asked for; nil for the rhythm's own.
    var requestedRate: Double?
    var pacing = Pacing()
    /// When the pulse that was planned last begins, seconds, until somebody asks.
    var plannedPulse: Double?
    var waves = ActiveWaves()
    var oscillations: Oscillations
    var random: Random

    /// The rhythm that the present cycle belongs to; `rhythm` follows it at the next one.
    var playing: Rhythm
    var started = false
    /// When the next cycle is planned, seconds.
    var nextCycle = 0.0
    /// When the next P wave that follows no cycle begins, seconds.
    var nextFreeAtrial = Double.infinity
    /// Cycles since the group began (Wenckebach) or until the next extra beat.
    var position = 0
    /// Cycles in this group.
    var group = 4
    /// The next sinus beat finds the ventricles refractory, or the next cycle is the extra one.
    var pending = false

    /// Ventricular beats up to the last sample.
    var beatCount: UInt64 = 0
    var lastBeatTime = -1.0
    var lastBeatOrigin = BeatOrigin.conducted
    private var planned = InlineArray<8, PlannedBeat>(repeating: PlannedBeat())
    private var plannedCount = 0

    private struct PlannedBeat {
        var time = 0.0
        var origin = BeatOrigin.conducted
    }

    init(rhythm: Rhythm, seed: UInt64) {
        var seeds = Random(seed: seed)
        self.rhythm = rhythm
        playing = rhythm
        random = Random(seed: seeds.bits())
        oscillations = Oscillations(random: Random(seed: seeds.bits()))
    }

    /// The dipole at `time` seconds, `seconds` after the call before.
    @inline(__always)
    @_noAllocation @_noLocks mutating func advance(to time: Double, seconds: Double, spikeWidth: Double) -> Dipole {
        if time >= nextFreeAtrial {
            addAtrial(.sinus, at: nextFreeAtrial)
            nextFreeAtrial += 60 / (playing == .completeBlock ? 84.0 : 78.0) * (1 + 0.02 * random.gaussian())
        }
        if time >= nextCycle { planCycle(at: nextCycle, spikeWidth: spikeWidth) }
        if plannedCount > 0 { countBeats(until: time) }
        var dipole = waves.sum(at: time)
        let other = oscillations.advance(seconds: seconds)
        dipole.x += other.x
        dipole.y += other.y
        dipole.z += other.z
        return dipole
    }

    /// Schedules a P wave that begins at `onset` seconds.
    @_noAllocation @_noLocks mutating func addAtrial(_ complex: AtrialComplex, at onset: Double) {
        let gain = 1 + 0.04 * random.gaussian()
        let shapes = complex.waves
        for index in 0..<3 { waves.add(shapes[index], reference: onset, gain: gain) }
    }

    /// Schedules a QRS complex and its T wave around `reference` seconds.
    ///
    /// The T wave comes earlier by 1.75 ms for each beat a minute more (Hodges et al. 1983: QT of 404 ms at 69 a minute), not below half. It is
    /// about half as high in atrial fibrillation, whose patients are older (PTB-XL's mean of 300 records).
    @_noAllocation @_noLocks mutating func addVentricular(_ complex: Complex, at reference: Double, origin: BeatOrigin) {
        let gain = (1 + 0.015 * random.gaussian()) * (1 + 0.03 * Heart.breath(at: reference))
        let shapes = complex.waves
        for index in 0..<6 { waves.add(shapes[index], reference: reference, stretch: complex.broadening, gain: gain) }
        let stretch = Heart.clamp(1 - 0.00433 * (rate - 69), 0.5, 1.2)
        let recovery = playing == .atrialFibrillation ? 0.55 * gain : gain
        for index in 6..<9 { waves.add(shapes[index], reference: reference, stretch: stretch, gain: recovery) }
        remember(PlannedBeat(time: reference, origin: origin))
    }

    /// A stimulation spike: ``Pacing/strength``, as narrow as the rate can show.
    @_noAllocation @_noLocks mutating func addSpike(at time: Double, width: Double) {
        plannedPulse = time
        var spike = Wave()
        spike.width = width
        let height = pacing.strength / (width * 1000 * 2.5066)
        spike.x = 900 * height
        spike.y = 500 * height
        spike.z = 120 * height
        waves.add(spike, reference: time)
    }

    /// Respiration, -1...1, 15 breaths a minute, for a time that is not negative.
    @_noAllocation @_noLocks static func breath(at time: Double) -> Double {
        let breaths = time * 0.25
        return Arithmetic.sine((breaths - Double(Int64(breaths))) * 6.283185307179586)
    }

    /// The nearest number in `low`...`high`; `low` for what is not a number.
    @_noAllocation @_noLocks static func clamp(_ value: Double, _ low: Double, _ high: Double) -> Double {
        value > low ? (value < high ? value : high) : low
    }

    private mutating func remember(_ beat: PlannedBeat) {
        guard plannedCount < planned.count else { return }
        planned[plannedCount] = beat
        plannedCount &+= 1
    }

    private mutating func countBeats(until time: Double) {
        var index = 0
        while index < plannedCount {
            guard planned[index].time <= time else {
                index &+= 1
                continue
            }
            beatCount &+= 1
            lastBeatTime = planned[index].time
            lastBeatOrigin = planned[index].origin
            plannedCount &-= 1
            for later in index..<plannedCount { planned[later] = planned[later &+ 1] }
        }
    }
}
