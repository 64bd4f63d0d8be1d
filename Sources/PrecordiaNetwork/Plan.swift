// Where everything of a network lies in its caller's memory, computed once at init.
// Separate from the executor so that the hot path reads ready pointers and the sizes are counted in one place.

import CPrecordiaKernels

/// Pointers into a network's memory, and into its model.
struct Plan {
    /// A tensor's columns: `history` old ones before the next, and room for those of the largest hop. Of a whole window: `history` columns of
    /// padding, the window's, and `behind` more of padding.
    struct Tensor {
        var columns: UnsafeMutableRawPointer
        var channels: Int
        var history: Int
        var behind: Int
        var samplesPerColumn: Int
        var zeroPoint: UInt8
    }

    /// A layer's first reads and writes where history stands at the front, and by how many bytes they move with each feature column.
    struct Layer {
        var kind: ModelView.Layer.Kind
        var samplesPerColumn: Int
        var input: UnsafeMutableRawPointer
        var output: UnsafeMutableRawPointer
        var residual: UnsafeMutableRawPointer?
        var inputBytes, outputBytes: Int
        var convolution: UnsafeMutablePointer<precordia_convolution>
        var channels: UInt32
        var stride: UInt32
    }

    /// A label's numbers between integers and logit.
    struct HeadRow {
        var meanScale, maximumScale, bias: Float
    }

    let tensors: UnsafeMutablePointer<Tensor>
    let layers: UnsafeMutablePointer<Layer>
    let headRows: UnsafeMutablePointer<HeadRow>
    /// Each label's calibration, between logit and probability.
    let slopes, offsets: UnsafeMutablePointer<Double>
    /// The window's feature columns, or of a whole-window network its samples.
    let ring: UnsafeMutableRawPointer
    let sums, meanProducts, maximumProducts: UnsafeMutablePointer<Int32>
    let maxima: UnsafeMutablePointer<UInt8>
    let logits, probabilities: UnsafeMutablePointer<Float>
    let meanWeights, maximumWeights: UnsafePointer<Int8>
    let tensorCount, layerCount, labelCount: Int
    let featureChannels: UInt32

    init(_ model: ModelView, maximumHop: Int, base: UnsafeMutableRawPointer) {
        let layout = Layout(model, maximumHop: maximumHop)
        let start = UnsafeMutableRawPointer(bitPattern: (UInt(bitPattern: base) + 63) & ~63)!
        tensorCount = model.tensorCount
        layerCount = model.layerCount
        labelCount = model.labelCount
        featureChannels = UInt32(model.featureChannels)
        tensors = (start + layout.tensors).bindMemory(to: Tensor.self, capacity: tensorCount)
        layers = (start + layout.layers).bindMemory(to: Layer.self, capacity: layerCount)
        headRows = (start + layout.headRows).bindMemory(to: HeadRow.self, capacity: labelCount)
        slopes = (start + layout.slopes).bindMemory(to: Double.self, capacity: labelCount)
        offsets = (start + layout.offsets).bindMemory(to: Double.self, capacity: labelCount)
        ring = start + layout.ring
        sums = (start + layout.sums).bindMemory(to: Int32.self, capacity: model.featureChannels)
        maxima = (start + layout.maxima).bindMemory(to: UInt8.self, capacity: model.featureChannels)
        meanProducts = (start + layout.meanProducts).bindMemory(to: Int32.self, capacity: labelCount)
        maximumProducts = (start + layout.maximumProducts).bindMemory(to: Int32.self, capacity: labelCount)
        logits = (start + layout.logits).bindMemory(to: Float.self, capacity: labelCount)
        probabilities = (start + layout.probabilities).bindMemory(to: Float.self, capacity: labelCount)
        let head = model.head
        meanWeights = model.address(head.meanWeights).assumingMemoryBound(to: Int8.self)
        maximumWeights = model.address(head.maximumWeights).assumingMemoryBound(to: Int8.self)

        for channel in 0..<model.featureChannels {
            sums[channel] = 0
            maxima[channel] = 0
        }
        for index in 0..<labelCount {
            let label = model.label(index)
            headRows[index] = HeadRow(
                meanScale: model.float(head.meanScale + index * 4), maximumScale: model.float(head.maximumScale + index * 4),
                bias: model.float(head.bias + index * 4))
            slopes[index] = Double(label.calibrationSlope)
            offsets[index] = Double(label.calibrationOffset)
            meanProducts[index] = 0
            maximumProducts[index] = 0
        }
        placeTensors(model, maximumHop, start + layout.columns)
        placeLayers(
            model, (start + layout.convolutions).bindMemory(to: precordia_convolution.self, capacity: layerCount), start + layout.packed)
    }

    private func placeTensors(_ model: ModelView, _ maximumHop: Int, _ start: UnsafeMutableRawPointer) {
        var at = start
        for index in 0..<tensorCount {
            let tensor = model.tensor(index)
            let margins = Layout.margins(model, index)
            tensors[index] = Tensor(
                columns: at, channels: tensor.channels, history: margins.before, behind: margins.behind,
                samplesPerColumn: tensor.samplesPerColumn,
                zeroPoint: UInt8(tensor.zeroPoint))
            at += Layout.columnBytes(model, index, maximumHop)
        }
    }

    private func placeLayers(
        _ model: ModelView, _ convolutions: UnsafeMutablePointer<precordia_convolution>, _ start: UnsafeMutableRawPointer
    ) {
        var packed = start
        for index in 0..<layerCount {
            let layer = model.layer(index), input = tensors[layer.input], output = tensors[index + 1]
            let skipped = input.history - layer.left
            let convolution = convolutions + index
            if layer.kind != .maximumPool {
                let depth = UInt32(layer.kernel * input.channels), outputs = UInt32(output.channels)
                let weights = model.address(layer.weights).assumingMemoryBound(to: Int8.self)
                precordia_pack(weights, outputs, layer.kind == .depthwise ? UInt32(layer.kernel) : depth, packed)
                convolution.initialize(
                    to: precordia_convolution(
                        packed: packed, bias: model.address(layer.bias).assumingMemoryBound(to: Int32.self),
                        scale: model.address(layer.scale).assumingMemoryBound(to: Float.self), depth: depth,
                        step: UInt32(layer.stride * input.channels), outputs: outputs,
                        residual_zero: layer.residual.map { Int32(tensors[$0].zeroPoint) } ?? 0, residual_scale: layer.residualScale,
                        low: layer.rectifies ? 0 : -128, high: layer.rectifies ? 255 : 127, zero: layer.rectifies ? 0 : 128))
                packed += Layout.packedBytes(model, index)
            }
            layers[index] = Layer(
                kind: layer.kind, samplesPerColumn: output.samplesPerColumn,
                input: input.columns + skipped * input.channels, output: output.columns + output.history * output.channels,
                residual: layer.residual.map { tensors[$0].columns + tensors[$0].history * tensors[$0].channels },
                inputBytes: model.samplesPerColumn / input.samplesPerColumn * input.channels,
                outputBytes: model.samplesPerColumn / output.samplesPerColumn * output.channels,
                convolution: convolution, channels: UInt32(output.channels), stride: UInt32(layer.stride))
        }
    }
}
