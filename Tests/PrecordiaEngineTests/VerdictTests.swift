// An engine that was made for verdicts alone: what it says must be what the whole engine says, when it is asked.

import PrecordiaNetwork
import PrecordiaSignal
import PrecordiaSimulator
import Testing

@testable import PrecordiaEngine

@Suite struct VerdictTests {
    @Test(
        "Asked at a hop, it has the whole engine's probabilities, and its quality; it has no display, beat or alert", arguments: [100, 500])
    func verdicts(rate: Int) throws {
        var options = EngineOptions()
        options.verdictOnly = true
        let whole = try Bench(rate: rate), verdict = try Bench(rate: rate, options: options)
        let exam = frames(rate: rate, seconds: 25, noise: .resting) { frame in
            if frame.index > UInt64(14 * rate) { frame.missing = LeadSet(.V2) }
        }.filter { !(8 * rate...8 * rate + rate / 2).contains(Int($0.index)) && !(19 * rate...21 * rate).contains(Int($0.index)) }
        var answered = 0
        for frame in exam {
            let expected = whole.push([frame]), found = verdict.push([frame])
            #expect(found.allSatisfy { [.window, .unknown, .quality, .gap].contains($0.kind) })
            guard let answer = found.last(where: { $0.kind == .window || $0.kind == .unknown }) else { continue }
            let same = try #require(expected.last { $0.kind == .window || $0.kind == .unknown })
            #expect(
                answer.kind == same.kind && answer.sample == same.sample && answer.reasons == same.reasons && answer.leads == same.leads)
            answered += 1
            guard answered % 3 == 0 || answer.sample > 18 * UInt64(rate) else { continue }
            verdict.engine.classify()
            for label in 0..<shippedModel.labelCount {
                #expect(verdict.engine.logit(label).bitPattern == whole.engine.logit(label).bitPattern)
                #expect(verdict.engine.probability(label).bitPattern == whole.engine.probability(label).bitPattern)
            }
            #expect(verdict.engine.quality == whole.engine.quality)
        }
        #expect(answered > 20 && verdict.engine.heartRate == nil && verdict.engine.displayed(.II) == 0)
    }

    @Test("A block of frames is taken up to the first with something to say, and gives the events of single frames")
    func blocks() throws {
        let exam = frames(rate: 500, seconds: 24, rhythm: .atrialFibrillation)
        let single = try Bench(rate: 500), block = try Bench(rate: 500)
        let expected = single.push(exam)
        var found: [Event] = []
        exam.withUnsafeBufferPointer { all in
            var rest = all[...]
            while !rest.isEmpty {
                let taken = block.engine.push(UnsafeBufferPointer(rebasing: rest.prefix(300)))
                #expect((1...300).contains(taken))
                rest = rest.dropFirst(taken)
                found += block.fetch()
            }
        }
        #expect(found.map(bytes) == expected.map(bytes) && !found.isEmpty)
    }

    /// Because a heart rate that is not known is not a number, and equals nothing.
    private func bytes(_ event: Event) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Event.byteCount)
        bytes.withUnsafeMutableBytes { event.write(to: $0.baseAddress!) }
        return bytes
    }
}
