// What the quality gate counts of one lead within a second, and the two runs that go on across seconds.

import PrecordiaSignal

/// One lead's running figures.
struct LeadTally {
    private var lowest = 0.0
    private var highest = 0.0
    private var lowRun: Int32 = 0
    private var highRun: Int32 = 0
    private var longestLow: Int32 = 0
    private var longestHigh: Int32 = 0
    private var samples: Int32 = 0
    private var sum = 0.0
    private var busy: Int32 = 0

    private var flatLowest = 0.0
    private var flatHighest = 0.0
    /// Samples that the lead has stayed within the flat range.
    private(set) var flatRun: Int32 = 0

    @_noAllocation @_noLocks
    init() {}

    /// Takes one sample, in microvolts, and its second difference over 10 ms.
    @_noAllocation @_noLocks
    mutating func add(_ value: Double, difference: Double, _ limits: QualityLimits) {
        samples &+= 1
        sum += value
        if difference > limits.busyDifference || difference < -limits.busyDifference { busy &+= 1 }
        stretch(value)
        stay(value, limits.flatRange)
    }

    private mutating func stretch(_ value: Double) {
        if samples == 1 || value > highest {
            highest = value
            highRun = 1
            longestHigh = 1
        } else if value == highest {
            highRun &+= 1
            if highRun > longestHigh { longestHigh = highRun }
        } else {
            highRun = 0
        }
        if samples == 1 || value < lowest {
            lowest = value
            lowRun = 1
            longestLow = 1
        } else if value == lowest {
            lowRun &+= 1
            if lowRun > longestLow { longestLow = lowRun }
        } else {
            lowRun = 0
        }
    }

    /// Follows how long the lead has stayed within `range`. A step out of it begins a new run at this sample.
    private mutating func stay(_ value: Double, _ range: Double) {
        if flatRun == 0 {
            flatLowest = value
            flatHighest = value
        }
        if value < flatLowest { flatLowest = value }
        if value > flatHighest { flatHighest = value }
        if flatHighest - flatLowest < range {
            flatRun &+= flatRun < Int32.max ? 1 : 0
            return
        }
        flatLowest = value
        flatHighest = value
        flatRun = 1
    }

    /// Peak to peak of the second, in microvolts.
    var swing: Double { @_noAllocation @_noLocks get { highest - lowest } }

    /// Whether the second has a stay of at least `samples` at its highest or lowest value, and that value at least `height`
    /// microvolts from the second's mean. The distance tells a limit from the line between two beats, which also stands still.
    @_noAllocation @_noLocks
    func isClipped(samples run: Int32, height: Double) -> Bool {
        guard samples > 0 else { return false }
        let mean = sum / Double(samples)
        return (longestHigh >= run && highest - mean >= height) || (longestLow >= run && mean - lowest >= height)
    }

    /// The part of the second's samples that are busy, 0 to 1.
    var busyPart: Double { @_noAllocation @_noLocks get { samples == 0 ? 0 : Double(busy) / Double(samples) } }

    /// Begins the next second; the flat run goes on.
    @_noAllocation @_noLocks
    mutating func nextSecond() {
        samples = 0
        sum = 0
        busy = 0
    }

    /// Breaks the flat run: the lead was missing.
    @_noAllocation @_noLocks
    mutating func interrupt() { flatRun = 0 }
}

/// The faults of one second, as bits of leads.
struct QualitySecond {
    var off: UInt16 = 0
    var flat: UInt16 = 0
    var clipped: UInt16 = 0
    var gap: UInt16 = 0
    var noisy: UInt16 = 0
    var outOfRange: UInt16 = 0

    @_noAllocation @_noLocks
    init() {}

    @_noAllocation @_noLocks
    mutating func unite(_ other: QualitySecond) {
        off |= other.off
        flat |= other.flat
        clipped |= other.clipped
        gap |= other.gap
        noisy |= other.noisy
        outOfRange |= other.outOfRange
    }
}
