// A model file in memory, checked once and then read in place.
// Separate from the network so that its tables (labels, classes, filters, alert policy) serve the engine and the program without one.

public import PrecordiaSignal

/// A checked view of a model file's bytes. Field by field it is `docs/model-format.md`.
///
/// A plain value: it holds a pointer and copies nothing, so the bytes must stay where they are, unchanged, as long as any copy of the
/// view or any ``Network`` made from it lives. After a successful init no accessor can fail, except by an index out of range, which traps.
public struct ModelView: @unchecked Sendable {
    @usableFromInline let bytes: UnsafeRawBufferPointer

    /// A view of bytes that the caller has checked.
    init(checked bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Version of the trained model, counted by whoever trained it.
    @inlinable public var version: UInt32 { word(208) }
    /// The file's SHA-256 field: 32 bytes that identify the model.
    @inlinable public var hash: UnsafeRawBufferPointer { part(32, 32) }
    /// The model's name, UTF-8.
    @inlinable public var name: UnsafeRawBufferPointer { string(at: 184) }

    /// The leads that the network hears, one input channel each in the order of `Lead`: all twelve, or I, II and V1 to V6.
    @inlinable public var leads: LeadSet { LeadSet(rawValue: UInt16(truncatingIfNeeded: word(64))) }
    /// Rate of the network's input, hertz.
    @inlinable public var rate: Int { field(68) }
    /// Samples that the answer looks back on.
    @inlinable public var window: Int { field(72) }
    /// The window in seconds, rounded up.
    @inlinable public var windowSeconds: Int { (window + rate - 1) / rate }
    /// Whether each answer runs the network over its whole window, and not only over what is new.
    @inlinable public var isWholeWindow: Bool { word(212) == 2 }
    /// Longest step between two answers, samples.
    @inlinable public var hop: Int { field(76) }
    /// The samples that every step between two answers must be a multiple of.
    @inlinable public var hopUnit: Int { isWholeWindow ? 1 : samplesPerColumn }
    /// Input samples that make one feature column; the window is a multiple of it.
    @inlinable public var samplesPerColumn: Int { field(80) }
    /// Feature columns of a full window.
    @inlinable public var windowColumns: Int { window / samplesPerColumn }
    /// Channels of a feature column.
    @inlinable public var featureChannels: Int { field(84) }
    /// Microvolts of one unit of the input.
    @inlinable public var inputStep: Double { double(112) }
    /// The input byte that stands for 0 microvolts, 128.
    @inlinable public var inputZeroPoint: UInt8 { UInt8(truncatingIfNeeded: word(108)) }

    /// Number of label sets.
    @inlinable public var labelSetCount: Int { field(220) }
    /// Number of labels of the first set, the statements that events and alerts are about.
    @inlinable public var statementCount: Int { field(block(224) + 12) }
    /// Number of labels of all sets: what the network was trained on.
    @inlinable public var labelCount: Int { field(88) }
    /// Number of classes, the statements derived from labels.
    @inlinable public var classCount: Int { field(92) }
    /// Number of layers.
    @inlinable public var layerCount: Int { field(96) }
    /// Number of tensors: the input and one for each layer.
    @inlinable public var tensorCount: Int { field(100) }
    /// Number of second-order sections between resampler and network.
    @inlinable public var filterSectionCount: Int { field(104) }

    /// An alert rises when its label is over the threshold in this many hops ...
    @inlinable public var alertPersistenceHops: Int { field(192) }
    /// ... of the last so many, at most 32.
    @inlinable public var alertPersistenceSpan: Int { field(196) }
    /// An alert clears below this fraction of its threshold.
    @inlinable public var alertHysteresis: Float { float(200) }
    /// Hops after a clearing before the same alert may rise again.
    @inlinable public var alertHoldOff: Int { field(204) }
}

extension ModelView {
    /// Whether the head has a weight for each channel of each column, and not for each channel's mean and maximum.
    @inlinable public var isFlattened: Bool { word(216) == 2 }

    /// The five blocks of a pooled head, as offsets into the file. A flattened one stands with its weights and scale as the mean's,
    /// and has no maximum.
    struct Head {
        var meanWeights, maximumWeights, meanScale, maximumScale, bias: Int
    }

    var head: Head { head(at: block(144)) }

    func head(at start: Int) -> Head {
        if isFlattened {
            let weights = (labelCount * windowColumns * featureChannels + 63) & ~63
            let bias = start + weights + ((labelCount * 4 + 63) & ~63)
            return Head(meanWeights: start, maximumWeights: start, meanScale: start + weights, maximumScale: bias, bias: bias)
        }
        let weights = (labelCount * featureChannels + 63) & ~63
        let row = (labelCount * 4 + 63) & ~63
        return Head(
            meanWeights: start, maximumWeights: start + weights, meanScale: start + 2 * weights, maximumScale: start + 2 * weights + row,
            bias: start + 2 * weights + 2 * row)
    }

    @usableFromInline @_noAllocation @_noLocks
    func word(_ offset: Int) -> UInt32 { UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)) }
    @usableFromInline @_noAllocation @_noLocks
    func long(_ offset: Int) -> UInt64 { UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) }
    @usableFromInline @_noAllocation @_noLocks
    func field(_ offset: Int) -> Int { Int(truncatingIfNeeded: word(offset)) }
    @usableFromInline @_noAllocation @_noLocks
    func block(_ offset: Int) -> Int { Int(truncatingIfNeeded: long(offset)) }
    @usableFromInline @_noAllocation @_noLocks
    func float(_ offset: Int) -> Float { Float(bitPattern: word(offset)) }
    @usableFromInline @_noAllocation @_noLocks
    func double(_ offset: Int) -> Double { Double(bitPattern: long(offset)) }
    @usableFromInline @_noAllocation @_noLocks
    func part(_ offset: Int, _ count: Int) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count]) }
    @usableFromInline @_noAllocation @_noLocks
    func string(at offset: Int) -> UnsafeRawBufferPointer { part(block(168) + field(offset), field(offset + 4)) }
    @usableFromInline @_noAllocation @_noLocks
    func address(_ offset: Int) -> UnsafeRawPointer { bytes.baseAddress! + offset }
}
