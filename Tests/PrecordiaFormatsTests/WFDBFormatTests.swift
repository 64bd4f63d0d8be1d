// Every storage format, alone and combined with offsets, frames, skew, several files and blocks.
// The encoder is the tests' own; see TestRecords.

import PrecordiaFormats
import Testing

private let stored = WFDBFormat.allCases.filter { $0 != .null && $0 != .format8 }

@Suite("WFDB storage formats") struct WFDBFormatTests {
    @Test("what an independent encoder writes is read back, for every format, interleaving and remainder", arguments: stored)
    func roundTrip(format: WFDBFormat) throws {
        for (signals, count) in [(1, 1), (1, 2), (1, 3), (1, 997), (2, 11), (3, 10), (5, 7), (12, 100), (7, 9001), (40, 1300)] {
            let folder = TemporaryFolder()
            let samples = randomSignals(signals, count, bits: format.bits, seed: UInt64(signals * 1000 + count))
            var interleaved: [Int32] = []
            for i in 0..<count { for signal in samples { interleaved.append(signal[i]) } }
            var header = "r \(signals) 500 \(count)\n"
            for signal in samples { header += "r.bin \(format.rawValue)+5 200 12 0 \(signal[0]) \(checksum(signal)) 0 x\n" }
            folder.write(header, "r.hea")
            folder.write([1, 2, 3, 4, 5] + encode(interleaved, format), "r.bin")
            #expect(try allSamples(folder.path + "r") == samples, "\(signals) signals, \(count) samples")
            let bytes = format.byteCount(samples: signals * count)
            #expect(bytes == folder.read("r.bin").count - 5)
            folder.write(header.replacing("500 \(count)", with: "500"), "r.hea")
            let derived = try WFDBSignals(path: folder.path + "r").frameCount
            #expect(derived == count || (format == .format310 && signals == 1 && derived == count + 1), "derived from the file's size")
        }
    }

    @Test("the extremes of each format are read, its lowest value as missing", arguments: stored)
    func extremes(format: WFDBFormat) throws {
        let folder = TemporaryFolder()
        let low = Int32.min >> Int32(32 - format.bits)
        let high = Int32.max >> Int32(32 - format.bits)
        #expect(format.invalidSample == low)
        let samples: [Int32] = [0, 1, -1, high, low + 1, low, 2, high, low, low, -2, high - 1]
        folder.write("r 1 500 12\nr.dat \(format.rawValue) 200 0 0 0 \(checksum(samples)) 0 x\n", "r.hea")
        folder.write(encode(samples, format), "r.dat")
        #expect(try allSamples(folder.path + "r") == [samples.map { $0 == low ? WFDBSignalReader.missing : $0 }])
    }

    @Test("format 8 sums differences from the initial value, signal by signal, across blocks")
    func differences() throws {
        let folder = TemporaryFolder()
        var random = Randomness(state: 5)
        let steps = (0..<3).map { _ in (0..<20_000).map { _ in Int32(random.below(255)) - 127 } }
        let start: [Int32] = [100, -2000, 7]
        let samples = zip(steps, start).map { step, first in
            var value = first
            return step.map { d in
                value += d
                return value
            }
        }
        var header = "r 3 500 20000\n"
        for (signal, first) in zip(samples, start) { header += "r.dat 8 200 12 0 \(first) \(checksum(signal)) 0 x\n" }
        var interleaved: [Int32] = []
        for i in 0..<20_000 { for step in steps { interleaved.append(step[i]) } }
        folder.write(header, "r.hea")
        folder.write(encode(interleaved, .format8), "r.dat")
        #expect(try allSamples(folder.path + "r") == samples)
    }

    @Test(
        "signals with several samples a frame, skew and files of their own line up",
        arguments: [WFDBFormat.format16, .format212, .format310])
    func framesAndSkew(format: WFDBFormat) throws {
        let frames = 9000
        let widths = [3, 1, 2]
        let skews = [0, 700, 2]
        var random = Randomness(state: 99)
        let raw = widths.map { width in (0..<frames * width).map { _ in random.sample(bits: 10) } }
        let other = (0..<frames).map { _ in random.sample(bits: 16) }
        var interleaved: [Int32] = []
        for f in 0..<frames { for s in 0..<3 { interleaved += raw[s][f * widths[s]..<(f + 1) * widths[s]] } }
        let folder = TemporaryFolder()
        var header = "r 4 100 \(frames)\n"
        for s in 0..<3 { header += "r.dat \(format.rawValue)x\(widths[s]):\(skews[s]) 200 12 0 0 \(checksum(raw[s])) 0 s\(s)\n" }
        header += "q.dat 61:1 200 12 0 0 \(checksum(other)) 0 q\n"
        folder.write(header, "r.hea")
        folder.write(encode(interleaved, format), "r.dat")
        folder.write(encode(other, .format61), "q.dat")
        var expected = zip(raw, zip(widths, skews)).map { signal, shape in
            Array(signal.dropFirst(shape.0 * shape.1)) + Array(repeating: WFDBSignalReader.missing, count: shape.0 * shape.1)
        }
        expected.append(Array(other.dropFirst()) + [WFDBSignalReader.missing])
        #expect(try allSamples(folder.path + "r") == expected)
    }

    @Test("a skew longer than the record leaves only missing samples")
    func longSkew() throws {
        let folder = TemporaryFolder()
        folder.write("r 1 500 3\nr.dat 16:1000 200 12 0 1 6 0 x\n", "r.hea")
        folder.write(encode([1, 2, 3], .format16), "r.dat")
        #expect(try allSamples(folder.path + "r") == [[Int32.min, Int32.min, Int32.min]])
    }

    @Test("bytes are counted the way signal(5) packs them")
    func sizes() {
        #expect((1...6).map { WFDBFormat.format212.byteCount(samples: $0) } == [2, 3, 5, 6, 8, 9])
        #expect((1...6).map { WFDBFormat.format310.byteCount(samples: $0) } == [2, 4, 4, 6, 8, 8])
        #expect((1...6).map { WFDBFormat.format311.byteCount(samples: $0) } == [2, 3, 4, 6, 7, 8])
        #expect((0...6).map { WFDBFormat.format212.sampleCount(bytes: $0) } == [0, 0, 1, 2, 2, 3, 4])
        #expect((0...6).map { WFDBFormat.format310.sampleCount(bytes: $0) } == [0, 0, 1, 1, 3, 3, 4])
        #expect((0...6).map { WFDBFormat.format311.sampleCount(bytes: $0) } == [0, 0, 1, 2, 3, 3, 4])
        #expect(WFDBFormat.format32.byteCount(samples: Int.max) == nil)
    }
}
