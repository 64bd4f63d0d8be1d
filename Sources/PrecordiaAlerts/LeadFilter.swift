// The band-pass of one lead in the beat detector.

import PrecordiaSignal

/// The state of a high-pass and a low-pass section in series, transposed direct form II.
struct LeadFilter {
    private var high1 = 0.0
    private var high2 = 0.0
    private var low1 = 0.0
    private var low2 = 0.0
    /// The newest output.
    private(set) var last = 0.0

    /// Sets the state that a signal standing at `value` for ever would have left, so that a lead can join without a step.
    @_noAllocation @_noLocks
    mutating func prime(_ value: Double, _ high: Biquad) {
        high2 = high.b2 * value
        high1 = high.b1 * value + high2
        low1 = 0
        low2 = 0
        last = 0
    }

    @_noAllocation @_noLocks
    mutating func pass(_ x: Double, _ high: Biquad, _ low: Biquad) -> Double {
        let middle = high.b0 * x + high1
        high1 = flushed((high.b1 * x - high.a1 * middle) + high2)
        high2 = flushed(high.b2 * x - high.a2 * middle)
        let y = low.b0 * middle + low1
        low1 = flushed((low.b1 * middle - low.a1 * y) + low2)
        low2 = flushed(low.b2 * middle - low.a2 * y)
        last = y
        return y
    }

    /// Denormal numbers are slow, and a flat lead would decay into them.
    private func flushed(_ state: Double) -> Double { state < 1e-20 && state > -1e-20 ? 0 : state }
}
