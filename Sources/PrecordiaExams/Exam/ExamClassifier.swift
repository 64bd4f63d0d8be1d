// One exam in, one verdict out: which of the engine's answers count, and their mean.
// The engine runs exactly as on a live stream; this only chooses the hops to listen to.

import PrecordiaEngine
package import PrecordiaFormats
package import PrecordiaHost
import PrecordiaNetwork
import PrecordiaQuality
package import PrecordiaSession
import PrecordiaSignal

/// Classifies exams one after the other in the same memory.
///
/// The answers taken are those at each whole window (10, 20, 30 s ...) and, if at least a second remains, the one at the record's end.
/// The mean is over those that the engine gives as an answer, and only if there is none over all of them, marked "unknown".
/// A record shorter than a window gives one answer over what there is, marked "short"; below a second it is "unknown" too.
///
/// - Memory: one engine and a block of frames, allocated with the first exam. Thread: one at a time.
package final class ExamClassifier {
    private let model: LoadedModel
    private let mendsLeads: Bool
    private let naming: LeadNaming
    private var host: EngineHost?
    private let block: UnsafeMutableBufferPointer<Frame>

    /// - Parameters:
    ///   - mendsLeads: see ``EngineOptions/mendsLeads``.
    ///   - naming: what a person says about the records' signals.
    package init(model: LoadedModel, mendsLeads: Bool = true, naming: LeadNaming = LeadNaming()) {
        self.model = model
        self.naming = naming
        self.mendsLeads = mendsLeads
        block = .allocate(capacity: 256)
        block.initialize(repeating: Frame(index: 0))
    }

    deinit { block.deallocate() }

    /// Classifies a record, which lies at `opened` if it was converted.
    package func classify(record path: String, opened: String? = nil) throws(RuntimeError) -> ExamResult {
        var source = try SignalSource(record: path, opened: opened, naming: naming)
        return try classify(&source)
    }

    /// Classifies what a source gives until its end, or until ``Interrupt``, which is an error here.
    package func classify(_ source: inout SignalSource) throws(RuntimeError) -> ExamResult {
        let host = try prepared(for: source.format, named: source.description.name)
        var tally = Tally(model: model, rate: source.format.rate)
        var frames: UInt64 = 0
        while case let count = try source.read(into: block), count > 0 {
            if Interrupt.isRequested { throw .interrupted(file: source.description.name) }
            var rest = UnsafeBufferPointer(rebasing: block[..<count])
            while !rest.isEmpty {
                rest = UnsafeBufferPointer(rebasing: rest[host.engine.push(rest)...])
                while let event = host.engine.poll() { tally.take(event, host) }
            }
            frames = block[count - 1].index + 1
        }
        guard frames > 0 else { throw .noSample(source.description.name) }
        var more = true
        while more {
            more = host.engine.drain()
            while let event = host.engine.poll() { tally.take(event, host) }
        }
        return tally.result(frames: frames, cautions: source.description.cautions, host)
    }

    private func prepared(for stream: StreamFormat, named name: String) throws(RuntimeError) -> EngineHost {
        if let host {
            try host.prepare(for: stream, named: name)
            return host
        }
        var options = EngineOptions()
        options.verdictOnly = true
        options.mendsLeads = mendsLeads
        let made = try EngineHost(model: model, stream: stream, options: options, name: name)
        host = made
        return made
    }
}

/// The answers of one exam as they come.
private struct Tally {
    private let windowSamples: UInt64
    private let rate: UInt64
    private var known: Sums
    private var unknown: Sums
    private var taken: UInt64 = 0
    private var quality = ExamQuality()
    /// What the hops since the last window have found: a later gap makes the engine forget it.
    private var recent = ExamQuality()
    private var reasons: UInt32 = 0
    private var leads: UInt16 = 0
    /// The last answer, kept in case it becomes the one at the record's end.
    private var latest: Event?
    private var result = ExamResult()

    /// Probabilities added up over windows.
    private struct Sums {
        var windows = 0
        var labels: [Double]
        var classes: [Double?]

