// Disturbances do what they say, mark the frame where they must, and never break the laws between the leads.

import PrecordiaSignal
import Testing

@testable import PrecordiaSimulator

@Suite("Noise of the simulator")
struct NoiseTests {
    @Test("Einthoven's and Goldberger's laws hold in counts, with every disturbance", arguments: Rhythm.allCases)
    func limbLeads(rhythm: Rhythm) {
        var noise = Noise.ambulance
        noise.electrodesOff = .chest(3)
        for frame in Recording(rhythm, rate: 250, seconds: 10, noise: noise).frames {
            let (one, two) = (Int(frame.counts[0]), Int(frame.counts[1]))
            #expect(Int(frame.counts[2]) == two - one)
            #expect(abs(2 * Int(frame.counts[3]) + one + two) <= 1)
            #expect(abs(2 * Int(frame.counts[4]) - 2 * one + two) <= 1)
            #expect(abs(2 * Int(frame.counts[5]) - 2 * two + one) <= 1)
        }
    }

    @Test("Muscle noise has the stated size")
    func muscle() {
        var noise = Noise()
        noise.muscleMicrovolts = 40
        let recording = Recording(.asystole, seconds: 20, noise: noise)
        for lead in [Lead.I, .II] { #expect((39...41).contains(deviation(recording[lead])), "\(lead)") }
        // A chest lead has Wilson's terminal in place of the second electrode: sqrt(2/3) of it.
        for lead in [Lead.V1, .V6] { #expect((32...33.5).contains(deviation(recording[lead])), "\(lead)") }
    }

    @Test("The hum has the stated size in lead I and the stated frequency", arguments: [50.0, 60.0])
    func mains(hertz: Double) {
        var noise = Noise()
        noise.mainsMicrovolts = 100
        noise.mainsHertz = hertz
        let lead = Recording(.asystole, rate: 1000, seconds: 10, noise: noise)[.I]
        #expect((98...101).contains(lead.max() ?? 0))
        let crossings = zip(lead, lead.dropFirst()).count { $0 < 0 && $1 >= 0 }
        #expect(abs(Double(crossings) - hertz * 10) <= 1)
    }

    @Test("The hum does not stand still where the rate is twice the mains")
    func aliasedMains() {
        var noise = Noise()
        noise.mainsMicrovolts = 100
        let lead = Recording(.asystole, rate: 100, seconds: 60, noise: noise)[.I]
        #expect((lead.max() ?? 0) > 90)
    }

    @Test("The baseline drifts slowly, and no further than stated")
    func baseline() {
        var noise = Noise()
        noise.baselineMicrovolts = 500
        let recording = Recording(.asystole, seconds: 60, noise: noise)
        for lead in [Lead.I, .II, .V2, .V5] {
            let samples = recording[lead]
            #expect((150...1000).contains(samples.map(abs).max() ?? 0), "\(lead)")
            #expect(zip(samples, samples.dropFirst()).allSatisfy { abs($0 - $1) <= 10 })
        }
    }

    @Test("A chest electrode that is off takes its own lead and is named in the frame", arguments: 1...6)
    func chestElectrodeOff(number: Int) {
        var noise = Noise()
        noise.electrodesOff = .chest(number)
        let recording = Recording(.normalSinus, seconds: 5, noise: noise)
        let clean = Recording(.normalSinus, seconds: 5)
        #expect(recording.frames.allSatisfy { $0.off == .chest(number) })
        for lead in Lead.allCases {
            let tail = recording[lead].dropFirst(500)
            let isOff = noise.electrodesOff.affectedLeads.contains(lead)
            #expect(isOff ? tail.allSatisfy { abs($0) > 2000 } : recording[lead] == clean[lead], "\(lead)")
        }
    }

    @Test("An arm electrode that is off spoils its limb leads and, by Wilson's terminal, every chest lead")
    func armElectrodeOff() {
        var noise = Noise()
        noise.electrodesOff = .leftArm
        let recording = Recording(.normalSinus, seconds: 5, noise: noise)
        for lead in [Lead.I, .III, .V1, .V6] { #expect(recording[lead].dropFirst(500).count { abs($0) > 500 } > 1950, "\(lead)") }
        #expect(recording[.II] == Recording(.normalSinus, seconds: 5)[.II])
    }

    @Test("The right leg's loss is named and heard as hum")
    func rightLegOff() {
        var noise = Noise()
        noise.electrodesOff = .rightLeg
        let recording = Recording(.asystole, seconds: 5, noise: noise)
        #expect(recording.frames.allSatisfy { $0.off == .rightLeg })
        #expect((200...300).contains(recording[.I].max() ?? 0))
    }

    @Test("An electrode that is back gives the clean signal again after its settling time")
    func electrodeBack() {
        var simulator = Simulator(rate: 500, seed: 1)
        var clean = Simulator(rate: 500, seed: 1)
        var frame = Frame(index: 0)
        var expected = Frame(index: 0)
        for index in 0..<5000 {
            simulator.noise.electrodesOff = index < 2000 ? .chest(2) : .empty
            simulator.next(into: &frame)
            clean.next(into: &expected)
            #expect(frame.off == (index < 2000 ? .chest(2) : .empty))
            guard index >= 2500 else { continue }
            for lead in 0..<12 { #expect(frame.counts[lead] == expected.counts[lead]) }
        }
    }

    @Test("Saturation clips and marks the lead, and the derived leads with I and II")
    func saturation() {
        var noise = Noise()
        noise.saturationMicrovolts = 500
        var marked = LeadSet.empty
        for frame in Recording(.normalSinus, seconds: 10, noise: noise).frames {
            for lead in 0..<12 where LeadSet.independent.contains(index: lead) {
                #expect(abs(frame.counts[lead]) <= 500)
                #expect(frame.clipped.contains(index: lead) == (abs(frame.counts[lead]) == 500))
            }
            let limb = frame.clipped.contains(.I) || frame.clipped.contains(.II)
            #expect(frame.clipped.intersection(.derived) == (limb ? .derived : .empty))
            marked.formUnion(frame.clipped)
        }
        #expect(marked.contains(.II) && marked.contains(.V5) && marked.contains(.V2))
    }

    @Test("Pops strike single electrodes and die away")
    func pops() {
        var noise = Noise()
        noise.popsPerMinute = 30
        let recording = Recording(.asystole, seconds: 60, noise: noise)
        let largest = Lead.allCases.flatMap { recording[$0] }.map(abs).max() ?? 0
        #expect((1500...8000).contains(largest))
        let quiet = recording.frames.count { frame in (0..<12).allSatisfy { abs(frame.counts[$0]) < 20 } }
        #expect(quiet > recording.frames.count / 2)
    }

    @Test("Absurd settings clip, mark and never stop the stream", arguments: [Double.infinity, -.infinity, .nan, 1e300, -1])
    func absurd(value: Double) {
        var noise = Noise()
        noise.baselineMicrovolts = value
        noise.mainsMicrovolts = value
        noise.mainsHertz = value
        noise.muscleMicrovolts = value
        noise.popsPerMinute = value
        noise.saturationMicrovolts = value
        noise.electrodesOff = ElectrodeSet(rawValue: 0x3FF)
        let recording = Recording(.paced, rate: 100, seconds: 5, heartRate: value, noise: noise)
        #expect(recording.frames.allSatisfy { frame in (0..<12).allSatisfy { abs(frame.counts[$0]) <= 32_766 } })
    }

    /// Root mean square about zero.
    private func deviation(_ samples: [Int32]) -> Double {
        (samples.map { Double($0) * Double($0) }.reduce(0, +) / Double(samples.count)).squareRoot()
    }
}
