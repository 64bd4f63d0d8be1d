// The table of alarm sounds: the data that everything else in this room only plays.
// Designed toward the ranges that docs/alarm.md lists beside what was measured; complying with a standard is a product's to show.

package import PrecordiaAlerts

/// The sounds that Precordia ships.
package enum AlarmTable {
    /// Six harmonics that fall by 2 dB each: with a fundamental of 262 to 523 Hz, five or six of them lie between 300 Hz and 4 kHz.
    private static let harmonics: [Double] = [0, -2, -4, -6, -8, -10]

    /// One sound for each priority that sounds, and each melody.
    ///
    /// Every time lies so far within its range that it does so whether it is measured at 10, 50 or 90 % of the amplitude.
    package static let sounds: [AlarmSound] = [
        high(.cardiovascular, [.C4, .E4, .G4, .G4, .C5]),
        high(.general, [.C4, .C4, .C4, .C4, .C4]),
        medium(.cardiovascular, [.C4, .E4, .G4]),
        medium(.general, [.C4, .C4, .C4]),
        low(.cardiovascular),
        low(.general),
    ]

    /// The row of a priority and a melody in ``sounds``; nil for priorities that do not sound.
    package static func index(_ priority: AlertPriority, _ melody: AlarmMelody) -> Int? {
        sounds.firstIndex { $0.priority == priority && $0.melody == melody }
    }

    private static func high(_ melody: AlarmMelody, _ notes: [AlarmNote]) -> AlarmSound {
        AlarmSound(
            priority: .high, melody: melody, notes: notes, groups: 2, pauseAfter: 3, pulse: 160, rise: 20, spacing: 90, pause: 340,
            gap: 500,
            interburst: 5000, shortestInterburst: 3000, level: 0, harmonics: harmonics)
    }

    private static func medium(_ melody: AlarmMelody, _ notes: [AlarmNote]) -> AlarmSound {
        AlarmSound(
            priority: .medium, melody: melody, notes: notes, groups: 1, pauseAfter: 0, pulse: 190, rise: 26, spacing: 180, pause: 180,
            gap: 0,
            interburst: 8000, shortestInterburst: 3000, level: -3, harmonics: harmonics)
    }

    /// The same falling third for every cause: a low priority asks for a look, not for a guess.
    private static func low(_ melody: AlarmMelody) -> AlarmSound {
        AlarmSound(
            priority: .low, melody: melody, notes: [.E4, .C4], groups: 1, pauseAfter: 0, pulse: 190, rise: 26, spacing: 180, pause: 180,
            gap: 0,
            interburst: 20_000, shortestInterburst: 16_000, level: -6, harmonics: harmonics)
    }
}
