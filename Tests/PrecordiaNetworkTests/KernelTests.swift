// Every kernel that this machine can run against the portable one, and the portable one against the specification.
// Separate from the network's tests because here extremes can be forced that no stream would reach.

import CPrecordiaKernels
import PrecordiaNetwork
import Testing

/// The kernels of this machine besides the portable reference.
private nonisolated(unsafe) let others = (1..<precordia_kernels_count()).map { precordia_kernels_at($0) }.filter {
    precordia_kernels_supported($0)
}
private nonisolated(unsafe) let reference = precordia_kernels_at(0)

/// A convolution with its memory.
private struct Case {
    var layer: Recipe.Layer
    let depth: Int
    let columns: Int
    let input: Aligned
    let residual: Aligned?
    let packed: Aligned
    var operation: precordia_convolution
    let bias: UnsafeMutablePointer<Int32>
    let scale: UnsafeMutablePointer<Float>

    init(
        inputs: Int, outputs: Int, kernel: Int, stride: Int, columns: Int, residual hasResidual: Bool, rectifies: Bool, extreme: Bool,
        _ random: inout SplitMix
    ) {
        depth = kernel * inputs
        self.columns = columns
        layer = Recipe.Layer(
            input: 0, residual: hasResidual ? 1 : nil, kernel: kernel, stride: stride, rectifies: rectifies, outputs: outputs)
        let extremes: [Int8] = [-128, -127, 127]
        for _ in 0..<outputs * depth {
            layer.weights.append(extreme ? extremes.randomElement(using: &random)! : .random(in: .min ... .max, using: &random))
        }
        // Whole channels of one sign reach the largest sums.
        if extreme { layer.weights.replaceSubrange(0..<depth, with: [Int8](repeating: -128, count: depth)) }
        if extreme { layer.weights.replaceSubrange(depth..<2 * depth, with: [Int8](repeating: 127, count: depth)) }
        for _ in 0..<outputs {
            layer.bias.append(.random(in: extreme ? -2_000_000...2_000_000 : -9000...9000, using: &random))
            let exact: [Float] = [0.5, 0.25, 0, 1, 0.0078125, .leastNonzeroMagnitude, 1e9]
            let spread = Float.random(in: 0.5...1.5, using: &random) / (140 * Float(depth).squareRoot())
            layer.scale.append(Bool.random(using: &random) && extreme ? exact.randomElement(using: &random)! : spread)
        }
        layer.residualScale = .random(in: 0...2, using: &random)
        let ends: [UInt8] = [0, 255]
        let count = (columns - 1) * stride * inputs + depth
        input = Aligned(extreme ? (0..<count).map { _ in ends.randomElement(using: &random)! } : random.bytes(count))
        if extreme { for i in 0..<min(count, depth) { input.buffer[i] = 255 } }
        residual = hasResidual ? Aligned(random.bytes(columns * outputs)) : nil
        packed = Aligned(count: precordia_packed_bytes(UInt32(outputs), UInt32(depth)))
        precordia_pack(layer.weights, UInt32(outputs), UInt32(depth), packed.buffer.baseAddress!)
        bias = .allocate(capacity: outputs)
        scale = .allocate(capacity: outputs)
        bias.initialize(from: layer.bias, count: outputs)
        scale.initialize(from: layer.scale, count: outputs)
        operation = precordia_convolution(
            packed: packed.buffer.baseAddress!, bias: bias, scale: scale, depth: UInt32(depth), step: UInt32(stride * inputs),
            outputs: UInt32(outputs), residual_zero: 128, residual_scale: layer.residualScale, low: rectifies ? 0 : -128,
            high: rectifies ? 255 : 127, zero: rectifies ? 0 : 128)
    }

    /// The output columns, with what lies behind them, which must stay untouched.
    mutating func run(_ kernels: OpaquePointer) -> [UInt8] {
        let output = Aligned(count: columns * layer.outputs + 64)
        precordia_convolve(kernels, &operation, input.uint8, residual?.uint8, output.uint8, columns)
        return Array(output.bytes)
    }

