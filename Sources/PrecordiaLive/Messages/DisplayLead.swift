// Which lead a screen with room for one shows: the one that tells most of the heart now, and not one whose electrode is off.

import PrecordiaEngine
import PrecordiaQuality
import PrecordiaSignal

/// Chooses a lead once a second.
///
/// What a lead is worth is how much of the last window could be read of it, a quarter of that while it has a fault that leaves nothing to use, and less
/// in proportion where it swings less than 0.4 mV. Another lead is shown when it has been worth half as much again for three seconds; lead II begins, and
/// is taken again when for three seconds it has been worth nine tenths of what is shown.
/// - Thread: the engine's. Cost: twelve comparisons a frame.
struct DisplayLead {
    private(set) var lead = Lead.II
    private var low = InlineArray<12, Double>(repeating: .infinity)
    private var high = InlineArray<12, Double>(repeating: -.infinity)
    private var frames = 0
    private var rival = Lead.II
    private var seconds = 0

    private static let patience = 3
    private static let fullSwing = 400.0

    /// Takes the frame that the engine has just heard.
    ///
    /// - Returns: whether another lead is shown from now on.
    mutating func follow(_ engine: borrowing Engine) -> Bool {
        for place in 0..<12 {
            let value = engine.displayed(Lead(rawValue: UInt8(place))!)
            if value < low[place] { low[place] = value }
            if value > high[place] { high[place] = value }
        }
        frames += 1
        guard frames >= engine.stream.rate else { return false }
        frames = 0
        let isChanged = choose(engine.quality)
        for place in 0..<12 {
            low[place] = .infinity
            high[place] = -.infinity
        }
        return isChanged
    }

    /// What a lead is worth now, 0 to 1.
    private func worth(_ lead: Lead, _ quality: QualityReport) -> Double {
        let place = Int(lead.rawValue)
        let swing = max(0, high[place] - low[place])
        let share = quality.bad.contains(lead) ? 0.25 : 1
        return Double(quality.index.value(of: lead)) * share * min(1, swing / Self.fullSwing)
    }

    private mutating func choose(_ quality: QualityReport) -> Bool {
        let now = worth(lead, quality)
        var best = Lead.II
        for place in 0..<12 where worth(.II, quality) < 0.9 * now || lead == .II {
            let other = Lead(rawValue: UInt8(place))!
            if worth(other, quality) > worth(best, quality) { best = other }
        }
        guard best != lead, best == .II || worth(best, quality) > 1.5 * now else {
            seconds = 0
            return false
        }
        seconds = best == rival ? seconds + 1 : 1
        rival = best
        guard seconds >= Self.patience else { return false }
        lead = best
        seconds = 0
        return true
    }
}
