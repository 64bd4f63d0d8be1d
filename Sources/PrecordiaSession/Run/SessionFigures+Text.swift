// A session's figures in one line for a person.
// They come from the clock, so they go to the terminal or standard error and never into compared output.

import PrecordiaHost

extension SessionFigures {
    /// Latency of the engine: median, 99.9 % and longest, for all frames and for those with an answer. Empty where none was measured.
    package var latencyLines: [String] {
        guard allFrames.count > 0 else { return [] }
        let all = "engine, every frame:     \(Self.spread(allFrames))"
        return answeringFrames.count == 0 ? [all] : [all, "engine, with an answer:  \(Self.spread(answeringFrames))"]
    }

    /// How many times faster than real time `samples` at `rate` went.
    package func paceText(samples: UInt64, rate: Int) -> String {
        guard elapsed > 0 else { return "" }
        let seconds = Double(samples) / Double(rate)
        let factor = seconds / (Double(elapsed) / 1e9)
        let shown = factor >= 10 ? Text.grouped(Int(factor)) : Text.fixed(factor, decimals: 2)
        return "\(Text.fixed(seconds, decimals: 1)) s of signal in \(Text.duration(nanoseconds: elapsed)), \(shown) x real time"
    }

    private static func spread(_ histogram: LatencyHistogram) -> String {
        let median = Text.duration(nanoseconds: histogram.quantile(0.5))
        let tail = Text.duration(nanoseconds: histogram.quantile(0.999))
        return "\(median) median, \(tail) at 99.9 %, \(Text.duration(nanoseconds: histogram.longest)) longest"
    }
}
