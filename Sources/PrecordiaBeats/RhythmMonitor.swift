// The lethal rhythms: what can be said of them with beats and without, lead by lead, across holes and beside leads that are worth nothing.
// Apart from the beats' monitor, which finds and names beats; this is told of them, and looks at the signal itself where there are none.

import PrecordiaSignal

/// Follows rhythm on beats that it is told of and on looks at each lead, one each half second.
///
/// Every look makes a ``LeadBlock`` of each measured lead's last second; 24 of them are kept, 12 s. Evidence is gathered in heard time: a block with a hole of
/// more than half its length, or an artefact, is passed over and neither speaks for anything nor against it.
/// - Memory: the caller's, ``requiredBytes(rate:)``, some 50 KiB. Cost: the trace's, and some 10 us a look.
struct RhythmMonitor {
    let rate: Int
    let limits: RhythmLimits
    var trace: RhythmTrace
    var history = RhythmHistory()
    var levels = InlineArray<12, LeadLevel>(repeating: LeadLevel())
    /// Whether nothing comes at the moment, of which others tell.
    var isHeld = false
    var evidence: RhythmEvidence
    /// Leads that have ever had the noise of an amplifier on a body.
    var everAlive: UInt16 = 0

    let blocks: UnsafeMutablePointer<LeadBlock>
    let line: UnsafeMutablePointer<Float>
    let other: UnsafeMutablePointer<Float>
    let hop: Int
    let reach: Int
    /// Samples heard, and those of holds of less than a second.
    private(set) var heard: Int64 = 0
    /// The block that comes next, in the ring.
    var place = 0
    var filled = 0
    private var nextLook: Int64
    /// The least width of the usual beats, milliseconds; 0 before there is one.
    private var narrowestUsual: Float = 0
    /// The usual beats' width, milliseconds, and from how many beats it is known, 8 at most.
    private var usualWidth: Float = 0
    private var usualBeats = 0
    /// Beats that came slower than any run, up to those that make a rhythm.
    private var slowBeats = 0

    static var kept: Int { @_noAllocation @_noLocks get { 24 } }

    private static func lineCount(_ rate: Int) -> Int { 512 }

    static func requiredBytes(rate: Int) -> Int {
        RhythmTrace.requiredBytes(rate: rate) + 12 * kept * MemoryLayout<LeadBlock>.stride + 2 * lineCount(rate)
            * MemoryLayout<Float>.stride
            + RunShape.requiredBytes
    }

    var runShape: RunShape

    init(rate: Int, limits: RhythmLimits, kernel: SignalKernel, memory: UnsafeMutableRawPointer) {
        self.rate = rate
        self.limits = limits
        evidence = RhythmEvidence(from: limits.firstVouch &* rate / 1000)
        trace = RhythmTrace(rate: rate, contactTime: limits.contactTime, kernel: kernel, memory: memory)
        let blockBytes = memory + RhythmTrace.requiredBytes(rate: rate)
        blocks = blockBytes.bindMemory(to: LeadBlock.self, capacity: 12 * Self.kept)
        blocks.initialize(repeating: LeadBlock(), count: 12 * Self.kept)
        let lineBytes = blockBytes + 12 * Self.kept * MemoryLayout<LeadBlock>.stride
        line = lineBytes.bindMemory(to: Float.self, capacity: 2 * Self.lineCount(rate))
        line.initialize(repeating: 0, count: 2 * Self.lineCount(rate))
        other = line + Self.lineCount(rate)
        runShape = RunShape(memory: lineBytes + 2 * Self.lineCount(rate) * MemoryLayout<Float>.stride)
        hop = Int(trace.rowRate / 2 + 0.5)
        reach = Int(0.35 * trace.rowRate)
        nextLook = Int64(2 * hop + 2 * reach)
    }

    @_noAllocation @_noLocks
    mutating func reset() {
        trace.reset()
        history = RhythmHistory()
        levels = InlineArray(repeating: LeadLevel())
        evidence = RhythmEvidence(from: limits.firstVouch &* rate / 1000)
        everAlive = 0
        runShape.reset()
        narrowestUsual = 0
        usualWidth = 0
        usualBeats = 0
        slowBeats = 0
        heard = 0
        place = 0
        filled = 0
        nextLook = Int64(2 &* hop &+ 2 &* reach)
    }

