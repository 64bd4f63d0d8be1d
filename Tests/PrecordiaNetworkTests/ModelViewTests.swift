// The loader against valid, cut, corrupted, random and hostile files.
// Separate because here bytes of the world come in: it must answer with a fault, never trap, hang or believe.

import PrecordiaNetwork
import PrecordiaSignal
import Testing

private func text(_ bytes: UnsafeRawBufferPointer) -> String { String(decoding: bytes, as: UTF8.self) }

/// The loader's answer: nil if it accepts.
private func fault(_ bytes: [UInt8]) -> ModelError? {
    let file = Aligned(bytes)
    do throws(ModelError) {
        let model = try ModelView(UnsafeRawBufferPointer(rebasing: file.bytes.prefix(bytes.count)))
        touch(model)
        return nil
    } catch {
        return error
    }
}

/// Reads everything that an accepted model offers, and runs it if it is small.
private func touch(_ model: ModelView) {
    for i in 0..<model.labelCount { _ = text(model.label(i).code) + text(model.label(i).statement) + text(model.label(i).group) }
    for i in 0..<model.classCount {
        let entry = model.classEntry(i)
        _ = text(entry.code) + text(entry.statement) + text(entry.group) + text(entry.status)
        for source in 0..<entry.sourceCount { precondition(model.source(source, of: entry) < model.labelCount) }
    }
    for i in 0..<model.filterSectionCount { _ = model.filterSection(i) }
    _ = text(model.name)
    let bytes = Network.requiredBytes(model: model, maximumHop: model.samplesPerColumn)
    precondition(bytes > 0)
    if bytes > 4 << 20 { return }
    let memory = Aligned(count: bytes)
    guard var network = try? Network(model: model, maximumHop: model.samplesPerColumn, memory: memory.buffer) else { return }
    for i in 0..<model.labelSetCount {
        let set = model.labelSet(i)
        precondition(set.count > 0 && set.first + set.count <= model.labelCount && text(set.name).utf8.count >= 0)
    }
    for _ in 0..<min(2 * model.samplesPerColumn, 200) { network.push([UInt8](repeating: 255, count: model.leads.count)) }
    network.advance()
    network.classify()
}

private func changed(_ bytes: [UInt8], at offset: Int, to value: UInt32) -> [UInt8] {
    var copy = bytes
    withUnsafeBytes(of: value.littleEndian) { copy.replaceSubrange(offset..<offset + 4, with: $0) }
    Recipe.rehash(&copy)
    return copy
}

private func word(_ bytes: [UInt8], _ offset: Int) -> Int { (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) } }

@Suite struct ModelViewTests {
    let file = Recipe.tiny(11).encoded()

