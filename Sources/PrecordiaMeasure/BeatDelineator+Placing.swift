// From the network's answers to times: where among what is likely an edge is placed, and in which order.
// Apart from what the network is given, because either may change without the other.

import CPrecordiaKernels
import PrecordiaSignal

extension BeatDelineator {
    /// The time of an edge between two times, milliseconds: the mean of what is likely within 88 ms about the likeliest column.
    func likeliest(_ answer: UnsafePointer<Float>, _ edge: Int, from: Float, to: Float) -> Float {
        let line = answer + edge &* Self.columns
        let (_, best, _) = peak(line, from, to)
        var sum: Float = 0
        var moment: Float = 0
        for at in max(0, best &- 11)...min(Self.columns &- 1, best &+ 11) {
            let weight = Self.weight(line[at], of: line[best])
            sum += weight
            moment += weight * Self.time(at)
        }
        return moment / sum
    }

    /// The columns of two times, and the likeliest one between them.
    private func peak(_ line: UnsafePointer<Float>, _ from: Float, _ to: Float) -> (first: Int, best: Int, last: Int) {
        let first = column(from)
        let last = max(first, column(to))
        var best = first
        for at in first...last where line[at] > line[best] { best = at }
        return (first, best, last)
    }

    /// What a column counts beside the likeliest one, 0 to 1: (1 + x/8)⁸, which is an exponential but for its far tail, at a tenth of its cost.
    private static func weight(_ here: Float, of best: Float) -> Float {
        let base = 1 + 0.125 * (here - best)
        guard base > 0 else { return 0 }
        let square = least(base, 1) * least(base, 1)
        return square * square * (square * square)
    }

    func column(_ time: Float) -> Int {
        let at = Int((time - Self.time(0)) / Float(PRECORDIA_DELINEATION_STEP) + 0.5)
        return at < 0 ? 0 : at >= Self.columns ? Self.columns &- 1 : at
    }

    /// What part of the answer for an edge between two times lies within some columns of its likeliest one.
    func sureness(_ answer: UnsafePointer<Float>, _ edge: Int, from: Float, to: Float, near reach: Int) -> Float {
        let line = answer + edge &* Self.columns
        let (first, best, last) = peak(line, from, to)
        var all: Float = 0
        var near: Float = 0
        for at in first...last {
            let weight = Float(Arithmetic.exponential(Double(most(-40, line[at] - line[best]))))
            all += weight
            if at >= best &- reach, at <= best &+ reach { near += weight }
        }
        return near / all
    }

    /// The latest time at which T may end.
    func latest(_ qrsEnd: Float, _ interval: Float?) -> Float { most(qrsEnd + 120, least((interval ?? 940) - 40, 872)) }

    /// The edges in their order: the QRS complex first, the others before and behind it; within 80 ms (T 120) of what all leads say.
    func place(_ answer: UnsafePointer<Float>, about all: WaveMarks?, interval: Float?) -> WaveMarks {
        var marks = WaveMarks()
        let onset = window(all?.qrsOnset, 60, -200, 40)
        let qrsOnset = likeliest(answer, 2, from: onset.0, to: onset.1)
        let end = window(all?.qrsEnd, 80, most(qrsOnset + 24, -40), 280)
        let qrsEnd = likeliest(answer, 3, from: end.0, to: end.1)
        let t = window(all?.tEnd, 140, qrsEnd + 80, latest(qrsEnd, interval))
        let tEnd = likeliest(answer, 4, from: t.0, to: t.1)
        let p = window(all?.pEnd, 80, -370, qrsOnset + 8)
        let pEnd = likeliest(answer, 1, from: p.0, to: p.1)
        let begin = window(all?.pOnset, 90, -392, pEnd - 30)
        marks.pOnset = likeliest(answer, 0, from: begin.0, to: begin.1)
        marks.pEnd = pEnd
        marks.qrsOnset = qrsOnset
        marks.qrsEnd = qrsEnd
        marks.tEnd = tEnd
        let rise = window(all?.tOnset, 140, qrsEnd, tEnd - 30)
        marks.tOnset = likeliest(answer, 5, from: rise.0, to: rise.1)
        return marks
    }

    private func window(_ centre: Float?, _ reach: Float, _ low: Float, _ high: Float) -> (Float, Float) {
        guard let centre else { return (low, most(low, high)) }
        let from = most(low, least(centre - reach, high))
        return (from, most(from, least(centre + reach, high)))
    }
}
