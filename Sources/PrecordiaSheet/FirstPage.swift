// The first page: who, when, what was measured and said, and the leads on their grid.

import PrecordiaFindings
import PrecordiaHost

/// Draws the page that a cardiologist reads.
struct FirstPage {
    let findings: Findings
    let ink: Ink

    private var settings: SheetSettings { findings.sheet }

    /// Millimetres of the grid, and where it begins.
    static let gridWidth = 260.0
    static let headerHeight = 47.0
    static let footerHeight = 11.0

    static func grid(of paper: SheetSettings.Paper, header: Double = headerHeight) -> Area {
        let size = paper.size
        let height = ((size.height - header - footerHeight) / 5).rounded(.down) * 5
        return Area(x: (size.width - gridWidth) / 2, y: header, width: gridWidth, height: height)
    }

    func draw() {
        let grid = Self.grid(of: settings.paper)
        let ink = ink
        let layout = SheetLayout(findings, grid: grid) { name, fault in
            ink.width(of: name, size: Self.labelSize, bold: true) + (fault.isEmpty ? 0 : 1 + ink.width(of: fault, size: Self.faultSize))
        }
        drawHeader(grid)
        Self.draw(grid: grid, ink)
        drawMark(grid, layout)
        drawStrips(grid, layout)
        drawFooter(grid, layout)
    }

    static let labelSize = 3.2
    static let faultSize = 2.4

    static func draw(grid: Area, _ ink: Ink) {
        ink.grid(grid, step: 1, width: 0.08, .fine)
        ink.grid(grid, step: 5, width: 0.16, .coarse)
    }

    private func drawHeader(_ grid: Area) {
        let bottom = grid.y - 2.5
        var left = Column(ink, x: grid.x, y: 4, width: 84, bottom: bottom)
        let name = SheetWords.name(findings.patient)
        // A name is never shortened where smaller letters help: two people may differ in its end.
        let width = ink.width(of: name, size: 1, bold: true)
        left.add(name, size: width * 4.4 <= left.width ? 4.4 : width * 3.3 <= 1.8 * left.width ? 3.3 : 2.6, bold: true, most: 4)
        left.add(SheetWords.person(findings.patient), size: 2.9, most: 2)
        left.add(
            findings.exam.time.map { "Recorded \($0)" } ?? (findings.patient.isAnonymous ? "" : "Time of recording not stated"), size: 2.9)
        if let stretch = findings.exam.stretch { left.add(stretch) }
        if let device = findings.exam.device { left.add("Device: \(device)", most: 2) }
        if let source = findings.exam.source { left.add("Record: \(source)", .dark, most: 2) }
        for note in findings.exam.notes { left.add(note, size: 2.5, .dark, most: 2) }

        var middle = Column(ink, x: grid.x + 90, y: 4, width: 66, bottom: bottom)
        for value in findings.values {
            middle.add(left: value.name, right: SheetWords.value(value), side: value.value == nil ? .grey : .black)
        }

        var right = Column(ink, x: grid.x + 162, y: 4, width: grid.width - 162, bottom: bottom)
        if let alarm = findings.alarm {
            let time = alarm.time.map { ", \($0)" } ?? ""
            right.add("Alarm: \(alarm.words) (\(alarm.priority)\(time))", size: 3, bold: true, .red, most: 2)
        }
        drawStatements(&right, bottom)
    }

    /// As many statements as leave room for what is said of the signal.
    private func drawStatements(_ column: inout Column, _ bottom: Double) {
        var below: [(text: String, colour: Colour)] = [
            (SheetWords.quality(findings.quality), findings.quality.verdict == .good ? .dark : .red)
        ]
        if let comparison = findings.comparison { below.append((SheetWords.summary(comparison), .black)) }
        if let noAnswer = findings.noAnswer { below.insert(("No statement of the network: \(noAnswer)", .black), at: 0) }
        // Smaller letters and a shorter comparison before any statement goes to page 2.
        let all = findings.statements
        let choices = [(2.9, 4), (2.9, 2), (2.5, 2)].map { size, most in
            StatementFit(size: size, most: most, count: fitting(size, bottom - column.y - 1 - height(of: below, most, column), column))
        }
        let fit = choices.first { $0.count == all.count } ?? choices[2]
        for statement in all.prefix(fit.count) {
            column.add(
                left: statement.words, right: SheetWords.status(statement), size: fit.size, bold: true,
                statement.status == .rule ? .red : .black)
        }
        if fit.count < all.count { column.add("and \(all.count - fit.count) more on page 2", size: 2.4, .grey) }
        if all.isEmpty, findings.noAnswer == nil { column.add("No statement reaches its threshold", size: 2.9, bold: true) }
        column.y += 0.8
        for entry in below { column.add(entry.text, size: 2.5, entry.colour, most: fit.most) }
    }

