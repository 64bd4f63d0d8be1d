// Numbers as text by integer arithmetic, the same bytes on every processor and in every locale.
// Apart from the C library's printf, which rounds as it likes and is not there above the line.

import PrecordiaSignal

extension JSONText {
    /// A whole number.
    @_noAllocation @_noLocks
    package mutating func integer(_ value: UInt64) { digits(value, width: 1) }

    /// A number with `decimals` digits after the point, half rounded away from 0; `null` where it is not finite, or too large for that
    /// many decimals in 18 digits.
    ///
    /// - Parameter decimals: 0...9.
    @_noAllocation @_noLocks
    package mutating func fixed(_ value: Double, decimals: Int) {
        guard let scaled = Self.scaled(value, decimals: decimals) else {
            raw("null")
            return
        }
        if value < 0 && scaled > 0 { raw(0x2D) }
        let scale = Self.power(decimals)
        digits(scaled / scale, width: 1)
        guard decimals > 0 else { return }
        raw(0x2E)
        digits(scaled % scale, width: decimals)
    }

    /// A sample index as seconds with three decimals, half rounded up. `rate` in hertz, above 0.
    @_noAllocation @_noLocks
    package mutating func seconds(sample: UInt64, rate: Int) {
        let rate = UInt64(rate)
        let thousandths = (sample % rate &* 1000 &+ rate / 2) / rate
        digits(sample / rate &+ thousandths / 1000, width: 1)
        raw(0x2E)
        digits(thousandths % 1000, width: 3)
    }

    /// |value| times ten to the power `decimals` as the nearest integer, half rounded up; nil where ``fixed(_:decimals:)`` says null.
    ///
    /// The fraction of a Double below 2^53 is exact, and above it has none, so the comparison with one half is exact too.
    @_noAllocation @_noLocks
    package static func scaled(_ value: Double, decimals: Int) -> UInt64? {
        let scale = Double(power(decimals))
        guard value.magnitude < 1e18 / scale else { return nil }
        let product = value.magnitude * scale
        let whole = UInt64(product)
        return product - Double(whole) >= 0.5 ? whole &+ 1 : whole
    }

    /// Ten to the power `decimals`, 0...9.
    @_noAllocation @_noLocks
    private static func power(_ decimals: Int) -> UInt64 {
        var power: UInt64 = 1
        for _ in 0..<decimals { power &*= 10 }
        return power
    }

    /// Decimal digits, at least `width` of them, at most 20.
    @_noAllocation @_noLocks
    package mutating func digits(_ value: UInt64, width: Int) {
        var divisor: UInt64 = 1
        var places = 1
        while places < width || (places < 20 && value / divisor >= 10) {
            divisor &*= 10
            places &+= 1
        }
        for _ in 0..<places {
            raw(0x30 &+ UInt8(truncatingIfNeeded: value / divisor % 10))
            divisor /= 10
        }
    }
}
