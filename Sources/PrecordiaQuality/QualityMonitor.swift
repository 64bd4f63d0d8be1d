// Says whether a window may be believed: electrodes off or swapped, leads flat, clipped, noisy, missing, and what mars those that are usable.
// Separate from the filters, because it must see the signal as the device gave it.

public import PrecordiaSignal

/// Watches every lead second by second and judges the last window. ``QualityLimits`` has the numbers.
///
/// Faults are found within seconds counted from the start or the last gap, so a report covers the last full seconds of the window
/// and the one in progress. Mains is taken out before noise is judged: no beat and no answer suffers from it.
/// - Memory: the caller's, ``requiredBytes(rate:windowSeconds:)`` bytes, aligned to 8, alive as long as the monitor.
/// - Cost: some fifty operations a lead and sample, several leads at a time. One thread.
public struct QualityMonitor: ~Copyable {
    /// Samples a second.
    public let rate: Int
    /// Samples of the window.
    public let window: Int
    public let limits: QualityLimits

    private let derived: UInt16
    /// Leads that the stream has, those that it has not, and those of which nobody knows the place.
    let has: UInt16
    let lacking: UInt16
    let unplaced: UInt16
    private let margin: Int
    let seconds: Int
    private let delay: Int
    let clippedSamples: Double
    let tallies: LeadTallies
    private let notches: MainsNotches
    private let past: UnsafeMutablePointer<Double>
    let history: UnsafeMutablePointer<QualitySecond>
    /// What each second cost each lead, in 255ths, [seconds][12], and each lead's mean in the second before.
    let costs: UnsafeMutablePointer<UInt8>
    let levels: UnsafeMutablePointer<Double>

    var current = QualitySecond()
    private var now = QualitySecond()
    var last = QualitySecond()
    /// Leads of the second before with so much mains that an electrode must be loose, and the electrodes that are.
    var hum: UInt16 = 0
    var loose = ElectrodeSet(rawValue: 0)
    var swap = LimbSwap.none
    var limbs: LimbMoments
    /// How limb leads fit each other, where all six are measured.
    var misfit = LeadMisfit()
    var fit: LeadFit
    private let checksFit: Bool
    var closed = 0
    private var expected: UInt64 = 0
    private var started = false
    private var everMissing = false
    private var isLost = false
    private var samples: Int = 0
    private var inSecond = 0
    var place = 0
    private var slot = 0

    /// The bytes that a monitor at this rate with a window of this many seconds needs.
    public static func requiredBytes(rate: Int, windowSeconds: Int) -> Int {
        LeadTallies.requiredBytes + MainsNotches.requiredBytes + LimbMoments.requiredBytes(seconds: windowSeconds)
            + LeadFit.requiredBytes(seconds: windowSeconds) + (24 * delay(rate) + 12) * MemoryLayout<Double>.stride + windowSeconds
            * (MemoryLayout<QualitySecond>.stride + 12)
    }

    /// 10 ms, at least one sample.
    private static func delay(_ rate: Int) -> Int { (rate + 50) / 100 }

