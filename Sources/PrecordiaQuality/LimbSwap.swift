// Which limb electrodes are at each other's places, if any: what their exchange would look like, weighed against what is there.
// Apart from LimbMoments, which gathers the evidence; this only judges it. tools/quality measures how often it is right.

public import PrecordiaSignal

/// Limb electrodes at each other's places. The raw value is part of the event format: the value of an `electrodes-swapped` alert.
public enum LimbSwap: UInt8, Sendable {
    case none = 0
    /// I is inverted, II and III are exchanged, aVR and aVL too. A heart on the right side looks alike in the limb leads, and may be told as this.
    case rightArmLeftArm = 1
    /// III is inverted, I and II are exchanged, aVL and aVF too. Often like a normal electrocardiogram: most are not found.
    case leftArmLeftLeg = 2
    /// II is inverted, I is III inverted and III is I inverted, aVR and aVF are exchanged.
    case rightArmLeftLeg = 3
    /// II lies between the two legs and shows next to nothing.
    case rightArmRightLeg = 4
    /// III lies between the two legs.
    case leftArmRightLeg = 5
    /// I lies between the two legs: both arms' electrodes are on the legs.
    case armsLegs = 6

    /// Whether a limb lead lies between two legs, so that nobody can read it.
    public var hidesLead: Bool { @_noAllocation @_noLocks get { rawValue >= LimbSwap.rightArmRightLeg.rawValue } }

    /// Whether it is sure enough to withhold an answer for it. What an exchange of left arm and left leg leaves is much like a normal electrocardiogram, and most that are
    /// told are none: of PTB-XL's fold 10 7 of 7. Of that it is warned, and answered.
    public var isNearlyCertain: Bool {
        @_noAllocation @_noLocks get { rawValue != LimbSwap.none.rawValue && rawValue != LimbSwap.leftArmLeftLeg.rawValue }
    }

    /// The leads that are others than their names say: the limb leads, or none. Chest leads hardly change.
    public var leads: LeadSet {
        @_noAllocation @_noLocks get { rawValue == 0 ? .empty : .limb }
    }
}

/// What limb and chest leads have to do with each other, by kind of signal: 24 numbers that an exchange only reorders and inverts.
struct LimbFeatures {
    /// Correlations of I, II and III with V1 to V6.
    private var chest = InlineArray<18, Double>(repeating: 0)
    /// The root of each one's share of the energy of all three.
    private(set) var shares = InlineArray<3, Double>(repeating: 0)
    /// Correlations of I with II, I with III and II with III.
    private var limb = InlineArray<3, Double>(repeating: 0)

    /// From the products of I, II and V1 to V6, [8][8], summed over samples.
    @_noAllocation @_noLocks
    init(_ products: UnsafePointer<Double>) {
        let ones = products[0], oneTwo = products[1], twos = products[9]
        let threes = twos - 2 * oneTwo + ones
        let all = ones + twos + threes
        guard ones > 0, twos > 0, threes > 0 else { return }
        let root1 = Arithmetic.squareRoot(ones), root2 = Arithmetic.squareRoot(twos), root3 = Arithmetic.squareRoot(threes)
        let rootAll = Arithmetic.squareRoot(all)
        shares[0] = root1 / rootAll
        shares[1] = root2 / rootAll
        shares[2] = root3 / rootAll
        limb[0] = oneTwo / (root1 * root2)
        limb[1] = (oneTwo - ones) / (root1 * root3)
        limb[2] = (twos - oneTwo) / (root2 * root3)
        for place in 0..<6 {
            let own = products[9 &* (2 &+ place)]
            guard own > 0 else { continue }
            let root = Arithmetic.squareRoot(own)
            let one = products[2 &+ place], two = products[10 &+ place]
            chest[place] = one / (root1 * root)
            chest[6 &+ place] = two / (root2 * root)
            chest[12 &+ place] = (two - one) / (root3 * root)
        }
    }

