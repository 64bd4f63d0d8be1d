// The rhythms of the alarm matrix, and from when on each is what its definition says.
// Apart from what spoils them, because any disturbance goes with any rhythm.

import PrecordiaSimulator

/// A rhythm that must never be met with silence, and the normal one, which no alarm may follow.
package enum MatrixRhythm: String, CaseIterable, Sendable {
    case coarseFibrillation = "vf-coarse"
    case fineFibrillation = "vf-fine"
    case tachycardia105 = "vt-105"
    case tachycardia120 = "vt-120"
    case tachycardia170 = "vt-170"
    case tachycardia250 = "vt-250"
    case asystole
    case slow = "brady-35"
    case fast = "tachy-180"
    case block30 = "block-30"
    case block20 = "block-20"
    case normal

    /// What the simulator plays for it.
    var rhythm: Rhythm {
        switch self {
        case .coarseFibrillation, .fineFibrillation: .ventricularFibrillation
        case .tachycardia105, .tachycardia120, .tachycardia170, .tachycardia250: .ventricularTachycardia
        case .asystole: .asystole
        case .slow: .sinusBradycardia
        case .fast: .supraventricularTachycardia
        case .block30, .block20: .completeBlock
        case .normal: .normalSinus
        }
    }

    /// Beats a minute; nil for the rhythm's own.
    var heartRate: Double? {
        switch self {
        case .tachycardia105: 105
        case .tachycardia120: 120
        case .tachycardia170: 170
        case .tachycardia250: 250
        case .slow: 35
        case .fast: 180
        case .block30: 30
        case .block20: 20
        case .coarseFibrillation, .fineFibrillation, .asystole, .normal: nil
        }
    }

    /// Fine fibrillation has a fifth of the coarse one's size, some 0.1 mV.
    var coarseness: Double { self == .fineFibrillation ? 0.2 : 1 }

    /// The alarms that say what it is, by their stable names: fine fibrillation may pass for a flat line, a ventricular tachycardia of 250 is flutter,
    /// and of a complete block the classifier knows the name.
    package var right: Set<String> {
        switch self {
        case .coarseFibrillation: ["vf-suspected"]
        case .fineFibrillation: ["vf-suspected", "asystole"]
        case .tachycardia105, .tachycardia120, .tachycardia170: ["vt-suspected"]
        case .tachycardia250: ["vt-suspected", "vf-suspected"]
        case .asystole: ["asystole"]
        case .slow: ["extreme-bradycardia"]
        case .fast: ["extreme-tachycardia"]
        case .block30, .block20: ["extreme-bradycardia", "asystole", "3AVB"]
        case .normal: []
        }
    }

    /// Beats of the rhythm at which its definition is met, those of CinC 2015: below 40 a minute over 5 beats, above 140 over 17, 5 ventricular beats.
    /// Nil where time decides.
    private var beats: UInt64? {
        switch self {
        case .tachycardia105, .tachycardia120, .tachycardia170, .tachycardia250, .slow, .block30, .block20: 5
        case .fast: 17
        case .coarseFibrillation, .fineFibrillation, .asystole, .normal: nil
        }
    }

    /// Follows a simulator and says since when the rhythm plays, and when its definition was met: seconds of the signal.
    struct Truth {
        let rhythm: MatrixRhythm
        private(set) var began: Double?
        private(set) var met: Double?
        private var beatsBefore: UInt64 = 0

        init(_ rhythm: MatrixRhythm) { self.rhythm = rhythm }

        /// To be called after each frame from when the rhythm was asked for.
        mutating func follow(_ simulator: borrowing Simulator, at time: Double) {
            guard simulator.playing == rhythm.rhythm else { return }
            if began == nil {
                began = time
                beatsBefore = simulator.beatCount
            }
            guard met == nil else { return }
            if let beats = rhythm.beats {
                if simulator.beatCount >= beatsBefore + beats { met = time }
            } else if rhythm == .asystole {
                // 4 s without a QRS, from the last one or from the signal's beginning.
                let last = simulator.lastBeatIndex.map { Double($0) / Double(simulator.rate) } ?? 0
                if time >= last + 4 { met = time }
            } else if time >= began! + 4 {
                met = time
            }
        }
    }
}
