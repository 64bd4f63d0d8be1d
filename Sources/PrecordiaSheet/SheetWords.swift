// What stands on a sheet as text, before anybody knows where.

import PrecordiaFindings
import PrecordiaHost

/// Texts of a sheet.
enum SheetWords {
    /// A number with as many decimals as it needs, at most three: "10", "2.5", "0.625".
    static func number(_ value: Double) -> String {
        for decimals in 0..<3 where (value - Double(Text.fixed(value, decimals: decimals))!).magnitude < 1e-9 {
            return Text.fixed(value, decimals: decimals)
        }
        return Text.fixed(value, decimals: 3)
    }

    /// "74 years, female, born 1952-02-03"; empty where nothing is known.
    static func person(_ patient: PatientFindings) -> String {
        [
            patient.id.map { "ID \($0)" }, patient.age.map { Int($0) == nil ? $0 : "\($0) years" }, patient.sex,
            patient.birthDate.map { "born \($0)" },
        ].compactMap { $0 }.joined(separator: ", ")
    }

    /// The patient's name in the first line.
    static func name(_ patient: PatientFindings) -> String {
        if patient.isAnonymous { return "Name left out" }
        return patient.name ?? "Name not stated"
    }

    /// "162 ± 3 ms", or why it is not known. An error below what is printed counts as one of its last digits.
    static func value(_ value: MeasuredValue) -> String {
        guard let number = value.value else { return value.reason.isEmpty ? "unknown" : value.reason }
        let least = [1, 0.1, 0.01, 0.001][min(3, value.decimals)]
        let error = value.error.map { " ± \(Text.fixed(max(least, $0), decimals: value.decimals))" } ?? ""
        return Text.fixed(number, decimals: value.decimals) + error + unit(value.unit)
    }

    static func unit(_ unit: String) -> String { unit == "°" || unit.isEmpty ? unit : " " + unit }

    /// What a statement rests on: "network 97 %".
    static func status(_ statement: StatementFinding) -> String {
        statement.status.rawValue + (statement.probability.map { " " + Text.percent($0) } ?? "")
    }

    static func quality(_ quality: QualityFinding) -> String {
        let verdict =
            switch quality.verdict {
            case .good: "Signal: good"
            case .degraded: "Signal: parts are poor"
            case .unknown: "Signal: too poor to judge"
            }
        return quality.faults.isEmpty
            ? verdict : verdict + (quality.verdict == .good ? "; " : ": ") + quality.faults.joined(separator: "; ")
    }

    static let footer = "Not a medical device. To be confirmed by a physician."

    static func scale(_ layout: SheetLayout, _ settings: SheetSettings) -> String {
        "\(number(settings.speed)) mm/s    \(number(layout.gain)) mm/mV"
    }

    /// Which of the seconds of the sheet are drawn, and whether columns show some of them twice; nil where all are drawn once.
    static func drawn(_ layout: SheetLayout, _ settings: SheetSettings) -> String? {
        if !layout.isContinuous, settings.layout.columns > 1 { return "    columns overlap in time" }
        guard layout.start > 0.05 else { return nil }
        let end = layout.start + layout.seconds
        return "    seconds \(Text.fixed(layout.start, decimals: 1)) to \(Text.fixed(end, decimals: 1)) of it"
    }

    /// Why the gain is not the one that was asked for; nil where it is.
    static func smaller(_ layout: SheetLayout, _ settings: SheetSettings) -> String? {
        guard layout.gain != settings.gain else { return nil }
        return "smaller than the \(number(settings.gain)) mm/mV asked for, so that no lead is cut and none meets another"
    }

    static func difference(_ change: ComparisonFinding.Change) -> String {
        guard let before = change.before, let now = change.now else { return "" }
        let step = now - before
        return (step > 0 ? "+" : "") + Text.fixed(step, decimals: change.decimals)
    }

    static func side(_ value: Double?, _ change: ComparisonFinding.Change) -> String {
        value.map { Text.fixed($0, decimals: change.decimals) } ?? "unknown"
    }

    /// The comparison in one line.
    static func summary(_ comparison: ComparisonFinding) -> String {
        let changed = comparison.changes.filter { $0.isChange == true }.map {
            "\($0.name) \(difference($0))\(unit($0.unit))"
        }
        var parts: [String] = []
        if !comparison.new.isEmpty { parts.append("new: " + comparison.new.joined(separator: ", ")) }
        if !comparison.gone.isEmpty { parts.append("gone: " + comparison.gone.joined(separator: ", ")) }
        parts += changed.isEmpty ? ["no measured value changed beyond its uncertainty"] : changed
        return "Against \(comparison.other): " + (comparison.notes + parts).joined(separator: "; ")
    }
}