    /// Takes a sample; `present` are the leads that carry anything, be it noise.
    @_noAllocation @_noLocks
    mutating func push(_ microvolts: UnsafePointer<Double>, range: Double, present: UInt16) {
        trace.push(microvolts, range: range, leads: present)
        heard &+= 1
        if trace.rows >= nextLook { look() }
    }

    @_noAllocation @_noLocks
    mutating func hold(samples: Int64) {
        trace.hold(samples: samples)
        if samples < Int64(rate) { heard &+= samples }
        if trace.rows &- nextLook > Int64(Self.kept &* hop) { nextLook = trace.rows &- Int64(Self.kept &* hop) }
        isHeld = true
        while trace.rows >= nextLook { look() }
        isHeld = false
    }

    /// Derived leads say what the measured ones have said, and are listened to where there is none of these.
    @_noAllocation @_noLocks
    func listens(to lead: Int) -> Bool { LeadSet.independent.contains(index: lead) || evidence.wantsDerived }

    /// Makes a block of every lead and weighs them.
    private mutating func look() {
        let end = nextLook
        nextLook = end &+ Int64(hop)
        let count = 2 &* hop, whole = count &+ 2 &* reach
        for lead in 0..<12 {
            var block = LeadBlock()
            if listens(to: lead) {
                let heard = trace.copy(lead, from: end &- Int64(whole), count: whole, margin: reach, into: line)
                if heard > 0 {
                    block = LeadBlock(line, count: count, reach: reach, line: other)
                    block.heard = Float(heard) / Float(count)
                }
            }
            blocks[12 &* place &+ lead] = block
        }
        place = place &+ 1 == Self.kept ? 0 : place &+ 1
        if filled < Self.kept { filled &+= 1 }
        weigh()
    }

    /// The block of a lead `back` looks before the newest.
    @_noAllocation @_noLocks
    func block(_ lead: Int, _ back: Int) -> UnsafePointer<LeadBlock> {
        let slot = (place &+ 2 &* Self.kept &- 1 &- back) % Self.kept
        return UnsafePointer(blocks + (12 &* slot &+ lead))
    }

    /// Takes a beat that was judged, and what its shape has in common with the run that goes on.
    @_noAllocation @_noLocks
    mutating func add(_ beat: Beat, look: BeatLook) {
        let row = trace.row(of: beat.position)
        let measured = LeadSet.independent.rawValue
        var runBeat = RunBeat()
        runBeat.isVentricular = beat.kind == .ventricular
        // Pulses excuse no shape that is new: a tachycardia has them in it, too.
        runBeat.isStrange = runBeat.isVentricular || (look.isCompared && look.likeness < limits.runStrangeness)
        let learns = !evidence.isOscillating && !runBeat.isVentricular && !(beat.kind == .paced && runBeat.isStrange)
        let (sharpness, plain) = measure(at: row, learns: learns)
        let (likeRun, likePrevious) = runShape.compare(at: row, in: trace, leads: measured)
        let width = plain > 0 ? plain : look.width
        if !runBeat.isStrange { noteUsualWidth(width, isSlow: Int(beat.interval) &* 1000 > limits.usualRunInterval &* rate) }
        if Int(beat.interval) &* 1000 > limits.runInterval &* rate, slowBeats < limits.doubtfulRun { slowBeats &+= 1 }
        let isFirst = slowBeats < limits.doubtfulRun
        // Whom a pacemaker drives has wide beats at any rate.
        let isDriven = beat.kind == .paced && !isFirst
        let isWide = width >= limits.runWidth || (look.isCompared && look.likeness >= limits.sameLikeness)
        let usual = narrowestUsual > 0 ? least(narrowestUsual, usualWidth) : usualWidth
        runBeat.isUsuallyWide = isWide && usual >= limits.usualRunWidth && !isDriven
        runBeat.isFromStart = runBeat.isUsuallyWide && isFirst
        runBeat.isVeryWide = look.width >= limits.runWidth
        runBeat.isWide = look.width >= limits.leastRunWidth
        runBeat.sharpness = sharpness
        runBeat.constancy = likePrevious
        runBeat.usualLikeness = look.likeness
        runBeat.likeness = likeRun
        history.add(beat, score: look.score, runBeat, rate: rate, limits)
        if history.run.count == 0 { return }
        if history.run.count == 1 { runShape.begin() }
        runShape.take(at: row, in: trace, leads: measured)
    }

