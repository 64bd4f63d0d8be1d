// The loader: every field of a model file is checked here before anything is believed.
// Separate from the view because it is the edge where bytes of the world come in; a fuzzer lives on it.

import PrecordiaSignal

extension ModelView {
    /// Checks the whole file and makes a view of it.
    ///
    /// Never traps, whatever the bytes are. Costs one pass for the hash and one over the weights: milliseconds for a megabyte.
    ///
    /// - Parameter bytes: the file, at a multiple of 16 in memory.
    /// - Throws: the first fault found.
    public init(_ bytes: UnsafeRawBufferPointer) throws(ModelError) {
        guard bytes.count >= 256, let base = bytes.baseAddress else {
            throw ModelError(code: .truncated, offset: 0, value: Int64(bytes.count))
        }
        guard UInt(bitPattern: base) & 15 == 0 else {
            throw ModelError(code: .misaligned, offset: 0, value: Int64(truncatingIfNeeded: UInt(bitPattern: base)))
        }
        let view = ModelView(checked: bytes)
        try view.checkIdentity()
        try view.checkCounts()
        try view.checkAlertPolicy()
        try view.checkFilters()
        try view.checkTensors()
        for index in 0..<view.layerCount { try view.checkLayer(index) }
        try view.checkMemory()
        try view.checkHead()
        try view.checkLabelSets()
        try view.checkLabels()
        try view.checkClasses()
        self = view
    }

    func require(_ holds: Bool, _ code: ModelError.Code, at offset: Int) throws(ModelError) {
        if !holds { throw ModelError(code: code, offset: offset, value: Int64(word(offset))) }
    }

    func require(in range: ClosedRange<Int>, _ code: ModelError.Code, at offset: Int) throws(ModelError) {
        try require(range.contains(field(offset)), code, at: offset)
    }

    func require(magnitude limit: Float, _ code: ModelError.Code, at offset: Int) throws(ModelError) {
        try require(float(offset).magnitude <= limit, code, at: offset)
    }

    func requireZero(_ range: Range<Int>) throws(ModelError) {
        for offset in stride(from: range.lowerBound, to: range.upperBound, by: 4) { try require(word(offset) == 0, .reserved, at: offset) }
    }

    /// The offset field at `offset` must name a block of `count` bytes.
    func requireBlock(at offset: Int, _ count: Int) throws(ModelError) { try requireBlock(at: offset, Int64(count)) }

    /// The same for a product of fields, which 32 bits may not hold.
    func requireBlock(at offset: Int, _ count: Int64) throws(ModelError) {
        let start = long(offset), size = UInt64(bytes.count)
        guard start & 63 == 0, start >= 256, start <= size, UInt64(count) <= size - start else {
            throw ModelError(code: .block, offset: offset, value: Int64(bitPattern: start))
        }
    }

    func requireString(at offset: Int) throws(ModelError) {
        let total = long(176), start = UInt64(word(offset)), count = UInt64(word(offset + 4))
        try require(start + count <= total, .string, at: offset)
    }

    func checkIdentity() throws(ModelError) {
        guard long(0) == 0x4C44_4F4D_4345_5250 else { throw ModelError(code: .magic, offset: 0, value: Int64(bitPattern: long(0))) }
        try require(word(8) == 2, .formatVersion, at: 8)
        try requireZero(12..<16)
        guard long(16) == UInt64(bytes.count) else {
            throw ModelError(code: .fileSize, offset: 16, value: Int64(bitPattern: long(16)))
        }
        try requireZero(24..<32)
        let digest = SHA256.digest(of: part(64, bytes.count - 64))
        guard SHA256.matches(digest, hash) else { throw ModelError(code: .hash, offset: 32, value: 0) }
        try requireZero(232..<256)
    }

