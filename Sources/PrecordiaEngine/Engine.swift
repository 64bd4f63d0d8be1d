// The whole way of a sample, from device counts to events, in one place.
// One call a frame; no queue, thread, clock or allocation in it.

import PrecordiaAlerts
import PrecordiaBeats
import PrecordiaMeasure
public import PrecordiaNetwork
import PrecordiaQuality
public import PrecordiaSignal

/// Turns a stream of frames into a stream of events.
///
///     frame → leads → quality, beats, display
///                   → mend bad leads → resample → filter → quantise → network → every hop: probabilities → alerts
///
/// Push frames, and after each one poll until there is nothing left. The same frames give the same events on every processor.
///
/// - Memory: the caller's, ``requiredBytes(model:stream:options:)``, which like the model's bytes must outlive the engine.
///   Nothing is allocated, locked or waited for after `init`.
/// - Thread: one at a time. Engines share nothing; have as many as there is memory for.
/// - Latency: an answer comes with the frame that completes its hop, 12 samples of the model's rate later if the stream is resampled.
/// - When not read: 256 events are held, then the newest are refused and counted in ``EngineCounters/eventsDropped``.
public struct Engine: ~Copyable {
    /// What the engine was made for.
    public let model: ModelView
    public private(set) var stream: StreamFormat
    /// Samples of the model's rate between two answers.
    public let hop: Int
    /// The display filters in use.
    public let displayFilters: (highPass: StandardFilter?, notch: StandardFilter?, lowPass: StandardFilter?)

    let isVerdictOnly: Bool
    let mendsLeads: Bool
    /// Electrodes whose loss the stream's leads can show.
    let electrodes: ElectrodeSet
    let standIns: LeadStandIns
    var isClassified = true
    var leads: LeadConverter
    var input: ClassifierInput
    var network: Network
    var beats: BeatMonitor
    var monitor: QualityMonitor
    var mender: LeadMender
    var policy: AlertPolicy
    var queue: EventQueue
    var counts = EngineCounters()
    var measuring: EngineMeasuring
    let patient: PatientFacts

    var display: FilterCascade
    /// The frame's leads in microvolts: raw, as displayed, as the classifier hears them once a lead was bad, and as their quality is judged,
    /// without the pacing pulses that were announced.
    let samples: UnsafeMutablePointer<Double>
    let displayed: UnsafeMutablePointer<Double>
    let mended: UnsafeMutablePointer<Double>
    let unpaced: UnsafeMutablePointer<Double>
    var nextIndex: UInt64 = 0
    var lastIndex: UInt64 = 0
    /// Samples of the model's rate since the last answer.
    var hopFill = 0
    /// Frames since the last answer, lost ones included, and how many of them had no usable lead.
    var hopFrames = 0
    var hopUnheard = 0
    /// Of the last hops those of which a twelfth and more was not heard, and those in which leads were elsewhere; the newest in bit 0.
    var patchyHops: UInt16 = 0
    var awayHops: UInt16 = 0
    var samplesAway: Int64 = 0
    /// Frames refused since the last one that was taken.
    var refused = 0
    var off: ElectrodeSet = .empty
    /// Electrodes that the alert was told with, those that were off in the last hops, and how many hops that is.
    var toldOff: ElectrodeSet = .empty
    var recentOff: ElectrodeSet = .empty
    var recentHops = 0
    var toldRate: Float = -1
    var toldMarked: LeadSet = .empty
    var toldReasons: UInt32 = 0
    var drainStep = 0

    /// Bytes of memory that an engine of this kind needs, 64 of them for memory of any alignment; about 1.3 MiB with the shipped model at 500 Hz.
    ///
    /// - Throws: what `init` would throw for the same stream and options.
    public static func requiredBytes(model: ModelView, stream: StreamFormat, options: EngineOptions) throws(EngineError) -> Int {
        let hop = try check(model: model, stream: stream, options: options)
        var arena = Arena()
        arena.count(ClassifierInput.requiredBytes(model, inputRate: stream.rate))
        arena.count(Network.requiredBytes(model: model, maximumHop: hop))
        arena.count(BeatMonitor.requiredBytes(rate: stream.rate))
        arena.count(QualityMonitor.requiredBytes(rate: stream.rate, windowSeconds: model.windowSeconds))
        arena.count(AlertPolicy.requiredBytes(conditions: Condition.count + model.statementCount))
        arena.count(EventQueue.requiredBytes)
        arena.count(48 * MemoryLayout<Double>.stride)
        arena.count(measuringBytes(stream, options))
        return arena.used + 64
    }

