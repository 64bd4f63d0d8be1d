// What is measured of simulated exams, as integers: the same on every processor, and changed by nothing unnoticed.
// Apart from the tests of what is right: here a number is what it was.

import CPrecordiaKernels
import PrecordiaBeats
import PrecordiaSignal
import PrecordiaSimulator
import Testing

@testable import PrecordiaMeasure

/// Edges in milliseconds from the beat's place, values in milliseconds, degrees and microvolts; -999 for what is not known.
private func integers(_ rhythm: Rhythm, rate: Int, kernel: OpaquePointer) -> [[Int]] {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: MeasureMonitor.requiredBytes(rate: rate), alignment: 64)
    defer { bytes.deallocate() }
    var monitor = MeasureMonitor(rate: rate, memory: bytes, kernel: kernel)
    hear(&monitor, Simulator(rate: rate, seed: 14, rhythm: rhythm, noise: .resting), seconds: 15)
    monitor.measure(estimating: true)
    let values = monitor.measurement
    let whole = { (value: Float?, scale: Float) in value.map { Int(($0 * scale).rounded()) } ?? -999 }
    let edges = { (marks: WaveMarks) in
        [marks.pOnset, marks.pEnd, marks.qrsOnset, marks.qrsEnd, marks.tOnset, marks.tEnd].map { whole($0, 1) }
    }
    let sizes = { (lead: LeadMeasurement) in
        [lead.p, lead.q, lead.r, lead.s, lead.t, lead.j, lead.j60, lead.noise].map { whole($0, 1000) }
    }
    return [
        [values.beats, values.measuredBeats, values.blockedP],
        [values.heartRate, values.atrialRate, values.sdnn, values.rmssd].map { whole($0, 10) },
        [values.p, values.pr, values.qrs, values.qt, values.qtc(), values.pAxis, values.qrsAxis, values.tAxis].map { whole($0, 1) },
        [values.uncertainty.p, values.uncertainty.pr, values.uncertainty.qrs, values.uncertainty.qt].map { whole($0, 100) },
        edges(values.marks), edges(values.lead[1].marks), edges(values.lead[7].marks), sizes(values.lead[1]), sizes(values.lead[7]),
    ]
}

@Suite("Measured integers")
struct MeasuredIntegersTests {
    private static let expected: [(rhythm: Rhythm, rate: Int, integers: [[Int]])] = [
        (
            .normalSinus, 500,
            [
                [12, 12, 0],
                [724, 724, 158, 192],
                [124, 162, 110, 406, 433, 68, 38, 30],
                [58, 50, 15, 41],
                [-212, -88, -50, 59, 124, 356],
                [-209, -99, -41, 43, 146, 342],
                [-209, -114, -49, 53, 131, 340],
                [114, -999, 959, -55, 225, -5, 12, 88],
                [66, -999, 408, -939, 300, 5, 70, 100],
            ]
        ),
        (
            .normalSinus, 100,
            [
                [12, 12, 0],
                [724, 724, 156, 187],
                [122, 161, 109, 405, 431, 68, 39, 29],
                [69, 46, 30, 125],
                [-215, -93, -54, 55, 119, 351],
                [-212, -103, -45, 39, 141, 336],
                [-212, -120, -52, 48, 125, 334],
                [114, -999, 839, -53, 224, -3, 12, 91],
                [63, -999, 400, -933, 293, -1, 68, 108],
            ]
        ),
        (
            .leftBundleBranchBlock, 500,
            [
                [12, 12, 0],
                [724, 724, 158, 192],
                [128, 156, 176, 469, 500, 69, -19, 126],
                [57, 20, 19, 45],
                [-214, -87, -58, 117, 147, 411],
                [-211, -97, -53, 102, 217, 398],
                [-212, -112, -56, 97, 155, 384],
                [114, -999, 347, -153, 112, -28, -14, 36],
                [66, -2369, 257, -999, 776, 261, 425, 194],
            ]
        ),
        (
            .inferiorElevation, 1000,
            [
                [14, 14, 0],
                [845, 845, 130, 154],
                [124, 152, 116, 402, 451, 71, 52, 103],
                [58, 26, 22, 104],
                [-209, -85, -57, 59, 31, 345],
                [-206, -98, -48, 39, 136, 330],
                [-208, -108, -55, 51, 170, 334],
                [112, -126, 903, -999, 306, 147, 220, 77],
                [65, -999, 431, -960, 4, -121, -123, 93],
            ]
        ),
        (
            .mobitz2, 250,
            [
                [9, 9, 4],
                [535, 802, 3690, 6870],
                [128, 184, 109, 393, 378, 70, 37, 26],
                [69, 43, 30, 77],
                [-233, -105, -49, 60, 120, 344],
                [-229, -116, -41, 44, 143, 331],
                [-230, -133, -49, 54, 128, 328],
                [113, -999, 948, -67, 208, -17, 4, 65],
                [61, -999, 400, -946, 289, 2, 65, 73],
            ]
        ),
        (
            .atrialFibrillation, 360,
            [
                [17, 17, 0],
                [1032, -999, 987, 1261],
                [-999, -999, 112, 369, 442, -999, 30, 12],
                [-999, -999, 470, 217],
                [-999, -999, -47, 65, 119, 322],
                [-999, -999, -40, 47, 130, 297],
                [-999, -999, -46, 59, 144, 299],
                [-999, -21, 944, -85, 99, -37, 9, 123],
                [-999, -999, 378, -976, 149, 10, 36, 162],
            ]
        ),
    ]

    @Test("are what they were, by every implementation of the arithmetic", arguments: 0..<expected.count)
    func same(number: Int) {
        let (rhythm, rate, expected) = Self.expected[number]
        for one in 0..<precordia_measuring_count() where precordia_measuring_supported(precordia_measuring_at(one)) {
            let found = integers(rhythm, rate: rate, kernel: precordia_measuring_at(one))
            #expect(found == expected, "\(rhythm) at \(rate) Hz: \(found)")
        }
    }
}