    /// The weighted sum of what the features were before an exchange: `leads` are the recorded leads, 0 to 2, in which I, II and III were
    /// found, and `signs` whether upright (1) or inverted (-1).
    @_noAllocation @_noLocks
    func score(_ weights: InlineArray<24, Double>, _ leads: (Int, Int, Int), _ signs: (Double, Double, Double)) -> Double {
        var sum = 0.0
        for place in 0..<6 {
            sum += weights[place] * signs.0 * chest[6 &* leads.0 &+ place]
            sum += weights[6 &+ place] * signs.1 * chest[6 &* leads.1 &+ place]
            sum += weights[12 &+ place] * signs.2 * chest[6 &* leads.2 &+ place]
        }
        sum += weights[18] * shares[leads.0] + weights[19] * shares[leads.1] + weights[20] * shares[leads.2]
        // The place of a pair in `limb` is the sum of its leads, less one.
        sum += weights[21] * signs.0 * signs.1 * limb[leads.0 &+ leads.1 &- 1]
        sum += weights[22] * signs.0 * signs.2 * limb[leads.0 &+ leads.2 &- 1]
        sum += weights[23] * signs.1 * signs.2 * limb[leads.1 &+ leads.2 &- 1]
        return sum
    }
}

extension LimbSwap {
    /// The exchange that the features speak for, or `none`.
    ///
    /// A conditional logit: undoing each exchange gives features, a weighted sum of them says how much these look like an electrocardiogram
    /// that was recorded properly, and an exchange is told when its undoing is better by ``QualityLimits/swapMargin``. `tools/quality --fit`
    /// made the weights from folds 1 to 8 of PTB-XL, each exam as it is and with each exchange.
    @_noAllocation @_noLocks
    static func judged(complexes: LimbFeatures, waves: LimbFeatures, limits: QualityLimits) -> LimbSwap {
        for lead in 0..<3 {
            let complex = complexes.shares[lead], wave = waves.shares[lead]
            if complex * complex < limits.emptyShare, wave * wave < limits.emptyWaveShare {
                return lead == 0 ? .armsLegs : (lead == 1 ? .rightArmRightLeg : .leftArmRightLeg)
            }
        }
        let recorded = score(complexes, waves, (0, 1, 2), (1, 1, 1), 0) + limits.swapMargin
        let arms = score(complexes, waves, (0, 2, 1), (-1, 1, 1), 0.11)
        let left = score(complexes, waves, (1, 0, 2), (1, 1, -1), 0)
        let right = score(complexes, waves, (2, 1, 0), (-1, -1, -1), 0.16)
        if arms > recorded, arms >= left, arms >= right { return .rightArmLeftArm }
        if left > recorded, left >= right { return .leftArmLeftLeg }
        return right > recorded ? .rightArmLeftLeg : .none
    }

    @_noAllocation @_noLocks
    private static func score(
        _ complexes: LimbFeatures, _ waves: LimbFeatures, _ leads: (Int, Int, Int), _ signs: (Double, Double, Double), _ bias: Double
    ) -> Double {
        complexes.score(complexWeights, leads, signs) + waves.score(waveWeights, leads, signs) + bias
    }

    /// Of QRS complexes: I, II and III with V1 to V6, the shares of I, II and III, and the pairs of limb leads.
    private static var complexWeights: InlineArray<24, Double> {
        [
            -1.73, 0.79, 0.5, 0.4, 0.7, 0.46,
            -0.08, -0.71, -0.05, 0.22, 0.34, 1.07,
            1.08, -1.37, 0.23, 0.56, -0.01, 0.29,
            0.3, -0.3, 0.01, -0.17, -0.22, -0.05,
        ]
    }

    /// Of what lies between complexes: P waves, ST segments and T waves.
    private static var waveWeights: InlineArray<24, Double> {
        [
            -1.78, 0.92, 0.16, 0.28, 0.76, 0.56,
            0.37, -0.51, 0.41, 0.5, 0.39, 0.94,
            1.2, -1.32, 0.57, 0.3, -0.59, 0.55,
            -0.42, 0.45, -0.03, -0.37, 0.49, 0.86,
        ]
    }
}
