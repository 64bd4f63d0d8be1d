// The executor: one call for each sample, one for each hop.
// Separate from the model so that many networks, one a patient, can run on one mapped file.

import CPrecordiaKernels
import PrecordiaSignal

/// A network that runs incrementally over a stream of input samples.
///
/// Each layer keeps the few columns of its input that the next outputs need, so a second of signal costs a second's arithmetic. What comes
/// out does not depend on how the stream is cut into calls: fed a recording from ``reset()``, it equals the network run over the whole.
///
/// A whole-window model (``ModelView/isWholeWindow``) is run anew over its last window in each ``classify()``, which then costs all of it.
///
/// Push every sample with ``push(_:)``, call ``advance()`` when convenient and ``classify()`` when an answer is due.
/// One thread at a time; any number of networks may share one ``ModelView``.
///
/// - Memory: the caller's, ``requiredBytes(model:maximumHop:)`` bytes, alive as long as the network. Nothing else is allocated.
/// - When full: samples beyond the maximum hop make ``push(_:)`` advance by itself. Nothing is lost, only the cost moves into that call.
public struct Network: ~Copyable {
    /// The model that runs.
    public let model: ModelView
    /// Feature columns that the next ``classify()`` looks at: those since the stream began, up to a window's. Of a whole-window model the whole
    /// columns that the samples since then would make; what they leave of its window is padding.
    public private(set) var columns = 0
    /// Feature columns that the last ``classify()`` looked at.
    public private(set) var classifiedColumns = 0

    let kernel: Kernel
    let plan: Plan
    private let samplesPerColumn: Int
    private let capacity: Int
    let windowColumns: Int
    /// Samples pushed and not yet advanced over; of a whole-window model those of the window that are there.
    var pending = 0
    /// Feature columns, and what they are made of, that lie between the front of every tensor and the history of its next columns.
    private var advanced = 0
    /// Where in the ring the next feature column goes, or a whole-window model's next sample.
    private(set) var position = 0
    let isWholeWindow: Bool
    private let isFlattened: Bool
    private let sampleBytes: Int

