// Which stretch of which lead stands where, and at which scale: rows so far apart that no curve is cut and none touches another.
// Knows no Cairo, so that tests can ask it; how wide a word is, it is told.

import PrecordiaFindings

/// A stretch of a lead in its place.
struct Strip {
    /// The lead, 0...11, and its name with what is wrong with it.
    var lead: Int
    var row: Int
    /// Millimetres from the grid's left edge.
    var left: Double
    var width: Double
    /// Samples.
    var range: Range<Int>
    /// What the sheet's scale is divided by for this strip alone: of a lead that swings further than any heart.
    var divisor = 1.0
    var curve: TraceCurve
    /// Where its name stands: from the grid's left edge, and above the row's line.
    var label = Point(0, 0)
}

/// The arrangement of a sheet.
struct SheetLayout {
    /// Measures a name and what is wrong beside it, millimetres.
    typealias Measure = (_ name: String, _ fault: String) -> Double

    private(set) var strips: [Strip] = []
    /// Of each row, its line's millimetres from the grid's upper edge.
    private(set) var lines: [Double] = []
    /// Millimetres a millivolt, as asked or smaller.
    private(set) var gain: Double
    /// Whether the rows are too many for the height even so: only where it is absurdly small.
    private(set) var isCrowded = false
    let grid: Area
    let rows: Int
    /// The seconds that are drawn, and the first of them.
    let seconds: Double
    let start: Double
    /// Whether columns follow each other in time without an overlap.
    let isContinuous: Bool

    /// Millimetres left of the curves, for the calibration pulse, and the pulse's width.
    static let pulseRoom = 8.0
    static let pulseWidth = 5.0
    /// Cap height and space of a name.
    static let labelHeight = 2.6
    /// A lead that swings further is drawn smaller than the others, millivolts.
    static let widest = 12.0
    /// The least distance between two rows' lines.
    private static let closest = 7.0

    private let findings: Findings
    private let measure: Measure

    init(_ findings: Findings, grid: Area, measure: @escaping Measure) {
        self.findings = findings
        self.grid = grid
        self.measure = measure
        let settings = findings.sheet
        gain = settings.gain
        let rate = Double(findings.exam.rate)
        let count = findings.traces.map(\.microvolts.count).max() ?? 0
        let length = Double(count) / rate
        seconds = min(settings.seconds, length)
        // Of more than fits, the middle.
        start = max(0, (length - settings.seconds) / 2)
        let hasRhythm = settings.layout == .threeByFour
        rows = settings.layout.rows + (hasRhythm ? 1 : 0)
        isContinuous = length >= settings.seconds - 0.5 / rate
        place(settings, rate, count)
        fit()
    }

    /// The lead of the rhythm strip: the one asked for, or the first that has samples.
    private var rhythmLead: Int {
        let order = [findings.sheet.rhythm, "II", "V1", "V5", "I"] + findings.traces.map(\.name)
        let places = order.compactMap { name in findings.traces.firstIndex { $0.name == name } }
        return places.first { findings.traces[$0].microvolts.contains { $0 != nil } } ?? places.first ?? 0
    }

    private mutating func place(_ settings: SheetSettings, _ rate: Double, _ count: Int) {
        let columns = settings.layout.columns
        let wide = settings.seconds / Double(columns)
        for lead in 0..<min(12, findings.traces.count) {
            let column = lead / settings.layout.rows
            // Of a short exam, columns begin so that each is as full as can be.
            let own = min(wide, seconds)
            let begin = columns > 1 ? start + (seconds - own) * Double(column) / Double(columns - 1) : start
            add(
                lead, row: lead % settings.layout.rows, left: Self.pulseRoom + Double(column) * wide * settings.speed, begin, own,
                room: wide * settings.speed, rate, count)
        }
        if settings.layout == .threeByFour, !findings.traces.isEmpty {
            add(
                rhythmLead, row: rows - 1, left: Self.pulseRoom, start, seconds, room: settings.seconds * settings.speed, rate,
                count)
        }
    }

