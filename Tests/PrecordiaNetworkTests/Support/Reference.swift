// The specification's arithmetic, written as naively as it reads, over a whole stream at once.
// Separate from the engine in every line: it is what the streaming network is compared with.

import PrecordiaSignal

extension Recipe {
    /// Every tensor's columns for a stream of samples of a byte a lead, or for a whole window of them.
    func tensors(of stream: [[UInt8]]) -> [[[UInt8]]] {
        let usable = stream.count / samplesPerColumn * samplesPerColumn
        var all: [[[UInt8]]] = [Array(stream[..<usable])]
        for layer in layers { all.append(layer.pools ? pooled(layer, all) : convolved(layer, all)) }
        return all
    }

    private func pooled(_ layer: Layer, _ all: [[[UInt8]]]) -> [[UInt8]] {
        let input = all[layer.input]
        return (0..<input.count / layer.stride).map { j in
            (0..<layer.outputs).map { c in (0..<layer.stride).map { input[j * layer.stride + $0][c] }.max()! }
        }
    }

    private func convolved(_ layer: Layer, _ all: [[[UInt8]]]) -> [[UInt8]] {
        let input = all[layer.input], shape = tensors[layer.input]
        let before = [UInt8](repeating: UInt8(shape.zeroPoint), count: shape.channels)
        return (0..<input.count / layer.stride).map { j in
            let first = j * layer.stride - (layer.left ?? layer.kernel - layer.stride)
            let read = (first..<first + layer.kernel).map { input.indices.contains($0) ? input[$0] : before }
            return (0..<layer.outputs).map { c in
                let run = layer.isDepthwise ? read.map { $0[c] } : Array(read.joined())
                let weights = layer.weights[c * run.count..<(c + 1) * run.count]
                let sum = zip(weights, run).reduce(layer.bias[c]) { $0 + Int32($1.0) * Int32($1.1) }
                let beside = layer.residual.map { Float(Int32(all[$0][j][c]) - Int32(tensors[$0].zeroPoint)) }
                return layer.requantised(sum, c, beside)
            }
        }
    }

    /// The samples of a whole window in which those of `stream`, at most a window's last, stand in the middle.
    func centred(_ stream: [[UInt8]]) -> [[UInt8]] {
        let rest = [UInt8](repeating: 128, count: tensors[0].channels), last = stream.suffix(window)
        let before = (window - last.count) / 2
        return Array(repeating: rest, count: before) + last + Array(repeating: rest, count: window - last.count - before)
    }

    /// Logits and probabilities of a flattened head over a window's feature columns.
    func flatAnswers(_ features: [[UInt8]]) -> [(a: Int32, b: Int32, logit: Float, probability: Float)] {
        let all = Array(features.joined())
        return (0..<labels).map { label in
            let a = zip(meanWeights[label * all.count..<(label + 1) * all.count], all).reduce(Int32(0)) { $0 + Int32($1.0) * Int32($1.1) }
            let logit = Float(a) * meanScale[label] + bias[label]
            return (a, 0, logit, Float(Arithmetic.logistic(Double(slope[label]) * Double(logit) + Double(offset[label]))))
        }
    }

    /// Logits and probabilities of feature columns.
    func answers(_ features: [[UInt8]]) -> [(a: Int32, b: Int32, logit: Float, probability: Float)] {
        let sums = (0..<channels).map { c in features.reduce(Int32(0)) { $0 + Int32($1[c]) } }
        let maxima = (0..<channels).map { c in features.map { Int32($0[c]) }.max()! }
        return (0..<labels).map { label in
            let row = label * channels..<(label + 1) * channels
            let a = zip(meanWeights[row], sums).reduce(Int32(0)) { $0 + Int32($1.0) * $1.1 }
            let b = zip(maximumWeights[row], maxima).reduce(Int32(0)) { $0 + Int32($1.0) * $1.1 }
            let logit = (Float(a) / Float(features.count)) * meanScale[label] + Float(b) * maximumScale[label] + bias[label]
            return (a, b, logit, Float(Arithmetic.logistic(Double(slope[label]) * Double(logit) + Double(offset[label]))))
        }
    }
}

extension Recipe.Layer {
    func requantised(_ sum: Int32, _ channel: Int, _ beside: Float?) -> UInt8 {
        var t = Float(sum) * scale[channel]
        if let beside { t = t + beside * residualScale }
        t = rectifies ? min(max(t, 0), 255) : min(max(t, -128), 127)
        return UInt8(Int(t.rounded(.toNearestOrEven)) + (rectifies ? 0 : 128))
    }
}