    /// A monitor that has seen nothing: everything is unknown.
    ///
    /// - Parameters:
    ///   - rate: hertz, in ``StreamFormat/rates``. Traps otherwise.
    ///   - windowSeconds: the classifier's window, rounded up, at least 1. Traps otherwise.
    ///   - window: the window's samples, where it is not a whole number of seconds; at most `windowSeconds` of them. Traps otherwise.
    ///   - margin: samples by which an answer comes after the end of its window, and which a gap must lie further back.
    ///   - derived: leads that are computed from I and II, and lost with either.
    ///   - lacking: leads that the stream does not have, which is no fault; none of `derived`. Traps if that is all.
    ///   - unplaced: leads from nobody knows where, of no use to the classifier.
    ///   - kernel: all give the same bits.
    ///   - memory: at least ``requiredBytes(rate:windowSeconds:)`` bytes, aligned to 8. Traps otherwise.
    public init(
        rate: Int, windowSeconds: Int, window: Int? = nil, margin: Int = 0, derived: LeadSet = LeadSet(rawValue: 0),
        lacking: LeadSet = LeadSet(rawValue: 0), unplaced: LeadSet = LeadSet(rawValue: 0), limits: QualityLimits = QualityLimits(),
        kernel: SignalKernel = .best,
        memory: UnsafeMutableRawBufferPointer
    ) {
        precondition(lacking.count < 12, "The quality monitor needs a lead.")
        precondition(StreamFormat.rates.contains(rate), "The quality monitor works at 100 to 2000 Hz.")
        precondition(windowSeconds >= 1, "The quality monitor's window is at least 1 s.")
        precondition(
            memory.count >= Self.requiredBytes(rate: rate, windowSeconds: windowSeconds), "The quality monitor's memory is too small.")
        self.rate = rate
        self.limits = limits
        self.derived = derived.rawValue & ~lacking.rawValue
        self.lacking = lacking.rawValue
        self.unplaced = unplaced.rawValue & ~lacking.rawValue
        has = 0x0FFF & ~lacking.rawValue
        self.margin = margin
        self.window = window ?? rate * windowSeconds
        precondition(self.window > 0 && self.window <= rate * windowSeconds, "The quality monitor's window does not fit its seconds.")
        seconds = windowSeconds
        delay = Self.delay(rate)
        clippedSamples = Double((limits.clippedTime * rate + 999) / 1000)
        let base = memory.baseAddress!
        tallies = LeadTallies(memory: base, rate: rate, limits: limits, kernel: kernel)
        let notchBytes = base + LeadTallies.requiredBytes
        notches = MainsNotches(rate: rate, quality: limits.mainsQuality, memory: notchBytes, kernel: kernel)
        let limbBytes = notchBytes + MainsNotches.requiredBytes
        limbs = LimbMoments(delay: delay, seconds: windowSeconds, memory: limbBytes)
        let fitBytes = limbBytes + LimbMoments.requiredBytes(seconds: windowSeconds)
        fit = LeadFit(delay: delay, seconds: windowSeconds, memory: fitBytes)
        checksFit = (lacking.rawValue | derived.rawValue | unplaced.rawValue) & LeadSet.limb.rawValue == 0
        let pastBytes = fitBytes + LeadFit.requiredBytes(seconds: windowSeconds)
        past = pastBytes.bindMemory(to: Double.self, capacity: 24 * delay + 12)
        past.initialize(repeating: 0, count: 24 * delay + 12)
        levels = past + 24 * delay
        let historyBytes = pastBytes + (24 * delay + 12) * MemoryLayout<Double>.stride
        history = historyBytes.bindMemory(to: QualitySecond.self, capacity: windowSeconds)
        history.initialize(repeating: QualitySecond(), count: windowSeconds)
        costs = (historyBytes + windowSeconds * MemoryLayout<QualitySecond>.stride).bindMemory(to: UInt8.self, capacity: 12 * windowSeconds)
        costs.initialize(repeating: 0, count: 12 * windowSeconds)
    }

    /// Forgets everything, as at the start.
    @_noAllocation @_noLocks
    public mutating func reset() {
        started = false
        everMissing = false
        isLost = false
        now = QualitySecond()
        restart()
    }

    /// Takes one frame.
    ///
    /// - Parameters:
    ///   - frame: its index, and what the device says about leads and electrodes. An index other than the last one's successor is
    ///     a gap in all leads.
    ///   - microvolts: 12 values in ``Lead`` order as the device gave them, before any filter; those of missing leads are not used.
    @_noAllocation @_noLocks
    public mutating func push(_ frame: borrowing Frame, microvolts: UnsafePointer<Double>) {
        if started, frame.index != expected { miss() }
        started = true
        expected = frame.index &+ 1
        now = QualitySecond()
        let off = frame.off.affectedLeads.rawValue & has
        let gap = spread(frame.missing.rawValue & has)
        let clipped = spread(frame.clipped.rawValue & has)
        now.off = off
        now.gap = gap
        now.clipped = clipped
        guard gap != has else {
            if !isLost { miss() }
            isLost = true
            return
        }
        isLost = false
        count(microvolts, missing: gap, faults: off | gap | clipped)
    }

    /// Notes that `frames` frames never came, before the next one that does. The window begins anew; nothing is usable until then.
    @_noAllocation @_noLocks
    public mutating func lose(_ frames: UInt64) {
        guard started else { return }
        miss()
        expected = expected &+ frames
        now = QualitySecond()
        now.gap = has
    }

