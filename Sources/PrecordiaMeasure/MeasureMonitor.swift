// Measures a stream: takes samples and beats as they come, and gives the values of the last 10 s when asked.
// Apart from the values, and from what makes a median beat: this says which beats, when and in what memory.

import CPrecordiaKernels
public import PrecordiaBeats
public import PrecordiaSignal

/// A beat of the last measurement: where it is, and by which median it was marked.
public struct MarkedBeat: Sendable {
    /// The sample that its marks are relative to.
    public var position: Int64 = 0
    public var kind = BeatKind.usual
    /// Its group for ``MeasureMonitor/marks(group:lead:)``; -1 for a beat that was not measured.
    public var group = -1

    @_noAllocation @_noLocks init() {}
}

/// Measures the last 10 s of a stream, for any rate of ``StreamFormat/rates``.
///
/// Samples are averaged to steps of 2 to 10 ms; nothing is filtered, so that ST is what was recorded. Beats that another part found (``BeatMonitor``) are grouped by
/// shape and kind and aligned; each group's median beat is marked lead by lead; the largest group of usual beats is what is measured. A stored exam and a
/// stream go through the same calls: samples and beats in the order in which they come, then ``measure()``.
/// - Memory: the caller's, ``requiredBytes(rate:)`` bytes, aligned to 64, alive as long as the monitor; 215 to 565 KiB by the rate.
/// - Cost: an addition a lead and sample; a call of ``measure()`` is in docs/measurements.md. The same samples give the same values on every processor.
public struct MeasureMonitor: ~Copyable {
    /// Samples a second.
    public let rate: Int
    /// The values of the last ``measure()``.
    public internal(set) var measurement = Measurement()
    /// Samples taken since the start or ``reset()``.
    public private(set) var position: Int64 = 0

    var steps: MeasureSteps
    var groups: BeatGroups
    var median: MedianBeat
    var delineator: BeatDelineator
    var variability: Variability
    let kernel: OpaquePointer
    private let scratch: UnsafeMutablePointer<Float>
    private var marked = InlineArray<4, InlineArray<12, WaveMarks>>(repeating: InlineArray(repeating: WaveMarks()))
    private var together = InlineArray<4, WaveMarks>(repeating: WaveMarks())

    /// Seconds that are measured.
    public static var seconds: Int { @_noAllocation @_noLocks get { 10 } }

    private static func parts(_ rate: Int) -> (steps: Int, groups: Int, median: Int, delineator: Int, variability: Int, scratch: Int) {
        let stepRate = Float(rate) / Float(MeasureSteps.factor(rate))
        let whole = { (bytes: Int) in (bytes + 63) & ~63 }
        return (
            whole(MeasureSteps.requiredBytes(rate: rate)), whole(BeatGroups.requiredBytes(stepRate: stepRate)),
            whole(MedianBeat.requiredBytes(stepRate: stepRate)), whole(BeatDelineator.requiredBytes),
            whole(Variability.requiredBytes), whole(2 * 700 * MemoryLayout<Float>.stride)
        )
    }

    /// The bytes that a monitor at this rate needs.
    public static func requiredBytes(rate: Int) -> Int {
        let parts = parts(rate)
        return parts.steps + parts.groups + parts.median + parts.delineator + parts.variability + parts.scratch
    }

    /// A monitor that has heard nothing.
    ///
    /// - Parameters:
    ///   - rate: hertz, in ``StreamFormat/rates``. Traps otherwise.
    ///   - memory: at least ``requiredBytes(rate:)`` bytes, aligned to 64. Traps otherwise.
    public init(rate: Int, memory: UnsafeMutableRawBufferPointer) {
        self.init(rate: rate, memory: memory, kernel: precordia_measuring_best())
    }

    /// A monitor that computes by one implementation of the arithmetic; all give the same bits.
    init(rate: Int, memory: UnsafeMutableRawBufferPointer, kernel: OpaquePointer) {
        precondition(StreamFormat.rates.contains(rate), "Measuring works at 100 to 2000 Hz.")
        precondition(memory.count >= Self.requiredBytes(rate: rate), "The memory for measuring is too small.")
        self.rate = rate
        let parts = Self.parts(rate)
        var place = memory.baseAddress!
        steps = MeasureSteps(rate: rate, memory: place)
        let stepRate = steps.rate
        place += parts.steps
        self.kernel = kernel
        groups = BeatGroups(stepRate: stepRate, kernel: kernel, memory: place)
        place += parts.groups
        median = MedianBeat(stepRate: stepRate, kernel: kernel, memory: place)
        place += parts.median
        delineator = BeatDelineator(kernel: kernel, memory: place)
        place += parts.delineator
        variability = Variability(memory: place)
        place += parts.variability
        scratch = place.bindMemory(to: Float.self, capacity: 1400)
        scratch.initialize(repeating: 0, count: 1400)
    }

