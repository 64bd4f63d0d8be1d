// The clock tracker on clocks whose truth is known: what it says lies within what it says about its own uncertainty.

import PrecordiaLink
import Testing

@Suite struct ClockTrackerTests {
    @Test("before the first block nothing is known, after it the time is, to 10 ms, and after the first interval the rate")
    func begins() {
        var bench = ClockBench(0)
        #expect(bench.tracker.source == .none)
        #expect(bench.tracker.hostTime(ofSample: 0) == nil && bench.tracker.offsetUncertainty == nil)
        #expect(bench.tracker.rateErrorPPM == nil && bench.tracker.rateUncertaintyPPM == nil)
        bench.run(0.02)
        #expect(bench.tracker.source == .ticks)
        #expect(bench.tracker.hostTime(ofSample: 9) == 5_000_018_000_000 && bench.tracker.offsetUncertainty == 10_000_000)
        #expect(bench.tracker.rateErrorPPM == nil)
        bench.run(0.5)
        #expect(bench.tracker.rateErrorPPM == 0 && bench.tracker.rateUncertaintyPPM! > 500)
        #expect(bench.tracker.counters.observations == 26 && bench.tracker.counters.used == 1)
    }

    @Test(
        "a steady clock without jitter is known to a microsecond and to a hundredth of a part in a million, however far off it is",
        arguments: [
            0, 200, -50, 900,
        ])
    func steady(rateError: Double) {
        var bench = ClockBench(rateError)
        bench.run(600)
        #expect(abs(bench.timeError) < 1000)
        #expect(abs(bench.rateErrorError) < 0.01)
        #expect(bench.tracker.counters.observations == 30_000 && bench.tracker.counters.used == 1199)
        #expect(bench.tracker.counters.outliers == 0 && bench.tracker.counters.resets == 0 && bench.tracker.counters.jumps == 0)
    }

    @Test("with late blocks, time and rate stay within their uncertainties; one in twenty may pass two of them, none passes four")
    func uncertainties() {
        for lateness in [ClockBench.Lateness.uniform(1e6), .exponential(5e5), .exponential(5e6)] {
            for rateError in [200.0, -50] {
                var beyond = 0
                var checks = 0
                for seed in 1...30 as ClosedRange<UInt64> {
                    var bench = ClockBench(rateError, lateness, seed: seed)
                    bench.run(10)
                    for _ in 0..<10 {
                        bench.run(30)
                        for sigmas in [bench.timeSigmas, bench.rateSigmas] {
                            checks += 1
                            if sigmas > 2 { beyond += 1 }
                            #expect(sigmas < 4)
                        }
                    }
                }
                #expect(beyond * 20 <= checks)
            }
        }
    }

    @Test("with delays that wander for seconds, too", arguments: [1.0, 4])
    func wandering(half: Double) {
        var beyond = 0
        var checks = 0
        for seed in 1...60 as ClosedRange<UInt64> {
            var bench = ClockBench(200, .wandering(2e7, half), seed: seed)
            bench.run(30)
            for _ in 0..<5 {
                bench.run(30)
                checks += 1
                if bench.rateSigmas > 2 { beyond += 1 }
                #expect(bench.rateSigmas < 5 && bench.timeSigmas < 4)
            }
        }
        #expect(beyond * 10 <= checks)
    }

    @Test("with blocks up to 1 ms late the rate is known to 1.5 parts in a million after a minute, to 0.2 after five, the time to 60 us")
    func convergence() {
        var bench = ClockBench(200, .uniform(1e6))
        bench.run(60)
        #expect(bench.tracker.rateUncertaintyPPM! < 1.5 && abs(bench.rateErrorError) < 1.5)
        bench.run(240)
        #expect(bench.tracker.rateUncertaintyPPM! < 0.2 && abs(bench.rateErrorError) < 0.2)
        #expect(bench.tracker.offsetUncertainty! < 60_000 && abs(bench.timeError) < 60_000)
    }

    @Test("a day of a clock that is 200 parts in a million fast, with late blocks, ends as exactly as its first minutes")
    func day() {
        var bench = ClockBench(200, .exponential(3e5))
        bench.run(86_400)
        #expect(bench.timeSigmas < 3 && bench.rateSigmas < 3)
        #expect(abs(bench.timeError) < 40_000 && abs(bench.rateErrorError) < 0.2)
        #expect(bench.tracker.counters.observations == 4_320_000)
        #expect(bench.tracker.counters.resets == 0 && bench.tracker.counters.jumps == 0)
    }

    @Test("a rate that changes by 5 parts in a million is followed, time within three uncertainties meanwhile, without a new beginning")
    func step() {
        for change in [5.0, -5] {
            var bench = ClockBench(50, .uniform(1e6))
            bench.run(600)
            bench.rateError += change
            bench.run(150)
            #expect(abs(bench.rateErrorError) < 2.5)
            for _ in 0..<20 {
                bench.run(30)
                #expect(bench.timeSigmas < 3)
            }
            #expect(bench.rateSigmas < 3 && abs(bench.rateErrorError) < 0.3)
            #expect(bench.tracker.counters.jumps == 0)
        }
    }

