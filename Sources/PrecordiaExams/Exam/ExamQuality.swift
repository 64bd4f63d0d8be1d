// The quality column: everything that the gate found in the windows of an exam, as one short text.
// Its words are stable, because tables are filtered by them.

package import PrecordiaQuality
import PrecordiaSession
import PrecordiaSignal

/// Gathers the quality of an exam's windows.
package struct ExamQuality {
    /// The record is shorter than the model's window.
    package var isShort = false
    /// Windows that got "unknown" instead of an answer.
    package var unknownWindows = 0
    /// Windows with and without an answer.
    package var windows = 0
    /// What makes the record's amplitudes or times a guess: "uncalibrated:LEADS", "rate-assumed".
    package var cautions: [String] = []
    private var absent: LeadSet = []
    private var off: LeadSet = []
    private var flat: LeadSet = []
    private var clipped: LeadSet = []
    private var gap: LeadSet = []
    private var noisy: LeadSet = []
    private var outOfRange: LeadSet = []
    private var mains: LeadSet = []
    private var wander: LeadSet = []
    private var muscle: LeadSet = []
    private var spikes: LeadSet = []
    private var swap = LimbSwap.none
    private var misfit = LeadMisfit()

    package init() {}

    /// Adds the faults that another one has gathered; not what it says about windows.
    package mutating func add(_ other: ExamQuality) {
        absent.formUnion(other.absent)
        off.formUnion(other.off)
        flat.formUnion(other.flat)
        clipped.formUnion(other.clipped)
        gap.formUnion(other.gap)
        noisy.formUnion(other.noisy)
        outOfRange.formUnion(other.outOfRange)
        mains.formUnion(other.mains)
        wander.formUnion(other.wander)
        muscle.formUnion(other.muscle)
        spikes.formUnion(other.spikes)
        if other.swap != .none { swap = other.swap }
        if other.misfit.kind != .none { misfit = other.misfit }
    }

    /// Adds a window's report.
    package mutating func add(_ report: QualityReport) {
        absent.formUnion(report.absent)
        off.formUnion(report.off)
        flat.formUnion(report.flat)
        clipped.formUnion(report.clipped)
        gap.formUnion(report.reasons.contains(.gap) ? LeadSet.all.subtracting(report.absent) : report.gap)
        noisy.formUnion(report.noisy)
        outOfRange.formUnion(report.outOfRange)
        mains.formUnion(report.mains)
        wander.formUnion(report.wander)
        muscle.formUnion(report.muscle)
        spikes.formUnion(report.spikes)
        if report.swap != .none { swap = report.swap }
        if report.misfit.kind != .none { misfit = report.misfit }
    }

    /// "good", or of "short", "unknown" (of some windows "unknown:1of3"), "absent:LEADS", "off:LEADS", "flat:LEADS", "clipped:LEADS", "gap:LEADS", "noisy:LEADS", "range:LEADS", "mains:LEADS",
    /// "wander:LEADS", "muscle:LEADS", "spikes:LEADS", "swapped:RA+LA", "unfit:HOW" those that apply, in this order, then the cautions, joined by semicolons; leads joined by plus signs, "all" for all twelve.
    package var text: String {
        var parts: [String] = []
        if isShort { parts.append("short") }
        if unknownWindows > 0 { parts.append(unknownWindows < windows ? "unknown:\(unknownWindows)of\(windows)" : "unknown") }
        let sets = [
            ("absent", absent), ("off", off), ("flat", flat), ("clipped", clipped), ("gap", gap), ("noisy", noisy), ("range", outOfRange),
            ("mains", mains), ("wander", wander), ("muscle", muscle), ("spikes", spikes),
        ]
        for (word, leads) in sets where !leads.isEmpty {
            parts.append(word + ":" + EventWords.column(leads))
        }
        if swap != .none { parts.append("swapped:" + Self.electrodes(swap)) }
        if misfit.kind != .none { parts.append("unfit:" + Self.misfit(misfit)) }
        parts += cautions
        return parts.isEmpty ? "good" : parts.joined(separator: ";")
    }

    /// How limb leads do not fit as the quality column has it.
    static func misfit(_ misfit: LeadMisfit) -> String {
        let leads = EventWords.column(misfit.leads)
        return switch misfit.kind {
        case .none: ""
        case .inverted: "inverted=\(leads)"
        case .exchanged: "exchanged=\(leads)"
        case .scaled: "scaled=\(leads)"
        case .scaledEach: "scales"
        case .unknown: "leads"
        }
    }

    /// Exchanged electrodes as the quality column names them.
    static func electrodes(_ swap: LimbSwap) -> String {
        switch swap {
        case .none: ""
        case .rightArmLeftArm: "RA+LA"
        case .leftArmLeftLeg: "LA+LL"
        case .rightArmLeftLeg: "RA+LL"
        case .rightArmRightLeg: "RA+RL"
        case .leftArmRightLeg: "LA+RL"
        case .armsLegs: "arms+legs"
        }
    }
}
