// The streaming executor: one call for each sample, one for each hop.
// Separate from the model so that many networks, one a patient, can run on one mapped file.

import CPrecordiaKernels
import PrecordiaSignal

/// A network that runs incrementally over a stream of input samples.
///
/// Each layer keeps the few columns of its input that the next outputs need, so a second of signal costs a second's arithmetic. What comes
/// out does not depend on how the stream is cut into calls: fed a recording from ``reset()``, it equals the network run over the whole.
///
/// Push every sample with ``push(_:)``, call ``advance()`` when convenient and ``classify()`` when an answer is due.
/// One thread at a time; any number of networks may share one ``ModelView``.
///
/// - Memory: the caller's, ``requiredBytes(model:maximumHop:)`` bytes, alive as long as the network. Nothing else is allocated.
/// - When full: samples beyond the maximum hop make ``push(_:)`` advance by itself. Nothing is lost, only the cost moves into that call.
public struct Network: ~Copyable {
    /// The model that runs.
    public let model: ModelView
    /// Feature columns that the next ``classify()`` looks at: those since the stream began, up to a window's.
    public private(set) var columns = 0
    /// Feature columns that the last ``classify()`` looked at.
    public private(set) var classifiedColumns = 0

    let kernel: Kernel
    let plan: Plan
    private let samplesPerColumn: Int
    private let capacity: Int
    let windowColumns: Int
    /// Samples pushed and not yet advanced over.
    private var pending = 0
    /// Where in the feature ring the next column goes.
    private(set) var position = 0

    /// Makes a network in `memory`, at the start of a stream.
    ///
    /// - Parameters:
    ///   - maximumHop: the most samples that one ``advance()`` processes together: a positive multiple of ``ModelView/samplesPerColumn``.
    ///   - memory: at least ``requiredBytes(model:maximumHop:)`` bytes, of any alignment.
    ///   - kernel: all give the same bits.
    /// - Throws: ``ModelError/Code/hopLength``, ``ModelError/Code/memory`` or ``ModelError/Code/kernel``, with the value that was wrong.
    public init(
        model: ModelView, maximumHop: Int, memory: UnsafeMutableRawBufferPointer, kernel: Kernel = .best
    ) throws(ModelError) {
        guard Layout.accepts(maximumHop: maximumHop, model) else {
            throw ModelError(code: .hopLength, offset: 0, value: Int64(maximumHop))
        }
        guard memory.count >= Network.requiredBytes(model: model, maximumHop: maximumHop), let base = memory.baseAddress else {
            throw ModelError(code: .memory, offset: 0, value: Int64(memory.count))
        }
        guard kernel.isSupported else { throw ModelError(code: .kernel, offset: 0, value: 0) }
        self.model = model
        self.kernel = kernel
        plan = Plan(model, maximumHop: maximumHop, base: base)
        samplesPerColumn = model.samplesPerColumn
        capacity = maximumHop
        windowColumns = model.windowColumns
        reset()
    }

    /// The bytes that a network needs; 0 for a `maximumHop` that ``init(model:maximumHop:memory:kernel:)`` would refuse.
    public static func requiredBytes(model: ModelView, maximumHop: Int) -> Int {
        Layout.accepts(maximumHop: maximumHop, model) ? Layout(model, maximumHop: maximumHop).total : 0
    }

    /// Begins a new stream: everything before it becomes the zero point.
    @_noAllocation @_noLocks
    public mutating func reset() {
        for index in 0..<plan.tensorCount {
            let tensor = plan.tensors[index]
            tensor.columns.initializeMemory(as: UInt8.self, repeating: tensor.zeroPoint, count: tensor.history &* tensor.channels)
        }
        pending = 0
        position = 0
        columns = 0
        classifiedColumns = 0
        for label in 0..<plan.labelCount {
            plan.logits[label] = 0
            plan.probabilities[label] = 0
        }
    }

    /// Takes one sample of the input: 12 bytes in `Lead` order, each microvolts / ``ModelView/inputStep`` + 128, rounded and clamped.
    @_noAllocation @_noLocks
    public mutating func push(_ sample: UnsafePointer<UInt8>) {
        if pending == capacity { advance() }
        let input = plan.tensors[0]
        (input.columns + (input.history &+ pending) &* 12).copyMemory(from: sample, byteCount: 12)
        pending &+= 1
    }

    /// Runs the layers over all complete columns of samples pushed. With none, returns at once.
    @_noAllocation @_noLocks
    public mutating func advance() {
        let ready = pending / samplesPerColumn
        if ready == 0 { return }
        let samples = ready &* samplesPerColumn
        for index in 0..<plan.layerCount { run(plan.layers[index], samples) }
        keepFeatures(ready)
        pending &-= samples
        for index in 0..<plan.tensorCount { shift(plan.tensors[index], samples, index == 0 ? pending : 0) }
    }

