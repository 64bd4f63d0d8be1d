// Criteria of where beats come from and whether they are conducted. Apart from those of intervals and shapes, because these look at several beats.

import PrecordiaBeats
import PrecordiaMeasure
import PrecordiaSignal

extension ClassCriteria {
    /// Rhythms of the atria and the junction, and escape beats.
    func rhythm(_ code: String) -> Bool? {
        guard let rate = values.heartRate else { return nil }
        switch code {
        // A P wave before 0.85 of the usual interval that no QRS complex follows, in a pause that is no double interval.
        case "PAC-NC": return values.hasP.map { $0 && values.earlyBlockedP > 0 }
        case "EAR": return isEctopic.map { $0 && rate <= 100 && (values.pr ?? 0) >= 120 }
        case "AT": return rate <= 100 ? false : isEctopic
        case "JR": return isJunctional.map { $0 && rate <= 60 }
        case "AJR": return isJunctional.map { $0 && rate > 60 && rate <= 100 }
        default: return isEscape
        }
    }

    /// P before each beat, and inverted in II and aVF: no sinus node does that.
    private var isEctopic: Bool? {
        guard let hasP = values.hasP else { return nil }
        // More P waves than QRS complexes: flutter, or a block.
        guard hasP, values.blockedP == 0 else { return false }
        guard let second = lead(.II)?.p, let foot = lead(.aVF)?.p else { return nil }
        return second <= -0.03 && foot <= -0.03
    }

    /// Narrow and regular without a P wave, or with an inverted one less than 120 ms before.
    private var isJunctional: Bool? {
        guard let hasP = values.hasP, let changes = values.rmssd, let interval = values.interval else { return nil }
        guard narrow, changes < 0.05 * interval, values.conduction != .complete else { return false }
        guard hasP else { return true }
        return isEctopic.map { $0 && (values.pr ?? 200) < 120 }
    }

    /// A ventricular beat that comes late, after 1 s and 1.2 times the usual interval, or all of them wide, regular, below 50 a minute and without P.
    private var isEscape: Bool? {
        guard let interval = values.interval, let rate = values.heartRate else { return nil }
        for (last, next) in zip(listing.beats, listing.beats.dropFirst()) where next.beat.kind == .ventricular {
            let pause = milliseconds(next.beat.position - last.beat.position)
            if pause > 1000, pause > 1.2 * Double(interval) { return true }
        }
        guard !narrow, rate < 50 else { return false }
        return values.hasP.map { !$0 && (values.rmssd ?? interval) < 0.08 * interval }
    }

    /// How P waves and beats go together; nil where P waves are not seen well enough to say so.
    func conduction(_ code: String) -> Bool? {
        guard values.heartRate != nil else { return nil }
        let wanted: Conduction =
            switch code {
            case "2AVB-I": .wenckebach
            case "2AVB-II": .mobitz
            case "2AVB-21": .twoToOne
            case "AVB-HG": .advanced
            case "3AVB": .complete
            default: .isorhythmic
            }
        if values.conduction == .unknown { return values.hasP == true && values.blockedP == 0 ? false : nil }
        return values.conduction == wanted
    }
}
