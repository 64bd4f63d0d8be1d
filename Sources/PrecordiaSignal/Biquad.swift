// One second-order section and the standard ones an electrocardiograph needs, at any rate.
// Designed with IEEE operations alone, so that every processor filters with the same coefficients.

/// A second-order section with a0 = 1: H(z) = (b0 + b1 z^-1 + b2 z^-2) / (1 + a1 z^-1 + a2 z^-2).
public struct Biquad: Equatable, Sendable {
    public var b0, b1, b2, a1, a2: Double

    @inlinable public init(b0: Double, b1: Double, b2: Double, a1: Double, a2: Double) {
        self.b0 = b0
        self.b1 = b1
        self.b2 = b2
        self.a1 = a1
        self.a2 = a2
    }

    /// Passes everything unchanged.
    @inlinable public static var identity: Biquad { Biquad(b0: 1, b1: 0, b2: 0, a1: 0, a2: 0) }
}

/// Designs sections by the bilinear transform with prewarping (Oppenheim and Schafer, Discrete-Time Signal Processing, 7.1).
///
/// Coefficients agree with scipy's `butter` and `iirnotch` to 1e-14 (`tools/filters/verify.py` prints the figures).
/// Every cutoff must lie between 0 and half the rate; ``StandardFilter`` says which filters a rate can carry.
public enum FilterDesign {
    /// The quality of a second-order Butterworth section, 1/sqrt(2).
    @inlinable public static var butterworthQuality: Double { 0.7071067811865476 }

    /// A high-pass section with -3 dB at `cutoff` hertz for the Butterworth quality.
    public static func highPass(cutoff: Double, rate: Int, quality: Double = butterworthQuality) -> Biquad {
        let k = Arithmetic.tangent(3.141592653589793 * cutoff / Double(rate))
        let norm = 1 / (1 + k / quality + k * k)
        return Biquad(b0: norm, b1: -2 * norm, b2: norm, a1: 2 * (k * k - 1) * norm, a2: (1 - k / quality + k * k) * norm)
    }

    /// A low-pass section with -3 dB at `cutoff` hertz for the Butterworth quality.
    public static func lowPass(cutoff: Double, rate: Int, quality: Double = butterworthQuality) -> Biquad {
        let k = Arithmetic.tangent(3.141592653589793 * cutoff / Double(rate))
        let norm = 1 / (1 + k / quality + k * k)
        let b = k * k * norm
        return Biquad(b0: b, b1: 2 * b, b2: b, a1: 2 * (k * k - 1) * norm, a2: (1 - k / quality + k * k) * norm)
    }

    /// A notch at `frequency` hertz whose -3 dB bandwidth is `frequency / quality`.
    public static func notch(frequency: Double, rate: Int, quality: Double = 30) -> Biquad {
        let gain = 1 / (1 + Arithmetic.tangent(3.141592653589793 * (frequency / quality) / Double(rate)))
        let cosine = Arithmetic.cosine(6.283185307179586 * frequency / Double(rate))
        return Biquad(b0: gain, b1: -2 * gain * cosine, b2: gain, a1: -2 * gain * cosine, a2: 2 * gain - 1)
    }
}

/// The filters of the electrocardiograph, by their usual names (bandwidths of IEC 60601-2-25 and -27).
public enum StandardFilter: UInt8, Sendable {
    /// Diagnostic baseline filter, second order.
    case highPass0_05
    /// Monitoring baseline filter, second order.
    case highPass0_5
    /// Mains filters, quality 30.
    case notch50, notch60
    /// Monitoring, exercise and diagnostic bandwidth, fourth order.
    case lowPass40, lowPass100, lowPass150

    /// Corner or centre, hertz.
    public var frequency: Double {
        switch self {
        case .highPass0_05: 0.05
        case .highPass0_5: 0.5
        case .notch50: 50
        case .notch60: 60
        case .lowPass40: 40
        case .lowPass100: 100
        case .lowPass150: 150
        }
    }

    /// Second-order sections it takes.
    public var sections: Int {
        switch self {
        case .lowPass40, .lowPass100, .lowPass150: 2
        default: 1
        }
    }

    /// Whether the filter exists at `rate`: its frequency must stay below 0.45 of it.
    public func fits(rate: Int) -> Bool { frequency < 0.45 * Double(rate) }

    /// Section `index` at `rate` hertz. The low-passes are fourth-order Butterworth: two sections of quality
    /// 1/(2 cos(pi/8)) and 1/(2 cos(3 pi/8)).
    ///
    /// - Precondition: `index` is in `0..<sections` and the filter fits the rate.
    public func section(_ index: Int, rate: Int) -> Biquad {
        precondition(index >= 0 && index < sections && fits(rate: rate))
        switch self {
        case .highPass0_05, .highPass0_5: return FilterDesign.highPass(cutoff: frequency, rate: rate)
        case .notch50, .notch60: return FilterDesign.notch(frequency: frequency, rate: rate)
        case .lowPass40, .lowPass100, .lowPass150:
            let quality = index == 0 ? 0.541196100146197 : 1.3065629648763764
            return FilterDesign.lowPass(cutoff: frequency, rate: rate, quality: quality)
        }
    }
}

#if !hasFeature(Embedded)
    extension StandardFilter: CaseIterable {}
#endif
