// The last seconds of all leads at a rate that shapes need, whatever the stream's: what a beat is compared with, and fibrillation looked for in.
// Apart from the detector, whose band has no shape left in it.

import PrecordiaSignal

/// A ring of means over so many samples that 100 to 250 of them make a second.
///
/// Every slot stands in it twice, a whole ring apart, so that any stretch of slots lies in one piece.
/// - Memory: the caller's, ``requiredBytes(rate:)`` bytes, 52 KiB at most rates and 105 at worst. Cost: an addition a lead and sample.
struct BeatTrace {
    /// Samples of the stream in a slot.
    let factor: Int
    /// Slots a second.
    let slotRate: Double
    /// Slots that are kept.
    let capacity: Int
    /// Slots completed since the start; slot `n` is kept while `n >= slots - capacity`.
    private(set) var slots: Int64 = 0

    /// Room for one lead's slots, for whoever looks at one lead at a time.
    let scratch: UnsafeMutablePointer<Float>
    private let values: UnsafeMutablePointer<Float>
    private let usable: UnsafeMutablePointer<UInt16>
    private let sums: UnsafeMutablePointer<Double>
    /// The last sample, and the samples of a hole that it may stand for.
    private let last: UnsafeMutablePointer<Double>
    private let shortest: Int64
    private var fill = 0
    private var leads: UInt16 = 0x0FFF
    private let scale: Double

    /// Seconds that are kept.
    private static var seconds: Double { 4.3 }

    static func factor(_ rate: Int) -> Int { rate / 125 > 1 ? rate / 125 : 1 }

    private static func capacity(_ rate: Int) -> Int { Int(seconds * Double(rate) / Double(factor(rate))) }

    static func requiredBytes(rate: Int) -> Int {
        let slots = capacity(rate)
        return 24 * MemoryLayout<Double>.stride + slots * (25 * MemoryLayout<Float>.stride + MemoryLayout<UInt16>.stride)
    }

    init(rate: Int, memory: UnsafeMutableRawPointer) {
        factor = Self.factor(rate)
        slotRate = Double(rate) / Double(factor)
        capacity = Self.capacity(rate)
        scale = 1 / Double(factor)
        sums = memory.bindMemory(to: Double.self, capacity: 24)
        sums.initialize(repeating: 0, count: 24)
        last = sums + 12
        shortest = Int64(rate / 25)
        let base = memory + 24 * MemoryLayout<Double>.stride
        values = base.bindMemory(to: Float.self, capacity: 25 * capacity)
        values.initialize(repeating: 0, count: 25 * capacity)
        scratch = values + 24 * capacity
        usable = (base + 25 * capacity * MemoryLayout<Float>.stride).bindMemory(to: UInt16.self, capacity: capacity)
        usable.initialize(repeating: 0, count: capacity)
    }

    @_noAllocation @_noLocks
    mutating func reset() {
        slots = 0
        for slot in 0..<capacity { usable[slot] = 0 }
        clear()
    }

    /// Takes a sample of all leads, limited to plus and minus `range`; those not in `leads` make their slot unusable.
    @_noAllocation @_noLocks
    mutating func push(_ microvolts: UnsafePointer<Double>, range: Double, leads: UInt16) {
        for lead in 0..<12 {
            let value = microvolts[lead]
            last[lead] = value > -range ? (value < range ? value : range) : -range
            sums[lead] += last[lead]
        }
        self.leads &= leads
        fill &+= 1
        if fill == factor { close() }
    }

    /// Passes over samples in which nothing was heard. Up to 40 ms of them stand at the last value and are as good as heard: a shape survives that.
    @_noAllocation @_noLocks
    mutating func hold(samples: Int64) {
        if samples <= shortest {
            for _ in 0..<samples {
                for lead in 0..<12 { sums[lead] += last[lead] }
                fill &+= 1
                if fill == factor { close() }
            }
            return
        }
        guard samples < Int64(capacity) &* Int64(factor) else {
            let whole = (samples &+ Int64(fill)) / Int64(factor)
            fill = Int((samples &+ Int64(fill)) % Int64(factor))
            slots &+= whole
            for slot in 0..<capacity { usable[slot] = 0 }
            leads = 0
            return
        }
        for _ in 0..<samples {
            leads = 0
            fill &+= 1
            if fill == factor { close() }
        }
    }

    private mutating func close() {
        let place = Int(slots % Int64(capacity))
        let row = values + 12 &* place
        let again = row + 12 &* capacity
        for lead in 0..<12 {
            row[lead] = Float(sums[lead] * scale)
            again[lead] = row[lead]
        }
        usable[place] = leads
        slots &+= 1
        clear()
    }

    private mutating func clear() {
        for lead in 0..<12 { sums[lead] = 0 }
        fill = 0
        leads = 0x0FFF
    }

    /// The slot that holds the sample at `position`.
    @_noAllocation @_noLocks
    func slot(of position: Int64) -> Int64 { position / Int64(factor) }

    /// The values of a slot by lead, 12 for each slot, and of the slots after it behind them; `slot` and those must be kept.
    @_noAllocation @_noLocks
    func rows(from slot: Int64) -> UnsafePointer<Float> { UnsafePointer(values + 12 &* Int(slot % Int64(capacity))) }

    /// The leads that were usable in every one of the slots `first`..<`end`; none if not all of them are kept.
    @_noAllocation @_noLocks
    func leads(from first: Int64, to end: Int64) -> UInt16 {
        guard first >= 0, first >= slots &- Int64(capacity), end <= slots else { return 0 }
        var all: UInt16 = 0x0FFF
        for slot in first..<end { all &= usable[Int(slot % Int64(capacity))] }
        return all
    }
}
