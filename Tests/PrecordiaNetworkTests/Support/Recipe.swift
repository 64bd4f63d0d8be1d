// A model as the tests think of it, and a writer of `docs/model-format.md` of their own.
// Separate from the trainer's writer: two writers that agree with one reader are a better check of the specification than one.

import PrecordiaNetwork

/// A model with its weights as plain arrays.
struct Recipe {
    struct Layer {
        var pools = false
        var isDepthwise = false
        var input: Int
        var residual: Int?
        var kernel: Int
        var stride: Int
        /// Columns of padding on the left; nil for all of kernel - stride.
        var left: Int?
        var rectifies = false
        var residualScale: Float = 0
        var outputs: Int
        var weights: [Int8] = []
        var bias: [Int32] = []
        var scale: [Float] = []
    }

    struct Tensor: Equatable { var channels, zeroPoint, samplesPerColumn: Int }

    var layers: [Layer] = []
    var tensors = [Tensor(channels: 12, zeroPoint: 128, samplesPerColumn: 1)]
    /// 0xFFF for all twelve, 0xFC3 for I, II and V1 to V6.
    var leads: UInt32 = 0xFFF
    var isWholeWindow = false
    /// Whether ``meanWeights`` and ``meanScale`` are those of every channel of every column.
    var isFlattened = false
    /// Labels of each set; the names are ``Recipe/setNames``.
    var sets = [3, 2]
    var version = 42
    var window = 200
    var hop = 40
    var labels = 5
    var meanWeights: [Int8] = []
    var maximumWeights: [Int8] = []
    var meanScale: [Float] = []
    var maximumScale: [Float] = []
    var bias: [Float] = []
    var slope: [Float] = []
    var offset: [Float] = []
    /// Sources of each class.
    var classes: [[Int]] = [[0], [], [1, 3, 4]]
    var sections: [[Double]] = [[1, -2, 1, -1.9, 0.91], [0.5, 0.5, 0, -0.2, 0]]

    var samplesPerColumn: Int { tensors.last!.samplesPerColumn }
    var channels: Int { tensors.last!.channels }

    mutating func convolve(
        _ input: Int, to outputs: Int, kernel: Int, stride: Int = 1, left: Int? = nil, rectifies: Bool = true, residual: Int? = nil,
        isDepthwise: Bool = false, _ random: inout SplitMix
    ) {
        let source = tensors[input], depth = kernel * (isDepthwise ? 1 : source.channels)
        var layer = Layer(
            isDepthwise: isDepthwise, input: input, residual: residual, kernel: kernel, stride: stride, left: left, rectifies: rectifies,
            outputs: outputs)
        layer.weights = (0..<outputs * depth).map { _ in Int8.random(in: -127...127, using: &random) }
        for output in 0..<outputs {
            let sum = layer.weights[output * depth..<(output + 1) * depth].reduce(Int32(0)) { $0 + Int32($1) }
            layer.bias.append(Int32.random(in: -9000...9000, using: &random) - Int32(source.zeroPoint) * sum)
            // Weights and bytes spread by about 74 each: this spreads an output by about 80 steps.
            layer.scale.append(Float.random(in: 0.5...1.5, using: &random) / (65 * Float(depth).squareRoot()))
        }
        if residual != nil { layer.residualScale = Float.random(in: 0.2...1.2, using: &random) }
        layers.append(layer)
        tensors.append(
            Tensor(channels: outputs, zeroPoint: rectifies ? 0 : 128, samplesPerColumn: source.samplesPerColumn * stride))
    }

    mutating func pool(_ input: Int, stride: Int) {
        layers.append(Layer(pools: true, input: input, residual: nil, kernel: stride, stride: stride, outputs: tensors[input].channels))
        var tensor = tensors[input]
        tensor.samplesPerColumn *= stride
        tensors.append(tensor)
    }

    mutating func addHead(_ random: inout SplitMix) {
        let weights = isFlattened ? channels * window / samplesPerColumn : channels
        meanWeights = (0..<labels * weights).map { _ in Int8.random(in: -127...127, using: &random) }
        maximumWeights = isFlattened ? [] : (0..<labels * channels).map { _ in Int8.random(in: -127...127, using: &random) }
        meanScale = (0..<labels).map { _ in Float.random(in: 1e-5...1e-3, using: &random) }
        maximumScale = (0..<labels).map { _ in Float.random(in: 1e-5...1e-4, using: &random) }
        bias = (0..<labels).map { _ in Float.random(in: -2...2, using: &random) }
        slope = (0..<labels).map { _ in Float.random(in: 0.5...2, using: &random) }
        offset = (0..<labels).map { _ in Float.random(in: -1...1, using: &random) }
    }