    @_noAllocation @_noLocks
    private func run(_ layer: Plan.Layer, _ samples: Int) {
        let count = samples / layer.samplesPerColumn
        if layer.isConvolution {
            let residual = layer.residual.map { UnsafePointer($0.assumingMemoryBound(to: UInt8.self)) }
            precordia_convolve(
                kernel.table, layer.convolution, layer.input.assumingMemoryBound(to: UInt8.self), residual,
                layer.output.assumingMemoryBound(to: UInt8.self), count)
        } else {
            precordia_maximum_pool(
                kernel.table, layer.input.assumingMemoryBound(to: UInt8.self), layer.channels, layer.stride,
                layer.output.assumingMemoryBound(to: UInt8.self), count)
        }
    }

    /// Copies the last tensor's new columns into the ring. Its order does not matter, because pooling does not look at it.
    @_noAllocation @_noLocks
    private mutating func keepFeatures(_ count: Int) {
        let tensor = plan.tensors[plan.tensorCount &- 1]
        var from = UnsafeRawPointer(tensor.columns + tensor.history &* tensor.channels)
        var left = count
        while left > 0 {
            let run = min(left, windowColumns &- position)
            (plan.ring + position &* tensor.channels).copyMemory(from: from, byteCount: run &* tensor.channels)
            from += run &* tensor.channels
            left &-= run
            position &+= run
            if position == windowColumns { position = 0 }
        }
        columns = min(columns &+ count, windowColumns)
    }

    /// Moves the columns that the next outputs need, and samples not yet used, to the front.
    @_noAllocation @_noLocks
    private func shift(_ tensor: Plan.Tensor, _ samples: Int, _ unused: Int) {
        let used = samples / tensor.samplesPerColumn
        tensor.columns.copyMemory(
            from: tensor.columns + used &* tensor.channels, byteCount: (tensor.history &+ unused) &* tensor.channels)
    }

    /// Pools the features of the window and computes logits and probabilities. Does not advance.
    ///
    /// With fewer columns than a window it answers on those there are; with none, every logit and probability is 0.
    @_noAllocation @_noLocks
    public mutating func classify() {
        classifiedColumns = columns
        precordia_pool(kernel.table, plan.ring.assumingMemoryBound(to: UInt8.self), plan.featureChannels, columns, plan.sums, plan.maxima)
        precordia_head(
            kernel.table, plan.meanWeights, plan.maximumWeights, plan.sums, plan.maxima, plan.featureChannels,
            UInt32(truncatingIfNeeded: plan.labelCount), plan.meanProducts, plan.maximumProducts)
        for label in 0..<plan.labelCount {
            let row = plan.headRows[label]
            if columns == 0 {
                plan.logits[label] = 0
                plan.probabilities[label] = 0
                continue
            }
            let mean = Float(plan.meanProducts[label]) / Float(columns)
            let logit = mean * row.meanScale + Float(plan.maximumProducts[label]) * row.maximumScale + row.bias
            plan.logits[label] = logit
            plan.probabilities[label] = Float(Arithmetic.logistic(row.slope * Double(logit) + row.offset))
        }
    }
}

extension Network {
    /// The logit of a label at the last ``classify()``.
    @_noAllocation @_noLocks
    public func logit(_ label: Int) -> Float {
        precondition(label >= 0 && label < plan.labelCount, "no such label")
        return plan.logits[label]
    }

    /// The probability of a label at the last ``classify()``, 0 to 1.
    @_noAllocation @_noLocks
    public func probability(_ label: Int) -> Float {
        precondition(label >= 0 && label < plan.labelCount, "no such label")
        return plan.probabilities[label]
    }

    /// The probability of a class at the last ``classify()``: the largest of its labels'. Nil if the model does not cover it.
    @_noAllocation @_noLocks
    public func classProbability(_ index: Int) -> Float? {
        let entry = model.classEntry(index)
        if entry.sourceCount == 0 { return nil }
        var largest: Float = 0
        for source in 0..<entry.sourceCount { largest = max(largest, plan.probabilities[model.source(source, of: entry)]) }
        return largest
    }

    /// The integers behind a logit: the dot products of the head with the features' sums and maxima.
    @_noAllocation @_noLocks
    public func products(_ label: Int) -> (mean: Int32, maximum: Int32) {
        precondition(label >= 0 && label < plan.labelCount, "no such label")
        return (plan.meanProducts[label], plan.maximumProducts[label])
    }

    /// A feature channel's sum and maximum over the window at the last ``classify()``.
    @_noAllocation @_noLocks
    public func pooled(_ channel: Int) -> (sum: Int32, maximum: UInt8) {
        precondition(channel >= 0 && channel < Int(plan.featureChannels), "no such channel")
        return (plan.sums[channel], plan.maxima[channel])
    }

    /// A channel of a feature column; 0 columns ago is the newest, and there are ``columns`` of them.
    @_noAllocation @_noLocks
    public func feature(_ channel: Int, columnsAgo: Int = 0) -> UInt8 {
        precondition(channel >= 0 && channel < Int(plan.featureChannels), "no such channel")
        precondition(columnsAgo >= 0 && columnsAgo < columns, "no such column")
        let column = position &- 1 &- columnsAgo
        let row = column < 0 ? column &+ windowColumns : column
        return plan.ring.load(fromByteOffset: row &* Int(plan.featureChannels) &+ channel, as: UInt8.self)
    }
}
