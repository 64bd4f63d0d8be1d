// Which lead a screen with room for one shows: the one that tells most of the heart now, and not one whose electrode is off.

import PrecordiaQuality
import PrecordiaSignal

/// Chooses a lead once a second.
///
/// What a lead is worth is how much of the last window could be read of it, a quarter of that while it has a fault that leaves nothing to use, and less
/// in proportion where it swings less than 0.4 mV. Another lead is shown when it has been worth half as much again for three seconds; lead II begins, and
/// is taken again when for three seconds it has been worth nine tenths of what is shown.
/// - Thread: the screen's. Cost: twelve comparisons a frame.
struct DisplayLead {
    private(set) var lead = Lead.II
    private var low = InlineArray<12, Float>(repeating: .infinity)
    private var high = InlineArray<12, Float>(repeating: -.infinity)
    private var frames = 0
    private var rival = Lead.II
    private var seconds = 0

    private static let patience = 3
    private static let fullSwing: Float = 400

    /// Takes a frame.
    ///
    /// - Parameters:
    ///   - values: twelve, microvolts, NaN where there is none.
    ///   - quality: the signal's when the classifier answered last.
    ///   - rate: hertz.
    mutating func follow(_ values: Slice<UnsafeBufferPointer<Float>>, _ quality: QualityReport, rate: Int) {
        for (place, value) in values.enumerated() {
            if value < low[place] { low[place] = value }
            if value > high[place] { high[place] = value }
        }
        frames += 1
        guard frames >= rate else { return }
        frames = 0
        choose(quality)
        for place in 0..<12 {
            low[place] = .infinity
            high[place] = -.infinity
        }
    }

    /// What a lead is worth now, 0 to 1.
    private func worth(_ lead: Lead, _ quality: QualityReport) -> Float {
        let place = Int(lead.rawValue)
        let swing = max(0, high[place] - low[place])
        let share: Float = quality.bad.contains(lead) ? 0.25 : 1
        return quality.index.value(of: lead) * share * min(1, swing / Self.fullSwing)
    }

    private mutating func choose(_ quality: QualityReport) {
        let now = worth(lead, quality)
        var best = Lead.II
        for place in 0..<12 where worth(.II, quality) < 0.9 * now || lead == .II {
            let other = Lead(rawValue: UInt8(place))!
            if worth(other, quality) > worth(best, quality) { best = other }
        }
        guard best != lead, best == .II || worth(best, quality) > 1.5 * now else {
            seconds = 0
            return
        }
        seconds = best == rival ? seconds + 1 : 1
        rival = best
        guard seconds >= Self.patience else { return }
        lead = best
        seconds = 0
    }
}
