// The rows of a model file's tables, as values.
// Separate from the view so that the engine can pass them about without it.

public import PrecordiaSignal

extension ModelView {
    /// A sequence of columns that a layer reads or writes.
    public struct Tensor: Sendable {
        /// Bytes of a column: one a channel.
        public var channels: Int
        /// The byte that stands for 0.
        public var zeroPoint: Int
        /// The real value of one step.
        public var scale: Float
        /// Input samples that make one column.
        public var samplesPerColumn: Int
    }

    /// A layer of the network.
    public struct Layer: Sendable {
        /// What a layer computes; the raw values are the file's.
        public enum Kind: UInt8, Sendable {
            case convolution = 1
            case maximumPool = 2
            /// A convolution of each channel with weights of its own.
            case depthwise = 3
        }

        public var kind: Kind
        /// The tensor read.
        public var input: Int
        /// The tensor added before the activation, if any.
        public var residual: Int?
        /// Columns read for one column written, and columns between one such run and the next.
        public var kernel, stride: Int
        /// Columns read before the first of the input, 0 ... kernel - stride; the rest of kernel - stride is read behind the last.
        public var left: Int
        /// Whether negative results become 0.
        public var rectifies: Bool
        /// What one step of the residual tensor is in steps of the output.
        public var residualScale: Float
        /// Offsets in the file; meaningless for a maximum pool.
        var weights, bias, scale: Int
    }

    /// Consecutive labels that belong together. The name is UTF-8 in the model's bytes.
    public struct LabelSet: @unchecked Sendable {
        public var name: UnsafeRawBufferPointer
        /// The first label, and how many follow each other from it on, 1 or more.
        public var first, count: Int
    }

    /// A statement that the network was trained on. The strings are UTF-8 in the model's bytes.
    public struct Label: @unchecked Sendable {
        public var code, statement, group: UnsafeRawBufferPointer
        /// Probability from which the statement is named; finite.
        public var threshold: Float
        /// Probability from which an alert becomes possible; finite, and above 0 where there is a priority.
        public var alarmThreshold: Float
        /// 0 no alert, 1 information, 2 low, 3 medium, 4 high: the names are the alert policy's. 0 outside of the first label set.
        public var priority: UInt8
        /// Probability = logistic(slope * logit + offset).
        public var calibrationSlope, calibrationOffset: Float
    }

    /// A statement of another vocabulary, derived from labels. The strings are UTF-8 in the model's bytes.
    public struct ClassEntry: @unchecked Sendable {
        public var code, statement, group, status: UnsafeRawBufferPointer
        /// Labels that it is derived from; 0 if the model does not cover it.
        public var sourceCount: Int
        /// What the labels behind it are worth: 0 not covered, 1 human labels, 2 weak machine labels.
        public var evidence: UInt8
        var sources: Int
    }
}

extension ModelView {
    /// A section of the input filter, to be run as ``FilterCascade`` does.
    @_noAllocation @_noLocks
    public func filterSection(_ index: Int) -> Biquad {
        precondition(index >= 0 && index < field(104), "no such filter section")
        let at = block(120) + index * 40
        return Biquad(b0: double(at), b1: double(at + 8), b2: double(at + 16), a1: double(at + 24), a2: double(at + 32))
    }

    /// The shape and scale of a tensor; 0 is the input.
    @_noAllocation @_noLocks
    public func tensor(_ index: Int) -> Tensor {
        precondition(index >= 0 && index < field(100), "no such tensor")
        let at = block(128) + index * 16
        return Tensor(channels: field(at), zeroPoint: field(at + 4), scale: float(at + 8), samplesPerColumn: field(at + 12))
    }

    /// A layer; it writes tensor `index + 1`.
    @_noAllocation @_noLocks
    public func layer(_ index: Int) -> Layer {
        precondition(index >= 0 && index < field(96), "no such layer")
        let at = block(136) + index * 64
        let residual = word(at + 8)
        return Layer(
            kind: Layer.Kind(rawValue: UInt8(truncatingIfNeeded: word(at))) ?? .convolution, input: field(at + 4),
            residual: residual == .max ? nil : Int(truncatingIfNeeded: residual),
            kernel: field(at + 12), stride: field(at + 16), left: field(at + 28), rectifies: word(at + 20) == 1,
            residualScale: float(at + 24),
            weights: block(at + 32), bias: block(at + 40), scale: block(at + 48))
    }

    /// A label set; 0 is the one that events and alerts are about.
    @_noAllocation @_noLocks
    public func labelSet(_ index: Int) -> LabelSet {
        precondition(index >= 0 && index < labelSetCount, "no such label set")
        let at = block(224) + index * 16
        return LabelSet(name: string(at: at), first: field(at + 8), count: field(at + 12))
    }

    /// A label.
    @_noAllocation @_noLocks
    public func label(_ index: Int) -> Label {
        precondition(index >= 0 && index < field(88), "no such label")
        let at = block(152) + index * 64
        return Label(
            code: string(at: at), statement: string(at: at + 8), group: string(at: at + 16), threshold: float(at + 24),
            alarmThreshold: float(at + 40),
            priority: UInt8(truncatingIfNeeded: word(at + 28)), calibrationSlope: float(at + 32),
            calibrationOffset: float(at + 36))
    }

    /// A class.
    @_noAllocation @_noLocks
    public func classEntry(_ index: Int) -> ClassEntry {
        precondition(index >= 0 && index < field(92), "no such class")
        let at = block(160) + index * 64
        return ClassEntry(
            code: string(at: at), statement: string(at: at + 8), group: string(at: at + 16), status: string(at: at + 24),
            sourceCount: field(at + 32), evidence: UInt8(truncatingIfNeeded: word(at + 36)), sources: block(at + 40))
    }

    /// The label that is a class's source `index`, below its ``ClassEntry/sourceCount``.
    @_noAllocation @_noLocks
    public func source(_ index: Int, of entry: ClassEntry) -> Int {
        precondition(index >= 0 && index < entry.sourceCount, "no such source")
        return field(entry.sources + index * 4)
    }
}
