// The same seed gives the same bytes, today and on every machine: committed hashes of what the simulator plays.
// A changed hash is a changed signal: say so in the changelog, for other rooms' golden results change with it.

import PrecordiaSignal
import Testing

@testable import PrecordiaSimulator

@Suite("Determinism of the simulator")
struct DeterminismTests {
    @Test("A minute of every rhythm, with noise, is what it was", arguments: Rhythm.allCases)
    func rhythmHash(rhythm: Rhythm) {
        let hash = Recording(rhythm, seed: 7, noise: .ambulance).hash
        #expect(hash == Self.rhythmHashes[rhythm], "\(rhythm): 0x\(String(hash, radix: 16, uppercase: true))")
    }

    @Test("The demonstration is what it was at every rate", arguments: [100, 257, 360, 500, 1000, 2000])
    func demoHash(rate: Int) {
        let hash = Recording(Simulator(rate: rate, seed: 1, scenario: .demo), seconds: 60).hash
        #expect(hash == Self.demoHashes[rate], "\(rate): 0x\(String(hash, radix: 16, uppercase: true))")
    }

    @Test("Two simulators with one seed agree, and another seed gives another signal")
    func seeds() {
        let first = Recording(.atrialFibrillation, seed: 3, seconds: 10, noise: .resting)
        #expect(first.hash == Recording(.atrialFibrillation, seed: 3, seconds: 10, noise: .resting).hash)
        var hashes: Set<UInt64> = [first.hash]
        for seed: UInt64 in [0, 1, 2, .max] { hashes.insert(Recording(.atrialFibrillation, seed: seed, seconds: 10, noise: .resting).hash) }
        #expect(hashes.count == 5)
    }

    @Test("The beats fall at the same instants whatever the rate and the noise")
    func beatsDoNotDependOnTheRate() {
        let slow = Recording(.atrialFibrillation, rate: 250, seed: 5)
        let fast = Recording(.atrialFibrillation, rate: 1000, seed: 5, noise: .ambulance)
        #expect(slow.beats.count > 70)
        #expect(abs(slow.beats.count - fast.beats.count) <= 1)
        for (a, b) in zip(slow.beats, fast.beats) { #expect(abs(4 * a.index - b.index) <= 4) }
    }

    @Test("Random numbers are SplitMix64's, evenly spread")
    func random() {
        // Reference values of the published algorithm for the seed 1234567.
        var random = Random(seed: 1_234_567)
        #expect(random.bits() == 6_457_827_717_110_365_317)
        #expect(random.bits() == 3_203_168_211_198_807_973)
        var counts = [0, 0, 0, 0, 0]
        for _ in 0..<50_000 { counts[random.index(below: 5)] += 1 }
        #expect(counts.allSatisfy { abs($0 - 10_000) < 400 })
        var sum = 0.0
        var squares = 0.0
        for _ in 0..<100_000 {
            let value = random.gaussian()
            sum += value
            squares += value * value
        }
        #expect(abs(sum / 100_000) < 0.01)
        #expect(abs(squares / 100_000 - 1) < 0.02)
    }
}

extension DeterminismTests {
    static let rhythmHashes: [Rhythm: UInt64] = [:]
    static let demoHashes: [Int: UInt64] = [:]
}