    func checkCounts() throws(ModelError) {
        try require(word(64) == 0xFFF || word(64) == 0xFC3, .leads, at: 64)
        try require(in: 1...10_000, .rate, at: 68)
        try require(in: 1...1_048_576, .window, at: 72)
        try require(in: 1...2, .execution, at: 212)
        try require(in: 1...(isWholeWindow ? 2 : 1), .headKind, at: 216)
        try require(isWholeWindow || window % rate == 0, .windowSeconds, at: 72)
        try require(in: 1...window, .samplesPerColumn, at: 80)
        try require(window % samplesPerColumn == 0, .window, at: 72)
        try require(in: 1...window, .hop, at: 76)
        try require(hop % hopUnit == 0, .hop, at: 76)
        try require(in: 16...4096, .featureChannels, at: 84)
        try require(in: 1...1024, .labels, at: 88)
        try require(in: 0...1024, .classes, at: 92)
        try require(in: 1...16, .labelSets, at: 220)
        try require(in: 1...256, .layers, at: 96)
        try require(tensorCount == layerCount + 1, .tensors, at: 100)
        try require(in: 0...32, .filterSections, at: 104)
        try require(word(108) == 128, .zeroPoint, at: 108)
        guard inputStep.isFinite, inputStep > 0, (1 / inputStep).isFinite else {
            throw ModelError(code: .inputStep, offset: 112, value: Int64(bitPattern: long(112)))
        }
        try requireBlock(at: 120, filterSectionCount * 40)
        try requireBlock(at: 128, tensorCount * 16)
        try requireBlock(at: 136, layerCount * 64)
        try requireBlock(at: 152, labelCount * 64)
        try requireBlock(at: 224, labelSetCount * 16)
        try requireBlock(at: 160, classCount * 64)
        guard long(176) <= UInt64(bytes.count) else { throw ModelError(code: .block, offset: 176, value: Int64(bitPattern: long(176))) }
        try requireBlock(at: 168, block(176))
        try requireString(at: 184)
    }

    func checkAlertPolicy() throws(ModelError) {
        try require(in: 1...32, .alertPersistence, at: 196)
        try require(in: 1...alertPersistenceSpan, .alertPersistence, at: 192)
        try require(alertHysteresis > 0 && alertHysteresis <= 1, .alertHysteresis, at: 200)
    }

    func checkFilters() throws(ModelError) {
        for section in 0..<filterSectionCount {
            let at = block(120) + section * 40
            for index in 0..<5 {
                let place = at + index * 8, value = double(place)
                guard value.isFinite, index > 2 || value.magnitude <= 1000 else {
                    throw ModelError(code: .filterCoefficient, offset: place, value: Int64(bitPattern: long(place)))
                }
            }
            let a1 = double(at + 24), a2 = double(at + 32)
            guard a2.magnitude < 1, a1.magnitude < 1 + a2 else {
                throw ModelError(code: .filterStability, offset: at + 24, value: Int64(bitPattern: long(at + 24)))
            }
        }
    }

    func checkTensors() throws(ModelError) {
        var bytes: Int64 = 0
        for index in 0..<tensorCount {
            let at = block(128) + index * 16, channels = field(at), columns = field(at + 12)
            if index == 0 {
                try require(channels == leads.count, .tensorChannels, at: at)
                try require(word(at + 4) == 128, .tensorZeroPoint, at: at + 4)
                try require(columns == 1, .tensorColumn, at: at + 12)
            } else {
                try require(channels >= 16 && channels <= 4096 && channels % 16 == 0, .tensorChannels, at: at)
                try require(word(at + 4) == 0 || word(at + 4) == 128, .tensorZeroPoint, at: at + 4)
                try require(columns >= 1 && samplesPerColumn % columns == 0, .tensorColumn, at: at + 12)
            }
            try require(float(at + 8).isFinite && float(at + 8) > 0, .tensorScale, at: at + 8)
            bytes += Int64(window / columns) * Int64(channels)
            try require(bytes <= 1 << 28, .tensorMemory, at: at)
        }
        let last = block(128) + layerCount * 16
        try require(field(last) == featureChannels, .featureChannels, at: 84)
        try require(field(last + 12) == samplesPerColumn, .samplesPerColumn, at: 80)
    }

