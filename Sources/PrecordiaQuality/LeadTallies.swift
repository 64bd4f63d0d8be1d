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
            busy_difference: limits.busyDifference, restless_difference: limits.restlessDifference,
            jump: limits.jumpHeight + limits.jumpSlope * 1000 / Double(rate), flat_range: limits.flatRange,
            flat_samples: Double(limits.flatTime * rate / 1000))
        reset()
    }

    @_noAllocation @_noLocks
    func reset() {
        for place in 0..<(Int(PRECORDIA_TALLIES.rawValue) &* 12) { rows[place] = 0 }
    }

    /// Takes one sample of the leads in `present`, in microvolts; the others were missing, which breaks their flat run.
    ///
    /// - Parameters:
    ///   - humless: the samples without the mains.
    ///   - old: the humless samples 10 ms ago. `oldest`: those 20 ms ago, which the new ones replace. x[n] - 2 x[n - 10 ms] + x[n - 20 ms] leaves
    ///     of an electrocardiogram QRS, and of noise everything above 20 Hz.
    ///   - hasPast: whether there are 20 ms of samples.
    /// - Returns: the leads that stand still.
    @_noAllocation @_noLocks
    func add(
        _ microvolts: UnsafePointer<Double>, humless: UnsafePointer<Double>, old: UnsafePointer<Double>,
        oldest: UnsafeMutablePointer<Double>, hasPast: Bool, present: UInt16
    ) -> UInt16 {
        var limits = limits
        return UInt16(
            truncatingIfNeeded: precordia_tally_add(
                kernel.table, rows, microvolts, humless, old, oldest, hasPast, UInt32(present), &limits))
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
    func busyPart(_ lead: Int) -> Double { mean(PRECORDIA_BUSY, lead) }

    /// The part of the second's samples that are restless, 0 to 1.
    @_noAllocation @_noLocks
    func restlessPart(_ lead: Int) -> Double { mean(PRECORDIA_RESTLESS, lead) }

    /// The amplitude of the mains in the lead's second, microvolts: a sine's mean magnitude is 2 / pi of it.
    @_noAllocation @_noLocks
    func mains(_ lead: Int) -> Double { mean(PRECORDIA_MAINS, lead) * 1.5707963267948966 }

    /// Whether a sample of the second lies a jump from the one before it.
    @_noAllocation @_noLocks
    func hasJump(_ lead: Int) -> Bool { self[PRECORDIA_JUMPS, lead] > 0 }

    /// The mean of the lead's second in microvolts, or nil if it has no sample.
    @_noAllocation @_noLocks
    func level(_ lead: Int) -> Double? { self[PRECORDIA_SAMPLES, lead] > 0 ? mean(PRECORDIA_SUM, lead) : nil }

    private func mean(_ row: precordia_tally, _ lead: Int) -> Double {
        let samples = self[PRECORDIA_SAMPLES, lead]
        return samples == 0 ? 0 : self[row, lead] / samples
    }

    /// Begins a second; runs go on.
    @_noAllocation @_noLocks
    func nextSecond() {
        for lead in 0..<12 {
            rows[Int(PRECORDIA_SAMPLES.rawValue) &* 12 &+ lead] = 0
            rows[Int(PRECORDIA_SUM.rawValue) &* 12 &+ lead] = 0
            rows[Int(PRECORDIA_BUSY.rawValue) &* 12 &+ lead] = 0
            rows[Int(PRECORDIA_RESTLESS.rawValue) &* 12 &+ lead] = 0
            rows[Int(PRECORDIA_MAINS.rawValue) &* 12 &+ lead] = 0
            rows[Int(PRECORDIA_JUMPS.rawValue) &* 12 &+ lead] = 0
        }
    }
}