    /// Learns the usual beats' width, and that at a slower rate they were never narrower than it, lately.
    ///
    /// Who had narrow beats then has not been in a wide tachycardia from the start; what noise and T waves at a higher rate add to their width makes none of it.
    private mutating func noteUsualWidth(_ width: Float, isSlow: Bool) {
        if usualBeats < 8 { usualBeats &+= 1 }
        usualWidth += (width - usualWidth) / Float(usualBeats)
        guard isSlow, usualBeats >= 5 else { return }
        narrowestUsual =
            narrowestUsual == 0 || usualWidth < narrowestUsual ? usualWidth : narrowestUsual + 0.001 * (usualWidth - narrowestUsual)
    }

    /// How blunt the beat is beside those that its leads are used to, 1 for as sharp, and how wide, milliseconds; and learns what a beat looks like in each lead.
    ///
    /// The largest second difference as a part of the beat's height: a ventricular beat's is smaller, in any lead that shows it. The width is from where the slope
    /// over all leads first reaches a fifth of its maximum to where it leaves it: coarser than the detector's, and neither mains nor a limit of the converter adds to it. In
    /// fewer than three leads one that is nothing but noise would decide; it is 0 then.
    private mutating func measure(at row: Int64, learns: Bool) -> (sharpness: Float?, width: Float) {
        let count = 19
        let first = row &+ Int64(trace.rowsAfter &+ 1 &- count)
        var own: Float = 0
        var usual: Float = 0
        var shown = 0
        var slopes = InlineArray<19, Float>(repeating: 0)
        for lead in 0..<12 where listens(to: lead) {
            guard 5 &* trace.copy(lead, from: first, count: count, margin: 0, into: line) >= 3 &* count else { continue }
            var bend: Float = 0
            var lowest = line[2], highest = line[2]
            for place in 2..<(count &- 2) {
                let bent = (2 * line[place] - line[place &- 2] - line[place &+ 2]).magnitude
                if bent > bend { bend = bent }
                if line[place] < lowest { lowest = line[place] }
                if line[place] > highest { highest = line[place] }
                slopes[place] += (line[place &+ 1] - line[place &- 1]).magnitude
            }
            shown &+= 1
            let range = highest - lowest
            if levels[lead].isKnown, levels[lead].range > 0 {
                own += bend
                usual += range * levels[lead].bend / levels[lead].range
            }
            if learns { levels[lead].learn(bend: bend, range: range) }
        }
        return (usual > 0 ? own / usual : nil, shown >= 3 ? width(slopes) : 0)
    }

    /// From the first to the last place next to the steepest that is a fifth as steep, milliseconds.
    private func width(_ slopes: InlineArray<19, Float>) -> Float {
        var steepest = 0
        for place in 1..<19 where slopes[place] > slopes[steepest] { steepest = place }
        guard slopes[steepest] > 0 else { return 0 }
        let least = 0.2 * slopes[steepest]
        var first = steepest, last = steepest
        while first > 1, slopes[first &- 1] >= least || slopes[first &- 2] >= least { first &-= 1 }
        while last < 17, slopes[last &+ 1] >= least || slopes[last &+ 2] >= least { last &+= 1 }
        // Half of the two rows that a slope spans lie outside, on either side.
        return Float(last &- first) * Float(1000 / trace.rowRate)
    }
}

/// How large a lead's beats are.
struct LeadLevel {
    /// The largest second difference, and peak to peak, microvolts.
    private(set) var bend: Float = 0
    private(set) var range: Float = 0
    private(set) var beats = 0

    @_noAllocation @_noLocks init() {}

    var isKnown: Bool { @_noAllocation @_noLocks get { beats >= 4 } }

    @_noAllocation @_noLocks
    mutating func learn(bend: Float, range: Float) {
        if beats < 1000 { beats &+= 1 }
        // A beat that this lead hardly shows may be none.
        let part: Float = beats < 8 ? 1 / Float(beats) : (bend < 0.35 * self.bend ? 0.02 : 0.125)
        self.bend += part * ((beats > 4 && bend > 2 * self.bend ? 2 * self.bend : bend) - self.bend)
        self.range += part * ((beats > 4 && range > 2 * self.range ? 2 * self.range : range) - self.range)
    }
}
