// One second-order section: the coefficients alone. FilterCascade holds the states.

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
