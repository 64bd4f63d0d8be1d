// Measurements of a stream: when they come, what is told of them, and the alerts that rest on them.

import PrecordiaAlerts
import PrecordiaSignal
import PrecordiaSimulator
import Testing

@testable import PrecordiaEngine

private func options(_ seconds: Int = 5) -> EngineOptions {
    var options = EngineOptions()
    options.measureSeconds = seconds
    return options
}

private func conditions(_ events: [Event]) -> [String] {
    events.filter { $0.kind == .alertRaised }.compactMap { $0.alert.condition?.name.description }
}

@Suite("An engine that measures")
struct MeasuringTests {
    @Test("tells each 5 s from 10 s on, with values that hold until the next", arguments: [100, 250, 500])
    func told(rate: Int) throws {
        let bench = try Bench(rate: rate, options: options())
        var told: [(second: Int, values: MeasuredValues)] = []
        for frame in frames(rate: rate, seconds: 31, noise: .resting) {
            bench.engine.push(frame)
            for event in bench.fetch() where event.kind == .measurement {
                told.append((Int(event.sample + 1) / rate, bench.engine.measuredValues))
                #expect(event.value == bench.engine.measuredValues.heartRate && event.leads == LeadSet.all.rawValue)
            }
        }
        #expect(told.map(\.second) == [10, 15, 20, 25, 30])
        for (_, values) in told {
            #expect((68...76).contains(values.heartRate) && (140...180).contains(values.pr) && (90...120).contains(values.qrs))
            #expect(values.pPresent == 1 && values.j[1].magnitude < 0.05 && !values.isWithheld)
        }
    }

    @Test("is the same engine otherwise: every other event is as without")
    func otherwise() throws {
        let frames = frames(rate: 250, seconds: 40, rhythm: .prematureVentricular, noise: .resting)
        let plain = try Bench(rate: 250)
        let measuring = try Bench(rate: 250, options: options())
        let without = plain.push(frames).map { "\($0)" }
        #expect(measuring.push(frames).filter { $0.kind != .measurement }.map { "\($0)" } == without)
        #expect(!plain.engine.measures && plain.engine.measuredValues.qrs.isNaN && measuring.engine.measures)
    }

    @Test(
        "raises for what it is named after and for nothing else",
        arguments: [
            (Rhythm.normalSinus, []), (.anteriorElevation, ["st-elevation"]), (.inferiorElevation, ["st-elevation", "st-depression"]),
            (.leftBundleBranchBlock, []), (.rightBundleBranchBlock, []), (.firstDegreeBlock, ["av-block"]), (.mobitz2, ["av-block"]),
            (.wenckebach, ["av-block"]), (.twoToOneBlock, ["av-block"]), (.completeBlock, ["av-block"]),
            (.lateralElevation, ["st-elevation", "st-depression"]), (.prematureVentricular, []), (.atrialFlutter, ["st-depression"]),
            (.sinusArrhythmia, []), (.atrialFibrillation, []), (.paced, []), (.sinusTachycardia, []), (.prematureAtrial, []),
        ] as [(Rhythm, [String])])
    func named(rhythm: Rhythm, named: [String]) throws {
        let bench = try Bench(rate: 250, options: options())
        let measured: Set = ["st-elevation", "st-depression", "qtc-long", "av-block"]
        let raised = conditions(bench.push(frames(rate: 250, seconds: 90, rhythm: rhythm, noise: .resting)))
        #expect(Set(raised).intersection(measured) == Set(named))
    }

    @Test("an ST elevation that begins is told within a minute, in its leads, and is over after it")
    func begins() throws {
        let bench = try Bench(rate: 250, options: options())
        let elevated = frames(rate: 250, seconds: 60, rhythm: .inferiorElevation, noise: .resting)
        let usual = frames(rate: 250, seconds: 60, noise: .resting)
        var index: UInt64 = 0
        let events = bench.push(
            (usual + elevated + usual).map { frame in
                var frame = frame
                frame.index = index
                index += 1
                return frame
            })
        let own = events.filter { $0.alert == AlertCode(.stElevation) && ($0.kind == .alertRaised || $0.kind == .alertCleared) }
        try #require(own.map(\.kind) == [.alertRaised, .alertCleared])
        #expect((60 * 250..<115 * 250).contains(own[0].sample) && own[0].value >= 1)
        #expect(own[0].leads != 0 && own[0].leads & ~0b100110 == 0, "of II, III and aVF")
    }

