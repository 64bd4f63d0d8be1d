// A row of the table of sounds as samples, at the rate that the sound card has.
// Made when the card is opened, so that the sound thread only copies.

import Glibc
import PrecordiaAlerts

/// The samples and the pauses of one ``AlarmSound`` at one rate.
///
/// - Memory: 2 bytes a sample of each different note, about 20 KB a note at 48 kHz. Cost of making one: under 1 ms a note on a PC.
struct RenderedSound {
    let priority: AlertPriority
    /// The samples of each pulse of a burst. Equal notes share them.
    let pulses: [[Int16]]
    /// Frames of silence after each pulse; after the last, to the next burst.
    let rests: [Int]
    /// The same after the last, when a new alarm of this priority has come.
    let shortestInterburst: Int
    /// Frames of silence between a pulse of another sound and this sound's first.
    let approach: Int
    /// Pulses after which a burst may be left when its alarm is over: whole groups.
    let group: Int
}

extension RenderedSound {
    /// Peak of the loudest sound, of 32,767: a little room for whatever resamples it.
    private static let peak = 30_000.0

    init(_ sound: AlarmSound, rate: Int) {
        let ramp = Self.ramp(sound)
        func frames(_ milliseconds: Double) -> Int { Int((milliseconds * Double(rate) / 1000).rounded()) }
        priority = sound.priority
        var made: [AlarmNote: [Int16]] = [:]
        for note in sound.notes where made[note] == nil { made[note] = Self.pulse(sound, note, rate: rate) }
        pulses = (0..<sound.pulses).map { made[sound.note($0)]! }
        rests = (0..<sound.pulses).map { frames(sound.restAfter($0) - ramp) }
        shortestInterburst = frames(sound.shortestInterburst - ramp)
        approach = frames(sound.spacing - ramp)
        group = sound.notes.count
    }

    /// Milliseconds from silence to full amplitude. Half a cosine is at 10 % where its argument is acos(0.8), and at 90 % where it is acos(-0.8).
    private static func ramp(_ sound: AlarmSound) -> Double { sound.rise * Double.pi / (acos(-0.8) - acos(0.8)) }

    /// A pulse: harmonics with the phases of Schroeder (IEEE Trans. Inf. Theory 16, 1970), which keep the peak of their sum low, under its envelope.
    private static func pulse(_ sound: AlarmSound, _ note: AlarmNote, rate: Int) -> [Int16] {
        let ramp = Self.ramp(sound) * Double(rate) / 1000
        let count = Int((sound.pulse * Double(rate) / 1000 + ramp).rounded())
        let step = 2 * Double.pi * note.frequency / Double(rate)
        // What would be above the Nyquist frequency would come back as another note.
        let harmonics = sound.harmonics.enumerated().filter { Double($0.offset + 1) * note.frequency < 0.45 * Double(rate) }
        var samples = [Double](repeating: 0, count: count)
        for (index, level) in harmonics {
            let order = Double(index + 1)
            add(level, angle: order * step, phase: -Double.pi * order * Double(index) / Double(harmonics.count), to: &samples)
        }
        for frame in 0..<count {
            let edge = min(Double(frame), Double(count - 1 - frame))
            if edge < ramp { samples[frame] *= 0.5 - 0.5 * cos(Double.pi * edge / ramp) }
        }
        let largest = samples.reduce(1e-9) { max($0, abs($1)) }
        let scale = peak * pow(10, sound.level / 20) / largest
        return samples.map { Int16(($0 * scale).rounded()) }
    }

    /// Adds a sine by turning a vector: two products a sample, where the library's sine would hold a small board's first sound up for a second.
    private static func add(_ level: Double, angle: Double, phase: Double, to samples: inout [Double]) {
        let (turnX, turnY) = (cos(angle), sin(angle))
        var x = pow(10, level / 20) * cos(phase)
        var y = pow(10, level / 20) * sin(phase)
        for frame in samples.indices {
            samples[frame] += y
            (x, y) = (x * turnX - y * turnY, x * turnY + y * turnX)
        }
    }
}
