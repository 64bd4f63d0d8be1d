// Each rhythm keeps its rate and its signs, judged by the simulator's own truth and by the signal itself.

import PrecordiaSignal
import Testing

@testable import PrecordiaSimulator

@Suite("Rhythms of the simulator")
struct RhythmTests {
    /// Beats that reach the ventricles in a minute: least and most.
    static let beats: [Rhythm: ClosedRange<Int>] = [
        .normalSinus: 70...74, .sinusBradycardia: 44...48, .sinusTachycardia: 122...128, .sinusArrhythmia: 60...72,
        .atrialFibrillation: 86...106, .atrialFlutter: 90...115, .supraventricularTachycardia: 175...181,
        .prematureAtrial: 72...82, .prematureVentricular: 69...75, .ventricularBigeminy: 69...75,
        .firstDegreeBlock: 70...74, .wenckebach: 52...68, .mobitz2: 52...68, .completeBlock: 36...40,
        .rightBundleBranchBlock: 70...74, .leftBundleBranchBlock: 70...74,
        .ventricularTachycardia: 167...173, .ventricularFibrillation: 0...0, .asystole: 0...0, .paced: 71...73,
        .anteriorElevation: 82...86, .inferiorElevation: 82...86, .lateralElevation: 82...86, .twoToOneBlock: 38...42,
    ]

    @Test("Every rhythm beats at its rate", arguments: Rhythm.allCases)
    func rate(rhythm: Rhythm) throws {
        let range = try #require(Self.beats[rhythm])
        for seed: UInt64 in 1...3 {
            let count = Recording(rhythm, rate: 100, seed: seed).beats.count
            #expect(range.contains(count), "\(rhythm), seed \(seed): \(count) beats in a minute")
        }
    }

    @Test("Every rhythm stays within what a body gives, at every rate", arguments: Rhythm.allCases, [100, 257, 360, 500, 1000, 2000])
    func amplitude(rhythm: Rhythm, rate: Int) {
        let recording = Recording(rhythm, rate: rate, seconds: 8)
        let largest = Lead.allCases.flatMap { recording[$0] }.map(abs).max() ?? 0
        #expect(rhythm == .asystole ? largest == 0 : largest > 400)
        #expect(largest < 5000, "\(rhythm) at \(rate): \(largest) uV")
        #expect(recording.droppedWaves == 0)
        #expect(recording.frames.allSatisfy { $0.clipped == .empty && $0.off == .empty && $0.missing == .empty })
        #expect(recording.frames.enumerated().allSatisfy { $0.element.index == UInt64($0.offset) })
    }

    @Test("Fibrillation is as large as it is asked to be, and its full size unless asked")
    func coarseness() {
        func largest(_ coarseness: Double?) -> Int32 {
            var simulator = Simulator(rate: 250, seed: 1, rhythm: .ventricularFibrillation)
            if let coarseness { simulator.set(coarseness: coarseness) }
            return Recording(simulator, seconds: 10)[.II].map { abs($0) }.max() ?? 0
        }
        #expect(largest(1) == largest(nil))
        #expect(abs(largest(0.2) - largest(1) / 5) <= 1)
        #expect(largest(0) == 0)
    }

    @Test("A rhythm and a rate that change begin together, with the next cycle, which the simulator tells")
    func change() {
        var simulator = Simulator(rate: 250, seed: 1)
        var frame = Frame(index: 0)
        for _ in 0..<10 * 250 { simulator.next(into: &frame) }
        simulator.rhythm = .ventricularTachycardia
        simulator.set(heartRate: 120)
        #expect(simulator.playing == .normalSinus)
        var waited = 0
        while simulator.playing == .normalSinus, waited < 10 * 250 {
            simulator.next(into: &frame)
            waited += 1
        }
        #expect(simulator.playing == .ventricularTachycardia && waited <= 250 * 3 / 2)
        let before = simulator.beatCount
        for _ in 0..<30 * 250 { simulator.next(into: &frame) }
        #expect((59...61).contains(simulator.beatCount - before))
    }

