// From device counts to microvolts of all twelve leads, each relative to its own first sample.
// Taking the first sample away removes the electrodes' offset, and every filter behind can start at rest without a step.

/// Turns frames into twelve leads in microvolts.
///
/// III = II - I, aVR = -(I + II) / 2, aVL = I - II / 2, aVF = II - I / 2 (Einthoven, Goldberger), for those that the stream derives.
/// A missing sample repeats the lead's last value; before a lead's first valid sample it is 0.
///
/// - Rate: one call a frame. Memory: inline. Cost: some 40 operations.
public struct LeadConverter: ~Copyable {
    /// Leads that had no valid sample in the last frame, derived ones included.
    public private(set) var missing: LeadSet = .empty

    private let format: StreamFormat
    private var first = InlineArray<12, Double>(repeating: 0)
    private var started: LeadSet = .empty

    public init(_ format: StreamFormat) { self.format = format }

    /// Takes one frame.
    ///
    /// - Parameter microvolts: 12 values in ``Lead`` order, relative to the leads' first valid samples. Those of missing leads stay as they are.
    @_noAllocation @_noLocks
    public mutating func convert(_ frame: borrowing Frame, into microvolts: UnsafeMutablePointer<Double>) {
        missing = frame.missing.subtracting(format.derived)
        if missing.contains(.I) || missing.contains(.II) { missing.formUnion(format.derived) }
        var absolute = InlineArray<12, Double>(repeating: 0)
        for lead in 0..<12 {
            absolute[lead] = (Double(frame.counts[lead]) - Double(format.baseline[lead])) * format.microvoltsPerCount[lead]
        }
        derive(&absolute)
        for lead in 0..<12 where !missing.contains(index: lead) {
            if !started.contains(index: lead) { first[lead] = absolute[lead] }
            microvolts[lead] = absolute[lead] - first[lead]
        }
        started.formUnion(LeadSet.all.subtracting(missing))
    }

    /// Forgets the first samples: the next frame becomes the new zero.
    @_noAllocation @_noLocks
    public mutating func reset() {
        started = .empty
        missing = .empty
    }

    private func derive(_ leads: inout InlineArray<12, Double>) {
        let one = leads[0]
        let two = leads[1]
        if format.derived.contains(.III) { leads[2] = two - one }
        if format.derived.contains(.aVR) { leads[3] = -(one + two) / 2 }
        if format.derived.contains(.aVL) { leads[4] = one - two / 2 }
        if format.derived.contains(.aVF) { leads[5] = two - one / 2 }
    }
}
