// Finds heart beats in the usable leads as the samples come.
// A first, simple detector: one level for all leads together, two running averages and a decaying threshold between them.

import PrecordiaSignal

/// A multi-lead QRS detector with the heart rate, for any rate of ``StreamFormat/rates``.
///
/// Each usable measured lead is band-passed to 8...20 Hz; the mean of the magnitudes is integrated over 120 ms. A maximum of that
/// level is a beat when it passes a threshold between the running averages of beats and of everything else, outside the refractory
/// time, and steep enough not to be a T wave. The threshold sinks while no beat comes, down to a floor below which nothing is a beat.
///
/// A beat is confirmed 100 to 250 ms after its R peak, which is its place to within some 20 ms. Numbers are in ``BeatLimits``.
/// - Memory: the caller's, ``requiredBytes(rate:limits:)`` bytes, aligned to 8, alive as long as the detector.
/// - Cost: two filter sections a usable lead and sample. One thread. The same samples give the same beats on every processor.
public struct BeatDetector: ~Copyable {
    /// Samples a second.
    public let rate: Int
    /// What counts as a beat.
    public let limits: BeatLimits
    /// Samples taken since the start or ``reset()``, held ones included: the offset of the next one.
    public private(set) var position: Int64 = 0
    /// The offset of the newest beat, or nil before the first.
    public private(set) var lastBeat: Int64?
    /// Beats since the start or ``reset()``.
    public private(set) var beats: Int64 = 0

    var intervals = IntervalHistory()
    var silence: Int64 = 0
    var held: Int64 = 0
    /// Samples heard since the last hold of a second or more.
    var stretch: Int64 = 0

    private let bands: LeadBands
    private let past: UnsafeMutablePointer<Int32>
    private let capacity: Int
    private let window: Int
    private let lag: Int64
    private var slot = 0
    private var sum: Int64 = 0
    private var primed: UInt16 = 0
    private var settling: Int64
    private var learned = false
    private var isChained = false

    private var peak = Peak()
    private var beatLevel = 0.0
    private var otherLevel = 0.0
    private var lastPeak = Peak()
    private var hasLastPeak = false

    /// A maximum of the level on its way.
    private struct Peak {
        var level = 0.0
        var slope = 0.0
        var position: Int64 = 0
        var isFalling = false
        var valley = 0.0
    }

    /// The bytes that a detector at this rate needs.
    public static func requiredBytes(rate: Int, limits: BeatLimits = BeatLimits()) -> Int {
        LeadBands.requiredBytes + pastCount(rate: rate, limits: limits) * MemoryLayout<Int32>.stride
    }

    /// The longest way back from a confirmation to what a beat's place is made of: the window before the latest possible maximum, and half of
    /// one more.
    private static func pastCount(rate: Int, limits: BeatLimits) -> Int {
        samples(limits.window + limits.window / 2 + limits.confirmation, rate) + 2
    }

