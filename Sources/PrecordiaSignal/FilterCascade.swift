// Twelve leads through the same few second-order sections.
// All leads of a section stand side by side, so that several are filtered by one instruction.

import CPrecordiaKernels

/// Up to ``maximumSections`` biquads in series on twelve leads, transposed direct form II with binary64 state.
///
/// - Rate: one call a sample, or one for a block of them. Thread: the caller's.
/// - Memory: inline, 1.9 KiB. Cost: 12 x sections x 5 multiplications a sample.
/// - State starts at rest: feed it a signal whose first sample is 0.
/// - States below 1e-20 become 0 after every step, on every processor alike: denormal numbers would slow a flat lead a hundredfold.
public struct FilterCascade: ~Copyable {
    public static var maximumSections: Int { Int(PRECORDIA_SECTIONS) }

    /// Sections in use.
    public var count: Int { Int(cascade.count) }
    private let kernel: SignalKernel
    private var cascade = precordia_cascade()

    /// A cascade without sections.
    ///
    /// - Parameter kernel: all give the same bits.
    public init(kernel: SignalKernel = .best) { self.kernel = kernel }

    /// Adds a section at the end.
    ///
    /// - Returns: false, and nothing added, when all places are taken.
    public mutating func append(_ section: Biquad) -> Bool {
        precordia_cascade_append(
            &cascade, precordia_section(b0: section.b0, b1: section.b1, b2: section.b2, a1: section.a1, a2: section.a2))
    }

    /// Adds all sections of a standard filter, or none if it does not fit the rate or the places left.
    public mutating func append(_ filter: StandardFilter, rate: Int) -> Bool {
        guard filter.fits(rate: rate), count + filter.sections <= Self.maximumSections else { return false }
        for index in 0..<filter.sections { _ = append(filter.section(index, rate: rate)) }
        return true
    }

    /// Filters samples of twelve leads in place.
    ///
    /// - Parameters:
    ///   - samples: 12 values in ``Lead`` order, `columns` times.
    ///   - columns: samples of each lead. How a stream is cut into calls does not change what comes out.
    @_noAllocation @_noLocks
    public mutating func process(_ samples: UnsafeMutablePointer<Double>, columns: Int = 1) {
        precordia_cascade_filter(kernel.table, &cascade, samples, columns)
    }

    /// Back to rest.
    @_noAllocation @_noLocks
    public mutating func reset() {
        precordia_cascade_reset(&cascade)
    }
}
