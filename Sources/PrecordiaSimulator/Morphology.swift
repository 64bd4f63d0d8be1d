// The shapes of atrial and ventricular complexes as sums of Gaussian dipole waves.
// Numbers only, kept away from the timing; each table says what it was fitted to.

/// A ventricular complex. Times are milliseconds after its reference, which lies within 10 ms of the R or S peak.
///
/// The tables are least-squares fits of Gaussian dipoles, through ``LeadField``, to the mean beat of the most typical third of a
/// PTB-XL class at 100 Hz (81 normal, 78 left and 29 right bundle branch block, 79 paced, 21 acute anterior infarctions, 23 and 48
/// premature ventricular beats). Means over persons: no record is stored or can be recovered.
enum Complex: UInt8 {
    case normal, rightBundleBranchBlock, leftBundleBranchBlock
    /// From the right ventricle's outflow tract: negative in V1, positive in II, III and aVF.
    case rightVentricular
    /// From the lower left ventricle: positive in V1, negative in II, III and aVF.
    case leftVentricular
    /// From a pacing lead at the right ventricle's apex.
    case paced
    case anteriorElevation, inferiorElevation, lateralElevation

    /// Six waves of depolarisation, then three of repolarisation (ST segment and T).
    var waves: InlineArray<9, Wave> {
        @_noAllocation @_noLocks get {
            switch self {
            case .normal: Complex.normalWaves
            case .rightBundleBranchBlock: Complex.rightBlockWaves
            case .leftBundleBranchBlock: Complex.leftBlockWaves
            case .rightVentricular: Complex.rightVentricularWaves
            case .leftVentricular: Complex.leftVentricularWaves
            case .paced: Complex.pacedWaves
            case .anteriorElevation: Complex.anteriorWaves
            case .inferiorElevation: Complex.inferiorWaves
            case .lateralElevation: Complex.lateralWaves
            }
        }
    }

    /// How much longer than its table the depolarisation lasts: the means over persons cut what is late in one and not in another.
    var broadening: Double {
        @_noAllocation @_noLocks get {
            switch self {
            case .rightBundleBranchBlock: 1.12
            case .rightVentricular, .leftVentricular: 1.2
            case .paced: 1.15
            default: 1
            }
        }
    }

    /// From the first depolarisation to the reference, seconds.
    var onset: Double {
        @_noAllocation @_noLocks get {
            switch self {
            case .rightVentricular, .leftVentricular: 0.055
            case .paced: 0.030
            default: 0.045
            }
        }
    }

    /// Means, sharpened by 12 % (R) and 10 % (T) for what averaging over persons took.
    private static var normalWaves: InlineArray<9, Wave> {
        [
            Wave(at: -27.5, width: 10, -55, -19, -28),
            Wave(at: -18.5, width: 7.5, 20, -40, -200),
            Wave(at: -5.5, width: 8, 745, 240, -30),
            Wave(at: 3, width: 7.5, 598, 380, 374),
            Wave(at: 15.5, width: 8.5, -120, 37, 473),
            Wave(at: 31, width: 16, -45, -16, 96),
            Wave(at: 86.5, width: 47.5, -19, -25, -34),
            Wave(at: 216.5, width: 50, 76, -30, -109),
            Wave(at: 260.5, width: 35.5, 239, 73, -44),
        ]
    }

    /// rsR' in V1, slurred S in I and V6. The late forces are enlarged by 15 %.
    private static var rightBlockWaves: InlineArray<9, Wave> {
        [
            Wave(at: -24, width: 10, -96, -24, -130),
            Wave(at: -7.5, width: 9.5, 530, 133, -197),
            Wave(at: -0.5, width: 8.5, 590, 20, -83),
            Wave(at: 15, width: 7.5, -52, -59, 109),
            Wave(at: 39.5, width: 17.5, -325, 5, -456),
            Wave(at: 65, width: 15.5, -292, 63, -217),
            Wave(at: 158.5, width: 33, 23, -28, 48),
            Wave(at: 265, width: 44.5, 270, -6, 166),
            Wave(at: 315, width: 62.5, 45, 21, -46),
        ]
    }

    /// QS in V1, broad notched R in I and V6, ST and T opposite to QRS.
    private static var leftBlockWaves: InlineArray<9, Wave> {
        [
            Wave(at: -27.5, width: 11, 26, -12, -185),
            Wave(at: -5.5, width: 16.5, 285, 145, 637),
            Wave(at: 10, width: 17, 274, 131, 927),
            Wave(at: 31, width: 17, 223, 112, 701),
            Wave(at: 55, width: 20, 299, -374, 383),
            Wave(at: 97, width: 24, -76, -26, -103),
            Wave(at: 160, width: 37, -73, -27, -189),
            Wave(at: 255, width: 45, -137, -24, -496),
            Wave(at: 312, width: 37, 109, 50, -68),
        ]
    }

    private static var rightVentricularWaves: InlineArray<9, Wave> {
        [
            Wave(at: -31, width: 12, 248, 76, -102),
            Wave(at: -11, width: 12.5, 420, 251, 98),
            Wave(at: 6, width: 14, 496, 408, 552),
            Wave(at: 21, width: 16.5, 378, 360, 484),
            Wave(at: 55, width: 19, -83, -11, 36),
            Wave(at: 99, width: 24, -65, -52, 8),
            Wave(at: 185, width: 70, -241, -178, -77),
            Wave(at: 230, width: 39.5, 10, -144, -195),
            Wave(at: 287, width: 28, 60, 15, -45),
        ]
    }

