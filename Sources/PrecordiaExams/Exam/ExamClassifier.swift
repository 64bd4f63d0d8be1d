// Recorded exams one after the other: a source's frames through an engine, whose answers an ExamVerdict weighs.
// The engine runs exactly as on a live stream.

import PrecordiaEngine
package import PrecordiaFormats
package import PrecordiaHost
import PrecordiaNetwork
import PrecordiaQuality
package import PrecordiaSession
import PrecordiaSignal

/// Classifies exams one after the other in the same memory.
///
/// ``ExamVerdict`` says which answers count.
///
/// - Memory: one engine, the model's sums and a block of frames, allocated with the first exam. Thread: one at a time.
package final class ExamClassifier {
    let model: LoadedModel
    private let mendsLeads: Bool
    private let naming: LeadNaming
    private var host: EngineHost?
    private let block: UnsafeMutableBufferPointer<Frame>
    private let sums: UnsafeMutableRawBufferPointer
    private var verdict: ExamVerdict

    /// - Parameters:
    ///   - mendsLeads: see ``EngineOptions/mendsLeads``.
    ///   - naming: what a person says about the records' signals.
    package init(model: LoadedModel, mendsLeads: Bool = true, naming: LeadNaming = LeadNaming()) {
        self.model = model
        self.naming = naming
        self.mendsLeads = mendsLeads
        block = .allocate(capacity: 256)
        block.initialize(repeating: Frame(index: 0))
        sums = .allocate(byteCount: max(8, ExamVerdict.requiredBytes(model: model.view)), alignment: 8)
        verdict = ExamVerdict(model: model.view, memory: sums)
    }

    deinit {
        block.deallocate()
        sums.deallocate()
    }

    /// Classifies a record, which lies at `opened` if it was converted.
    package func classify(record path: String, opened: String? = nil) throws(RuntimeError) -> ExamResult {
        var source = try SignalSource(record: path, opened: opened, naming: naming)
        return try classify(&source)
    }

    /// Classifies what a source gives until its end, or until ``Interrupt``, which is an error here.
    package func classify(_ source: inout SignalSource) throws(RuntimeError) -> ExamResult {
        guard try hear(&source, from: 0, most: .max) > 0 else { throw .noSample(source.description.name) }
        return result(cautions: source.description.cautions)
    }

    /// Lets the engine hear at most so many frames of a source, whose next one is the frame `start`, as an exam of their own.
    ///
    /// - Returns: how many there were; 0 at the source's end.
    func hear(_ source: inout SignalSource, from start: UInt64, most: UInt64) throws(RuntimeError) -> UInt64 {
        let host = try prepared(for: source.format, named: source.description.name)
        verdict.begin(rate: source.format.rate)
        var frames: UInt64 = 0
        while frames < most {
            let part = UnsafeMutableBufferPointer(rebasing: block[..<Int(min(UInt64(block.count), most - frames))])
            let count = try source.read(into: part)
            guard count > 0 else { break }
            if Interrupt.isRequested { throw .interrupted(file: source.description.name) }
            if start > 0 { for index in 0..<count { part[index].index -= start } }
            var rest = UnsafeBufferPointer(rebasing: part[..<count])
            while !rest.isEmpty {
                rest = UnsafeBufferPointer(rebasing: rest[host.engine.push(rest)...])
                while let event = host.engine.poll() { verdict.take(event, &host.engine) }
            }
            frames = part[count - 1].index + 1
        }
        guard frames > 0 else { return 0 }
        var more = true
        while more {
            more = host.engine.drain()
            while let event = host.engine.poll() { verdict.take(event, &host.engine) }
        }
        verdict.finish(frames: frames, &host.engine)
        return frames
    }

    /// What the exam came to that was heard last.
    func result(cautions: [String]) -> ExamResult { ExamResult(verdict, cautions: cautions, host!) }

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

extension ExamResult {
    /// What an engine's answers came to.
    fileprivate init(_ verdict: borrowing ExamVerdict, cautions: [String], _ host: EngineHost) {
        self.init()
        var quality = ExamQuality()
        quality.isShort = verdict.isShort
        quality.unknownWindows = verdict.unknownWindows
        quality.windows = verdict.allWindows
        quality.faults = verdict.faults
        quality.cautions = cautions
        self.quality = quality.text
        windows = verdict.windows
        let vocabulary = host.model.vocabulary
        for label in vocabulary.labels.indices {
            probabilities.append(verdict.probability(label))
            logitBits.append(host.engine.logit(label).bitPattern)
        }
        for (index, entry) in vocabulary.classes.enumerated() {
            classProbabilities.append(entry.sources.isEmpty ? nil : verdict.classProbability(index))
        }
        if verdict.isUnknown { noAnswer = EventWords.signal(reasons: verdict.reasons.rawValue, leads: verdict.leads.rawValue) }
    }
}

extension ExamClassifier {
    /// A worker for ``OrderedJobs``: classifies `entries` by number, with an engine of its own. A failed entry is its own outcome.
    package static func worker(
        model: LoadedModel, mendsLeads: Bool = true, naming: LeadNaming = LeadNaming(), measures: Bool = false, windows: Bool = false,
        entries: [RecordList.Entry]
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
                if windows { return ExamOutcome(record: entry.path, windows: try classifier.windows(&source)) }
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