    @_noAllocation @_noLocks
    static func samples(_ milliseconds: Int, _ rate: Int) -> Int { (milliseconds * rate + 500) / 1000 }

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
        bands = LeadBands(
            high: FilterDesign.highPass(cutoff: limits.lowCutoff, rate: rate),
            low: FilterDesign.lowPass(cutoff: limits.highCutoff, rate: rate),
            memory: memory.baseAddress!, kernel: kernel)
        capacity = Self.pastCount(rate: rate, limits: limits)
        window = Self.samples(limits.window, rate)
        lag = Int64(Self.samples(limits.lag, rate))
        past = (memory.baseAddress! + LeadBands.requiredBytes).bindMemory(to: Int32.self, capacity: capacity)
        past.initialize(repeating: 0, count: capacity)
        settling = Int64(Self.samples(limits.learning, rate))
    }

    /// Forgets everything, as at the start. For a new patient or a new stream.
    @_noAllocation @_noLocks
    public mutating func reset() {
        position = 0
        lastBeat = nil
        beats = 0
        held = 0
        forget()
        restart(settling: Int64(Self.samples(limits.learning, rate)))
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
        let leads = measured == 0 ? usable.rawValue : measured
        guard leads != 0 else {
            hold()
            return false
        }
        if held > 0 { resume() }
        // Other leads than before begin with a swing of their own, as after a hold.
        if primed != 0, primed & leads == 0 { settleAnew(isLong: false) }
        let (magnitude, slope) = bandPass(microvolts, leads)
        integrate(magnitude)
        position &+= 1
        silence &+= 1
        stretch &+= 1
        return follow(Double(sum) / (16 * Double(window)), slope: slope)
    }

    /// Ends a hold: one of a few samples is bridged, a short one keeps what was learned, a long one does not.
    private mutating func resume() {
        guard isHeld else {
            held = 0
            return
        }
        let isLong = held >= Int64(Self.samples(limits.forgetting, rate))
        if held >= Int64(rate) {
            // A second in four that is lost must not hide that there is no beat; of a contact that comes and goes nothing can be said.
            if stretch < 2 &* Int64(rate) { silence = 0 }
            stretch = 0
        }
        if isLong { forget() }
        settleAnew(isLong: isLong)
        held = 0
    }

    /// Learning that something short interrupts goes on where it was: begun anew each time it would never end.
    private mutating func settleAnew(isLong: Bool) {
        let learning = Int64(Self.samples(limits.learning, rate))
        let short = Int64(Self.samples(limits.settling, rate))
        restart(settling: isLong ? learning : (learned || settling < short ? short : settling))
    }

    private mutating func forget() {
        intervals = IntervalHistory()
        silence = 0
        stretch = 0
        learned = false
        beatLevel = 0
        otherLevel = 0
    }

    private mutating func restart(settling samples: Int64) {
        settling = samples
        for index in 0..<capacity { past[index] = 0 }
        slot = 0
        sum = 0
        primed = 0
        isChained = false
        peak = Peak()
        hasLastPeak = false
    }

    /// The mean magnitude of the band-passed leads, in sixteenths of a microvolt: integers, so that a running sum never drifts.
    /// And the mean magnitude of their slopes, in microvolts a sample.
    private mutating func bandPass(_ microvolts: UnsafePointer<Double>, _ leads: UInt16) -> (magnitude: Int32, slope: Double) {
        let (total, slopes) = bands.pass(microvolts, range: limits.range, leads: leads, primed: primed)
        primed = leads
        let count = Double(leads.nonzeroBitCount)
        return (Int32(total * 16 / count), slopes / count)
    }

    /// Moves the window on by one sample.
    private mutating func integrate(_ value: Int32) {
        sum &+= Int64(value) &- Int64(past[(slot &+ capacity &- window) % capacity])
        past[slot] = value
        slot = slot &+ 1 == capacity ? 0 : slot &+ 1
    }

    /// Follows the level up to a maximum and down again; the way down is where a complex is judged.
    private mutating func follow(_ level: Double, slope: Double) -> Bool {
        if settling > 0 {
            settle(level)
            return false
        }
        if peak.isFalling {
            if level < peak.valley { peak.valley = level }
            guard level > peak.valley * 1.2 + 1 else { return false }
            peak = Peak(level: level, slope: slope, position: position)
            return false
        }
        if slope > peak.slope { peak.slope = slope }
        if level > peak.level {
            peak.level = level
            peak.position = position
        }
        let age = position &- peak.position
        guard level < 0.6 * peak.level || age >= Int64(Self.samples(limits.confirmation, rate)) else { return false }
        peak.isFalling = true
        peak.valley = level
        // What stays as high as it came is a hum that has begun.
        return level < 0.9 * peak.level && judge()
    }

    /// The highest level of the learning time is a first guess of a beat's.
    private mutating func settle(_ level: Double) {
        settling &-= 1
        if !learned, level > beatLevel { beatLevel = level }
        guard settling == 0 else { return }
        if !learned { otherLevel = 0.1 * beatLevel }
        learned = true
        peak.isFalling = true
        peak.valley = level
    }

    /// Decides whether the maximum that has just passed was a beat.
    private mutating func judge() -> Bool {
        let since = hasLastPeak ? peak.position &- lastPeak.position : Int64.max
        guard since >= Int64(Self.samples(limits.refractory, rate)) else { return false }
        let isWave =
            since < Int64(Self.samples(limits.waveTime, rate)) && peak.slope < limits.waveSlope * lastPeak.slope
        guard !isWave, peak.level >= threshold(since: since) else {
            otherLevel += 0.125 * ((peak.level < beatLevel ? peak.level : beatLevel) - otherLevel)
            return false
        }
        let bounded = beatLevel > 0 && peak.level > 2 * beatLevel ? 2 * beatLevel : peak.level
        beatLevel += 0.2 * (bounded - beatLevel)
        lastPeak = peak
        hasLastPeak = true
        confirm(place())
        return true
    }

    /// The level that a beat needs now.
    private func threshold(since: Int64) -> Double {
        var level = otherLevel + limits.fraction * (beatLevel - otherLevel)
        var wait = (since == Int64.max ? silence : since) &- Int64(Self.samples(limits.patience, rate))
        let halving = Int64(Self.samples(limits.halving, rate))
        while wait > 0, level > limits.floor {
            level = wait >= halving ? level / 2 : level * (1 - 0.5 * Double(wait) / Double(halving))
            wait &-= halving
        }
        return level > limits.floor ? level : limits.floor
    }

    /// The middle of the energy in the window that ended at the maximum, then in a window around that, less the filters' lag. A middle moves by
    /// less than a sample or two from one rate to another, where the largest of a complex's swings may be this one or that.
    private func place() -> Int64 {
        let age = Int(position &- peak.position)
        var middle = middle(from: age, to: age &+ window)
        for _ in 0..<2 {
            let first = middle &- window / 2
            let end = middle &+ window / 2
            middle = self.middle(from: first > 0 ? first : 0, to: end < capacity ? end : capacity)
        }
        return position &- 1 &- Int64(middle) &- lag
    }

    /// The middle of the energy of the samples from `first` to `end` back, rounded.
    private func middle(from first: Int, to end: Int) -> Int {
        var energy = 0.0
        var moment = 0.0
        for back in first..<end {
            let value = Double(past[(slot &+ 2 &* capacity &- 1 &- back) % capacity])
            energy += value * value
            moment += value * value * Double(back)
        }
        return energy > 0 ? Int(Arithmetic.roundedToEven(moment / energy)) : first
    }

    private mutating func confirm(_ place: Int64) {
        if isChained, let lastBeat { intervals.append(Int32(truncatingIfNeeded: place &- lastBeat)) }
        lastBeat = place
        isChained = true
        beats &+= 1
        silence = position &- 1 &- place
    }
}
