// What the engine says and does about a poor signal: answers that mains no longer stops, leads made anew, electrodes at the wrong places.

import PrecordiaAlerts
import PrecordiaNetwork
import PrecordiaQuality
import PrecordiaSignal
import PrecordiaSimulator
import Testing

@testable import PrecordiaEngine

@Suite struct QualityEventTests {
    private func answers(_ events: [Event]) -> [Event] { events.filter { $0.kind == .window || $0.kind == .unknown } }

    @Test("Mains of 1 mV in all leads is named and every whole window is answered")
    func mains() throws {
        let bench = try Bench(rate: 500)
        // The limb electrodes hum as the phases of the mains do, so that I, II and III have 1 mV each and Einthoven's law holds; the augmented
        // leads have 0.87 of it. The simulator's hum is in phase everywhere and nearly absent from one lead or another.
        func hum(_ sixths: Double, _ index: UInt64) -> Double {
            let cycles = Double(index % 10) / 10 + sixths / 6
            return 1000 * Arithmetic.sine(6.283185307179586 * (cycles - Double(Int(cycles))))
        }
        let events =
            bench.push(
                frames(rate: 500, seconds: 20, noise: .resting) { frame in
                    let one = hum(0, frame.index), two = hum(1, frame.index)
                    let limbs = [one, two, two - one, -(one + two) / 2, one - two / 2, two - one / 2]
                    for lead in 0..<12 {
                        let microvolts = lead < 6 ? limbs[lead] : hum(Double(lead), frame.index)
                        frame.counts[lead] += Int32(microvolts / bench.engine.stream.microvoltsPerCount[lead])
                    }
                }) + bench.drain()
        let whole = answers(events).filter { $0.sample > 5000 }
        #expect(
            whole.count >= 10 && whole.allSatisfy { $0.kind == .window && $0.reasons & QualityReasons.mains.rawValue != 0 && $0.leads == 0 }
        )
        let told = try #require(events.last { $0.kind == .quality })
        #expect(told.reasons & QualityReasons.noisy.rawValue == 0 && told.leads != 0)
    }

    @Test("Arms' electrodes exchanged: no answer, its reason, and an alert of low priority that says which; over when they are right again")
    func swapped() throws {
        let bench = try Bench(rate: 250)
        let events = bench.push(
            frames(rate: 250, seconds: 60, noise: .resting) { frame in
                guard frame.index < 30 * 250 else { return }
                frame.counts[0] = -frame.counts[0]
                let two = frame.counts[1]
                frame.counts[1] = frame.counts[2]
                frame.counts[2] = two
                let right = frame.counts[3]
                frame.counts[3] = frame.counts[4]
                frame.counts[4] = right
            })
        let unknown = answers(events).filter { $0.sample >= 15 * 250 && $0.sample < 30 * 250 }
        #expect(unknown.count >= 14)
        #expect(unknown.allSatisfy { $0.kind == .unknown && $0.reasons & QualityReasons.swapped.rawValue != 0 })
        let code = AlertCode(.electrodesSwapped).rawValue
        let alerts = events.filter { $0.code == code && ($0.kind == .alertRaised || $0.kind == .alertCleared) }
        #expect(alerts.map(\.kind) == [.alertRaised, .alertCleared])
        #expect(alerts[0].value == 1 && alerts[0].priority == AlertPriority.low.rawValue && alerts[0].leads == 0x3F)
        #expect(answers(events).last?.kind == .window)
    }

    @Test("A dead channel of lead III is told, made anew from I and II, and the answer is that of the whole exam")
    func mended() throws {
        let whole = try Bench(rate: 500), broken = try Bench(rate: 500)
        let exam = frames(rate: 500, seconds: 30, rhythm: .inferiorElevation, noise: .resting)
        _ = whole.push(exam)
        let events = broken.push(
            exam.map { frame in
                var spoilt = frame
                spoilt.counts[2] = 40
                return spoilt
            })
        let last = try #require(answers(events).last)
        #expect(last.kind == .window && last.reasons == QualityReasons.flat.rawValue && last.leads == LeadSet(.III).rawValue)
        for label in 0..<shippedModel.statementCount {
            #expect(abs(broken.engine.probability(label) - whole.engine.probability(label)) < 0.02)
        }
        #expect(broken.engine.quality.mended == LeadSet(.III))
    }

    @Test("An electrode that hums is told as off though the device says nothing")
    func loose() throws {
        let bench = try Bench(rate: 500)
        var noise = Noise.resting
        noise.electrodesOff = .chest(2)
        let events = bench.push(frames(rate: 500, seconds: 15, noise: noise) { $0.off = .empty })
        let alert = try #require(events.first { $0.kind == .alertRaised && $0.code == AlertCode(.electrodeOff).rawValue })
        #expect(alert.leads == LeadSet(.V2).rawValue && alert.value == 1)
    }
}
