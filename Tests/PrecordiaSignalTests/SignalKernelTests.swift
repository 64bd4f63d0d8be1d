// Every instruction set's arithmetic on twelve leads against the reference's, bit by bit, on signal, extremes and what is not a number.

import CPrecordiaKernels
import PrecordiaSignal
import Testing

/// The kernels that this machine can run besides the reference.
private var kernels: [Int] { (1..<SignalKernel.count).filter { SignalKernel($0).isSupported } }

/// `count` samples of twelve leads: amplitudes from below the smallest state to beyond any converter, with zeros of both signs.
private func samples(_ count: Int, seed: UInt64, extremes: [Double] = []) -> [Double] {
    var state = seed
    return (0..<12 * count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let draw = Int(state >> 40)
        if !extremes.isEmpty, draw % 97 == 0 { return extremes[draw / 97 % extremes.count] }
        return (Double(draw % 20_001) - 10_000) * [1e-24, 1e-18, 1, 1, 1, 1e6][draw / 20_001 % 6]
    }
}

private func cascade(_ kernel: SignalKernel, sections: Int) -> FilterCascade {
    var cascade = FilterCascade(kernel: kernel)
    let filters: [StandardFilter] = [.highPass0_5, .notch50, .lowPass40, .highPass0_05, .notch60, .lowPass150]
    for section in filters.flatMap({ filter in (0..<filter.sections).map { filter.section($0, rate: 500) } }).prefix(sections) {
        _ = cascade.append(section)
    }
    return cascade
}

private let strange: [Double] = [.nan, .infinity, -.infinity, 1e308, -1e308, .leastNonzeroMagnitude, -.leastNormalMagnitude / 1024, -0.0]

@Suite struct SignalKernelTests {
    @Test("Filters of every length give the reference's bits, one sample at a time and in blocks", arguments: 0...8)
    func filters(sections: Int) {
        for extremes in [[], strange] {
            let signal = samples(500, seed: UInt64(sections), extremes: extremes)
            var expected = signal
            var reference = cascade(SignalKernel(0), sections: sections)
            expected.withUnsafeMutableBufferPointer { for n in 0..<500 { reference.process($0.baseAddress! + 12 * n) } }
            for number in [0] + kernels {
                for block in [1, 7, 500] {
                    var filtered = signal
                    var tested = cascade(SignalKernel(number), sections: sections)
                    filtered.withUnsafeMutableBufferPointer { all in
                        for n in stride(from: 0, to: 500, by: block) {
                            tested.process(all.baseAddress! + 12 * n, columns: min(block, 500 - n))
                        }
                    }
                    #expect(areSame(filtered, expected), "kernel \(number), blocks of \(block)")
                }
            }
        }
    }

    @Test("Gathering limits, adds, and tells the leads that jump, by every kernel", arguments: [0] + kernels)
    func gathering(number: Int) {
        let samples: [Double] = [0, 100, -100, 101, -101, 50, .infinity, -.infinity, .nan, 60, -0.0, 39]
        let previous: [Double] = [0, 50, -50, 40, -40, 101, 0, 0, 0, 10, 0, -12]
        var limited = previous, sums = [Double](repeating: 1, count: 12)
        let jumps = precordia_gather(SignalKernel(number).table, samples, 100, 50, limited, &limited, &sums)
        #expect(limited == [0, 100, -100, 100, -100, 50, 100, -100, 100, 60, 0, 39])
        #expect(sums == [1, 101, -99, 101, -99, 51, 101, -99, 101, 61, 1, 40])
        #expect(jumps == 0b1001_1111_1000)
        #expect(precordia_gather(SignalKernel(number).table, samples, 100, .infinity, previous, &limited, nil) == 0)
    }

    @Test("Resampling gives the reference's bits", arguments: kernels)
    func resampling(number: Int) {
        let signal = samples(2000, seed: 3, extremes: [1e300, -0.0])
        #expect(areSame(resampled(signal, SignalKernel(number)), resampled(signal, SignalKernel(0))))
    }

    private func resampled(_ signal: [Double], _ kernel: SignalKernel) -> [Double] {
        let memory = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Resampler.requiredBytes(inputRate: 360, outputRate: 100), alignment: 8)
        defer { memory.deallocate() }
        var resampler = Resampler(inputRate: 360, outputRate: 100, memory: memory, kernel: kernel)
        var output: [Double] = []
        var one = [Double](repeating: 0, count: 12)
        signal.withUnsafeBufferPointer { all in
            for n in 0..<all.count / 12 {
                resampler.push(all.baseAddress! + 12 * n)
                while resampler.pop(into: &one) { output += one }
            }
        }
        return output
    }

    @Test("Conversion gives the reference's bits, whatever is missing and derived", arguments: kernels)
    func conversion(number: Int) {
        for derived in [LeadSet.empty, .derived, LeadSet(.aVR)] {
            var format = StreamFormat(rate: 500, derived: derived)
            for lead in 0..<12 {
                format.microvoltsPerCount[lead] = 0.1 * Double(lead + 1)
                format.baseline[lead] = Int32(lead * 1000 - 5000)
            }
            var tested = LeadConverter(format, kernel: SignalKernel(number))
            var reference = LeadConverter(format, kernel: SignalKernel(0))
            var out = [Double](repeating: 0, count: 12)
            var expected = out
            for n in 0..<300 {
                var frame = Frame(index: UInt64(n))
                for lead in 0..<12 { frame.counts[lead] = Int32(truncatingIfNeeded: (n &* 2_654_435_761) >> lead) }
                frame.missing = LeadSet(rawValue: n % 3 == 0 ? UInt16(truncatingIfNeeded: n &* 77) : 0)
                tested.convert(frame, into: &out)
                reference.convert(frame, into: &expected)
                #expect(areSame(out, expected) && tested.missing == reference.missing)
            }
        }
    }
}

/// Equal bits; any two that are not a number are the same, because IEEE leaves their payload to the processor.
private func areSame(_ a: [Double], _ b: [Double]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { $0.bitPattern == $1.bitPattern || ($0.isNaN && $1.isNaN) }
}
