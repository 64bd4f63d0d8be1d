// A beat train of triangles and bumps in twelve leads, with exact beat times.
// Much simpler than the simulator, so that a test can say what it expects.

import PrecordiaSignal

/// A train of beats at given times. Amplitudes in microvolts, times in seconds.
package struct SyntheticHeart {
    package var times: [Double]
    package var qrs = 1000.0
    package var qrsWidth = 0.09
    package var wave = 0.0
    package var waveDelay = 0.25
    package var waveWidth = 0.18
    /// The part of each lead, in lead order.
    package var parts = [0.6, 1.0, 0.4, -0.8, 0.1, 0.7, -0.5, -0.8, 0.3, 1.2, 1.1, 0.9]

    package init(times: [Double], qrs: Double = 1000, wave: Double = 0) {
        self.times = times
        self.qrs = qrs
        self.wave = wave
    }

    /// Beats at a steady rate from 0.4 s on.
    package static func steady(_ beatsPerMinute: Double, seconds: Double, qrs: Double = 1000) -> SyntheticHeart {
        var times: [Double] = []
        while 0.4 + Double(times.count) * 60 / beatsPerMinute < seconds { times.append(0.4 + Double(times.count) * 60 / beatsPerMinute) }
        return SyntheticHeart(times: times, qrs: qrs)
    }

    /// The value at `time` in a lead with the part 1.
    package func value(_ time: Double) -> Double {
        var sum = 0.0
        for beat in times where time > beat - 0.2 && time < beat + 0.7 {
            let distance = abs(time - beat) / (qrsWidth / 2)
            if distance < 1 { sum += qrs * (1 - distance) }
            let inWave = abs(time - beat - waveDelay) / (waveWidth / 2)
            if inWave < 1 { sum += wave * (1 - inWave * inWave) * (1 - inWave * inWave) }
        }
        return sum
    }
}

/// A small generator of the same numbers everywhere (SplitMix64).
package struct SplitMix {
    package var state: UInt64

    package init(state: UInt64) { self.state = state }

    /// Uniform between -1 and 1.
    package mutating func next() -> Double {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Double((z ^ (z >> 31)) >> 11) / 4_503_599_627_370_496 - 1
    }
}
