// The measurement as a whole: which things are timed together, and what comes of it.
// Separate from each of them, so that the list can be read in one place.

import Glibc
package import PrecordiaHost
import PrecordiaNetwork
import PrecordiaSession
import PrecordiaSignal

/// Measures models, filters and engine on this machine.
///
/// - Thread: one, the caller's; pin it to a core for steady figures. Memory: the models, a few networks for each kernel, and the times.
package enum Bench {
    /// Names of the kernels that this processor runs, slowest first.
    package static var kernels: [String] { runnable.map { String(cString: $0.name) } }

    private static var runnable: [Kernel] { (0..<Kernel.count).map { Kernel($0) }.filter(\.isSupported) }

    /// Times everything in interleaved rounds for about `seconds`, longer if five rounds take longer.
    ///
    /// - Parameters:
    ///   - paths: model files; nil stands for the shipped model.
    ///   - kernel: one of ``kernels``, "best" for the last of them, or nil for all.
    /// - Throws: what opening a model throws, ``RuntimeError/badSetting(name:value:allowed:)`` for a kernel that cannot run here,
    ///   ``RuntimeError/interrupted(file:)``.
    package static func run(_ paths: [String?], kernel: String?, seconds: Double) throws(RuntimeError) -> BenchResult {
        let kernels = try chosen(kernel)
        var models: [(model: LoadedModel, start: StartBench, networks: [NetworkBench])] = []
        for path in paths {
            let model = try LoadedModel.open(path)
            var networks: [NetworkBench] = []
            for kernel in kernels {
                do throws(ModelError) { networks.append(try NetworkBench(model, kernel: kernel)) } catch {
                    throw .badModel(file: model.origin, problem: "the network cannot be made (\(error.code), value \(error.value))")
                }
            }
            models.append((model, StartBench(model, path: path), networks))
        }
        let filters = FilterBench()
        let measuring = MeasuringBench()
        let frames = try frameBenches(models[0].model)
        var counts = kernels.map { _ in 0 }
        let peaks = kernels.indices.map { index in Timing { counts[index] = kernels[index].runPeak(rounds: 1000) } }

        var timings = peaks + [filters.timing, measuring.exam, measuring.call] + frames.map(\.timing)
        for each in models { timings += each.start.timings + each.networks.flatMap(\.timings) }
        var result = BenchResult()
        result.rounds = Timing.run(timings, seconds: seconds)
        if Interrupt.isRequested { throw .interrupted(file: "bench") }

        result.seconds = seconds
        result.processor = processor
        result.cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        result.bestKernel = String(cString: Kernel.best.name)
        result.peaks = kernels.indices.map { index in
            let rate = Double(counts[index]) / peaks[index].fastest / 1e3
            return BenchResult.Peak(kernel: String(cString: kernels[index].name), perNanosecond: counts[index] > 0 ? rate : nil)
        }
        result.models = models.map { each in each.start.cost(each.networks.map(\.cost)) }
        result.filterChunk = filters.timing.microseconds
        result.frames = frames.map(\.cost)
        result.measuring = measuring.cost
        result.peakMemory = peakMemory
        return result
    }

    private static func chosen(_ name: String?) throws(RuntimeError) -> [Kernel] {
        guard let name else { return runnable }
        if name == "best" { return [.best] }
        let found = runnable.filter { String(cString: $0.name) == name }
        guard found.isEmpty else { return found }
        throw .badSetting(name: "--kernel", value: name, allowed: "best or one of \(kernels.joined(separator: ", ")) runs here")
    }

    /// The stream that most devices send, then other rates, then fewer leads in the frame. A model that cannot hear a rate is left out there.
    private static func frameBenches(_ model: LoadedModel) throws(RuntimeError) -> [FrameBench] {
        let streams: [(rate: Int, derived: LeadSet)] = [(500, .empty), (500, .derived), (250, .empty), (1000, .empty), (2000, .empty)]
        var benches: [FrameBench] = []
        for stream in streams where stream.rate >= model.view.rate {
            benches.append(try FrameBench(model, rate: stream.rate, derived: stream.derived))
        }
        return benches
    }

    /// The processor's name, as the system tells it.
    private static var processor: String {
        let lines = systemLines("/proc/cpuinfo")
        for key in ["model name", "Model", "Hardware"] {
            guard let line = lines.first(where: { $0.hasPrefix(key) }), let colon = line.firstIndex(of: ":") else { continue }
            return String(line[line.index(after: colon)...].drop { $0 == " " })
        }
        var system = utsname()
        uname(&system)
        return withUnsafeBytes(of: &system.machine) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// The process's peak memory, bytes, as the system tells it.
    private static var peakMemory: Int {
        let line = systemLines("/proc/self/status").first { $0.hasPrefix("VmHWM:") }
        return (line?.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0) * 1024
    }

    /// The first lines of a file of the system; none where it cannot be read.
    private static func systemLines(_ path: String) -> [Substring] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).split(separator: "\n")
    }
}
