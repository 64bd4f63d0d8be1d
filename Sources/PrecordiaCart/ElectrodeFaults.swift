// What is wrong with a recording as whoever stands at the bed must mend it: electrode by electrode.
// Apart from the quality report, which speaks of leads.

package import PrecordiaQuality
import PrecordiaReport
import PrecordiaSession
package import PrecordiaSignal

/// Says which electrode to look at.
package enum ElectrodeFaults {
    /// Words such as "V3 is loose: noise", the surest first; empty where nothing is wrong.
    ///
    /// - Parameters:
    ///   - report: of the seconds so far.
    ///   - off: electrodes that the device said were off in any of them.
    package static func words(_ report: QualityReport, off: ElectrodeSet) -> [String] {
        var words = (0..<10).filter { off.rawValue & 1 << UInt16($0) != 0 }.map { "\(name($0)) is off" }
        let explained = off.affectedLeads.union(report.absent)
        let missing = report.gap.subtracting(explained)
        let kinds = [
            (report.flat, "shows nothing"), (report.clipped, "is at its limit"), (report.outOfRange, "is loose: the signal jumps"),
            (report.noisy, "is loose: noise"), (missing, "has missing samples"),
        ]
        var told = LeadSet.empty
        for (leads, what) in kinds {
            let own = leads.subtracting(explained).subtracting(told)
            told.formUnion(own)
            words += own.intersection(.chest).isEmpty ? [] : [chest(own) + " " + what]
            if let limb = limb(own) { words.append(limb + " " + what) }
        }
        if report.swap.isNearlyCertain { words.append("\(EventNames.swap(Float(report.swap.rawValue))) seem to be exchanged") }
        return words
    }

    private static func chest(_ leads: LeadSet) -> String {
        let names = Lead.allCases.filter { leads.intersection(.chest).contains($0) }.map { "\($0)" }
        // All six at once hang on the limbs' electrodes too.
        return names.count == 6 ? "every chest electrode, or one of the arms and the left leg," : names.joined(separator: ", ")
    }

    /// The electrode that bad limb leads have in common; nil where none is bad.
    private static func limb(_ leads: LeadSet) -> String? {
        switch (leads.contains(.I), leads.contains(.II), leads.contains(.III)) {
        case (true, true, false): "RA (right arm)"
        case (true, false, true): "LA (left arm)"
        case (false, true, true): "LL (left leg)"
        case (false, false, false): nil
        default: "one of RA, LA, LL"
        }
    }

    private static func name(_ place: Int) -> String { EventWords.electrodeList(1 << UInt16(place)) }
}