    /// The leads that carry signal at the newest frame, for the beat detector: attached, present, and where others
    /// remain, not flat and not noisy; a peak that is clipped is still a beat. If all attached leads are flat they stay: that may be an asystole, and no reason to look away.
    public var usable: LeadSet {
        @_noAllocation @_noLocks get {
            let attached = has & ~(now.off | now.gap)
            guard started, attached != 0 else { return LeadSet(rawValue: 0) }
            let lively = attached & ~now.flat
            let clean = lively & ~last.noisy
            return LeadSet(rawValue: clean != 0 ? clean : (lively != 0 ? lively : attached))
        }
    }

    /// The leads that carry anything at the newest frame, be it noise or a line: attached and present.
    public var present: LeadSet {
        @_noAllocation @_noLocks get { started ? LeadSet(rawValue: has & ~(now.off | now.gap)) : LeadSet(rawValue: 0) }
    }

    /// Whether most attached leads were noisy in the last second: what is a beat in them may be of any kind.
    public var isNoisy: Bool {
        @_noAllocation @_noLocks get {
            let attached = has & ~(now.off | now.gap)
            return 2 &* (last.noisy & attached).nonzeroBitCount > attached.nonzeroBitCount
        }
    }

    /// Whether every attached lead stands still: electrodes or cable, or no heart.
    public var isFlat: Bool {
        @_noAllocation @_noLocks get {
            let attached = has & ~(now.off | now.gap)
            return started && attached != 0 && attached & ~now.flat == 0
        }
    }

    /// Whether most attached leads moved from one level to another further than any heart in the window's seconds: an amplifier at its end, electrodes that are
    /// being put on, a shock. Their line says nothing of a heart.
    public var isDisplaced: Bool {
        @_noAllocation @_noLocks get {
            var moved: UInt16 = 0
            for second in 0..<seconds { moved |= history[second].displaced }
            let attached = has & ~(now.off | now.gap)
            return 2 &* (moved & attached).nonzeroBitCount > attached.nonzeroBitCount
        }
    }

    /// Whether of three measured leads and more all but one are off, missing or flat at the newest frame.
    public var isAlmostBlind: Bool {
        @_noAllocation @_noLocks get { isDownToOne(now.off | now.gap | now.flat) }
    }

    /// Whether of three measured leads and more one is left at most, and was in ``QualityLimits/oneLeadSeconds`` of the last five: the others are off, missing or at a
    /// limit. A ventricular tachycardia may be narrow in it.
    public var isDownToOneLead: Bool {
        @_noAllocation @_noLocks get {
            guard isDownToOne(now.off | now.gap | last.clipped) else { return false }
            var found = 0
            for back in 1...5 where back <= closed && back <= seconds {
                let one = history[(place &+ seconds &- back) % seconds]
                if isDownToOne(one.off | one.clipped) { found &+= 1 }
            }
            return found >= limits.oneLeadSeconds
        }
    }

    /// Whether of three measured leads and more at most one is left without these.
    private func isDownToOne(_ gone: UInt16) -> Bool {
        let measured = has & LeadSet.independent.rawValue
        return measured.nonzeroBitCount >= 3 && (measured & ~gone).nonzeroBitCount <= 1
    }

    /// The leads that the classifier is better off without: off, noisy or out of range now or in the second before, flat or missing; and clipped
    /// where others stand in for it, because a clipped lead is better than none; and those that are not there, or from nobody knows where. For a
    /// ``LeadMender``. A frame without any lead changes nothing.
    public var maskable: LeadSet {
        @_noAllocation @_noLocks get {
            guard now.gap != has else { return LeadSet(rawValue: lacking | unplaced) }
            let bad = LeadSet(rawValue: spread(now.off | now.flat | now.gap | last.noisy | last.outOfRange) | lacking | unplaced)
            let clipped = LeadSet(rawValue: now.clipped | last.clipped)
            if clipped.rawValue == 0 { return bad }
            let all = bad.union(clipped)
            return bad.union(clipped.intersection(LeadMender.mendable(all, derived: LeadSet(rawValue: derived))))
        }
    }

