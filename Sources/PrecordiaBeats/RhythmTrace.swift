// The last ten seconds of all leads at some sixty values a second, free of mains: what a rhythm without beats is judged by.
// Apart from the beats' trace, which keeps the shape of a QRS complex and so the mains as well.

import CPrecordiaKernels
import PrecordiaSignal

/// A ring of rows of twelve values, 50 to 67 a second, each with the leads that were heard in all of it.
///
/// Samples are averaged over 4 to 10 ms; five of these, weighted by two zeros at 50 and 60 Hz (moved to where the rate folds them), make a row. So mains of any
/// size is gone 40 ms after it began, and nothing swings longer than that after a hole. A lead that jumps as no heart does, by more than
/// 500 uV and 300 more for each millisecond, is not heard for 12 ms, and for up to 0.4 s until it has come back to where it was: neither a spike nor a bad contact leaves a trace.
/// - Memory: the caller's, ``requiredBytes(rate:)``, 34 KiB. Cost: two additions a lead and sample.
struct RhythmTrace {
    /// Rows a second.
    let rowRate: Double
    /// Rows that are kept.
    let capacity: Int
    /// Rows completed since the start; row `n` is kept while `n >= rows - capacity`.
    private(set) var rows: Int64 = 0

    private let kernel: SignalKernel
    private let factor: Int
    private let stride: Int
    private let scale: Double
    private let jump: Double
    private let deafness: Int
    private var taps = InlineArray<5, Float>(repeating: 0)
    private let values: UnsafeMutablePointer<Float>
    private let heard: UnsafeMutablePointer<UInt16>
    /// The last five means of twelve leads, in a ring; then the sums that become the next.
    private let means: UnsafeMutablePointer<Float>
    private let sums: UnsafeMutablePointer<Double>
    /// The last sample of each lead, the place of the next one, and what the leads that are not heard were before they jumped.
    private var last: UnsafeMutablePointer<Double>
    private var spare: UnsafeMutablePointer<Double>
    private let level: UnsafeMutablePointer<Double>
    private var meanLeads = InlineArray<5, UInt16>(repeating: 0)
    private var place = 0
    private var fill = 0
    private var inRow = 0
    private var leads: UInt16 = 0x0FFF
    private var before: UInt16 = 0
    private var deaf: UInt16 = 0
    private var deafFor = 0
    /// Samples for which leads have stayed where they jumped to, and the most that are waited.
    private var awayFor = 0
    private let longestAway: Int

    private static var seconds: Double { 10 }

    private static func rowRate(_ rate: Int) -> (stride: Int, rows: Double) {
        let fine = Double(rate) / Double(BeatDetector.factor(rate))
        let stride = Int(fine / 62.5 + 0.4)
        return (stride, fine / Double(stride))
    }

    private static func capacity(_ rate: Int) -> Int { Int(seconds * rowRate(rate).rows) }

    static func requiredBytes(rate: Int) -> Int {
        let rows = capacity(rate)
        let bytes = 48 * MemoryLayout<Double>.stride + (60 + 12 * rows) * MemoryLayout<Float>.stride + rows * MemoryLayout<UInt16>.stride
        return (bytes + 7) & ~7
    }

    init(rate: Int, contactTime: Int, kernel: SignalKernel, memory: UnsafeMutableRawPointer) {
        self.kernel = kernel
        factor = BeatDetector.factor(rate)
        let fine = Double(rate) / Double(factor)
        (stride, rowRate) = Self.rowRate(rate)
        capacity = Self.capacity(rate)
        scale = 1 / Double(factor)
        jump = 500 + 300_000 / Double(rate)
        deafness = (12 * rate + 999) / 1000
        longestAway = contactTime * rate / 1000
        sums = memory.bindMemory(to: Double.self, capacity: 48)
        sums.initialize(repeating: 0, count: 48)
        last = sums + 12
        spare = sums + 24
        level = sums + 36
        means = (memory + 48 * MemoryLayout<Double>.stride).bindMemory(to: Float.self, capacity: 60 + 12 * capacity)
        means.initialize(repeating: 0, count: 60 + 12 * capacity)
        values = means + 60
        heard = (memory + 48 * MemoryLayout<Double>.stride + (60 + 12 * capacity) * MemoryLayout<Float>.stride)
            .bindMemory(to: UInt16.self, capacity: capacity)
        heard.initialize(repeating: 0, count: capacity)
        design(fine)
    }

    /// (1 + a z + z^2)(1 + b z + z^2), 1 at rest.
    private mutating func design(_ fine: Double) {
        let a = -2 * Arithmetic.cosine(6.283185307179586 * 50 / fine)
        let b = -2 * Arithmetic.cosine(6.283185307179586 * 60 / fine)
        let whole = (2 + a) * (2 + b)
        taps[0] = Float(1 / whole)
        taps[1] = Float((a + b) / whole)
        taps[2] = Float((2 + a * b) / whole)
        taps[3] = taps[1]
        taps[4] = taps[0]
    }

