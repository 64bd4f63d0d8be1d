// What a measurement of single layers needs to see, and nobody else.
// Separate, and visible in this package only, so that the executor's interface stays what a stream needs.

import CPrecordiaKernels

extension Network {
    /// Runs one layer alone over the columns of `samples` samples, at most the maximum hop's, as ``advance()`` or a whole window would.
    ///
    /// Its results are of no use: the tensors that it reads hold whatever was there. Call ``reset()`` before the next stream.
    @_noAllocation @_noLocks
    package mutating func rerun(layer index: Int, samples: Int) {
        precondition(index >= 0 && index < plan.layerCount, "no such layer")
        run(plan.layers[index], samples)
    }
}

extension Kernel {
    /// Runs nothing but the instruction set's own multiplication in registers; gives the number of multiply-accumulates, 0 if none is known.
    package func runPeak(rounds: Int) -> Int { Int(truncatingIfNeeded: precordia_kernels_peak(table, UInt32(rounds))) }
}