    @Test(
        "beside a rhythm that kills nothing is known, from its very hop until 10 s after its end",
        arguments: [Rhythm.asystole, .ventricularFibrillation])
    func withheld(rhythm: Rhythm) throws {
        let bench = try Bench(rate: 500, options: options())
        var simulator = Simulator(rate: 500, seed: 3, noise: .resting)
        var ended: UInt64 = 0
        var withheld = 0, after = 0
        for index in 0..<90 * 500 {
            simulator.rhythm = (20..<45).contains(index / 500) ? rhythm : .normalSinus
            var frame = Frame(index: 0)
            simulator.next(into: &frame)
            bench.engine.push(frame)
            let events = bench.fetch()
            if bench.engine.isLethalRhythmAlarmed {
                #expect(bench.engine.measuredValues.isWithheld && bench.engine.measuredValues.qrs.isNaN)
                ended = UInt64(index)
            }
            for event in events where event.kind == .measurement {
                if bench.engine.measuredValues.isWithheld {
                    withheld += 1
                } else if ended > 0 {
                    after += 1
                    #expect(event.sample >= ended + 9 * 500, "the alert ends a hop after what it was of")
                }
            }
        }
        #expect(withheld == 1 && after >= 2 && ended > 0)
    }

    @Test("a short gap is passed over, a long one begins the 10 s anew")
    func gaps() throws {
        let all = frames(rate: 250, seconds: 60, noise: .resting)
        let short = try Bench(rate: 250, options: options())
        let told = short.push(all.filter { !(20 * 250..<20 * 250 + 50).contains(Int($0.index)) }).filter { $0.kind == .measurement }
        #expect(told.map { Int($0.sample) / 250 } == [10, 15, 20, 25, 30, 35, 40, 45, 50, 55])
        #expect(told.allSatisfy { $0.leads == LeadSet.all.rawValue })
        let long = try Bench(rate: 250, options: options())
        let later = long.push(all.filter { !(20 * 250..<25 * 250).contains(Int($0.index)) }).filter { $0.kind == .measurement }
        #expect(later.map { Int($0.sample) / 250 }.first { $0 >= 25 } == 35)
        #expect(long.engine.measuredValues.qrs > 80)
    }

    @Test("leads that are off are not measured, and a beat in a hole is no block")
    func off() throws {
        let bench = try Bench(rate: 250, options: options())
        _ = bench.push(frames(rate: 250, seconds: 20, noise: .resting) { $0.missing = LeadSet(.V1).union(LeadSet(.V2)) })
        #expect(bench.engine.measuredValues.j[6].isNaN && bench.engine.measuredValues.j[7].isNaN && !bench.engine.measuredValues.j[8].isNaN)
        let holes = try Bench(rate: 250, options: options())
        let events = holes.push(frames(rate: 250, seconds: 90, noise: .resting) { if $0.index % 1500 < 250 { $0.missing = .all } })
        #expect(!conditions(events).contains("av-block"))
    }

    @Test("of leads that do not fit each other times are told, and no level or axis")
    func unfit() throws {
        let bench = try Bench(rate: 250, options: options())
        _ = bench.push(
            frames(rate: 250, seconds: 21, noise: .resting) { frame in
                for lead in 0..<6 { frame.counts[lead] = frame.counts[lead] * Int32(lead + 2) / 2 }
            })
        let values = bench.engine.measuredValues
        #expect((140...180).contains(values.pr) && (90...120).contains(values.qrs) && values.isVoltageDoubted)
        #expect(values.qrsAxis.isNaN && (0..<12).allSatisfy { values.j[$0].isNaN })
    }

    @Test("memory is asked for where it measures alone, and never where only a verdict is wanted")
    func memory() throws {
        let plain = try Engine.requiredBytes(model: shippedModel, stream: StreamFormat(rate: 500), options: EngineOptions())
        let measuring = try Engine.requiredBytes(model: shippedModel, stream: StreamFormat(rate: 500), options: options())
        #expect(measuring - plain > 100_000 && measuring - plain < 600_000)
        var verdict = options()
        verdict.verdictOnly = true
        #expect(try Engine.requiredBytes(model: shippedModel, stream: StreamFormat(rate: 500), options: verdict) == plain)
    }
}
