// The second page: the median beat with its marks, sizes lead by lead, every statement, and what changed since another exam.

import PrecordiaFindings
import PrecordiaHost

/// Draws the page that says what was measured, and on what.
struct SecondPage {
    let findings: Findings
    let ink: Ink

    private static let header = 15.0
    private static let beats = 85.0

    func draw() {
        let whole = FirstPage.grid(of: findings.sheet.paper, header: Self.header)
        let grid = Area(x: whole.x, y: whole.y, width: whole.width, height: Self.beats)
        drawHeader(grid)
        if let median = findings.median {
            drawBeats(median, grid)
        } else {
            ink.text(
                "No median beat: \(findings.values.first { !$0.reason.isEmpty }?.reason ?? "no beat was found")", x: grid.x, y: grid.y + 8,
                size: 3.2, bold: true)
        }
        let below = findings.median == nil ? grid.y + 16 : grid.y + grid.height + 5
        let bottom = whole.y + whole.height + 1
        if let median = findings.median { drawSizes(median, x: grid.x, y: below) }
        var right = Column(ink, x: grid.x + 142, y: below - 3, width: grid.width - 142, bottom: bottom)
        if findings.median == nil, findings.comparison == nil { right = Column(ink, x: grid.x, y: below - 3, width: 134, bottom: bottom) }
        if let comparison = findings.comparison {
            draw(comparison, in: &right)
            tellRest(of: right)
            right = Column(ink, x: grid.x, y: findings.median == nil ? below : below + 50, width: 134, bottom: bottom)
        }
        drawStatements(in: &right)
        tellRest(of: right)
        let y = whole.y + whole.height + 4
        ink.text(SheetWords.footer, x: grid.x + grid.width, y: y, size: 2.8, bold: true, .black, .right)
        FirstPage.draw(footer: findings.exam.program, page: 2, whole, ink)
    }

    private func drawHeader(_ grid: Area) {
        var left = Column(ink, x: grid.x, y: 4, width: 150, bottom: grid.y)
        left.add(SheetWords.name(findings.patient), size: 3.6, bold: true, most: 1)
        left.add(
            [SheetWords.person(findings.patient), findings.exam.time ?? ""].filter { !$0.isEmpty }.joined(separator: "    "), size: 2.7,
            most: 1)
        guard let median = findings.median else { return }
        var right = Column(ink, x: grid.x + 156, y: 4, width: grid.width - 156, bottom: grid.y)
        right.add(
            "Median of \(Text.counted(median.beats, "beat")); blue: " + median.marks.map(\.name).joined(separator: ", "), size: 2.5, most: 2
        )
        if findings.comparison?.median != nil { right.add("grey: \(findings.comparison?.other ?? "")", size: 2.5, .grey, most: 1) }
    }

    private func drawBeats(_ median: MedianFinding, _ grid: Area) {
        FirstPage.draw(grid: grid, ink)
        let layout = MedianLayout(median, earlier: findings.comparison?.median, grid: grid)
        for beat in layout.beats {
            let y = grid.y + layout.lines[beat.row]
            let middle = grid.x + beat.middle
            let left = middle - MedianLayout.before / 1000 * MedianLayout.speed
            for mark in median.marks where mark.milliseconds >= -MedianLayout.before && mark.milliseconds <= MedianLayout.after {
                let x = middle + mark.milliseconds / 1000 * MedianLayout.speed
                ink.line(Point(x, y - 7), Point(x, y + 5), width: 0.18, .blue)
            }
            for run in beat.earlier?.runs ?? [] { ink.path(run.map { Point(left + $0.x, y - $0.y) }, width: 0.3, .pale) }
            for run in beat.curve.runs { ink.path(run.map { Point(left + $0.x, y - $0.y) }, width: 0.28) }
            ink.text(findings.traces[beat.lead].name, x: left - 1, y: y - 1, size: 3, bold: true, .black, .right)
        }
        ink.text(
            "\(SheetWords.number(MedianLayout.speed)) mm/s    \(SheetWords.number(layout.gain)) mm/mV", x: grid.x + 1,
            y: grid.y + grid.height - 1,
            size: 2.5, bold: true)
    }

    private func drawSizes(_ median: MedianFinding, x: Double, y: Double) {
        let step = 13.5
        let size = 2.6
        ink.text("mV", x: x, y: y, size: size, .grey)
        for (column, name) in LeadSizes.names.enumerated() {
            ink.text(name, x: x + 22 + Double(column) * step, y: y, size: size, bold: true, .black, .right)
        }
        for lead in 0..<12 {
            let line = y + Double(lead + 1) * 4
            ink.text(findings.traces[lead].name, x: x, y: line, size: size, bold: true)
            guard let sizes = median.sizes[lead] else {
                ink.text("not measured", x: x + 12, y: line, size: size, .grey)
                continue
            }
            for (column, value) in sizes.values.enumerated() {
                let text = value.map { Text.fixed($0, decimals: 2) } ?? "–"
                ink.text(text, x: x + 22 + Double(column) * step, y: line, size: size, value == nil ? .grey : .black, .right)
            }
        }
    }

    private func draw(_ comparison: ComparisonFinding, in column: inout Column) {
        column.add("Against \(comparison.other)", size: 3, bold: true, most: 2)
        for note in comparison.notes { column.add(note, size: 2.5, .red, most: 2) }
        for change in comparison.changes {
            let verdict = change.isChange.map { $0 ? "changed" : "within uncertainty" } ?? ""
            let values =
                "\(SheetWords.side(change.before, change)) to \(SheetWords.side(change.now, change))\(SheetWords.unit(change.unit))"
            let step = SheetWords.difference(change)
            column.add(
                left: "\(change.name)  \(values)", right: [step, verdict].filter { !$0.isEmpty }.joined(separator: "  "), size: 2.6,
                bold: change.isChange == true)
        }
        if !comparison.new.isEmpty { column.add("New: " + comparison.new.joined(separator: ", "), size: 2.6, bold: true) }
        if !comparison.gone.isEmpty { column.add("Gone: " + comparison.gone.joined(separator: ", "), size: 2.6, bold: true) }
        if !comparison.same.isEmpty { column.add("As before: " + comparison.same.joined(separator: ", "), size: 2.6) }
        column.y += 1.5
    }

    private func drawStatements(in column: inout Column) {
        column.add("Statements", size: 3, bold: true)
        if let noAnswer = findings.noAnswer { column.add("none of the network: \(noAnswer)", size: 2.6, most: 2) }
        for statement in findings.statements {
            column.add(left: statement.words, right: SheetWords.status(statement), size: 2.6, statement.status == .rule ? .red : .black)
        }
        if findings.statements.isEmpty, findings.noAnswer == nil { column.add("none reaches its threshold", size: 2.6) }
        guard findings.comparison == nil else { return }
        column.add(
            "rule: rules of rhythm and signal. network: learned from people's labels. criterion: a published criterion on what was measured. machine: learned from another machine's labels.",
            size: 2.2, .grey)
    }

    /// What found no room is told: nobody may think that this was all.
    private func tellRest(of column: Column) {
        guard column.leftOut > 0 else { return }
        ink.text(
            "\(Text.counted(column.leftOut, "line")) more: precordia report -o FILE.json has all", x: column.x, y: column.bottom + 2.6,
            size: 2.2, .red)
    }
}
