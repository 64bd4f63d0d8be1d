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
    static let rhythmHashes: [Rhythm: UInt64] = [
        .normalSinus: 0x33E3_C2DC_7A7F_6FA8,
        .sinusBradycardia: 0x66FA_7A94_9AA2_78E1,
        .sinusTachycardia: 0x87FA_AC5B_960D_6FB0,
        .sinusArrhythmia: 0x32A4_50BE_9E32_413C,
        .atrialFibrillation: 0x0F08_5430_AD99_8EF0,
        .atrialFlutter: 0x8320_40F4_8F11_03C2,
        .supraventricularTachycardia: 0x1EF2_5522_048B_7393,
        .prematureAtrial: 0x03C7_63BA_544B_04D0,
        .prematureVentricular: 0xA32E_5F59_0DB5_D344,
        .ventricularBigeminy: 0x7280_E73C_D4D6_0C99,
        .firstDegreeBlock: 0xFAB0_32B6_3A2C_6463,
        .wenckebach: 0xFE50_4A41_7FB0_9BE9,
        .mobitz2: 0xA6BE_0A70_B3C9_0BDB,
        .completeBlock: 0xE9C4_6256_2495_4041,
        .rightBundleBranchBlock: 0x3979_4B8F_8076_3E1F,
        .leftBundleBranchBlock: 0xABBB_98A8_2363_D844,
        .ventricularTachycardia: 0x7CD7_1ABD_FDB9_6F88,
        .ventricularFibrillation: 0x293F_39BD_1C49_F2FD,
        .asystole: 0x6C83_A03A_F392_8248,
        .paced: 0x2018_9927_D08E_AC9C,
        .anteriorElevation: 0x4781_0D12_98BE_58FF,
        .inferiorElevation: 0x18D8_1CD1_4C50_A489,
        .lateralElevation: 0xE83C_4009_CF0B_BFE5,
        .twoToOneBlock: 0xAD5C_32C7_718A_64B5,
    ]
    static let demoHashes: [Int: UInt64] = [
        100: 0x7DF2_91A9_04A3_F52F,
        257: 0xB42F_501F_A92C_1D67,
        360: 0x6088_AE54_282F_9690,
        500: 0x61F2_AC23_87D0_0F56,
        1000: 0x88C2_4971_7BFD_DB7C,
        2000: 0x89F5_14C5_27A3_CDAC,
    ]
}
