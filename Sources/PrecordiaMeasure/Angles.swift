// The angle of an axis and a cube root, made of IEEE operations alone as PrecordiaSignal's Arithmetic is.
// Here and not there, because nothing but measuring asks for them.

import PrecordiaSignal

enum Angles {
    /// The angle of a point in degrees, -180 to 180; nil for the origin.
    @_noAllocation @_noLocks
    static func degrees(x: Double, y: Double) -> Double? {
        let (a, b) = (x.magnitude, y.magnitude)
        guard a > 0 || b > 0 else { return nil }
        let first = b <= a ? arctangent(b / a) : 90 - arctangent(a / b)
        let upper = x < 0 ? 180 - first : first
        return y < 0 ? -upper : upper
    }

    /// Degrees for 0 <= t <= 1: the angle is halved twice, then its series.
    private static func arctangent(_ t: Double) -> Double {
        let half = t / (1 + Arithmetic.squareRoot(1 + t * t))
        let x = half / (1 + Arithmetic.squareRoot(1 + half * half))
        let square = x * x
        var sum = 1.0 / 15
        sum = 1.0 / 13 - square * sum
        sum = 1.0 / 11 - square * sum
        sum = 1.0 / 9 - square * sum
        sum = 1.0 / 7 - square * sum
        sum = 1.0 / 5 - square * sum
        sum = 1.0 / 3 - square * sum
        return 4 * x * (1 - square * sum) * 57.29577951308232
    }

    /// The cube root of 1e-3 to 1e3, by Newton's rule.
    @_noAllocation @_noLocks
    static func cubeRoot(_ x: Double) -> Double {
        guard x > 0 else { return 0 }
        var root = x < 1 ? 1 : x
        for _ in 0..<40 { root -= (root * root * root - x) / (3 * root * root) }
        return root
    }
}
