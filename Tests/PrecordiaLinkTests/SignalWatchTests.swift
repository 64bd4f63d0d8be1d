// New signal or not, at the rate that the device says or not: what the watch makes of blocks and clocks.

import PrecordiaLink
import PrecordiaSignal
import Testing

/// Gives blocks to a decoder and a watch, block by block, each at its time.
private final class Watched {
    var watch = SignalWatch()
    private(set) var verdicts: [SignalWatch.Verdict] = []
    private(set) var holes: [SignalWatch.Hole] = []
    private(set) var rebased: [Bool] = []
    private let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: LinkDecoder.requiredBytes, alignment: 8)
    private var decoder: LinkDecoder
    private var seed: UInt64 = 1

    init() { decoder = LinkDecoder(memory: memory) }
    deinit { memory.deallocate() }

    func hear(_ device: Device, from block: Int = 0, at time: Int64?) {
        let bytes = Array(device.bytes[device.starts[block]...])
        bytes.withUnsafeBytes { all in
            var done = 0
            while done < all.count {
                done += decoder.feed(UnsafeRawBufferPointer(rebasing: all[done...]))
                while let message = decoder.next() {
                    if message == .stream { watch.begin() }
                    guard message == .frame || message == .pace, watch.observe(decoder, at: time) else { continue }
                    verdicts.append(watch.verdict)
                    holes.append(watch.hole)
                    rebased.append(watch.isRebased)
                }
            }
        }
    }

    /// Frames as a converter makes them: no two alike.
    func living(from first: UInt64, _ count: Int) -> [Frame] {
        (0..<count).map { place in
            var frame = Frame(index: first + UInt64(place))
            for lead in 0..<12 {
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                frame.counts[lead] = Int32(truncatingIfNeeded: seed >> 40) % 1000
            }
            return frame
        }
    }

    /// Blocks of 10 frames for so many seconds of the index, told at 500 Hz, while the device's clock and the host's pass so many seconds for each of it.
    func play(
        _ device: Device, from first: UInt64 = 0, seconds: Int, ticks: Double? = 1, host: Double? = 1, ticksFrom: UInt64 = 0,
        at start: Int64 = 0, blocks: Int = 1
    ) {
        for block in 0..<seconds * 50 {
            let index = first + UInt64(block * 10)
            let mark = device.starts.count
            let passed = Double(block) * 0.02
            device.data(living(from: index, 10), ticks: ticks.map { ticksFrom + UInt64(passed * $0 * 1e6) } ?? .max)
            hear(device, from: mark, at: host.map { start + Int64((passed + 0.02) * $0 * 1e9) })
        }
    }
}

private let second: Int64 = 1_000_000_000

@Suite struct SignalWatchTests {
    private func configured(_ watched: Watched, session: UInt32 = 7, rate: UInt32 = 500, at time: Int64? = 0) -> Device {
        let device = Device(session: session).configure(rate: rate)
        watched.hear(device, at: time)
        return device
    }

    @Test(
        "a device as it should be is heard, with ticks and without, with a host's clock and without",
        arguments: [(1.0, 1.0), (nil, 1.0), (1.0, nil), (nil, nil)] as [(Double?, Double?)])
    func good(ticks: Double?, host: Double?) {
        let watched = Watched()
        watched.play(configured(watched), seconds: 30, ticks: ticks, host: host)
        #expect(watched.verdicts.allSatisfy { $0 == .heard } && watched.holes.allSatisfy { $0 == .none })
        #expect(watched.watch.counters.heard == 15_000 && !watched.watch.isRateWrong)
    }

    @Test("clocks of ceramic resonators and of converters' own oscillators are no fault", arguments: [0.98, 1.02])
    func drift(factor: Double) {
        let watched = Watched()
        watched.play(configured(watched), seconds: 60, ticks: factor, host: factor)
        #expect(watched.watch.counters.ratesWrong == 0 && watched.watch.counters.skipped == 0)
    }