    /// Makes an engine in `memory`.
    public init(
        model: ModelView, stream: StreamFormat, options: EngineOptions, memory: UnsafeMutableRawBufferPointer
    ) throws(EngineError) {
        let hop = try Self.check(model: model, stream: stream, options: options)
        var arena = Arena(memory)
        guard let inputMemory = arena.take(ClassifierInput.requiredBytes(model, inputRate: stream.rate)),
            let networkMemory = arena.take(Network.requiredBytes(model: model, maximumHop: hop)),
            let beatMemory = arena.take(BeatMonitor.requiredBytes(rate: stream.rate)),
            let qualityMemory = arena.take(QualityMonitor.requiredBytes(rate: stream.rate, windowSeconds: model.windowSeconds)),
            let policyMemory = arena.take(AlertPolicy.requiredBytes(conditions: Condition.count + model.statementCount)),
            let queueMemory = arena.take(EventQueue.requiredBytes),
            let sampleMemory = arena.take(48 * MemoryLayout<Double>.stride),
            let measureMemory = arena.take(Self.measuringBytes(stream, options))
        else { throw .memory }
        let made = try Self.network(model, hop: hop, memory: networkMemory)
        network = made
        self.hop = hop
        self.model = model
        self.stream = stream
        isVerdictOnly = options.verdictOnly
        patient = options.patient
        measuring = Self.measuring(stream, options, modelRate: model.rate, memory: measureMemory)
        mendsLeads = options.mendsLeads
        electrodes = .needed(by: stream.leads)
        standIns = LeadStandIns(stream)
        let kernel = SignalKernel.best
        leads = LeadConverter(stream, kernel: kernel)
        display = FilterCascade(kernel: kernel)
        input = ClassifierInput(model, inputRate: stream.rate, memory: inputMemory, kernel: kernel)
        beats = BeatMonitor(rate: stream.rate, kernel: kernel, memory: beatMemory)
        monitor = QualityMonitor(
            rate: stream.rate, windowSeconds: model.windowSeconds, window: (model.window * stream.rate + model.rate - 1) / model.rate,
            margin: input.answerDelay, derived: stream.derived, lacking: stream.lacking, unplaced: stream.unplaced,
            limits: options.limits, kernel: kernel, memory: qualityMemory)
        mender = LeadMender(derived: stream.derived.subtracting(stream.lacking))
        let factor = model.hop / hop
        policy = AlertPolicy(
            conditions: Condition.count + model.statementCount, parameters: options.policy.stretched(by: factor), memory: policyMemory)
        queue = EventQueue(memory: queueMemory)
        samples = sampleMemory.bindMemory(to: Double.self).baseAddress!
        samples.initialize(repeating: 0, count: 48)
        displayed = samples + 12
        mended = samples + 24
        unpaced = samples + 36
        displayFilters = Self.addDisplay(options, rate: stream.rate, to: &display)
        for label in 0..<model.statementCount where Self.alerts(label, of: model) {
            let rule = Self.statementRule(label, of: model, lapse: options.policy.labelLapse).stretched(by: factor)
            policy.set(rule, for: Condition.count + label)
        }
    }

    /// Takes the next frame. Whatever it causes waits for ``poll()``.
    ///
    /// A jump of the frame index is counted and told. Up to a second of it is bridged by the last values, a longer one starts the signal
    /// path anew; either way the answers are unknown until a whole window has come since. A frame that is not newer than the last one
    /// is counted and left out; after more than a second of nothing else the device has begun to count anew, and so does the engine.
    /// A frame after ``drain()`` begins a new window.
    @_noAllocation @_noLocks
    public mutating func push(_ frame: borrowing Frame) {
        if drainStep > 0 { restart() }
        if counts.frames == 0 { nextIndex = frame.index }
        if frame.index < nextIndex {
            guard acceptRecount(from: frame.index) else { return }
        }
        refused = 0
        if frame.index > nextIndex { lose(frame.index &- nextIndex) }
        counts.frames &+= 1
        lastIndex = frame.index
        nextIndex = frame.index &+ 1
        off.formUnion(frame.off.intersection(electrodes))

        leads.convert(frame, into: samples)
        counts.samplesMissing &+= UInt64(truncatingIfNeeded: leads.missing.count)
        if !frame.clipped.isEmpty { counts.framesClipped &+= 1 }
        follow(frame)
        feed()
    }

    /// Takes frames up to the first that has something to say, or all of them.
    ///
    /// - Returns: how many were taken; poll, and call again with the rest.
    @_noAllocation @_noLocks
    public mutating func push(_ frames: UnsafeBufferPointer<Frame>) -> Int {
        for index in 0..<frames.count {
            push(frames[index])
            if !queue.isEmpty { return index &+ 1 }
        }
        return frames.count
    }

