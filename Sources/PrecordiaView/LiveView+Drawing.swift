// The lines of the live view at a given size.
// Separate from its state: this is arithmetic of rows and columns and nothing else.

import PrecordiaAlerts
import PrecordiaEngine
import PrecordiaHost
import PrecordiaReport
package import PrecordiaSession
import PrecordiaSignal

extension LiveView {
    /// The screen's lines, at most `rows` of at most `columns` characters.
    package func lines(columns: Int, rows: Int) -> [String] {
        guard columns >= 40, rows >= 12 else {
            let sound = hearing.isEmpty ? nil : hearing
            let lines = [boardWords, sound, headline(columns), firstAlert()] as [String?]
            return lines.compactMap { $0 }.prefix(rows).map { clip($0, columns) }
        }
        if rows < 16 { return fewLines(columns: columns, rows: rows) }
        let measured = measurementLine(columns)
        let rows = rows - (measured == nil ? 0 : 1)
        let statementRows = rows >= 22 ? 5 : 3
        let alertRows = rows >= 22 ? 5 : max(1, (rows - 8) / 3)
        let room = rows - 6 - statementRows - alertRows
        let footerLines = footerLines(columns, most: max(1, room))
        let stripRows = max(1, room + 1 - footerLines.count)
        var lines = [style.paint(pad(headline(columns), columns), .title)]
        lines.append(signalLine(columns))
        lines += stripLines(columns: columns, rows: stripRows)
        if let measured { lines.append(measured) }
        lines.append(ruled("Statements", columns))
        lines += filled(statementLines(columns, count: statementRows), statementRows)
        lines.append(ruled(alarmTitle(columns, rows: alertRows), columns))
        lines += filled(alertLines(columns, count: alertRows), alertRows)
        lines.append(ruled("", columns))
        lines += footerLines.map { style.paint($0, .faint) }
        return lines
    }

    /// A screen of few rows: one statement, and alerts before anything else.
    private func fewLines(columns: Int, rows: Int) -> [String] {
        let measured = measurementLine(columns)
        let stripRows = (rows >= 14 ? 4 : 3) - (measured == nil ? 0 : 1)
        let alertRows = rows - 5 - stripRows - (measured == nil ? 0 : 1)
        var lines = [style.paint(pad(headline(columns), columns), .title), signalLine(columns)]
        lines += stripLines(columns: columns, rows: stripRows)
        if let measured { lines.append(measured) }
        lines += filled(statementLines(columns, count: 1), 1)
        lines.append(ruled(alarmTitle(columns, rows: alertRows), columns))
        lines += filled(alertLines(columns, count: alertRows), alertRows)
        return lines + footerLines(columns, most: 1).map { style.paint($0, .faint) }
    }

    /// What is left on the terminal when the view has gone: the alerts that were, and the figures.
    package func farewell(_ result: SessionResult) -> [String] {
        var lines = ["\(Text.printable(stream.name)): \(Text.clock(seconds: Int(result.samples) / stream.rate)) of signal"]
        for entry in entries {
            let start = Text.clock(seconds: Int(entry.raised) / stream.rate)
            let end = entry.cleared.map { "to " + Text.clock(seconds: Int($0) / stream.rate) } ?? "to the end"
            lines.append("  \(start) \(pad(end, 11)) \(pad(Vocabulary.priorityMark(entry.priority), 7)) \(entry.words)\(entry.evidence)")
        }
        lines.append(EventTable.summary(result.counters))
        lines += result.figures.latencyLines
        return style.hasUnicode ? lines : lines.map { $0.replacing("µ", with: "u") }
    }

    private func headline(_ columns: Int) -> String {
        let rate = answer?.heartRate.map { Text.fixed($0, decimals: 0) } ?? "--"
        let heart = "\(style.glyph("♥", "HR")) \(rate)/min "
        let isWide = columns >= 60
        let heard = isWide ? [Text.clock(seconds: Int(sample) / stream.rate)] : []
        let right = (([clock] + heard).filter { !$0.isEmpty } + [heart]).joined(separator: isWide ? "   " : "  ")
        let title = isWide ? " Precordia \(ProgramVersion.text)   " : " "
        let left = clip(title + Text.printable(stream.name), max(0, columns - right.count - 1))
        return left + String(repeating: " ", count: max(1, columns - left.count - right.count)) + right
    }

    private func firstAlert() -> String {
        guard let entry = entriesInOrder().first, entry.cleared == nil else { return wasHeard ? "no alert" : "no signal yet" }
        return "\(Vocabulary.priorityMark(entry.priority)) \(entry.words)"
    }

