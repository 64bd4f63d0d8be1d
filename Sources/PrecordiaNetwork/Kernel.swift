// The choice of an instruction set's kernels.
// Separate so that a program can name, list and pick them without importing C.

import CPrecordiaKernels

/// One implementation of the network's arithmetic. All give the same bits; they differ in speed and in the processors that can run them.
public struct Kernel: @unchecked Sendable {
    let table: OpaquePointer

    /// The fastest that this processor can run. Asks the processor: call it at start.
    public static var best: Kernel { Kernel(table: precordia_kernels_best()) }
    /// The reference that every processor can run.
    public static var portable: Kernel { Kernel(table: precordia_kernels_at(0)) }
    /// How many were compiled in for this architecture.
    public static var count: Int { Int(precordia_kernels_count()) }

    init(table: OpaquePointer) { self.table = table }

    /// The implementation at `index`, 0 ..< ``count``; 0 is ``portable``.
    public init(_ index: Int) {
        precondition(index >= 0 && index < Kernel.count, "no such kernel")
        table = precordia_kernels_at(Int32(index))
    }

    /// Whether this processor and operating system can run it.
    public var isSupported: Bool { precordia_kernels_supported(table) }
    /// A stable name, zero-terminated UTF-8 that lives as long as the program: portable, sse41, avx2, avxvnni,
    /// avx512vnni, neon, dotprod, i8mm.
    public var name: UnsafePointer<CChar> { precordia_kernels_name(table) }
}
