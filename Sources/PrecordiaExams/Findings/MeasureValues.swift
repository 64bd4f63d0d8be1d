// Measurements as a sheet lists them, with their errors and why some are not known; and the median beat that they are of.

package import PrecordiaFindings
package import PrecordiaMeasure
import PrecordiaQuality
import PrecordiaSession
import PrecordiaSignal

/// Values in the order of a sheet.
package enum MeasureValues {
    package static func values(_ listing: MeasureListing, formula: QTFormula) -> [MeasuredValue] {
        let own = listing.measurement
        let errors = own.uncertainty
        // QTc = QT times a factor of the rate: its error is the QT's times that factor.
        let corrected = own.qtc(formula)
        var correctedError: Double?
        if let corrected, let qt = own.qt, qt > 0, let error = errors.qt { correctedError = Double(error) * Double(corrected) / Double(qt) }
        let axes = MeasureText.words(own.qrsGap) ?? "unknown"
        let isTrusted = listing.misfit.kind == .none
        func axis(_ name: String, _ value: Float?, _ error: Float?) -> MeasuredValue {
            MeasuredValue(
                name, "°", isTrusted ? value.map(Double.init) : nil, error: error.map(Double.init),
                reason: isTrusted ? axes : "leads do not fit")
        }
        let name = MeasureText.name(formula)
        return [
            MeasuredValue("Heart rate", "/min", own.heartRate.map(Double.init), reason: own.beats == 0 ? "no beat found" : "unknown"),
            time("P", own.p, errors.p, own.pGap), time("PR", own.pr, errors.pr, own.pGap), time("QRS", own.qrs, errors.qrs, own.qrsGap),
            time("QT", own.qt, errors.qt, own.qtGap),
            MeasuredValue(
                "QTc (\(name.prefix(1).uppercased() + name.dropFirst()))", "ms", corrected.map(Double.init), error: correctedError,
                reason: reason(own.qtGap)),
            axis("P axis", own.pAxis, errors.pAxis), axis("QRS axis", own.qrsAxis, errors.qrsAxis), axis("T axis", own.tAxis, errors.tAxis),
        ]
    }

    /// The same names with no value, beside the alarm of a lethal rhythm.
    package static var withheld: [MeasuredValue] {
        [("Heart rate", "/min"), ("PR", "ms"), ("QRS", "ms"), ("QT", "ms")].map {
            MeasuredValue($0.0, $0.1, nil, reason: "not measured: alarm")
        }
    }

    private static func time(_ name: String, _ value: Float?, _ error: Float?, _ gap: MeasureGap) -> MeasuredValue {
        MeasuredValue(name, "ms", value.map(Double.init), error: error.map(Double.init), reason: reason(gap))
    }

    private static func reason(_ gap: MeasureGap) -> String {
        // Short, because it stands in a column.
        gap == .tooFast ? "beats too fast" : MeasureText.words(gap) ?? "unknown"
    }
}

extension MedianFinding {
    /// The beat that was measured; nil where there was none.
    package init?(_ listing: MeasureListing) {
        guard let median = listing.median else { return nil }
        let own = listing.measurement
        let edges: [(String, Float?)] = [
            ("P onset", own.marks.pOnset), ("P end", own.marks.pEnd), ("QRS onset", own.marks.qrsOnset), ("J", own.marks.qrsEnd),
            ("T end", own.marks.tEnd),
        ]
        self.init(
            rate: Double(median.rate), origin: median.origin, beats: median.beats,
            leads: Lead.allCases.map { median.leads.contains($0) ? median.values[Int($0.rawValue)] : nil },
            marks: edges.compactMap { name, time in time.map { MarkFinding(name, Double($0)) } },
            sizes: Lead.allCases.map { lead in
                guard median.leads.contains(lead), own.lead[Int(lead.rawValue)].j != nil else { return nil }
                let size = own.lead[Int(lead.rawValue)]
                return LeadSizes([size.p, size.q, size.r, size.s, size.rPrime, size.t, size.j, size.j60].map { $0.map(Double.init) })
            })
    }
}