    /// The foot over as many lines as its parts need, at most three; what still finds no room is clipped, never left out without a sign.
    private func footerLines(_ columns: Int, most: Int) -> [String] {
        var lines: [String] = []
        for part in footer.split(separator: ";").map({ $0.drop { $0 == " " } }) {
            if let last = lines.last, last.count + 2 + part.count < columns || lines.count == min(3, most) {
                lines[lines.count - 1] = last + "; " + part
            } else {
                lines.append(" " + part)
            }
        }
        return lines.isEmpty ? [""] : lines.map { clip($0, columns) }
    }

    private func signalLine(_ columns: Int) -> String {
        guard fault.isEmpty else { return style.paint(clip(" " + fault, columns), .high) }
        let isGood = signal.isEmpty && wasHeard
        let state = isGood ? "Signal good" : signal.isEmpty ? "No signal: nothing comes from the device yet" : "Signal: " + signal
        let text = state + (absence.isEmpty ? "" : "; " + absence)
        let left = clip(" " + text, columns)
        let space = columns - left.count - 1
        let right = note.count < space ? String(repeating: " ", count: space - note.count) + note : ""
        return style.paint(left, isGood ? .good : .medium) + style.paint(right, .faint)
    }

    /// Rate, PR, QRS, QTc and the largest ST of the last 10 s; nil where nobody measures. What is not known is two dashes, never an older value.
    private func measurementLine(_ columns: Int) -> String? {
        guard let values else { return nil }
        let wide = measurementWords(values, isWide: true)
        return style.paint(pad(wide.count <= columns ? wide : measurementWords(values, isWide: false), columns), .strong)
    }

    private func measurementWords(_ values: MeasuredValues, isWide: Bool) -> String {
        let isShown = isMeasured && fault.isEmpty
        let number = { (value: Float) in isShown && value.isFinite ? Text.fixed(Double(value), decimals: 0) : "--" }
        var parts = ["PR \(number(values.pr))", "QRS \(number(values.qrs))", "QTc \(number(values.qtc))"]
        if isWide { parts = ["rate \(number(values.heartRate))"] + parts.map { $0 + " ms" } }
        if isShown, let (lead, level) = values.largestST {
            parts.append(
                "ST \(EventNames.lead(lead)) \(level < 0 ? "" : "+")\(Text.fixed(Double(level), decimals: 2))\(isWide ? " mV" : "")")
        } else {
            parts.append("ST --")
        }
        return " " + parts.joined(separator: isWide ? "   " : " ")
    }

    private func stripLines(columns: Int, rows: Int) -> [String] {
        let width = columns - 5
        let spans = strip.newest(style.hasUnicode ? width * 2 : width)
        let drawn =
            style.hasUnicode
            ? SignalStrip.braille(spans, columns: width, rows: rows) : SignalStrip.ascii(spans, columns: width, rows: rows)
        return drawn.enumerated().map { index, line in
            let name = index == rows / 2 ? pad(" \(EventNames.lead(Int(lead.rawValue)))", 5) : "     "
            return style.paint(name, .strong) + style.paint(line, .trace)
        }
    }

    private func statementLines(_ columns: Int, count: Int) -> [String] {
        guard let answer, isKnown else { return silence(columns) }
        let barWidth = min(24, max(8, columns / 4))
        let nameWidth = columns - barWidth - 12
        return Vocabulary.top(count, of: answer.probabilities).map { index in
            let statement = vocabulary.statements[index]
            let probability = Double(answer.probabilities[index])
            let full = min(barWidth, max(0, Int((probability * Double(barWidth)).rounded())))
            let bar = String(repeating: style.glyph("█", "#"), count: full)
            let rest = String(repeating: style.glyph("·", "."), count: barWidth - full)
            let isSaid = probability >= statement.shownFrom
            let percent = Text.percent(probability)
            let name = style.paint(pad(" " + statement.words, nameWidth), isSaid ? .strong : .faint)
            return name + " " + style.paint(bar, isSaid ? .trace : .faint) + style.paint(rest, .faint)
                + String(repeating: " ", count: max(1, 8 - percent.count)) + percent
        }
    }

