// The rhythms that the simulator can play, with the names that commands and files use for them.
// How each is produced stands in `Heart+Rhythms.swift`.

/// A rhythm or conduction disorder of the simulated heart.
package enum Rhythm: UInt8, Sendable {
    case normalSinus, sinusBradycardia, sinusTachycardia, sinusArrhythmia
    case atrialFibrillation, atrialFlutter, supraventricularTachycardia
    case prematureAtrial, prematureVentricular, ventricularBigeminy
    case firstDegreeBlock, wenckebach, mobitz2, completeBlock
    case rightBundleBranchBlock, leftBundleBranchBlock
    case ventricularTachycardia, ventricularFibrillation, asystole
    case paced
    case anteriorElevation, inferiorElevation
    case lateralElevation, twoToOneBlock

    /// The synthesised one is generic and may allocate in an unoptimised build.
    @_noAllocation @_noLocks package static func == (left: Rhythm, right: Rhythm) -> Bool { left.rawValue == right.rawValue }

    /// How many rhythms there are; raw values run from 0 to one less.
    package static var count: Int { @_noAllocation @_noLocks get { 24 } }

    /// The rhythm whose raw value is `index`, the first one where there is none.
    @_noAllocation @_noLocks init(index: Int) { self = Rhythm(rawValue: UInt8(truncatingIfNeeded: index)) ?? .normalSinus }

    /// The stable name: lower case, words joined by hyphens. Commands, files and tests use it.
    package var name: StaticString {
        switch self {
        case .normalSinus: "normal"
        case .sinusBradycardia: "bradycardia"
        case .sinusTachycardia: "tachycardia"
        case .sinusArrhythmia: "sinus-arrhythmia"
        case .atrialFibrillation: "atrial-fibrillation"
        case .atrialFlutter: "atrial-flutter"
        case .supraventricularTachycardia: "svt"
        case .prematureAtrial: "premature-atrial"
        case .prematureVentricular: "premature-ventricular"
        case .ventricularBigeminy: "bigeminy"
        case .firstDegreeBlock: "av-block-1"
        case .wenckebach: "wenckebach"
        case .mobitz2: "mobitz-2"
        case .completeBlock: "av-block-3"
        case .rightBundleBranchBlock: "rbbb"
        case .leftBundleBranchBlock: "lbbb"
        case .ventricularTachycardia: "ventricular-tachycardia"
        case .ventricularFibrillation: "ventricular-fibrillation"
        case .asystole: "asystole"
        case .paced: "paced"
        case .anteriorElevation: "st-elevation-anterior"
        case .inferiorElevation: "st-elevation-inferior"
        case .lateralElevation: "st-elevation-lateral"
        case .twoToOneBlock: "av-block-2-1"
        }
    }

    /// Beats a minute when nothing else is asked for.
    ///
    /// The sinus node's rate in second-degree block, where fewer beats reach the ventricles; the ventricles' rate in every
    /// other rhythm. 0 where there is no beat.
    package var defaultHeartRate: Double {
        @_noAllocation @_noLocks get {
            switch self {
            case .sinusBradycardia: 46
            case .sinusTachycardia: 125
            case .sinusArrhythmia: 66
            case .atrialFibrillation: 96
            case .atrialFlutter: 100
            case .supraventricularTachycardia: 178
            case .wenckebach, .mobitz2, .twoToOneBlock: 80
            case .completeBlock: 38
            case .ventricularTachycardia: 170
            case .ventricularFibrillation, .asystole: 0
            case .anteriorElevation, .inferiorElevation, .lateralElevation: 84
            default: 72
            }
        }
    }
}

#if !hasFeature(Embedded)
    extension Rhythm: CaseIterable, CustomStringConvertible {
        package var description: String { "\(name)" }

        /// The rhythm of that ``name``, or nil.
        package init?(named text: String) {
            guard let match = Rhythm.allCases.first(where: { $0.description == text }) else { return nil }
            self = match
        }
    }
#endif
