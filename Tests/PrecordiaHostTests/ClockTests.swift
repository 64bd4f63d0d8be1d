// Pace and latency, without waiting for either.

import PrecordiaHost
import Testing

@Suite struct ClockTests {
    @Test("deadlines are counted from the first frame, so no drift builds up")
    func deadlines() {
        let pacer = Pacer(rate: 360, factor: 2)
        let start = pacer.deadline(0)
        #expect(pacer.deadline(720) - start == 1_000_000_000)
        #expect(pacer.deadline(720 * 86_400) - start == 86_400_000_000_000)
    }

    @Test("an interrupt ends the wait at once")
    func interrupted() {
        let pacer = Pacer(rate: 100, factor: 0.001)
        let before = Monotonic.now()
        pacer.wait(for: 1_000_000) { true }
        #expect(Monotonic.now() - before < 60_000_000_000)
    }

    @Test("a speed is max or a positive number")
    func speed() {
        #expect(Speed("max") == .max)
        #expect(Speed("2.5") == .times(2.5))
        for text in ["0", "-1", "nan", "inf", "fast", ""] { #expect(Speed(text) == nil) }
    }

    @Test("the histogram's quantiles are within 3 % above the true ones, its longest exact")
    func histogram() {
        var histogram = LatencyHistogram()
        for value in 1...100_000 { histogram.record(Int64(value)) }
        #expect(histogram.count == 100_000)
        #expect(histogram.longest == 100_000)
        for (quantile, exact) in [(0.5, 50_000.0), (0.999, 99_900), (0.01, 1_000)] {
            let value = Double(histogram.quantile(quantile))
            #expect(value >= exact && value <= exact * 1.04)
        }
        #expect(histogram.quantile(1) == 100_000)
    }

    @Test("the histogram takes every duration there is")
    func extremes() {
        var histogram = LatencyHistogram()
        for value in [Int64.min, -1, 0, 31, 32, 33, 1 << 40, .max] { histogram.record(value) }
        #expect(histogram.count == 8)
        #expect(histogram.longest == .max)
        #expect(histogram.quantile(0.01) == 0)
        #expect(LatencyHistogram().quantile(0.5) == 0)
    }
}
