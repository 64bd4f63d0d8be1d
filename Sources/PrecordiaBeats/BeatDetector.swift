// Finds heart beats in the usable leads as the samples come: what it is given, what it tells, and what becomes of lost signal.
// How evidence is made of samples is in +Level, how a complex is judged in +Judging.

import CPrecordiaKernels
public import PrecordiaSignal

/// A multi-lead QRS detector with the heart rate, for any rate of ``StreamFormat/rates``.
///
/// Samples are averaged to steps of 4 to 10 ms. Each usable measured lead is band-passed to 8...20 Hz, and its magnitude averaged over 100 ms; that level, as a part of
/// what the lead's own beats reach, is its evidence. The leads' evidence is weighed by what each is worth now: a lead that is as high between beats as in them is
/// worth next to nothing. Each maximum of the sum is judged 170 ms later by what speaks for it (``BeatEvidence``): its height, its slope, what
/// follows it, the time since the last beat, and above all how like it is to the shapes of beats that were. The best one that was refused is taken after all when a beat is
/// overdue.
///
/// A beat is confirmed 170 to 290 ms after its R peak, which is its place to within some 20 ms. Numbers are in ``BeatLimits``.
/// - Memory: the caller's, ``requiredBytes(rate:limits:)`` bytes, aligned to 8, alive as long as the detector.
/// - Cost: an addition a lead and sample, two filter sections a lead and step, some 20 us a complex. One thread. The same samples give the same beats on every
///   processor.
public struct BeatDetector: ~Copyable {
    /// Samples a second.
    public let rate: Int
    /// What counts as a beat.
    public let limits: BeatLimits
    /// Samples taken since the start or ``reset()``, held ones included: the offset of the next one.
    public private(set) var position: Int64 = 0
    /// The offset of the newest beat, or nil before the first.
    public internal(set) var lastBeat: Int64?
    /// Beats since the start or ``reset()``.
    public internal(set) var beats: Int64 = 0
    /// How the newest beat looks beside the usual ones.
    var look = BeatLook()

    var intervals = IntervalHistory()
    var silence: Int64 = 0
    var held: Int64 = 0
    /// Samples heard since the last hold of a second or more.
    var stretch: Int64 = 0
    var isChained = false
    /// Whether a beat was confirmed with the sample at hand.
    var isTold = false

    /// Samples of a step, and steps a second.
    let factor: Int
    let stepRate: Float
    let bands: LeadBands
    let steps: BeatSteps
    var shapes: BeatShapes
    var leads = InlineArray<12, LeadWorth>(repeating: LeadWorth())
    /// Steps since the start.
    var step: Int64 = 0
    var primed: UInt16 = 0
    /// Steps that are only learned from before judging begins.
    var settling: Int64
    var isLearned = false

    var peak = Complex()
    var isFalling = true
    var valley: Float = 1
    var waiting = InlineArray<8, Complex>(repeating: Complex())
    var waitingCount = 0
    /// The step in whose middle the last beat lies.
    var lastPlace: Int64 = 0
    var hasLast = false
    /// Whether there is a lead of which fewer than ``BeatLimits/proofs`` beats have shown what its beats reach.
    var hasUnproven = false
    /// The last three complexes that are beats but for their size, newest first.
    var small = InlineArray<3, Int64>(repeating: .min / 2)
    /// The step at which a beat was accepted, or judging began.
    var lastAccepted: Int64 = 0
    var refused = Complex()
    var hasRefused = false

    /// What complexes that are no beats reach, the mean evidence, and the usual beat's slope and height; the last beat's slope.
    var otherLevel: Float = 0.08
    var meanLevel: Float = 0.1
    var usualSlope: Float = 0.5
    var usualHeight: Float = 0
    var lastSlope: Float = 1
    /// Intervals of all beats, and of usual beats that follow each other.
    var recent = BeatIntervals()
    var recentUsual = BeatIntervals()
    var wasUsual = false

    /// Where the newest two pacing pulses were cut out of the signal: their last samples.
    var lastBlank = Int64.min / 2
    /// The sample at which the last hold ended.
    var lastHeld = Int64.min / 2
    var blankBefore = Int64.min / 2

