// The test bench's clauses hold, and its judge finds what does not.

import PrecordiaExams
import PrecordiaFormats
import PrecordiaSession
import PrecordiaSignal
import PrecordiaSimulator
import PrecordiaTestSupport
import Testing

@testable import PrecordiaBench

@Suite("Beats and clauses") struct BeatClauseTests {
    @Test("every clause is held")
    func held() throws {
        let clauses = try BeatClauses.all(try LoadedModel.open(nil))
        #expect(clauses.count == 17)
        for clause in clauses { #expect(clause.isHeld, "\(clause.name): \(clause.required), measured \(clause.measured)") }
        #expect(BeatClauses.table(clauses).count == 19)
    }

    @Test("a complex that is not found is missed, and the rate that it gives is not there")
    func missed() {
        var signal = TestSignal()
        signal.height = 100
        let heard = TestBench.play(signal, rate: 250, seconds: 20)
        #expect(heard.expected == 23 && heard.missed == 23 && heard.invented == 0)
        #expect(heard.error(from: 80) == .infinity)
    }

    @Test("a T wave that is as steep as the complex before it is an invented beat")
    func invented() {
        var signal = TestSignal()
        (signal.waveHeight, signal.interval, signal.rate) = (5000, 0.55, 60)
        #expect(TestBench.play(signal, rate: 250, seconds: 20).invented > 0)
    }

    @Test("the patterns have the rate that they are named for")
    func rates() {
        for pattern in [TestSignal.Pattern.bigeminy, .slowAlternating, .rapidAlternating, .bidirectional] {
            var signal = TestSignal()
            signal.pattern = pattern
            var count = 0
            var last = -1.0
            for tick in 0..<(120 * 1000) {
                guard let complex = signal.complex(before: 0.5 + Double(tick) / 1000), complex.time != last else { continue }
                last = complex.time
                count += 1
            }
            #expect(abs(Double(count) / 2 - signal.nominalRate) <= 0.5, "\(pattern)")
        }
    }

    @Test("a step of the rate begins with the last complex before it")
    func step() {
        var signal = TestSignal()
        (signal.rate, signal.laterRate, signal.change) = (80, 40, 20)
        #expect(abs(signal.complex(before: 20)!.time - 20) < 0.001)
        #expect(abs(signal.complex(before: 21.4)!.time - 20) < 0.001)
        #expect(abs(signal.complex(before: 21.6)!.time - 21.5) < 0.001)
        signal.laterRate = 0
        #expect(abs(signal.complex(before: 100)!.time - 20) < 0.001)
        #expect(abs(signal.value(at: 20) - 1000) < 0.001 && signal.value(at: 0.5) == 1000 && signal.value(at: 0.46) < 1)
    }

    @Test("lines of a record have a second for each second, a stretch for what was not heard, and their sum at the end")
    func unheard() throws {
        let folder = try TemporaryFolder()
        let writer = try WFDBWriter(path: folder.file("gap"), format: Simulator.format(rate: 250), resolution: 15)
        var simulator = Simulator(rate: 250, seed: 1)
        var frame = Frame(index: 0)
        for index in 0..<20 * 250 {
            simulator.next(into: &frame)
            if !(10 * 250..<13 * 250).contains(index) { try writer.append(frame) }
        }
        try writer.finish()
        let listing = try BeatListing(record: folder.file("gap"))
        #expect(listing.unheardStretches == [2500..<3250] && listing.unheard == 750)
        func count(_ lines: [[UInt8]], _ words: String) -> Int { lines.count { String(decoding: $0, as: UTF8.self).contains(words) } }
        let lines = BeatText.lines(listing, record: "gap", seconds: true)
        #expect(count(lines, #""event":"second""#) == 20)
        #expect(count(lines, #""event":"unheard","record":"gap","sample":2500,"time":10.000,"to":3250"#) == 1)
        #expect(count(lines, #""unheard":750"#) == 1)
        #expect(count(BeatText.lines(listing, record: "gap"), #""event":"second""#) == 0)
    }
}
