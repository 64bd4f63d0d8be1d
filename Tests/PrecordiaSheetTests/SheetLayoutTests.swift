// Rows, scales and names: nothing is cut, nothing touches, and what is not there is said.

import PrecordiaFindings
import PrecordiaSimulator
import Testing

@testable import PrecordiaSheet

private func layout(_ findings: Findings, height: Double = 150) -> SheetLayout {
    SheetLayout(findings, grid: Area(x: 18.5, y: 47, width: 260, height: height)) { name, fault in
        Double(name.count) * 2.4 + Double(fault.count) * 1.5
    }
}

/// The least distance between points of neighbouring rows that lie within half a millimetre of each other from left to right; and whether all points lie in the grid.
private func check(_ layout: SheetLayout) -> (gap: Double, isInside: Bool) {
    var rows = [[Point]](repeating: [], count: layout.rows)
    var isInside = true
    for strip in layout.strips {
        for point in strip.curve.runs.flatMap({ $0 }) {
            let place = Point(strip.left + point.x, layout.lines[strip.row] - point.y)
            rows[strip.row].append(place)
            isInside = isInside && place.x >= 0 && place.x <= layout.grid.width && place.y >= 0 && place.y <= layout.grid.height
        }
    }
    var gap = Double.infinity
    for row in 1..<layout.rows {
        var lowest = [Int: Double]()
        for point in rows[row - 1] { lowest[Int(point.x * 2)] = max(lowest[Int(point.x * 2)] ?? -.infinity, point.y) }
        for point in rows[row] { if let above = lowest[Int(point.x * 2)] { gap = min(gap, point.y - above) } }
    }
    return (gap, isInside)
}

@Suite("A sheet's arrangement")
struct SheetLayoutTests {
    @Test(
        "No lead is cut and none meets another, at any size of the complexes, in every arrangement",
        arguments: SheetSettings.Layout.allCases, [0.0, 0.3, 1, 3.5, 8])
    func nothingCut(_ arrangement: SheetSettings.Layout, _ times: Double) {
        for rhythm in [Rhythm.normalSinus, .ventricularTachycardia] {
            var findings = simulated(rhythm, times: times)
            findings.sheet.layout = arrangement
            let made = layout(findings)
            let found = check(made)
            #expect(found.isInside)
            #expect(found.gap >= 0.9)
            #expect(!made.isCrowded)
        }
    }

    @Test("An ordinary exam has the scale that was asked for in every arrangement", arguments: SheetSettings.Layout.allCases)
    func usualScale(_ arrangement: SheetSettings.Layout) {
        var findings = simulated()
        findings.sheet.layout = arrangement
        #expect(layout(findings).gain == (arrangement == .twelveByOne ? 5 : 10))
    }

