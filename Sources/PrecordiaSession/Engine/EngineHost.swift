// An engine with the memory that it lives in.
// The engine itself owns nothing; this is who allocates for it, once, and lets it be used again for the next exam.

import Glibc
package import PrecordiaAlerts
package import PrecordiaEngine
package import PrecordiaHost
import PrecordiaNetwork
package import PrecordiaSignal

/// Owns one engine and its arena.
///
/// - Memory: the engine's `requiredBytes`, allocated at init and, if a later stream needs more, in ``prepare(for:named:)``; never in between.
/// - Thread: one at a time.
package final class EngineHost {
    /// The model that the engine runs.
    package let model: LoadedModel
    /// The engine, ready for the first frame of its stream.
    package var engine: Engine
    private let options: EngineOptions
    private var arena: UnsafeMutableRawBufferPointer
    /// Rules in place of the model's own.
    private let rules: [(place: Int, rule: AlertRule)]

    /// Makes an engine for a stream.
    ///
    /// - Parameter name: the record or scenario, for the error.
    /// - Throws: ``RuntimeError/badStream(file:problem:)`` if the model cannot hear the stream.
    package init(
        model: LoadedModel, stream: StreamFormat, options: EngineOptions, rules: [(place: Int, rule: AlertRule)] = [], name: String
    ) throws(RuntimeError) {
        self.model = model
        self.rules = rules
        self.options = options
        do {
            let bytes = try Engine.requiredBytes(model: model.view, stream: stream, options: options)
            arena = try Self.allocate(bytes)
        } catch {
            throw Self.error(error, stream, options, model, name)
        }
        do {
            engine = try Engine(model: model.view, stream: stream, options: options, memory: arena)
        } catch {
            free(arena.baseAddress)
            throw Self.error(error, stream, options, model, name)
        }
        setRules()
    }

    private func setRules() { for each in rules { engine.setRule(each.rule, for: each.place) } }

    deinit { free(arena.baseAddress) }

    /// Makes the engine new for another stream, in the memory that it has if that suffices.
    package func prepare(for stream: StreamFormat, named name: String) throws(RuntimeError) {
        if engine.stream.isSame(as: stream) {
            engine.reset()
            return
        }
        do {
            let bytes = try Engine.requiredBytes(model: model.view, stream: stream, options: options)
            guard bytes > arena.count else {
                engine = try Engine(model: model.view, stream: stream, options: options, memory: arena)
                setRules()
                return
            }
            let larger = try Self.allocate(bytes)
            let old = arena
            engine = try Engine(model: model.view, stream: stream, options: options, memory: larger)
            arena = larger
            setRules()
            free(old.baseAddress)
        } catch {
            throw Self.error(error, stream, options, model, name)
        }
    }

    /// What the engine said at its last answer. Allocates; for sinks, not for the path.
    package func answer() -> Answer {
        let labels = model.vocabulary.statements.count
        let classes = model.vocabulary.classes.count
        return Answer(
            probabilities: (0..<labels).map { engine.probability($0) },
            classProbabilities: (0..<classes).map { engine.classProbability($0) },
            isWhole: engine.columns == model.view.windowColumns, heartRate: engine.heartRate)
    }

    /// From the C library, because Swift's own allocation ends the program where there is not enough.
    private static func allocate(_ bytes: Int) throws(EngineError) -> UnsafeMutableRawBufferPointer {
        guard let memory = malloc(bytes) else { throw .memory }
        return UnsafeMutableRawBufferPointer(start: memory, count: bytes)
    }

    private static func error(
        _ error: EngineError, _ stream: StreamFormat, _ options: EngineOptions, _ model: LoadedModel, _ name: String
    ) -> RuntimeError {
        let view = model.view
        let column = Text.fixed(Double(view.hopUnit) / Double(view.rate), decimals: 3)
        let longest = Text.fixed(Double(view.hop) / Double(view.rate), decimals: 3)
        switch error {
        case .rate:
            let lowest = max(view.rate, StreamFormat.rates.lowerBound)
            let problem = "sampling rate not supported, \(stream.rate) Hz; \(lowest) to \(StreamFormat.rates.upperBound) Hz would be right"
            return .badStream(file: name, problem: problem)
        case .scale:
            return .badStream(
                file: name,
                problem:
                    "a lead's gain cannot be; \(StreamFormat.scales.lowerBound) to \(StreamFormat.scales.upperBound) microvolts a count would be right"
            )
        case .derivedLeads: return .badStream(file: name, problem: "only III, aVR, aVL and aVF can be computed from I and II")
        case .leads: return .badStream(file: name, problem: "it has no lead; one or more of the twelve would be right")
        case .hop:
            let value = Text.fixed(Double(options.hop) / Double(view.rate), decimals: 3)
            let allowed = "model \(model.identity.name) takes a multiple of \(column) s up to \(longest) s"
            return .badSetting(name: "--hop", value: value + " s", allowed: allowed)
        case .memory:
            let bytes = (try? Engine.requiredBytes(model: view, stream: stream, options: options)) ?? 0
            let problem =
                "an engine for \(stream.rate) Hz takes \(Text.grouped(bytes)) bytes of memory, more than there is; a smaller model would be right"
            return .badModel(file: model.origin, problem: problem)
        case .model, .alertRule, .filters:
            return .badModel(
                file: model.origin, problem: "the engine cannot run this model (\(error)); export it again with this version's tools")
        }
    }
}
