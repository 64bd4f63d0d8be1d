// The last seconds of all leads in steps, as measuring looks back on them.
// Apart from the beats' own steps, which are coarser and band-passed: the level of ST must pass here.

import CPrecordiaKernels
import PrecordiaSignal

/// Rings of twelve leads and of what was usable, over ``seconds``.
struct MeasureSteps {
    let capacity: Int
    /// Samples of a step, and steps a second.
    let factor: Int
    let rate: Float
    /// By lead, ``capacity`` values in microvolts each.
    let values: UnsafeMutablePointer<Float>
    /// Leads that were usable, by step.
    let usable: UnsafeMutablePointer<UInt16>
    /// Steps since the start.
    private(set) var count: Int64 = 0
    /// Where the next step goes.
    private var next = 0
    private var sums = InlineArray<12, Double>(repeating: 0)
    private var fill = 0
    private var heard: UInt16 = 0

    /// Seconds that are kept: the 10 that are measured, and what the first and the last beat of them need.
    static var seconds: Int { @_noAllocation @_noLocks get { 12 } }

    /// A step is as long as 4 ms allow: the rate is 100 to 499 steps a second.
    static func factor(_ rate: Int) -> Int { rate / 250 > 1 ? rate / 250 : 1 }

    static func capacity(_ rate: Int) -> Int { seconds * rate / factor(rate) + 2 }

    static func requiredBytes(rate: Int) -> Int { (capacity(rate) * (12 * MemoryLayout<Float>.stride + 2) + 63) & ~63 }

    init(rate: Int, memory: UnsafeMutableRawPointer) {
        capacity = Self.capacity(rate)
        factor = Self.factor(rate)
        self.rate = Float(rate) / Float(factor)
        values = memory.bindMemory(to: Float.self, capacity: 12 * capacity)
        values.initialize(repeating: 0, count: 12 * capacity)
        usable = (memory + 12 * capacity * MemoryLayout<Float>.stride).bindMemory(to: UInt16.self, capacity: capacity)
        usable.initialize(repeating: 0, count: capacity)
    }

    @_noAllocation @_noLocks
    mutating func clear() {
        count = 0
        next = 0
        fill = 0
        for place in 0..<capacity { usable[place] = 0 }
    }

    /// Takes one sample of all leads.
    @_noAllocation @_noLocks
    mutating func push(_ microvolts: UnsafePointer<Double>, usable leads: LeadSet) {
        if fill == 0 {
            for lead in 0..<12 { sums[lead] = microvolts[lead] }
            heard = leads.rawValue
        } else {
            for lead in 0..<12 { sums[lead] += microvolts[lead] }
            heard &= leads.rawValue
        }
        fill &+= 1
        guard fill == factor else { return }
        let part = 1 / Double(factor)
        for lead in 0..<12 { values[lead &* capacity &+ next] = Float(sums[lead] * part) }
        usable[next] = heard
        count &+= 1
        next = next &+ 1 == capacity ? 0 : next &+ 1
        fill = 0
    }

    /// The oldest step that is kept.
    var oldest: Int64 { @_noAllocation @_noLocks get { count > Int64(capacity) ? count - Int64(capacity) : 0 } }

    /// The step that holds a sample, and the sample in a step's middle.
    @_noAllocation @_noLocks
    func step(ofSample sample: Int64) -> Int64 { sample / Int64(factor) }
    @_noAllocation @_noLocks
    func sample(ofStep step: Int64) -> Int64 { step &* Int64(factor) &+ Int64((factor - 1) / 2) }

    /// The place of a kept step in the rings.
    @_noAllocation @_noLocks
    func place(_ step: Int64) -> Int { Int(step % Int64(capacity)) }

    /// Steps in a time.
    @_noAllocation @_noLocks
    func steps(_ milliseconds: Float) -> Int { Int(milliseconds * rate / 1000 + 0.5) }

    /// The stretch of a wanted one that is kept: how many steps of it are too old, and the one behind the last that is there.
    @_noAllocation @_noLocks
    func kept(from first: Int64, count wanted: Int) -> (first: Int, end: Int) {
        let early = first < oldest ? min(oldest - first, Int64(wanted)) : 0
        let late = first + Int64(wanted) > count ? max(count - first, early) : Int64(wanted)
        return (Int(truncatingIfNeeded: early), Int(truncatingIfNeeded: late))
    }

    /// Copies steps from `first` on into `row`; those that are not kept repeat the nearest that is.
    @_noAllocation @_noLocks
    func copy(_ lead: Int, from first: Int64, count wanted: Int, into row: UnsafeMutablePointer<Float>) {
        let line = values + lead &* capacity
        let (early, end) = kept(from: first, count: wanted)
        let before = line[place(oldest)]
        for index in 0..<early { row[index] = before }
        if end > early {
            let at = place(first + Int64(early))
            let whole = end &- early < capacity &- at ? end &- early : capacity &- at
            for index in 0..<whole { row[early &+ index] = line[at &+ index] }
            for index in (early &+ whole)..<end { row[index] = line[index &- early &- whole] }
        }
        let behind = line[place(count - 1)]
        for index in end..<wanted { row[index] = behind }
    }

    /// Copies steps that are kept into `row` less a line: `level` where `zero` is counted from, rising by `slope` a step. Others become 0.
    @_noAllocation @_noLocks
    func lay(
        _ lead: Int, from first: Int64, count wanted: Int, level: Float, slope: Float, zero: Int, by kernel: OpaquePointer,
        into row: UnsafeMutablePointer<Float>
    ) -> (first: Int, end: Int) {
        let line = values + lead &* capacity
        let (early, end) = kept(from: first, count: wanted)
        for index in 0..<early { row[index] = 0 }
        for index in end..<wanted { row[index] = 0 }
        guard end > early else { return (early, end) }
        let at = place(first + Int64(early))
        let whole = end &- early < capacity &- at ? end &- early : capacity &- at
        precordia_lay(kernel, line + at, level, slope, Float(early &- zero), whole, row + early)
        precordia_lay(kernel, line, level, slope, Float(early &+ whole &- zero), end &- early &- whole, row + (early &+ whole))
        return (early, end)
    }

    /// Adds steps from `first` on to `row`; those that are not kept count as the nearest that is.
    @_noAllocation @_noLocks
    func add(_ lead: Int, from first: Int64, count wanted: Int, by kernel: OpaquePointer, to row: UnsafeMutablePointer<Float>) {
        let line = values + lead &* capacity
        let (early, end) = kept(from: first, count: wanted)
        guard end > early else { return }
        let at = place(first + Int64(early))
        let whole = end &- early < capacity &- at ? end &- early : capacity &- at
        let before = line[at]
        for index in 0..<early { row[index] += before }
        precordia_add(kernel, line + at, whole, row + early)
        precordia_add(kernel, line, end &- early &- whole, row + (early &+ whole))
        let behind = line[place(count - 1)]
        for index in end..<wanted { row[index] += behind }
    }

    /// The leads that were usable over all kept steps of a stretch.
    @_noAllocation @_noLocks
    func usable(from first: Int64, to end: Int64) -> UInt16 {
        var all: UInt16 = 0x0FFF
        var step = first > oldest ? first : oldest
        guard step < count, step < end else { return 0 }
        var at = place(step)
        while step < end, step < count {
            all &= usable[at]
            at = at &+ 1 == capacity ? 0 : at &+ 1
            step &+= 1
        }
        return all
    }
}
