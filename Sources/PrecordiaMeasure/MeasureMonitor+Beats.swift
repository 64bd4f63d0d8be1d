// What takes more than the median beat: rate and its variability, P waves between beats, and how values differ between parts of the beats.
// Apart from the monitor, which says which beats are measured and when.

import PrecordiaSignal

extension MeasureMonitor {
    /// The values of two to four medians of parts of a group's beats.
    mutating func spreads(_ group: Int) -> Spreads? {
        let parts = min(4, groups.sizes[group] / 2)
        guard parts > 1, let level = level(group) else { return nil }
        var spreads = Spreads()
        for part in 0..<parts {
            median.make(group, of: groups, steps: steps, level: level, part: part, of: parts)
            delineator.mark(median, interval: milliseconds(after: group))
            var values = Measurement()
            fill(&values, group: group)
            spreads.add(values)
        }
        return spreads
    }

    /// P waves that no QRS complex follows, and the rate of all.
    mutating func countAtrialWaves(_ group: Int) {
        guard let onset = measurement.marks.pOnset, let end = measurement.marks.pEnd, let tEnd = measurement.marks.tEnd else { return }
        let waves = AtrialWaves(
            group: group, of: groups, steps: steps, window: (place(onset - 20), place(end + 12)), tEnd: place(tEnd),
            scales: delineator.scales, kernel: kernel, memory: median.free.memory, capacity: median.free.capacity)
        guard waves.intervals > 0 else { return }
        measurement.blockedP = waves.blocked
        measurement.earlyBlockedP = waves.early
        measurement.atrialRate = Float(waves.intervals + waves.blocked) * 60 * steps.rate / Float(waves.steps)
    }

    /// The step at a time, relative to a beat's place.
    func place(_ milliseconds: Float) -> Int { Int(milliseconds * steps.rate / 1000) }

    /// Rate and variability.
    mutating func measureIntervals() {
        guard groups.count > 1 else { return }
        let number = groups.count - 1
        let milliseconds = 1000 * Double(steps.factor) / Double(rate)
        let mean = Double(groups.beats[number].aligned - groups.beats[0].aligned) * milliseconds / Double(number)
        guard mean > 0 else { return }
        measurement.interval = Float(mean)
        measurement.heartRate = Float(60000 / mean)
        guard number > 1 else { return }
        var squares = 0.0
        var differences = 0.0
        var last = mean
        for index in 1...number {
            let interval = Double(groups.beats[index].aligned - groups.beats[index - 1].aligned) * milliseconds
            squares += (interval - mean) * (interval - mean)
            if index > 1 { differences += (interval - last) * (interval - last) }
            last = interval
        }
        measurement.sdnn = Float(Arithmetic.squareRoot(squares / Double(number)))
        measurement.rmssd = Float(Arithmetic.squareRoot(differences / Double(number - 1)))
    }
}
