// What spoils the signal in the alarm matrix, from the electrodes to the line.
// A disturbance is on from the first sample to the last, so that no alarm lives on a clean beginning.

import PrecordiaSignal
import PrecordiaSimulator

/// A disturbance by its name, and what it does.
package struct MatrixDisturbance: Sendable {
    /// What pacing pulses do.
    enum Pulses: Sendable {
        case none
        /// One before each beat.
        case captured
        /// 70 a minute, whatever the heart does.
        case free
    }

    /// What the device does besides sending samples, from when the rhythm begins.
    enum Fault: Sendable, Equatable {
        case none
        /// Sends its last block again and again.
        case repeats
        /// Is reset each so many seconds, and does not count anew.
        case restarts(Double)
        /// Sends another number of its configuration each so many seconds.
        case reconfigures(Double)
    }

    package let name: String
    package let words: String
    var noise = Noise.resting
    /// So many data blocks of 20 ms out of each so many are lost.
    var lost = (blocks: 0, of: 1)
    /// Electrodes that come off for 20 ms, one after the other, and seconds from one to the next.
    var flicker: [ElectrodeSet] = []
    var flickerSeconds = 5
    /// What I, II and the chest leads are moved by, counts, for so long each so many seconds, and nobody tells.
    var bump: (one: Int32, two: Int32, chest: Int32, each: Double, length: Double)?
    /// Lead II stands at 0 for 200 ms of each second.
    var sticks = false
    /// The chest leads carry nothing but zeros.
    var lacksChest = false
    /// Pulses of 3 mV and 2 ms in every lead, about one a second, without a pattern.
    var hasSpikes = false
    var pulses = Pulses.none
    /// The device tells pulses that are none, one each so many frames.
    var falseMarks: Int?
    /// What the device says its rate is.
    var toldRate: Int?
    var fault = Fault.none
    /// What all leads stand at from when the rhythm begins; nil where they live. A cable that is out, or an amplifier at its end.
    var dead: Int32?
    /// Whether it is the device's doing, which a record does not show.
    package var isLiveOnly = false

    /// Whether signal is missing for a third of the time, for which 5 s more are granted.
    package var missesThird: Bool { 3 * lost.blocks >= lost.of }
    /// Seconds from when the definition is met to the alarm.
    package var limit: Double { missesThird ? 15 : 10 }

    private init(_ name: String, _ words: String) { (self.name, self.words) = (name, words) }

    private func with(_ change: (inout MatrixDisturbance) -> Void) -> MatrixDisturbance {
        var copy = self
        change(&copy)
        return copy
    }

    /// All of them, in the table's order.
    package static let all: [MatrixDisturbance] =
        [MatrixDisturbance("clean", "nothing but what a resting body adds")]
        + [(15, "0.3"), (50, "1"), (250, "5"), (500, "10")].map { blocks, seconds in
            MatrixDisturbance("lost-\(seconds)", "a block of 20 ms lost each \(seconds) s").with { $0.lost = (1, blocks) }
        }
        + [
            MatrixDisturbance("lost-third", "100 ms lost each 300 ms").with { $0.lost = (5, 15) },
            MatrixDisturbance("lost-fifth", "200 ms lost each second").with { $0.lost = (10, 50) },
            MatrixDisturbance("contact-RA", "right arm 5 mV elsewhere for 300 ms each second, which nobody tells").with {
                $0.bump = (-5000, -5000, -1667, 1, 0.3)
            },
            MatrixDisturbance("stuck-II", "II at 0 for 200 ms each second").with { $0.sticks = true },
            MatrixDisturbance("flat-chest", "zeros in V1 to V6").with { $0.lacksChest = true },
            MatrixDisturbance("flicker-LA", "left arm off for 20 ms each 5 s").with { $0.flicker = [.leftArm] },
            MatrixDisturbance("flicker-RA", "right arm off for 20 ms each 5 s").with { $0.flicker = [.rightArm] },
            MatrixDisturbance("flicker-V2", "V2 off for 20 ms each 5 s").with { $0.flicker = [.chest(2)] },
            MatrixDisturbance("flicker-each", "each electrode in turn off for 20 ms, one each 5 s").with {
                $0.flicker = [.rightArm, .chest(1), .leftArm, .chest(3), .leftLeg, .chest(5)]
            },
            MatrixDisturbance("flicker-1s", "each electrode in turn off for 20 ms, one each second").with {
                $0.flicker = [.rightArm, .chest(1), .leftArm, .chest(3), .leftLeg, .chest(5)]
                $0.flickerSeconds = 1
            },
            off("off-1", "left arm off", .leftArm),
            off("off-1-chest", "V2 off", .chest(2)),
            off("off-2", "left arm and V2 off", [.leftArm, .chest(2)]),
            off("off-3", "V1, V3 and V5 off", [.chest(1), .chest(3), .chest(5)]),
            off("off-4", "left leg, V1, V3 and V5 off", [.leftLeg, .chest(1), .chest(3), .chest(5)]),
            off("off-5", "right and left arm, V1, V3 and V5 off", [.rightArm, .leftArm, .chest(1), .chest(3), .chest(5)]),
            off("off-RL", "right leg off, 250 uV of hum with it", .rightLeg),
        ]
        + [50, 60].flatMap { hertz in
            [50, 150, 300, 1000].map { size in
                MatrixDisturbance("hum-\(hertz)-\(size)", "hum of \(hertz) Hz and \(size) uV").with {
                    $0.noise.mainsHertz = Double(hertz)
                    $0.noise.mainsMicrovolts = Double(size)
                }
            }
        }
        + [
            MatrixDisturbance("muscle-50", "muscle, 50 uV root mean square").with { $0.noise.muscleMicrovolts = 50 },
            MatrixDisturbance("muscle-150", "muscle, 150 uV root mean square").with { $0.noise.muscleMicrovolts = 150 },
            MatrixDisturbance("muscle-300", "muscle, 300 uV root mean square").with { $0.noise.muscleMicrovolts = 300 },
            MatrixDisturbance("muscle-hum-lost", "muscle of 150 uV, hum of 150 uV, a block lost each second").with {
                $0.noise.muscleMicrovolts = 150
                $0.noise.mainsMicrovolts = 150
                $0.lost = (1, 50)
            },
            MatrixDisturbance("wander", "baseline wander of 1 mV").with { $0.noise.baselineMicrovolts = 1000 },
            MatrixDisturbance("pops", "20 pops a minute on single electrodes, 1 to 4 mV").with { $0.noise.popsPerMinute = 20 },
            MatrixDisturbance("spikes", "spikes of 3 mV and 2 ms in every lead, about one a second, without a pattern").with {
                $0.hasSpikes = true
            },
            MatrixDisturbance("pops-1", "1 mV for 100 ms each second, in every lead").with { $0.bump = (1000, 1000, 1000, 1, 0.1) },
            MatrixDisturbance("pops-3", "3 mV for 100 ms each second, in every lead").with { $0.bump = (3000, 3000, 3000, 1, 0.1) },
            MatrixDisturbance("pulses-wide", "3 mV for 60 ms, 70 a minute, in every lead").with {
                $0.bump = (3000, 3000, 3000, 60.0 / 70, 0.06)
            },
            MatrixDisturbance("clipping", "clipped at 300 uV").with { $0.noise.saturationMicrovolts = 300 },
            MatrixDisturbance("clipping-hum-lost-off", "left arm off, hum of 150 uV, a block lost each second, clipped at 300 uV").with {
                $0.noise.saturationMicrovolts = 300
                $0.noise.mainsMicrovolts = 150
                $0.noise.electrodesOff = .leftArm
                $0.lost = (1, 50)
            },
            MatrixDisturbance("flat", "every lead stands at 0 from the rhythm's beginning on").with { $0.dead = 0 },
            MatrixDisturbance("railed", "every lead stands at the converter's end from the rhythm's beginning on").with {
                $0.dead = 16_382
            },
            MatrixDisturbance("pulses-captured", "a pacing pulse before each beat").with { $0.pulses = .captured },
            MatrixDisturbance("pulses-free", "70 pacing pulses a minute that nothing answers").with { $0.pulses = .free },
            live("marks-20", "pace marks without pulses, one each 20 ms") { $0.falseMarks = 10 },
            live("marks-150", "pace marks without pulses, one each 150 ms") { $0.falseMarks = 75 },
            live("rate-wrong", "250 Hz told, 500 Hz sent") { $0.toldRate = 250 },
            live("repeats", "the device repeats its last block from the rhythm's beginning on") { $0.fault = .repeats },
            live("reconfigures", "the device sends another configuration each 3 s from the rhythm's beginning on") {
                $0.fault = .reconfigures(3)
            },
            live("restarts", "the device begins a new session each 3 s from the rhythm's beginning on") { $0.fault = .restarts(3) },
        ]

    private static func off(_ name: String, _ words: String, _ electrodes: ElectrodeSet) -> MatrixDisturbance {
        MatrixDisturbance(name, words).with { $0.noise.electrodesOff = electrodes }
    }

    private static func live(_ name: String, _ words: String, _ change: (inout MatrixDisturbance) -> Void) -> MatrixDisturbance {
        MatrixDisturbance(name, words).with {
            $0.isLiveOnly = true
            change(&$0)
        }
    }
}
