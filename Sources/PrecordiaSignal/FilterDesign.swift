// Sections of any corner at any rate, designed with IEEE operations alone, so that every processor filters with the same coefficients.

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
