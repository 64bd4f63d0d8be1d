// The checks of what stands behind the layers: head, label sets, labels, classes.
// Separate from the layers' checks because these tables say what answers mean, not how they are computed.

import PrecordiaSignal

extension ModelView {
    func checkHead() throws(ModelError) {
        let weights = featureChannels * (isFlattened ? windowColumns : 1)
        // First as a product that 64 bits hold: on 32 the head's own sum would overflow.
        try requireBlock(at: 144, Int64(labelCount) * Int64(weights))
        try requireBlock(at: 144, head(at: 0).bias + labelCount * 4)
        let head = head
        for label in 0..<labelCount {
            try require(magnitude: 1e9, .headValue, at: head.meanScale + label * 4)
            try require(magnitude: 1e9, .headValue, at: head.maximumScale + label * 4)
            try require(magnitude: 1e9, .headValue, at: head.bias + label * 4)
            let first = head.meanWeights + label * weights
            let largest = sumOfMagnitudes(first, weights) * 255 * UInt64(isFlattened ? 1 : windowColumns)
            try require(largest <= UInt64(Int32.max), .accumulator, at: first)
        }
    }

    func checkLabelSets() throws(ModelError) {
        var next = 0
        for index in 0..<labelSetCount {
            let at = block(224) + index * 16
            try requireString(at: at)
            try require(field(at + 8) == next, .labelSet, at: at + 8)
            try require(in: 1...1024, .labelSet, at: at + 12)
            next += field(at + 12)
        }
        try require(next == labelCount, .labelSet, at: block(224) + (labelSetCount - 1) * 16 + 12)
        try require(isNamedStatements(labelSet(0).name), .labelSet, at: block(224))
    }

    private func isNamedStatements(_ name: UnsafeRawBufferPointer) -> Bool {
        let wanted: StaticString = "statements"
        guard name.count == wanted.utf8CodeUnitCount else { return false }
        for index in 0..<name.count where name[index] != wanted.utf8Start[index] { return false }
        return true
    }

    func checkLabels() throws(ModelError) {
        for index in 0..<labelCount {
            let at = block(152) + index * 64
            for string in 0..<3 { try requireString(at: at + string * 8) }
            try require(word(at + 28) <= 4, .labelPriority, at: at + 28)
            try require(word(at + 28) == 0 || index < statementCount, .labelPriority, at: at + 28)
            try require(float(at + 24).isFinite, .labelValue, at: at + 24)
            try require(float(at + 40).isFinite, .labelValue, at: at + 40)
            try require(word(at + 28) == 0 || float(at + 40) > 0, .labelThreshold, at: at + 40)
            try require(magnitude: 1e9, .labelValue, at: at + 32)
            try require(magnitude: 1e9, .labelValue, at: at + 36)
            try requireZero(at + 44..<at + 64)
        }
    }

    func checkClasses() throws(ModelError) {
        for index in 0..<classCount {
            let at = block(160) + index * 64
            for string in 0..<4 { try requireString(at: at + string * 8) }
            try requireZero(at + 48..<at + 64)
            let count = field(at + 32)
            try require(in: 0...labelCount, .classSources, at: at + 32)
            try require(in: count == 0 ? 0...0 : 1...2, .classEvidence, at: at + 36)
            if count == 0 {
                try requireZero(at + 40..<at + 48)
                continue
            }
            try requireBlock(at: at + 40, count * 4)
            for source in 0..<count { try require(in: 0...labelCount - 1, .classSource, at: block(at + 40) + source * 4) }
        }
    }
}
