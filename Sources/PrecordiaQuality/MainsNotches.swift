// Takes the mains out of twelve leads, so that its amplitude can be told and what remains be judged as noise or heart.
// Not the display's filter: that is the user's choice, while this must always look.

import CPrecordiaKernels
import PrecordiaSignal

/// Notches at 50 and 60 Hz in series, those that fit the rate; none below 112 Hz, where no mains can be told from anything else.
struct MainsNotches {
    private let kernel: SignalKernel
    private let count: Int
    private let sections: UnsafeMutablePointer<precordia_section>
    /// By section, twice twelve; then the newest outputs, and the newest samples of each lead.
    private let states: UnsafeMutablePointer<Double>
    private let humless: UnsafeMutablePointer<Double>
    private let held: UnsafeMutablePointer<Double>

    /// The bytes that it needs, aligned to 8.
    static var requiredBytes: Int { 2 * MemoryLayout<precordia_section>.stride + 72 * MemoryLayout<Double>.stride }

    init(rate: Int, quality: Double, memory: UnsafeMutableRawPointer, kernel: SignalKernel) {
        self.kernel = kernel
        sections = memory.bindMemory(to: precordia_section.self, capacity: 2)
        var fitting = 0
        for filter in 0..<2 {
            let mains: StandardFilter = filter == 0 ? .notch50 : .notch60
            guard mains.fits(rate: rate) else { continue }
            let notch = FilterDesign.notch(frequency: mains.frequency, rate: rate, quality: quality)
            sections[fitting] = precordia_section(b0: notch.b0, b1: notch.b1, b2: notch.b2, a1: notch.a1, a2: notch.a2)
            fitting += 1
        }
        count = fitting
        states = (memory + 2 * MemoryLayout<precordia_section>.stride).bindMemory(to: Double.self, capacity: 72)
        states.initialize(repeating: 0, count: 72)
        humless = states + 48
        held = states + 60
    }

    /// Takes a sample of the leads in `present`, in microvolts; the others stand still at their last one.
    ///
    /// - Parameter begins: the signal stands at this sample for ever before, so that an offset is no step.
    /// - Returns: twelve samples without the mains, valid until the next call.
    @_noAllocation @_noLocks
    func remove(from microvolts: UnsafePointer<Double>, present: UInt16, begins: Bool) -> UnsafePointer<Double> {
        guard count > 0 else { return microvolts }
        if present == 0x0FFF {
            for lead in 0..<12 { held[lead] = microvolts[lead] }
        } else {
            for lead in 0..<12 where present & (1 &<< UInt16(truncatingIfNeeded: lead)) != 0 { held[lead] = microvolts[lead] }
        }
        if begins { prime() }
        for lead in 0..<12 { humless[lead] = held[lead] }
        precordia_filter(kernel.table, sections, count, states, humless, 1)
        return UnsafePointer(humless)
    }

    /// A notch passes what stands still unchanged, so every section stands at the sample itself.
    private func prime() {
        for section in 0..<count {
            let notch = sections[section]
            let state = states + 24 &* section
            for lead in 0..<12 {
                state[lead] = held[lead] * (1 - notch.b0)
                state[12 &+ lead] = held[lead] * (notch.b2 - notch.a2)
            }
        }
    }
}