    private let kernel: SignalKernel
    private let sums: UnsafeMutablePointer<Double>
    private var fill = 0
    private var heardInStep: UInt16 = 0

    static func factor(_ rate: Int) -> Int { rate / 125 > 1 ? rate / 125 : 1 }

    /// The bytes that a detector at this rate needs.
    public static func requiredBytes(rate: Int, limits: BeatLimits = BeatLimits()) -> Int {
        let stepRate = Double(rate) / Double(factor(rate))
        return LeadBands.requiredBytes + 24 * MemoryLayout<Double>.stride + BeatSteps.requiredBytes(stepRate: stepRate)
            + BeatShapes.requiredBytes(slotRate: stepRate)
    }

    @_noAllocation @_noLocks
    static func samples(_ milliseconds: Int, _ rate: Int) -> Int { (milliseconds * rate + 500) / 1000 }

    /// Steps in a time.
    @_noAllocation @_noLocks
    func steps(in milliseconds: Int) -> Int { Int(Float(milliseconds) * stepRate / 1000 + 0.5) }

    /// A detector that has heard nothing.
    ///
    /// - Parameters:
    ///   - rate: hertz, in ``StreamFormat/rates``. Traps otherwise.
    ///   - limits: what counts as a beat; the defaults unless there is a reason.
    ///   - kernel: all give the same bits.
    ///   - memory: at least ``requiredBytes(rate:limits:)`` bytes, aligned to 8. Traps otherwise.
    public init(rate: Int, limits: BeatLimits = BeatLimits(), kernel: SignalKernel = .best, memory: UnsafeMutableRawBufferPointer) {
        precondition(StreamFormat.rates.contains(rate), "The beat detector works at 100 to 2000 Hz.")
        precondition(memory.count >= Self.requiredBytes(rate: rate, limits: limits), "The beat detector's memory is too small.")
        self.rate = rate
        self.limits = limits
        self.kernel = kernel
        factor = Self.factor(rate)
        let exact = Double(rate) / Double(factor)
        stepRate = Float(exact)
        // A corner at the steps' rate is one `factor` times as high at the samples'.
        bands = LeadBands(
            high: FilterDesign.highPass(cutoff: limits.lowCutoff * Double(factor), rate: rate),
            low: FilterDesign.lowPass(cutoff: limits.highCutoff * Double(factor), rate: rate),
            memory: memory.baseAddress!, kernel: kernel)
        let rest = memory.baseAddress! + LeadBands.requiredBytes
        sums = rest.bindMemory(to: Double.self, capacity: 24)
        sums.initialize(repeating: 0, count: 24)
        let stepBytes = rest + 24 * MemoryLayout<Double>.stride
        steps = BeatSteps(stepRate: exact, window: Int(Double(limits.window) * exact / 1000 + 0.5), memory: stepBytes)
        shapes = BeatShapes(slotRate: exact, memory: stepBytes + BeatSteps.requiredBytes(stepRate: exact))
        settling = Int64(Double(limits.learning) * exact / 1000 + 0.5)
    }

    /// Forgets everything, as at the start. For a new patient or a new stream.
    @_noAllocation @_noLocks
    public mutating func reset() {
        rewind()
        forget()
    }

    /// Begins the same signal once more and keeps what was learned of it: for a recorded exam whose first beats count, too.
    @_noAllocation @_noLocks
    public mutating func rewind() {
        position = 0
        step = 0
        fill = 0
        lastBeat = nil
        beats = 0
        lastBlank = .min / 2
        blankBefore = .min / 2
        lastHeld = .min / 2
        held = 0
        silence = 0
        stretch = 0
        intervals = IntervalHistory()
        for place in 0..<24 { sums[place] = 0 }
        begin()
    }

    /// Passes over one sample in which nothing can be heard: missing, or no usable lead.
    ///
    /// While held there is no rate, and ``secondsWithoutBeat`` stands still. An RR interval never spans a hold, unless that is so
    /// short (``BeatLimits/bridge``) that it is passed over as if it had not been.
    @_noAllocation @_noLocks
    public mutating func hold() {
        position &+= 1
        held &+= 1
    }

