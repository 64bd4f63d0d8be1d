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
    /// Medians over leads of the P wave's edges, milliseconds.
    private(set) var pOnset: Float = 0
    private(set) var pEnd: Float = 0

    private let channels: UnsafeMutablePointer<Float>
    private let lines: UnsafeMutablePointer<Float>
    private let answers: UnsafeMutablePointer<Float>
    private let scratch: UnsafeMutablePointer<Float>

    private static var columns: Int { @_noAllocation @_noLocks get { Int(PRECORDIA_DELINEATION_COLUMNS) } }
    private static var edges: Int { @_noAllocation @_noLocks get { Int(PRECORDIA_DELINEATION_EDGES) } }
    private static var values: Int {
        // Channels, twelve lines, the answers of twelve leads and their mean, scratch.
        Int(PRECORDIA_DELINEATION_CHANNELS) * columns + 12 * columns + 13 * edges * columns + Int(PRECORDIA_DELINEATION_SCRATCH)
    }
    static var requiredBytes: Int { values * MemoryLayout<Float>.stride }

    init(memory: UnsafeMutableRawPointer) {
        channels = memory.bindMemory(to: Float.self, capacity: Self.values)
        channels.initialize(repeating: 0, count: Self.values)
        lines = channels + Int(PRECORDIA_DELINEATION_CHANNELS) * Self.columns
        answers = lines + 12 * Self.columns
        scratch = answers + 13 * Self.edges * Self.columns
    }

    /// The milliseconds of a column, from the beat's place.
    private static func time(_ column: Int) -> Float {
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
            own(lead)
            let answer = answers + lead &* edges &* columns
            precordia_delineate(channels, scratch, answer)
            for place in 0..<(edges &* columns) { mean[place] += answer[place] }
            number += 1
        }
        marks = InlineArray(repeating: WaveMarks())
        certainty = 0
        guard number > 0 else { return }
        for place in 0..<(edges &* columns) { mean[place] /= number }
        certainty = 0.5 * (sureness(mean, 0) + sureness(mean, 1))
        let together = place(mean, about: nil, interval: interval)
        (pOnset, pEnd) = (together.pOnset ?? 0, together.pEnd ?? 0)
        for lead in 0..<12 where scales[lead] > 0 {
            let answer = answers + lead &* edges &* columns
            mix(answer, mean)
            marks[lead] = place(answer, about: together, interval: interval)
            peaks(lead)
        }
    }

    /// What all leads say has a say in each lead, by edge.
    private func mix(_ answer: UnsafeMutablePointer<Float>, _ mean: UnsafePointer<Float>) {
        for edge in 0..<Self.edges {
            let share: Float = edge == 4 ? 0.6 : edge < 2 ? 0.1 : 0.15
            for column in 0..<Self.columns {
                let at = edge &* Self.columns &+ column
                answer[at] = (1 - share) * answer[at] + 1.5 * share * mean[at]
            }
        }
    }

    /// Lays each lead on columns, as a part of what its QRS complex reaches.
    private mutating func lay(_ beat: MedianBeat) {
        for lead in 0..<12 {
            scales[lead] = 0
            guard beat.leads & (1 &<< UInt16(truncatingIfNeeded: lead)) != 0 else { continue }
            let to = lines + lead &* Self.columns
            let from = beat.values + lead &* beat.span
            let near = Int(0.004 * beat.stepRate + 0.5)
            var low: Float = .infinity
            var high: Float = -.infinity
            for column in 0..<Self.columns {
                let place = Float(beat.origin) + Self.time(column) * beat.stepRate / 1000
                let at = Int(place)
                let part = place - Float(at)
                let here = smooth(from, at, near, beat.span)
                to[column] = here + part * (smooth(from, at &+ 1, near, beat.span) - here)
                if Self.time(column) > -100, Self.time(column) < 120 {
                    low = least(low, to[column])
                    high = most(high, to[column])
                }
            }
            guard high - low > 5 else { continue }
            scales[lead] = high - low
            for column in 0..<Self.columns { to[column] /= scales[lead] }
        }
    }

    private func smooth(_ line: UnsafePointer<Float>, _ place: Int, _ near: Int, _ span: Int) -> Float {
        var sum: Float = 0
        for shift in -near...near {
            let at = place &+ shift
            sum += line[at < 0 ? 0 : at >= span ? span &- 1 : at]
        }
        return sum / Float(2 &* near &+ 1)
    }

    /// Small values are as visible as large ones: 1 stays 1, and 0.05 becomes 0.2.
    private static func compressed(_ x: Float) -> Float { 5 * x / (1 + 4 * x.magnitude) }

    /// The channels that all leads share.
    private func common(_ leads: UInt16, interval: Float?) {
        let columns = Self.columns
        let distance = most(300, least(interval ?? 1500, 1500))
        for column in 0..<columns {
            var level: Float = 0
            var slope: Float = 0
            var number: Float = 0
            for lead in 0..<12 where scales[lead] > 0 {
                let line = lines + lead &* columns
                let d = column > 0 && column < columns &- 1 ? line[column &+ 1] - line[column &- 1] : 0
                level += line[column] * line[column]
                slope += d * d
                number += 1
            }
            let part = number > 0 ? 1 / number : 0
            channels[2 &* columns &+ column] = Self.compressed(Float(Arithmetic.squareRoot(Double(level * part))))
            channels[3 &* columns &+ column] = Self.compressed(2 * Float(Arithmetic.squareRoot(Double(slope * part))))
            let late = (Self.time(column) - distance) / 200
            channels[4 &* columns &+ column] = 0.5 * most(-2, least(late, 2))
            channels[5 &* columns &+ column] = most(-1, least(Self.time(column) / 400, 2.2))
        }
    }

    /// The channels of one lead.
    private func own(_ lead: Int) {
        let columns = Self.columns
        let line = lines + lead &* columns
        for column in 0..<columns {
            let d = column > 0 && column < columns &- 1 ? line[column &+ 1] - line[column &- 1] : 0
            channels[column] = Self.compressed(line[column])
            channels[columns &+ column] = Self.compressed(2 * d)
        }
    }

    /// The likeliest time of an edge between two times, milliseconds.
    private func likeliest(_ answer: UnsafePointer<Float>, _ edge: Int, from: Float, to: Float) -> Float {
        let line = answer + edge &* Self.columns
        let first = column(from)
        let last = max(first, column(to))
        var best = first
        for at in first...last where line[at] > line[best] { best = at }
        var sum: Float = 0
        var moment: Float = 0
        for at in max(0, best &- 4)...min(Self.columns &- 1, best &+ 4) {
            let weight = Float(Arithmetic.exponential(Double(line[at] - line[best])))
            sum += least(weight, 1)
            moment += least(weight, 1) * Self.time(at)
        }
        return moment / sum
    }

    private func column(_ time: Float) -> Int {
        let at = Int((time - Self.time(0)) / Float(PRECORDIA_DELINEATION_STEP) + 0.5)
        return at < 0 ? 0 : at >= Self.columns ? Self.columns &- 1 : at
    }

    /// What part of the answer for an edge lies within three columns of its likeliest one.
    private func sureness(_ answer: UnsafePointer<Float>, _ edge: Int) -> Float {
        let line = answer + edge &* Self.columns
        var best = 0
        let last = column(40)
        for at in 0...last where line[at] > line[best] { best = at }
        var all: Float = 0
        var near: Float = 0
        for at in 0...last {
            let weight = Float(Arithmetic.exponential(Double(line[at] - line[best])))
            all += weight
            if at >= best &- 3, at <= best &+ 3 { near += weight }
        }
        return near / all
    }

    /// The edges in their order: the QRS complex first, the others before and behind it; within 80 ms (T 120) of what all leads say.
    private func place(_ answer: UnsafePointer<Float>, about all: WaveMarks?, interval: Float?) -> WaveMarks {
        var marks = WaveMarks()
        let onset = window(all?.qrsOnset, 60, -200, 40)
        let qrsOnset = likeliest(answer, 2, from: onset.0, to: onset.1)
        let end = window(all?.qrsEnd, 80, most(qrsOnset + 24, -40), 280)
        let qrsEnd = likeliest(answer, 3, from: end.0, to: end.1)
        let latest = most(qrsEnd + 120, least((interval ?? 940) - 40, 872))
        let t = window(all?.tEnd, 140, qrsEnd + 80, latest)
        let tEnd = likeliest(answer, 4, from: t.0, to: t.1)
        let p = window(all?.pEnd, 80, -370, qrsOnset + 8)
        let pEnd = likeliest(answer, 1, from: p.0, to: p.1)
        let begin = window(all?.pOnset, 90, -392, pEnd - 30)
        marks.pOnset = likeliest(answer, 0, from: begin.0, to: begin.1)
        marks.pEnd = pEnd
        marks.qrsOnset = qrsOnset
        marks.qrsEnd = qrsEnd
        marks.tEnd = tEnd
        return marks
    }

    private func window(_ centre: Float?, _ reach: Float, _ low: Float, _ high: Float) -> (Float, Float) {
        guard let centre else { return (low, most(low, high)) }
        let from = most(low, least(centre - reach, high))
        return (from, most(from, least(centre + reach, high)))
    }

    /// The peaks of a lead between its edges.
    private mutating func peaks(_ lead: Int) {
        guard let qrsOnset = marks[lead].qrsOnset, let qrsEnd = marks[lead].qrsEnd, let tEnd = marks[lead].tEnd,
            let pOnset = marks[lead].pOnset,
            let pEnd = marks[lead].pEnd
        else { return }
        marks[lead].rPeak = peak(lead, from: qrsOnset, to: qrsEnd)
        marks[lead].tPeak = peak(lead, from: qrsEnd + 60, to: tEnd - 16)
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
