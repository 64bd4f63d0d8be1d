// Everything that is known of the heart's beat from sample to sample: beats with their kinds, rate, runs, pauses, fibrillation, pacing.
// Puts the detector, the trace and the shapes together, so that the engine and `precordia beats` run the same lines.

import CPrecordiaKernels
public import PrecordiaSignal

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
    var rhythm: RhythmMonitor
    /// The last sample that was heard, then those that wait, in a ring.
    private let samples: UnsafeMutablePointer<Double>
    private var waitingLeads = InlineArray<6, UInt16>(repeating: 0)
    private var waitingPresent = InlineArray<6, UInt16>(repeating: 0)
    private let delay: Int
    private var waiting = 0
    private var oldest = 0
    private let range: Double
    private let kernel: SignalKernel
    /// The leads of the sample that came last; a step larger than this from one to the next is a jump, and cut out for so many samples.
    private var newestPresent: UInt16 = 0
    private let jump: Double
    private let jumpLength: Int64
    /// The leads that have jumped and may come back to where they were: until when a pulse would be cut out, when they are looked at next, and how long
    /// they are waited for; where they were is behind ``samples``.
    private var away: UInt16 = 0
    private var awayFirst: Int64 = 0
    private var awayLook: Int64 = 0
    private var awayEnd: Int64 = 0
    /// Samples that were cut out while leads were elsewhere.
    public private(set) var samplesAway: Int64 = 0
    private var pulses: PaceQueue

    /// The bytes that a monitor at this rate needs.
    public static func requiredBytes(rate: Int, limits: BeatLimits = BeatLimits()) -> Int {
        waitingBytes + aligned(BeatDetector.requiredBytes(rate: rate, limits: limits)) + RhythmMonitor.requiredBytes(rate: rate)
    }

    /// The sample heard last, up to six more, 3 ms at 2000 Hz, and where leads were before they jumped.
    private static var waitingBytes: Int { 8 * 12 * MemoryLayout<Double>.stride }

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
        self.kernel = kernel
        pulses = PaceQueue(rate: rate)
        jump = limits.jumpHeight + limits.jumpSlope * 1000 / Double(rate)
        jumpLength = Self.blanked(2000, rate)
        samples = base.bindMemory(to: Double.self, capacity: 96)
        samples.initialize(repeating: 0, count: 96)
        delay = rate > 667 ? (3 * rate + 999) / 1000 : 2
        detector = BeatDetector(
            rate: rate, limits: beats, kernel: kernel, memory: UnsafeMutableRawBufferPointer(start: base + Self.waitingBytes, count: bytes))
        let rest = base + Self.waitingBytes + Self.aligned(bytes)
        rhythm = RhythmMonitor(rate: rate, limits: limits, kernel: kernel, memory: rest)
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
        begin()
    }

    /// Begins the same signal once more and keeps what was learned of it. See ``BeatDetector/rewind()``.
    @_noAllocation @_noLocks
    public mutating func rewind() {
        detector.rewind()
        begin()
    }

    private mutating func begin() {
        rhythm.reset()
        newestPresent = 0
        away = 0
        samplesAway = 0
        pulses = PaceQueue(rate: rate)
        lastBeat = Beat()
        ventricularBeats = 0
        pacedBeats = 0
        waiting = 0
        oldest = 0
    }

    /// Samples from a pulse's beginning to where it is over, for a width in microseconds.
    private static func blanked(_ width: UInt16, _ rate: Int) -> Int64 { (Int64(width) &+ 10_000) &* Int64(rate) / 1_000_000 &+ 3 }

    /// Announces a pacing pulse that begins `ahead` samples after the next one; it has to be announced before its own sample comes.
    ///
    /// The signal from 3 ms and at least 2 samples before the pulse to 10 ms and 3 samples after it is replaced by its last value, for everything in this room:
    /// a pulse is no beat, and one that no beat follows leaves an asystole what it is. Up to 16 can wait. Marks of more than 4.5 pulses a second, which no
    /// pacemaker makes, are not believed until they have come slower for 10 s, and all together blank a third of the signal at most.
    /// - Parameter width: of the pulse in microseconds; 2 ms if not known.
    /// - Returns: false if it comes too late, too many wait, or it is not believed.
    @_noAllocation @_noLocks
    public mutating func mark(paceAhead ahead: Int64, width: UInt16?) -> Bool {
        let length = Self.blanked(width ?? 2000, rate)
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
        newestPresent = 0
        away = 0
        detector.hold(samples: samples)
        rhythm.hold(samples: samples)
    }

    /// Takes one sample of all leads, as ``BeatDetector/push(_:usable:)``.
    ///
    /// - Returns: true if a beat was judged at this sample: ``lastBeat``.
    @_noAllocation @_noLocks
    public mutating func push(_ microvolts: UnsafePointer<Double>, usable: LeadSet) -> Bool {
        push(microvolts, usable: usable, present: usable)
    }

    /// The same, where more leads than the usable ones carry something, be it noise or a line: rhythm is looked for in all of these.
    @_noAllocation @_noLocks
    public mutating func push(_ microvolts: UnsafePointer<Double>, usable: LeadSet, present: LeadSet) -> Bool {
        let isJudged = waiting == delay && hearOldest()
        var place = oldest &+ waiting
        if place >= delay { place &-= delay }
        let row = samples + 12 &* (place &+ 1), before = samples + 12 &* (place == 0 ? delay : place)
        let jumping = precordia_gather(kernel.table, microvolts, .infinity, jump, before, row, nil)
        if isJump(UInt16(truncatingIfNeeded: jumping), present.rawValue) {
            cut(UInt16(truncatingIfNeeded: jumping), from: before)
        } else if away != 0, position >= awayLook {
            lookForReturn(row)
        }
        waitingLeads[place] = usable.rawValue
        waitingPresent[place] = present.rawValue
        waiting &+= 1
        return isJudged
    }

    /// Whether at least half of the leads jump as no heart does: a pacing pulse that nobody tells, a discharge, a cable that is hit.
    private mutating func isJump(_ jumping: UInt16, _ present: UInt16) -> Bool {
        let leads = present & newestPresent
        newestPresent = present
        return jumping & leads != 0 && 2 &* (jumping & leads).nonzeroBitCount >= leads.nonzeroBitCount
    }

    /// Cuts a jump out, and waits for these leads to come back; of leads that are waited for it is the way back, or the end of a pulse, which is cut out already.
    private mutating func cut(_ jumping: UInt16, from before: UnsafePointer<Double>) {
        pulses.addJump(first: position &- Int64(delay), end: position &+ jumpLength)
        awayLook = position &+ jumpLength &- 1
        guard away == 0 else {
            if position > awayFirst { pulses.extendJump(to: position &+ jumpLength) }
            return
        }
        away = jumping
        awayFirst = position &+ jumpLength
        awayEnd = position &+ Int64(limits.contactTime &* rate / 1000)
        for lead in 0..<12 { samples[84 &+ lead] = before[lead] }
    }

    /// A contact that is bad for some time moves its leads away and back: while half of them are elsewhere, 0.4 s at most, nothing is heard.
    private mutating func lookForReturn(_ row: UnsafePointer<Double>) {
        var elsewhere = 0
        for lead in 0..<12 where away & (1 &<< UInt16(truncatingIfNeeded: lead)) != 0 {
            if (row[lead] - samples[84 &+ lead]).magnitude > jump { elsewhere &+= 1 }
        }
        guard 2 &* elsewhere >= away.nonzeroBitCount, position < awayEnd else {
            away = 0
            return
        }
        awayLook = position &+ Int64(delay)
        samplesAway &+= Int64(delay)
        pulses.extendJump(to: position &+ Int64(delay) &+ 1)
    }

    /// Hears the sample that waits longest.
    private mutating func hearOldest() -> Bool {
        let usable = LeadSet(rawValue: waitingLeads[oldest])
        let present = waitingPresent[oldest]
        if pulses.blanks(detector.position) {
            detector.noteBlank()
        } else {
            let row = samples + 12 &* (oldest &+ 1)
            for lead in 0..<12 { samples[lead] = row[lead] }
        }
        oldest = oldest &+ 1 == delay ? 0 : oldest &+ 1
        waiting &-= 1
        let held = isHeld
        let found = detector.push(samples, usable: usable)
        rhythm.push(samples, range: range, present: present)
        if held, !isHeld { rhythm.history.interrupt() }
        guard found, let place = detector.lastBeat else { return false }
        judge(place)
        return true
    }

    /// Gives the detector's newest beat its kind.
    private mutating func judge(_ place: Int64) {
        let look = detector.look
        var beat = Beat()
        beat.position = place
        beat.width = look.width
        if look.isCompared { beat.likeness = look.likeness }
        beat.interval = rhythm.history.interval(to: place)
        if isPaced(at: place, interval: beat.interval) {
            beat.kind = .paced
            pacedBeats &+= 1
        } else if look.isVentricular {
            beat.kind = .ventricular
            ventricularBeats &+= 1
        }
        rhythm.add(beat, look: look)
        lastBeat = beat
    }

    /// Whether a pulse has called the beat. Beats faster than any ventricle is paced are not excused by marks.
    private func isPaced(at place: Int64, interval: Int32) -> Bool {
        if interval > 0, Int64(interval) &* 1000 < Int64(limits.pacedInterval) &* Int64(rate) { return false }
        return pulses.answered(by: place, within: Int64(limits.pacedTime) &* Int64(rate) / 1000)
    }

    /// What there is to say about the rhythm since the last call, in the units of the alert rules.
    ///
    /// - Parameter isNoise: whether most leads are full of noise: then nobody vouches for the kind of its beats.
    @_noAllocation @_noLocks
    public mutating func takeRhythm(isNoise: Bool = false) -> RhythmReport {
        rhythm.take(
            silence: detector.secondsWithoutBeat, unbroken: detector.unbrokenSecondsWithoutBeat, isHeld: isHeld,
            isWhispering: detector.isWhispering, isNoise: isNoise,
            position: detector.position
        )
    }
}
