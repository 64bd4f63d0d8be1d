// Filters and resampler by what they do to signals; tools/filters compares them with scipy number by number.

import Foundation
import PrecordiaSignal
import Testing

/// The gain of a filter at a frequency, from its coefficients.
func gain(_ sections: [Biquad], at frequency: Double, rate: Double) -> Double {
    let w = 2 * Double.pi * frequency / rate
    func magnitude(_ c0: Double, _ c1: Double, _ c2: Double) -> Double {
        let real: Double = c0 + c1 * cos(w) + c2 * cos(2 * w)
        let imaginary: Double = c1 * sin(w) + c2 * sin(2 * w)
        return hypot(real, imaginary)
    }
    var product = 1.0
    for s in sections { product *= magnitude(s.b0, s.b1, s.b2) / magnitude(1, s.a1, s.a2) }
    return product
}

func steady(_ cascade: inout FilterCascade, frequency: Double, rate: Int) -> Double {
    var peak = 0.0
    var samples = [Double](repeating: 0, count: 12)
    for n in 0..<(20 * rate) {
        let x = sin(2 * Double.pi * frequency * Double(n) / Double(rate))
        for lead in 0..<12 { samples[lead] = x }
        cascade.process(&samples)
        if n > 18 * rate { peak = max(peak, abs(samples[11])) }
    }
    return peak
}

@Suite struct FilterTests {
    @Test("Every standard filter is at -3 dB at its corner, and a notch at nothing", arguments: [100, 250, 257, 360, 500, 1000, 2000])
    func corners(rate: Int) {
        for filter in StandardFilter.allCases where filter.fits(rate: rate) {
            let sections = (0..<filter.sections).map { filter.section($0, rate: rate) }
            let corner = gain(sections, at: filter.frequency, rate: Double(rate))
            let expected = filter == .notch50 || filter == .notch60 ? 0 : 0.5.squareRoot()
            let error: Double = abs(corner - expected)
            #expect(error < 1e-6, "\(filter) at \(rate) Hz")
        }
    }

    @Test("A filter that a rate cannot carry is refused, not bent")
    func refused() {
        var cascade = FilterCascade()
        let taken = cascade.append(.lowPass150, rate: 250)
        #expect(!taken && cascade.count == 0)
        #expect(!StandardFilter.notch50.fits(rate: 100))
    }

    @Test("A running cascade has the gain that its coefficients promise")
    func running() {
        var cascade = FilterCascade()
        for filter in [StandardFilter.highPass0_5, .notch50, .lowPass40] {
            let taken = cascade.append(filter, rate: 500)
            #expect(taken)
        }
        let passed = steady(&cascade, frequency: 10, rate: 500)
        cascade.reset()
        let stopped = steady(&cascade, frequency: 50, rate: 500)
        #expect(abs(passed - 1) < 0.02 && stopped < 1e-3)
    }

    @Test("A flat lead leaves no denormal state behind")
    func denormals() {
        var cascade = FilterCascade()
        _ = cascade.append(.highPass0_5, rate: 500)
        var samples = [Double](repeating: 1, count: 12)
        cascade.process(&samples)
        for _ in 0..<200_000 {
            for lead in 0..<12 { samples[lead] = 0 }
            cascade.process(&samples)
        }
        #expect(samples.allSatisfy { $0 == 0 })
    }
}

@Suite struct ResamplerTests {
    /// All outputs for `count` inputs of one signal on every lead, the end held.
    func resample(_ rate: Int, count: Int, _ signal: (Int) -> Double) -> [Double] {
        let bytes = Resampler.requiredBytes(inputRate: rate, outputRate: 100)
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 64)
        defer { memory.deallocate() }
        var resampler = Resampler(inputRate: rate, outputRate: 100, memory: memory)
        var outputs: [Double] = []
        let wanted = ((count - 1) * 100) / rate + 1
        var frame = [Double](repeating: 0, count: 12)
        for n in 0..<(count + resampler.lookAhead) {
            for lead in 0..<12 { frame[lead] = signal(min(n, count - 1)) }
            resampler.push(frame)
            var out = [Double](repeating: 0, count: 12)
            while resampler.pop(into: &out) { outputs.append(out[5]) }
        }
        return Array(outputs.prefix(wanted))
    }

    @Test("100 Hz passes through bit for bit")
    func identity() {
        let expected: [Double] = (0..<1000).map { Double(($0 * 7919) % 1013) / 7 }
        let out = resample(100, count: 1000) { expected[$0] }
        #expect(out == expected)
    }

    @Test("A 10 s exam gives 1000 samples, in time and in size", arguments: [128, 250, 257, 360, 400, 500, 512, 1000, 1999, 2000])
    func timing(rate: Int) {
        let out = resample(rate, count: 10 * rate) { n in
            let t = Double(n) / Double(rate)
            return sin(2 * Double.pi * 8 * t) * 1000
        }
        #expect(out.count == 1000)
        var worst = 0.0
        for n in 50..<950 {
            let truth: Double = sin(2 * Double.pi * 8 * Double(n) / 100) * 1000
            worst = max(worst, abs(out[n] - truth))
        }
        #expect(worst < 3, "microvolts of 1000")
    }

    @Test("What 100 Hz cannot carry does not fold back", arguments: [250, 500, 1000])
    func aliasing(rate: Int) {
        let out = resample(rate, count: 10 * rate) { sin(2 * Double.pi * 60 * Double($0) / Double(rate)) }
        #expect(out[50..<950].allSatisfy { abs($0) < 2e-3 })
    }
}
