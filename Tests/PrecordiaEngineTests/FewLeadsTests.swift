// Streams of fewer than twelve leads: watched as well, answered where the classifier may guess over the rest, and never called faulty for it.

import PrecordiaAlerts
import PrecordiaNetwork
import PrecordiaQuality
import PrecordiaSignal
import PrecordiaSimulator
import Testing

@testable import PrecordiaEngine

private func bench(_ leads: [Lead], rate: Int = 250, unplaced: [Lead] = [], derived: LeadSet = .empty) throws -> Bench {
    var stream = StreamFormat(rate: rate, derived: derived)
    stream.absent = LeadSet.all.subtracting(derived).subtracting(LeadSet(leads.map { LeadSet($0) }))
    stream.unplaced = LeadSet(unplaced.map { LeadSet($0) })
    return try Bench(stream)
}

private func names(_ events: [Event]) -> [String] {
    events.filter { $0.kind == .alertRaised && $0.code & 0x8000 != 0 }.compactMap {
        Condition(rawValue: Int($0.code & 0x7FFF))?.name.description
    }
}

@Suite("Streams of few leads") struct FewLeadsTests {
    @Test(
        "have a rate and no fault, and the classifier is unknown because too few leads are there, not because any is bad",
        arguments: [[Lead.II], [.I], [.V1], [.II, .V5], [.III, .aVF], [.I, .II, .V1]])
    func watched(leads: [Lead]) throws {
        let bench = try bench(leads)
        let events = bench.push(frames(rate: 250, seconds: 30, noise: .resting))
        #expect(names(events).isEmpty)
        let last = try #require(answers(events).last)
        let reasons = QualityReasons.tooFewLeads.union(.absentLeads).rawValue
        #expect(last.kind == .unknown && last.reasons == reasons && last.leads == 0)
        let heard = bench.engine.heartRate
        let rate = try #require(heard)
        #expect(rate > 50 && rate < 100)
        #expect(bench.engine.counters.samplesMissing == 0)
        #expect(events.filter { $0.kind == .gap }.isEmpty)
        let report = bench.engine.quality
        #expect(report.bad.isEmpty && report.absent == bench.engine.stream.absent && report.index.worst > 0.9)
        #expect(leads.allSatisfy { report.index.value(of: $0) > 0.9 } && report.index.value(of: .V3) == 0)
    }

    @Test(
        "find what kills",
        arguments: [
            (Rhythm.ventricularFibrillation, "vf-suspected"), (.ventricularTachycardia, "vt-suspected"), (.asystole, "asystole"),
            (.completeBlock, "heart-rate-low"),
        ], [[Lead.II], [.II, .V5], [.III, .V2]])
    func rhythms(episode: (rhythm: Rhythm, condition: String), leads: [Lead]) throws {
        let bench = try bench(leads)
        #expect(names(bench.push(frames(rate: 250, seconds: 40, rhythm: episode.rhythm, noise: .resting))).contains(episode.condition))
    }

    @Test("say nothing else than the whole stream when nothing is missing but what follows from the rest")
    func mended() throws {
        let exam = frames(rate: 500, seconds: 20, rhythm: .inferiorElevation, noise: .resting)
        let whole = try bench(Lead.allCases, rate: 500), some = try bench([.I, .III, .V1, .V2, .V3, .V4, .V5, .V6], rate: 500)
        _ = whole.push(exam)
        let last = try #require(answers(some.push(exam)).last)
        #expect(last.kind == .window && last.reasons == QualityReasons.absentLeads.rawValue)
        #expect(some.engine.quality.verdict == .degraded && some.engine.quality.mended.rawValue == 0x3A)
        for label in 0..<shippedModel.statementCount {
            #expect(abs(some.engine.probability(label) - whole.engine.probability(label)) < 0.02)
        }
    }

    @Test("are answered like a whole stream with the same leads missing in every sample")
    func absentOrMissing() throws {
        let exam = frames(rate: 500, seconds: 20, noise: .resting)
        let absent = LeadSet(.V2).union(LeadSet(.V6))
        let some = try bench(Lead.allCases.filter { !absent.contains($0) }, rate: 500), whole = try bench(Lead.allCases, rate: 500)
        let last = try #require(answers(some.push(exam)).last)
        _ = whole.push(
            exam.map { frame in
                var frame = frame
                frame.missing = absent
                return frame
            })
        #expect(last.kind == .window && last.reasons == QualityReasons.absentLeads.rawValue && last.leads == 0)
        for label in 0..<shippedModel.statementCount {
            #expect(some.engine.logit(label).bitPattern == whole.engine.logit(label).bitPattern)
        }
        #expect(whole.engine.counters.samplesMissing == 20_000 && some.engine.counters.samplesMissing == 0)
    }

    @Test("do not hear of electrodes that their leads do not hang on, and name those that they do")
    func electrodes() throws {
        let code = AlertCode(.electrodeOff).rawValue
        let others = try bench([.II])
        let deaf = ElectrodeSet.leftArm.union(.chest(1)).union(.chest(6))
        #expect(others.push(frames(rate: 250, seconds: 20) { $0.off = deaf }).allSatisfy { $0.code != code })
        #expect(others.engine.quality.off.isEmpty && others.engine.beatCount > 15)
        let own = try bench([.II])
        let alert = try #require(own.push(frames(rate: 250, seconds: 20) { $0.off = .leftLeg }).first { $0.code == code })
        #expect(alert.value == 1 && alert.leads == LeadSet(.II).rawValue)
        let right = try bench([.II])
        #expect(right.push(frames(rate: 250, seconds: 20) { $0.off = .rightLeg }).contains { $0.code == code && $0.value == 1 })
    }

    @Test("are lost when all their leads are, and poor when all are bad, not when one of two is")
    func lost() throws {
        let gone = try bench([.II, .V5])
        #expect(names(gone.push(frames(rate: 250, seconds: 40) { $0.missing = $0.index > 2500 ? .all : .empty })).contains("signal-lost"))
        func noisy(_ leads: [Int]) throws -> [String] {
            var random = 1 as UInt64
            return names(
                try bench([.II, .V5]).push(
                    frames(rate: 250, seconds: 60) { frame in
                        for lead in leads {
                            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                            frame.counts[lead] += Int32(truncatingIfNeeded: Int64(bitPattern: random) >> 51)
                        }
                    }))
        }
        #expect(try noisy([1]).isEmpty)
        #expect(try noisy([1, 10]).contains("artefact"))
    }

    @Test("from nobody knows where: beats are heard, the classifier hears nothing of them")
    func unplaced() throws {
        let exam = frames(rate: 250, seconds: 20, noise: .resting)
        let some = try bench(Lead.allCases, unplaced: [.V2, .V6]), without = try bench(Lead.allCases.filter { $0 != .V2 && $0 != .V6 })
        let last = try #require(answers(some.push(exam)).last)
        _ = without.push(exam)
        #expect(last.kind == .window && last.reasons == QualityReasons.absentLeads.rawValue)
        for label in 0..<shippedModel.statementCount {
            #expect(some.engine.logit(label).bitPattern == without.engine.logit(label).bitPattern)
        }
        let alone = try bench([.II, .V5], unplaced: [.II, .V5])
        #expect(try #require(answers(alone.push(exam)).last).kind == .unknown && alone.engine.beatCount > 15)
    }

    @Test("without any lead are refused, and so are those whose leads all hang on one that is not there")
    func refused() {
        #expect(throws: EngineError.leads) { try bench([]) }
        #expect(throws: EngineError.leads) { try bench([.aVR], derived: LeadSet(.aVR)) }
    }
}