    @Test("The truth of a normal beat lies on its R peak, at every rate", arguments: [100, 257, 360, 500, 1000, 2000])
    func truth(rate: Int) {
        let recording = Recording(.normalSinus, rate: rate, seconds: 20)
        let lead = recording[.V5]
        #expect(recording.beats.count >= 22)
        for beat in recording.beats where beat.index > rate && beat.index < lead.count - rate {
            let around = beat.index - rate / 5...beat.index + rate / 5
            let peak = around.max { lead[$0] < lead[$1] } ?? 0
            #expect(abs(peak - beat.index) <= rate / 100 + 1)
            #expect((900...1700).contains(lead[peak]))
        }
    }

    @Test("A normal electrocardiogram has its textbook signs")
    func normalSigns() {
        let beat = meanBeat(.normalSinus)
        #expect((70...180).contains(beat.largest(.II, -180, -70)), "P in II")
        #expect((600...1300).contains(beat.largest(.II, -40, 40)), "R in II")
        #expect((1000...1500).contains(beat.largest(.V5, -40, 40)), "R in V5")
        #expect((-1200 ... -600).contains(beat.smallest(.V1, -40, 60)), "S in V1")
        #expect((150...500).contains(beat.largest(.V3, 150, 350)), "T in V3")
        #expect(beat.smallest(.aVR, -40, 40) < -500, "aVR negative")
        #expect((70...110).contains(beat.duration), "QRS \(beat.duration) ms")
        // R grows from V1 to V4.
        #expect(beat.largest(.V1, -40, 40) < beat.largest(.V2, -40, 40))
        #expect(beat.largest(.V2, -40, 40) < beat.largest(.V4, -40, 40))
    }

    @Test("Bundle branch blocks are broad and have their morphology")
    func bundleBranchBlocks() {
        let right = meanBeat(.rightBundleBranchBlock)
        #expect(right.duration >= 125, "QRS \(right.duration) ms")
        #expect(right.largest(.V1, 20, 90) > 400 && right.largest(.V1, -50, -15) > 50, "rsR' in V1")
        #expect(right.smallest(.I, 20, 110) < -200 && right.smallest(.V6, 20, 110) < -200, "wide S in I and V6")
        let left = meanBeat(.leftBundleBranchBlock)
        #expect(left.duration >= 130, "QRS \(left.duration) ms")
        #expect(left.largest(.V1, -60, 60) < 30 && left.smallest(.V1, -60, 60) < -1200, "QS in V1")
        #expect(left.largest(.I, -40, 90) > 400 && left.smallest(.I, -60, 60) > -60, "monophasic R in I")
        #expect(left.smallest(.V6, 150, 350) < -80, "T against QRS in V6")
    }

    @Test("ST segments rise where they should and fall opposite")
    func elevation() {
        let anterior = meanBeat(.anteriorElevation)
        #expect(anterior.largest(.V2, 75, 85) > 150 && anterior.largest(.V3, 75, 85) > 150)
        let inferior = meanBeat(.inferiorElevation)
        #expect(inferior.largest(.III, 75, 85) > 100 && inferior.largest(.aVF, 75, 85) > 100)
        #expect(inferior.smallest(.aVL, 75, 85) < -80)
        let lateral = meanBeat(.lateralElevation)
        #expect(lateral.largest(.I, 75, 85) > 100 && lateral.largest(.aVL, 75, 85) > 100 && lateral.largest(.V6, 75, 85) > 100)
        #expect(lateral.smallest(.III, 75, 85) < -80)
    }

    @Test("Fibrillating atria are irregular, a pacemaker is not")
    func regularity() {
        #expect(variation(.atrialFibrillation) > 0.15)
        #expect((0.08...0.25).contains(variation(.sinusArrhythmia)))
        #expect(variation(.normalSinus) < 0.05)
        #expect(variation(.supraventricularTachycardia) < 0.02)
        #expect(variation(.paced) < 0.01)
    }

    @Test("Premature and paced beats are named in the truth")
    func origins() {
        func count(_ rhythm: Rhythm, _ origin: BeatOrigin) -> Int { Recording(rhythm, rate: 100).beats.count { $0.origin == origin } }
        #expect((9...20).contains(count(.prematureVentricular, .ventricular)))
        #expect((9...20).contains(count(.prematureAtrial, .prematureAtrial)))
        #expect(count(.ventricularBigeminy, .ventricular) == count(.ventricularBigeminy, .conducted))
        #expect(count(.paced, .conducted) == 0)
        #expect(count(.normalSinus, .conducted) == Recording(.normalSinus, rate: 100).beats.count)
    }