    func checkLayer(_ index: Int) throws(ModelError) {
        let at = block(136) + index * 64
        try require(in: 1...3, .layerKind, at: at)
        try require(in: 0...index, .layerInput, at: at + 4)
        try require(in: 1...4096, .layerKernel, at: at + 12)
        try require(in: 1...field(at + 12), .layerStride, at: at + 16)
        try require(word(at + 20) <= 1, .layerActivation, at: at + 20)
        let padding = field(at + 12) - field(at + 16)
        try require(in: (isWholeWindow ? 0 : padding)...padding, .layerPadding, at: at + 28)
        try requireZero(at + 56..<at + 64)
        if word(at + 8) == .max { try requireZero(at + 24..<at + 28) }

        let layer = layer(index), input = tensor(layer.input), output = tensor(index + 1), row = block(128) + (index + 1) * 16
        try require(Int64(output.samplesPerColumn) == Int64(input.samplesPerColumn) * Int64(layer.stride), .tensorColumn, at: row + 12)
        switch layer.kind {
        case .maximumPool:
            try require(layer.stride == layer.kernel, .layerStride, at: at + 16)
            try require(layer.residual == nil, .layerResidual, at: at + 8)
            try require(!layer.rectifies, .layerActivation, at: at + 20)
            try requireZero(at + 32..<at + 56)
            let same = output.channels == input.channels && output.zeroPoint == input.zeroPoint && output.scale == input.scale
            try require(same, .layerShape, at: row)
        case .convolution, .depthwise:
            let isDepthwise = layer.kind == .depthwise
            try require(!isDepthwise || input.channels == output.channels, .layerShape, at: row)
            try require(output.zeroPoint == (layer.rectifies ? 0 : 128), .tensorZeroPoint, at: row + 4)
            try checkResidual(of: layer, index, output, at: at)
            try checkConvolution(layer, depth: layer.kernel * (isDepthwise ? 1 : input.channels), outputs: output.channels, at: at)
        }
    }

    /// A network's memory is bounded by the window and the file's size, though layers may share blocks of the file.
    func checkMemory() throws(ModelError) {
        var padding = 0, weights = 0
        for index in 0..<layerCount {
            let at = block(136) + index * 64, layer = layer(index), inputs = tensor(layer.input).channels
            padding += (layer.kernel - layer.stride) * inputs
            try require(padding <= 1 << 28, .tensorMemory, at: at + 12)
            guard layer.kind != .maximumPool else { continue }
            weights += layer.kernel * (layer.kind == .depthwise ? 1 : inputs) * tensor(index + 1).channels
            try require(weights <= bytes.count, .layerWeights, at: at + 32)
        }
    }

    func checkResidual(of layer: Layer, _ index: Int, _ output: Tensor, at offset: Int) throws(ModelError) {
        guard let number = layer.residual else { return }
        try require(in: 0...index, .layerResidual, at: offset + 8)
        let residual = tensor(number)
        let same = residual.channels == output.channels && residual.samplesPerColumn == output.samplesPerColumn
        try require(same, .layerResidual, at: offset + 8)
        try require(magnitude: 1e9, .layerScale, at: offset + 24)
    }

    /// The blocks lie in the file, the scales are finite, and no dot product can overflow in any order of summation.
    func checkConvolution(_ layer: Layer, depth: Int, outputs: Int, at offset: Int) throws(ModelError) {
        try requireBlock(at: offset + 32, Int64(depth) * Int64(outputs))
        try requireBlock(at: offset + 40, outputs * 4)
        try requireBlock(at: offset + 48, outputs * 4)
        for output in 0..<outputs {
            let scale = layer.scale + output * 4, bias = layer.bias + output * 4
            try require(magnitude: 1e9, .layerScale, at: scale)
            let largest = sumOfMagnitudes(layer.weights + output * depth, depth) * 255 + Int64(Int32(bitPattern: word(bias))).magnitude
            try require(largest <= UInt64(Int32.max), .accumulator, at: bias)
        }
    }

    func sumOfMagnitudes(_ offset: Int, _ count: Int) -> UInt64 {
        let weights = address(offset).assumingMemoryBound(to: Int8.self)
        var total: UInt64 = 0
        var i = 0
        // 2^24 magnitudes of at most 2^7 fit 32 bits, in which the processor adds several at a time.
        while i < count {
            let end = min(count, i &+ 1 << 24)
            var sum: UInt32 = 0
            while i < end {
                sum &+= UInt32(weights[i].magnitude)
                i &+= 1
            }
            total &+= UInt64(sum)
        }
        return total
    }
}
