// What the tracker knows: times, the clock's rate, and how sure of them one may be.
// Apart from the following of the clock, because none of it changes anything.

import PrecordiaSignal

extension ClockTracker {
    /// The host's monotonic time of a reading of the device's clock, nanoseconds; nil before the first block, without a clock, and further
    /// than 10^6 s from the last block.
    @_noAllocation @_noLocks
    package func hostTime(ofTicks ticks: UInt64) -> Int64? { source == .ticks ? hostTime(seconds(since: anchor.ticks, ticks)) : nil }

    /// The host's monotonic time at which a sample of the last block's session was taken, nanoseconds; nil before the first block, and
    /// further than 10^6 s from the last one.
    ///
    /// By way of the clock: a second line, of ticks against sample indexes, follows how fast the converter really runs, because its clock need not
    /// be the one that is reported. Where it is, that line lies at 0 and the blocks' own ticks decide.
    @_noAllocation @_noLocks
    package func hostTime(ofSample sample: UInt64) -> Int64? {
        guard source != .none else { return nil }
        return hostTime(deviceTime(of: sample))
    }

    /// Standard uncertainty of ``hostTime(ofTicks:)`` in nanoseconds: the line's own, the scatter of its points, because they lie on one side
    /// of the truth, and the mean deviation of the last seconds. The least delay of the transport is not in it. Before the eighth interval
    /// it is 10 ms at least: what comes first may have stood in a buffer.
    @_noAllocation @_noLocks
    package func uncertainty(ofTicks ticks: UInt64) -> Int64? {
        source == .ticks ? uncertainty(seconds(since: anchor.ticks, ticks)) : nil
    }

    /// The same of ``hostTime(ofSample:)``.
    @_noAllocation @_noLocks
    package func uncertainty(ofSample sample: UInt64) -> Int64? {
        guard source != .none else { return nil }
        let nominal = Double(Int64(bitPattern: sample &- anchor.sample)) / rate
        return uncertainty(deviceTime(of: sample), more: source == .ticks && sampling.count > 0 ? sampling.variance(nominal) : 0)
    }

    /// Standard uncertainty of the last block's time, nanoseconds; nil before the first.
    package var offsetUncertainty: Int64? { @_noAllocation @_noLocks get { source == .none ? nil : uncertainty(0) } }

    /// How much faster than its nominal rate the device's clock runs by the host's, parts in a million; nil before the first interval is over.
    package var rateErrorPPM: Double? { @_noAllocation @_noLocks get { line.count == 0 ? nil : Self.error(line.slope) } }

    /// Standard uncertainty of ``rateErrorPPM``, parts in a million.
    package var rateUncertaintyPPM: Double? {
        @_noAllocation @_noLocks get {
            guard line.count > 0 else { return nil }
            // A drift that the line has not followed yet changed its height over about a half-time.
            let unfollowed = drift / Self.halfTime
            return Arithmetic.squareRoot(line.slopeVariance * spread + unfollowed * unfollowed) / 1000
        }
    }

    /// How many samples more than the nominal rate come by the host's clock, parts in a million.
    package var sampleRateErrorPPM: Double? {
        @_noAllocation @_noLocks get {
            guard line.count > 0 else { return nil }
            guard source == .ticks else { return rateErrorPPM }
            return Self.error(line.slope + sampling.slope + line.slope * sampling.slope * 1e-9)
        }
    }

    /// By how much neighbouring distances' correlation r makes the line's variance larger than independent points would: (1 + r) / (1 - r), 1 to 39, as
    /// for a first-order autoregressive process (Bartlett, J. R. Stat. Soc. 98 (1935) 536). The scatter's prior is without correlation.
    var spread: Double {
        @_noAllocation @_noLocks get {
            let r = products / (squares + ClockLine.scatterWeight * ClockLine.scatterPrior * ClockLine.scatterPrior)
            let bounded = r > 0 ? (r < 0.95 ? r : 0.95) : 0
            return (1 + bounded) / (1 - bounded)
        }
    }

    /// A slope in nanoseconds a second of the host's time over the device's, as the device's rate error.
    @_noAllocation @_noLocks
    private static func error(_ slope: Double) -> Double { -slope / (1 + slope * 1e-9) / 1000 }

    /// Seconds of device time after the anchor at which a sample was taken.
    @_noAllocation @_noLocks
    private func deviceTime(of sample: UInt64) -> Double {
        let nominal = Double(Int64(bitPattern: sample &- anchor.sample)) / rate
        return source == .ticks ? nominal + sampling.value(nominal) * 1e-9 : nominal
    }

    @_noAllocation @_noLocks
    private func hostTime(_ x: Double) -> Int64? {
        guard x > -1e6, x < 1e6 else { return nil }
        let passed = x * 1e9 + line.value(x)
        // Beyond 2^51 ns the line has been fitted to times that are none.
        guard passed > -2e15, passed < 2e15 else { return nil }
        return anchor.host &+ Int64(Arithmetic.roundedToEven(passed))
    }

    @_noAllocation @_noLocks
    private func uncertainty(_ x: Double, more: Double = 0) -> Int64? {
        guard x > -1e6, x < 1e6 else { return nil }
        let start = line.count < 8 ? 1e7 : 0
        guard line.count > 0 else { return Int64(start) }
        let variance = line.variance(x) * spread + line.scatter + drift * drift + more + start * start
        let bound = 1e15
        let sigma = Arithmetic.squareRoot(variance)
        return Int64(sigma < bound ? sigma : bound)
    }
}