    /// A block of the shipped architecture: two convolutions, the first with stride; the skip is a pool and a 1x1 convolution.
    mutating func block(_ outputs: Int, stride: Int, kernel: Int = 5, _ random: inout SplitMix) {
        let start = tensors.count - 1
        var skip = start
        if stride > 1 {
            pool(start, stride: stride)
            skip = tensors.count - 1
        }
        if tensors[skip].channels != outputs {
            convolve(skip, to: outputs, kernel: 1, rectifies: false, &random)
            skip = tensors.count - 1
        }
        convolve(start, to: outputs, kernel: kernel, stride: stride, &random)
        convolve(tensors.count - 1, to: outputs, kernel: kernel, residual: skip, &random)
    }

    /// A few kilobytes that still have every kind of layer, for tests that load thousands of variants.
    static func tiny(_ seed: UInt64) -> Recipe {
        var random = SplitMix(seed), recipe = Recipe()
        recipe.convolve(0, to: 16, kernel: 2, &random)
        recipe.block(16, stride: 4, kernel: 4, &random)
        recipe.convolve(recipe.tensors.count - 1, to: 16, kernel: 3, isDepthwise: true, &random)
        recipe.block(32, stride: 5, kernel: 5, &random)
        recipe.addHead(&random)
        return recipe
    }

    /// Stem 12 to 16, blocks with strides 2, 5, 2 and 1: 20 samples a column.
    static func small(_ seed: UInt64) -> Recipe {
        var random = SplitMix(seed), recipe = Recipe()
        recipe.convolve(0, to: 16, kernel: 5, &random)
        recipe.block(32, stride: 2, kernel: 5, &random)
        recipe.block(48, stride: 5, kernel: 7, &random)
        recipe.block(80, stride: 2, kernel: 3, &random)
        recipe.block(80, stride: 1, kernel: 4, &random)
        recipe.addHead(&random)
        return recipe
    }

    /// A whole window of 8 leads, built as ResNet1d is: padding on both sides, a sum without rectifier that feeds the next skip, and a
    /// depthwise layer in the place of a normalisation. Few kilobytes; 16 samples a column.
    static func window(_ seed: UInt64, isFlattened: Bool) -> Recipe {
        var random = SplitMix(seed), recipe = Recipe()
        recipe.leads = 0xFC3
        recipe.tensors[0].channels = 8
        recipe.isWholeWindow = true
        recipe.isFlattened = isFlattened
        recipe.window = 144
        recipe.hop = 7
        recipe.convolve(0, to: 16, kernel: 5, left: 2, &random)
        recipe.pool(1, stride: 4)
        recipe.convolve(2, to: 32, kernel: 1, rectifies: false, &random)
        recipe.convolve(1, to: 32, kernel: 7, stride: 4, left: 1, &random)
        recipe.convolve(4, to: 32, kernel: 5, left: 0, rectifies: false, residual: 3, &random)
        recipe.convolve(5, to: 32, kernel: 1, isDepthwise: true, &random)
        recipe.convolve(6, to: 32, kernel: 4, stride: 2, left: 2, rectifies: false, isDepthwise: true, &random)
        recipe.convolve(7, to: 16, kernel: 6, stride: 2, left: 3, &random)
        recipe.addHead(&random)
        return recipe
    }

    /// The shape of the shipped model: stem 48, blocks 64-96-128-192, kernel 5, 71 labels.
    static func shipped(_ seed: UInt64) -> Recipe {
        var random = SplitMix(seed), recipe = Recipe()
        recipe.convolve(0, to: 48, kernel: 5, &random)
        recipe.block(64, stride: 2, &random)
        recipe.block(96, stride: 2, &random)
        recipe.block(128, stride: 5, &random)
        recipe.block(192, stride: 1, &random)
        recipe.window = 1000
        recipe.hop = 100
        recipe.labels = 71
        recipe.sets = [71]
        recipe.addHead(&random)
        return recipe
    }
}
