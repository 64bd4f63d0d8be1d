// The choice of an instruction set for the arithmetic on twelve leads.
// Separate so that an engine asks the processor once and hands the answer to each of its parts.

import CPrecordiaKernels

/// One implementation of the per-sample arithmetic: filters, resampling, the quality gate's tallies. All give the same bits.
public struct SignalKernel: @unchecked Sendable {
    /// The implementation itself, for rooms that call the C functions.
    public let table: OpaquePointer

    /// The fastest that this processor can run. Asks the processor, which a virtual machine makes slow: tens of microseconds.
    public static var best: SignalKernel { SignalKernel(table: precordia_signal_best()) }
    /// How many were compiled in for this architecture.
    public static var count: Int { Int(precordia_signal_count()) }

    init(table: OpaquePointer) { self.table = table }

    /// The implementation at `index`, 0 ..< ``count``; 0 is the reference that every processor can run.
    public init(_ index: Int) {
        precondition(index >= 0 && index < SignalKernel.count, "no such kernel")
        table = precordia_signal_at(Int32(index))
    }

    /// Whether this processor and operating system can run it.
    public var isSupported: Bool { precordia_signal_supported(table) }
    /// A stable name, zero-terminated UTF-8 that lives as long as the program: portable, avx2, avx512.
    public var name: UnsafePointer<CChar> { precordia_signal_name(table) }
}
