// A record's measurements as a table for a person, a row of CSV or an object of JSON.
// One place decides how a number is printed, so that the same exam gives the same bytes in every run.

import PrecordiaFormats
import PrecordiaHost
package import PrecordiaMeasure
import PrecordiaQuality
import PrecordiaSession
import PrecordiaSignal

/// How `measure` writes.
package enum MeasureFormat: String, CaseIterable, Sendable {
    case table, csv, json
}

/// Writes a ``MeasureListing``.
package struct MeasureText: Sendable {
    private let format: MeasureFormat
    private let formula: QTFormula

    package init(format: MeasureFormat, formula: QTFormula) {
        self.format = format
        self.formula = formula
    }

    /// The line above the rows of CSV.
    package var heading: String? {
        guard format == .csv else { return nil }
        let columns = Lead.allCases.flatMap { lead in ["j", "j60"].map { "\(lead.name)_\($0)" } }
        return
            ([
                "record", "beats", "measured", "heartRate", "p", "pr", "qrs", "qt", "qtc", "pAxis", "qrsAxis", "tAxis", "pPresent", "sdnn",
                "rmssd", "sokolowLyon", "cornell", "unknown",
            ] + columns + ["atrialRate", "sdnn5min", "rmssd5min", "p_error", "pr_error", "qrs_error", "qt_error", "leadFit"]).joined(
                separator: ",")
    }

    /// A record's rows.
    package func rows(_ listing: MeasureListing, record: String) -> [[UInt8]] {
        switch format {
        case .json: [object(listing.measurement, listing.misfit, record: record)]
        case .csv: [Array((csv(listing.measurement, listing.misfit, record: record) + "\n").utf8)]
        case .table: [Array((table(listing.measurement, listing.misfit, record: record).joined(separator: "\n") + "\n").utf8)]
        }
    }

    /// Why something is not known, in a few words for a person; nil where it is known.
    static func words(_ gap: MeasureGap) -> String? {
        switch gap {
        case .none: nil
        case .noBeats: "no whole beat"
        case .noP: "no P wave"
        case .noise: "noise"
        case .tooFast: "the next beat comes before T ends"
        case .paced: "paced beats"
        case .unclear: "it cannot be told"
        }
    }

    private func gaps(_ values: Measurement) -> [(value: String, gap: MeasureGap)] {
        [("p", values.pGap), ("pr", values.pGap), ("qrs", values.qrsGap), ("qt", values.qtGap)].filter { $0.1 != .none }
    }

    /// How P waves and QRS complexes follow each other, as lines have it; nil where it is not known.
    static func word(_ conduction: Conduction) -> String? {
        switch conduction {
        case .unknown: nil
        case .all: "all"
        case .wenckebach: "wenckebach"
        case .mobitz: "mobitz-2"
        case .twoToOne: "2:1"
        case .advanced: "advanced"
        case .complete: "complete"
        case .isorhythmic: "isorhythmic"
        }
    }

    private func object(_ values: Measurement, _ misfit: LeadMisfit, record: String) -> [UInt8] {
        var line = JSONLine()
        line.add("event", "measurement")
        line.add("record", record)
        line.add("beats", values.beats)
        line.add("measured", values.measuredBeats)
        line.add("heartRate", number(values.heartRate), decimals: 1)
        line.add("p", number(values.p), decimals: 0)
        line.add("pr", number(values.pr), decimals: 0)
        line.add("qrs", number(values.qrs), decimals: 0)
        line.add("qt", number(values.qt), decimals: 0)
        line.add("qtc", number(values.qtc(formula)), decimals: 0)
        line.add("pAxis", number(values.pAxis), decimals: 0)
        line.add("qrsAxis", number(values.qrsAxis), decimals: 0)
        line.add("tAxis", number(values.tAxis), decimals: 0)
        if let hasP = values.hasP { line.add("pPresent", hasP) } else { line.add("pPresent", raw: "null") }
        line.add("atrialRate", number(values.atrialRate), decimals: 1)
        line.add("blockedP", values.blockedP)
        if let word = Self.word(values.conduction) { line.add("conduction", word) } else { line.add("conduction", raw: "null") }
        line.add("sdnn", number(values.sdnn), decimals: 0)
        line.add("rmssd", number(values.rmssd), decimals: 0)
        line.add("sdnn5min", number(values.longSDNN), decimals: 0)
        line.add("rmssd5min", number(values.longRMSSD), decimals: 0)
        line.add("sokolowLyon", number(values.sokolowLyon), decimals: 3)
        line.add("cornell", number(values.cornell), decimals: 3)
        if misfit.kind == .none { line.add("leadFit", raw: "null") } else { line.add("leadFit", EventWords.misfit(misfit)) }
        line.add("unknown") { inner in
            for (value, gap) in gaps(values) { inner.add(value, "\(gap.name)") }
        }
        line.add("uncertainty") { errors(values.uncertainty, into: &$0) }
        line.add("st") { inner in
            for lead in Lead.allCases where values.lead[Int(lead.rawValue)].j != nil {
                inner.add(lead.name) { level(values.lead[Int(lead.rawValue)], into: &$0) }
            }
        }
        line.add("leads") { inner in
            for lead in Lead.allCases where values.lead[Int(lead.rawValue)].j != nil {
                inner.add(lead.name) { size(values.lead[Int(lead.rawValue)], into: &$0) }
            }
        }
        return line.line
    }

    private func errors(_ errors: MeasureUncertainty, into line: inout JSONLine) {
        line.add("p", number(errors.p), decimals: 1)
        line.add("pr", number(errors.pr), decimals: 1)
        line.add("qrs", number(errors.qrs), decimals: 1)
        line.add("qt", number(errors.qt), decimals: 1)
        line.add("pAxis", number(errors.pAxis), decimals: 1)
        line.add("qrsAxis", number(errors.qrsAxis), decimals: 1)
        line.add("tAxis", number(errors.tAxis), decimals: 1)
        line.add("st") { inner in
            for lead in Lead.allCases where errors.j[Int(lead.rawValue)] != nil {
                inner.add(lead.name) {
                    $0.add("j", number(errors.j[Int(lead.rawValue)]), decimals: 3)
                    $0.add("j60", number(errors.j60[Int(lead.rawValue)]), decimals: 3)
                }
            }
        }
    }

    private func level(_ lead: LeadMeasurement, into line: inout JSONLine) {
        line.add("j", number(lead.j), decimals: 3)
        line.add("j20", number(lead.j20), decimals: 3)
        line.add("j40", number(lead.j40), decimals: 3)
        line.add("j60", number(lead.j60), decimals: 3)
        line.add("j80", number(lead.j80), decimals: 3)
        line.add("slope", number(lead.slope), decimals: 2)
    }

    private func size(_ lead: LeadMeasurement, into line: inout JSONLine) {
        line.add("p", number(lead.p), decimals: 3)
        line.add("q", number(lead.q), decimals: 3)
        line.add("r", number(lead.r), decimals: 3)
        line.add("s", number(lead.s), decimals: 3)
        line.add("r2", number(lead.rPrime), decimals: 3)
        line.add("t", number(lead.t), decimals: 3)
        line.add("intrinsicoid", number(lead.intrinsicoid), decimals: 0)
        line.add("noise", number(lead.noise), decimals: 3)
    }

    private func csv(_ values: Measurement, _ misfit: LeadMisfit, record: String) -> String {
        let unknown = gaps(values).map { "\($0.value): \($0.gap.name)" }.joined(separator: "; ")
        let cells = [
            Text.csv(record), "\(values.beats)", "\(values.measuredBeats)", cell(values.heartRate, 1), cell(values.p), cell(values.pr),
            cell(values.qrs), cell(values.qt), cell(values.qtc(formula)), cell(values.pAxis), cell(values.qrsAxis), cell(values.tAxis),
            values.hasP.map { $0 ? "yes" : "no" } ?? "", cell(values.sdnn), cell(values.rmssd), cell(values.sokolowLyon, 3),
            cell(values.cornell, 3), Text.csv(unknown),
        ]
        let levels = Lead.allCases.flatMap { lead in
            [cell(values.lead[Int(lead.rawValue)].j, 3), cell(values.lead[Int(lead.rawValue)].j60, 3)]
        }
        let later = [
            cell(values.atrialRate, 1), cell(values.longSDNN), cell(values.longRMSSD), cell(values.uncertainty.p, 1),
            cell(values.uncertainty.pr, 1), cell(values.uncertainty.qrs, 1), cell(values.uncertainty.qt, 1),
        ]
        return (cells + levels + later + [Text.csv(EventWords.misfit(misfit))]).joined(separator: ",")
    }

    private func table(_ values: Measurement, _ misfit: LeadMisfit, record: String) -> [String] {
        let unknown = { (gap: MeasureGap) in Self.words(gap).map { "unknown: \($0)" } ?? "unknown" }
        var lines = [
            "\(record): \(Text.counted(values.measuredBeats, "beat")) of \(values.beats) in the median of the last \(MeasureMonitor.seconds) s",
            "  heart rate  " + (values.heartRate.map { "\(cell($0)) /min" } ?? "unknown"),
            "  P           " + (values.p.map { "\(cell($0)) ms\(plus(values.uncertainty.p))" } ?? unknown(values.pGap)),
            "  PR          " + (values.pr.map { "\(cell($0)) ms\(plus(values.uncertainty.pr))" } ?? unknown(values.pGap)),
            "  QRS         " + (values.qrs.map { "\(cell($0)) ms\(plus(values.uncertainty.qrs))" } ?? unknown(values.qrsGap)),
            "  QT, QTc     "
                + (values.qt.map { "\(cell($0)) ms\(plus(values.uncertainty.qt)), \(cell(values.qtc(formula))) ms (\(Self.name(formula)))" }
                    ?? unknown(values.qtGap)),
            "  axes        P \(degrees(values.pAxis)), QRS \(degrees(values.qrsAxis)), T \(degrees(values.tAxis))",
        ]
        if values.conduction.isBlock, let word = Self.word(values.conduction), let rate = values.atrialRate {
            lines.append("  atria       \(cell(rate)) /min, conduction \(word)")
        } else if values.blockedP > 0, let rate = values.atrialRate {
            lines.append("  atria       \(cell(rate)) /min, \(Text.counted(values.blockedP, "P wave")) without a QRS complex")
        }
        if misfit.kind != .none {
            lines.append("  leads       \(EventWords.misfit(misfit)): no voltage, axis or ST is to be trusted; times are")
        }
        guard values.measuredBeats > 0 else { return lines }
        lines.append("  lead      P      Q      R      S     R'      T     ST J  J+60 mV")
        for lead in Lead.allCases where values.lead[Int(lead.rawValue)].j != nil {
            let own = values.lead[Int(lead.rawValue)]
            let sizes = [own.p, own.q, own.r, own.s, own.rPrime, own.t].map { padded($0.map { cell($0, 2) } ?? "", 7) }.joined()
            lines.append(
                "  " + lead.name + String(repeating: " ", count: 4 - lead.name.count) + sizes + padded(cell(own.j, 2), 9)
                    + padded(cell(own.j60, 2), 6))
        }
        return lines
    }

    /// The formula that `--formula` names.
    package static func formula(named name: String) -> QTFormula? {
        for formula in [QTFormula.fridericia, .bazett, .framingham, .hodges] where Self.name(formula) == name.lowercased() {
            return formula
        }
        return nil
    }

    static func name(_ formula: QTFormula) -> String {
        switch formula {
        case .fridericia: "fridericia"
        case .bazett: "bazett"
        case .framingham: "framingham"
        case .hodges: "hodges"
        }
    }

    private func number(_ value: Float?) -> Double? { value.map(Double.init) }
    private func cell(_ value: Float?, _ decimals: Int = 0) -> String { value.map { Text.fixed(Double($0), decimals: decimals) } ?? "" }
    /// The standard error behind a time; less than 1 ms counts as 1.
    private func plus(_ error: Float?) -> String { error.map { " ± \(cell(max(1, $0)))" } ?? "" }
    private func degrees(_ value: Float?) -> String { value.map { "\(cell($0))°" } ?? "unknown" }
    private func padded(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - text.count)) + text }
}