    @Test("a backlog that is sent at once, and a line that stands still for a second and catches up, are no fault")
    func backlog() {
        let watched = Watched()
        let device = configured(watched)
        watched.play(device, seconds: 20, host: 0.01)
        watched.play(device, from: 10_000, seconds: 5, ticksFrom: 20_000_000, at: second)
        watched.play(device, from: 12_500, seconds: 2, host: 0.1, ticksFrom: 25_000_000, at: 8 * second)
        watched.play(device, from: 13_500, seconds: 20, ticksFrom: 27_000_000, at: 9 * second)
        #expect(watched.watch.counters.ratesWrong == 0 && watched.holes.allSatisfy { $0 == .none })
    }

    @Test(
        "a block that is sent again and again under new numbers is heard twice more at most, then it is the same", arguments: [true, false])
    func stuck(countsOn: Bool) {
        let watched = Watched()
        let device = configured(watched)
        watched.play(device, seconds: 2)
        let frames = watched.living(from: 1000, 10)
        for block in 0..<100 {
            var again = frames
            for place in 0..<10 { again[place].index = countsOn ? 1000 + UInt64(block * 10 + place) : frames[place].index }
            let mark = device.starts.count
            device.data(again, ticks: 2_000_000 + UInt64(block) * 20_000)
            watched.hear(device, from: mark, at: 2 * second + Int64(block) * second / 50)
        }
        #expect(watched.watch.counters.same == 970)
        // What comes then goes on behind the time that was not heard.
        let mark = device.starts.count
        device.data(watched.living(from: countsOn ? 2000 : 1010, 10), ticks: 4_000_000)
        watched.hear(device, from: mark, at: 4 * second)
        #expect(watched.verdicts.last == .heard)
        #expect(watched.holes.last == (countsOn ? SignalWatch.Hole.none : .frames(970)) && watched.rebased.last == !countsOn)
    }

    @Test("a quiet line that is the same again and again is heard: it may be an asystole")
    func quiet() {
        let watched = Watched()
        let device = configured(watched)
        for block in 0..<200 {
            let mark = device.starts.count
            device.data((0..<10).map { Frame(index: UInt64(block * 10 + $0)) })
            watched.hear(device, from: mark, at: Int64(block) * second / 50)
        }
        #expect(watched.verdicts.allSatisfy { $0 == .heard })
    }

    @Test("a stream that another session cuts off goes on behind as many frames as the host's clock says, or nobody knows how many")
    func cut() {
        let watched = Watched()
        watched.play(configured(watched), seconds: 2)
        watched.play(configured(watched, session: 8), seconds: 2, at: 12 * second)
        watched.play(configured(watched, session: 9), seconds: 2, at: 14 * second)
        watched.play(configured(watched, session: 10, at: nil), seconds: 1, host: nil)
        #expect(watched.holes[100] == .frames(5000) && watched.rebased[100])
        #expect(watched.holes[200] == .unknown && watched.rebased[200])
        #expect(watched.holes[300] == .unknown && watched.rebased[300])
        #expect(watched.holes.count { $0 != .none } == 3 && watched.rebased.count { $0 } == 3)
        #expect(watched.watch.counters.cuts == 3 && watched.watch.counters.silent == 5000)
    }

    @Test("a stream that ended as announced is over: the next one is another")
    func announced() {
        let watched = Watched()
        watched.play(configured(watched), seconds: 2)
        watched.watch.end()
        watched.play(configured(watched, session: 8), seconds: 2, at: 12 * second)
        #expect(watched.watch.counters.cuts == 0 && watched.rebased.allSatisfy { !$0 })
    }

    @Test(
        "a rate that ticks and host contradict is found within 5 s, and is what both say",
        arguments: [(0.5, 1000.0), (2.0, 250.0), (0.9, 555.6), (1.1, 454.5)])
    func wrong(factor: Double, found: Double) throws {
        for host in [factor, nil] {
            let watched = Watched()
            watched.play(configured(watched), seconds: 10, ticks: factor, host: host)
            let first = try #require(watched.verdicts.firstIndex(of: .mistimed))
            #expect(Double(first) * 0.02 * factor <= 5, "\(factor), \(String(describing: host))")
            #expect(watched.watch.isRateWrong && abs(watched.watch.measuredRate - found) < 1)
            #expect(watched.watch.counters.ratesWrong == 1 && watched.watch.counters.mistimed > 0)
        }
    }