    private static var leftVentricularWaves: InlineArray<9, Wave> {
        [
            Wave(at: -31, width: 9, -96, 34, 62),
            Wave(at: -11, width: 19, 507, -118, -296),
            Wave(at: 5.5, width: 12, 19, -514, -598),
            Wave(at: 21, width: 16.5, -517, -575, -411),
            Wave(at: 53, width: 24, -351, -131, -289),
            Wave(at: 98.5, width: 18, -9, 22, 65),
            Wave(at: 185, width: 67, 40, 176, 234),
            Wave(at: 255, width: 46.5, 281, 295, 331),
            Wave(at: 290.5, width: 52.5, 90, -1, -101),
        ]
    }

    private static var pacedWaves: InlineArray<9, Wave> {
        [
            Wave(at: -11, width: 8, 128, -103, -73),
            Wave(at: 4.5, width: 11, 280, -168, 149),
            Wave(at: 20.5, width: 11.5, -45, -172, 324),
            Wave(at: 36, width: 17, -87, -495, 306),
            Wave(at: 64, width: 20, -59, -385, 162),
            Wave(at: 104, width: 24, -63, 17, -6),
            Wave(at: 174.5, width: 35, -27, 67, -31),
            Wave(at: 275, width: 49, 30, 191, -137),
            Wave(at: 325, width: 41.5, 40, 39, 10),
        ]
    }

    /// QS in V1 to V4 with a convex ST segment.
    private static var anteriorWaves: InlineArray<9, Wave> {
        [
            Wave(at: -26.5, width: 9.5, -70, -14, 27),
            Wave(at: -19.5, width: 6.5, -20, -42, 98),
            Wave(at: -3.5, width: 10, 211, 101, 566),
            Wave(at: -2.5, width: 11.5, 199, 90, 619),
            Wave(at: 9, width: 8.5, 14, -5, 447),
            Wave(at: 21, width: 9.5, -57, 19, 258),
            Wave(at: 81, width: 34.5, 23, 3, -130),
            Wave(at: 195, width: 57, 93, 33, -241),
            Wave(at: 275, width: 57, -65, 57, 60),
        ]
    }

    /// The normal QRS with inferior Q waves and an ST vector to the feet, drawn by hand: PTB-XL has too few fresh ones to average.
    private static var inferiorWaves: InlineArray<9, Wave> {
        [
            Wave(at: -27.5, width: 10, -30, -150, -60),
            Wave(at: -18.5, width: 7.5, 20, -120, -180),
            Wave(at: -5.5, width: 8, 690, 210, -30),
            Wave(at: 3, width: 7.5, 560, 360, 374),
            Wave(at: 15.5, width: 8.5, -100, 60, 473),
            Wave(at: 31, width: 16, -45, 60, 96),
            Wave(at: 90, width: 42, -50, 190, 50),
            Wave(at: 175, width: 52, -40, 230, 40),
            Wave(at: 255, width: 40, 100, 210, 20),
        ]
    }

    /// The normal QRS with lateral Q waves and an ST vector to the left and upwards, drawn by hand likewise.
    private static var lateralWaves: InlineArray<9, Wave> {
        [
            Wave(at: -27.5, width: 10, -130, -10, -28),
            Wave(at: -18.5, width: 7.5, -60, -40, -200),
            Wave(at: -5.5, width: 8, 690, 260, -30),
            Wave(at: 3, width: 7.5, 560, 390, 374),
            Wave(at: 15.5, width: 8.5, -100, 37, 473),
            Wave(at: 31, width: 16, 20, -30, 96),
            Wave(at: 90, width: 42, 290, -140, 60),
            Wave(at: 175, width: 52, 240, -90, 30),
            Wave(at: 255, width: 40, 230, 10, -30),
        ]
    }
}

/// An atrial complex. Times are milliseconds after the onset of the P wave; drawn by hand to 0.11 mV in II, 110 ms wide.
enum AtrialComplex: UInt8 {
    /// From the sinus node: right, then left atrium, then the atria's repolarisation.
    case sinus
    /// From a focus at the left: another shape, negative in I.
    case ectopic
    /// Backwards from the AV node: negative in II, III and aVF, a small r' in V1.
    case retrograde

    var waves: InlineArray<3, Wave> {
        @_noAllocation @_noLocks get {
            switch self {
            case .sinus: [Wave(at: 44, width: 20, 62, 82, -32), Wave(at: 76, width: 21, 52, 6, 12), Wave(at: 122, width: 32, -26, -20, 13)]
            case .ectopic:
                [Wave(at: 36, width: 17, -20, 100, -38), Wave(at: 64, width: 18, -44, 40, -30), Wave(at: 115, width: 30, 8, -22, 10)]
            case .retrograde:
                [Wave(at: 30, width: 15, 8, -95, -48), Wave(at: 52, width: 17, 12, -60, -34), Wave(at: 100, width: 30, -4, 18, 8)]
            }
        }
    }
}
