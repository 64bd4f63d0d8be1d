// Integer pseudo-random numbers and the slow curves drawn from them.
// Our own so that a seed gives the same electrocardiogram, and the same bootstrap, on every machine and with every compiler.

import PrecordiaSignal

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): 64-bit state, period 2^64, any seed is good.
package struct Random {
    private var state: UInt64

    @_noAllocation @_noLocks package init(seed: UInt64) { state = seed }

    /// Sixty-four random bits.
    @inline(__always)
    @_noAllocation @_noLocks package mutating func bits() -> UInt64 {
        state = state &+ 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A number in 0..<1, a multiple of 2^-53.
    @inline(__always)
    @_noAllocation @_noLocks mutating func uniform() -> Double { Double(bits() >> 11) * 1.1102230246251565e-16 }

    /// An integer in 0..<count, count below 2^32.
    @_noAllocation @_noLocks package mutating func index(below count: Int) -> Int {
        Int(truncatingIfNeeded: ((bits() >> 32) &* UInt64(count)) >> 32)
    }

    /// A bell-shaped number of mean 0 and variance 1: the sum of four 16-bit uniforms, so never beyond 3.47.
    @inline(__always)
    @_noAllocation @_noLocks mutating func gaussian() -> Double {
        let word = bits()
        let sum = (word & 0xFFFF) &+ (word >> 16 & 0xFFFF) &+ (word >> 32 & 0xFFFF) &+ (word >> 48)
        // Each has mean 32767.5 and variance (2^32 - 1) / 12.
        return (Double(sum) - 131_070) * 2.642865318e-05
    }
}

/// A smooth random curve in -1...1: random knots joined by cubic steps. The same at every sampling rate.
struct Wander {
    private var from = 0.0
    private var to = 0.0
    private var phase = 1.0

    /// Moves on by a fraction of the distance between two knots and gives the new value.
    @inline(__always)
    @_noAllocation @_noLocks mutating func advance(by step: Double, _ random: inout Random) -> Double {
        phase += step
        if phase >= 1 {
            phase -= 1
            from = to
            to = random.uniform() * 2 - 1
        }
        return from + (to - from) * (phase * phase * (3 - 2 * phase))
    }
}