    /// Electrodes that the signal shows to be loose, whatever the device says of them. Their leads are not bad for that: mains is
    /// taken out of what the classifier hears, and what leaves the range is bad by itself.
    public var looseElectrodes: ElectrodeSet { @_noAllocation @_noLocks get { loose } }

    /// The judgement of the window that ends with the newest frame.
    public var report: QualityReport {
        @_noAllocation @_noLocks get {
            var all = current
            for second in 0..<seconds { all.unite(history[second]) }
            var report = QualityReport(all)
            if isLost { report.gap = LeadSet(rawValue: has) }
            report.absent = LeadSet(rawValue: lacking)
            report.samples = samples < window ? samples : window
            report.swap = swap
            report.misfit = misfit
            report.index = index
            judge(&report)
            return report
        }
    }

    /// Samples without a gap that a window takes. Before the first gap nothing lies ahead of the window.
    private var needed: Int { everMissing ? window &+ margin : window }

    private func judge(_ report: inout QualityReport) {
        var reasons = QualityReasons(rawValue: 0)
        if samples < needed { reasons = everMissing ? .gap : .incomplete }
        reasons = reasons.union(report.faults)
        let bad = report.bad, without = LeadSet(rawValue: lacking | unplaced)
        report.mended = LeadMender.mendable(bad.union(without), derived: LeadSet(rawValue: derived))
        let isBlind = leavesTooFew(bad.union(without))
        if isBlind { reasons = reasons.union(.tooFewLeads) }
        if without.rawValue != 0 { reasons = reasons.union(.absentLeads) }
        report.isSpoilt = has & ~bad.rawValue == 0 || (isBlind && !leavesTooFew(without))
        report.reasons = reasons
        let isUnknown = samples < needed || isBlind || swap.isNearlyCertain
        report.verdict = isUnknown ? .unknown : (reasons.isEmpty ? .good : .degraded)
    }

    /// Whether the classifier would have to guess over more than it may without these leads.
    private func leavesTooFew(_ without: LeadSet) -> Bool {
        if without.rawValue == 0 { return false }
        let lost = without.subtracting(LeadMender.mendable(without, derived: LeadSet(rawValue: derived)))
        return lost.count > limits.badLeads || lost.intersection(.independent).count > limits.badIndependentLeads
            || (lost.contains(.I) && lost.contains(.II))
    }

    private mutating func miss() {
        everMissing = true
        restart()
    }

    /// Begins a new window; nothing from before a gap is used after it.
    private mutating func restart() {
        samples = 0
        inSecond = 0
        place = 0
        current = QualitySecond()
        last = QualitySecond()
        hum = 0
        loose = ElectrodeSet(rawValue: 0)
        swap = .none
        closed = 0
        limbs.reset()
        misfit = LeadMisfit()
        fit.reset()
        tallies.reset()
        for second in 0..<seconds { history[second] = QualitySecond() }
    }

    /// Counts a sample whose `faults` are in ``now`` already.
    private mutating func count(_ microvolts: UnsafePointer<Double>, missing: UInt16, faults: UInt16) {
        let old = slot >= delay ? slot &- delay : slot &+ delay
        let present = has & ~missing
        let humless = notches.remove(from: microvolts, present: present, begins: samples == 0)
        let flat = tallies.add(
            microvolts, humless: humless, old: past + 12 &* old, oldest: past + 12 &* slot, hasPast: samples >= 2 &* delay,
            present: present)
        limbs.add(humless)
        if checksFit { fit.add(humless) }
        now.flat = flat
        slot = slot &+ 1 == 2 &* delay ? 0 : slot &+ 1
        // Rarely: read back so soon after it was written by parts, the second would hold every frame up.
        if faults | flat != 0 { current.unite(now) }
        if samples < window &+ margin { samples &+= 1 }
        inSecond &+= 1
        if inSecond == rate {
            closeSecond()
            inSecond = 0
        }
    }

    /// Derived leads lose what I or II loses, and nothing of their own: what the frame says of them does not count.
    private func spread(_ leads: UInt16) -> UInt16 {
        let own = leads & ~derived
        return own & 3 != 0 ? own | derived : own
    }
}
