// The part of the executor that only whole-window models have: from the last samples to the features of one window.
// Separate so that the streaming path reads without it.

extension Network {
    /// The columns that the head looks at: the ring of a stream, the last tensor of a whole window.
    var features: UnsafeMutableRawPointer {
        @_noAllocation @_noLocks get { isWholeWindow ? plan.layers[plan.layerCount &- 1].output : plan.ring }
    }

    /// Lays the last samples out in their order, in the middle of the window with the zero point around them if they are fewer, and runs
    /// every layer over it. Without a sample does nothing.
    @_noAllocation @_noLocks
    func runWindow() {
        if pending == 0 { return }
        let input = plan.tensors[0], window = model.window
        let before = (window &- pending) / 2
        var to = input.columns + input.history &* input.channels
        to.initializeMemory(as: UInt8.self, repeating: input.zeroPoint, count: before &* input.channels)
        to += before &* input.channels
        // A ring that was never full begins at its start; a full one at the sample that the next would replace.
        let oldest = pending < window ? 0 : position
        let first = pending &- oldest
        to.copyMemory(from: plan.ring + oldest &* input.channels, byteCount: first &* input.channels)
        to += first &* input.channels
        to.copyMemory(from: plan.ring, byteCount: oldest &* input.channels)
        to += oldest &* input.channels
        to.initializeMemory(as: UInt8.self, repeating: input.zeroPoint, count: (window &- pending &- before) &* input.channels)
        for index in 0..<plan.layerCount { run(plan.layers[index], window) }
    }
}