    /// Forgets everything, as at the start.
    @_noAllocation @_noLocks
    public mutating func reset() {
        steps.clear()
        groups.clear()
        variability.clear()
        position = 0
        measurement = Measurement()
    }

    /// Takes one sample of all leads.
    ///
    /// - Parameters:
    ///   - microvolts: 12 values in ``Lead`` order; an offset or wander does not matter.
    ///   - usable: leads that carry signal, computed ones included.
    @_noAllocation @_noLocks
    public mutating func push(_ microvolts: UnsafePointer<Double>, usable: LeadSet) {
        steps.push(microvolts, usable: usable)
        position &+= 1
    }

    /// Takes a beat, in the order of time; its place is counted as samples are here.
    @_noAllocation @_noLocks
    public mutating func add(_ beat: Beat) { groups.add(step: steps.step(ofSample: beat.position), kind: beat.kind) }

    /// Measures the beats of the last 10 s that are there.
    ///
    /// - Parameters:
    ///   - isMarking: whether beats of other kinds and shapes than the measured ones are marked too, which no value needs. It costs as much again for
    ///     each group of beats.
    ///   - isEstimating: whether ``Measurement/uncertainty`` is filled in. It costs as much again up to four times.
    @_noAllocation @_noLocks
    public mutating func measure(markingAll isMarking: Bool = true, estimating isEstimating: Bool = false) {
        groups.drop(before: steps.count - Int64(Self.seconds * rate / steps.factor))
        groups.sort(steps)
        measurement = Measurement()
        measurement.beats = groups.count
        measureIntervals()
        variability.take(groups, steps: steps)
        if let long = variability.values(steps) { (measurement.longSDNN, measurement.longRMSSD) = (long.sdnn, long.rmssd) }
        let main = mainGroup
        marked = InlineArray(repeating: InlineArray(repeating: WaveMarks()))
        together = InlineArray(repeating: WaveMarks())
        for group in 0..<BeatGroups.groups where isMarking && group != main && groups.sizes[group] > 0 { _ = mark(group) }
        guard main >= 0 else { return }
        let errors = isEstimating ? spreads(main) : nil
        guard mark(main) else { return }
        guard isClear(main) else { return giveUp() }
        measurement.measuredBeats = groups.sizes[main]
        var values = measurement
        fill(&values, group: main)
        if let errors { values.uncertainty = errors.errors(of: values) }
        measurement = values
        if measurement.hasP == true { countAtrialWaves(main) }
        readConduction(main)
    }

    /// The largest group of beats that are not ventricular, or of any if there are no others.
    private var mainGroup: Int {
        var best = -1
        for group in 0..<BeatGroups.groups where groups.sizes[group] > 0 {
            let isBetter =
                best < 0 || (groups.kinds[group] != .ventricular && groups.kinds[best] == .ventricular)
                || ((groups.kinds[group] == .ventricular) == (groups.kinds[best] == .ventricular)
                    && groups.sizes[group] > groups.sizes[best])
            if isBetter { best = group }
        }
        return best
    }

    /// Whether a group can be measured: it has a third of the beats of its kind, which noise leaves unlike each other, and in the middle one of its leads beats
    /// differ from their median by less than 35 % of its QRS complex. Of readable exams 99 in 100 have less than 33 %.
    private func isClear(_ group: Int) -> Bool {
        var alike = 0
        for index in 0..<groups.count where groups.beats[index].kind == groups.kinds[group] { alike &+= 1 }
        if alike >= 4, 3 &* groups.sizes[group] < alike { return false }
        var noisy = 0
        var number = 0
        for lead in 0..<12 where delineator.scales[lead] > 0 {
            number &+= 1
            if median.noise[lead] > 0.35 * delineator.scales[lead] { noisy &+= 1 }
        }
        return 2 &* noisy < number
    }

    /// Noise: no mark and no value but the rate is given.
    private mutating func giveUp() {
        marked = InlineArray(repeating: InlineArray(repeating: WaveMarks()))
        together = InlineArray(repeating: WaveMarks())
        measurement.hasP = nil
        measurement.pGap = .noise
        measurement.qrsGap = .noise
        measurement.qtGap = .noise
    }