    @Test("without ticks, and with ticks that are wrong as well, the host's clock alone finds it within 10 s", arguments: [nil, 1.0])
    func wrongByHost(ticks: Double?) throws {
        for factor in [0.5, 2.0, 0.8] {
            let watched = Watched()
            watched.play(configured(watched), seconds: 30, ticks: ticks, host: factor)
            let first = try #require(watched.verdicts.firstIndex(of: .mistimed))
            #expect(Double(first) * 0.02 * factor <= 11, "\(factor)")
        }
    }

    @Test("a host that need not be asked, because the source keeps no time, finds nothing")
    func playedFast() {
        let watched = Watched()
        watched.watch.keepsTime = false
        watched.play(configured(watched), seconds: 60, host: 0.5)
        #expect(watched.watch.counters.ratesWrong == 0)
    }

    @Test("ticks that contradict index and host are wrong themselves")
    func wrongTicks() {
        for ticks in [0.0, 0.5, 2.0] {
            let watched = Watched()
            watched.play(configured(watched), seconds: 30, ticks: ticks, host: 1)
            #expect(watched.watch.counters.ratesWrong == 0 && watched.watch.counters.heard == 15_000, "\(ticks)")
        }
    }

    @Test("while the rate is wrong each second is a hole of a second, and it is over when the clocks agree")
    func mistimed() throws {
        let watched = Watched()
        let device = configured(watched)
        watched.play(device, seconds: 10, ticks: 0.5, host: 0.5)
        let told = watched.holes.reduce(UInt64(0)) { if case .frames(let count) = $1 { $0 + count } else { $0 } }
        #expect((1500...2500).contains(told))
        watched.play(device, from: 5000, seconds: 10, ticksFrom: 5_000_000, at: 5 * second)
        #expect(watched.verdicts.last == .heard && !watched.watch.isRateWrong)
        let back = try #require(watched.verdicts.lastIndex(of: .mistimed)) + 1
        #expect(watched.rebased[back] && watched.watch.counters.ratesWrong == 1)
        #expect(Double(back - 500) * 0.02 <= 6)
    }

    @Test("ticks that jump while the index does not are lost samples", arguments: [0.04, 0.5, 30])
    func skipped(jump: Double) {
        let watched = Watched()
        let device = configured(watched)
        watched.play(device, seconds: 5)
        watched.play(device, from: 2500, seconds: 5, ticksFrom: 5_000_000 + UInt64(jump * 1e6), at: 5 * second + Int64(jump * 1e9))
        let missing = UInt64(jump * 500)
        #expect(watched.holes.filter { $0 != .none } == [.frames(missing)] && watched.watch.counters.skipped == missing)
        #expect(watched.rebased.allSatisfy { !$0 } && watched.watch.counters.ratesWrong == 0)
    }

    @Test("one block whose ticks are nonsense is no loss")
    func oddTick() {
        let watched = Watched()
        let device = configured(watched)
        watched.play(device, seconds: 5)
        let mark = device.starts.count
        device.data(watched.living(from: 2500, 10), ticks: 77_000_000)
        watched.hear(device, from: mark, at: 5 * second)
        watched.play(device, from: 2510, seconds: 5, ticksFrom: 5_020_000, at: 5 * second + second / 50)
        #expect(watched.watch.counters.skipped == 0 && watched.watch.counters.ratesWrong == 0)
    }

    @Test("a device without a clock that was silent and goes on as if nothing had been has lost that time, unless it catches up")
    func lateHole() {
        for catchesUp in [true, false] {
            let watched = Watched()
            let device = configured(watched)
            watched.play(device, seconds: 5, ticks: nil)
            if catchesUp { watched.play(device, from: 2500, seconds: 30, ticks: nil, host: 0.01, at: 35 * second) }
            watched.play(
                device, from: catchesUp ? 17_500 : 2500, seconds: 10, ticks: nil, at: catchesUp ? 35 * second + second / 2 : 35 * second)
            let told = watched.holes.reduce(UInt64(0)) { if case .frames(let count) = $1 { $0 + count } else { $0 } }
            #expect(catchesUp ? told == 0 : (14_900...15_100).contains(told), "\(told)")
        }
    }
}
