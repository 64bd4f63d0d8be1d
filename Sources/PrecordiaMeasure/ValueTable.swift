// From a marked median beat to the values of a report. Definitions are the doc comments of Measurement; this is their arithmetic.

import PrecordiaSignal

enum ValueTable {
    /// Fills in what the marks of a median beat say.
    @_noAllocation @_noLocks
    static func fill(_ values: inout Measurement, median: MedianBeat, delineator: BeatDelineator, interval: Float?) {
        let marks = delineator.together
        values.marks = marks
        values.leads = LeadSet(rawValue: median.leads)
        guard let onset = marks.qrsOnset, let end = marks.qrsEnd else {
            values.qrsGap = .noise
            return
        }
        values.qrs = end - onset
        values.qrsGap = .none
        if let begin = marks.pOnset, let stop = marks.pEnd {
            values.p = stop - begin
            values.pr = onset - begin
            values.pGap = .none
        } else {
            values.pGap = .noP
        }
        if let tEnd = marks.tEnd {
            if let interval, tEnd > interval - 45 {
                values.qtGap = .tooFast
            } else {
                values.qt = tEnd - onset
                values.qtGap = .none
            }
        }
        for lead in 0..<12 where delineator.scales[lead] > 0 {
            values.lead[lead] = size(lead, median: median, own: delineator.marks[lead], onset: onset, end: end)
        }
        axes(&values, median: median, onset: onset, end: end)
        voltages(&values)
    }

    /// The value of a lead at a time, millivolts.
    private static func at(_ lead: Int, _ time: Float, _ median: MedianBeat) -> Float {
        let place = Float(median.origin) + time * median.stepRate / 1000
        let bounded = most(0, least(place, Float(median.span - 2)))
        let index = Int(bounded)
        let line = median.values + lead * median.span
        return (line[index] + (bounded - Float(index)) * (line[index + 1] - line[index])) / 1000
    }

    private static func size(_ lead: Int, median: MedianBeat, own: WaveMarks, onset: Float, end: Float) -> LeadMeasurement {
        var size = LeadMeasurement()
        size.marks = own
        size.beats = median.counts[lead]
        size.noise = median.noise[lead] / 1000
        if let begin = own.pOnset, let stop = own.pEnd, let peak = own.pPeak, stop > begin {
            let part = (peak - begin) / (stop - begin)
            size.p = at(lead, peak, median) - at(lead, begin, median) - part * (at(lead, stop, median) - at(lead, begin, median))
        }
        complex(&size, lead, median, onset, end)
        size.j = at(lead, end, median)
        size.j20 = at(lead, end + 20, median)
        size.j40 = at(lead, end + 40, median)
        size.j60 = at(lead, end + 60, median)
        size.j80 = at(lead, end + 80, median)
        size.slope = (at(lead, end + 80, median) - at(lead, end, median)) / 0.08
        if let peak = own.tPeak { size.t = at(lead, peak, median) }
        return size
    }

    /// Q, R, S and R' of a lead: deflections of at least 20 microvolts.
    private static func complex(_ size: inout LeadMeasurement, _ lead: Int, _ median: MedianBeat, _ onset: Float, _ end: Float) {
        let least: Float = 0.02
        let (r, rTime) = extreme(lead, median, onset, end, sign: 1)
        let (low, _) = extreme(lead, median, onset, end, sign: -1)
        guard r > least else {
            if low < -least { size.q = low }
            return
        }
        size.r = r
        size.intrinsicoid = rTime - onset
        let (q, _) = extreme(lead, median, onset, rTime, sign: -1)
        if q < -least { size.q = q }
        let (s, sTime) = extreme(lead, median, rTime, end, sign: -1)
        guard s < -least else { return }
        size.s = s
        let (second, _) = extreme(lead, median, sTime, end, sign: 1)
        // The way from S back to the J point is no second R.
        if second > least, second > at(lead, end, median) + 0.03 { size.rPrime = second }
    }

    /// The highest value between two times, or the lowest with a sign of -1, and its time: of both ends and the steps between.
    private static func extreme(_ lead: Int, _ median: MedianBeat, _ from: Float, _ to: Float, sign: Float) -> (value: Float, time: Float) {
        var best = at(lead, from, median)
        var time = from
        let step = 1000 / median.stepRate
        var index = Int((from + MedianBeat.before) / step) - median.origin
        while Float(index) * step <= to {
            let value = at(lead, Float(index) * step, median)
            if Float(index) * step > from, sign * value > sign * best {
                best = value
                time = Float(index) * step
            }
            index += 1
        }
        return (best, time)
    }

    /// The area of a lead between two times, less the line through both where `isChord`.
    private static func area(_ lead: Int, _ median: MedianBeat, _ from: Float, _ to: Float, isChord: Bool) -> Double {
        let step = 1000 / median.stepRate
        let begin = isChord ? at(lead, from, median) : 0
        let slope = isChord && to > from ? (at(lead, to, median) - begin) / (to - from) : 0
        var sum = 0.0
        var time = from
        while time <= to {
            sum += Double(at(lead, time, median) - begin - slope * (time - from))
            time += step
        }
        return sum * Double(step)
    }

    private static func axes(_ values: inout Measurement, median: MedianBeat, onset: Float, end: Float) {
        guard values.leads.contains(.I), values.leads.contains(.aVF) else { return }
        values.qrsAxis = axis(median, onset, end, isChord: false)
        if let tEnd = values.marks.tEnd, values.qt != nil { values.tAxis = axis(median, end + 40, tEnd, isChord: false) }
        if let begin = values.marks.pOnset, let stop = values.marks.pEnd { values.pAxis = axis(median, begin, stop, isChord: true) }
    }

    private static func axis(_ median: MedianBeat, _ from: Float, _ to: Float, isChord: Bool) -> Float? {
        let left = area(Int(Lead.I.rawValue), median, from, to, isChord: isChord)
        let down = area(Int(Lead.aVF.rawValue), median, from, to, isChord: isChord)
        guard let angle = Angles.degrees(x: left, y: 1.1547005383792515 * down) else { return nil }
        return Float(angle)
    }

    private static func voltages(_ values: inout Measurement) {
        let lead = values.lead
        if values.leads.contains(.V1), values.leads.contains(.V5) || values.leads.contains(.V6) {
            let s = -(lead[6].s ?? lead[6].q ?? 0)
            values.sokolowLyon = s + most(lead[10].r ?? 0, lead[11].r ?? 0)
        }
        if values.leads.contains(.aVL), values.leads.contains(.V3) {
            values.cornell = (lead[4].r ?? 0) - (lead[8].s ?? lead[8].q ?? 0)
        }
    }
}