    /// Makes a network in `memory`, at the start of a stream.
    ///
    /// - Parameters:
    ///   - maximumHop: the most samples that one ``advance()`` processes together: a positive multiple of ``ModelView/hopUnit``.
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
        isWholeWindow = model.isWholeWindow
        isFlattened = model.isFlattened
        sampleBytes = model.leads.count
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
            guard isWholeWindow else { continue }
            let end = tensor.history &+ model.window / tensor.samplesPerColumn
            (tensor.columns + end &* tensor.channels).initializeMemory(
                as: UInt8.self, repeating: tensor.zeroPoint, count: tensor.behind &* tensor.channels)
        }
        pending = 0
        advanced = 0
        position = 0
        columns = 0
        classifiedColumns = 0
        clearAnswer()
    }

    /// Takes one sample of the input: a byte a lead of ``ModelView/leads``, each microvolts / ``ModelView/inputStep`` + 128, rounded and clamped.
    @_noAllocation @_noLocks
    public mutating func push(_ sample: UnsafePointer<UInt8>) {
        if isWholeWindow { return push(sample, count: 1) }
        if pending == capacity { advance() }
        if advanced &* samplesPerColumn &+ pending == capacity { rewind() }
        let input = plan.tensors[0], column = input.history &+ advanced &* samplesPerColumn &+ pending
        copy(sample, to: input.columns + column &* sampleBytes)
        pending &+= 1
    }

    /// Takes `count` samples that lie one after another, as ``push(_:)`` would each of them, for the price of one copy.
    @_noAllocation @_noLocks
    public mutating func push(_ samples: UnsafePointer<UInt8>, count: Int) {
        var from = UnsafeRawPointer(samples), left = count
        while left > 0 {
            let run = isWholeWindow ? keep(from, atMost: left) : take(from, atMost: left)
            from += run &* sampleBytes
            left &-= run
        }
    }

    @_noAllocation @_noLocks
    private mutating func take(_ samples: UnsafeRawPointer, atMost count: Int) -> Int {
        if pending == capacity { advance() }
        if advanced &* samplesPerColumn &+ pending == capacity { rewind() }
        let used = advanced &* samplesPerColumn &+ pending, run = min(count, capacity &- used), input = plan.tensors[0]
        (input.columns + (input.history &+ used) &* sampleBytes).copyMemory(from: samples, byteCount: run &* sampleBytes)
        pending &+= run
        return run
    }

    @_noAllocation @_noLocks
    private mutating func keep(_ samples: UnsafeRawPointer, atMost count: Int) -> Int {
        let run = min(count, model.window &- position)
        (plan.ring + position &* sampleBytes).copyMemory(from: samples, byteCount: run &* sampleBytes)
        position = position &+ run == model.window ? 0 : position &+ run
        pending = min(pending &+ run, model.window)
        columns = pending / samplesPerColumn
        return run
    }

    /// A sample is 8 or 12 bytes: a call to move them would cost more than they do.
    @inline(__always) @_noAllocation @_noLocks
    private func copy(_ sample: UnsafePointer<UInt8>, to place: UnsafeMutableRawPointer) {
        let from = UnsafeRawPointer(sample)
        for at in stride(from: 0, to: sampleBytes, by: 4) {
            place.storeBytes(of: from.loadUnaligned(fromByteOffset: at, as: UInt32.self), toByteOffset: at, as: UInt32.self)
        }
    }

    /// Runs the layers over all complete columns of samples pushed. With none, and with a whole-window model, returns at once.
    @_noAllocation @_noLocks
    public mutating func advance() {
        if isWholeWindow { return }
        let ready = pending / samplesPerColumn
        if ready == 0 { return }
        let samples = ready &* samplesPerColumn
        for index in 0..<plan.layerCount { run(plan.layers[index], samples, from: advanced) }
        keepFeatures(ready)
        pending &-= samples
        advanced &+= ready
    }

    /// Runs a layer over the columns of `samples` samples, the first of them `advanced` feature columns behind the front.
    @_noAllocation @_noLocks
    func run(_ layer: Plan.Layer, _ samples: Int, from advanced: Int = 0) {
        let count = samples / layer.samplesPerColumn, written = advanced &* layer.outputBytes
        let input = (layer.input + advanced &* layer.inputBytes).assumingMemoryBound(to: UInt8.self)
        let output = (layer.output + written).assumingMemoryBound(to: UInt8.self)
        let residual = layer.residual.map { UnsafePointer(($0 + written).assumingMemoryBound(to: UInt8.self)) }
        switch layer.kind {
        case .convolution: precordia_convolve(kernel.table, layer.convolution, input, residual, output, count)
        case .depthwise: precordia_depthwise(kernel.table, layer.convolution, input, residual, output, count)
        case .maximumPool: precordia_maximum_pool(kernel.table, input, layer.channels, layer.stride, output, count)
        }
    }

    /// Copies the last tensor's new columns into the ring. Its order does not matter, because pooling does not look at it.
    @_noAllocation @_noLocks
    private mutating func keepFeatures(_ count: Int) {
        let tensor = plan.tensors[plan.tensorCount &- 1]
        var from = UnsafeRawPointer(tensor.columns + (tensor.history &+ advanced) &* tensor.channels)
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

    /// Moves the columns that the next outputs need, and samples not yet used, to the front. Not at each advance, but where the room of the
    /// largest hop is used up: short hops would spend on moving what they save in arithmetic.
    @_noAllocation @_noLocks
    private mutating func rewind() {
        for index in 0..<plan.tensorCount {
            let tensor = plan.tensors[index], kept = tensor.history &+ (index == 0 ? pending : 0)
            let used = advanced &* samplesPerColumn / tensor.samplesPerColumn
            tensor.columns.copyMemory(from: tensor.columns + used &* tensor.channels, byteCount: kept &* tensor.channels)
        }
        advanced = 0
    }

    /// Pools the features of the window and computes logits and probabilities. Does not advance.
    ///
    /// With fewer columns than a window it answers on those there are; with none, every logit and probability is 0. A whole-window model
    /// runs here, fewer samples than its window standing in the middle of it; with none, every logit and probability is 0.
    @_noAllocation @_noLocks
    public mutating func classify() {
        if isWholeWindow { runWindow() }
        classifiedColumns = isWholeWindow && pending > 0 ? windowColumns : columns
        if isFlattened { flatten() } else { pool() }
        guard classifiedColumns > 0 else { return clearAnswer() }
        for label in 0..<plan.labelCount { plan.logits[label] = logit(of: plan.headRows[label], label) }
        precordia_probabilities(
            kernel.table, plan.logits, plan.slopes, plan.offsets, UInt32(truncatingIfNeeded: plan.labelCount), plan.probabilities)
    }

    @_noAllocation @_noLocks
    private func clearAnswer() {
        for label in 0..<plan.labelCount {
            plan.logits[label] = 0
            plan.probabilities[label] = 0
        }
    }

    @_noAllocation @_noLocks
    private func pool() {
        precordia_pool(
            kernel.table, features.assumingMemoryBound(to: UInt8.self), plan.featureChannels, classifiedColumns, plan.sums, plan.maxima)
        precordia_head(
            kernel.table, plan.meanWeights, plan.maximumWeights, plan.sums, plan.maxima, plan.featureChannels,
            UInt32(truncatingIfNeeded: plan.labelCount), plan.meanProducts, plan.maximumProducts)
    }

    /// The maximum's products stay 0.
    @_noAllocation @_noLocks
    private func flatten() {
        precordia_flat_head(
            kernel.table, plan.meanWeights, features.assumingMemoryBound(to: UInt8.self), classifiedColumns &* Int(plan.featureChannels),
            UInt32(truncatingIfNeeded: plan.labelCount), plan.meanProducts)
    }

    @_noAllocation @_noLocks
    private func logit(of row: Plan.HeadRow, _ label: Int) -> Float {
        if isFlattened { return Float(plan.meanProducts[label]) * row.meanScale + row.bias }
        let mean = Float(plan.meanProducts[label]) / Float(classifiedColumns)
        return mean * row.meanScale + Float(plan.maximumProducts[label]) * row.maximumScale + row.bias
    }
}
