// From a median beat to its marks: what the network is given, and where among its answers a mark may lie.
// Apart from the median, because other ways of marking may come, and are compared on the same beats.

import CPrecordiaKernels
import PrecordiaSignal

/// Marks each lead of a median beat.
///
/// A lead is laid on columns of 8 ms, as a part of what its own QRS complex reaches. The network sees the lead, its slope, both of all leads together, and the time
/// relative to the place and to the next beat (Sereda et al., 2019, and others after it mark single beats; here the median of all beats of a kind is
/// marked, which is quieter, and once for all of them). Its answer for a column is how likely an edge lies there. Marks lie between columns, at the mean of what is
/// likely about the likeliest one.
struct BeatDelineator {
    /// The marks of each lead; of leads that the beat has not, nothing is known.
    private(set) var marks = InlineArray<12, WaveMarks>(repeating: WaveMarks())
    /// What each lead's QRS complex reaches from its lowest to its highest, microvolts; 0 for a lead that is not there.
    private(set) var scales = InlineArray<12, Float>(repeating: 0)
    /// How sure the network is that there is a P wave, 0 to 1: what is likely about the likeliest columns for its beginning and its end.
    private(set) var certainty: Float = 0
    /// How sure the network is of the end of T, in the same way, 0 to 1.
    private(set) var certaintyOfT: Float = 0
    /// Medians over leads of the P wave's edges, milliseconds.
    private(set) var pOnset: Float = 0
    private(set) var pEnd: Float = 0

    private let shared: UnsafeMutablePointer<Float>
    private let begun: UnsafeMutablePointer<Float>
    private let own: UnsafeMutablePointer<Float>
    private let lines: UnsafeMutablePointer<Float>
    private let answers: UnsafeMutablePointer<Float>
    private let scratch: UnsafeMutablePointer<Float>
    /// A lead evened out, and for each column the step before it and what part of the way to the next one it lies.
    private let even: UnsafeMutablePointer<Float>
    private let parts: UnsafeMutablePointer<Float>
    private let places: UnsafeMutablePointer<Int32>
    private let kernel: OpaquePointer

    static var columns: Int { @_noAllocation @_noLocks get { Int(PRECORDIA_DELINEATION_COLUMNS) } }
    private static var edges: Int { @_noAllocation @_noLocks get { Int(PRECORDIA_DELINEATION_EDGES) } }
    /// The most steps of a median beat.
    private static var span: Int { 700 }
    private static var values: Int {
        // Shared channels, what they begin, a lead's own, twelve lines, the answers of twelve leads and their mean, scratch, a lead, parts, places.
        let network = Int(PRECORDIA_DELINEATION_SCRATCH) + Int(PRECORDIA_DELINEATION_SCRATCH) / 4
        return (Int(PRECORDIA_DELINEATION_SHARED + PRECORDIA_DELINEATION_OWN) + 12 + 13 * edges + 2) * columns + network + span
    }
    static var requiredBytes: Int { values * MemoryLayout<Float>.stride }

    init(kernel: OpaquePointer, memory: UnsafeMutableRawPointer) {
        self.kernel = kernel
        let columns = Self.columns
        shared = memory.bindMemory(to: Float.self, capacity: Self.values - columns)
        shared.initialize(repeating: 0, count: Self.values - columns)
        begun = shared + Int(PRECORDIA_DELINEATION_SHARED) * columns
        own = begun + Int(PRECORDIA_DELINEATION_SCRATCH) / 4
        lines = own + Int(PRECORDIA_DELINEATION_OWN) * columns
        answers = lines + 12 * columns
        scratch = answers + 13 * Self.edges * columns
        even = scratch + Int(PRECORDIA_DELINEATION_SCRATCH)
        parts = even + Self.span
        places = UnsafeMutableRawPointer(parts + columns).bindMemory(to: Int32.self, capacity: columns)
        places.initialize(repeating: 0, count: columns)
    }

    /// The milliseconds of a column, from the beat's place.
    static func time(_ column: Int) -> Float {
        Float(Int(PRECORDIA_DELINEATION_FIRST) &+ Int(PRECORDIA_DELINEATION_STEP) &* column)
    }