    private mutating func add(
        _ lead: Int, row: Int, left: Double, _ begin: Double, _ length: Double, room: Double, _ rate: Double, _ count: Int
    ) {
        let samples = findings.traces[lead].microvolts
        let first = max(0, min(samples.count, Int((begin * rate).rounded())))
        let last = max(first, min(samples.count, first + Int((length * rate).rounded())))
        let empty = TraceCurve([], zero: 0, step: 1, scale: 1)
        strips.append(Strip(lead: lead, row: row, left: left, width: room, range: first..<last, curve: empty))
        let place = strips.count - 1
        while swing(strips[place]) > Self.widest * strips[place].divisor, strips[place].divisor < 1e9 { strips[place].divisor *= 2 }
    }

    /// Millivolts from the lowest to the highest sample.
    private func swing(_ strip: Strip) -> Double {
        let samples = findings.traces[strip.lead].microvolts[strip.range].compactMap { $0 }
        guard let low = samples.min(), let high = samples.max() else { return 0 }
        return (Double(high) - Double(low)) / 1000
    }

    /// Halves the scale until all rows fit.
    private mutating func fit() {
        while true {
            draw()
            let needed = stack(0)
            if needed <= grid.height || gain < 0.05 {
                isCrowded = needed > grid.height
                _ = stack(max(0, grid.height - needed))
                return
            }
            gain /= 2
        }
    }

    private mutating func draw() {
        let rate = Double(findings.exam.rate)
        for place in strips.indices {
            let strip = strips[place]
            let samples = findings.traces[strip.lead].microvolts[strip.range]
            strips[place].curve = TraceCurve(
                samples, zero: TraceCurve.zero(samples), step: findings.sheet.speed / rate, scale: gain / strip.divisor)
        }
    }

    /// Puts rows one below the other with `spare` millimetres between them; the height they take.
    private mutating func stack(_ spare: Double) -> Double {
        let skylines = (0..<rows).map { row in skyline(row) }
        let parts = Double(rows)
        var y = max((skylines[0].highest + 1).rounded(.up), (skylines[0].highest + 1 + spare / parts / 2).rounded(.down))
        lines = [y]
        // On whole millimetres, and what rounding leaves goes to the next row.
        var exact = y
        for row in 1..<max(1, rows) {
            let distance = max(Self.closest, skylines[row - 1].distance(to: skylines[row]) + 1).rounded(.up)
            exact += distance + spare / parts
            y = max(exact.rounded(.down), lines[row - 1] + distance)
            lines.append(y)
        }
        return y + skylines[rows - 1].lowest + 1
    }

    private mutating func skyline(_ row: Int) -> Skyline {
        var skyline = Skyline(width: grid.width)
        skyline.add(from: 1, to: 1 + Self.pulseWidth, low: 0, high: gain)
        for place in strips.indices where strips[place].row == row { skyline.add(strips[place].curve, left: strips[place].left) }
        for place in strips.indices where strips[place].row == row {
            let width = measure(label(strips[place]), fault(strips[place])) + 1
            strips[place].label = room(for: width, strips[place], skyline)
            let point = strips[place].label
            skyline.add(from: point.x, to: point.x + width, low: point.y, high: point.y + Self.labelHeight + 0.5)
        }
        return skyline
    }

    /// The lowest place for a name within the strip's first centimetres.
    private func room(for width: Double, _ strip: Strip, _ skyline: Skyline) -> Point {
        var best = Point(strip.left + 1, .infinity)
        var cost = Double.infinity
        for shift in 0...Int(max(0, min(20, strip.width - width - 2))) {
            let x = strip.left + 1 + Double(shift)
            let y = max(2, skyline.height(from: x - 1, to: x + width + 1) + 0.8)
            if y + 0.2 * Double(shift) < cost {
                cost = y + 0.2 * Double(shift)
                best = Point(x, y)
            }
        }
        return best
    }

    /// A strip's name.
    func label(_ strip: Strip) -> String { findings.traces[strip.lead].name }

    /// What stands beside it: why there is no curve, what is wrong with it, and a scale of its own.
    func fault(_ strip: Strip) -> String {
        let trace = findings.traces[strip.lead]
        let own = strip.divisor == 1 ? [] : ["\(SheetWords.number(gain / strip.divisor)) mm/mV"]
        let state: [String] =
            switch trace.state {
            case .absent: ["not recorded"]
            case .off: ["electrode off"]
            case .unreadable: ["cannot be read"]
            case .recorded, .computed:
                trace.microvolts[strip.range].contains { $0 != nil } ? [] : ["no samples"]
            }
        return (own + state + (trace.fault.isEmpty ? [] : [trace.fault])).joined(separator: ", ")
    }
}
