// The arithmetic of measuring: medians and sums whose result is known, and every implementation against the portable one.

import CPrecordiaKernels
import Testing

/// Numbers of -1 to 1 that are the same in each run.
private func drawn(_ count: Int, seed: UInt64) -> [Float] {
    var state = seed
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(Int(state >> 40) - 8_388_608) / 8_388_608
    }
}

private var implementations: [OpaquePointer] {
    (0..<precordia_measuring_count()).map { precordia_measuring_at($0) }.filter { precordia_measuring_supported($0) }
}

@Suite("The arithmetic of measuring")
struct MeasuringKernelTests {
    @Test("The median is the middle row, or the mean of the middle two, of every number of rows", arguments: 1...32)
    func median(number: Int) {
        let (stride, count) = (48, 37)
        let rows = drawn(number * stride + 16, seed: UInt64(number))
        for one in implementations {
            var median = [Float](repeating: .nan, count: count)
            let squares = precordia_median(one, rows, stride, Int32(number), count, &median)
            var expected: Double = 0
            for place in 0..<count {
                let column = (0..<number).map { rows[$0 * stride + place] }.sorted()
                let middle = number % 2 == 1 ? column[number / 2] : 0.5 * (column[number / 2 - 1] + column[number / 2])
                #expect(median[place] == middle)
                expected += column.reduce(0) { $0 + Double(($1 - middle) * ($1 - middle)) }
            }
            #expect(abs(Double(squares) - expected) <= 1e-4 * expected)
        }
    }

    @Test("All implementations give the portable one's bits, of every length", arguments: [1, 7, 8, 9, 63, 64, 200])
    func same(count: Int) {
        let from = drawn(count + 64, seed: 3)
        let other = drawn(count + 64, seed: 4)
        var expected: [UInt32] = []
        for one in implementations {
            var results = [Float](repeating: 0, count: 3 + 2 * 16)
            var added = other
            var laid = other
            precordia_add(one, from, count, &added)
            precordia_lay(one, from, 0.25, -0.125, -3, count, &laid)
            #expect(added[0] == other[0] + from[0] && laid[0] == from[0] - (0.25 - 0.125 * -3))
            #expect(added[count] == other[count] && laid[count] == other[count])
            results.withUnsafeMutableBufferPointer {
                precordia_alike(one, from, other, count, $0.baseAddress!)
                precordia_correlate(one, from, other, count, 16, $0.baseAddress! + 3, $0.baseAddress! + 19)
            }
            let bits = (results + added + laid + [precordia_slope_energy(one, from, count)]).map(\.bitPattern)
            if expected.isEmpty { expected = bits }
            #expect(bits == expected)
        }
    }

    @Test("A shift's sums are those of the shifted line")
    func correlation() {
        let line: [Float] = [1, 2, 3, 4, 5] + [Float](repeating: 0, count: 32)
        var products = [Float](repeating: 0, count: 8)
        var squares = products
        precordia_correlate(precordia_measuring_best(), line, [1, -1], 2, 8, &products, &squares)
        #expect(products[0] == -1 && products[3] == -1 && products[4] == 5 && squares[0] == 5 && squares[3] == 41)
    }
}
