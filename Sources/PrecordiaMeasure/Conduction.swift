// How the atria's beats and the ventricles' go together. Apart from AtrialRhythm, which finds P waves and knows nothing of conduction.

import PrecordiaSignal

/// How P waves and QRS complexes of the last 10 s follow each other (AHA/ACCF/HRS 2007 and ACC/AHA/HRS 2018 name them so).
public enum Conduction: UInt8, Sendable {
    /// Nothing can be told: no P waves that keep time, or their relation is none of these.
    case unknown = 0
    /// A QRS complex follows each P wave.
    case all = 1
    /// PR grows until a P wave is not conducted (Mobitz I).
    case wenckebach = 2
    /// Single P waves are not conducted while PR stays (Mobitz II).
    case mobitz = 3
    /// Each second P wave is conducted.
    case twoToOne = 4
    /// Two P waves in a row and more are not conducted, and some are (high-grade block).
    case advanced = 5
    /// No P wave is conducted: the ventricles keep a slower time of their own.
    case complete = 6
    /// Both keep a time of their own and nearly the same (isorhythmic dissociation); no block.
    case isorhythmic = 7

    /// Whether P waves that should be conducted are not.
    public var isBlock: Bool {
        @_noAllocation @_noLocks get { rawValue >= Conduction.wenckebach.rawValue && rawValue <= Conduction.complete.rawValue }
    }
}

/// Sorts the beats of some seconds among P waves that keep time.
struct ConductionReading {
    /// For each beat from the second on: P waves since the beat before, those that were seen, and the steps from the last P wave to its QRS complex.
    private var number = InlineArray<48, Int>(repeating: 0)
    private var seen = InlineArray<48, Int>(repeating: 0)
    private var delay = InlineArray<48, Float>(repeating: 0)
    private var between = InlineArray<48, Float>(repeating: 0)
    private var count = 0
    private let rate: Float
    private let interval: Float

    /// - Parameter onset: where QRS complexes begin, steps from their place.
    @_noAllocation @_noLocks
    init(_ atria: AtrialRhythm, _ groups: BeatGroups, onset: Int, rate: Float) {
        self.rate = rate
        interval = atria.interval
        guard atria.count > 4 else { return }
        var wave = 0
        var last: Int64 = -1
        // A P wave whose middle lies within 40 ms of a complex is not the one that it answers.
        let near = Int64(0.04 * rate)
        for index in 0..<groups.count {
            let complex = groups.beats[index].aligned + Int64(onset)
            var (waves, visible, latest) = (0, 0, Int64(-1))
            while wave < atria.count, atria.waves[wave].step < complex - near {
                waves &+= 1
                if atria.waves[wave].isSeen { visible &+= 1 }
                latest = atria.waves[wave].step
                wave &+= 1
            }
            let isInside = last >= atria.waves[0].step && complex <= atria.waves[atria.count &- 1].step + Int64(interval)
            if index > 0, last >= 0, isInside || latest >= 0 && last >= atria.waves[0].step {
                number[count] = waves
                seen[count] = visible
                delay[count] = latest >= 0 ? Float(complex - latest) : -1
                between[count] = Float(complex - last)
                count &+= 1
            }
            last = complex
        }
    }

    private func milliseconds(_ steps: Float) -> Float { 1000 * steps / rate }

    /// What the relation is.
    var conduction: Conduction { @_noAllocation @_noLocks get { read() } }

    /// From the middle of P waves to the QRS complexes behind them, milliseconds; of conducted ones their PR less half of P.
    var meanDelay: Float { @_noAllocation @_noLocks get { milliseconds(range(delay).mean) } }