    /// Marks a beat. `interval` is the time to the next beat, milliseconds; nil if there is none.
    @_noAllocation @_noLocks
    mutating func mark(_ beat: MedianBeat, interval: Float?) {
        lay(beat)
        let columns = Self.columns
        let edges = Self.edges
        common(beat.leads, interval: interval)
        let mean = answers + 12 &* edges &* columns
        for place in 0..<(edges &* columns) { mean[place] = 0 }
        var number: Float = 0
        for lead in 0..<12 where scales[lead] > 0 {
            fill(lead)
            let answer = answers + lead &* edges &* columns
            precordia_delineate(kernel, begun, own, scratch, answer)
            precordia_add(kernel, answer, edges &* columns, mean)
            number += 1
        }
        marks = InlineArray(repeating: WaveMarks())
        certainty = 0
        guard number > 0 else { return }
        for place in 0..<(edges &* columns) { mean[place] /= number }
        certainty = 0.5 * (sureness(mean, 0, from: Self.time(0), to: 40, near: 3) + sureness(mean, 1, from: Self.time(0), to: 40, near: 3))
        let together = place(mean, about: nil, interval: interval)
        let end = together.qrsEnd ?? 0
        certaintyOfT = sureness(mean, 4, from: end + 80, to: latest(end, interval), near: 5)
        (pOnset, pEnd) = (together.pOnset ?? 0, together.pEnd ?? 0)
        for lead in 0..<12 where scales[lead] > 0 {
            let answer = answers + lead &* edges &* columns
            mix(answer, mean)
            marks[lead] = place(answer, about: together, interval: interval)
            peaks(lead)
        }
    }

    /// What all leads say has a say in each lead, by edge; or what a lead says other than all counts more, where the share is negative.
    private func mix(_ answer: UnsafeMutablePointer<Float>, _ mean: UnsafePointer<Float>) {
        for edge in 0..<Self.edges {
            let share: Float = edge == 4 ? 0.2 : edge == 0 ? -0.2 : edge == 1 ? -0.1 : edge == 3 ? -0.05 : 0
            for column in 0..<Self.columns {
                let at = edge &* Self.columns &+ column
                answer[at] = (1 - share) * answer[at] + 1.5 * share * mean[at]
            }
        }
    }

    /// Lays each lead on columns, as a part of what its QRS complex reaches.
    private mutating func lay(_ beat: MedianBeat) {
        let columns = Self.columns
        for column in 0..<columns {
            let place = Float(beat.origin) + Self.time(column) * beat.stepRate / 1000
            places[column] = Int32(place)
            parts[column] = place - Float(places[column])
        }
        let (first, end) = (column(-98), column(118) &+ 1)
        for lead in 0..<12 {
            scales[lead] = 0
            guard beat.leads & (1 &<< UInt16(truncatingIfNeeded: lead)) != 0 else { continue }
            let to = lines + lead &* columns
            smooth(beat.values + lead &* beat.span, Int(0.004 * beat.stepRate + 0.5), beat.span)
            for column in 0..<columns {
                let at = Int(places[column])
                to[column] = even[at] + parts[column] * (even[at &+ 1] - even[at])
            }
            var low: Float = .infinity
            var high: Float = -.infinity
            for column in first..<end {
                low = least(low, to[column])
                high = most(high, to[column])
            }
            guard high - low > 5 else { continue }
            scales[lead] = high - low
            let part = 1 / scales[lead]
            for column in 0..<columns { to[column] *= part }
        }
    }

    /// The mean of each step and `near` on both sides of it.
    private func smooth(_ line: UnsafePointer<Float>, _ near: Int, _ span: Int) {
        for place in 0..<span { even[place] = line[place] }
        guard near > 0 else { return }
        for shift in 1...near {
            for place in shift..<(span &- shift) { even[place] += line[place &- shift] + line[place &+ shift] }
            for place in 0..<shift {
                even[place] += line[0] + line[place &+ shift]
                even[span &- 1 &- place] += line[span &- 1] + line[span &- 1 &- place &- shift]
            }
        }
        let part = 1 / Float(2 &* near &+ 1)
        for place in 0..<span { even[place] *= part }
    }

