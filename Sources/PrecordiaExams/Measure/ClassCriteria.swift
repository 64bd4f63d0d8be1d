// Classes of CODE that a published criterion defines on what is measured. Apart from the classifier: nothing here was learned, and nothing is a probability.
// models/code66-sources.csv has the same definitions with their sources; a test compares the two.

import PrecordiaBeats
import PrecordiaFormats
package import PrecordiaMeasure
import PrecordiaQuality
import PrecordiaSignal

/// Says for each class that a criterion defines whether an exam meets it.
package struct ClassCriteria {
    /// Codes of the classes, in the order of models/code66.csv.
    package static let codes = [
        "TECH-REV", "TECH-PREC", "ST", "SB", "SPAUSE", "PAC-NC", "EAR", "AT", "JR", "AJR", "VESC", "AIVR", "NSVT", "VT", "IAVD", "1AVB",
        "2AVB-I", "2AVB-II",
        "2AVB-21", "AVB-HG", "3AVB", "SPR", "RAE", "BAE", "LVH", "BVH", "RBBB", "LBBB", "LAFB", "LPFB", "STEMI", "STD", "ER", "LQT", "SQT",
        "LVOLT", "LAD",
        "PRWP", "BRU",
    ]

    let listing: MeasureListing
    let values: Measurement
    private let patient: PatientFacts
    /// Milliseconds from which a complex counts as of 120 ms: ours measure some 10 longer (docs/measurements.md).
    static let wide: Float = 130

    /// - Parameter patient: age and sex, if not as the record's header has them.
    package init(_ listing: MeasureListing, patient: PatientFacts? = nil) {
        self.listing = listing
        values = listing.measurement
        self.patient = patient ?? Self.patient(listing.record.comments)
    }

    /// Age and sex as comments of a header have them ("Age: 74", "Sex: Female").
    package static func patient(_ comments: [String]) -> PatientFacts {
        var facts = PatientFacts()
        for comment in comments {
            let parts = comment.split(separator: ":", maxSplits: 1).map { $0.lowercased().filter { !$0.isWhitespace } }
            guard parts.count == 2 else { continue }
            if parts[0].hasSuffix("age"), let age = UInt8(parts[1]), age <= 120 { facts.age = age }
            if parts[0].hasSuffix("sex") || parts[0].hasSuffix("gender") {
                facts.sex = parts[1].hasPrefix("f") ? .female : parts[1].hasPrefix("m") ? .male : .unknown
            }
        }
        return facts
    }

    /// Whether the exam meets the criterion of a class; nil where it cannot be said.
    package func isMet(_ code: String) -> Bool? {
        switch code {
        case "TECH-REV": listing.swap != .none
        case "TECH-PREC": listing.median?.chestOrder.map { $0 < 0.75 }
        case "ST": fast
        case "SB": values.conduction.isBlock ? values.atrialRate.map { $0 < 60 } : sinus { $0 < 60 }
        case "SPAUSE": values.hasP.map { $0 && longestInterval > 3000 }
        case "PAC-NC", "EAR", "AT", "JR", "AJR", "VESC": rhythm(code)
        case "IAVD", "2AVB-I", "2AVB-II", "2AVB-21", "AVB-HG", "3AVB": conduction(code)
        case "AIVR": run(50..<100) != nil
        case "NSVT": run(100..<400).map { !$0.isSustained } ?? (hasUnnamedRun ? nil : false)
        case "VT": run(100..<400)?.isSustained ?? (hasUnnamedRun ? nil : false)
        case "1AVB": values.hasP.flatMap { $0 ? values.pr.map { $0 > 200 } : false }
        case "SPR": values.hasP.flatMap { $0 ? values.pr.map { $0 < 120 } : false }
        case "RAE": lead(.II)?.p.map { $0 > 0.25 }
        case "BAE": bothAtria
        case "LVH": hypertrophy
        case "BVH": bothVentricles
        case "RBBB": rightBlock
        case "LBBB": leftBlock
        case "LAFB": axis(-90 ... -45) { narrow && peakTime(.aVL) >= 45 && hasQR(.aVL) } ?? isLeftBySigns.map { $0 && narrow }
        case "LPFB": axis(90...180) { narrow && hasRS(.I) && hasRS(.aVL) && hasQR(.III) && hasQR(.aVF) }
        case "STEMI": st.map { $0.elevation >= 1 }
        case "STD": st.map { $0.depression >= 1 }
        case "ER": earlyRepolarisation
        case "LQT": narrow ? values.qtc().map { $0 >= (patient.sex == .male ? 450 : 460) } : nil
        // Formulas fail at other rates.
        case "SQT": (50...100).contains(values.heartRate ?? 0) ? values.qtc().map { $0 <= 390 } : nil
        case "LVOLT": lowVoltage
        case "LAD": axis(-90 ... -30) { true } ?? isLeftBySigns
        case "PRWP": poorProgression
        case "BRU": coved(.V1).flatMap { first in coved(.V2).map { first || $0 } }
        default: nil
        }
    }

    private func sinus(_ holds: (Float) -> Bool) -> Bool? {
        guard let rate = values.heartRate, let hasP = values.hasP else { return nil }
        return hasP && holds(rate)
    }

    /// P hides in T at fast rates: without one nobody can say.
    private var fast: Bool? {
        guard let rate = values.heartRate else { return nil }
        return rate <= 100 ? false : values.hasP == true ? true : nil
    }

    /// Whether the rules of rhythm saw a run whose single beats were not called ventricular.
    var hasUnnamedRun: Bool { listing.longestRun >= 5 }

    var narrow: Bool { (values.qrs ?? 1000) < Self.wide }
    var isVoltageCertain: Bool { listing.misfit.kind == .none }

    /// A lead whose voltage and place are certain.
    func lead(_ lead: Lead) -> LeadMeasurement? {
        let isCertain = isVoltageCertain && (lead.rawValue >= 6 || listing.swap == .none)
        guard isCertain, values.leads.contains(lead) else { return nil }
        return values.lead[Int(lead.rawValue)]
    }

    var st: STFindings? {
        guard isVoltageCertain, !hasUnnamedRun else { return nil }
        let certain = listing.swap == .none ? LeadSet.all : .chest
        let found = STCriteria.judge(values, patient: patient, leads: certain, baseline: STBaseline())
        return found.isKnown ? found : nil
    }

    func axis(_ range: ClosedRange<Float>, _ holds: () -> Bool) -> Bool? {
        guard isVoltageCertain, listing.swap == .none, let axis = values.qrsAxis else { return nil }
        return range.contains(axis) && holds()
    }

    private func peakTime(_ lead: Lead) -> Float { self.lead(lead)?.intrinsicoid ?? 0 }
    private func hasQR(_ lead: Lead) -> Bool { self.lead(lead).map { $0.q != nil && ($0.r ?? 0) > -($0.s ?? 0) } ?? false }
    private func hasRS(_ lead: Lead) -> Bool { self.lead(lead).map { $0.q == nil && $0.r != nil && -($0.s ?? 0) > ($0.r ?? 0) } ?? false }

    var hypertrophy: Bool? {
        guard isVoltageCertain, let sokolow = values.sokolowLyon, let cornell = values.cornell else { return nil }
        return sokolow >= 3.5 || cornell > (patient.sex == .female ? 2.0 : 2.8)
    }

    private var rightBlock: Bool? {
        guard let qrs = values.qrs, let v1 = lead(.V1), let v6 = lead(.V6) else { return nil }
        return qrs >= Self.wide && (v1.rPrime ?? 0) + (v1.r ?? 0) > -(v1.s ?? v1.q ?? 0) && v6.s != nil
    }

    private var leftBlock: Bool? {
        guard let qrs = values.qrs, let v1 = lead(.V1), let v6 = lead(.V6), let one = lead(.I) else { return nil }
        let isNegative = -least(v1.s ?? 0, v1.q ?? 0) > (v1.r ?? 0)
        return qrs >= Self.wide && isNegative && v6.q == nil && one.q == nil && (v6.intrinsicoid ?? 0) > 60
    }

    private func least(_ a: Float, _ b: Float) -> Float { a < b ? a : b }

    /// All limb leads below 0.5 mV from peak to peak.
    private var lowVoltage: Bool? { highestLimbLead.map { $0 < 0.5 } }

    /// The largest limb lead from peak to peak, millivolts.
    var highestLimbLead: Float? {
        var highest: Float = 0
        for lead in [Lead.I, .II, .III, .aVR, .aVL, .aVF] {
            guard let own = self.lead(lead) else { return nil }
            highest = max(highest, max(own.r ?? 0, own.rPrime ?? 0) - least(own.q ?? 0, own.s ?? 0))
        }
        return highest
    }

    private var poorProgression: Bool? {
        guard let second = lead(.V2), let third = lead(.V3) else { return nil }
        return narrow && (third.r ?? 0) <= 0.3 && (second.r ?? 0) <= (third.r ?? 0)
    }

    /// J of 0.2 mV and more that falls into an inverted T.
    private func coved(_ lead: Lead) -> Bool? {
        guard let own = self.lead(lead), let j = own.j, let j40 = own.j40, let j80 = own.j80 else { return nil }
        return j >= 0.2 && j > j40 && j40 > j80 && (own.t ?? 0) < 0
    }

    func milliseconds(_ samples: Int64) -> Double { Double(samples) * 1000 / Double(listing.record.rate) }

    var longestInterval: Double {
        zip(listing.beats, listing.beats.dropFirst()).map { milliseconds($1.beat.position - $0.beat.position) }.max() ?? 0
    }

    /// The longest run of three ventricular beats and more at a rate; sustained where it lasts 30 s or fills the record.
    func run(_ rates: Range<Double>) -> (beats: Int, isSustained: Bool)? {
        var best: (beats: Int, isSustained: Bool)?
        var start = 0
        let beats = listing.beats.map(\.beat)
        while start < beats.count {
            var end = start
            while end < beats.count, beats[end].kind == .ventricular { end += 1 }
            if end - start >= 3 {
                let length = milliseconds(beats[end - 1].position - beats[start].position)
                let isWhole = end - start == beats.count
                if rates.contains(60000 * Double(end - start - 1) / length), end - start > best?.beats ?? 0 {
                    best = (end - start, length >= 30_000 || isWhole)
                }
            }
            start = max(end, start + 1)
        }
        return best
    }
}
