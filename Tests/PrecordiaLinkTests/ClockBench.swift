// A device's clock, a line that delivers its blocks late, and the truth about both, for the tests of the clock tracker.
// Apart from them, because each test is one way of being wrong and this is what they share.

import Foundation
import PrecordiaLink

/// Blocks of 10 samples at 500 Hz with a clock of a million ticks a second, as they reach the host.
struct ClockBench {
    /// How much later than it could a block comes, nanoseconds.
    enum Lateness {
        case none
        case uniform(Double)
        case exponential(Double)
        /// The magnitude of a first-order autoregressive process: its standard deviation, and after how many seconds half is forgotten.
        case wandering(Double, Double)
    }

    var tracker = ClockTracker()
    /// How much faster than nominal the clock runs, and how much faster than the clock the converter does, parts in a million.
    var rateError: Double
    var converterError = 0.0
    var lateness = Lateness.none
    var session: UInt32 = 7
    var tickRate: UInt32? = 1_000_000
    var firstTicks: UInt64 = 12_345
    /// True device time since the session began and true host time, nanoseconds.
    private(set) var device = 0.0
    private(set) var host = 5e12
    private(set) var sample: UInt64 = 0
    private(set) var sequence: UInt32 = 0
    private var state: UInt64
    private var wander = 0.0

    init(_ rateError: Double, _ lateness: Lateness = .none, seed: UInt64 = 1) {
        self.rateError = rateError
        self.lateness = lateness
        state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    }

    /// xorshift64 (Marsaglia, 2003), 0 to below 1.
    private mutating func random() -> Double {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Double(state >> 11) * 0x1p-53
    }

    private mutating func late() -> Double {
        switch lateness {
        case .none: return 0
        case .uniform(let most): return random() * most
        case .exponential(let mean): return -log(1 - random()) * mean
        case .wandering(let deviation, let half):
            let memory = exp2(-0.02 / half)
            // Three uniform numbers make a variance of a quarter, their sum is near enough to a normal one.
            let normal = (random() + random() + random() - 1.5) * 2
            wander = wander * memory + normal * deviation * (1 - memory * memory).squareRoot()
            return abs(wander)
        }
    }

    var ticks: UInt64 { firstTicks &+ UInt64((device / 1e9 * Double(tickRate ?? 1)).rounded()) }

    /// Runs for so many seconds of the device; `more` is added to every block's way, and those that `lost` names do not arrive.
    mutating func run(_ seconds: Double, more: Double = 0, lost: (UInt32) -> Bool = { _ in false }) {
        for _ in 0..<Int(seconds * 50) {
            let header = BlockHeader(
                type: .data, session: session, sequence: sequence, ticks: tickRate == nil ? nil : ticks, tickRate: tickRate)
            // The last sample of the block is taken nine intervals after its first, the next block's first another one later.
            let interval = 2e6 / (1 + converterError * 1e-6)
            let arrival = host + 9 * interval / (1 + rateError * 1e-6) + late() + more
            if !lost(sequence) { tracker.observe(header, first: sample, count: 10, rate: 500, at: Int64(arrival)) }
            advance(10 * interval)
            sample += 10
            sequence &+= 1
        }
    }

    /// Lets time pass without a block, as a jump of the device's clock where `isJump`.
    mutating func advance(_ nanoseconds: Double, isJump: Bool = false) {
        device += nanoseconds
        if !isJump { host += nanoseconds / (1 + rateError * 1e-6) }
    }

    /// Lets the host's clock alone go on.
    mutating func hostAdvance(_ nanoseconds: Double) { host += nanoseconds }

    mutating func restart(session: UInt32) {
        self.session = session
        sequence = 0
        sample = 0
        device = 0
    }

    mutating func lose(_ seconds: Double) {
        advance(seconds * 1e9)
        sample += UInt64(seconds * 500)
        sequence &+= UInt32(seconds * 50)
    }

    /// How far the tracker is from the truth: the sample to come next, nanoseconds, and the rate, parts in a million.
    var timeError: Double { Double(tracker.hostTime(ofSample: sample)!) - host }
    var rateErrorError: Double { tracker.rateErrorPPM! - rateError }
    /// The same in standard uncertainties.
    var timeSigmas: Double { abs(timeError) / Double(tracker.uncertainty(ofSample: sample)!) }
    var rateSigmas: Double { abs(rateErrorError) / tracker.rateUncertaintyPPM! }
}
