// Elementary functions made of IEEE operations alone.
// The C library's differ in the last bit between processors and versions, and with them the events would.

/// Functions that give the same bits on every processor. Errors are below 1e-15, relative for the exponential, absolute for sine and
/// cosine up to 100 radians; beyond, the reduction by pi/2 loses a digit for each digit of x.
public enum Arithmetic {
    /// The nearest integer, ties to even, for |x| < 2^51: at 1.5 x 2^52 a Double has no bits left for a fraction.
    @_noAllocation @_noLocks
    @inlinable public static func roundedToEven(_ x: Double) -> Double { (x + 6_755_399_441_055_744) - 6_755_399_441_055_744 }

    /// e to the power x, x clamped to -700...700. The steps are those of `docs/model-format.md`, which the exporter shares.
    /// Not a number counts as 700: a logit that is none has the probability 0 and raises nothing.
    @_noAllocation @_noLocks
    public static func exponential(_ x: Double) -> Double {
        let bounded = x < 700 ? (x > -700 ? x : -700) : 700
        let k = roundedToEven(bounded * 1.4426950408889634)
        let r = (bounded - k * 0.693147180369123816490) - k * 1.90821492927058770002e-10
        var p = 1.6059043836821613e-10
        p = p * r + 2.08767569878681e-09
        p = p * r + 2.505210838544172e-08
        p = p * r + 2.755731922398589e-07
        p = p * r + 2.7557319223985893e-06
        p = p * r + 2.48015873015873e-05
        p = p * r + 0.0001984126984126984
        p = p * r + 0.001388888888888889
        p = p * r + 0.008333333333333333
        p = p * r + 0.041666666666666664
        p = p * r + 0.16666666666666666
        p = p * r + 0.5
        p = p * r + 1
        p = p * r + 1
        return p * Double(bitPattern: UInt64(Int64(k) &+ 1023) << 52)
    }

    /// 1 / (1 + e^-x): a logit as a probability.
    @_noAllocation @_noLocks
    public static func logistic(_ x: Double) -> Double { 1 / (1 + exponential(-x)) }

    /// The sine of x radians, for |x| < 1e6.
    @_noAllocation @_noLocks
    public static func sine(_ x: Double) -> Double {
        let quarter = roundedToEven(x * 0.6366197723675814)
        let r = (x - quarter * 1.5707963267341256) - quarter * 6.077100506506192e-11
        let square = r * r
        switch Int64(quarter) & 3 {
        case 0: return sineSeries(r, square)
        case 1: return cosineSeries(square)
        case 2: return -sineSeries(r, square)
        default: return -cosineSeries(square)
        }
    }

    /// The cosine of x radians, for |x| < 1e6.
    @_noAllocation @_noLocks
    public static func cosine(_ x: Double) -> Double { sine(x + 1.5707963267948966) }

    /// The tangent of x radians, for 0 <= x < 1.57.
    @_noAllocation @_noLocks
    public static func tangent(_ x: Double) -> Double { sine(x) / cosine(x) }

    /// The square root of x by Newton's rule, relative error below 1e-15; 0 for what is not above the smallest normal number, infinity stays.
    /// The standard library's calls the C library on some processors.
    @_noAllocation @_noLocks
    public static func squareRoot(_ x: Double) -> Double {
        guard x >= 2.2250738585072014e-308 else { return 0 }
        guard x < .infinity else { return x }
        // Halving the exponent leaves 6 % at most, and each step squares the rest.
        var root = Double(bitPattern: x.bitPattern &>> 1 &+ 0x1FF8_0000_0000_0000)
        for _ in 0..<5 { root = 0.5 * (root + x / root) }
        return root
    }

    /// Taylor series to r^17 on |r| <= pi/4, where the next term is below 1e-18.
    private static func sineSeries(_ r: Double, _ square: Double) -> Double {
        var p = 2.8114572543455206e-15
        p = p * square - 7.647163731819816e-13
        p = p * square + 1.6059043836821613e-10
        p = p * square - 2.505210838544172e-08
        p = p * square + 2.7557319223985893e-06
        p = p * square - 0.0001984126984126984
        p = p * square + 0.008333333333333333
        p = p * square - 0.16666666666666666
        return r + r * square * p
    }

    /// Taylor series to r^16 on |r| <= pi/4.
    private static func cosineSeries(_ square: Double) -> Double {
        var p = 4.779477332387385e-14
        p = p * square - 1.1470745597729725e-11
        p = p * square + 2.08767569878681e-09
        p = p * square - 2.755731922398589e-07
        p = p * square + 2.48015873015873e-05
        p = p * square - 0.001388888888888889
        p = p * square + 0.041666666666666664
        p = p * square - 0.5
        return 1 + square * p
    }
}

/// The smaller of two; the second where one is not a number. `min` of the standard library is another function for such values.
@inlinable @inline(__always) @_noAllocation @_noLocks
package func least(_ a: Float, _ b: Float) -> Float { a < b ? a : b }

/// The larger of two; the second where one is not a number.
@inlinable @inline(__always) @_noAllocation @_noLocks
package func most(_ a: Float, _ b: Float) -> Float { a > b ? a : b }
