// The quality of an exam as one short text: every fault that was found in its windows.
// Its words are stable, because tables are filtered by them. Apart from the lines of events, which say it of one window.

package import PrecordiaQuality
import PrecordiaSignal
package import PrecordiaText

/// What is said of an exam's signal.
package struct QualityWords {
    package let faults: SignalFaults
    package let isShort: Bool
    /// Windows that got "unknown" instead of an answer, and all windows.
    package let unknownWindows: Int
    package let windows: Int

    @_noAllocation @_noLocks
    package init(_ faults: SignalFaults, isShort: Bool, unknownWindows: Int, windows: Int) {
        self.faults = faults
        self.isShort = isShort
        self.unknownWindows = unknownWindows
        self.windows = windows
    }

    /// Of "short", "unknown" (of some windows "unknown:1of3"), "absent:LEADS", "off:LEADS", "flat:LEADS", "clipped:LEADS", "gap:LEADS", "noisy:LEADS", "range:LEADS", "mains:LEADS",
    /// "wander:LEADS", "muscle:LEADS", "spikes:LEADS", "swapped:RA+LA", "unfit:HOW" those that apply, in this order, joined by semicolons; leads joined by plus signs, "all" for all twelve.
    /// Nothing for a signal with nothing to say about. At most 700 bytes.
    @_noAllocation @_noLocks
    package func write(into text: inout JSONText) {
        let first = text.count
        if isShort { part("short", &text, first) }
        if unknownWindows > 0 {
            part("unknown", &text, first)
            if unknownWindows < windows {
                text.raw(0x3A)
                text.integer(UInt64(unknownWindows))
                text.raw("of")
                text.integer(UInt64(windows))
            }
        }
        set("absent:", faults.absent, &text, first)
        set("off:", faults.off, &text, first)
        set("flat:", faults.flat, &text, first)
        set("clipped:", faults.clipped, &text, first)
        set("gap:", faults.gap, &text, first)
        set("noisy:", faults.noisy, &text, first)
        set("range:", faults.outOfRange, &text, first)
        set("mains:", faults.mains, &text, first)
        set("wander:", faults.wander, &text, first)
        set("muscle:", faults.muscle, &text, first)
        set("spikes:", faults.spikes, &text, first)
        if faults.swap.rawValue != LimbSwap.none.rawValue {
            part("swapped:", &text, first)
            text.raw(Self.electrodes(faults.swap))
        }
        addMisfit(&text, first)
    }

    @_noAllocation @_noLocks
    private func part(_ word: StaticString, _ text: inout JSONText, _ first: Int) {
        if text.count > first { text.raw(0x3B) }
        text.raw(word)
    }

    @_noAllocation @_noLocks
    private func set(_ word: StaticString, _ leads: LeadSet, _ text: inout JSONText, _ first: Int) {
        if leads.isEmpty { return }
        part(word, &text, first)
        column(leads, &text)
    }

    @_noAllocation @_noLocks
    private func column(_ leads: LeadSet, _ text: inout JSONText) {
        if leads.rawValue == LeadSet.all.rawValue { return text.raw("all") }
        var continues = false
        for lead in 0..<12 where leads.contains(index: lead) {
            if continues { text.raw(0x2B) }
            continues = true
            text.raw(EventNames.lead(lead))
        }
    }

    /// How limb leads do not fit.
    @_noAllocation @_noLocks
    private func addMisfit(_ text: inout JSONText, _ first: Int) {
        switch faults.misfit.kind {
        case .none: return
        case .inverted: part("unfit:inverted=", &text, first)
        case .exchanged: part("unfit:exchanged=", &text, first)
        case .scaled: part("unfit:scaled=", &text, first)
        case .scaledEach: return part("unfit:scales", &text, first)
        case .unknown: return part("unfit:leads", &text, first)
        }
        column(faults.misfit.leads, &text)
    }

    /// Exchanged electrodes.
    @_noAllocation @_noLocks
    private static func electrodes(_ swap: LimbSwap) -> StaticString {
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
