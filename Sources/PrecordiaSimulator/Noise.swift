// What spoils the signal between the heart and the converter.
// Kept apart from the rhythms: any disturbance goes with any rhythm, and both can change while the stream runs.

package import PrecordiaSignal

/// Disturbances of the simulated recording. All zero is a clean signal.
///
/// They act on the electrodes, not on the leads, as in a patient: a limb electrode disturbs every lead that it is part of, and
/// Einthoven's law holds in the noise too.
package struct Noise: Sendable, Equatable {
    /// Slow drift of each electrode by breathing and movement, microvolts, about its largest excursion.
    package var baselineMicrovolts: Double = 0
    /// Amplitude of the mains hum in lead I, microvolts. Other leads have more or less of it.
    package var mainsMicrovolts: Double = 0
    /// Frequency of the mains, hertz: 50 or 60.
    package var mainsHertz: Double = 50
    /// Muscle noise of a limb lead, microvolts root mean square (a chest lead has 0.82 of it), white up to half the rate.
    package var muscleMicrovolts: Double = 0
    /// Electrode pops a minute: a step of 1 to 4 mV on one electrode that dies away in about a third of a second.
    package var popsPerMinute: Double = 0
    /// Where the converter clips, microvolts, at most ``Simulator/limitMicrovolts``. Clipped leads are marked in the frame.
    package var saturationMicrovolts: Double = Simulator.limitMicrovolts
    /// Electrodes that have come off: their leads drift far away and hum, and the frame names them.
    package var electrodesOff = ElectrodeSet.empty

    @_noAllocation @_noLocks package init() {}

    /// No disturbance at all.
    package static var none: Noise { @_noAllocation @_noLocks get { Noise() } }

    /// A calm patient and a good contact: 60 uV of drift, 5 uV of muscle noise, 4 uV of hum.
    package static var resting: Noise {
        @_noAllocation @_noLocks get {
            var noise = Noise()
            noise.baselineMicrovolts = 60
            noise.mainsMicrovolts = 4
            noise.muscleMicrovolts = 5
            return noise
        }
    }

    /// A patient who shivers and moves: 400 uV of drift, 35 uV of muscle noise, 40 uV of hum, 6 pops a minute.
    package static var ambulance: Noise {
        @_noAllocation @_noLocks get {
            var noise = Noise()
            noise.baselineMicrovolts = 400
            noise.mainsMicrovolts = 40
            noise.muscleMicrovolts = 35
            noise.popsPerMinute = 6
            return noise
        }
    }
}