    @_noAllocation @_noLocks
    mutating func reset() {
        rows = 0
        place = 0
        fill = 0
        inRow = 0
        before = 0
        deaf = 0
        deafFor = 0
        awayFor = 0
        leads = 0x0FFF
        for slot in 0..<capacity { heard[slot] = 0 }
        for mean in 0..<5 { meanLeads[mean] = 0 }
        for lead in 0..<12 { sums[lead] = 0 }
    }

    /// Takes a sample of all leads, limited to plus and minus `range`; those not in `leads` carry nothing.
    @_noAllocation @_noLocks
    mutating func push(_ microvolts: UnsafePointer<Double>, range: Double, leads present: UInt16) {
        let jumps = precordia_gather(kernel.table, microvolts, range, jump, last, spare, sums)
        let jumping = UInt16(truncatingIfNeeded: jumps) & present & before
        if jumping != 0 {
            for lead in 0..<12 where jumping & ~deaf & (1 &<< UInt16(truncatingIfNeeded: lead)) != 0 { level[lead] = last[lead] }
            deaf |= jumping
            deafFor = deafness
        } else if deaf != 0 {
            deafFor &-= 1
            if deafFor <= 0 { release() }
        }
        swap(&last, &spare)
        before = present
        leads &= present & ~deaf
        fill &+= 1
        if fill == factor { close() }
    }

    /// Hears the leads again that have come back to where they were; all of them, once they have stayed away for so long that they will not.
    private mutating func release() {
        awayFor &+= deafness
        deafFor = deafness
        var away: UInt16 = 0
        if awayFor < longestAway {
            for lead in 0..<12 where (spare[lead] - level[lead]).magnitude > jump { away |= 1 &<< UInt16(truncatingIfNeeded: lead) }
        }
        deaf &= away
        if deaf == 0 { awayFor = 0 }
    }

    /// Passes over samples in which nothing was heard.
    @_noAllocation @_noLocks
    mutating func hold(samples: Int64) {
        before = 0
        let most = Int64(capacity) &* Int64(factor) &* Int64(stride)
        for _ in 0..<(samples < most ? samples : most) {
            leads = 0
            for lead in 0..<12 { sums[lead] += last[lead] }
            fill &+= 1
            if fill == factor { close() }
        }
        guard samples > most else { return }
        rows &+= (samples &- most) / Int64(factor &* stride)
    }

    private mutating func close() {
        let row = means + 12 &* place
        for lead in 0..<12 {
            row[lead] = Float(sums[lead] * scale)
            sums[lead] = 0
        }
        meanLeads[place] = leads
        place = place == 4 ? 0 : place &+ 1
        fill = 0
        leads = 0x0FFF
        inRow &+= 1
        guard inRow == stride else { return }
        inRow = 0
        let slot = Int(rows % Int64(capacity))
        let target = values + 12 &* slot
        for lead in 0..<12 { target[lead] = 0 }
        var all: UInt16 = 0x0FFF
        for tap in 0..<5 {
            let mean = (place &+ tap) % 5
            let from = means + 12 &* mean
            for lead in 0..<12 { target[lead] += taps[tap] * from[lead] }
            all &= meanLeads[mean]
        }
        heard[slot] = all
        rows &+= 1
    }

    /// The samples taken, to within a row.
    var position: Int64 { @_noAllocation @_noLocks get { rows &* Int64(factor &* stride) } }

    /// Rows behind a beat's own that are complete when it is judged, 160 ms after its place.
    var rowsAfter: Int { @_noAllocation @_noLocks get { Int(0.13 * rowRate) } }

    /// The row in whose middle the sample at `position` lies.
    @_noAllocation @_noLocks
    func row(of position: Int64) -> Int64 { (position / Int64(factor) &+ 2) / Int64(stride) }

    /// Copies `count` rows of a lead, from `first` on; where it was not heard, a line between what was before and after.
    ///
    /// - Returns: how many of the rows from `first + margin` to `first + count - margin` were heard; 0 if not all rows are kept.
    @_noAllocation @_noLocks
    func copy(_ lead: Int, from first: Int64, count: Int, margin: Int, into line: UnsafeMutablePointer<Float>) -> Int {
        guard first >= 0, first >= rows &- Int64(capacity), first &+ Int64(count) <= rows else { return 0 }
        let bit: UInt16 = 1 &<< UInt16(truncatingIfNeeded: lead)
        var slot = Int(first % Int64(capacity))
        var known = -1
        var inside = 0
        for place in 0..<count {
            if heard[slot] & bit != 0 {
                line[place] = values[12 &* slot &+ lead]
                if known < place &- 1 { bridge(line, from: known, to: place) }
                known = place
                if place >= margin, place < count &- margin { inside &+= 1 }
            }
            slot = slot &+ 1 == capacity ? 0 : slot &+ 1
        }
        guard known >= 0 else { return 0 }
        for place in (known &+ 1)..<max(count, known &+ 1) { line[place] = line[known] }
        return inside
    }

    private func bridge(_ line: UnsafeMutablePointer<Float>, from known: Int, to place: Int) {
        let start = known < 0 ? line[place] : line[known]
        let step = (line[place] - start) / Float(place &- known)
        for between in (known &+ 1)..<place { line[between] = start + step * Float(between &- known) }
    }
}
