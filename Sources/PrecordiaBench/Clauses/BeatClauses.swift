// What monitors are tested with at a bench, as a table of clauses: required, measured, held or not.
// Requirements as manufacturers disclose them (IEC 60601-2-27, ANSI/AAMI EC13); designed toward, claimed by nobody.

package import PrecordiaHost
package import PrecordiaSession
import PrecordiaSimulator

/// One line of the table.
package struct BeatClause: Sendable {
    package let name: String
    package let required: String
    package let measured: String
    package let isHeld: Bool

    init(_ name: String, _ required: String, _ measured: String, _ isHeld: Bool) {
        (self.name, self.required, self.measured, self.isHeld) = (name, required, measured, isHeld)
    }
}

/// Plays the signals of ``TestSignal`` and of the simulator and measures.
package enum BeatClauses {
    /// Rates at which each clause is measured; the table shows the worst.
    static let rates = [100, 250, 360, 500, 1000, 2000]

    /// All clauses, in the table's order. Some seconds.
    package static func all(_ model: LoadedModel) throws(RuntimeError) -> [BeatClause] {
        var clauses = [
            amplitude(), small(), tallWaves(), accuracy(),
            pattern("ventricular bigeminy", .bigeminy), pattern("slow alternating", .slowAlternating),
            pattern("rapid alternating", .rapidAlternating), pattern("bidirectional", .bidirectional),
            noise(), mains(), sameBeats(),
        ]
        clauses += try alarms(model)
        return clauses
    }

    /// The table in Markdown.
    package static func table(_ clauses: [BeatClause]) -> [String] {
        ["| clause | required | measured | held |", "|---|---|---|---|"]
            + clauses.map { "| \($0.name) | \($0.required) | \($0.measured) | \($0.isHeld ? "yes" : "**no**") |" }
    }

    static func amplitude() -> BeatClause {
        var count = 0
        var missed = 0
        var invented = 0
        for rate in rates {
            for height in [500.0, 1000, 2000, 5000] {
                for width in [0.04, 0.07, 0.1, 0.12] {
                    var signal = TestSignal()
                    (signal.height, signal.width) = (height, width)
                    let heard = TestBench.play(signal, rate: rate, seconds: 30)
                    count += heard.expected
                    missed += heard.missed
                    invented += heard.invented
                }
            }
        }
        return BeatClause(
            "QRS of 0.5 to 5 mV and 40 to 120 ms, after 2 s", "every one found, nothing else",
            "\(count) beats: \(missed) missed, \(invented) invented", missed == 0 && invented == 0)
    }

    static func small() -> BeatClause {
        var found = 0
        for rate in rates {
            for width in [0.04, 0.07, 0.1, 0.12] {
                var signal = TestSignal()
                (signal.height, signal.width) = (150, width)
                found += TestBench.play(signal, rate: rate, seconds: 30).found
            }
        }
        return BeatClause("QRS of 0.15 mV", "no beat", Text.counted(found, "beat"), found == 0)
    }

    static func tallWaves() -> BeatClause {
        var worst = 0.0
        for rate in rates {
            for height in [200.0, 400, 800, 1200] {
                var signal = TestSignal()
                (signal.width, signal.waveHeight) = (0.1, height)
                worst = max(worst, TestBench.play(signal, rate: rate, seconds: 30).error(from: 80))
            }
        }
        return BeatClause(
            "T waves of 0.2 to 1.2 mV behind a QRS of 1 mV and 100 ms, QT 350 ms, 80 a minute", "80 ± 5 a minute",
            "off by \(rounded(worst))",
            worst <= 5)
    }

    static func accuracy() -> BeatClause {
        var worst = 0.0
        for rate in rates {
            for beats in [30.0, 40, 60, 80, 100, 120, 150, 180, 200, 220, 250] {
                var signal = TestSignal()
                (signal.rate, signal.width) = (beats, 0.07)
                worst = max(worst, TestBench.play(signal, rate: rate, seconds: 30).error(from: beats) / max(5, 0.1 * beats))
            }
        }
        return BeatClause(
            "heart rate from 30 to 250 a minute", "± 10 % or ± 5 a minute, the larger",
            "at most \(Text.fixed(100 * worst, decimals: 0)) % of what is allowed", worst <= 1)
    }

    static func pattern(_ name: String, _ pattern: TestSignal.Pattern) -> BeatClause {
        var signal = TestSignal()
        signal.pattern = pattern
        signal.waveHeight = 200
        let results = rates.map { TestBench.play(signal, rate: $0, seconds: 20) }
        let told = results.compactMap(\.told)
        let worst = results.map { $0.error(from: signal.nominalRate) }.max() ?? .infinity
        let (low, high) = (rounded(told.min() ?? 0), rounded(told.max() ?? 0))
        return BeatClause(
            name, "\(rounded(signal.nominalRate)) ± \(rounded(max(5, 0.1 * signal.nominalRate))) a minute after 20 s",
            low == high ? low : "\(low) to \(high)", worst <= max(5, 0.1 * signal.nominalRate))
    }

    static func noise() -> BeatClause {
        var signal = TestSignal()
        (signal.rate, signal.noise) = (0, 100)
        let found = rates.map { TestBench.play(signal, rate: $0, seconds: 60).found }.reduce(0, +)
        return BeatClause("noise of ± 0.1 mV alone, 60 s", "no beat", Text.counted(found, "beat"), found == 0)
    }

    static func mains() -> BeatClause {
        var signal = TestSignal()
        signal.rate = 0
        var found = 0
        for size in [100.0, 1000] {
            signal.mains = size
            // At 100 samples a second 50 Hz is the edge of what can be told, and shows as whatever its phase makes of it.
            found += rates.dropFirst().map { TestBench.play(signal, rate: $0, seconds: 60).found }.reduce(0, +)
        }
        return BeatClause(
            "50 Hz mains of 0.1 and 1 mV peak to valley alone, 60 s, from 250 Hz", "no beat", Text.counted(found, "beat"), found == 0)
    }

    /// The same simulated minute at all rates.
    static func sameBeats() -> BeatClause {
        var worst = 0.0
        var different = 0
        for rhythm in [
            Rhythm.normalSinus, .atrialFibrillation, .prematureVentricular, .leftBundleBranchBlock, .supraventricularTachycardia,
        ] {
            let times = rates.map { TestBench.play(rhythm, rate: $0, seconds: 60) }
            for (rate, other) in zip(rates, times) {
                different += abs(other.count - times[0].count)
                let period = 1000 / Double(min(rate, 500))
                for (a, b) in zip(times[3], other) where times[3].count == other.count { worst = max(worst, 1000 * abs(a - b) / period) }
            }
        }
        return BeatClause(
            "the same minute at 100, 250, 360, 500, 1000 and 2000 Hz, five rhythms", "the same beats within 2 samples, of 2 ms at least",
            "\(different) beats differ in number, places by \(Text.fixed(worst, decimals: 1)) samples at most", different == 0 && worst <= 2
        )
    }

    static func rounded(_ value: Double) -> String { Text.fixed(value, decimals: 0) }
}
