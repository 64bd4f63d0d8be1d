// What a class is measured by, as one number: the larger side of a limit, for ClassCombination. Apart from the criteria, which say yes or no.

import PrecordiaMeasure
import PrecordiaQuality
import PrecordiaSignal

extension ClassCriteria {
    /// The value of a class that ``ClassCombination`` has; nil where it is not known.
    ///
    /// Axes are the share of positive and negative deflections, -1 to 1, so that leads which were scaled one by one have them too: of the left axis less that of II where I is positive,
    /// of the right axis less that of I where aVF is positive.
    package func value(_ code: String) -> Double? {
        switch code {
        case "ST", "SB": values.heartRate.map { Double($0) }
        case "SARR": values.hasP == true ? values.rmssd.map { Double($0) } : nil
        case "AF": irregularity
        case "1AVB", "SPR": values.pr.map { Double($0) }
        case "LAE": lead(.V1)?.p.flatMap { first in values.p.map { Double($0 - 1000 * first) } }
        case "RAE": lead(.II)?.p.map { Double($0) }
        case "LVH": values.sokolowLyon.flatMap { isVoltageCertain ? Double(max($0 / 3.5, (values.cornell ?? 0) / 2.4)) : nil }
        case "RVH": lead(.V1).flatMap { own in share(.V1).map { $0 + Double(max(own.r ?? 0, own.rPrime ?? 0)) } }
        case "LAFB", "LAD": share(.I).flatMap { first in share(.II).map { first > 0 ? -$0 : -1 } }
        case "LPFB": share(.I).flatMap { first in share(.aVF).map { $0 > 0 ? -first : -1 } }
        case "LQT": values.qtc().map { Double($0 - max(0, (values.qrs ?? 0) - 120)) }
        case "LVOLT": highestLimbLead.map { Double($0) }
        default: nil
        }
    }

    private var irregularity: Double? {
        guard let changes = values.rmssd, let rate = values.heartRate else { return nil }
        return Double(changes * rate / 60000) - (values.hasP == true ? 0.5 : 0)
    }

    /// What is positive of a lead's complex less what is negative, as a share of both; of a lead at its place, in whatever unit.
    private func share(_ lead: Lead) -> Double? {
        let isInPlace = listing.misfit.kind == .none || listing.misfit.kind == .scaled || listing.misfit.kind == .scaledEach
        guard isInPlace, lead.rawValue >= 6 || listing.swap == .none, values.leads.contains(lead) else { return nil }
        let own = values.lead[Int(lead.rawValue)]
        let (up, down) = (max(own.r ?? 0, own.rPrime ?? 0), -min(own.q ?? 0, own.s ?? 0))
        return up + down > 0 ? Double((up - down) / (up + down)) : nil
    }

    /// Whether the axis is left of -30 degrees by the signs of I and II alone, where leads are scaled one by one.
    var isLeftBySigns: Bool? {
        guard listing.misfit.kind == .scaledEach else { return nil }
        return share(.I).flatMap { first in share(.II).map { first > 0 && $0 < 0 } }
    }
}
