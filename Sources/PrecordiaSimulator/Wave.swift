// Gaussian waves of the heart dipole and the list of those under way.
// Every deflection is a scheduled event of its own, so that atria and ventricles can keep different time.

import PrecordiaSignal

/// The heart's electrical dipole, microvolts: x to the left, y to the feet, z to the back (Frank's axes).
struct Dipole {
    var x = 0.0
    var y = 0.0
    var z = 0.0

    @_noAllocation @_noLocks init() {}
}

/// One Gaussian deflection of the dipole, as in McSharry et al. 2003 and Sameni et al. 2007.
struct Wave {
    /// Time of the peak after the reference point of its complex, seconds.
    var centre = 0.0
    /// Standard deviation, seconds.
    var width = 1.0
    /// Dipole at the peak, microvolts.
    var x = 0.0
    var y = 0.0
    var z = 0.0

    @_noAllocation @_noLocks init() {}

    /// Times in milliseconds, as the tables of `Morphology.swift` hold them.
    @_noAllocation @_noLocks init(at centre: Double, width: Double, _ x: Double, _ y: Double, _ z: Double) {
        self.centre = centre * 0.001
        self.width = width * 0.001
        self.x = x
        self.y = y
        self.z = z
    }
}

/// The waves that are scheduled or running. Fixed room for 96; about 45 are the most that any rhythm needs at 300 a minute.
struct ActiveWaves {
    private var waves = InlineArray<96, Wave>(repeating: Wave())
    private(set) var count = 0
    /// Waves that found no room. Always 0; a test says so.
    private(set) var dropped = 0

    /// Schedules a wave relative to `reference` seconds, stretched in time and scaled in size.
    @_noAllocation @_noLocks mutating func add(_ wave: Wave, reference: Double, stretch: Double = 1, gain: Double = 1) {
        guard count < waves.count else {
            dropped &+= 1
            return
        }
        var placed = wave
        placed.centre = reference + wave.centre * stretch
        placed.width = 1 / (wave.width * stretch)
        placed.x = wave.x * gain
        placed.y = wave.y * gain
        placed.z = wave.z * gain
        waves[count] = placed
        count &+= 1
    }

    /// Sum of all waves at `time` seconds. A wave lasts five standard deviations to either side (below 4e-6 of its peak).
    @inline(__always)
    @_noAllocation @_noLocks mutating func sum(at time: Double) -> Dipole {
        var total = Dipole()
        var index = 0
        while index < count {
            let u = (time - waves[index].centre) * waves[index].width
            if u > 5 {
                count &-= 1
                waves[index] = waves[count]
                continue
            }
            if u > -5 {
                let e = Arithmetic.exponential(-0.5 * (u * u))
                total.x += waves[index].x * e
                total.y += waves[index].y * e
                total.z += waves[index].z * e
            }
            index &+= 1
        }
        return total
    }
}