        mutating func add(_ engine: borrowing Engine) {
            windows += 1
            for index in labels.indices { labels[index] += Double(engine.probability(index)) }
            for index in classes.indices {
                if let sum = classes[index] { classes[index] = sum + Double(engine.classProbability(index) ?? 0) }
            }
        }
    }

    init(model: LoadedModel, rate: Int) {
        windowSamples = UInt64(model.view.window * rate / model.view.rate)
        self.rate = UInt64(rate)
        known = Sums(
            labels: Array(repeating: 0, count: model.vocabulary.labels.count),
            classes: model.vocabulary.classes.map { $0.sources.isEmpty ? nil : 0 })
        unknown = known
    }

    /// An answer counts when it is the first at or after the end of the next whole window; others only as the last so far.
    mutating func take(_ event: Event, _ host: EngineHost) {
        guard event.isAnswer else { return }
        latest = event
        recent.add(host.engine.quality)
        if event.sample + 1 >= (taken + 1) * windowSamples { count(host) }
    }

    /// Asks the engine for the last answer's probabilities. Only those that count are computed: of most hops nobody wants to know.
    private mutating func count(_ host: EngineHost) {
        guard let event = latest else { return }
        latest = nil
        host.engine.classify()
        taken = max(taken + 1, (event.sample + 1) / windowSamples)
        result.logitBits = known.labels.indices.map { host.engine.logit($0).bitPattern }
        quality.add(recent)
        recent = ExamQuality()
        quality.windows += 1
        guard event.kind == .unknown else {
            known.add(host.engine)
            return
        }
        unknown.add(host.engine)
        let found = QualityReasons(rawValue: event.reasons)
        let isOnlyShort = quality.isShort && found.contains(.incomplete) && !found.contains(.gap) && !found.contains(.tooFewLeads)
        guard !isOnlyShort || event.sample + 1 < rate else { return }
        quality.unknownWindows += 1
        reasons |= event.reasons
        leads |= event.leads
    }

    mutating func result(frames: UInt64, cautions: [String], _ host: EngineHost) -> ExamResult {
        quality.cautions = cautions
        quality.isShort = frames < windowSamples
        if quality.windows == 0 || frames % windowSamples >= rate { count(host) }
        let sums = known.windows > 0 ? known : unknown
        let count = Double(max(1, sums.windows))
        result.windows = sums.windows
        result.probabilities = sums.labels.map { $0 / count }
        result.classProbabilities = sums.classes.map { $0.map { $0 / count } }
        result.quality = quality.text
        if known.windows == 0, quality.unknownWindows > 0 { result.noAnswer = EventWords.signal(reasons: reasons, leads: leads) }
        return result
    }
}

extension ExamClassifier {
    /// A worker for ``OrderedJobs``: classifies `entries` by number, with an engine of its own. A failed entry is its own outcome.
    package static func worker(
        model: LoadedModel, mendsLeads: Bool = true, naming: LeadNaming = LeadNaming(), measures: Bool = false, entries: [RecordList.Entry]
    ) -> (Int) -> ExamOutcome {
        @Sendable func codes(_ model: LoadedModel, _ result: ExamResult) -> [String: Double] {
            let vocabulary = model.vocabulary
            guard let set = vocabulary.sets.first(where: { $0.name == "code" }) else { return [:] }
            return Dictionary(uniqueKeysWithValues: set.labels.map { (vocabulary.labels[$0].code, result.probabilities[$0]) })
        }
        let classifier = ExamClassifier(model: model, mendsLeads: mendsLeads, naming: naming)
        return { number in
            let entry = entries[number]
            do throws(RuntimeError) {
                if let failure = entry.failure { throw RuntimeError(failure) }
                // Opened, and its checksums added up, once for both.
                let record = try SignalSource.open(entry.opened, naming)
                var source = SignalSource(record, name: entry.path)
                var result = try classifier.classify(&source)
                if measures {
                    let own = result.noAnswer == nil ? codes(model, result) : [:]
                    result.measured = MeasuredColumns(try MeasureListing(record)) { own[$0] }
                }
                return ExamOutcome(record: entry.path, result: .success(result))
            } catch {
                return ExamOutcome(record: entry.path, result: .failure(error))
            }
        }
    }
}
