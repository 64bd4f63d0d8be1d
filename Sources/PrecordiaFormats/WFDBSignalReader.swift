// Reading the samples of any WFDB record, block by block, across its files and segments.
// The frames of leads and the raw signals for other uses both come from here, so both see the same checks.

/// What to do with a recording whose samples do not add up to the header's checksum.
package enum ChecksumPolicy: Sendable {
    /// The reader throws `checksumMismatch` after the last sample of the segment.
    case error
    /// The mismatch is added to the reader's `warnings`.
    case warning
}

/// A stream of blocks of samples of all signals of a record.
///
/// Call ``nextBlock()`` until it returns false, and between the calls ``appendSamples(of:to:)`` for the signals of interest.
///
/// - Thread: one at a time. Memory: one block of each file of the current segment, whatever the length of the record.
package final class WFDBSignalReader: RecordedSignals {
    /// The count that stands for "no valid sample".
    package static var missing: Int32 { Int32.min }

    /// Frames of the current block; 0 before the first.
    package private(set) var blockFrames = 0
    /// Number of the block's segment in ``WFDBSignals/segments``.
    package private(set) var segmentIndex = -1
    /// Checksum mismatches found so far, under ``ChecksumPolicy/warning``.
    package private(set) var warnings: [RecordError] = []
    /// The signals of the record that they are about, by number, with the first mismatch of each.
    package private(set) var mismatched: [Int: RecordError] = [:]

    let record: WFDBSignals
    private let policy: ChecksumPolicy
    /// The signals that are read; of the others nothing can be wrong.
    private let wanted: Set<Int>
    private(set) var files: [SignalFile] = []
    private(set) var places: [Place] = []
    private var position = 0

    /// Where a signal of the record is in the current segment's files.
    struct Place {
        let file: Int
        let column: SignalFile.Column
    }

    init(record: WFDBSignals, policy: ChecksumPolicy, wanted: Set<Int>? = nil) {
        self.record = record
        self.policy = policy
        self.wanted = (wanted ?? Set(record.signals.indices)).subtracting(record.faults.keys)
    }

    /// Moves on to the next block.
    ///
    /// - Returns: false after the last block.
    /// - Throws: `truncated`, `unreadable`, `notFound` or `checksumMismatch`.
    package func nextBlock() throws(RecordError) -> Bool {
        var step = blockFrames
        position += step
        while segmentIndex < 0 || position >= record.segments[segmentIndex].frameCount {
            if segmentIndex >= 0 { try closeSegment() }
            blockFrames = 0
            guard segmentIndex + 1 < record.segments.count else {
                if segmentIndex < record.segments.count { segmentIndex = record.segments.count - 1 }
                files = []
                places = []
                return false
            }
            segmentIndex += 1
            position = 0
            step = 0
            try openSegment()
        }
        for file in files { try file.advance(by: step) }
        blockFrames = min(blockCapacity, record.segments[segmentIndex].frameCount - position)
        return true
    }

    private var blockCapacity = 0

    private func openSegment() throws(RecordError) {
        let segment = record.segments[segmentIndex]
        files = []
        places = []
        blockCapacity = max(1, 16_384 / (record.signals.map(\.samplesPerFrame).max() ?? 1))
        guard let header = segment.header, segment.frameCount > 0 else { return }
        let layouts = try FileLayout.layouts(of: header)
        let widest = layouts.map(\.frameSamples).max() ?? 1
        let frames = min(segment.frameCount, max(1, 16_384 / max(1, widest)))
        blockCapacity = (frames + 5) / 6 * 6
        places = Array(repeating: Place(file: -1, column: .absent), count: header.signals.count)
        let needed = Set(wanted.map { segment.columns[$0] })
        for layout in layouts where layout.columns.contains(where: { needed.contains($0.signal) }) {
            files.append(try SignalFile(layout: layout, frameCount: segment.frameCount, blockFrames: blockCapacity))
            for column in layout.columns where needed.contains(column.signal) {
                places[column.signal] = Place(file: files.count - 1, column: column)
            }
        }
    }

    private func closeSegment() throws(RecordError) {
        let segment = record.segments[segmentIndex]
        guard let header = segment.header else { return }
        defer { files = [] }
        for file in files {
            for (column, error) in file.checksumErrors(record: header.path) {
                guard let signal = wanted.first(where: { segment.columns[$0] == column }) else { continue }
                if policy == .error { throw error }
                warnings.append(error)
                if mismatched[signal] == nil { mismatched[signal] = error }
            }
        }
    }

    /// Samples of `signal` in each frame.
    package func samplesPerFrame(of signal: Int) -> Int { record.signals[signal].samplesPerFrame }

    /// The current block's samples of signal `index` of the record, ``missing`` where there is no valid one.
    package func appendSamples(of index: Int, to samples: inout [Int32]) {
        guard let view = block(of: index) else {
            samples.append(contentsOf: repeatElement(WFDBSignalReader.missing, count: blockFrames * record.signals[index].samplesPerFrame))
            return
        }
        for frame in 0..<blockFrames {
            let first = view.first + frame * view.stride
            for k in 0..<view.samplesPerFrame {
                samples.append(first[k] == view.invalid ? WFDBSignalReader.missing : first[k])
            }
        }
    }

    /// Valid as long as the segment is the same.
    package func block(of index: Int) -> SignalBlock? {
        let segment = record.segments[segmentIndex]
        guard let header = segment.header, !files.isEmpty, index < segment.columns.count, segment.columns[index] >= 0 else { return nil }
        let place = places[segment.columns[index]]
        guard place.file >= 0 else { return nil }
        let file = files[place.file]
        let signal = header.signals[segment.columns[index]]
        return SignalBlock(
            first: UnsafePointer(file.samples) + place.column.offset + place.column.skew * file.frameSamples, stride: file.frameSamples,
            samplesPerFrame: place.column.samplesPerFrame, invalid: file.invalidSample, limits: signal.limits(invalid: file.invalidSample),
            baseline: signal.baseline, microvoltsPerCount: try? LeadMap.microvoltsPerCount(signal, signal.fileName, header.path))
    }
}

extension WFDBHeader.Signal {
    /// The converter's limits; nil if the header does not state a resolution that can be.
    fileprivate func limits(invalid: Int32) -> ClosedRange<Int32>? {
        guard resolution >= 8, resolution <= 31, format == .format8 || resolution <= format.bits else { return nil }
        let half = 1 << (resolution - 1)
        let lowest = Int32(clamping: Int(adcZero) - half)
        let highest = Int32(clamping: Int(adcZero) + half - 1)
        return (lowest == invalid && lowest < highest ? lowest + 1 : lowest)...highest
    }
}

extension SignalFile.Column {
    static var absent: SignalFile.Column {
        SignalFile.Column(signal: -1, offset: 0, samplesPerFrame: 1, skew: 0, name: "", checksum: nil)
    }
}

extension WFDBSignals {
    /// A reader that begins at the first frame.
    ///
    /// - Parameter wanted: the signals to read; what is wrong with the others does not matter. All if nil.
    package func reader(checksums: ChecksumPolicy = .error, wanted: Set<Int>? = nil) -> WFDBSignalReader {
        WFDBSignalReader(record: self, policy: checksums, wanted: wanted)
    }
}
