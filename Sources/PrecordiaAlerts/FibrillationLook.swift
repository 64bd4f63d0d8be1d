// Whether four seconds of signal look like ventricular fibrillation or flutter.
// A function of the trace alone: it asks for no beats, because there are none.

import PrecordiaSignal

/// One look at the last 4 s of the trace.
///
/// Each usable measured lead is freed from its mean over 0.7 s, and then asked: how often does it oscillate, how little remains when it is
/// added to itself half a period earlier (leakage), and how much of it is near its line. The leads' figures are weighed by their size.
struct FibrillationLook {
    /// Oscillations a second; 0 if no lead was usable.
    private(set) var frequency: Float = 0
    /// Mean magnitude in microvolts.
    private(set) var size: Float = 0
    private(set) var leakage: Float = 1
    private(set) var quiet: Float = 1
    private(set) var isSuspected = false

    @_noAllocation @_noLocks
    init(_ trace: borrowing BeatTrace, _ limits: RhythmLimits) {
        let count = Int(4 * trace.slotRate)
        let reach = Int(0.35 * trace.slotRate)
        let first = trace.slots &- Int64(count)
        let all = trace.leads(from: first, to: trace.slots)
        let measured = all & LeadSet.independent.rawValue
        let leads = measured == 0 ? all : measured
        guard leads != 0 else { return }
        let rows = trace.rows(from: first)
        var total: Float = 0
        for lead in 0..<12 where leads & (1 &<< UInt16(lead)) != 0 {
            let one = LeadOscillation(rows + lead, count: count, reach: reach, slotRate: Float(trace.slotRate), line: trace.scratch)
            total += one.size
            frequency += one.size * one.frequency
            leakage += one.size * one.leakage
            quiet += one.size * one.quiet
        }
        guard total > 0 else { return }
        size = total / Float(leads.nonzeroBitCount)
        frequency /= total
        leakage = (leakage - 1) / total
        quiet = (quiet - 1) / total
        isSuspected =
            size >= limits.oscillation && frequency >= limits.lowestOscillation && frequency <= limits.highestOscillation
            && leakage < limits.leakage && quiet < limits.quiet
    }
}

/// The figures of one lead.
private struct LeadOscillation {
    private(set) var size: Float = 0
    private(set) var frequency: Float = 0
    private(set) var leakage: Float = 1
    private(set) var quiet: Float = 1

    /// - Parameters:
    ///   - values: `count` of them, 12 apart.
    ///   - reach: half the slots of the mean that is taken away.
    ///   - line: room for the lead without that mean.
    @_noAllocation @_noLocks
    init(_ values: UnsafePointer<Float>, count: Int, reach: Int, slotRate: Float, line: UnsafeMutablePointer<Float>) {
        let length = count &- 2 &* reach
        var mean = 0.0
        for place in 0..<(2 &* reach) { mean += Double(values[12 &* place]) }
        let part = 1 / Double(2 &* reach)
        var sum: Float = 0
        var slopes: Float = 0
        var most: Float = 0
        var before: Float = 0
        for place in 0..<length {
            let value = values[12 &* (place &+ reach)] - Float(mean * part)
            mean += Double(values[12 &* (place &+ 2 &* reach)]) - Double(values[12 &* place])
            line[place] = value
            sum += value.magnitude
            if place > 0 { slopes += (value - before).magnitude }
            if value.magnitude > most { most = value.magnitude }
            before = value
        }
        guard slopes > 0 else { return }
        size = sum / Float(length)
        // A sine's mean slope is 4 f times its largest value, and that pi / 2 times its mean magnitude.
        let period = 6.2831855 * sum / slopes
        frequency = slotRate / period
        let half = Int(0.5 * period + 0.5)
        guard half >= 1, half < length / 2 else { return }
        var rest: Float = 0
        var whole: Float = 0
        var near = 0
        for place in 0..<(length &- half) {
            let (early, late) = (line[place], line[place &+ half])
            rest += (early + late).magnitude
            whole += early.magnitude + late.magnitude
            if early.magnitude < 0.2 * most { near &+= 1 }
        }
        if whole > 0 { leakage = rest / whole }
        quiet = Float(near) / Float(length &- half)
    }
}
