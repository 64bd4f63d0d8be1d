// The loader: every field of a model file is checked here before anything is believed.
// Separate from the view because it is the edge where bytes of the world come in; a fuzzer lives on it.

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
        try view.checkHead()
        try view.checkLabels()
        try view.checkClasses()
        self = view
    }

    private func require(_ holds: Bool, _ code: ModelError.Code, at offset: Int) throws(ModelError) {
        if !holds { throw ModelError(code: code, offset: offset, value: Int64(word(offset))) }
    }

    private func require(in range: ClosedRange<Int>, _ code: ModelError.Code, at offset: Int) throws(ModelError) {
        try require(range.contains(field(offset)), code, at: offset)
    }

    private func require(magnitude limit: Float, _ code: ModelError.Code, at offset: Int) throws(ModelError) {
        try require(float(offset).magnitude <= limit, code, at: offset)
    }

    private func requireZero(_ range: Range<Int>) throws(ModelError) {
        for offset in stride(from: range.lowerBound, to: range.upperBound, by: 4) { try require(word(offset) == 0, .reserved, at: offset) }
    }

    /// The offset field at `offset` must name a block of `count` bytes.
    private func requireBlock(at offset: Int, _ count: Int) throws(ModelError) {
        let start = long(offset), size = UInt64(bytes.count)
        guard start & 63 == 0, start >= 256, start <= size, UInt64(count) <= size - start else {
            throw ModelError(code: .block, offset: offset, value: Int64(bitPattern: start))
        }
    }

    private func requireString(at offset: Int) throws(ModelError) {
        let total = long(176), start = UInt64(word(offset)), count = UInt64(word(offset + 4))
        try require(start + count <= total, .string, at: offset)
    }

    private func checkIdentity() throws(ModelError) {
        guard long(0) == 0x4C44_4F4D_4345_5250 else { throw ModelError(code: .magic, offset: 0, value: Int64(bitPattern: long(0))) }
        try require(word(8) == 1, .formatVersion, at: 8)
        try requireZero(12..<16)
        guard long(16) == UInt64(bytes.count) else {
            throw ModelError(code: .fileSize, offset: 16, value: Int64(bitPattern: long(16)))
        }
        try requireZero(24..<32)
        let digest = SHA256.digest(of: part(64, bytes.count - 64))
        guard SHA256.matches(digest, hash) else { throw ModelError(code: .hash, offset: 32, value: 0) }
        try requireZero(212..<256)
    }

    private func checkCounts() throws(ModelError) {
        try require(word(64) == 12, .leads, at: 64)
        try require(in: 1...10_000, .rate, at: 68)
        try require(in: 1...1_048_576, .window, at: 72)
        try require(window % rate == 0, .windowSeconds, at: 72)
        try require(in: 1...window, .samplesPerColumn, at: 80)
        try require(window % samplesPerColumn == 0, .window, at: 72)
        try require(in: 1...window, .hop, at: 76)
        try require(hop % samplesPerColumn == 0, .hop, at: 76)
        try require(in: 16...4096, .featureChannels, at: 84)
        try require(in: 1...1024, .labels, at: 88)
        try require(in: 0...1024, .classes, at: 92)
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
        try requireBlock(at: 160, classCount * 64)
        guard long(176) <= UInt64(bytes.count) else { throw ModelError(code: .block, offset: 176, value: Int64(bitPattern: long(176))) }
        try requireBlock(at: 168, block(176))
        try requireString(at: 184)
    }

    private func checkAlertPolicy() throws(ModelError) {
        try require(in: 1...32, .alertPersistence, at: 196)
        try require(in: 1...alertPersistenceSpan, .alertPersistence, at: 192)
        try require(alertHysteresis > 0 && alertHysteresis <= 1, .alertHysteresis, at: 200)
    }

    private func checkFilters() throws(ModelError) {
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

    private func checkTensors() throws(ModelError) {
        for index in 0..<tensorCount {
            let at = block(128) + index * 16, channels = field(at), columns = field(at + 12)
            if index == 0 {
                try require(channels == 12, .tensorChannels, at: at)
                try require(word(at + 4) == 128, .tensorZeroPoint, at: at + 4)
                try require(columns == 1, .tensorColumn, at: at + 12)
            } else {
                try require(channels >= 16 && channels <= 4096 && channels % 16 == 0, .tensorChannels, at: at)
                try require(word(at + 4) == 0 || word(at + 4) == 128, .tensorZeroPoint, at: at + 4)
                try require(columns >= 1 && samplesPerColumn % columns == 0, .tensorColumn, at: at + 12)
            }
            try require(float(at + 8).isFinite && float(at + 8) > 0, .tensorScale, at: at + 8)
        }
        let last = block(128) + layerCount * 16
        try require(field(last) == featureChannels, .featureChannels, at: 84)
        try require(field(last + 12) == samplesPerColumn, .samplesPerColumn, at: 80)
    }

    private func checkLayer(_ index: Int) throws(ModelError) {
        let at = block(136) + index * 64
        try require(word(at) == 1 || word(at) == 2, .layerKind, at: at)
        try require(in: 0...index, .layerInput, at: at + 4)
        try require(in: 1...4096, .layerKernel, at: at + 12)
        try require(in: 1...field(at + 12), .layerStride, at: at + 16)
        try require(word(at + 20) <= 1, .layerActivation, at: at + 20)
        try requireZero(at + 28..<at + 32)
        try requireZero(at + 56..<at + 64)
        if word(at + 8) == .max { try requireZero(at + 24..<at + 28) }

        let layer = layer(index), input = tensor(layer.input), output = tensor(index + 1), row = block(128) + (index + 1) * 16
        try require(output.samplesPerColumn == input.samplesPerColumn * layer.stride, .tensorColumn, at: row + 12)
        switch layer.kind {
        case .maximumPool:
            try require(layer.stride == layer.kernel, .layerStride, at: at + 16)
            try require(layer.residual == nil, .layerResidual, at: at + 8)
            try require(!layer.rectifies, .layerActivation, at: at + 20)
            try requireZero(at + 32..<at + 56)
            let same = output.channels == input.channels && output.zeroPoint == input.zeroPoint && output.scale == input.scale
            try require(same, .layerShape, at: row)
        case .convolution:
            try require(output.zeroPoint == (layer.rectifies ? 0 : 128), .tensorZeroPoint, at: row + 4)
            try checkResidual(of: layer, index, output, at: at)
            try checkConvolution(layer, depth: layer.kernel * input.channels, outputs: output.channels, at: at)
        }
    }

    private func checkResidual(of layer: Layer, _ index: Int, _ output: Tensor, at offset: Int) throws(ModelError) {
        guard let number = layer.residual else { return }
        try require(in: 0...index, .layerResidual, at: offset + 8)
        let residual = tensor(number)
        let same = residual.channels == output.channels && residual.samplesPerColumn == output.samplesPerColumn
        try require(same, .layerResidual, at: offset + 8)
        try require(magnitude: 1e9, .layerScale, at: offset + 24)
    }

    /// The blocks lie in the file, the scales are finite, and no dot product can overflow in any order of summation.
    private func checkConvolution(_ layer: Layer, depth: Int, outputs: Int, at offset: Int) throws(ModelError) {
        try requireBlock(at: offset + 32, depth * outputs)
        try requireBlock(at: offset + 40, outputs * 4)
        try requireBlock(at: offset + 48, outputs * 4)
        for output in 0..<outputs {
            let scale = layer.scale + output * 4, bias = layer.bias + output * 4
            try require(magnitude: 1e9, .layerScale, at: scale)
            let largest = sumOfMagnitudes(layer.weights + output * depth, depth) * 255 + Int64(Int32(bitPattern: word(bias))).magnitude
            try require(largest <= UInt64(Int32.max), .accumulator, at: bias)
        }
    }

    private func sumOfMagnitudes(_ offset: Int, _ count: Int) -> UInt64 {
        let weights = address(offset).assumingMemoryBound(to: Int8.self)
        var sum: UInt32 = 0
        var i = 0
        while i < count {
            sum &+= UInt32(weights[i].magnitude)
            i &+= 1
        }
        return UInt64(sum)
    }

    private func checkHead() throws(ModelError) {
        let matrix = labelCount * featureChannels, row = labelCount * 4
        try requireBlock(at: 144, 2 * ((matrix + 63) & ~63) + 2 * ((row + 63) & ~63) + row)
        let head = head
        for label in 0..<labelCount {
            try require(magnitude: 1e9, .headValue, at: head.meanScale + label * 4)
            try require(magnitude: 1e9, .headValue, at: head.maximumScale + label * 4)
            try require(magnitude: 1e9, .headValue, at: head.bias + label * 4)
            let weights = label * featureChannels
            let mean = sumOfMagnitudes(head.meanWeights + weights, featureChannels) * 255 * UInt64(windowColumns)
            try require(mean <= UInt64(Int32.max), .accumulator, at: head.meanWeights + weights)
        }
    }

    private func checkLabels() throws(ModelError) {
        for index in 0..<labelCount {
            let at = block(152) + index * 64
            for string in 0..<3 { try requireString(at: at + string * 8) }
            try require(word(at + 28) <= 4, .labelPriority, at: at + 28)
            try require(float(at + 24).isFinite, .labelValue, at: at + 24)
            try require(word(at + 28) == 0 || float(at + 24) > 0, .labelThreshold, at: at + 24)
            try require(magnitude: 1e9, .labelValue, at: at + 32)
            try require(magnitude: 1e9, .labelValue, at: at + 36)
            try requireZero(at + 40..<at + 64)
        }
    }

    private func checkClasses() throws(ModelError) {
        for index in 0..<classCount {
            let at = block(160) + index * 64
            for string in 0..<4 { try requireString(at: at + string * 8) }
            try requireZero(at + 36..<at + 40)
            try requireZero(at + 48..<at + 64)
            let count = field(at + 32)
            try require(in: 0...labelCount, .classSources, at: at + 32)
            if count == 0 {
                try requireZero(at + 40..<at + 48)
                continue
            }
            try requireBlock(at: at + 40, count * 4)
            for source in 0..<count { try require(in: 0...labelCount - 1, .classSource, at: block(at + 40) + source * 4) }
        }
    }
}