    /// A size of letters, the lines that each text below may take, and the statements that fit then.
    private struct StatementFit {
        var size: Double
        var most: Int
        var count: Int
    }

    private func height(of below: [(text: String, colour: Colour)], _ most: Int, _ column: Column) -> Double {
        below.reduce(0.0) { sum, entry in
            let lines = Column.wrapped(entry.text, most: most) { ink.width(of: $0, size: 2.5) <= column.width }.count
            return sum + Double(lines) * 2.5 * 1.4
        }
    }

    /// How many statements fit into a height: all, or fewer so that a line can say how many more there are.
    private func fitting(_ size: Double, _ height: Double, _ column: Column) -> Int {
        let all = findings.statements
        var used = 0.0
        var ends: [Double] = []
        for statement in all {
            let room = column.width - ink.width(of: SheetWords.status(statement), size: size) - 2
            used +=
                Double(Column.wrapped(statement.words, most: 2) { ink.width(of: $0, size: size, bold: true) <= room }.count) * size * 1.42
            ends.append(used)
        }
        if used <= height { return all.count }
        return max(1, ends.filter { $0 + 2.4 * 1.4 <= height }.count)
    }

    private func drawMark(_ grid: Area, _ layout: SheetLayout) {
        guard let mark = findings.exam.mark, layout.isContinuous, mark >= layout.start, mark <= layout.start + layout.seconds else {
            return
        }
        let x = grid.x + SheetLayout.pulseRoom + (mark - layout.start) * settings.speed
        ink.line(Point(x, grid.y), Point(x, grid.y + grid.height), width: 0.2, .red, dash: 1)
        ink.text("alarm", x: x, y: grid.y - 0.6, size: 2.4, .red, .centre)
    }

    private func drawStrips(_ grid: Area, _ layout: SheetLayout) {
        for row in 0..<layout.rows { drawPulse(grid, layout, row) }
        for strip in layout.strips {
            let y = grid.y + layout.lines[strip.row]
            for run in strip.curve.runs {
                ink.path(run.map { Point(grid.x + strip.left + $0.x, y - $0.y) }, width: 0.25)
            }
            for hole in strip.curve.holes where hole.to - hole.from > 14 && !strip.curve.runs.isEmpty {
                ink.text("no samples", x: grid.x + strip.left + (hole.from + hole.to) / 2, y: y, size: Self.faultSize, .red, .centre)
            }
            // Where one lead ends and the next begins.
            if strip.left > SheetLayout.pulseRoom {
                let x = grid.x + strip.left
                ink.line(Point(x, y - 2), Point(x, y + 2), width: 0.2, .dark)
            }
            let place = Point(grid.x + strip.label.x, y - strip.label.y)
            let name = layout.label(strip)
            ink.text(name, x: place.x, y: place.y, size: Self.labelSize, bold: true)
            let after = place.x + ink.width(of: name, size: Self.labelSize, bold: true) + 1
            ink.text(layout.fault(strip), x: after, y: place.y, size: Self.faultSize, .red)
        }
    }

    /// A millivolt for a fifth of a second.
    private func drawPulse(_ grid: Area, _ layout: SheetLayout, _ row: Int) {
        let y = grid.y + layout.lines[row]
        let x = grid.x + 0.5
        let end = x + SheetLayout.pulseWidth + 0.5
        let top = y - layout.gain
        ink.path(
            [Point(x, y), Point(x + 1, y), Point(x + 1, top), Point(end - 1, top), Point(end - 1, y), Point(end, y)], width: 0.25)
    }

    private func drawFooter(_ grid: Area, _ layout: SheetLayout) {
        let y = grid.y + grid.height + 4
        let scale = SheetWords.scale(layout, settings)
        let filter = "    Filter: \(findings.exam.filter)    \(findings.exam.rate) Hz"
        ink.text(scale + filter + (SheetWords.drawn(layout, settings) ?? ""), x: grid.x, y: y, size: 2.8, bold: true)
        ink.text(SheetWords.footer, x: grid.x + grid.width, y: y, size: 2.8, bold: true, .black, .right)
        Self.draw(footer: findings.exam.program, page: 1, grid, ink)
        guard let smaller = SheetWords.smaller(layout, settings) else { return }
        ink.text("\(SheetWords.number(layout.gain)) mm/mV: \(smaller)", x: grid.x, y: y + 3.6, size: 2.5, .red)
    }

    /// The second line of a footer.
    static func draw(footer program: String, page: Int, _ grid: Area, _ ink: Ink) {
        ink.text(
            "\(program)    page \(page) of 2", x: grid.x + grid.width, y: grid.y + grid.height + 7.6, size: 2.3, .grey, .right)
    }
}
