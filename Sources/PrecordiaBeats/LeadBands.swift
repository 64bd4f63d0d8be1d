// The band-pass of the beat detector, all leads side by side.

import CPrecordiaKernels
import PrecordiaSignal

/// A high-pass and a low-pass section in series on twelve leads, of which any may join later than others.
///
/// A ``FilterCascade`` cannot begin one lead anew, so the states are here.
struct LeadBands {
    private let kernel: SignalKernel
    /// The high-pass and the low-pass.
    private let sections: UnsafeMutablePointer<precordia_section>
    /// By section, twice twelve; then the newest outputs, and the ones before them.
    private let states: UnsafeMutablePointer<Double>
    private let newest: UnsafeMutablePointer<Double>
    private let before: UnsafeMutablePointer<Double>

    /// The bytes that it needs, aligned to 8.
    static var requiredBytes: Int { 2 * MemoryLayout<precordia_section>.stride + 72 * MemoryLayout<Double>.stride }

    init(high: Biquad, low: Biquad, memory: UnsafeMutableRawPointer, kernel: SignalKernel) {
        self.kernel = kernel
        sections = memory.bindMemory(to: precordia_section.self, capacity: 2)
        sections[0] = precordia_section(b0: high.b0, b1: high.b1, b2: high.b2, a1: high.a1, a2: high.a2)
        sections[1] = precordia_section(b0: low.b0, b1: low.b1, b2: low.b2, a1: low.a1, a2: low.a2)
        states = (memory + 2 * MemoryLayout<precordia_section>.stride).bindMemory(to: Double.self, capacity: 72)
        states.initialize(repeating: 0, count: 72)
        newest = states + 48
        before = states + 60
    }

    /// A lead's band, microvolts, and its change since the step before.
    @_noAllocation @_noLocks
    func band(_ lead: Int) -> Float { Float(newest[lead]) }
    @_noAllocation @_noLocks
    func change(_ lead: Int) -> Float { Float(newest[lead] - before[lead]) }

    /// Takes a step of all leads, limited to plus and minus `range` microvolts. Only those in `leads` have a ``band(_:)`` then.
    ///
    /// - Parameter primed: the leads of the step before; another one joins without a swing.
    @_noAllocation @_noLocks
    func step(_ microvolts: UnsafePointer<Double>, range: Double, leads: UInt16, primed: UInt16) {
        for lead in 0..<12 {
            let value = microvolts[lead]
            before[lead] = newest[lead]
            newest[lead] = value > -range ? (value < range ? value : range) : -range
        }
        if leads & ~primed != 0 { prime(leads & ~primed) }
        precordia_filter(kernel.table, sections, 2, states, newest, 1)
    }

    /// Sets the state that a signal standing at its newest value for ever would have left.
    @_noAllocation @_noLocks
    private func prime(_ joining: UInt16) {
        let high = sections[0]
        for lead in 0..<12 where joining & (1 &<< UInt16(truncatingIfNeeded: lead)) != 0 {
            states[12 &+ lead] = high.b2 * newest[lead]
            states[lead] = high.b1 * newest[lead] + states[12 &+ lead]
            states[24 &+ lead] = 0
            states[36 &+ lead] = 0
            before[lead] = 0
        }
    }
}
