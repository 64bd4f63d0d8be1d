// What an alarm sounds like, in numbers: one row of the table of sounds.
// Apart from what makes samples of it, so that the sounds of a product are data.

package import PrecordiaAlerts

/// What a sound says of the alarm's cause, by its melody.
package enum AlarmMelody: UInt8, Sendable, CaseIterable {
    /// Anything, and every technical alert.
    case general = 0
    /// Heart and circulation.
    case cardiovascular = 1

    /// The stable name.
    package var name: String { self == .general ? "general" : "cardiovascular" }
}

/// A note of a melody: equal temperament, A4 at 440 Hz.
package enum AlarmNote: String, Sendable {
    case C4, E4, G4, C5

    /// Fundamental in hertz.
    package var frequency: Double {
        switch self {
        case .C4: 261.626
        case .E4: 329.628
        case .G4: 391.995
        case .C5: 523.251
        }
    }
}

/// One alarm sound: a burst of pulses, and the time to the next burst.
///
/// A pulse rises and falls as half a cosine. Its duration, and the spacing between two, are measured at half the amplitude; the rise from 10 to
/// 90 %. All times are milliseconds.
package struct AlarmSound: Sendable {
    package let priority: AlertPriority
    package let melody: AlarmMelody
    /// The notes of one group of pulses, in order.
    package let notes: [AlarmNote]
    /// Groups in a burst.
    package let groups: Int
    /// Pulses of a group after which ``pause`` takes the place of ``spacing``; 0 for none.
    package let pauseAfter: Int
    package let pulse: Double
    package let rise: Double
    package let spacing: Double
    package let pause: Double
    /// Between two groups.
    package let gap: Double
    /// From the end of a burst to the next, while the alarm lasts.
    package let interburst: Double
    /// What a new alarm of the same priority may cut ``interburst`` to.
    package let shortestInterburst: Double
    /// Level of the pulses' peaks below the loudest sound, in decibels.
    package let level: Double
    /// Levels of the harmonics in decibels, the fundamental first.
    package let harmonics: [Double]

    /// Pulses in a burst.
    package var pulses: Int { notes.count * groups }

    /// The note of a pulse, 0 to ``pulses`` - 1.
    package func note(_ pulse: Int) -> AlarmNote { notes[pulse % notes.count] }

    /// Milliseconds from a pulse to the next, or from the last to the next burst.
    package func restAfter(_ pulse: Int) -> Double {
        let place = pulse % notes.count + 1
        if place == notes.count { return pulse == pulses - 1 ? interburst : gap }
        return place == pauseAfter ? pause : spacing
    }
}