    /// Passes over `samples` samples at once, as ``hold()`` does for one.
    @_noAllocation @_noLocks
    public mutating func hold(samples: Int64) {
        guard samples > 0 else { return }
        position &+= samples
        held &+= samples
    }

    /// The next sample stands where a pacing pulse was cut out.
    @_noAllocation @_noLocks
    mutating func noteBlank() {
        if position &- lastBlank > 1 { blankBefore = lastBlank }
        lastBlank = position
    }

    /// Whether complexes come that are beats but for their size: three in the last 4 s.
    var isWhispering: Bool { @_noAllocation @_noLocks get { Float(step &- small[2]) < 4 * stepRate } }

    /// Takes one sample of all leads.
    ///
    /// - Parameters:
    ///   - microvolts: 12 values in ``Lead`` order, an offset or wander in them does not matter; those not usable are not read.
    ///   - usable: leads that carry signal. Measured leads are preferred, derived ones only count where no measured one is usable.
    ///     Without any, this is ``hold()``.
    /// - Returns: true if a beat was confirmed at this sample; ``lastBeat`` is its place.
    @_noAllocation @_noLocks
    public mutating func push(_ microvolts: UnsafePointer<Double>, usable: LeadSet) -> Bool {
        let measured = usable.rawValue & LeadSet.independent.rawValue
        let heard = measured == 0 ? usable.rawValue : measured
        guard heard != 0 else {
            hold()
            return false
        }
        isTold = false
        if held > 0 { resume() }
        position &+= 1
        silence &+= 1
        stretch &+= 1
        _ = precordia_gather(kernel.table, microvolts, limits.range, .infinity, sums + 12, sums + 12, sums)
        heardInStep = fill == 0 ? heard : heardInStep & heard
        if heardInStep == 0 { heardInStep = heard }
        fill &+= 1
        if fill == factor { closeStep(heardInStep) }
        return isTold
    }

    private mutating func closeStep(_ heard: UInt16) {
        let part = 1 / Double(factor)
        for lead in 0..<12 { sums[lead] *= part }
        take(sums, leads: heard)
        for lead in 0..<12 { sums[lead] = 0 }
        fill = 0
    }

    /// Ends a hold: one of a few samples is bridged, a short one is a flat line, a long one begins anew, a very long one empties what was learned.
    private mutating func resume() {
        let missing = held
        let isBridged = !isHeld
        held = 0
        lastHeld = position
        if !isBridged { isChained = false }
        if missing >= Int64(rate) {
            // A second in four that is lost must not hide that there is no beat; of a contact that comes and goes nothing can be said.
            if stretch < 2 &* Int64(rate) { silence = 0 }
            stretch = 0
        }
        guard missing <= Int64(Self.samples(limits.flatHold, rate)) else {
            let all = missing &+ Int64(fill)
            step &+= all / Int64(factor)
            fill = Int(all % Int64(factor))
            for lead in 0..<12 { sums[lead] = 0 }
            if missing >= Int64(Self.samples(limits.forgetting, rate)) { forget() }
            begin()
            return
        }
        for _ in 0..<missing {
            for lead in 0..<12 { sums[lead] += sums[12 &+ lead] }
            fill &+= 1
            if fill == factor { closeStep(isBridged ? primed : 0) }
        }
    }

    private mutating func forget() {
        intervals = IntervalHistory()
        recent = BeatIntervals()
        recentUsual = BeatIntervals()
        silence = 0
        stretch = 0
        isLearned = false
        settling = Int64(steps(in: limits.learning))
        otherLevel = 0.08
        meanLevel = 0.1
        usualSlope = 0.5
        usualHeight = 0
        lastSlope = 1
        leads = InlineArray(repeating: LeadWorth())
        shapes.reset()
    }

    /// Begins the filters and the following of peaks anew; what was learned stays.
    private mutating func begin() {
        steps.clear()
        for lead in 0..<12 { leads[lead].sum = 0 }
        primed = 0
        isChained = false
        lastAccepted = step
        isFalling = true
        valley = 0
        waitingCount = 0
        hasLast = false
        hasRefused = false
        small = InlineArray(repeating: .min / 2)
        wasUsual = false
        lastSlope = usualSlope
    }
}
