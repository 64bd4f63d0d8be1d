// Several things timed in turn, so that whatever else the machine does falls on all of them alike.
// Separate because it knows nothing of what is timed.

/// One thing that is timed: the median over rounds of its mean time in a round.
///
/// - Thread: one at a time.
final class Timing {
    private let body: () -> Void
    private var repetitions = 1
    private(set) var rounds: [Double] = []

    /// A round lasts about as long as this, or one run if that is longer: long enough that neither reading the clock
    /// nor what the thing timed before left in the caches counts.
    static let roundNanoseconds: Int64 = 2_000_000

    init(_ body: @escaping () -> Void) { self.body = body }

    /// Microseconds of one run, the median over rounds; not a number before the first.
    var microseconds: Double { Self.median(rounds) }

    /// The middle of several values, of an even number the upper one; not a number of none.
    static func median(_ values: [Double]) -> Double { values.isEmpty ? .nan : values.sorted()[values.count / 2] }

    /// Finds how often the body must run in a round. The first run only warms up.
    func calibrate() {
        body()
        var took = run()
        while took < Self.roundNanoseconds / 2 && repetitions < 1 << 24 {
            repetitions *= 2
            took = run()
        }
    }

    func round() { rounds.append(Double(run()) / Double(repetitions) / 1e3) }

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
