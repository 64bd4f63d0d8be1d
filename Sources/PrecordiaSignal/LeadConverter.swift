// From device counts to microvolts of all twelve leads, each relative to its own first sample.
// Taking the first sample away removes the electrodes' offset, and every filter behind can start at rest without a step.

import CPrecordiaKernels

/// Turns frames into twelve leads in microvolts.
///
/// III = II - I, aVR = -(I + II) / 2, aVL = I - II / 2, aVF = II - I / 2 (Einthoven, Goldberger), for those that the stream derives.
/// A missing sample repeats the lead's last value; before a lead's first valid sample it is 0.
///
/// - Rate: one call a frame. Memory: inline. Cost: some 40 operations.
public struct LeadConverter: ~Copyable {
    /// Leads that had no valid sample in the last frame, derived ones included; never those that the stream does not have.
    public private(set) var missing: LeadSet = .empty

    private let kernel: SignalKernel
    private let derived: LeadSet
    private let lacking: LeadSet
    private var started: LeadSet = .empty
    private var leads: precordia_leads

    /// - Parameter kernel: all give the same bits.
    public init(_ format: StreamFormat, kernel: SignalKernel = .best) {
        self.kernel = kernel
        lacking = format.lacking
        derived = format.derived.subtracting(lacking)
        leads = precordia_leads()
        leads.derived = UInt32(derived.rawValue)
        withUnsafeMutableBytes(of: &leads.baseline) { baseline in
            for lead in 0..<12 { baseline.storeBytes(of: Double(format.baseline[lead]), toByteOffset: lead * 8, as: Double.self) }
        }
        withUnsafeMutableBytes(of: &leads.scale) { scale in
            for lead in 0..<12 { scale.storeBytes(of: format.microvoltsPerCount[lead], toByteOffset: lead * 8, as: Double.self) }
        }
    }

    /// Takes one frame.
    ///
    /// - Parameter microvolts: 12 values in ``Lead`` order, relative to the leads' first valid samples. Those of missing and absent leads stay as they are.
    @_noAllocation @_noLocks
    public mutating func convert(_ frame: borrowing Frame, into microvolts: UnsafeMutablePointer<Double>) {
        missing = frame.missing.subtracting(derived).subtracting(lacking)
        if missing.contains(.I) || missing.contains(.II) { missing.formUnion(derived) }
        let present = LeadSet.all.subtracting(missing).subtracting(lacking)
        let begins = present.subtracting(started)
        // Not in a closure over self, which the compiler takes for something that may lock.
        let table = kernel.table, counts = frame.counts
        withUnsafeMutablePointer(to: &leads) { leads in
            withUnsafePointer(to: counts) { counts in
                precordia_convert(
                    table, leads, UnsafeRawPointer(counts).assumingMemoryBound(to: Int32.self), UInt32(present.rawValue),
                    UInt32(begins.rawValue), microvolts)
            }
        }
        started.formUnion(present)
    }

    /// Forgets the first samples: the next frame becomes the new zero.
    @_noAllocation @_noLocks
    public mutating func reset() {
        started = .empty
        missing = .empty
    }
}
