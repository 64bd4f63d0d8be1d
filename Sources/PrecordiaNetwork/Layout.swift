// The sizes of a network's memory, counted in one place for `requiredBytes` and for `init`.
// Separate from the plan because counting needs no memory.

import CPrecordiaKernels
import PrecordiaSignal

/// Offsets of a network's parts from a multiple of 64.
struct Layout {
    private(set) var tensors = 0, layers = 0, convolutions = 0, headRows = 0, slopes = 0, offsets = 0
    private(set) var ring = 0, sums = 0, maxima = 0, meanProducts = 0, maximumProducts = 0, logits = 0, probabilities = 0
    /// The first layer's packed weights; the others follow, each ``packedBytes(_:_:)`` long.
    private(set) var packed = 0
    /// The first tensor's columns; the others follow, each ``columnBytes(_:_:_:)`` long.
    private(set) var columns = 0
    /// Bytes in all, with 63 to align the first.
    private(set) var total = 63

    init(_ model: ModelView, maximumHop: Int) {
        tensors = take(model.tensorCount * MemoryLayout<Plan.Tensor>.stride)
        layers = take(model.layerCount * MemoryLayout<Plan.Layer>.stride)
        convolutions = take(model.layerCount * MemoryLayout<precordia_convolution>.stride)
        headRows = take(model.labelCount * MemoryLayout<Plan.HeadRow>.stride)
        slopes = take(model.labelCount * 8)
        offsets = take(model.labelCount * 8)
        ring = take(model.isWholeWindow ? model.window * model.leads.count : model.windowColumns * model.featureChannels)
        sums = take(model.featureChannels * 4)
        maxima = take(model.featureChannels)
        meanProducts = take(model.labelCount * 4)
        maximumProducts = take(model.labelCount * 4)
        logits = take(model.labelCount * 4)
        probabilities = take(model.labelCount * 4)
        packed = take(0)
        for index in 0..<model.layerCount { _ = take(Layout.packedBytes(model, index)) }
        columns = take(0)
        for index in 0..<model.tensorCount { _ = take(Layout.columnBytes(model, index, maximumHop)) }
    }

    private mutating func take(_ bytes: Int) -> Int {
        let at = total - 63
        total += Layout.rounded(bytes)
        return at
    }

    private static func rounded(_ bytes: Int) -> Int { (bytes + 63) & ~63 }

    static func accepts(maximumHop: Int, _ model: ModelView) -> Bool {
        maximumHop > 0 && maximumHop <= 1_048_576 && maximumHop % model.hopUnit == 0
    }

    /// Columns of a tensor that its readers need from before the new ones, and from behind them.
    static func margins(_ model: ModelView, _ tensor: Int) -> (before: Int, behind: Int) {
        var before = 0, behind = 0
        for index in 0..<model.layerCount {
            let layer = model.layer(index)
            guard layer.input == tensor else { continue }
            before = max(before, layer.left)
            behind = max(behind, layer.kernel - layer.stride - layer.left)
        }
        return (before, behind)
    }

    /// Samples that the layers run over together.
    static func samples(_ model: ModelView, _ maximumHop: Int) -> Int { model.isWholeWindow ? model.window : maximumHop }

    /// Bytes of a tensor's columns, with those that its readers need around them, a multiple of 64.
    static func columnBytes(_ model: ModelView, _ index: Int, _ maximumHop: Int) -> Int {
        let tensor = model.tensor(index), margins = margins(model, index)
        return rounded((margins.before + samples(model, maximumHop) / tensor.samplesPerColumn + margins.behind) * tensor.channels)
    }

    /// Bytes of a layer's packed weights, a multiple of 64; 0 for a layer without any.
    static func packedBytes(_ model: ModelView, _ index: Int) -> Int {
        let layer = model.layer(index), outputs = model.tensor(index + 1).channels
        if layer.kind == .maximumPool { return 0 }
        let inputs = layer.kind == .depthwise ? 1 : model.tensor(layer.input).channels
        return precordia_packed_bytes(UInt32(outputs), UInt32(layer.kernel * inputs))
    }
}