    @Test("ticks that wrap past 2^64 are no event")
    func wrap() {
        var bench = ClockBench(200, .uniform(1e6))
        var wrapping = bench
        wrapping.firstTicks = .max - 30_000_000
        bench.run(120)
        wrapping.run(120)
        #expect(wrapping.tracker.counters == bench.tracker.counters && wrapping.tracker.counters.resets == 0)
        #expect(wrapping.tracker.hostTime(ofSample: 59_000) == bench.tracker.hostTime(ofSample: 59_000))
        #expect(wrapping.tracker.hostTime(ofTicks: wrapping.firstTicks) == bench.tracker.hostTime(ofTicks: bench.firstTicks))
        #expect(wrapping.ticks < 100_000_000)
    }

    @Test("a new session, another tick rate and another sample rate each begin anew and are counted")
    func resets() {
        var bench = ClockBench(100)
        bench.run(60)
        bench.restart(session: 8)
        bench.run(30)
        #expect(bench.tracker.counters.resets == 1)
        #expect(abs(bench.timeError) < 1000 && abs(bench.rateErrorError) < 1)
        bench.tickRate = 32_768
        bench.run(30)
        #expect(bench.tracker.counters.resets == 2)
        #expect(bench.timeSigmas < 3)
        let header = BlockHeader(type: .data, session: 8, sequence: bench.sequence, ticks: bench.ticks, tickRate: 32_768)
        bench.tracker.observe(header, first: bench.sample, count: 10, rate: 1000, at: Int64(bench.host))
        #expect(bench.tracker.counters.resets == 3 && bench.tracker.rateErrorPPM == nil)
    }

    @Test("ticks that jump or stop against the sample index, which is not allowed, begin anew; a gap that both tell does not")
    func tickJumps() {
        var bench = ClockBench(-50, .uniform(1e6))
        bench.run(60)
        bench.lose(30)
        bench.run(60)
        #expect(bench.tracker.counters.resets == 0)
        #expect(bench.timeSigmas < 3)
        bench.advance(2e8, isJump: true)
        bench.run(60)
        #expect(bench.tracker.counters.resets == 1)
        bench.advance(-2e8, isJump: true)
        bench.run(60)
        #expect(bench.tracker.counters.resets == 2)
        #expect(bench.timeSigmas < 3 && bench.rateSigmas < 3)
    }

    @Test("blocks that a busy host held up are left out and counted, and the time does not notice")
    func stall() {
        var bench = ClockBench(200, .uniform(1e6))
        bench.run(120)
        let before = bench.tracker.counters
        bench.run(3, more: 8e7)
        #expect(bench.tracker.counters.outliers == before.outliers + 5)
        bench.run(1)
        #expect(bench.tracker.counters.outliers == before.outliers + 6)
        #expect(bench.timeSigmas < 3 && bench.rateSigmas < 3)
        bench.run(60)
        #expect(bench.tracker.counters.outliers == before.outliers + 6 && bench.tracker.counters.jumps == 0)
    }

    @Test("a line that is slower for good is believed after 10 s, one that is faster, or a host's clock that stood still, after 1.5 s")
    func jumps() {
        var bench = ClockBench(200, .uniform(1e6))
        bench.run(60)
        bench.run(8, more: 5e7)
        #expect(bench.tracker.counters.jumps == 0)
        bench.run(4, more: 5e7)
        #expect(bench.tracker.counters.jumps == 1)
        bench.run(60, more: 5e7)
        bench.run(1)
        #expect(bench.tracker.counters.jumps == 1)
        bench.run(2)
        #expect(bench.tracker.counters.jumps == 2)
        bench.run(60)
        bench.hostAdvance(-3e9)
        bench.run(3)
        #expect(bench.tracker.counters.jumps == 3)
        bench.run(60)
        #expect(bench.timeSigmas < 3 && bench.tracker.counters.resets == 0)
    }

    @Test("what stood in a buffer when the host came does not spoil the beginning")
    func backlog() {
        var bench = ClockBench(0, .uniform(1e6))
        for late in stride(from: 2e9, to: 0, by: -2e7) { bench.run(0.02, more: late) }
        bench.run(10)
        #expect(bench.tracker.counters.jumps == 0)
        #expect(bench.tracker.counters.outliers == 4)
        #expect(bench.timeSigmas < 3)
        bench.run(60)
        #expect(bench.timeSigmas < 3 && bench.rateSigmas < 3)
    }

    @Test("lost blocks do not change what is known")
    func losses() {
        var bench = ClockBench(200, .exponential(5e5))
        bench.run(600) { $0 % 3 == 0 || $0 % 500 > 300 }
        #expect(bench.tracker.counters.resets == 0 && bench.tracker.counters.jumps == 0)
        #expect(bench.timeSigmas < 3 && bench.rateSigmas < 3 && bench.tracker.rateUncertaintyPPM! < 0.5)
    }