    func specified() -> [UInt8] {
        var out: [UInt8] = []
        for column in 0..<columns {
            let run = input.buffer[column * Int(operation.step)..<column * Int(operation.step) + depth]
            for c in 0..<layer.outputs {
                let sum = zip(layer.weights[c * depth..<(c + 1) * depth], run).reduce(layer.bias[c]) { $0 + Int32($1.0) * Int32($1.1) }
                let beside = residual.map { Float(Int32($0.buffer[column * layer.outputs + c]) - 128) }
                out.append(layer.requantised(sum, c, beside))
            }
        }
        return out + [UInt8](repeating: 0xA5, count: 64)
    }

    func free() {
        bias.deallocate()
        scale.deallocate()
    }
}

@Suite struct KernelTests {
    @Test("The best kernel is one of the table, supported, and the portable one is always there")
    func table() {
        #expect(Kernel.count >= 1)
        #expect(Kernel.best.isSupported)
        #expect(String(cString: Kernel.portable.name) == "portable")
        #expect(Set((0..<Kernel.count).map { String(cString: Kernel($0).name) }).count == Kernel.count)
        print("kernels of this machine:", (0..<Kernel.count).map(Kernel.init).filter(\.isSupported).map { String(cString: $0.name) })
    }

    @Test("Portable convolution gives the specification's bits on random and extreme numbers")
    func portable() {
        var random = SplitMix(1)
        for extreme in [false, true] {
            for (inputs, kernel, stride) in [(12, 5, 1), (16, 1, 1), (48, 3, 2)] {
                for rectifies in [false, true] {
                    var one = Case(
                        inputs: inputs, outputs: 32, kernel: kernel, stride: stride, columns: 5, residual: rectifies != extreme,
                        rectifies: rectifies, extreme: extreme, &random)
                    #expect(one.run(reference) == one.specified())
                    one.free()
                }
            }
        }
    }

    @Test("Every kernel's convolution equals the portable one's for every number of output blocks and columns")
    func shapes() {
        var random = SplitMix(2)
        for outputs in stride(from: 16, through: 16 * 13, by: 16) {
            for columns in [1, 2, 3, 4, 5, 6, 7, 9, 11, 13, 25] {
                var one = Case(
                    inputs: [12, 16, 48].randomElement(using: &random)!, outputs: outputs, kernel: .random(in: 1...4, using: &random),
                    stride: 1,
                    columns: columns, residual: .random(using: &random), rectifies: .random(using: &random),
                    extreme: .random(using: &random),
                    &random)
                let expected = one.run(reference)
                for kernel in others {
                    #expect(one.run(kernel) == expected, "\(String(cString: precordia_kernels_name(kernel))) \(outputs) \(columns)")
                }
                one.free()
            }
        }
    }

