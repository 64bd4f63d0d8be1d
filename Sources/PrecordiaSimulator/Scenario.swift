// Fixed programmes of rhythms and disturbances: the demonstration and the tour that the golden tests play.
// A scenario is a function of the second, so it needs no list and no memory.

import PrecordiaSignal

/// A programme that a ``Simulator`` follows from its first second.
package enum Scenario: UInt8, Sendable {
    /// A minute and a half: 15 s normal, 19 s atrial fibrillation, 7 s with the left arm electrode off, 19 s normal, 14 s ventricular tachycardia, 14 s
    /// normal.
    case demo
    /// Every rhythm in order of ``Rhythm``, 12 s each, at ``Noise/resting``.
    case tour

    /// What plays during a stretch of whole seconds.
    package struct Step: Sendable, Equatable {
        package var rhythm: Rhythm
        package var noise: Noise
        /// First second of the step.
        package var start: Int
        /// First second after the step.
        package var end: Int
    }

    /// Length of the programme, seconds. The last step goes on after it.
    package var seconds: Int {
        switch self {
        case .demo: 88
        case .tour: Rhythm.count * Scenario.tourSeconds
        }
    }

    /// The step that plays at `second`, 0 or more.
    @_noAllocation @_noLocks package func step(atSecond second: Int) -> Step {
        switch self {
        case .demo: Scenario.demoStep(second)
        case .tour: Scenario.tourStep(second)
        }
    }

    private static var tourSeconds: Int { 12 }

    private static func demoStep(_ second: Int) -> Step {
        if second < 15 { return Step(rhythm: .normalSinus, noise: .resting, start: 0, end: 15) }
        if second < 34 { return Step(rhythm: .atrialFibrillation, noise: .resting, start: 15, end: 34) }
        if second < 41 {
            var noise = Noise.resting
            noise.electrodesOff = .leftArm
            return Step(rhythm: .normalSinus, noise: noise, start: 34, end: 41)
        }
        if second < 60 { return Step(rhythm: .normalSinus, noise: .resting, start: 41, end: 60) }
        if second < 74 { return Step(rhythm: .ventricularTachycardia, noise: .resting, start: 60, end: 74) }
        return Step(rhythm: .normalSinus, noise: .resting, start: 74, end: 88)
    }

    private static func tourStep(_ second: Int) -> Step {
        let place = second / tourSeconds
        let index = place < 0 ? 0 : (place < Rhythm.count ? place : Rhythm.count - 1)
        return Step(rhythm: Rhythm(index: index), noise: .resting, start: index * tourSeconds, end: (index + 1) * tourSeconds)
    }
}
