// One signal file of a recording, decoded block by block into integers.
// Separate from the record: a record may have several files, each with its own format, offset and interleaving.

/// The signals of one file, and the blocks of samples that were decoded from it.
///
/// - Memory: one block of about 16,000 samples, more only if a frame or a skew is larger; whole files are never held.
final class SignalFile {
    /// A signal's place in the file.
    struct Column {
        /// The signal's number in the header.
        let signal: Int
        /// Where its samples begin in a frame.
        let offset: Int
        let samplesPerFrame: Int
        let skew: Int
        let name: String
        let checksum: UInt16?
    }

    let path: String
    let format: WFDBFormat
    let columns: [Column]
    /// Samples of all signals in a frame.
    let frameSamples: Int
    /// Frames that the file holds for this record.
    let frameCount: Int
    /// Decoded samples, frame by frame. Row 0 is the first frame of the current block.
    private(set) var samples: UnsafeMutablePointer<Int32>

    private let byteOffset: Int
    private let maxSkew: Int
    private let blockFrames: Int
    private let capacity: Int
    private var raw: UnsafeMutablePointer<UInt8>
    private var sums: UnsafeMutablePointer<UInt32>
    private var last: [Int32]
    private let file: InputFile?
    private var decoded = 0
    private var rows = 0
    private let plain: Bool

    /// Memory for decoded samples above which a header is refused, samples.
    static let bufferLimit = 1 << 24

    /// Opens the file of `layout` for reading `frameCount` frames, in blocks of `blockFrames`, a multiple of 6.
    init(layout: FileLayout, frameCount: Int, blockFrames: Int) throws(RecordError) {
        path = layout.path
        format = layout.format
        byteOffset = layout.byteOffset
        columns = layout.columns
        frameSamples = layout.frameSamples
        maxSkew = layout.maxSkew
        self.frameCount = frameCount
        self.blockFrames = blockFrames
        capacity = blockFrames + (layout.maxSkew + 5) / 6 * 6
        plain = layout.columns.allSatisfy { $0.samplesPerFrame == 1 }
        file = layout.format == .null ? nil : try InputFile(path: layout.path)
        last = layout.initialValues
        samples = .allocate(capacity: capacity * layout.frameSamples)
        raw = .allocate(capacity: (layout.format.byteCount(samples: capacity * layout.frameSamples) ?? 0) + 1)
        sums = .allocate(capacity: layout.columns.count)
        sums.initialize(repeating: 0, count: layout.columns.count)
    }

    deinit {
        samples.deallocate()
        raw.deallocate()
        sums.deallocate()
    }

    /// The value in ``samples`` that means "no valid sample". Format 8 has none: only padding after a skew has this value there.
    var invalidSample: Int32 { format.invalidSample ?? Int32.min }

    /// Makes row 0 the frame `count` frames later and decodes what is missing for a block and the skew beyond it.
    ///
    /// - Throws: `truncated` or `unreadable`.
    func advance(by count: Int) throws(RecordError) {
        let kept = max(0, rows - count)
        if kept > 0, count > 0 { samples.update(from: samples + count * frameSamples, count: kept * frameSamples) }
        rows = kept
        let wanted = min(capacity - rows, frameCount - decoded)
        if wanted > 0 { try decode(wanted) }
        if rows < capacity {
            (samples + rows * frameSamples).update(repeating: invalidSample, count: (capacity - rows) * frameSamples)
            rows = capacity
        }
    }

    private func decode(_ frames: Int) throws(RecordError) {
        let count = frames * frameSamples
        let target = samples + rows * frameSamples
        if let file {
            let bytes = format.byteCount(samples: count) ?? 0
            let start = byteOffset + (format.byteCount(samples: decoded * frameSamples) ?? 0)
            let got = try file.read(into: raw, count: bytes, at: start)
            guard got == bytes else {
                let needed = byteOffset + (format.byteCount(samples: frameCount * frameSamples) ?? 0)
                throw FileLayout.truncated(path, found: start + got, needed: needed, frames: frameCount)
            }
            format.decode(raw, count: count, into: target)
            if format == .format8 { integrate(target, frames) }
            addSums(target, frames)
        } else {
            target.update(repeating: invalidSample, count: count)
        }
        rows += frames
        decoded += frames
    }

    /// Format 8 stores differences from the previous sample of the same signal.
    private func integrate(_ target: UnsafeMutablePointer<Int32>, _ frames: Int) {
        for (c, column) in columns.enumerated() {
            var value = last[c]
            for frame in 0..<frames {
                let first = target + (frame &* frameSamples &+ column.offset)
                for k in 0..<column.samplesPerFrame {
                    value &+= first[k]
                    first[k] = value
                }
            }
            last[c] = value
        }
    }

    private func addSums(_ target: UnsafeMutablePointer<Int32>, _ frames: Int) {
        let width = frameSamples
        if plain {
            var row = target
            for _ in 0..<frames {
                for c in 0..<width { sums[c] &+= UInt32(bitPattern: row[c]) }
                row += width
            }
            return
        }
        for (c, column) in columns.enumerated() {
            var sum = sums[c]
            for frame in 0..<frames {
                let first = target + (frame &* width &+ column.offset)
                for k in 0..<column.samplesPerFrame { sum &+= UInt32(bitPattern: first[k]) }
            }
            sums[c] = sum
        }
    }