    @Test("Every kernel's convolution equals the portable one's on long sums of extreme numbers")
    func extremes() {
        var random = SplitMix(3)
        for _ in 0..<12 {
            let kernel = Int.random(in: 1...17, using: &random)
            var one = Case(
                inputs: [12, 64, 192].randomElement(using: &random)!, outputs: 16 * .random(in: 1...6, using: &random), kernel: kernel,
                stride: .random(in: 1...kernel, using: &random), columns: .random(in: 1...30, using: &random),
                residual: .random(using: &random),
                rectifies: .random(using: &random), extreme: true, &random)
            let expected = one.run(reference)
            for other in others { #expect(one.run(other) == expected) }
            one.free()
        }
    }

    @Test("A fault in one weight shows: the comparison can fail")
    func fault() {
        var random = SplitMix(4)
        var one = Case(
            inputs: 16, outputs: 16, kernel: 3, stride: 1, columns: 4, residual: false, rectifies: false, extreme: false, &random)
        let expected = one.run(reference)
        // Behind the 16 offsets of 32 bits, which only some kernels read.
        for i in 64..<72 { one.packed.int8[i] = one.packed.int8[i] ^ 0x55 }
        for kernel in [reference] + others { #expect(one.run(kernel) != expected) }
        one.free()
    }

    @Test("Sums, maxima and head products of every kernel equal plain ones", arguments: [16, 48, 80, 192])
    func pools(channels: Int) {
        var random = SplitMix(UInt64(channels))
        let labels = 7
        for columns in [0, 1, 2, 7, 50] {
            let features = random.bytes(channels * max(columns, 1))
            let weights = random.bytes(labels * channels).map { Int8(bitPattern: $0) }
            var sums = [Int32](repeating: 0, count: channels), maxima = [UInt8](repeating: 0, count: channels)
            for i in 0..<columns * channels {
                sums[i % channels] += Int32(features[i])
                maxima[i % channels] = max(maxima[i % channels], features[i])
            }
            var a = [Int32](repeating: 0, count: labels), b = a
            for i in 0..<labels * channels {
                a[i / channels] += Int32(weights[i]) * sums[i % channels]
                b[i / channels] += Int32(weights[i]) * Int32(maxima[i % channels])
            }
            for kernel in [reference] + others {
                var gotSums = [Int32](repeating: -1, count: channels), gotMaxima = [UInt8](repeating: 9, count: channels)
                precordia_pool(kernel, features, UInt32(channels), columns, &gotSums, &gotMaxima)
                #expect(gotSums == sums && gotMaxima == maxima)
                var gotA = [Int32](repeating: -1, count: labels), gotB = gotA
                precordia_head(kernel, weights, weights, sums, maxima, UInt32(channels), UInt32(labels), &gotA, &gotB)
                #expect(gotA == a && gotB == b)
            }
        }
    }

    @Test("Depthwise convolutions and flat heads of every kernel equal plain ones", arguments: Array(1...17) + [31, 32, 33, 40])
    func depthwise(kernel: Int) {
        var random = SplitMix(UInt64(kernel) + 70)
        for (channels, stride, columns) in [
            (16, 1, 1), (48, kernel, 5), (80, (kernel + 1) / 2, 9), (32, min(kernel, 2), 41), (16, 1, 70), (64, min(kernel, 4), 33),
        ] {
            for (rectifies, hasResidual, extreme) in [(false, true, false), (true, false, true), (true, true, true), (false, false, false)]
            {
                var one = Case(
                    inputs: 1, outputs: channels, kernel: kernel, stride: stride, columns: 1, residual: false, rectifies: rectifies,
                    extreme: extreme, &random)
                let input = random.bytes(((columns - 1) * stride + kernel) * channels), beside = random.bytes(columns * channels)
                let packed = Aligned(count: precordia_packed_bytes(UInt32(channels), UInt32(kernel)))
                precordia_pack(one.layer.weights, UInt32(channels), UInt32(kernel), packed.buffer.baseAddress!)
                one.operation.packed = UnsafeRawPointer(packed.buffer.baseAddress!)
                one.operation.depth = UInt32(kernel * channels)
                one.operation.step = UInt32(stride * channels)
                let expected = (0..<columns * channels).map { at in
                    let (column, c) = (at / channels, at % channels)
                    let sum = (0..<kernel).reduce(one.layer.bias[c]) {
                        $0 + Int32(one.layer.weights[c * kernel + $1]) * Int32(input[(column * stride + $1) * channels + c])
                    }
                    return one.layer.requantised(sum, c, hasResidual ? Float(Int32(beside[at]) - 128) : nil)
                }
                for kernel in [reference] + others {
                    var got = [UInt8](repeating: 9, count: columns * channels)
                    beside.withUnsafeBufferPointer {
                        precordia_depthwise(kernel, &one.operation, input, hasResidual ? $0.baseAddress : nil, &got, columns)
                    }
                    #expect(got == expected)
                }
                one.free()
            }
        }
        let features = random.bytes(kernel * 48), weights = random.bytes(3 * features.count).map { Int8(bitPattern: $0) }
        let expected = (0..<3).map { label in
            features.indices.reduce(Int32(0)) { $0 + Int32(weights[label * features.count + $1]) * Int32(features[$1]) }
        }
        for kernel in [reference] + others {
            var got = [Int32](repeating: -1, count: 3)
            precordia_flat_head(kernel, weights, features, features.count, 3, &got)
            #expect(got == expected)
        }
    }

    @Test("The maximum pool of every kernel equals plain maxima", arguments: 1...6)
    func maximumPools(stride: Int) {
        var random = SplitMix(UInt64(stride))
        for (channels, columns) in [(16, 1), (48, 5), (192, 9)] {
            let input = random.bytes(channels * columns * stride)
            var expected = [UInt8](repeating: 0, count: channels * columns)
            for i in input.indices {
                let to = i / channels / stride * channels + i % channels
                expected[to] = max(expected[to], input[i])
            }
            for kernel in [reference] + others {
                var got = [UInt8](repeating: 0, count: channels * columns)
                precordia_maximum_pool(kernel, input, UInt32(channels), UInt32(stride), &got, columns)
                #expect(got == expected)
            }
        }
    }
}
