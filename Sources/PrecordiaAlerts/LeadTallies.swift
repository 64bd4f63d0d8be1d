// What the quality gate counts of each lead within a second, and the two runs that go on across seconds.

import CPrecordiaKernels
import PrecordiaSignal

/// The running figures of all leads, in rows of twelve as the kernel wants them.
struct LeadTallies {
    private let rows: UnsafeMutablePointer<Double>
    private let kernel: SignalKernel
    private let limits: precordia_tally_limits

    /// The bytes that the rows need, aligned to 8.
    static var requiredBytes: Int { Int(PRECORDIA_TALLIES.rawValue) * 12 * MemoryLayout<Double>.stride }

    init(memory: UnsafeMutableRawPointer, rate: Int, limits: QualityLimits, kernel: SignalKernel) {
        rows = memory.bindMemory(to: Double.self, capacity: Self.requiredBytes / MemoryLayout<Double>.stride)
        self.kernel = kernel
        self.limits = precordia_tally_limits(
            busy_difference: limits.busyDifference, flat_range: limits.flatRange, flat_samples: Double(limits.flatTime * rate / 1000))
        reset()
    }

    @_noAllocation @_noLocks
    func reset() {
        for place in 0..<(Int(PRECORDIA_TALLIES.rawValue) &* 12) { rows[place] = 0 }
    }

    /// Takes one sample of the leads in `present`, in microvolts; the others were missing, which breaks their flat run.
    ///
    /// - Parameters:
    ///   - old: the samples 10 ms ago. `oldest`: those 20 ms ago, which the new ones replace. x[n] - 2 x[n - 10 ms] + x[n - 20 ms] leaves of
    ///     an electrocardiogram QRS, and of noise everything above 20 Hz.
    ///   - hasPast: whether there are 20 ms of samples.
    /// - Returns: the leads that stand still.
    @_noAllocation @_noLocks
    func add(
        _ microvolts: UnsafePointer<Double>, old: UnsafePointer<Double>, oldest: UnsafeMutablePointer<Double>, hasPast: Bool,
        present: UInt16
    ) -> UInt16 {
        var limits = limits
        return UInt16(
            truncatingIfNeeded: precordia_tally_add(kernel.table, rows, microvolts, old, oldest, hasPast, UInt32(present), &limits))
    }

    private subscript(row: precordia_tally, lead: Int) -> Double {
        @_noAllocation @_noLocks get { rows[Int(row.rawValue) &* 12 &+ lead] }
    }

    /// Peak to peak of the lead's second, in microvolts.
    @_noAllocation @_noLocks
    func swing(_ lead: Int) -> Double { self[PRECORDIA_HIGHEST, lead] - self[PRECORDIA_LOWEST, lead] }

    /// Whether the second has a stay of at least `samples` at its highest or lowest value, and that value at least `height`
    /// microvolts from the second's mean. The distance tells a limit from the line between two beats, which also stands still.
    @_noAllocation @_noLocks
    func isClipped(_ lead: Int, samples run: Double, height: Double) -> Bool {
        let samples = self[PRECORDIA_SAMPLES, lead]
        guard samples > 0 else { return false }
        let mean = self[PRECORDIA_SUM, lead] / samples
        return (self[PRECORDIA_LONGEST_HIGH, lead] >= run && self[PRECORDIA_HIGHEST, lead] - mean >= height)
            || (self[PRECORDIA_LONGEST_LOW, lead] >= run && mean - self[PRECORDIA_LOWEST, lead] >= height)
    }

    /// The part of the second's samples that are busy, 0 to 1.
    @_noAllocation @_noLocks
    func busyPart(_ lead: Int) -> Double {
        let samples = self[PRECORDIA_SAMPLES, lead]
        return samples == 0 ? 0 : self[PRECORDIA_BUSY, lead] / samples
    }

    /// Begins a second; runs go on.
    @_noAllocation @_noLocks
    func nextSecond() {
        for lead in 0..<12 {
            rows[Int(PRECORDIA_SAMPLES.rawValue) &* 12 &+ lead] = 0
            rows[Int(PRECORDIA_SUM.rawValue) &* 12 &+ lead] = 0
            rows[Int(PRECORDIA_BUSY.rawValue) &* 12 &+ lead] = 0
        }
    }
}

/// The faults of one second, as bits of leads.
struct QualitySecond {
    var off: UInt16 = 0
    var flat: UInt16 = 0
    var clipped: UInt16 = 0
    var gap: UInt16 = 0
    var noisy: UInt16 = 0
    var outOfRange: UInt16 = 0

    @_noAllocation @_noLocks
    init() {}

    @_noAllocation @_noLocks
    mutating func unite(_ other: QualitySecond) {
        off |= other.off
        flat |= other.flat
        clipped |= other.clipped
        gap |= other.gap
        noisy |= other.noisy
        outOfRange |= other.outOfRange
    }
}
