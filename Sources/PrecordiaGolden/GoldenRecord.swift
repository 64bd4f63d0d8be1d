// The records of the determinism bench: which stream, which patient, and what befalls the frames on their way.
// Data, apart from the code that plays it; functions with a switch, because a table would be allocated.

import PrecordiaEngine
import PrecordiaNetwork
import PrecordiaSignal
import PrecordiaSimulator

/// One simulated record of the bench.
struct GoldenRecord {
    var rate: Int
    var seed: UInt64
    /// The rhythms and electrodes that come off; played again with another seed while ``seconds`` last.
    var scenario: Scenario
    var seconds: Int
    /// Leads that the engine computes itself.
    var derived = LeadSet.empty
    var microvoltsPerCount = 1.0
    /// The device's number for the first frame.
    var firstIndex: UInt64 = 0
    /// An answer for each of the model's columns instead of one a second.
    var shortHop = false
    /// A patient who shivers and moves, at an amplifier that clips, instead of the scenario's noise.
    var ambulance = false
    /// Whether ``Fate`` strikes the frames.
    var spoilt = false

    static var count: Int { 7 }

    static func number(_ index: Int) -> GoldenRecord {
        switch index {
        case 0: GoldenRecord(rate: 500, seed: 1, scenario: .demo, seconds: 60)
        case 1: GoldenRecord(rate: 100, seed: 2, scenario: .tour, seconds: 264, spoilt: true)
        case 2:
            GoldenRecord(
                rate: 257, seed: 3, scenario: .tour, seconds: 264, derived: .derived, microvoltsPerCount: 0.954, firstIndex: 1 << 40,
                spoilt: true)
        case 3: GoldenRecord(rate: 360, seed: 4, scenario: .demo, seconds: 120, shortHop: true, spoilt: true)
        case 4: GoldenRecord(rate: 1000, seed: 5, scenario: .demo, seconds: 60, derived: .derived, ambulance: true)
        case 5: GoldenRecord(rate: 500, seed: 6, scenario: .tour, seconds: 264, ambulance: true, spoilt: true)
        default: GoldenRecord(rate: 2000, seed: 7, scenario: .tour, seconds: 48, firstIndex: 3)
        }
    }

    /// A live stream at 500 Hz, of any length.
    static func soak(seconds: Int) -> GoldenRecord {
        GoldenRecord(rate: 500, seed: 8, scenario: .tour, seconds: seconds, spoilt: true)
    }

    var stream: StreamFormat {
        StreamFormat(rate: rate, derived: derived, microvoltsPerCount: InlineArray(repeating: microvoltsPerCount))
    }

    func options(_ model: ModelView) -> EngineOptions {
        var options = EngineOptions()
        if shortHop { options.hop = model.hopUnit }
        // One record stays without, as engines are that nobody asks to measure.
        options.measureSeconds = seed == 1 ? 0 : 5
        return options
    }

    /// The patient of the scenario's nth round.
    func patient(_ round: Int) -> Simulator {
        Simulator(rate: rate, seed: seed &+ UInt64(truncatingIfNeeded: round) &* 1000, rhythm: scenario.step(atSecond: 0).rhythm)
    }

    func noise(_ step: Scenario.Step) -> Noise {
        guard ambulance else { return step.noise }
        var noise = Noise.ambulance
        noise.saturationMicrovolts = 1200
        noise.electrodesOff = step.noise.electrodesOff
        return noise
    }
}

/// What befalls a frame between the device and the engine.
/// A raw type, because the hashing that a plain enumeration brings along would seed itself at random.
enum Fate: UInt8 {
    case whole, lost
    /// The frame lacks V2 and V3, lead I (and what is computed from it), or all leads.
    case chestMissing, limbMissing, allMissing
    /// The amplifier of V4 is at its limit.
    case clipped
    /// The frame comes again, and after it an older one.
    case late

    /// Seconds after which it begins anew. No multiple of the tour's step, so that each round meets other rhythms.
    private static var period: Int { 110 }

    /// Forty good seconds, 35 with faults, 35 good ones.
    static func of(second: Int, millisecond: Int) -> Fate {
        switch (second % period, millisecond) {
        case (40, 200..<600), (44, 0..<40), (44, 300..<301), (45, 900...): .lost
        case (49, _): .chestMissing
        case (52, 100..<400): .limbMissing
        case (55, 0..<500): .allMissing
        case (58, 250..<750), (59, _): .clipped
        case (62, 0..<100): .late
        case (65, _), (66, 0..<700): .lost
        case (71, _): .lost
        case (74, _), (75, 0..<1): .lost
        default: .whole
        }
    }
}
