// The device's clock against the host's: when, in the host's time, a sample was taken.
// Apart from the decoder, which has no clock; whoever reads the transport knows when bytes came, and tells both.

import PrecordiaSignal

/// Follows a device's clock by recursive least squares with exponential forgetting.
///
/// Each data block says in ticks when its last sample was taken, and was there at a moment of the host's monotonic clock. A block is never
/// early, only late: by conversion, line, buffers and a host that was busy. So of each ``interval`` only the block that was least late is used (as
/// in the clock filter of NTP, RFC 5905, section 10), and a line is fitted to those. The forgetting is by time, half in ``halfTime``, so that lost blocks
/// do not change it; the filter is that of liblsl's smoothing (time_postprocessor.cpp), which fits time stamps against their count.
///
/// What does not fit is left out and counted: further from the line than six times what line and scatter explain. Late for 10 s on end, or early for 1.5 s,
/// which no delay explains, means that the line is wrong: it begins anew and ``Counters/jumps`` counts it. A new session, another tick or sample rate, and ticks
/// that disagree with the sample index by more than 50 ms and 1 %, which the protocol forbids, begin anew at once.
///
/// The least delay of the line is part of every time that this gives, and no stream tells how long it is: times are late by it, 1 ms and less on USB, a
/// block's length on a serial line. ``uncertainty(ofTicks:)`` does not have it.
///
/// Delays that wander, as those of a host that is busy for a while do, tell less than as many that know nothing of each other: all variances of the line are
/// ``spread`` times those of independent points.
///
/// Converged: with 20 ms blocks that are up to 1 ms late, the rate error is known to 1.5 ppm after a minute, to 0.2 ppm after five. A change of the rate is
/// followed by half in 150 s; meanwhile the mean of the last seconds' deviations is part of the uncertainties.
///
/// - Memory: about 380 bytes, no more ever. Thread: one at a time. Cost: about 20 ns a block, 60 ns twice a second. The same observations give the same bits.
package struct ClockTracker {
    /// What the device's time is read from.
    package enum Source: UInt8, Sendable {
        /// Nothing was observed yet.
        case none = 0
        /// The clock that the device reports.
        case ticks = 1
        /// The sample index at the nominal rate, because the device reports no clock.
        case sampleIndex = 2
    }

    /// What was observed since init.
    package struct Counters: Equatable, Sendable {
        /// Data blocks.
        package var observations: UInt64 = 0
        /// The least late ones of an interval that the line was fitted to, and those that were left out.
        package var used: UInt64 = 0
        package var outliers: UInt64 = 0
        /// Begun anew for another session, another tick rate, or ticks that jumped against the sample index.
        package var resets: UInt64 = 0
        /// Begun anew because the two clocks moved against each other.
        package var jumps: UInt64 = 0
    }

    /// Seconds of device time of which one block is used.
    package static var interval: Double { @_noAllocation @_noLocks get { 0.5 } }
    /// Seconds after which an observation counts half.
    package static var halfTime: Double { @_noAllocation @_noLocks get { 60 } }

    package private(set) var source = Source.none
    package private(set) var counters = Counters()

    /// A data block, in one time scale: seconds of device time after the anchor, how much later it came than that.
    struct Point {
        var ticks: UInt64
        var sample: UInt64
        var host: Int64
        var x: Double
        var y: Double
    }

    /// The host's time against the device's clock, and the device's clock against the sample index.
    var line = ClockLine()
    var sampling = ClockLine()
    /// Where both lines have their origin. Without a clock, ticks are sample indexes.
    var anchor = Point(ticks: 0, sample: 0, host: 0, x: 0, y: 0)
    /// Ticks and samples a second.
    var tickRate = 1.0
    var rate = 1.0
    /// Mean of the last points' distances from the line before they were added, nanoseconds.
    var drift = 0.0
    /// Forgetting sums of the squares of those distances, and of the products of each with the one before, square nanoseconds.
    var squares = 0.0
    var products = 0.0

    private var session: UInt32 = 0
    private var sequence: UInt32 = 0
    private var last = Point(ticks: 0, sample: 0, host: 0, x: 0, y: 0)
    /// The device's clock when the interval began, and its least late block.
    private var begin: UInt64 = 0
    private var best = Point(ticks: 0, sample: 0, host: 0, x: 0, y: 0)
    /// By how much two points of a beginning may differ, nanoseconds; doubled with each that differs more, so that every line is taken in the end.
    private var tolerance = 1e6
    private var distance = 0.0
    private var lateRun = 0
    private var earlyRun = 0

    @_noAllocation @_noLocks
    package init() {}

    /// Observes the data block that the decoder has open; call it with each ``LinkMessage/frame``, the first of a block counts.
    ///
    /// - Parameter monotonic: when the bytes that ended the block were there, nanoseconds of the host's monotonic clock.
    @_noAllocation @_noLocks
    package mutating func observe(_ decoder: borrowing LinkDecoder, at monotonic: Int64) {
        guard let block = decoder.block, let configuration = decoder.configuration else { return }
        observe(decoder.header, first: block.first, count: block.count, rate: configuration.rate, at: monotonic)
    }

    /// Observes a data block: its header, the index of its first sample, how many it has, and at how many a second. The same block again is nothing.
    @_noAllocation @_noLocks
    package mutating func observe(_ header: BlockHeader, first: UInt64, count: Int, rate: Int, at monotonic: Int64) {
        guard count > 0, rate > 0 else { return }
        let isNew = source == .none
        if !isNew, header.session == session, header.sequence == sequence { return }
        counters.observations &+= 1
        // The moment of the last sample: no block ends before it.
        let sample = first &+ UInt64(truncatingIfNeeded: count &- 1)
        var ticks = sample
        var tickRate = Double(rate)
        var source = Source.sampleIndex
        if let start = header.ticks, let perSecond = header.tickRate, perSecond > 0 {
            source = .ticks
            tickRate = Double(perSecond)
            ticks = start &+ UInt64(Double(count &- 1) / Double(rate) * tickRate + 0.5)
        }
        let isOther = header.session != session || source != self.source || tickRate != self.tickRate || Double(rate) != self.rate
        session = header.session
        sequence = header.sequence
        self.source = source
        self.tickRate = tickRate
        self.rate = Double(rate)
        if isNew || isOther || jumps(to: ticks, sample) {
            if !isNew { counters.resets &+= 1 }
            restart(ticks, sample, monotonic)
            return
        }
        let x = seconds(since: anchor.ticks, ticks)
        let y = Double(monotonic &- anchor.host) - x * 1e9
        let point = Point(ticks: ticks, sample: sample, host: monotonic, x: x, y: y)
        last = point
        if seconds(since: begin, ticks) >= Self.interval {
            let least = best
            take(least)
            let moved = seconds(since: anchor.ticks, ticks)
            let again = Point(
                ticks: ticks, sample: sample, host: monotonic, x: moved, y: Double(monotonic &- anchor.host) - moved * 1e9)
            begin = ticks
            best = again
        } else if y - line.slope * x < best.y - line.slope * best.x {
            best = point
        }
    }

    /// Seconds from one reading of the device's clock to another, which may have wrapped or lie before it.
    @_noAllocation @_noLocks
    func seconds(since ticks: UInt64, _ other: UInt64) -> Double { Double(Int64(bitPattern: other &- ticks)) / tickRate }

    /// Whether the clock says something else than the sample index about the time since the last block.
    @_noAllocation @_noLocks
    private func jumps(to ticks: UInt64, _ sample: UInt64) -> Bool {
        guard sample > last.sample else { return true }
        let nominal = Double(sample &- last.sample) / rate
        let passed = seconds(since: last.ticks, ticks)
        // Ten days without a block are a new beginning too.
        guard nominal < 1e6 else { return true }
        let wrong = passed > nominal ? passed - nominal : nominal - passed
        return wrong > 0.05 + 0.01 * nominal
    }

    /// Forgets everything and begins with a block.
    @_noAllocation @_noLocks
    private mutating func restart(_ ticks: UInt64, _ sample: UInt64, _ host: Int64) {
        line = ClockLine()
        sampling = ClockLine()
        drift = 0
        squares = 0
        products = 0
        distance = 0
        tolerance = 1e6
        lateRun = 0
        earlyRun = 0
        begin = ticks
        anchor = Point(ticks: ticks, sample: sample, host: host, x: 0, y: 0)
        last = anchor
        best = anchor
    }

    /// Fits the line to an interval's least late block, unless it is too far from it.
    @_noAllocation @_noLocks
    private mutating func take(_ point: Point) {
        let isBeginning = line.count < 8
        let distance = isBeginning ? point.y : point.y - line.value(point.x)
        let limit = isBeginning ? beginningLimit(point.x) : self.limit(point.x)
        if isBeginning, distance < -limit {
            // It came sooner than any rate explains: what came before had stood in a buffer.
            counters.outliers &+= line.count
            tolerance *= 2
            line = ClockLine()
            sampling = ClockLine()
        } else if distance > limit || distance < -limit {
            counters.outliers &+= 1
            lateRun = distance > 0 ? lateRun &+ 1 : 0
            earlyRun = distance > 0 ? 0 : earlyRun &+ 1
            guard lateRun >= 20 || earlyRun >= 3 else { return }
            counters.jumps &+= 1
            restart(last.ticks, last.sample, last.host)
            return
        }
        lateRun = 0
        earlyRun = 0
        counters.used &+= 1
        // A pause forgets no more than half: the rate that was known is still the best guess after it.
        let age = point.x < Self.halfTime ? point.x : Self.halfTime
        let memory = Arithmetic.exponential(-0.6931471805599453 * (age > 0 ? age : 0) / Self.halfTime)
        if !isBeginning {
            drift += (distance - drift) * 0.0625
            squares = squares * memory + distance * distance
            products = products * memory + distance * self.distance
            self.distance = distance
        }
        let nominal = Double(Int64(bitPattern: point.sample &- anchor.sample)) / rate
        let lag = (point.x - nominal) * 1e9
        line.add(point.x, point.y, memory: memory)
        sampling.add(nominal, lag, memory: memory)
        line.move(to: point.x, point.y)
        sampling.move(to: nominal, lag)
        anchor = Point(ticks: point.ticks, sample: point.sample, host: point.host, x: 0, y: 0)
    }

    /// How far from the line a point x seconds after the last one may lie: six times what is known of both, nanoseconds.
    @_noAllocation @_noLocks
    private func limit(_ x: Double) -> Double { 6 * Arithmetic.squareRoot(line.scatter + line.variance(x) * spread + drift * drift) }

    /// How far from the last point it may lie while there is no line yet: what five times the slope's prior explains, and the tolerance.
    @_noAllocation @_noLocks
    private func beginningLimit(_ x: Double) -> Double { line.count == 0 ? .infinity : tolerance + 5 * ClockLine.slopePrior * x }
}