    @Test("A valid file shows every table as it was written")
    func valid() throws {
        let memory = Aligned(file), recipe = Recipe.tiny(11)
        let model = try ModelView(memory.bytes)
        #expect(text(model.name) == "tiny" && model.version == 42 && model.rate == 100)
        #expect(model.window == 200 && model.hop == 40 && model.samplesPerColumn == 20 && model.windowColumns == 10)
        #expect(model.featureChannels == 32 && model.labelCount == 5 && model.classCount == 3 && model.layerCount == recipe.layers.count)
        #expect(model.inputStep == 25 && model.inputZeroPoint == 128)
        #expect(
            model.alertPersistenceHops == 3 && model.alertPersistenceSpan == 5 && model.alertHysteresis == 0.8 && model.alertHoldOff == 7)
        #expect(model.filterSection(1) == Biquad(b0: 0.5, b1: 0.5, b2: 0, a1: -0.2, a2: 0))
        let label = model.label(3)
        #expect(text(label.code) == "CODE" && text(label.group) == "größer" && label.threshold == 0.5 && label.alarmThreshold == 0.75)
        #expect((0..<5).map { model.label($0).priority } == [0, 1, 2, 0, 0])
        #expect(model.labelSetCount == 2 && model.statementCount == 3 && model.leads == .all && !model.isWholeWindow && !model.isFlattened)
        let set = model.labelSet(1)
        #expect(text(set.name) == "others" && set.first == 3 && set.count == 2)
        #expect((0..<3).map { model.classEntry($0).evidence } == [1, 0, 2])
        #expect(label.calibrationSlope == recipe.slope[3] && label.calibrationOffset == recipe.offset[3])
        let entry = model.classEntry(2)
        #expect(text(entry.status) == "confirmed" && entry.sourceCount == 3)
        #expect((0..<3).map { model.source($0, of: entry) } == [1, 3, 4])
        for index in 0..<model.layerCount {
            let (layer, written) = (model.layer(index), recipe.layers[index])
            #expect(layer.input == written.input && layer.residual == written.residual && layer.kernel == written.kernel)
            #expect(layer.stride == written.stride && (layer.kind == .maximumPool) == written.pools)
            #expect((layer.kind == .depthwise) == written.isDepthwise && layer.left == layer.kernel - layer.stride)
        }
        for index in 0..<model.tensorCount {
            let tensor = model.tensor(index)
            #expect(
                Recipe.Tensor(channels: tensor.channels, zeroPoint: tensor.zeroPoint, samplesPerColumn: tensor.samplesPerColumn)
                    == recipe.tensors[index])
        }
    }

    @Test("A file cut anywhere is refused, and so is one with its length and hash put right")
    func truncation() {
        for count in Array(0..<260) + Array(stride(from: 260, to: file.count, by: 331)) + [file.count - 1] {
            var cut = Array(file.prefix(count))
            let found = fault(cut)?.code
            #expect(found == (count < 256 ? .truncated : .fileSize))
            if count < 256 { continue }
            withUnsafeBytes(of: UInt64(count).littleEndian) { cut.replaceSubrange(16..<24, with: $0) }
            Recipe.rehash(&cut)
            #expect(fault(cut) != nil)
        }
    }

    @Test("Every corrupted byte is found by the hash or the field's own check")
    func corruption() {
        for offset in Array(0..<256) + Array(stride(from: 256, to: file.count, by: 241)) {
            var bytes = file
            bytes[offset] ^= 0x10
            #expect(fault(bytes) != nil, "byte \(offset)")
        }
    }

    @Test("The model version cannot be changed unnoticed: the hash covers it, and nothing stands in for it before the hash")
    func version() throws {
        for bit in 0..<32 {
            var bytes = file
            bytes[208 + bit / 8] ^= 1 << (bit % 8)
            #expect(fault(bytes)?.code == .hash, "bit \(bit) of the version")
            bytes = file
            bytes[12 + bit / 8] ^= 1 << (bit % 8)
            #expect(fault(bytes)?.code == .reserved, "bit \(bit) of the field at 12")
        }
        var recipe = Recipe.tiny(11)
        recipe.version = 43
        let newer = Aligned(recipe.encoded()), older = Aligned(file)
        let models = try (ModelView(older.bytes), ModelView(newer.bytes))
        #expect(models.0.version == 42 && models.1.version == 43)
        #expect(!models.0.hash.elementsEqual(models.1.hash), "two versions must not share a hash")
    }

    @Test("No single-byte corruption of header, tensor table, layer table, labels or classes makes it trap, even with a right hash")
    func tables() {
        var offsets = Array(0..<256)
        let tables = [(120, 80), (128, 16 * word(file, 100)), (136, 64 * word(file, 96)), (152, 64 * 5), (160, 64 * 3), (224, 32)]
        for (field, count) in tables { offsets += Array(word(file, field)..<word(file, field) + count) }
        var refused = 0
        for offset in offsets {
            for pattern in [UInt8(0x01), 0x80, 0xFF] {
                var bytes = file
                bytes[offset] ^= pattern
                if !(32..<64).contains(offset) { Recipe.rehash(&bytes) }
                if fault(bytes) != nil { refused += 1 }
            }
        }
        #expect(refused > offsets.count)
    }

    @Test("Random bytes behind a valid beginning are refused without a trap")
    func random() {
        var random = SplitMix(12)
        for round in 0..<300 {
            var bytes = round % 2 == 0 ? file : random.bytes(1024)
            let start = round % 2 == 0 ? 64 + Int(random.next() % 1500) : 0
            for _ in 0..<(round % 2 == 0 ? 8 : 0) { bytes[start + Int(random.next() % 200)] = UInt8(truncatingIfNeeded: random.next()) }
            bytes.replaceSubrange(0..<16, with: file[0..<16])
            withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { bytes.replaceSubrange(16..<24, with: $0) }
            bytes.replaceSubrange(24..<32, with: [UInt8](repeating: 0, count: 8))
            Recipe.rehash(&bytes)
            _ = fault(bytes)
        }
        for _ in 0..<100 { #expect(fault(random.bytes(Int(random.next() % 2000)))?.code != nil) }
    }

    @Test(
        "Hostile sizes and offsets are refused without overflow",
        arguments: [0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0xFFFF_FFC0] as [UInt32])
    func hostile(value: UInt32) {
        for offset in stride(from: 64, to: 232, by: 4) where ![112, 204, 208].contains(offset) {
            #expect(fault(changed(file, at: offset, to: value)) != nil, "field \(offset)")
        }
        for offset in [120, 128, 136, 144, 152, 160, 168, 176, 224] {
            let low = changed(file, at: offset, to: 0xFFFF_FFC0)
            #expect(fault(changed(low, at: offset + 4, to: value))?.code == .block, "offset \(offset)")
        }
        let layers = word(file, 136), tensors = word(file, 128), classes = word(file, 160), labels = word(file, 152)
        for row in 0..<word(file, 96) {
            for field in [0, 4, 12, 16, 20, 28, 56] { #expect(fault(changed(file, at: layers + row * 64 + field, to: value)) != nil) }
            for field in [32, 36, 40, 44, 48, 52] { #expect(fault(changed(file, at: layers + row * 64 + field, to: value)) != nil) }
        }
        for row in 0..<word(file, 100) {
            for field in [0, 4, 12] { #expect(fault(changed(file, at: tensors + row * 16 + field, to: value)) != nil) }
        }
        for field in [0, 4, 8, 12, 16, 20, 28] { #expect(fault(changed(file, at: labels + field, to: value)) != nil) }
        for field in [0, 4, 8, 12, 16, 28] { #expect(fault(changed(file, at: word(file, 224) + field, to: value)) != nil, "set \(field)") }
        for field in [0, 4, 24, 28, 32, 36, 40, 44] { #expect(fault(changed(file, at: classes + field, to: value)) != nil) }
    }

    @Test("A fault names its code, place and value")
    func places() {
        let layers = word(file, 136), tensors = word(file, 128)
        func expect(_ at: Int, _ new: UInt32, _ code: ModelError.Code, place: Int? = nil, value: Int64? = nil) {
            #expect(fault(changed(file, at: at, to: new)) == ModelError(code: code, offset: place ?? at, value: value ?? Int64(new)))
        }
        expect(8, 1, .formatVersion)
        expect(8, 3, .formatVersion)
        expect(64, 8, .leads)
        expect(64, 12, .leads)
        expect(68, 0, .rate)
        expect(76, 30, .hop)
        expect(88, 0, .labels)
        expect(100, 99, .tensors)
        expect(108, 0, .zeroPoint)
        expect(192, 6, .alertPersistence)
        expect(200, Float.nan.bitPattern, .alertHysteresis)
        expect(12, 42, .reserved)
        expect(232, 1, .reserved)
        expect(212, 3, .execution)
        expect(212, 0, .execution)
        expect(216, 2, .headKind)
        expect(220, 0, .labelSets)
        expect(220, 17, .labelSets)
        let sets = word(file, 224)
        expect(sets, 1, .labelSet)
        expect(sets + 8, 1, .labelSet)
        expect(sets + 12, 4, .labelSet, place: sets + 24, value: 3)
        expect(sets + 28, 1, .labelSet)
        expect(sets + 28, 0, .labelSet)
        expect(layers + 28, 0, .layerPadding)
        expect(layers + 28, 2, .layerPadding)
        expect(word(file, 152) + 3 * 64 + 28, 1, .labelPriority)
        for evidence: UInt32 in [0, 3] { expect(word(file, 160) + 36, evidence, .classEvidence) }
        expect(word(file, 160) + 64 + 36, 1, .classEvidence)
        expect(layers, 4, .layerKind)
        expect(layers, 0, .layerKind)
        expect(layers + 4, 1, .layerInput)
        expect(layers + 8, 1, .layerResidual)
        expect(layers + 16, 3, .layerStride)
        expect(layers + 20, 2, .layerActivation)
        expect(tensors + 16, 17, .tensorChannels)
        expect(tensors + 20, 64, .tensorZeroPoint)
        expect(tensors + 24, Float.infinity.bitPattern, .tensorScale)
        expect(tensors + 12, 2, .tensorColumn)
        expect(word(file, layers + 48), Float.nan.bitPattern, .layerScale)
        expect(word(file, layers + 40), 0x7FFF_FFFF, .accumulator)
        expect(word(file, layers + 40), 0x8000_0000, .accumulator)
        expect(word(file, 152) + 28, 5, .labelPriority)
        expect(word(file, 160) + 64 + 40, 64, .reserved)
        expect(layers + 24, 0x3F80_0000, .reserved)
        for field in [24, 32, 40, 48] { expect(layers + 64 + field, 64, .reserved) }
        #expect(fault(changed(file, at: tensors + 2 * 16 + 8, to: 0x3F80_0000))?.code == .layerShape)
        let infinite = fault(changed(file, at: word(file, 120) + 4, to: 0x7FF0_0000))
        #expect(infinite == ModelError(code: .filterCoefficient, offset: word(file, 120), value: 0x7FF0_0000_0000_0000))
        #expect(fault(changed(file, at: 116, to: 0x8000_0000))?.code == .inputStep)
    }

    @Test("What would pass and fail later, in filter, logit or alert, is refused by its own code")
    func laterFailures() {
        let labels = word(file, 152), sections = word(file, 120), head = word(file, 144)
        let scales = head + 2 * ((5 * 32 + 63) & ~63)
        func code(_ at: Int, _ value: UInt32) -> ModelError.Code? { fault(changed(file, at: at, to: value))?.code }
        func wide(_ at: Int, _ value: Double) -> ModelError.Code? {
            var bytes = file
            withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.replaceSubrange(at..<at + 8, with: $0) }
            Recipe.rehash(&bytes)
            return fault(bytes)?.code
        }
        #expect(
            code(68, 99) == .windowSeconds && code(68, 201) == .windowSeconds && code(72, 220) == .windowSeconds && code(68, 200) == nil)
        for value: Float in [0, -0.0, -0.5, 1.001, .infinity] { #expect(code(200, value.bitPattern) == .alertHysteresis) }
        #expect(code(200, Float(1).bitPattern) == nil && code(200, Float.leastNonzeroMagnitude.bitPattern) == nil)
        #expect(code(192, 0) == .alertPersistence && code(196, 33) == .alertPersistence && code(196, 2) == .alertPersistence)
        for (place, value) in [(24, -1.92), (24, 1.92), (32, 1.0), (32, -0.95), (32, 0.899), (32, 1e300)] {
            #expect(wide(sections + place, value) == .filterStability, "a at \(place): \(value)")
        }
        for place in [0, 8, 16] {
            #expect(wide(sections + place, 1000.1) == .filterCoefficient && wide(sections + place, -1e300) == .filterCoefficient)
            #expect(wide(sections + place, -1000.0) == nil)
        }
        for place in [scales, scales + 64, scales + 128] {
            for value: Float in [1.1e9, -3e38, .nan, -.infinity] { #expect(code(place, value.bitPattern) == .headValue) }
            #expect(code(place, Float(-1e9).bitPattern) == nil)
        }
        for place in [32, 36] {
            for value: Float in [1.1e9, -3e38, .nan] { #expect(code(labels + place, value.bitPattern) == .labelValue) }
            #expect(code(labels + place, Float(1e9).bitPattern) == nil)
        }
        // Label 0 has no priority, label 1 has one.
        for value: Float in [0, -0.0, -50] {
            #expect(code(labels + 40, value.bitPattern) == nil && code(labels + 64 + 24, value.bitPattern) == nil)
            #expect(code(labels + 64 + 40, value.bitPattern) == .labelThreshold)
        }
        for place in [24, 40] { #expect(code(labels + 64 + place, Float.nan.bitPattern) == .labelValue) }
    }

    @Test("A whole-window model: no field of its header and tables makes it trap, and what only it may have is refused elsewhere")
    func windows() {
        for isFlattened in [false, true] {
            let file = Recipe.window(3, isFlattened: isFlattened).encoded(), layers = word(file, 136)
            #expect(fault(file) == nil)
            var offsets = Array(stride(from: 64, to: 232, by: 4))
            for (field, count) in [(128, 16 * word(file, 100)), (136, 64 * word(file, 96)), (224, 32)] {
                offsets += Array(stride(from: word(file, field), to: word(file, field) + count, by: 4))
            }
            for offset in offsets {
                for value: UInt32 in [0, 1, 3, 144, 4096, 1 << 20, 0x7FFF_FFFF, .max] { _ = fault(changed(file, at: offset, to: value)) }
            }
            #expect(fault(changed(file, at: 212, to: 1)) != nil && fault(changed(file, at: 72, to: 150))?.code == .window)
            #expect(fault(changed(file, at: 76, to: 0))?.code == .hop && fault(changed(file, at: 76, to: 144)) == nil)
            #expect(fault(changed(file, at: layers + 28, to: 5))?.code == .layerPadding)
            #expect(fault(changed(file, at: 64, to: 0xFFF))?.code == .tensorChannels)
            #expect(fault(changed(file, at: layers + 5 * 64 + 4, to: 1))?.code == .tensorColumn)
        }
    }

    @Test("Layers that share weights cannot ask for more memory than a file has bytes")
    func sharedWeights() {
        let file = Recipe.window(3, isFlattened: true).encoded(), layers = word(file, 136)
        func widened(_ bytes: [UInt8], _ layer: Int, tapBytes: Int, tenths: Int) -> [UInt8] {
            let taps = UInt32(file.count * tenths / 10 / tapBytes)
            return changed(changed(bytes, at: layers + layer * 64 + 12, to: taps), at: layers + layer * 64 + 32, to: 256)
        }
        #expect(fault(widened(file, 3, tapBytes: 16 * 32, tenths: 3)) == nil)
        let both = widened(widened(file, 3, tapBytes: 16 * 32, tenths: 6), 4, tapBytes: 32 * 32, tenths: 6)
        #expect(fault(both)?.code == .layerWeights)
    }

    @Test("Bytes that do not lie at a multiple of 16 are refused")
    func alignment() {
        let memory = Aligned(count: file.count + 64)
        for i in file.indices { memory.buffer[i + 8] = file[i] }
        let error = #expect(throws: ModelError.self) {
            _ = try ModelView(UnsafeRawBufferPointer(rebasing: memory.bytes[8..<8 + file.count]))
        }
        #expect(error?.code == .misaligned)
    }

    @Test("Every fault has its own words")
    func words() {
        let all = ModelError.Code.allCases.map { "\($0.explanation)" }
        #expect(Set(all).count == all.count)
    }
}
