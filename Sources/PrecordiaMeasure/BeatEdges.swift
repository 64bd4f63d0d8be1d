// Where the QRS complex of a beat begins and ends over all leads together, by slopes alone: the frame that everything finer is laid in.
// Apart from the network, which needs a level before the complex to begin with.

import PrecordiaSignal

/// The complex of a median beat, in steps from the beat's beginning.
struct BeatEdges {
    var onset = 0
    var peak = 0
    var end = 0

    /// - Parameter scratch: `beat.span` values twice.
    @_noAllocation @_noLocks
    init(_ beat: MedianBeat, scratch: UnsafeMutablePointer<Float>) {
        let sum = scratch
        let other = scratch + beat.span
        Self.envelope(beat, into: sum, other)
        let origin = beat.origin
        let span = beat.span
        let near = beat.steps(16)
        // The energy's centre and not the steepest step: a pacing pulse is steeper than any ventricle.
        peak = origin
        var highest: Float = -1
        for place in (origin &- beat.steps(90))..<(origin &+ beat.steps(110)) {
            var mean: Float = 0
            for shift in -near...near { mean += sum[place &+ shift] }
            if mean > highest {
                highest = mean
                peak = place
            }
        }
        var top: Float = 0
        for place in (peak &- beat.steps(24))..<(peak &+ beat.steps(24)) where sum[place] > top { top = sum[place] }
        for place in 0..<span { other[place] = sum[place] }
        let quiet = Self.ranked(other, span, part: 0.2)
        let from = origin &- beat.steps(320)
        let length = beat.steps(230)
        for place in 0..<length { other[place] = sum[from &+ place] }
        let before = Self.ranked(other, length, part: 0.5)
        let low = most(0.06 * top, 1.5 * quiet)
        onset = Self.edge(
            sum, from: peak, to: max(2, origin &- beat.steps(160)), above: most(0.06 * top, least(1.7 * before, 0.25 * top)), gap: near)
        end = Self.edge(sum, from: peak, to: min(span &- 3, origin &+ beat.steps(260)), above: low, gap: beat.steps(20))
    }

    /// The sum over leads of their slopes, each as a part of its steepest.
    private static func envelope(_ beat: MedianBeat, into sum: UnsafeMutablePointer<Float>, _ slopes: UnsafeMutablePointer<Float>) {
        for place in 0..<beat.span { sum[place] = 0 }
        for lead in 0..<12 where beat.leads & (1 &<< UInt16(truncatingIfNeeded: lead)) != 0 {
            let line = beat.values + lead &* beat.span
            slopes[0] = 0
            slopes[beat.span &- 1] = 0
            for place in 1..<(beat.span &- 1) { slopes[place] = (line[place &+ 1] - line[place &- 1]).magnitude }
            var top: Float = 1e-3
            for place in (beat.origin &- beat.steps(100))..<(beat.origin &+ beat.steps(130)) where slopes[place] > top {
                top = slopes[place]
            }
            for place in 0..<beat.span { sum[place] += slopes[place] / top }
        }
    }

    /// From one place towards another, the last that is above a level, gaps passed over.
    private static func edge(_ line: UnsafePointer<Float>, from: Int, to: Int, above level: Float, gap: Int) -> Int {
        let stride = to > from ? 1 : -1
        var last = from
        var place = from
        while place != to, (place &- last).magnitude <= UInt(gap) {
            place &+= stride
            if line[place] >= level { last = place }
        }
        return last
    }

    /// The value below which a part of them lies. Orders them on the way (Hoare's selection).
    private static func ranked(_ line: UnsafeMutablePointer<Float>, _ count: Int, part: Float) -> Float {
        let wanted = Int(part * Float(count &- 1))
        var low = 0
        var high = count &- 1
        while low < high {
            let pivot = line[(low &+ high) &>> 1]
            var left = low
            var right = high
            while left <= right {
                while line[left] < pivot { left &+= 1 }
                while line[right] > pivot { right &-= 1 }
                if left <= right {
                    let kept = line[left]
                    line[left] = line[right]
                    line[right] = kept
                    left &+= 1
                    right &-= 1
                }
            }
            if wanted <= right { high = right } else if wanted >= left { low = left } else { break }
        }
        return line[wanted]
    }
}
