// The elementary functions against the C library's, which is right to the last bit or two on this machine.

import Foundation
import PrecordiaSignal
import Testing

@Suite struct ArithmeticTests {
    @Test("Exponential agrees with the C library to 1e-14, relative")
    func exponential() {
        var worst = 0.0
        for step in -7000...7000 {
            let x = Double(step) / 10 + 0.0123
            worst = max(worst, abs(Arithmetic.exponential(x) / exp(min(max(x, -700), 700)) - 1))
        }
        #expect(worst < 1e-14)
    }

    @Test("Sine, cosine and tangent agree with the C library to 1e-14, absolute")
    func circular() {
        var worst = 0.0
        for step in -20000...20000 {
            let x = Double(step) / 200
            worst = max(worst, abs(Arithmetic.sine(x) - sin(x)), abs(Arithmetic.cosine(x) - cos(x)))
        }
        for step in 0..<1500 {
            let x = Double(step) / 1000
            worst = max(worst, abs(Arithmetic.tangent(x) / max(tan(x), 1e-300) - 1) * (x == 0 ? 0 : 1))
        }
        #expect(worst < 1e-14)
    }

    @Test("The square root agrees with the processor's to 1e-15, relative, and ends at 0 and infinity")
    func squareRoot() {
        var worst = 0.0
        for step in -3000...3000 {
            let x = exp(Double(step) / 4.3)
            guard x >= .leastNormalMagnitude, x < .infinity else { continue }
            worst = max(worst, abs(Arithmetic.squareRoot(x) / x.squareRoot() - 1))
        }
        #expect(worst < 1e-15)
        #expect(Arithmetic.squareRoot(0) == 0 && Arithmetic.squareRoot(-1) == 0 && Arithmetic.squareRoot(.nan) == 0)
        #expect(Arithmetic.squareRoot(.infinity) == .infinity && Arithmetic.squareRoot(4) == 2)
    }

    @Test("The logistic function is 0.5 at 0, symmetric, and never leaves 0 to 1")
    func logistic() {
        #expect(Arithmetic.logistic(0) == 0.5)
        for x in [0.1, 1, 5, 30, 1e9] {
            #expect(abs(Arithmetic.logistic(x) + Arithmetic.logistic(-x) - 1) < 1e-15)
            #expect(Arithmetic.logistic(x) <= 1 && Arithmetic.logistic(-x) >= 0)
        }
    }

    @Test("No argument of the exponential traps, and what is no number has the probability 0")
    func notANumber() {
        #expect(
            Arithmetic.exponential(.nan) == Arithmetic.exponential(700) && Arithmetic.exponential(.infinity) == Arithmetic.exponential(700))
        #expect(Arithmetic.exponential(-.infinity) == Arithmetic.exponential(-700))
        for x in [Double.nan, -.nan, .signalingNaN] { #expect(Float(Arithmetic.logistic(x)) == 0) }
        #expect(Float(Arithmetic.logistic(.infinity)) == 1 && Float(Arithmetic.logistic(-.infinity)) == 0)
    }

    @Test("Rounding ties go to the even neighbour")
    func rounding() {
        let values: [Double] = [0.5, 1.5, 2.5, -0.5, -1.5, 2.4999, 1_000_000_000.5]
        let expected: [Double] = [0, 2, 2, 0, -2, 2, 1_000_000_000]
        #expect(values.map { Arithmetic.roundedToEven($0) } == expected)
    }
}
