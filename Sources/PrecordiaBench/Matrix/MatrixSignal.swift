// The signal of one cell: normal rhythm, then the rhythm under test, spoilt from beginning to end.
// Frames as they leave the amplifier; what the line loses is not made here.

import PrecordiaSession
import PrecordiaSignal
import PrecordiaSimulator

/// Makes the frames of a cell, one after the other.
///
/// - Thread: one at a time. Memory: the simulator's, and the frames of 100 ms, by which a pulse can come before the beat that answers it.
final class MatrixSignal: FrameMaker {
    static let rate = 500
    /// Seconds of normal rhythm, and of the rhythm under test.
    static let prelude = 20.0
    static let length = 95.0

    private let disturbance: MatrixDisturbance
    private let rhythm: MatrixRhythm
    /// Seconds at which the rhythm is asked for.
    let start: Double
    private(set) var truth: MatrixRhythm.Truth
    private var simulator: Simulator
    private var delay: [(frame: Frame, isPulse: Bool)] = []
    private var made = 0
    private var beats: UInt64 = 0
    private var index: UInt64 = 0
    private var nextSpike = rate
    private var random: UInt64 = 1

    private static let delayFrames = rate / 10
    /// Frames of a pulse before the beat's middle: most of a wide QRS's first half, and the pulse's own 20 ms.
    private static let lead = rate * 8 / 100

    /// - Parameter beginsInRhythm: whether there is no normal rhythm before.
    init(_ rhythm: MatrixRhythm, _ disturbance: MatrixDisturbance, beginsInRhythm: Bool) {
        self.rhythm = rhythm
        self.disturbance = disturbance
        start = beginsInRhythm ? 0 : Self.prelude
        truth = MatrixRhythm.Truth(rhythm)
        simulator = Simulator(
            rate: Self.rate, seed: 7, rhythm: beginsInRhythm ? rhythm.rhythm : .normalSinus,
            heartRate: beginsInRhythm ? rhythm.heartRate : nil,
            noise: disturbance.noise)
        simulator.set(coarseness: rhythm.coarseness)
        while delay.count < Self.delayFrames { make() }
    }

    /// Frames in all.
    var frames: Int { Int((start + Self.length) * Double(Self.rate)) }

    func next(into frame: inout Frame) -> UInt64? {
        make()
        let first = delay.removeFirst()
        frame = first.frame
        frame.index = index
        defer { index += 1 }
        var mark: UInt64?
        if first.isPulse {
            add(1800, 2000, 1000, to: &frame)
            mark = index > 0 ? index - 1 : 0
        }
        if disturbance.sticks, index % UInt64(Self.rate) < UInt64(Self.rate / 5) { frame.counts[1] = 0 }
        if disturbance.lacksChest { for lead in 6..<12 { frame.counts[lead] = 0 } }
        if let level = disturbance.dead, Double(index) >= start * Double(Self.rate) {
            let levels = [level, level, 0, -level, level / 2, level / 2]
            for lead in 0..<12 { frame.counts[lead] = lead < 6 ? levels[lead] : level }
            frame.clipped = level > 0 ? .all : .empty
        }
        if let each = disturbance.falseMarks, index > 0, index % UInt64(each) == 0 { mark = index - 1 }
        return mark
    }

    private func make() {
        let time = Double(made) / Double(Self.rate)
        if made == Int(start * Double(Self.rate)), start > 0 {
            simulator.rhythm = rhythm.rhythm
            simulator.set(heartRate: rhythm.heartRate)
        }
        if !disturbance.flicker.isEmpty {
            let each = disturbance.flickerSeconds * Self.rate
            let (turn, place) = (made / each, made % each)
            // From the middle on, so that the first of each 5 s comes within what is learned from.
            let isOff = (each / 2..<each / 2 + Self.rate / 50).contains(place)
            simulator.noise.electrodesOff = isOff ? disturbance.flicker[turn % disturbance.flicker.count] : .empty
        }
        var frame = Frame(index: 0)
        simulator.next(into: &frame)
        if time >= start { truth.follow(simulator, at: time) }
        if disturbance.hasSpikes, made == nextSpike {
            add(3000, 3000, 3000, to: &frame)
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            // 0.3 to 1.7 s to the next.
            nextSpike += Self.rate * 3 / 10 + Int(random >> 33) % (Self.rate * 14 / 10)
        }
        if let bump = disturbance.bump,
            Double(made).truncatingRemainder(dividingBy: bump.each * Double(Self.rate)) < bump.length * Double(Self.rate)
        {
            add(bump.one, bump.two, bump.chest, to: &frame)
        }
        var isPulse = false
        switch disturbance.pulses {
        case .none: break
        case .free: isPulse = made % (60 * Self.rate / 70) == 0
        case .captured:
            if simulator.beatCount != beats, delay.count >= Self.lead { delay[delay.count - Self.lead].isPulse = true }
            beats = simulator.beatCount
        }
        delay.append((frame, isPulse))
        made += 1
    }

    /// Adds so many counts to I, to II and to each chest lead, and to the limb leads what follows from it.
    private func add(_ one: Int32, _ two: Int32, _ chest: Int32, to frame: inout Frame) {
        let all = [one, two, two - one, -(one + two) / 2, one - two / 2, two - one / 2] + Array(repeating: chest, count: 6)
        for lead in 0..<12 { frame.counts[lead] = min(max(frame.counts[lead] + all[lead], -16_383), 16_383) }
    }
}
