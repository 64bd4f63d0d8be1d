// Samples of the lead that is shown on their way to the screen, gathered so that a block is one message.

import PrecordiaSignal

/// Samples of one lead for display, in order, until they are sent.
struct DisplayStrip: ~Copyable {
    private let samples = UnsafeMutableBufferPointer<Float>.allocate(capacity: 256)
    private var count = 0
    private var first: UInt64 = 0
    /// Whose they are. Flush before it changes.
    var lead = Lead.II

    deinit { samples.deallocate() }

    /// Adds a sample, microvolts, NaN where there is none. Beyond 256 unsent ones the newest is left out: it is but a picture.
    mutating func add(_ index: UInt64, _ value: Float) {
        guard count < samples.count else { return }
        if count == 0 { first = index }
        samples[count] = value
        count += 1
    }

    /// Sends what was gathered.
    mutating func flush(_ outlet: LiveMessage.Outlet) {
        guard count > 0 else { return }
        outlet.samples(first: first, lead, UnsafeBufferPointer(rebasing: samples[..<count]))
        count = 0
    }
}
