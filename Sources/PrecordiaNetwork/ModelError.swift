// What can be wrong with a model's bytes, or with what a network is given to run in.
// Separate so that the program can say place, value and remedy without the loader knowing a word of it.

/// A fault of a model file, or of the arguments that a ``Network`` is made with.
public struct ModelError: Error, Equatable, Sendable {
    /// What is wrong.
    public var code: Code
    /// The byte of the file where the faulty field begins; for ``Code/hopLength``, ``Code/memory`` and ``Code/kernel`` 0.
    public var offset: Int
    /// The field's value; of a floating-point field its bit pattern.
    public var value: Int64

    public init(code: Code, offset: Int, value: Int64) {
        self.code = code
        self.offset = offset
        self.value = value
    }

    /// One case for each fault. Raw values are stable.
    public enum Code: Int32, Sendable {
        case truncated = 1
        case misaligned, magic, formatVersion, fileSize, reserved, hash
        case leads, rate, window, hop, samplesPerColumn, featureChannels, labels, classes, layers, tensors, filterSections
        case zeroPoint, inputStep, block, string, alertPersistence, alertHysteresis
        case filterCoefficient
        case tensorChannels, tensorZeroPoint, tensorScale, tensorColumn
        case layerKind, layerInput, layerResidual, layerKernel, layerStride, layerActivation, layerScale, layerShape
        case accumulator, headValue
        case labelValue, labelPriority, classSources, classSource
        case hopLength, memory, kernel
        case windowSeconds, filterStability, labelThreshold
        case execution, headKind, labelSets, labelSet, layerPadding, classEvidence, tensorMemory, layerWeights
    }
}

extension ModelError.Code {
    /// What is wrong and what would be right, in words for the person who chose the file.
    public var explanation: StaticString {
        switch self {
        case .truncated: "the file ends inside its 256-byte header"
        case .misaligned: "the model's first byte must lie at a multiple of 16 in memory"
        case .magic: "not a model file: it must begin with PRECMODL"
        case .formatVersion:
            "made for another version of the program: the format version must be 2, so export the model again with this version's tools"
        case .fileSize: "the file is not as long as its header says: it was cut off or something was appended"
        case .reserved: "a field that is reserved, or has no meaning here, is not 0"
        case .hash: "the bytes do not match their SHA-256: the file is damaged"
        case .leads: "the leads must be all twelve, 0xFFF, or I, II and V1 to V6, 0xFC3"
        case .rate: "the rate must be 1 to 10000 hertz"
        case .window: "the window must be a multiple of the samples a column, at most 1048576 samples"
        case .hop: "the hop must be at most the window, and of a streaming model a multiple of the samples a column"
        case .samplesPerColumn: "the samples a column must be those of the last tensor"
        case .featureChannels: "the feature channels must be those of the last tensor"
        case .labels: "the number of labels must be 1 to 1024"
        case .classes: "the number of classes must be 0 to 1024"
        case .layers: "the number of layers must be 1 to 256"
        case .tensors: "there must be one tensor more than layers"
        case .filterSections: "the number of filter sections must be 0 to 32"
        case .zeroPoint: "the input's zero point must be 128"
        case .inputStep: "the input step must be a positive finite number of microvolts"
        case .block: "a block must begin at a multiple of 64, after the header, and end within the file"
        case .string: "a string must lie within the strings"
        case .alertPersistence: "alert persistence must be m of n hops with 1 <= m <= n <= 32"
        case .alertHysteresis: "alert hysteresis must be a fraction above 0, up to 1"
        case .filterCoefficient: "a filter coefficient must be finite, and the magnitude of b0, b1 and b2 at most 1000"
        case .tensorChannels: "a tensor's channels must be a multiple of 16, at most 4096; the input's must be one a lead"
        case .tensorZeroPoint: "a tensor's zero point must be 0 or 128; the input's, and that of a layer without rectifier, 128"
        case .tensorScale: "a tensor's scale must be positive and finite"
        case .tensorColumn: "a tensor's samples a column must be those of its layer's input times the stride, and divide the model's"
        case .layerKind: "a layer must be 1, a convolution, 2, a maximum pool, or 3, a depthwise convolution"
        case .layerInput: "a layer's input must be a tensor written before it"
        case .layerResidual: "a residual must be an earlier tensor of the same shape as the output, and belongs to a convolution"
        case .layerKernel: "a kernel must be 1 to 4096 columns"
        case .layerStride: "a stride must be 1 to the kernel; a maximum pool's must be its kernel"
        case .layerActivation: "an activation must be 0, none, or 1, rectifier; a maximum pool has none"
        case .layerScale: "a layer's scale must be finite, its magnitude at most 1e9"
        case .layerShape:
            "a maximum pool must have the same channels, zero point and scale before and after, a depthwise convolution the same channels"
        case .accumulator: "a sum of products can overflow 32 bits"
        case .headValue: "a scale or bias of the head must be finite, its magnitude at most 1e9"
        case .labelValue: "a label's threshold must be finite, and the magnitude of its calibration at most 1e9"
        case .labelPriority: "a priority must be 0 to 4, and 0 outside of the first label set"
        case .classSources: "a class must have at most as many sources as there are labels"
        case .classSource: "a class's source must be a label"
        case .hopLength: "the maximum hop must be a positive multiple of the model's samples a column, at most 1048576"
        case .memory: "the memory given is smaller than requiredBytes says"
        case .kernel: "this processor cannot run the chosen kernels"
        case .windowSeconds: "the window of a streaming model must be a whole number of seconds: a multiple of the rate"
        case .filterStability: "a filter section must be stable: |a2| < 1 and |a1| < 1 + a2"
        case .labelThreshold: "the alarm threshold of a label that alerts must be above 0"
        case .execution: "the execution must be 1, streaming, or 2, whole window"
        case .headKind: "the head must be 1, pooled, or 2, flattened, which needs a whole window"
        case .labelSets: "the number of label sets must be 1 to 16"
        case .labelSet: "label sets must follow each other over all labels, each with one or more, the first of them named statements"
        case .layerPadding:
            "a layer's left padding must be at most kernel - stride; a streaming one's, and a maximum pool's, kernel - stride"
        case .classEvidence: "a class's evidence must be 1, human labels, or 2, machine labels; without sources 0"
        case .tensorMemory:
            "the tensors of a window must have at most 2^28 bytes in all, and so must the columns that kernels read around them"
        case .layerWeights: "the layers' weights must have no more bytes in all than the file: no two layers have the same"
        }
    }
}

#if !hasFeature(Embedded)
    extension ModelError.Code: CaseIterable {}
#endif