    @Test("after hours without a block the old rate leads back, and what it says lies within what it claims")
    func pause() {
        var bench = ClockBench(120, .uniform(1e6))
        bench.run(600)
        bench.lose(7200)
        #expect(bench.timeSigmas < 3)
        bench.run(30)
        #expect(bench.timeSigmas < 3 && bench.rateSigmas < 3)
    }

    @Test("without a clock the sample index at the nominal rate stands in, and that is said")
    func withoutClock() {
        var bench = ClockBench(-80, .uniform(1e6))
        bench.tickRate = nil
        bench.run(300)
        #expect(bench.tracker.source == .sampleIndex)
        #expect(bench.timeSigmas < 3 && bench.rateSigmas < 3)
        #expect(bench.tracker.hostTime(ofTicks: 0) == nil)
        #expect(bench.tracker.sampleRateErrorPPM == bench.tracker.rateErrorPPM)
    }

    @Test("a converter that does not run by the clock that is reported is followed too")
    func converter() {
        var bench = ClockBench(-30, .uniform(1e6))
        bench.converterError = 150
        bench.run(300)
        let truth = ((1 - 30e-6) * (1 + 150e-6) - 1) * 1e6
        #expect(abs(bench.tracker.sampleRateErrorPPM! - truth) < 0.5)
        #expect(abs(bench.rateErrorError) < 0.5 && bench.timeSigmas < 3)
        let early = Double(bench.tracker.hostTime(ofSample: bench.sample - 5000)!)
        #expect(abs(early - (bench.host - 1e10 / (1 + truth * 1e-6))) < 60_000)
    }

    @Test("whatever a device says about its clock, and whenever it comes, nothing traps")
    func hostile() {
        let extremes: [UInt64] = [0, 1, 1 << 31, 1 << 32, 1 << 62, 1 << 63, .max - 1, .max]
        let rates: [UInt32?] = [nil, 0, 1, 1_000_000, .max - 1]
        var state: UInt64 = 88_172_645_463_325_252
        func pick<Value>(_ values: [Value]) -> Value {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return values[Int(state >> 33) % values.count]
        }
        var tracker = ClockTracker()
        for index in 0..<200_000 as Range<UInt32> {
            let header = BlockHeader(
                type: .data, session: pick([1, 1, 1, 2]), sequence: index, ticks: pick(extremes), tickRate: pick(rates))
            let host = Int64(bitPattern: pick(extremes))
            tracker.observe(
                header, first: min(pick(extremes), 1 << 63 - 257), count: pick([1, 10, 255]), rate: pick([1, 500, 1 << 24]), at: host)
            for value in [pick(extremes), pick(extremes)] {
                _ = tracker.hostTime(ofTicks: value)
                _ = tracker.hostTime(ofSample: value)
                _ = tracker.uncertainty(ofTicks: value)
                _ = tracker.uncertainty(ofSample: value)
            }
        }
        // A clock and samples that agree, and a host's clock that does not.
        for index in 0..<200_000 as Range<UInt64> {
            let header = BlockHeader(type: .data, session: 3, sequence: UInt32(index), ticks: index * 600_000, tickRate: 1_000_000)
            tracker.observe(header, first: index * 300, count: 10, rate: 500, at: Int64(bitPattern: pick(extremes)))
            _ = tracker.hostTime(ofSample: index * 300 + pick([0, 1, 500_000_000]))
            _ = tracker.uncertainty(ofSample: index * 300)
            _ = tracker.rateErrorPPM
            _ = tracker.rateUncertaintyPPM
        }
        #expect(tracker.counters.observations == 400_000)
    }

    @Test("the same block again is nothing, and the decoder's frames bring each block once")
    func repeated() {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: LinkDecoder.requiredBytes, alignment: 8)
        defer { memory.deallocate() }
        var decoder = LinkDecoder(memory: memory)
        var tracker = ClockTracker()
        let device = Device().hello().configure()
        for index in 0..<60 as Range<UInt64> { device.data(from: index * 10, 10) }
        var blocks: [UInt64] = []
        device.status().bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                rest = rest.dropFirst(decoder.feed(UnsafeRawBufferPointer(rebasing: rest)))
                while let message = decoder.next() {
                    guard message == .frame else {
                        #expect(decoder.block == nil)
                        continue
                    }
                    if blocks.last != decoder.block!.first { blocks.append(decoder.block!.first) }
                    #expect(decoder.block!.count == 10)
                    tracker.observe(decoder, at: Int64(decoder.block!.first) * 2_000_000)
                }
            }
        }
        #expect(blocks == (0..<60).map { $0 * 10 })
        #expect(tracker.counters.observations == 60 && tracker.counters.used == 2)
        #expect(tracker.hostTime(ofSample: 605) == Int64(605 * 2_000_000 - 18_000_000))
    }
}
