// One exam in, one verdict out: which of an engine's answers count, and their mean.
// Apart from the engine, which runs as on a live stream; this only chooses the hops to listen to.

public import PrecordiaNetwork
public import PrecordiaQuality
public import PrecordiaSignal

/// The verdict on a recorded exam, from the answers of an engine that was made with ``EngineOptions/verdictOnly``.
///
/// The answers taken are those at each whole window (10, 20, 30 s ...) and, if at least a second remains, the one at the record's end.
/// The mean is over those that the engine gives as an answer, and only if there is none over all of them, marked "unknown".
/// A record shorter than a window gives one answer over what there is, marked "short"; below a second it is "unknown" too.
///
///     verdict.begin(rate: rate)
///     each frame: engine.push; while let event = engine.poll() { verdict.take(event, &engine) }
///     engine.drain to the end, with the same loop, then verdict.finish(frames: count, &engine)
///
/// - Memory: the caller's, ``requiredBytes(model:)``: sums of every label and class. Thread: the engine's.
public struct ExamVerdict: ~Copyable {
    /// Windows that the probabilities are the mean of: those with an answer, or all if none has one.
    public var windows: Int { @_noAllocation @_noLocks get { knownWindows > 0 ? knownWindows : otherWindows } }
    /// Windows with and without an answer, and those of them that have none although they are no mere short record.
    public private(set) var allWindows = 0
    public private(set) var unknownWindows = 0
    /// The record is shorter than the model's window.
    public private(set) var isShort = false
    /// What was found in the windows that count.
    public private(set) var faults = SignalFaults()
    /// Why windows have no answer, and in which leads.
    public private(set) var reasons = QualityReasons(rawValue: 0)
    public private(set) var leads = LeadSet.empty

    private let labels: Int
    private let classes: Int
    /// Sums of labels, then of classes: of windows with an answer, then of the others.
    private let sums: UnsafeMutablePointer<Double>
    private let window: UInt64
    private let modelRate: UInt64
    private var rate: UInt64 = 1
    private var windowSamples: UInt64 = 1
    private var knownWindows = 0
    private var otherWindows = 0
    private var taken: UInt64 = 0
    /// What the hops since the last window have found: a later gap makes the engine forget it.
    private var recent = SignalFaults()
    /// The last answer, kept in case it becomes the one at the record's end.
    private var latest: Event?

    /// Bytes of memory for a model's sums.
    public static func requiredBytes(model: ModelView) -> Int {
        2 * (model.labelCount + model.classCount) * MemoryLayout<Double>.stride
    }

    /// - Parameter memory: at least ``requiredBytes(model:)``, at a multiple of 8.
    public init(model: ModelView, memory: UnsafeMutableRawBufferPointer) {
        precondition(memory.count >= Self.requiredBytes(model: model), "memory for the sums of an exam")
        labels = model.labelCount
        classes = model.classCount
        sums = memory.bindMemory(to: Double.self).baseAddress!
        sums.initialize(repeating: 0, count: 2 * (labels + classes))
        window = UInt64(model.window)
        modelRate = UInt64(model.rate)
    }

    /// Begins an exam of so many frames a second.
    @_noAllocation @_noLocks
    public mutating func begin(rate: Int) {
        self.rate = UInt64(rate)
        windowSamples = window &* self.rate / modelRate
        for index in 0..<2 * (labels + classes) { sums[index] = 0 }
        allWindows = 0
        unknownWindows = 0
        isShort = false
        faults = SignalFaults()
        recent = SignalFaults()
        reasons = QualityReasons(rawValue: 0)
        leads = .empty
        knownWindows = 0
        otherWindows = 0
        taken = 0
        latest = nil
    }

    /// Hears an event, before the engine's next frame. An answer counts when it is the first at or after the end of the next whole window; others only as
    /// the last so far.
    @_noAllocation @_noLocks
    public mutating func take(_ event: Event, _ engine: inout Engine) {
        guard event.isAnswer else { return }
        latest = event
        recent.add(engine.quality)
        if event.sample &+ 1 >= (taken &+ 1) &* windowSamples { count(&engine) }
    }

    /// Ends the exam behind its last event.
    @_noAllocation @_noLocks
    public mutating func finish(frames: UInt64, _ engine: inout Engine) {
        isShort = frames < windowSamples
        if allWindows == 0 || frames % windowSamples >= rate { count(&engine) }
    }

    /// Whether no window has an answer, and the exam is not merely short.
    public var isUnknown: Bool { @_noAllocation @_noLocks get { knownWindows == 0 && unknownWindows > 0 } }

    /// The mean probability of a label, 0 to 1; 0 before the first window.
    @_noAllocation @_noLocks
    public func probability(_ label: Int) -> Double { mean(label) }

    /// The mean probability of a class, 0 to 1. Of one that the model does not cover it means nothing.
    @_noAllocation @_noLocks
    public func classProbability(_ index: Int) -> Double { mean(labels + index) }

    @_noAllocation @_noLocks
    private func mean(_ place: Int) -> Double {
        let first = knownWindows > 0 ? 0 : labels + classes
        return sums[first + place] / Double(max(1, windows))
    }

    /// Asks the engine for the last answer's probabilities. Only those that count are computed: of most hops nobody wants to know.
    @_noAllocation @_noLocks
    private mutating func count(_ engine: inout Engine) {
        guard let event = latest else { return }
        latest = nil
        engine.classify()
        taken = max(taken &+ 1, (event.sample &+ 1) / windowSamples)
        faults.add(recent)
        recent = SignalFaults()
        allWindows &+= 1
        guard event.kind.rawValue == Event.Kind.unknown.rawValue else {
            knownWindows &+= 1
            return add(engine, to: 0)
        }
        otherWindows &+= 1
        add(engine, to: labels + classes)
        let found = QualityReasons(rawValue: event.reasons)
        let isOnlyShort = isShort && found.contains(.incomplete) && !found.contains(.gap) && !found.contains(.tooFewLeads)
        guard !isOnlyShort || event.sample &+ 1 < rate else { return }
        unknownWindows &+= 1
        reasons = reasons.union(found)
        leads.formUnion(LeadSet(rawValue: event.leads))
    }

    @_noAllocation @_noLocks
    private func add(_ engine: borrowing Engine, to first: Int) {
        for label in 0..<labels { sums[first + label] += Double(engine.probability(label)) }
        for index in 0..<classes { sums[first + labels + index] += Double(engine.classProbability(index) ?? 0) }
    }
}
