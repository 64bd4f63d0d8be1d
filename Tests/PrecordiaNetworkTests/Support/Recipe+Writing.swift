// The writer of model files.
// Separate from the recipe so that each reads as what it is.

import PrecordiaNetwork

/// Little-endian bytes under construction.
struct Writer {
    var bytes: [UInt8] = []

    mutating func put(_ value: UInt32) { withUnsafeBytes(of: value.littleEndian) { bytes += $0 } }
    mutating func put(_ value: UInt64) { withUnsafeBytes(of: value.littleEndian) { bytes += $0 } }
    mutating func put(_ value: Int) { put(UInt32(value)) }
    mutating func put(_ value: Float) { put(value.bitPattern) }
    mutating func put(_ value: Double) { put(value.bitPattern) }
    mutating func zeros(_ count: Int) { bytes += [UInt8](repeating: 0, count: count) }
    mutating func align() { zeros((64 - bytes.count % 64) % 64) }
    mutating func block(_ content: [UInt8]) -> UInt64 {
        align()
        defer { bytes += content }
        return UInt64(bytes.count)
    }

    static func content(_ fill: (inout Writer) -> Void) -> [UInt8] {
        var writer = Writer()
        fill(&writer)
        return writer.bytes
    }
}

extension Recipe {
    static let strings = ["tiny", "CODE", "a statement", "größer", "confirmed", "statements", "others"]

    /// Offset and length of the string with that number.
    static func string(_ index: Int) -> [UInt8] {
        let start = strings[..<index].reduce(0) { $0 + $1.utf8.count }
        return Writer.content {
            $0.put(start)
            $0.put(strings[index].utf8.count)
        }
    }

    /// The model as a file.
    func encoded() -> [UInt8] {
        var file = Writer()
        file.zeros(256)
        let filter = file.block(Writer.content { w in for value in sections.joined() { w.put(value) } })
        let tensorTable = file.block(
            Writer.content { w in
                for tensor in tensors {
                    w.put(tensor.channels)
                    w.put(tensor.zeroPoint)
                    w.put(Float(0.03))
                    w.put(tensor.samplesPerColumn)
                }
            })
        let rows = layers.map { row($0, &file) }
        let layerTable = file.block(Array(rows.joined()))
        let head = file.block(meanWeights.map { UInt8(bitPattern: $0) })
        if !isFlattened { _ = file.block(maximumWeights.map { UInt8(bitPattern: $0) }) }
        for values in isFlattened ? [meanScale, bias] : [meanScale, maximumScale, bias] {
            _ = file.block(Writer.content { w in for value in values { w.put(value) } })
        }
        let setTable = file.block(
            Writer.content { w in
                for (index, count) in sets.enumerated() {
                    w.bytes += Recipe.string(5 + index)
                    w.put(sets[..<index].reduce(0, +))
                    w.put(count)
                }
            })
        let labelTable = file.block(
            Writer.content { w in
                for label in 0..<labels {
                    for string in 1...3 { w.bytes += Recipe.string(string) }
                    w.put(Float(0.5))
                    w.put(label < sets[0] ? label % 5 : 0)
                    w.put(slope[label])
                    w.put(offset[label])
                    w.put(Float(0.75))
                    w.zeros(20)
                }
            })
        let sources = classes.map { list in list.isEmpty ? 0 : file.block(Writer.content { w in for source in list { w.put(source) } }) }
        let classTable = file.block(
            Writer.content { w in
                for (list, offset) in zip(classes, sources) {
                    for string in 1...4 { w.bytes += Recipe.string(string) }
                    w.put(list.count)
                    w.put(min(list.count, 2))
                    w.put(offset)
                    w.zeros(16)
                }
            })
        let text = Array(Recipe.strings.joined().utf8)
        let strings = file.block(text)
        let offsets = [filter, tensorTable, layerTable, head, labelTable, classTable, strings, UInt64(text.count)]
        file.bytes.replaceSubrange(0..<256, with: header(bytes: file.bytes.count, offsets, setTable))
        Recipe.rehash(&file.bytes)
        return file.bytes
    }

    private func row(_ layer: Layer, _ file: inout Writer) -> [UInt8] {
        let weights = layer.pools ? 0 : file.block(layer.weights.map { UInt8(bitPattern: $0) })
        let bias = layer.pools ? 0 : file.block(Writer.content { w in for value in layer.bias { w.put(UInt32(bitPattern: value)) } })
        let scale = layer.pools ? 0 : file.block(Writer.content { w in for value in layer.scale { w.put(value) } })
        return Writer.content { w in
            w.put(layer.pools ? 2 : layer.isDepthwise ? 3 : 1)
            w.put(layer.input)
            w.put(layer.residual.map { UInt32($0) } ?? .max)
            w.put(layer.kernel)
            w.put(layer.stride)
            w.put(layer.rectifies ? 1 : 0)
            w.put(layer.residualScale)
            w.put(layer.left ?? layer.kernel - layer.stride)
            w.put(weights)
            w.put(bias)
            w.put(scale)
            w.put(UInt64(0))
        }
    }

    private func header(bytes: Int, _ offsets: [UInt64], _ setTable: UInt64) -> [UInt8] {
        Writer.content { w in
            w.bytes += Array("PRECMODL".utf8)
            w.put(2)
            w.put(0)
            w.put(UInt64(bytes))
            w.put(UInt64(0))
            w.zeros(32)
            w.put(leads)
            for value in [100, window, hop, samplesPerColumn, channels, labels, classes.count] { w.put(value) }
            for value in [layers.count, tensors.count, sections.count, 128] { w.put(value) }
            w.put(25.0)
            for offset in offsets { w.put(offset) }
            w.bytes += Recipe.string(0)
            w.put(3)
            w.put(5)
            w.put(Float(0.8))
            w.put(7)
            w.put(version)
            w.put(isWholeWindow ? 2 : 1)
            w.put(isFlattened ? 2 : 1)
            w.put(sets.count)
            w.put(setTable)
            w.zeros(24)
        }
    }

    /// Writes the SHA-256 of what the bytes now are into their header, so that a change reaches the checks behind it.
    static func rehash(_ bytes: inout [UInt8]) {
        let digest = bytes.withUnsafeBytes { SHA256.digest(of: UnsafeRawBufferPointer(rebasing: $0[64...])) }
        for word in 0..<8 {
            withUnsafeBytes(of: digest[word].bigEndian) { bytes.replaceSubrange(32 + word * 4..<36 + word * 4, with: $0) }
        }
    }
}
