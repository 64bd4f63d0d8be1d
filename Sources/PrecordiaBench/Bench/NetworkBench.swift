// A model's network by one kernel: whole window, hops, and layer by layer.
// Separate from the engine's figures, which do not depend on the kernel.

import PrecordiaHost
import PrecordiaNetwork
import PrecordiaSession
import PrecordiaSignal

/// A network with the memory that it lives in, and samples to feed it.
private final class Runner {
    let model: LoadedModel
    var network: Network
    private let memory: UnsafeMutableRawBufferPointer
    private var samples: [UInt8]

    /// The samples are any: the arithmetic's time does not depend on them.
    init(_ model: LoadedModel, maximumHop: Int, kernel: Kernel) throws(ModelError) {
        self.model = model
        let view = model.view
        memory = .allocate(byteCount: Network.requiredBytes(model: view, maximumHop: maximumHop), alignment: 64)
        do throws(ModelError) {
            network = try Network(model: view, maximumHop: maximumHop, memory: memory, kernel: kernel)
        } catch {
            memory.deallocate()
            throw error
        }
        var state: UInt64 = 1
        samples = (0..<view.window * view.leads.count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return 96 + UInt8(truncatingIfNeeded: state >> 58)
        }
    }

    deinit { memory.deallocate() }

    func answer(after count: Int) {
        samples.withUnsafeBufferPointer { network.push($0.baseAddress!, count: count) }
        network.advance()
        network.classify()
    }

    func warm() { answer(after: model.view.window) }
}

/// The timings of a model by one kernel.
final class NetworkBench {
    private let model: LoadedModel
    private let kernel: Kernel
    private let window: Timing
    private let hops: [(samples: Int, timing: Timing)]
    private let pass: Timing
    private let layers: LayerTimes

    /// Nanoseconds of each layer and of the head in each pass.
    private final class LayerTimes {
        var passes: [[Double]]
        init(_ count: Int) { passes = Array(repeating: [], count: count) }
    }

    init(_ model: LoadedModel, kernel: Kernel) throws(ModelError) {
        self.model = model
        self.kernel = kernel
        let view = model.view
        let whole = try Runner(model, maximumHop: Self.rounded(view.window, to: view.hopUnit), kernel: kernel)
        window = Timing { whole.answer(after: view.window) }
        var hops: [(samples: Int, timing: Timing)] = []
        for samples in Self.hops(view) {
            let runner = try Runner(model, maximumHop: samples, kernel: kernel)
            runner.warm()
            hops.append((samples, Timing { runner.answer(after: samples) }))
        }
        self.hops = hops
        let times = LayerTimes(view.layerCount + 1)
        layers = times
        // Each layer in its turn and once a pass, so that it finds caches as it does in a whole window.
        pass = Timing {
            var last = Monotonic.now()
            for index in 0...view.layerCount {
                if index < view.layerCount {
                    whole.network.rerun(layer: index, samples: view.window)
                } else if !view.isWholeWindow {
                    whole.network.classify()
                }
                let now = Monotonic.now()
                times.passes[index].append(Double(now - last) / 1e3)
                last = now
            }
        }
    }

    /// The shortest hop, half a second, one second, two and five, as near as whole columns allow. Of a whole window one second: its cost is that
    /// of the window.
    static func hops(_ view: ModelView) -> [Int] {
        if view.isWholeWindow { return [view.rate] }
        let wanted = [view.hopUnit] + [0.5, 1, 2, 5].map { rounded(Int($0 * Double(view.rate)), to: view.hopUnit) }
        return Set(wanted.filter { $0 <= view.window }).sorted()
    }

    private static func rounded(_ samples: Int, to unit: Int) -> Int { max(1, (samples + unit / 2) / unit) * unit }

    var timings: [Timing] { [window, pass] + hops.map(\.timing) }

    var cost: BenchResult.KernelCost {
        let view = model.view
        var costs = Self.work(view)
        for index in costs.indices { costs[index].microseconds = Timing.median(layers.passes[index]) }
        if view.isWholeWindow { costs.removeLast() }
        return BenchResult.KernelCost(
            kernel: String(cString: kernel.name), window: window.microseconds,
            hops: hops.map { BenchResult.HopCost(samples: $0.samples, microseconds: $0.timing.microseconds) }, layers: costs)
    }

    /// Names and multiply-accumulates of the layers and the head over a window.
    static func work(_ view: ModelView) -> [BenchResult.LayerCost] {
        var costs = (0..<view.layerCount).map { index in
            let layer = view.layer(index), from = view.tensor(layer.input), to = view.tensor(index + 1)
            let shape = "\(from.channels) to \(to.channels), kernel \(layer.kernel), stride \(layer.stride)"
            let each: Int
            let name: String
            switch layer.kind {
            case .convolution: (name, each) = ("convolution \(shape)", from.channels * layer.kernel * to.channels)
            case .depthwise: (name, each) = ("depthwise \(shape)", layer.kernel * to.channels)
            case .maximumPool: (name, each) = ("maximum pool \(shape)", 0)
            }
            return BenchResult.LayerCost(name: name, multiplications: each * (view.window / to.samplesPerColumn), microseconds: .nan)
        }
        let weights = (view.isFlattened ? view.windowColumns : 2) * view.featureChannels * view.labelCount
        costs.append(BenchResult.LayerCost(name: "head to \(view.labelCount) labels", multiplications: weights, microseconds: .nan))
        return costs
    }
}
