// Several things timed in turn, so that whatever else the machine does falls on all of them alike.
// Separate because it knows nothing of what is timed.

import PrecordiaHost

/// One thing that is timed: many samples in each of many rounds.
///
/// - Thread: one at a time.
final class Timing {
    private let body: () -> Void
    private var repetitions = 1
    private var samples: [Double] = []

    /// A sample lasts at least this long: enough that reading the clock does not count, short enough that another process seldom cuts in.
    static let sampleNanoseconds: Int64 = 20_000
    /// A round lasts at least this long: enough that what was timed before leaves no trace in the caches of most samples.
    static let roundNanoseconds: Int64 = 2_000_000

    init(_ body: @escaping () -> Void) { self.body = body }

    /// Microseconds of one run, the median over all samples; not a number before the first.
    var microseconds: Double { Self.median(samples) }
    /// Microseconds of one run at its fastest, what the machine can do when nobody disturbs it; not a number before the first.
    var fastest: Double { samples.min() ?? .nan }

    /// The middle of several values, of an even number the upper one; not a number of none.
    static func median(_ values: [Double]) -> Double { values.isEmpty ? .nan : values.sorted()[values.count / 2] }

    /// Finds how often the body must run in a sample. The first run only warms up.
    func calibrate() {
        body()
        while run() < Self.sampleNanoseconds && repetitions < 1 << 24 { repetitions *= 2 }
    }

    func round() {
        var total: Int64 = 0
        while total < Self.roundNanoseconds {
            let took = run()
            samples.append(Double(took) / Double(repetitions) / 1e3)
            total += took
        }
    }

    private func run() -> Int64 {
        let start = Monotonic.now()
        for _ in 0..<repetitions { body() }
        return Monotonic.now() - start
    }

    /// Times all in turn until `seconds` have passed, each in at least `least` rounds. Ends early, with fewer, if ``Interrupt`` is requested.
    ///
    /// - Returns: the rounds.
    static func run(_ timings: [Timing], seconds: Double, least: Int = 5) -> Int {
        for timing in timings where !Interrupt.isRequested { timing.calibrate() }
        let end = Monotonic.now() + Int64(seconds * 1e9)
        var rounds = 0
        while !Interrupt.isRequested && (rounds < least || Monotonic.now() < end) {
            for timing in timings { timing.round() }
            rounds += 1
        }
        return rounds
    }
}
