// Everything that is known of the heart's beat from sample to sample: beats with their kinds, rate, runs, pauses, fibrillation, pacing.
// Puts the detector, the trace and the shapes together, so that the engine and `precordia beats` run the same lines.

import PrecordiaSignal

/// Finds beats, judges them and follows the rhythm, for any rate of ``StreamFormat/rates``.
///
/// Everything is heard 3 ms late (at least 2 samples), so that a pulse that is announced with its own sample can still be cut out from its beginning.
/// A beat is known 180 to 300 ms after it happened. Pacing pulses that the device reports (``mark(paceAhead:width:)``) are cut out before anything looks.
/// - Memory: the caller's, ``requiredBytes(rate:limits:)`` bytes, aligned to 8, alive as long as the monitor.
/// - Cost: the detector's, an addition a lead and sample, some microseconds a beat and every half second. One thread.
public struct BeatMonitor: ~Copyable {
    /// Samples a second.
    public let rate: Int
    public let limits: RhythmLimits
    /// The newest beat that was judged; its position is 0 before the first.
    public private(set) var lastBeat = Beat()
    /// Ventricular and paced beats since the start.
    public private(set) var ventricularBeats: Int64 = 0
    public private(set) var pacedBeats: Int64 = 0

    var detector: BeatDetector
    var trace: BeatTrace
    var shapes: BeatShapes
    var rhythm = RhythmHistory()
    /// The last sample that was heard, then those that wait, in a ring.
    private let samples: UnsafeMutablePointer<Double>
    private var waitingLeads = InlineArray<6, UInt16>(repeating: 0)
    private let delay: Int
    private var waiting = 0
    private var oldest = 0
    private let range: Double
    private var pulses: PaceQueue
    private var awaited: Int64 = -1
    private var nextLook: Int64

    /// The bytes that a monitor at this rate needs.
    public static func requiredBytes(rate: Int, limits: BeatLimits = BeatLimits()) -> Int {
        waitingBytes + aligned(BeatDetector.requiredBytes(rate: rate, limits: limits)) + aligned(BeatTrace.requiredBytes(rate: rate))
            + BeatShapes.requiredBytes(rate: rate)
    }

    /// The sample heard last, and up to six more: 3 ms at 2000 Hz.
    private static var waitingBytes: Int { 7 * 12 * MemoryLayout<Double>.stride }

    private static func aligned(_ bytes: Int) -> Int { (bytes + 7) & ~7 }

    /// A monitor that has heard nothing. Arguments as ``BeatDetector/init(rate:limits:kernel:memory:)``.
    public init(
        rate: Int, beats: BeatLimits = BeatLimits(), limits: RhythmLimits = RhythmLimits(), kernel: SignalKernel = .best,
        memory: UnsafeMutableRawBufferPointer
    ) {
        precondition(memory.count >= Self.requiredBytes(rate: rate, limits: beats), "The beat monitor's memory is too small.")
        let base = memory.baseAddress!
        let bytes = BeatDetector.requiredBytes(rate: rate, limits: beats)
        self.rate = rate
        self.limits = limits
        range = beats.range
        pulses = PaceQueue(rate: rate)
        samples = base.bindMemory(to: Double.self, capacity: 84)
        samples.initialize(repeating: 0, count: 84)
        delay = rate > 667 ? (3 * rate + 999) / 1000 : 2
        detector = BeatDetector(
            rate: rate, limits: beats, kernel: kernel, memory: UnsafeMutableRawBufferPointer(start: base + Self.waitingBytes, count: bytes))
        let rest = base + Self.waitingBytes + Self.aligned(bytes)
        trace = BeatTrace(rate: rate, memory: rest)
        shapes = BeatShapes(slotRate: trace.slotRate, memory: rest + Self.aligned(BeatTrace.requiredBytes(rate: rate)))
        nextLook = Int64(rate)
    }

    /// Samples taken since the start or ``reset()``, held ones included.
    public var position: Int64 { @_noAllocation @_noLocks get { detector.position &+ Int64(waiting) } }
    /// Beats found since the start, those not judged yet included.
    public var beats: Int64 { @_noAllocation @_noLocks get { detector.beats } }
    /// See ``BeatDetector``.
    public var secondsWithoutBeat: Double { @_noAllocation @_noLocks get { detector.secondsWithoutBeat } }
    public var isHeld: Bool { @_noAllocation @_noLocks get { detector.isHeld } }
    @_noAllocation @_noLocks
    public func beatsPerMinute() -> Double? { detector.beatsPerMinute() }

    /// Forgets everything, as at the start.
    @_noAllocation @_noLocks
    public mutating func reset() {
        detector.reset()
        trace.reset()
        shapes.reset()
        rhythm = RhythmHistory()
        pulses = PaceQueue(rate: rate)
        lastBeat = Beat()
        ventricularBeats = 0
        pacedBeats = 0
        awaited = -1
        nextLook = Int64(rate)
        waiting = 0
        oldest = 0
    }

    /// Announces a pacing pulse that begins `ahead` samples after the next one; it has to be announced before its own sample comes.
    ///
    /// The signal from 3 ms and at least 2 samples before the pulse to 10 ms and 3 samples after it is replaced by its last value, for everything in this room:
    /// a pulse is no beat, and one that no beat follows leaves an asystole what it is. Up to 16 can wait. Marks of more than 4.5 pulses a second, which no
    /// pacemaker makes, are not believed until they have come slower for 10 s, and all together blank a third of the signal at most.
    /// - Parameter width: of the pulse in microseconds; 2 ms if not known.
    /// - Returns: false if it comes too late, too many wait, or it is not believed.
    @_noAllocation @_noLocks
    public mutating func mark(paceAhead ahead: Int64, width: UInt16?) -> Bool {
        let length = (Int64(width ?? 2000) &+ 10_000) &* Int64(rate) / 1_000_000 &+ 3
        guard ahead >= 0, ahead < 1 << 40 else { return false }
        let place = position &+ ahead
        return pulses.add(PaceQueue.Pulse(position: place, first: place &- Int64(delay), end: place &+ length))
    }