    @Test("QRS complexes of 5 mV are drawn at half the scale, and the sheet says so")
    func large() {
        let findings = simulated(times: 3.4)
        let made = layout(findings)
        #expect(made.gain == 5)
        #expect(
            SheetWords.smaller(made, findings.sheet) == "smaller than the 10 mm/mV asked for, so that no lead is cut and none meets another"
        )
        #expect(SheetWords.smaller(layout(simulated()), findings.sheet) == nil)
    }

    @Test("A lead that swings as no heart does gets a scale of its own beside its name, and leaves the others theirs")
    func ownScale() {
        var findings = simulated()
        findings.traces[8].microvolts = findings.traces[8].microvolts.indices.map { $0 % 500 < 250 ? 150_000 : -150_000 }
        let made = layout(findings)
        let strip = made.strips.first { $0.lead == 8 }!
        #expect(strip.divisor == 32)
        #expect(made.gain >= 5)
        #expect(made.fault(strip) == "\(SheetWords.number(made.gain / 32)) mm/mV")
        #expect(check(made).isInside)
    }

    @Test("The largest numbers that samples can be still give a sheet")
    func hostile() {
        var findings = simulated()
        for lead in 0..<12 { findings.traces[lead].microvolts = (0..<5000).map { $0 % 2 == 0 ? 2_147_483_647 : -2_147_483_647 } }
        let made = layout(findings)
        #expect(check(made).isInside)
        #expect(made.gain > 0)
    }

    @Test("Leads that are not there are said in their place and have no curve")
    func absent() {
        var findings = simulated()
        findings.traces[3] = Trace("aVR", .absent)
        findings.traces[6] = Trace("V1", .off)
        findings.traces[7] = Trace("V2", .unreadable)
        findings.traces[8].microvolts = Array(repeating: nil, count: 5000)
        findings.traces[9].fault = "flat"
        let made = layout(findings)
        func strip(_ lead: Int) -> Strip { made.strips.first { $0.lead == lead }! }
        #expect(
            [3, 6, 7, 8, 9].map { made.fault(strip($0)) } == ["not recorded", "electrode off", "cannot be read", "no samples", "flat"])
        #expect([3, 6, 7, 8].allSatisfy { strip($0).curve.runs.isEmpty })
        #expect(!strip(9).curve.runs.isEmpty)
    }

    @Test("Where lead II is not there, the rhythm strip is another lead")
    func rhythmStrip() {
        var findings = simulated()
        findings.traces[1] = Trace("II", .absent)
        #expect(layout(findings).strips.last?.lead == 6)
        findings.sheet.rhythm = "V5"
        #expect(layout(findings).strips.last?.lead == 10)
        findings.traces = findings.traces.map { Trace($0.name, .absent) }
        #expect(layout(findings).strips.count == 13)
    }

    @Test("A hole in the samples is a hole in the curve")
    func hole() {
        var samples = [Int32?](repeating: 100, count: 1000)
        for place in 300..<700 { samples[place] = nil }
        let curve = TraceCurve(samples[...], zero: 100, step: 0.05, scale: 10)
        #expect(curve.runs.map(\.count) == [300, 300])
        #expect(curve.holes.map { [$0.from, $0.to] } == [[15, 35]])
    }

    @Test("At 50 mm/s the middle five seconds are drawn, of a short exam all of it")
    func speed() {
        var findings = simulated()
        findings.sheet.speed = 50
        #expect([layout(findings).start, layout(findings).seconds] == [2.5, 5])
        let short = simulated(seconds: 6)
        let made = layout(short)
        #expect([made.start, made.seconds] == [0, 6])
        #expect(!made.isContinuous)
        #expect(SheetWords.drawn(made, short.sheet) == "    columns overlap in time")
        #expect(SheetWords.drawn(layout(findings), findings.sheet) == "    seconds 2.5 to 7.5 of it")
        #expect(SheetWords.drawn(layout(simulated()), short.sheet) == nil)
        // Each column is full: the last one ends with the exam.
        #expect(made.strips[11].range.upperBound == 3000)
        #expect(made.strips[11].range.count == 1250)
    }

    @Test("Thinning a dense curve loses neither peak nor trough")
    func thinned() {
        var samples = [Int32?](repeating: 0, count: 20_000)
        samples[7001] = 5000
        samples[7002] = -5000
        let curve = TraceCurve(samples[...], zero: 0, step: 0.0125, scale: 10)
        #expect(curve.runs[0].map(\.y).max() == 50)
        #expect(curve.runs[0].map(\.y).min() == -50)
        #expect(curve.runs[0].count < 12_000)
    }

    @Test("An empty exam gives a sheet that says so")
    func empty() {
        var findings = simulated()
        findings.traces = findings.traces.map { Trace($0.name, .recorded) }
        let made = layout(findings)
        #expect(made.strips.allSatisfy { made.fault($0) == "no samples" })
    }
}

@Suite("Text in columns")
struct ColumnTests {
    private func wrapped(_ text: String, _ most: Int = 3) -> [String] { Column.wrapped(text, most: most) { $0.count <= 10 } }

    @Test("Words go to the next line, long words in pieces, and what is too much ends with an ellipsis")
    func wrapping() {
        #expect(wrapped("one two three") == ["one two", "three"])
        #expect(wrapped("abcdefghijklmnopqrstuvwxyz") == ["abcdefghij", "klmnopqrst", "uvwxyz"])
        #expect(wrapped("one two three four five six seven", 2) == ["one two", "three fou…"])
        #expect(wrapped("") == [])
        #expect(wrapped("   ") == [])
    }

    @Test("Numbers have as many decimals as they need")
    func numbers() {
        #expect([10, 2.5, 1.25, 0.625].map(SheetWords.number) == ["10", "2.5", "1.25", "0.625"])
        #expect(SheetWords.value(MeasuredValue("PR", "ms", 162, error: 0.2)) == "162 ± 1 ms")
        #expect(SheetWords.value(MeasuredValue("PR", "ms", nil, reason: "no P wave")) == "no P wave")
    }
}
