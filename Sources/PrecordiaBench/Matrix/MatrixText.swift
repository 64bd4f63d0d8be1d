// The matrix as tables for a document, and its cells as lines.

import PrecordiaHost

/// Collects outcomes and writes them.
package struct MatrixText {
    package private(set) var outcomes: [MatrixOutcome] = []

    package init() {}

    package mutating func add(_ outcome: MatrixOutcome) { outcomes.append(outcome) }

    /// Whether no cell is silent.
    package var isWhole: Bool { !outcomes.contains { $0.verdict.isSilent } }

    /// A table for each way and beginning: disturbances down, rhythms across.
    package var tables: [String] {
        var lines: [String] = []
        for beginsInRhythm in [false, true] {
            for way in MatrixWay.allCases {
                let own = outcomes.filter { $0.cell.way == way && $0.cell.beginsInRhythm == beginsInRhythm }
                guard !own.isEmpty else { continue }
                lines += table(own, way, beginsInRhythm) + [""]
            }
        }
        return lines + totals
    }

    private func table(_ own: [MatrixOutcome], _ way: MatrixWay, _ beginsInRhythm: Bool) -> [String] {
        let rhythms = MatrixRhythm.allCases.filter { rhythm in own.contains { $0.cell.rhythm == rhythm } }
        let title = way == .replay ? "`replay`" : "live, policy `\(way.rawValue)`"
        var lines = ["**\(title), \(beginsInRhythm ? "beginning in the rhythm" : "after 20 s of normal rhythm")**", ""]
        lines.append("| |" + rhythms.map { " \($0.rawValue) |" }.joined())
        lines.append("|---|" + rhythms.map { _ in "---|" }.joined())
        for disturbance in MatrixDisturbance.all {
            let row = own.filter { $0.cell.disturbance.name == disturbance.name }
            guard !row.isEmpty else { continue }
            let cells = rhythms.map { rhythm in row.first { $0.cell.rhythm == rhythm }.map { " \(Self.text($0)) |" } ?? " |" }
            lines.append("| \(disturbance.name) |" + cells.joined())
        }
        return lines
    }

    /// Seconds from the definition to the alarm; T before a technical one, an exclamation mark behind what was up before the rhythm.
    static func text(_ outcome: MatrixOutcome) -> String {
        func seconds(_ value: Double) -> String { Text.fixed(value, decimals: 1) }
        switch outcome.verdict {
        case .right(let name, let after): return seconds(after) + (outcome.before.contains(name) ? "!" : "")
        case .technical(let name, let after): return "T \(name) \(seconds(after))"
        case .late(let name, let after): return "**late** \(name) \(seconds(after))"
        case .ends(let name, let after): return "**ends** \(name) \(seconds(after))"
        case .silent: return "**silent**"
        case .quiet: return "quiet"
        case .falseAlarm(let name, let time): return "false \(name) at \(seconds(time))"
        }
    }

    private var totals: [String] {
        func count(_ isCounted: (MatrixVerdict) -> Bool) -> Int { outcomes.count { isCounted($0.verdict) } }
        let right = count { if case .right = $0 { true } else { false } }
        let technical = count { if case .technical = $0 { true } else { false } }
        let late = count { if case .late = $0 { true } else { false } }
        let ends = count { if case .ends = $0 { true } else { false } }
        let silent = count { $0 == .silent }
        let normal = count { if case .quiet = $0 { true } else if case .falseAlarm = $0 { true } else { false } }
        let wrong = count { if case .falseAlarm = $0 { true } else { false } }
        return [
            "\(outcomes.count - normal) cells with a rhythm that must be alarmed: \(right) with the right alarm, \(technical) with a technical one in its place, "
                + "\(late) late, \(ends) that end by themselves, \(silent) silent. Normal rhythm: \(wrong) of \(normal) cells with a false alarm of high priority."
        ]
    }

    /// One cell in a line.
    package static func line(_ outcome: MatrixOutcome) -> String {
        let met = outcome.met.map { "met at \(Text.fixed($0, decimals: 1))" } ?? "never met"
        return
            "\(outcome.cell.name)  \(text(outcome))  (\(met); \(outcome.account.isEmpty ? "no high alarm" : outcome.account.joined(separator: ", ")))"
    }
}
