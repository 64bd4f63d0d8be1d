// A straight line through points that come one after the other and are forgotten by and by: recursive least squares.
// Apart from the tracker, which knows what the points mean; here are only the sums.

import PrecordiaSignal

/// A weighted least-squares line y(x) with exponential forgetting, x in seconds, y in nanoseconds.
///
/// The sums are kept about their own means (West, Comm. ACM 22 (1979) 532), and both axes are moved along with the stream, so that no number
/// grows and nothing cancels, however long it runs. Two priors make it whole from the first point on: the slope is 0 ± ``slopePrior``, and
/// the scatter is that of ``scatterWeight`` points of ``scatterPrior``.
///
/// - Memory: 7 numbers. Cost: some 20 operations a point.
struct ClockLine {
    /// Nanoseconds a second, a thousand parts in a million: no crystal is so bad, most ceramic resonators are better.
    static var slopePrior: Double { @_noAllocation @_noLocks get { 1e6 } }
    /// Nanoseconds.
    static var scatterPrior: Double { @_noAllocation @_noLocks get { 1e5 } }
    static var scatterWeight: Double { @_noAllocation @_noLocks get { 4 } }

    private var weight = 0.0
    private var meanX = 0.0
    private var meanY = 0.0
    private var xx = 0.0
    private var xy = 0.0
    private var yy = 0.0
    /// Points that it was made of.
    private(set) var count: UInt64 = 0

    @_noAllocation @_noLocks
    init() {}

    /// Takes a point. What was there before counts `memory` times as much, above 0 and at most 1.
    @_noAllocation @_noLocks
    mutating func add(_ x: Double, _ y: Double, memory: Double) {
        weight *= memory
        xx *= memory
        xy *= memory
        yy *= memory
        let total = weight + 1
        let dx = x - meanX
        let dy = y - meanY
        let share = weight / total
        xx += dx * dx * share
        xy += dx * dy * share
        yy += dy * dy * share
        meanX += dx / total
        meanY += dy / total
        weight = total
        count &+= 1
    }

    /// Makes the point x, y the origin.
    @_noAllocation @_noLocks
    mutating func move(to x: Double, _ y: Double) {
        meanX -= x
        meanY -= y
    }

    /// Nanoseconds a second.
    var slope: Double { @_noAllocation @_noLocks get { xy / (xx + ridge) } }

    /// The line's height at x.
    @_noAllocation @_noLocks
    func value(_ x: Double) -> Double { meanY + slope * (x - meanX) }

    /// Variance of a point about the line, square nanoseconds.
    var scatter: Double {
        @_noAllocation @_noLocks get {
            let slope = slope
            let rest = yy - slope * (2 * xy - slope * xx)
            let freedom = weight > 2 ? weight - 2 : 0
            let prior = Self.scatterWeight * Self.scatterPrior * Self.scatterPrior
            return ((rest > 0 ? rest : 0) + prior) / (freedom + Self.scatterWeight)
        }
    }

    /// Variance of the slope and of the line's height at x. Weights enter as numbers of points do, which is on the safe side.
    var slopeVariance: Double { @_noAllocation @_noLocks get { scatter / (xx + ridge) } }
    @_noAllocation @_noLocks
    func variance(_ x: Double) -> Double { weight > 0 ? scatter / weight + slopeVariance * (x - meanX) * (x - meanX) : .infinity }

    /// What the slope's prior adds to ``xx``.
    private var ridge: Double {
        @_noAllocation @_noLocks get {
            let steepness = Self.scatterPrior / Self.slopePrior
            return steepness * steepness
        }
    }
}