    /// Small values are as visible as large ones: 1 stays 1, and 0.05 becomes 0.2.
    private static func compressed(_ x: Float) -> Float { 5 * x / (1 + 4 * x.magnitude) }

    /// The channels that all leads share.
    private func common(_ leads: UInt16, interval: Float?) {
        let columns = Self.columns
        let distance = most(300, least(interval ?? 1500, 1500))
        let (level, slope) = (shared, shared + columns)
        for column in 0..<(2 &* columns) { shared[column] = 0 }
        var number: Float = 0
        for lead in 0..<12 where scales[lead] > 0 {
            let line = lines + lead &* columns
            for column in 0..<columns { level[column] += line[column] * line[column] }
            for column in 1..<(columns &- 1) {
                let d = line[column &+ 1] - line[column &- 1]
                slope[column] += d * d
            }
            number += 1
        }
        let part = number > 0 ? 1 / number : 0
        for column in 0..<columns {
            level[column] = Self.compressed(Float(Arithmetic.squareRoot(Double(level[column] * part))))
            slope[column] = Self.compressed(2 * Float(Arithmetic.squareRoot(Double(slope[column] * part))))
            let late = (Self.time(column) - distance) / 200
            shared[2 &* columns &+ column] = 0.5 * most(-2, least(late, 2))
            shared[3 &* columns &+ column] = most(-1, least(Self.time(column) / 400, 2.2))
        }
        precordia_delineate_shared(kernel, shared, begun)
    }

    /// The channels of one lead.
    private func fill(_ lead: Int) {
        let columns = Self.columns
        let line = lines + lead &* columns
        let slope = own + columns
        for column in 0..<columns { own[column] = Self.compressed(line[column]) }
        slope[0] = 0
        slope[columns &- 1] = 0
        for column in 1..<(columns &- 1) { slope[column] = Self.compressed(2 * (line[column &+ 1] - line[column &- 1])) }
    }

    /// The peaks of a lead between its edges.
    private mutating func peaks(_ lead: Int) {
        guard let qrsOnset = marks[lead].qrsOnset, let qrsEnd = marks[lead].qrsEnd, let tEnd = marks[lead].tEnd,
            let pOnset = marks[lead].pOnset,
            let pEnd = marks[lead].pEnd
        else { return }
        marks[lead].rPeak = peak(lead, from: qrsOnset, to: qrsEnd)
        marks[lead].tPeak = peak(lead, from: qrsEnd + 60, to: tEnd - 16)
        if let tOnset = marks[lead].tOnset, let tPeak = marks[lead].tPeak { marks[lead].tOnset = least(tOnset, tPeak) }
        marks[lead].pPeak = peak(lead, from: pOnset + 8, to: pEnd - 8)
    }

    /// The column that is farthest from the chord between two times.
    private func peak(_ lead: Int, from: Float, to: Float) -> Float {
        let line = lines + lead &* Self.columns
        let first = column(from)
        let last = max(column(to), first)
        var best = first
        var farthest: Float = -1
        let slope = last > first ? (line[last] - line[first]) / Float(last &- first) : 0
        for at in first...last {
            let distance = (line[at] - line[first] - slope * Float(at &- first)).magnitude
            if distance > farthest {
                farthest = distance
                best = at
            }
        }
        return Self.time(best)
    }

    /// Takes the edges of T away: they cannot be told.
    @_noAllocation @_noLocks
    mutating func forgetT() {
        for lead in 0..<12 {
            marks[lead].tOnset = nil
            marks[lead].tEnd = nil
        }
    }

    /// Takes the P wave's marks away: there is none.
    @_noAllocation @_noLocks
    mutating func forgetP() {
        for lead in 0..<12 {
            marks[lead].pOnset = nil
            marks[lead].pPeak = nil
            marks[lead].pEnd = nil
        }
    }
}