    /// Makes a group's median and marks it; false where it has no lead.
    private mutating func mark(_ group: Int) -> Bool {
        guard let level = level(group) else { return false }
        median.make(group, of: groups, steps: steps, level: level)
        delineator.mark(median, interval: milliseconds(after: group))
        let hasP = groups.kinds[group] == .paced ? nil : decideP(group)
        if hasP != true { delineator.forgetP() }
        if !Self.isClear(certaintyOfT: delineator.certaintyOfT) { delineator.forgetT() }
        if group == mainGroup { measurement.hasP = hasP }
        marked[group] = delineator.marks
        together[group] = delineator.together
        return true
    }

    /// P waves that keep time and are all conducted, their middle so many milliseconds before the QRS complex, belong to the beats, whatever one beat alone looks like. Their edges are
    /// the network's where its wave has the same middle to 20 ms; if not, there is a P wave and its edges are unclear.
    mutating func believeP(_ group: Int, middle delay: Float) {
        guard measurement.hasP != true, groups.kinds[group] != .paced, let onset = measurement.marks.qrsOnset else { return }
        let (hasT, gap) = (measurement.marks.tEnd != nil, measurement.qtGap)
        delineator.mark(median, interval: milliseconds(after: group))
        if !hasT { delineator.forgetT() }
        let middle = onset - delay
        measurement.hasP = true
        measurement.atrialRate = measurement.heartRate
        guard (0.5 * (delineator.pOnset + delineator.pEnd) - middle).magnitude < 20 else {
            delineator.forgetP()
            measurement.pGap = .unclear
            return
        }
        marked[group] = delineator.marks
        together[group] = delineator.together
        var values = measurement
        fill(&values, group: group)
        values.qtGap = gap
        measurement = values
    }

    /// Whether the end of T can be told: the network is as sure as it is of 98 in 100 beats of people whose T a cardiologist marked.
    private static func isClear(certaintyOfT certainty: Float) -> Bool { certainty > 0.55 }

    /// Where the level before a group's QRS complex lies, in steps from the place.
    mutating func level(_ group: Int) -> Int? {
        median.makeMean(group, of: groups, steps: steps)
        guard median.leads != 0 else { return nil }
        return BeatEdges(median, scratch: scratch).onset &- median.origin &- median.steps(14)
    }

    func milliseconds(after group: Int) -> Float? {
        guard let interval = groups.interval(after: group) else { return nil }
        return 1000 * interval / steps.rate
    }

    /// Whether each beat of a group has a P wave: the beats are like each other where it would be, the network sees one, and intervals are not wholly irregular.
    private mutating func decideP(_ group: Int) -> Bool? {
        let from = Int((delineator.pOnset - 20) * steps.rate / 1000)
        let to = Int((delineator.pEnd + 12) * steps.rate / 1000)
        let likeness = median.likeness(group, of: groups, steps: steps, from: from, to: to, scales: delineator.scales)
        return PDecision(likeness: likeness, certainty: delineator.certainty, irregularity: groups.irregularity).isPresent
    }

    func fill(_ values: inout Measurement, group: Int) {
        ValueTable.fill(&values, median: median, delineator: delineator, interval: milliseconds(after: group))
        if !Self.isClear(certaintyOfT: delineator.certaintyOfT) { values.qtGap = .unclear }
        if values.pGap == .noP, values.hasP == nil { values.pGap = groups.kinds[group] == .paced ? .paced : .unclear }
    }

    /// Beats of the last measurement, in order.
    public var beatCount: Int { @_noAllocation @_noLocks get { groups.count } }

    /// A beat of the last measurement.
    @_noAllocation @_noLocks
    public func beat(_ index: Int) -> MarkedBeat {
        var beat = MarkedBeat()
        beat.position = steps.sample(ofStep: groups.beats[index].aligned)
        beat.kind = groups.beats[index].kind
        beat.group = Int(groups.beats[index].group)
        return beat
    }

    /// The marks of a group's beats in one lead, or over all together with nil.
    @_noAllocation @_noLocks
    public func marks(group: Int, lead: Lead?) -> WaveMarks {
        guard group >= 0, group < BeatGroups.groups else { return WaveMarks() }
        guard let lead else { return together[group] }
        return marked[group][Int(lead.rawValue)]
    }

    /// The median beat that was measured, in millivolts: `place` counts steps of ``medianRate``, ``medianOrigin`` is the beat's place.
    @_noAllocation @_noLocks
    public func medianValue(_ lead: Lead, _ place: Int) -> Float { median.values[Int(lead.rawValue) &* median.span &+ place] / 1000 }
    /// Steps of the median beat, the step of the beat's place, and steps a second.
    public var medianSpan: Int { @_noAllocation @_noLocks get { median.span } }
    public var medianOrigin: Int { @_noAllocation @_noLocks get { median.origin } }
    public var medianRate: Float { @_noAllocation @_noLocks get { steps.rate } }
}