    @Test("Wenckebach's PR grows until a beat is missing")
    func wenckebach() {
        let times = Recording(.wenckebach, rate: 1000).beats.map { Double($0.index) / 1000 }
        let intervals = zip(times.dropFirst(), times).map { $0 - $1 }
        // A pause is longer than one sinus interval and shorter than two.
        let pauses = intervals.filter { $0 > 1.1 }
        #expect(pauses.count >= 8)
        #expect(pauses.allSatisfy { $0 < 1.5 })
        #expect(intervals.filter { $0 <= 1.1 }.allSatisfy { $0 > 0.7 })
    }

    @Test("The heart rate can be asked for", arguments: [40.0, 90, 150, 200])
    func heartRate(rate: Double) {
        for rhythm in [Rhythm.normalSinus, .leftBundleBranchBlock, .paced, .ventricularTachycardia, .atrialFibrillation] {
            let count = Double(Recording(rhythm, rate: 100, heartRate: rate).beats.count)
            #expect(abs(count - rate) <= rate * (rhythm == .atrialFibrillation ? 0.12 : 0.04), "\(rhythm): \(count)")
        }
    }

    @Test("Absurd heart rates are brought into reach", arguments: [-1.0, 0, 1e9, .infinity, .nan])
    func absurdHeartRate(rate: Double) {
        for rhythm in Rhythm.allCases {
            let recording = Recording(rhythm, rate: 100, seconds: 20, heartRate: rate)
            #expect(recording.droppedWaves == 0)
            #expect(recording.beats.count <= 110)
        }
    }

    @Test("Names are unique, stable in form, and lead back to the rhythm")
    func names() {
        #expect(Rhythm.allCases.count == Rhythm.count)
        #expect(Set(Rhythm.allCases.map(\.description)).count == Rhythm.count)
        for rhythm in Rhythm.allCases {
            #expect(rhythm.description.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "-" })
            #expect(Rhythm(named: rhythm.description) == rhythm)
            #expect(Int(rhythm.rawValue) < Rhythm.count)
        }
        #expect(Rhythm(named: "waltz") == nil)
    }

    /// Standard deviation of the RR intervals over their mean.
    private func variation(_ rhythm: Rhythm) -> Double {
        let times = Recording(rhythm, rate: 1000).beats.map { Double($0.index) }
        let intervals = zip(times.dropFirst(), times).map { $0 - $1 }
        let mean = intervals.reduce(0, +) / Double(intervals.count)
        return (intervals.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(intervals.count)).squareRoot() / mean
    }

    private func meanBeat(_ rhythm: Rhythm) -> MeanBeat { MeanBeat(Recording(rhythm, rate: 1000, seconds: 20)) }
}

/// The mean of a clean recording's beats at 1000 Hz, from 400 ms before the reference to 500 ms after it.
private struct MeanBeat {
    private var leads: [[Double]] = Array(repeating: Array(repeating: 0, count: 900), count: 12)

    init(_ recording: Recording) {
        let whole = recording.beats.filter { $0.index >= 400 && $0.index + 500 < recording.frames.count }
        for beat in whole {
            for lead in 0..<12 {
                for time in 0..<900 {
                    leads[lead][time] += Double(recording.frames[beat.index - 400 + time].counts[lead]) / Double(whole.count)
                }
            }
        }
    }

    /// The largest value of a lead between two times in milliseconds.
    func largest(_ lead: Lead, _ from: Int, _ to: Int) -> Double { leads[Int(lead.rawValue)][from + 400...to + 400].max() ?? 0 }
    func smallest(_ lead: Lead, _ from: Int, _ to: Int) -> Double { leads[Int(lead.rawValue)][from + 400...to + 400].min() ?? 0 }

    /// Milliseconds around the reference in which some lead changes by more than 8 uV a millisecond.
    var duration: Int {
        let steep = (300..<550).filter { time in leads.contains { abs($0[time + 1] - $0[time]) > 8 } }
        return (steep.last ?? 0) - (steep.first ?? 0)
    }
}
