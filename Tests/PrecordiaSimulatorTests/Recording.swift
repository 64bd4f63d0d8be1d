// A stretch of simulated signal as arrays, for tests only.
// The simulator itself hands out one frame at a time and stores none.

import PrecordiaSignal

@testable import PrecordiaSimulator

/// What a simulator gave for a number of seconds, with its truth.
struct Recording {
    struct Beat {
        var index: Int
        var origin: BeatOrigin
    }

    var frames: [Frame] = []
    var beats: [Beat] = []
    var droppedWaves = 0

    init(_ simulator: consuming Simulator, seconds: Int) {
        var frame = Frame(index: 0)
        var seen: UInt64 = 0
        frames.reserveCapacity(seconds * simulator.rate)
        for _ in 0..<seconds * simulator.rate {
            simulator.next(into: &frame)
            frames.append(frame)
            guard simulator.beatCount != seen, let index = simulator.lastBeatIndex else { continue }
            seen = simulator.beatCount
            beats.append(Beat(index: Int(index), origin: simulator.lastBeatOrigin))
        }
        droppedWaves = simulator.droppedWaves
    }

    init(_ rhythm: Rhythm, rate: Int = 500, seed: UInt64 = 1, seconds: Int = 60, heartRate: Double? = nil, noise: Noise = .none) {
        self.init(Simulator(rate: rate, seed: seed, rhythm: rhythm, heartRate: heartRate, noise: noise), seconds: seconds)
    }

    /// One lead, microvolts.
    subscript(_ lead: Lead) -> [Int32] { frames.map { $0.counts[Int(lead.rawValue)] } }

    /// FNV-1a over every field of every frame, each number as eight little-endian bytes.
    var hash: UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ value: UInt64) {
            for byte in 0..<8 { hash = (hash ^ (value >> UInt64(8 * byte) & 0xFF)) &* 0x100_0000_01B3 }
        }
        for frame in frames {
            add(frame.index)
            for lead in 0..<12 { add(UInt64(bitPattern: Int64(frame.counts[lead]))) }
            add(UInt64(frame.missing.rawValue))
            add(UInt64(frame.clipped.rawValue))
            add(UInt64(frame.off.rawValue))
        }
        return hash
    }
}