    /// Whether the device's marks come as seldom as a pacemaker's, how many did not, and how many samples marks have blanked.
    public var believesPaceMarks: Bool { @_noAllocation @_noLocks get { pulses.believes(at: position) } }
    public var paceMarksIgnored: Int64 { @_noAllocation @_noLocks get { pulses.ignored } }
    public var samplesBlanked: Int64 { @_noAllocation @_noLocks get { pulses.blanked } }

    /// Whether the next sample will be cut out because of a pulse, for those that hear the same signal and wait for nothing.
    @_noAllocation @_noLocks
    public mutating func isInPulse() -> Bool { pulses.covers(position) }

    /// Passes over one sample in which nothing can be heard. See ``BeatDetector/hold()``.
    @_noAllocation @_noLocks
    public mutating func hold() { hold(samples: 1) }

    /// Passes over `samples` samples at once.
    @_noAllocation @_noLocks
    public mutating func hold(samples: Int64) {
        guard samples > 0 else { return }
        while waiting > 0 { _ = hearOldest() }
        detector.hold(samples: samples)
        trace.hold(samples: samples)
        judgeAwaited()
    }

    /// Takes one sample of all leads, as ``BeatDetector/push(_:usable:)``.
    ///
    /// - Returns: true if a beat was judged at this sample: ``lastBeat``.
    @_noAllocation @_noLocks
    public mutating func push(_ microvolts: UnsafePointer<Double>, usable: LeadSet) -> Bool {
        let isJudged = waiting == delay && hearOldest()
        let place = (oldest &+ waiting) % delay
        let row = samples + 12 &* (place &+ 1)
        for lead in 0..<12 { row[lead] = microvolts[lead] }
        waitingLeads[place] = usable.rawValue
        waiting &+= 1
        return isJudged
    }

    /// Hears the sample that waits longest.
    private mutating func hearOldest() -> Bool {
        let usable = LeadSet(rawValue: waitingLeads[oldest])
        if !pulses.blanks(detector.position) {
            let row = samples + 12 &* (oldest &+ 1)
            for lead in 0..<12 { samples[lead] = row[lead] }
        }
        oldest = oldest &+ 1 == delay ? 0 : oldest &+ 1
        waiting &-= 1
        let held = isHeld
        let found = detector.push(samples, usable: usable)
        trace.push(samples, range: range, leads: usable.rawValue)
        if held, !isHeld { rhythm.interrupt() }
        var judged = false
        if found, let place = detector.lastBeat {
            judged = judgeAwaited(at: place)
            awaited = place
        }
        if awaited >= 0, trace.slots >= trace.slot(of: awaited) &+ shapes.slotsAfter { judged = judgeAwaited() || judged }
        if detector.position >= nextLook { lookForFibrillation() }
        return judged
    }

    /// Judges the beat that waits for the rest of its shape, if there is one.
    @discardableResult
    private mutating func judgeAwaited(at next: Int64 = .max) -> Bool {
        guard awaited >= 0 else { return false }
        let place = awaited
        awaited = -1
        let look = shapes.look(at: trace.slot(of: place), in: trace)
        var beat = Beat()
        beat.position = place
        beat.width = look.width
        if look.isCompared { beat.likeness = look.likeness }
        beat.interval = rhythm.interval(to: place)
        if isPaced(at: place, interval: beat.interval) {
            beat.kind = .paced
            pacedBeats &+= 1
        } else if isVentricular(look, interval: beat.interval) {
            beat.kind = .ventricular
            ventricularBeats &+= 1
        }
        let isVentricular = beat.kind == .ventricular
        let isWide = look.width >= limits.runWidth
        let isUsuallyWide = isWide && look.usualWidth >= limits.runWidth && beat.kind != .paced
        let longest = isVentricular && isWide ? limits.runInterval : limits.wideInterval
        rhythm.add(
            beat, runs: isVentricular ? look.width >= limits.leastRunWidth : isUsuallyWide,
            longest: Int32(truncatingIfNeeded: longest &* rate / 1000))
        lastBeat = beat
        return true
    }

    /// Whether a pulse has called the beat. Beats faster than any ventricle is paced are not excused by marks.
    private func isPaced(at place: Int64, interval: Int32) -> Bool {
        if interval > 0, Int64(interval) &* 1000 < Int64(limits.pacedInterval) &* Int64(rate) { return false }
        return pulses.answered(by: place, within: Int64(limits.pacedTime) &* Int64(rate) / 1000)
    }

    private func isVentricular(_ look: BeatLook, interval: Int32) -> Bool {
        guard look.isCompared, look.likeness < limits.likeness else { return false }
        if look.width >= limits.wide, look.width >= limits.widening * look.usualWidth { return true }
        guard interval > 0, let mean = rhythm.meanInterval else { return false }
        return Double(interval) < limits.early * mean && look.likeness < limits.strangeness
    }

    private mutating func lookForFibrillation() {
        nextLook = detector.position &+ Int64(rate / 2)
        let look = FibrillationLook(trace, limits)
        rhythm.addLook(look.isSuspected)
    }

    /// What there is to say about the rhythm since the last call, in the units of the alert rules.
    @_noAllocation @_noLocks
    public mutating func takeRhythm() -> RhythmReport {
        rhythm.take(silence: detector.unbrokenSecondsWithoutBeat, isHeld: isHeld, rate: rate)
    }
}