    /// Announces a pacing pulse that the device saw after the frame `sample`, before that frame is pushed; the wire protocol sends it so.
    ///
    /// Beats, rate, asystole and quality then do not see the pulse; display and classifier do, which want it. See
    /// ``BeatMonitor/mark(paceAhead:width:)``. An engine made with ``EngineOptions/verdictOnly`` has no use for it.
    /// - Parameters:
    ///   - sample: a frame's index.
    ///   - width: microseconds, nil if not known.
    /// - Returns: false if it comes too late (or before the stream's first frame), more than 16 wait, it has no use, or marks come faster than any pacemaker
    ///   makes pulses; it is counted, and the latter told as ``QualityReasons/paceMarks``.
    @_noAllocation @_noLocks
    public mutating func mark(pace sample: UInt64, width: UInt16? = nil) -> Bool {
        let ignored = beats.paceMarksIgnored
        let isKept =
            !isVerdictOnly && counts.frames > 0 && sample >= nextIndex
            && beats.mark(paceAhead: Int64(truncatingIfNeeded: sample &- nextIndex), width: width)
        if isKept {
            counts.paceMarks &+= 1
        } else if beats.paceMarksIgnored != ignored {
            counts.paceMarksIgnored &+= 1
        } else {
            counts.paceMarksUnused &+= 1
        }
        return isKept
    }

    /// Lets time pass in which nothing was heard and which no index tells: a device was silent, repeated itself or began anew, and a clock says for how long.
    ///
    /// The frames are counted and told as those of a jump of the index are, and evidence of beats and alerts goes on as far as it does behind one: a restart of
    /// the device is no new patient. The next frame has the index ``nextFrame``. Before the first frame this is nothing.
    /// - Parameter frames: how many never came; nil if nobody knows. Then no time passes, and the window begins anew.
    @_noAllocation @_noLocks
    public mutating func miss(_ frames: UInt64?) {
        guard counts.frames > 0 else { return }
        if drainStep > 0 { restart() }
        refused = 0
        guard let frames else { return cut() }
        guard frames > 0 else { return }
        let target = nextIndex &+ frames
        lose(frames)
        nextIndex = target
        lastIndex = target &- 1
    }

    /// The index of a frame that would follow the last one.
    public var nextFrame: UInt64 { @_noAllocation @_noLocks get { nextIndex } }

    /// Reads the frames from here on by another format, for a device that was set anew: gains, baselines and channels may differ. All evidence goes on. The
    /// same format changes nothing.
    ///
    /// - Returns: false, and nothing has changed, if the rate or the derived leads differ, or a scale cannot be: that takes another engine.
    public mutating func adopt(_ format: StreamFormat) -> Bool {
        if stream.isSame(as: format) { return true }
        guard format.rate == stream.rate, format.derived == stream.derived else { return false }
        for lead in 0..<12 where !StreamFormat.scales.contains(format.microvoltsPerCount[lead].magnitude) { return false }
        stream = format
        leads = LeadConverter(format, kernel: SignalKernel.best)
        return true
    }

    /// Ends the stream, a step a call: brings out what the look-ahead holds back and answers once more over what is left.
    ///
    /// - Returns: true while there is more; poll after each call.
    @_noAllocation @_noLocks
    public mutating func drain() -> Bool {
        guard counts.frames > 0 else { return false }
        if drainStep < input.lookAhead {
            drainStep &+= 1
            pushBeyondEnd()
            return true
        }
        guard drainStep == input.lookAhead else { return false }
        drainStep &+= 1
        guard hopFill > 0 else { return false }
        completeColumn()
        answer()
        return true
    }

    /// The oldest event that was not fetched yet.
    @_noAllocation @_noLocks
    public mutating func poll() -> Event? { queue.pop() }

    /// Back to the state after `init`, for another exam of the same format.
    @_noAllocation @_noLocks
    public mutating func reset() {
        counts = EngineCounters()
        nextIndex = 0
        lastIndex = 0
        off = .empty
        toldOff = .empty
        recentOff = .empty
        recentHops = 0
        refused = 0
        patchyHops = 0
        awayHops = 0
        samplesAway = 0
        toldRate = -1
        toldMarked = .empty
        toldReasons = 0
        policy.reset()
        queue.reset()
        monitor.reset()
        beats.reset()
        restart()
        measuring.baseline = STBaseline()
    }

    /// Counters since `init` or ``reset()``.
    public var counters: EngineCounters {
        @_noAllocation @_noLocks get {
            var all = counts
            all.eventsDropped = queue.dropped
            all.framesBlanked = UInt64(truncatingIfNeeded: beats.samplesBlanked)
            return all
        }
    }
}
