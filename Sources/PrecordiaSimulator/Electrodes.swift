// The way from the body's surface to the amplifier: what each of the ten electrodes adds to the heart's signal.
// Disturbances are made here, per electrode, so that the leads stay consistent with each other.

import PrecordiaSignal

/// Potentials that disturb the electrodes RA, LA, LL and C1 to C6, microvolts; RL shows only in the hum.
struct Electrodes {
    private var random: Random
    private var drift = InlineArray<9, Wander>(repeating: Wander())
    private var floating = InlineArray<9, Wander>(repeating: Wander())
    /// How far an electrode has come off, 0...1.
    private var looseness = InlineArray<9, Double>(repeating: 0)
    private var anyLoose = false
    private var hum = InlineArray<9, Double>(repeating: 0)
    private var mainsPhase = 0.0
    private var popElectrode = 0
    private var popMicrovolts = 0.0
    private let popDecay: Double
    private let seconds: Double

    init(random: Random, rate: Int) {
        self.random = random
        seconds = 1 / Double(rate)
        popDecay = Arithmetic.exponential(-seconds / 0.08)
        // Lead I sees the stated amplitude: 1 at LA, 0 at RA; the others lie between 0.3 and 1.5.
        for index in 2..<9 { hum[index] = 0.3 + 1.2 * self.random.uniform() }
        hum[1] = 1
    }

    /// Adds the disturbances of this sample, at `time` seconds, to I, II and V1 to V6.
    @inline(__always)
    @_noAllocation @_noLocks mutating func disturb(_ leads: inout InlineArray<8, Double>, _ noise: borrowing Noise, at time: Double) {
        var potentials = InlineArray<9, Double>(repeating: 0)
        let loose = updateLooseness(noise.electrodesOff)
        if noise.baselineMicrovolts > 0 { addDrift(to: &potentials, noise.baselineMicrovolts, at: time) }
        if noise.muscleMicrovolts > 0 { addMuscle(to: &potentials, noise.muscleMicrovolts) }
        if noise.popsPerMinute > 0 || popMicrovolts != 0 { addPops(to: &potentials, noise.popsPerMinute) }
        let unbalanced = !noise.electrodesOff.intersection(.rightLeg).isEmpty
        if noise.mainsMicrovolts > 0 || loose || unbalanced { addMains(to: &potentials, noise, unbalanced: unbalanced) }
        if loose {
            addLoose(to: &potentials)
            detachHeart(&leads)
        }

        let wilson = (potentials[0] + potentials[1] + potentials[2]) * (1.0 / 3)
        leads[0] += potentials[1] - potentials[0]
        leads[1] += potentials[2] - potentials[0]
        for chest in 0..<6 { leads[2 &+ chest] += potentials[3 &+ chest] - wilson }
    }

    /// An electrode comes off within 0.2 s and settles within 0.4 s when it is back.
    @inline(__always)
    private mutating func updateLooseness(_ off: ElectrodeSet) -> Bool {
        if off.isEmpty && !anyLoose { return false }
        anyLoose = false
        for index in 0..<9 {
            // RL has bit 3; the chest electrodes follow it.
            let bit = UInt16(1) << UInt16(index < 3 ? index : index &+ 1)
            let isOff = off.rawValue & bit != 0
            let moved = looseness[index] + (isOff ? seconds / 0.2 : -seconds / 0.4)
            looseness[index] = Heart.clamp(moved, 0, 1)
            if looseness[index] > 0 { anyLoose = true }
        }
        return anyLoose
    }

    /// Breathing moves all electrodes together but not alike; movement moves each by itself, below about 0.5 Hz.
    private mutating func addDrift(to potentials: inout InlineArray<9, Double>, _ size: Double, at time: Double) {
        let breath = Heart.breath(at: time) * 0.3 * size
        let step = seconds / 1.7
        for index in 0..<9 {
            potentials[index] += breath * hum[index] + 0.6 * size * drift[index].advance(by: step, &random)
        }
    }

    /// A lead is the difference of two electrodes, so each has the lead's size over the square root of two.
    private mutating func addMuscle(to potentials: inout InlineArray<9, Double>, _ size: Double) {
        for index in 0..<9 { potentials[index] += size * 0.7071067811865476 * random.gaussian() }
    }

    private mutating func addPops(to potentials: inout InlineArray<9, Double>, _ perMinute: Double) {
        popMicrovolts *= popDecay
        if popMicrovolts < 0.01 && popMicrovolts > -0.01 { popMicrovolts = 0 }
        if random.uniform() < perMinute * seconds / 60 {
            popElectrode = random.index(below: 9)
            let height = 1000 + 3000 * random.uniform()
            popMicrovolts = random.bits() & 1 == 0 ? height : -height
        }
        potentials[popElectrode] += popMicrovolts
    }

    /// The mains are 0.4 per mille off their nominal frequency, so that no rate samples them at a standstill.
    private mutating func addMains(to potentials: inout InlineArray<9, Double>, _ noise: borrowing Noise, unbalanced: Bool) {
        mainsPhase += Heart.clamp(noise.mainsHertz, 0, 1000) * 1.0004 * seconds
        mainsPhase -= Double(Int64(mainsPhase))
        let wave = Arithmetic.sine(mainsPhase * 6.283185307179586)
        let size = noise.mainsMicrovolts + (unbalanced ? 250 : 0)
        for index in 0..<9 { potentials[index] += wave * (size * hum[index] + 420 * looseness[index]) }
    }

    /// Takes the heart's own potential, against Wilson's terminal, from the loose electrodes and forms the leads again.
    private func detachHeart(_ leads: inout InlineArray<8, Double>) {
        let rightArm = -(leads[0] + leads[1]) * (1.0 / 3) * (1 - looseness[0])
        let leftArm = (2 * leads[0] - leads[1]) * (1.0 / 3) * (1 - looseness[1])
        let leftLeg = (2 * leads[1] - leads[0]) * (1.0 / 3) * (1 - looseness[2])
        let wilson = (rightArm + leftArm + leftLeg) * (1.0 / 3)
        leads[0] = leftArm - rightArm
        leads[1] = leftLeg - rightArm
        for chest in 0..<6 { leads[2 &+ chest] = leads[2 &+ chest] * (1 - looseness[3 &+ chest]) - wilson }
    }

    /// A loose electrode drifts within 3 to 9 mV of where it was, to one side.
    private mutating func addLoose(to potentials: inout InlineArray<9, Double>) {
        let step = seconds / 2.3
        for index in 0..<9 where looseness[index] > 0 {
            let rail = 6000 + 3000 * floating[index].advance(by: step, &random)
            potentials[index] += looseness[index] * (index & 1 == 0 ? -rail : rail)
        }
    }
}