    /// In place of statements while there is no answer: a guess from a bad signal is not shown.
    private func silence(_ columns: Int) -> [String] {
        func words(_ text: String, _ role: Style.Role) -> String { style.paint(clip(" " + text, columns), role) }
        let listened = "listening: an answer needs \(windowSeconds) s of signal, \(min(windowSeconds, Int(sample) / stream.rate)) s heard"
        if isWithheld { return [words(EventWords.withheld, .medium)] }
        if signal.isEmpty, !absence.isEmpty { return [words("unknown: " + absence, .medium)] }
        guard wasKnown || !signal.isEmpty else { return [words(listened, .faint)] }
        return [words("unknown: the signal does not allow an answer", .medium), signal.isEmpty ? "" : clip(" " + signal, columns)]
    }

    /// Over the alerts: what a person must not forget about the sound.
    private func alarmTitle(_ columns: Int, rows: Int) -> String {
        let hidden = max(0, standing - (hearing.isEmpty ? rows : rows - 1))
        let title = hidden == 0 ? "Alerts" : "Alerts, \(hidden) more"
        if let boardWords { return hidden == 0 && columns < 60 ? boardWords : "\(title): \(boardWords)" }
        let keys = columns < 60 ? "a seen, p pause, o off" : "a acknowledge, p pause sound, o alarms off"
        return hasKeys ? "\(title): \(keys)" : title
    }

    /// Alerts that are not over, or wait to be acknowledged.
    private var standing: Int { entries.count { $0.cleared == nil || $0.mark == .latched } }

    /// What holds for all alarms: off, about to be, or without sound; nil as they should be.
    private var boardWords: String? {
        if isOff { return "ALARMS ARE OFF, o switches them on" }
        if let offAskedUntil, Monotonic.now() < offAskedUntil { return "o ONCE MORE switches ALARMS OFF" }
        if let tooSoonUntil, Monotonic.now() < tooSoonUntil { return "NOT acknowledged: seen for less than 1 s, again" }
        guard let pausedUntil else { return nil }
        return "sound paused, \(Text.clock(seconds: Int(max(0, pausedUntil - Monotonic.now()) / 1_000_000_000)))"
    }

    private func alertLines(_ columns: Int, count: Int) -> [String] {
        let sound = hearing.isEmpty ? [] : [style.paint(clip(" " + hearing, columns), .high)]
        let shown = entriesInOrder().prefix(count - sound.count)
        guard !shown.isEmpty else {
            let words = " nobody is watched: nothing comes from the device"
            return sound + [wasHeard ? style.paint(" none", .faint) : style.paint(clip(words, columns), .medium)]
        }
        return sound + shown.map { alertLine($0, columns) }
    }

    private func alertLine(_ entry: Entry, _ columns: Int) -> String {
        let start = Text.clock(seconds: Int(entry.raised) / stream.rate)
        if let cleared = entry.cleared, entry.mark != .latched {
            let seconds = Int(cleared - entry.raised) / stream.rate
            return style.paint(clip(" \(start)  over      \(entry.words), lasted \(seconds) s", columns), .faint)
        }
        let mark = pad(" \(style.glyph("▲", "!")) \(Vocabulary.priorityMark(entry.priority)) ", 10)
        let (done, short) =
            switch entry.mark {
            case .acknowledged: (" (acknowledged)", "seen: ")
            case .latched: (" (over, not acknowledged)", "over: ")
            case .inhibited: (" (held back)", "held: ")
            default: ("", "")
            }
        // Where there is no room for both, what was done comes before what it was.
        let words = columns < 60 ? " \(short)\(entry.words)\(entry.evidence)" : " \(entry.words)\(entry.evidence)\(done)"
        return " \(start) " + style.paint(mark, Style.role(priority: entry.priority))
            + style.paint(clip(words, columns - 17), done.isEmpty ? .strong : .faint)
    }

    private func ruled(_ title: String, _ columns: Int) -> String {
        let line = style.glyph("─", "-")
        let head = title.isEmpty ? "" : "\(line) \(title) "
        let text = clip(head, columns)
        return style.paint(text + String(repeating: line, count: max(0, columns - text.count)), .faint)
    }

    private func filled(_ lines: [String], _ count: Int) -> [String] {
        Array(lines.prefix(count)) + Array(repeating: "", count: max(0, count - lines.count))
    }

    private func pad(_ text: String, _ width: Int) -> String {
        let clipped = clip(text, width)
        return clipped + String(repeating: " ", count: max(0, width - clipped.count))
    }

    private func clip(_ text: String, _ width: Int) -> String {
        text.count <= width ? text : String(text.prefix(max(0, width - 1))) + style.glyph("…", "~")
    }
}