    private func read() -> Conduction {
        guard count >= 3, interval > 0 else { return .unknown }
        let ventricles = range(between)
        let mean = ventricles.mean
        let ratio = mean / interval
        let isRegular = ventricles.high - ventricles.low < 0.12 * mean
        var blocked = 0
        var hidden = 0
        for index in 0..<count {
            blocked &+= max(0, number[index] &- 1)
            if number[index] > 1 { hidden &+= number[index] &- seen[index] }
        }
        if blocked == 0 { return ratio > 0.9 && ratio < 1.1 ? unblocked(isRegular) : .unknown }
        // Of the waves that are not answered most must have been seen.
        guard 2 &* hidden <= blocked else { return .unknown }
        return isRegular ? regular(ratio) : isStepwise ? dropped() : .unknown
    }

    /// Whether beats come as P waves do, one or more intervals apart, each 60 to 550 ms behind the middle of its own: what fibrillation does not do.
    private var isStepwise: Bool {
        for index in 0..<count {
            let steps = Float(number[index]) * interval
            guard number[index] > 0, (between[index] - steps).magnitude < 0.35 * interval else { return false }
            guard delay[index] > 0.06 * rate, delay[index] < 0.55 * rate else { return false }
        }
        return true
    }

    private func unblocked(_ isRegular: Bool) -> Conduction {
        var isSingle = true
        for index in 0..<count where number[index] != 1 { isSingle = false }
        let delays = range(delay)
        if isSingle, milliseconds(delays.high - delays.low) < 60 { return .all }
        return isRegular && drifts ? .isorhythmic : .unknown
    }

    /// Whether the time from P to QRS changes by 80 ms and more in all and the same way from beat to beat, each time by less than a third of it.
    private var drifts: Bool {
        guard count >= 4 else { return false }
        var way: Float = 0
        var length: Float = 0
        var largest: Float = 0
        for index in 1..<count {
            var step = delay[index] - delay[index &- 1]
            // One that passes the complex is the next one's.
            if step > 0.5 * interval { step -= interval } else if step < -0.5 * interval { step += interval }
            way += step
            length += step.magnitude
            largest = most(largest, step.magnitude)
        }
        return milliseconds(way.magnitude) >= 80 && way.magnitude > 0.8 * length && largest < 0.34 * way.magnitude
    }

    /// The ventricles keep time: each second or third wave is conducted, or none.
    private func regular(_ ratio: Float) -> Conduction {
        guard ratio > 1.15 else { return .unknown }
        let delays = range(delay)
        let spread = milliseconds(delays.high - delays.low)
        let whole = Float(Int(ratio + 0.5))
        if (ratio - whole).magnitude < 0.06 * whole, spread < 60, whole >= 2 { return whole == 2 ? .twoToOne : .advanced }
        return spread > 120 && milliseconds(interval) * ratio > 1000 ? .complete : .unknown
    }

    /// Pauses among conducted waves: what PR does before and behind them.
    private func dropped() -> Conduction {
        var single = 0
        var pauses = 0
        var longest = 0
        var growth: Float = 0
        var compared = 0
        for index in 0..<count {
            longest = max(longest, number[index] &- 1)
            guard number[index] > 1 else {
                single &+= number[index]
                continue
            }
            pauses &+= 1
            guard index > 0, number[index &- 1] >= 1, delay[index &- 1] > 0 else { continue }
            growth += delay[index &- 1] - delay[index]
            compared &+= 1
        }
        if longest >= 2 { return pauses > 1 || single > 0 ? .advanced : .unknown }
        guard single > 0, compared > 0, pauses > 0 else { return .unknown }
        let grown = milliseconds(growth / Float(compared))
        let delays = range(delay)
        if grown >= 30 { return .wenckebach }
        return grown > -20 && milliseconds(delays.high - delays.low) < 60 ? .mobitz : .unknown
    }

    private func range(_ values: InlineArray<48, Float>) -> (low: Float, high: Float, mean: Float) {
        var (low, high, sum) = (values[0], values[0], Float(0))
        for index in 0..<count {
            low = least(low, values[index])
            high = most(high, values[index])
            sum += values[index]
        }
        return (low, high, sum / Float(count))
    }
}
