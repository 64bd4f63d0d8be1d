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
    var evidence = RhythmEvidence()

    let blocks: UnsafeMutablePointer<LeadBlock>
    let line: UnsafeMutablePointer<Float>
    let other: UnsafeMutablePointer<Float>
    let hop: Int
    let reach: Int
    /// The block that comes next, in the ring.
    var place = 0
    var filled = 0
    private var nextLook: Int64
    /// The least width of the usual beats, milliseconds; 0 before there is one.
    private var narrowestUsual: Float = 0
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

    init(rate: Int, limits: RhythmLimits, memory: UnsafeMutableRawPointer) {
        self.rate = rate
        self.limits = limits
        trace = RhythmTrace(rate: rate, memory: memory)
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
        evidence = RhythmEvidence()
        runShape.reset()
        narrowestUsual = 0
        slowBeats = 0
        place = 0
        filled = 0
        nextLook = Int64(2 &* hop &+ 2 &* reach)
    }

    /// Takes a sample; `present` are the leads that carry anything, be it noise.
    @_noAllocation @_noLocks
    mutating func push(_ microvolts: UnsafePointer<Double>, range: Double, present: UInt16) {
        trace.push(microvolts, range: range, leads: present)
        if trace.rows >= nextLook { look() }
    }

    @_noAllocation @_noLocks
    mutating func hold(samples: Int64) {
        trace.hold(samples: samples)
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
        let sharpness = measure(at: row, learns: !evidence.isOscillating && beat.kind != .ventricular)
        let (likeRun, likePrevious) = runShape.compare(at: row, in: trace, leads: measured)
        var runBeat = RunBeat()
        let isPaced = beat.kind == .paced
        runBeat.isStrange = beat.kind == .ventricular || (look.isCompared && look.likeness < limits.runStrangeness && !isPaced)
        runBeat.isVentricular = beat.kind == .ventricular
        let isSlow = Int(beat.interval) &* 1000 > limits.usualRunInterval &* rate
        if look.isCompared, isSlow { noteUsualWidth(look.usualWidth) }
        let wasNarrow = narrowestUsual > 0 && narrowestUsual < limits.usualRunWidth
        runBeat.isUsuallyWide = look.width >= limits.runWidth && look.usualWidth >= limits.usualRunWidth && !wasNarrow && !isPaced
        if Int(beat.interval) &* 1000 > limits.runInterval &* rate, slowBeats < limits.doubtfulRun { slowBeats &+= 1 }
        runBeat.isUsuallyVeryWide = runBeat.isUsuallyWide && look.usualWidth >= limits.slowRunWidth && slowBeats < limits.doubtfulRun
        runBeat.isVeryWide = look.width >= limits.runWidth
        runBeat.isWide = look.width >= limits.leastRunWidth
        runBeat.sharpness = sharpness
        runBeat.constancy = likePrevious
        runBeat.usualLikeness = look.likeness
        runBeat.likeness = likeRun
        history.add(beat, runBeat, rate: rate, limits)
        if history.run.count == 0 { return }
        if history.run.count == 1 { runShape.begin() }
        runShape.take(at: row, in: trace, leads: measured)
    }

    /// At a slower rate the usual beats were never narrower than this, lately.
    ///
    /// Who had narrow beats then has not been in a wide tachycardia from the start; what noise and T waves at a higher rate add to their width makes none of it.
    private mutating func noteUsualWidth(_ width: Float) {
        narrowestUsual = narrowestUsual == 0 || width < narrowestUsual ? width : narrowestUsual + 0.001 * (width - narrowestUsual)
    }

    /// How blunt the beat is beside those that its leads are used to, 1 for as sharp; and learns what a beat looks like in each lead.
    ///
    /// The largest second difference as a part of the beat's height: a ventricular beat's is smaller, in any lead that shows it.
    private mutating func measure(at row: Int64, learns: Bool) -> Float? {
        let count = 19
        let first = row &+ Int64(trace.rowsAfter &+ 1 &- count)
        var own: Float = 0
        var usual: Float = 0
        for lead in 0..<12 where listens(to: lead) {
            guard 5 &* trace.copy(lead, from: first, count: count, margin: 0, into: line) >= 3 &* count else { continue }
            var bend: Float = 0
            var lowest = line[2], highest = line[2]
            for place in 2..<(count &- 2) {
                let bent = (2 * line[place] - line[place &- 2] - line[place &+ 2]).magnitude
                if bent > bend { bend = bent }
                if line[place] < lowest { lowest = line[place] }
                if line[place] > highest { highest = line[place] }
            }
            let range = highest - lowest
            if levels[lead].isKnown, levels[lead].range > 0 {
                own += bend
                usual += range * levels[lead].bend / levels[lead].range
            }
            if learns { levels[lead].learn(bend: bend, range: range) }
        }
        return usual > 0 ? own / usual : nil
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
