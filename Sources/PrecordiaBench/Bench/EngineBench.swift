// The engine around the network: filters, the way of a frame, and what starting costs.
// Separate from the network's figures: here the best kernel runs, as in a session.

import PrecordiaBeats
import PrecordiaEngine
import PrecordiaFormats
import PrecordiaHost
import PrecordiaNetwork
import PrecordiaSession
import PrecordiaSignal
import PrecordiaSimulator

/// 12 leads through 4 second-order sections (0.5 Hz high-pass, 50 Hz notch, 150 Hz low-pass at 500 Hz), 10 samples: 20 ms.
final class FilterBench {
    let timing: Timing

    init() {
        final class Chain { var cascade = FilterCascade() }
        let chain = Chain()
        for filter in [StandardFilter.highPass0_5, .notch50, .lowPass150] { _ = chain.cascade.append(filter, rate: 500) }
        let samples = UnsafeMutableRawPointer.allocate(byteCount: 960, alignment: 64).bindMemory(to: Double.self, capacity: 120)
        for index in 0..<120 { samples[index] = Double(index % 37) - 18 }
        // The output is the next input, so that nothing is copied; it fades, and states below 1e-20 become 0. A new value keeps it alive.
        timing = Timing {
            for lead in 0..<12 { samples[lead] = Double(lead) - 5.5 }
            chain.cascade.process(samples, columns: 10)
        }
    }
}

/// Beats and rhythm alone: a frame of 12 leads at 500 Hz, simulated, with the rhythm asked for every second.
final class RhythmBench {
    private static let rate = 500
    let timing: Timing

    private final class Watch {
        var monitor = BeatMonitor(
            rate: RhythmBench.rate, memory: .allocate(byteCount: BeatMonitor.requiredBytes(rate: RhythmBench.rate), alignment: 64))
    }

    init() {
        let watch = Watch(), seconds = 60
        let samples = UnsafeMutablePointer<Double>.allocate(capacity: 12 * Self.rate * seconds)
        var simulator = Simulator(rate: Self.rate, seed: 1, rhythm: .normalSinus, noise: .resting)
        var frame = Frame(index: 0)
        for index in 0..<Self.rate * seconds {
            simulator.next(into: &frame)
            for lead in 0..<12 { samples[12 * index + lead] = Double(frame.counts[lead]) }
        }
        var second = 0
        timing = Timing {
            let first = samples + 12 * Self.rate * second
            for index in 0..<Self.rate { _ = watch.monitor.push(first + 12 * index, usable: .all) }
            _ = watch.monitor.takeRhythm()
            second = (second + 1) % seconds
        }
    }

    /// Microseconds a frame.
    var frame: Double { timing.microseconds / Double(Self.rate) }
}

/// The engine's cost of a frame of one kind of stream, simulated.
final class FrameBench {
    private let rate: Int
    private let stream: StreamFormat
    let timing: Timing
    private let plain: Blocks

    /// Nanoseconds a frame of the blocks without an answer.
    private final class Blocks { var each: [Double] = [] }

    /// - Parameter derived: leads that the frame does not hold.
    init(_ model: LoadedModel, rate: Int, derived: LeadSet) throws(RuntimeError) {
        self.rate = rate
        stream = StreamFormat(rate: rate, derived: derived)
        let host = try EngineHost(model: model, stream: stream, options: EngineOptions(), name: "bench at \(rate) Hz")
        var simulator = Simulator(rate: rate, seed: 1, rhythm: .normalSinus, noise: .resting)
        var frames = Array(repeating: Frame(index: 0), count: 10 * rate)
        for index in frames.indices { simulator.next(into: &frames[index]) }
        let blocks = Blocks(), block = max(1, rate / 50), all = frames
        plain = blocks
        var next: UInt64 = 0
        timing = Timing {
            // A second of signal, in blocks of 20 ms.
            for _ in 0..<rate / block {
                var answers = 0
                let start = Monotonic.now()
                for _ in 0..<block {
                    var frame = all[Int(next % UInt64(all.count))]
                    frame.index = next
                    next += 1
                    host.engine.push(frame)
                    while let event = host.engine.poll() { if event.isAnswer { answers += 1 } }
                }
                let took = Monotonic.now() - start
                if answers == 0 && blocks.each.count < 1 << 20 { blocks.each.append(Double(took) / Double(block)) }
            }
        }
    }

    var cost: BenchResult.FrameCost {
        let pushed = rate / max(1, rate / 50) * max(1, rate / 50)
        return BenchResult.FrameCost(
            rate: rate, leads: 12 - stream.derived.count, frame: Timing.median(plain.each), mean: timing.microseconds * 1e3 / Double(pushed)
        )
    }
}

/// What it takes to have a model ready: reading and checking, a network, an engine for 500 Hz.
final class StartBench {
    private let model: LoadedModel
    private let opening, making: Timing
    private let engine: Timing?

    init(_ model: LoadedModel, path: String?) {
        self.model = model
        opening = Timing { _ = try? LoadedModel.open(path) }
        let view = model.view
        let memory = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Network.requiredBytes(model: view, maximumHop: view.hop), alignment: 64)
        making = Timing { _ = try? Network(model: view, maximumHop: view.hop, memory: memory).columns }
        let stream = StreamFormat(rate: 500)
        guard let bytes = try? Engine.requiredBytes(model: view, stream: stream, options: EngineOptions()) else {
            engine = nil
            return
        }
        let arena = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 64)
        engine = Timing { _ = try? Engine(model: view, stream: stream, options: EngineOptions(), memory: arena).hop }
    }

    var timings: [Timing] { [opening, making] + (engine.map { [$0] } ?? []) }

    func cost(_ kernels: [BenchResult.KernelCost]) -> BenchResult.ModelCost {
        let view = model.view
        return BenchResult.ModelCost(
            origin: model.origin, identity: model.identity, fileBytes: model.byteCount, rate: view.rate, window: view.window,
            hopUnit: view.hopUnit, isWholeWindow: view.isWholeWindow,
            multiplications: NetworkBench.work(view).reduce(0) { $0 + $1.multiplications },
            networkBytes: Network.requiredBytes(model: view, maximumHop: view.hop),
            engineBytes: try? Engine.requiredBytes(model: view, stream: StreamFormat(rate: 500), options: EngineOptions()),
            opening: opening.microseconds, making: making.microseconds, makingEngine: engine?.microseconds, kernels: kernels)
    }
}
