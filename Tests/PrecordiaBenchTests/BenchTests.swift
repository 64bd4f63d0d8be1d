// The measurement's shape and its two texts. No figure of speed is asserted: it belongs to the machine.

import Foundation
import PrecordiaFormats
import PrecordiaHost
import PrecordiaNetwork
import PrecordiaSession
import Testing

@testable import PrecordiaBench

@Suite struct BenchTests {
    private func known() -> BenchResult {
        var result = BenchResult()
        result.processor = "Some \"Chip\""
        result.cores = 2
        result.rounds = 7
        result.bestKernel = "fast"
        result.peaks = [.init(kernel: "portable", perNanosecond: nil), .init(kernel: "fast", perNanosecond: 400)]
        let layers = [
            BenchResult.LayerCost(name: "convolution 12 to 32, kernel 3, stride 1", multiplications: 2_000_000, microseconds: 10),
            BenchResult.LayerCost(name: "maximum pool 32 to 32, kernel 2, stride 2", multiplications: 0, microseconds: 1.5),
        ]
        let hops = [BenchResult.HopCost(samples: 20, microseconds: 0.5), BenchResult.HopCost(samples: 100, microseconds: 2)]
        result.models = [
            BenchResult.ModelCost(
                origin: "the shipped model", identity: ModelIdentity(name: "m", version: 3, hash: "ab"), fileBytes: 1000, rate: 100,
                window: 1000,
                hopUnit: 20, isWholeWindow: false, multiplications: 2_000_000, networkBytes: 5000, engineBytes: nil, opening: 100,
                making: 50,
                makingEngine: nil,
                kernels: [
                    BenchResult.KernelCost(kernel: "portable", window: 200, hops: hops, layers: layers),
                    BenchResult.KernelCost(kernel: "fast", window: 10, hops: hops, layers: layers),
                ])
        ]
        result.filterChunk = 0.25
        result.measuring = BenchResult.MeasuringCost(exam: 100, call: 80)
        result.frames = [.init(rate: 500, leads: 8, frame: 310, mean: 420)]
        result.peakMemory = 1 << 20
        return result
    }

    @Test("the table names machine, peak, ratio to portable, and each layer's share of the peak")
    func table() {
        let lines = BenchText(known()).lines
        #expect(lines[0].hasSuffix("on Some \"Chip\", 2 cores"))
        #expect(lines.contains { $0.hasSuffix("multiply-accumulates a nanosecond: fast 400.0") })
        #expect(lines.contains { $0.contains("fast") && $0.contains("50.0 %") && $0.contains("20.0 x") })
        #expect(lines.contains { $0.contains("50.0 %  convolution 12 to 32, kernel 3, stride 1") })
        #expect(lines.contains { $0.contains("      -  maximum pool 32 to 32, kernel 2, stride 2") })
        #expect(lines.contains { $0.hasSuffix("500 Hz, 8 leads        310                420") })
        #expect(lines.allSatisfy { $0.count <= 140 })
    }

    @Test("the JSON holds every figure, and null where there is none")
    func json() throws {
        let object = try #require(try JSONSerialization.jsonObject(with: Data(BenchJSON(known()).line)) as? [String: Any])
        let peaks = try #require(object["peaks"] as? [[String: Any]])
        #expect(peaks[0]["multiplicationsPerNanosecond"] is NSNull)
        #expect(peaks[1]["multiplicationsPerNanosecond"] as? Double == 400)
        let model = try #require((object["models"] as? [[String: Any]])?.first)
        #expect(model["engineBytes"] is NSNull)
        let kernels = try #require(model["kernels"] as? [[String: Any]])
        #expect(kernels.map { $0["kernel"] as? String } == ["portable", "fast"])
        #expect(kernels[0]["share"] is NSNull)
        #expect(kernels[1]["share"] as? Double == 0.5)
        let hops = try #require(kernels[1]["hops"] as? [[String: Any]])
        #expect(hops.map { $0["seconds"] as? Double } == [0.2, 1])
        #expect(object["filterChunkMicroseconds"] as? Double == 0.25)
        #expect(object["measuring"] as? [String: Double] == ["examMicroseconds": 100, "callMicroseconds": 80, "secondMicroseconds": 18])
    }

    @Test("a short measurement of the shipped model has every part, by each kernel that runs here")
    func shipped() throws {
        let result = try Bench.run([nil], kernel: nil, seconds: 0.001)
        let view = try LoadedModel.shipped().view
        let model = try #require(result.models.first)
        #expect(result.rounds >= 5)
        #expect(result.peaks.map(\.kernel) == Bench.kernels)
        #expect(model.kernels.map(\.kernel) == Bench.kernels)
        for kernel in model.kernels {
            #expect(kernel.window > 0)
            #expect(kernel.layers.count == view.layerCount + 1)
            #expect(kernel.layers.allSatisfy { $0.microseconds >= 0 })
            #expect(kernel.hops.first?.samples == view.hopUnit)
            #expect(kernel.hops.contains { $0.samples == view.rate })
            #expect(kernel.hops.allSatisfy { $0.microseconds > 0 })
        }
        #expect(model.multiplications == model.kernels[0].layers.reduce(0) { $0 + $1.multiplications })
        #expect(result.filterChunk > 0 && result.measuring.exam > result.measuring.call && result.measuring.call > 0)
        #expect(result.frames.count == 5)
        #expect(result.frames.allSatisfy { $0.frame > 0 && $0.mean > 0 })
    }

    @Test("a kernel that cannot run here is refused, with those that can")
    func unknownKernel() {
        let error = #expect(throws: RuntimeError.self) { try Bench.run([nil], kernel: "abacus", seconds: 1) }
        #expect(error?.description.hasPrefix("--kernel abacus: not possible; best or one of portable") == true)
    }

    @Test("the median is the middle value, of an even number the upper one")
    func median() {
        #expect(Timing.median([3, 1, 2]) == 2)
        #expect(Timing.median([4, 1, 2, 3]) == 3)
        #expect(Timing.median([]).isNaN)
    }
}