    /// The signals whose samples, all of them read, do not add up to the header's checksum: their numbers in the header.
    func checksumErrors(record: String) -> [(signal: Int, error: RecordError)] {
        guard format != .null, decoded == frameCount else { return [] }
        var errors: [(signal: Int, error: RecordError)] = []
        for (c, column) in columns.enumerated() {
            guard let expected = column.checksum else { continue }
            let found = UInt16(truncatingIfNeeded: sums[c])
            guard found != expected else { continue }
            let error = RecordError(
                .checksumMismatch, file: path, place: column.name,
                problem: "the samples add up to \(Int16(bitPattern: found)), \(record) says \(Int16(bitPattern: expected))",
                remedy: "the file was damaged or changed after it was recorded; copy it again from its source")
            errors.append((column.signal, error))
        }
        return errors
    }
}

/// Which signals of a header share a file, and how.
struct FileLayout {
    /// The header that names the file.
    let header: String
    let path: String
    let format: WFDBFormat
    let byteOffset: Int
    var columns: [SignalFile.Column] = []
    var initialValues: [Int32] = []
    var frameSamples = 0
    var maxSkew = 0

    /// Groups a header's signals by file, in the order of their lines.
    ///
    /// - Throws: `badHeader` or `absurdValue` if the signals of a file contradict each other or need too large a frame.
    static func layouts(of header: WFDBHeader) throws(RecordError) -> [FileLayout] {
        var layouts: [FileLayout] = []
        for (index, signal) in header.signals.enumerated() {
            let path = signal.format == .null ? "~" : header.path(ofFile: signal.fileName)
            if layouts.last?.path != path {
                guard !layouts.contains(where: { $0.path == path }) || signal.format == .null else {
                    throw RecordError(
                        .badHeader, file: header.path, place: header.label(of: index),
                        problem: "the signals of file '\(signal.fileName)' are not listed one after the other",
                        remedy: "signals that share a file are neighbours in a header")
                }
                layouts.append(FileLayout(header: header.path, path: path, format: signal.format, byteOffset: signal.byteOffset))
            }
            try layouts[layouts.count - 1].append(signal, index: index, header: header)
        }
        return layouts
    }

    private mutating func append(_ signal: WFDBHeader.Signal, index: Int, header: WFDBHeader) throws(RecordError) {
        guard signal.format == format, signal.byteOffset == byteOffset || signal.byteOffset == 0 else {
            throw RecordError(
                .badHeader, file: header.path, place: header.label(of: index),
                problem:
                    "format \(signal.format.rawValue)+\(signal.byteOffset) differs from \(format.rawValue)+\(byteOffset) in the same file",
                remedy: "all signals of a file have one format and one byte offset")
        }
        columns.append(
            SignalFile.Column(
                signal: index, offset: frameSamples, samplesPerFrame: signal.samplesPerFrame, skew: signal.skew,
                name: header.label(of: index), checksum: signal.checksum))
        initialValues.append(signal.initialValue)
        frameSamples += signal.samplesPerFrame
        maxSkew = max(maxSkew, signal.skew)
        let (needed, overflow) = frameSamples.multipliedReportingOverflow(by: min(maxSkew, 1 << 40) + 12)
        guard !overflow, needed <= SignalFile.bufferLimit else {
            throw RecordError(
                .absurdValue, file: header.path, place: header.label(of: index),
                problem: "frames of \(frameSamples) samples with a skew of \(maxSkew) frames are not possible",
                remedy: "together they may need \(SignalFile.bufferLimit) samples of memory")
        }
    }

    /// The frames that the file holds, and the bytes that are not a whole frame.
    func content() throws(RecordError) -> (frames: Int, size: Int) {
        let size: Int
        do throws(RecordError) {
            size = try fileSize(path: path)
        } catch {
            guard error.code == .notFound else { throw error }
            throw RecordError(
                .notFound, file: path, problem: "the signal file is not there",
                remedy: "\(header) names it; copy both files to the same folder")
        }
        return (format.sampleCount(bytes: max(0, size - min(size, byteOffset))) / max(1, frameSamples), size)
    }

    /// Bytes that the file needs for `frames` frames; nil beyond 64 bits.
    func bytesNeeded(frames: Int) -> Int? {
        let (samples, overflow) = frames.multipliedReportingOverflow(by: frameSamples)
        guard !overflow, let bytes = format.byteCount(samples: samples) else { return nil }
        let (total, overflowToo) = bytes.addingReportingOverflow(byteOffset)
        return overflowToo ? nil : total
    }

    static func truncated(_ path: String, found: Int, needed: Int, frames: Int) -> RecordError {
        RecordError(
            .truncated, file: path, problem: "the file ends after \(found) bytes, \(frames) samples of each signal need \(needed)",
            remedy: "the rest was lost in copying or never written; copy it again from its source")
    }
}
