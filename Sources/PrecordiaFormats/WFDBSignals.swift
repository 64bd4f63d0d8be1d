// Any WFDB record as signals: what is in it, whether its files are whole, and how its segments line up.
// It knows nothing of leads; `ECGRecord` chooses the leads among the signals.

/// The signals of a WFDB record, whatever they measure, in one segment or many.
///
/// Opening reads the headers and the sizes of the signal files, no samples; ``reader()`` reads those.
package struct WFDBSignals: Sendable {
    /// The record's header.
    package let header: WFDBHeader
    /// The record's signals: the header's, or those of the layout or first segment if it has segments.
    package let signals: [WFDBHeader.Signal]
    /// Frames of the record.
    package let frameCount: Int
    /// Headers of the segments in time order; a single recording is its own only segment. Nil where nothing was recorded.
    package let segments: [Segment]
    /// What is odd about the record without making it unreadable, in words.
    package let problems: [String]
    /// Signals that cannot be read, because their file is not there or too short or of an unknown format, while others can: by number. In a record of segments such a
    /// signal is missing in that segment alone, and ``problems`` says so.
    package let faults: [Int: RecordError]

    /// A stretch of the record with the same files.
    package struct Segment: Sendable {
        /// The segment's header; nil where nothing was recorded.
        package let header: WFDBHeader?
        /// Frames in it.
        package let frameCount: Int
        /// For each signal of the record its number in ``header``; -1 if it was not recorded here.
        package let columns: [Int]
    }

    /// Frames above which a record is refused: a year at 2000 Hz is less.
    static var frameLimit: Int { 1 << 36 }

    /// Opens the record at `path`: its header file, or the same without extension or with a signal file's.
    package init(path: String) throws(RecordError) {
        try self.init(header: WFDBSignals.findHeader(path))
    }

    /// Opens the record whose header was read.
    package init(header: WFDBHeader) throws(RecordError) {
        self.header = header
        var notes = header.problems
        if header.isMultiSegment {
            let joined = try WFDBSignals.join(header, &notes)
            signals = joined.signals
            segments = joined.segments
            faults = [:]
            frameCount = header.frameCount ?? 0
        } else {
            let content = try WFDBSignals.content(of: header, stated: header.frameCount, &notes)
            let count = content.frames
            signals = header.signals
            frameCount = count
            faults = content.faults
            segments = [Segment(header: header, frameCount: count, columns: Array(0..<header.signals.count))]
        }
        guard frameCount <= WFDBSignals.frameLimit else {
            throw RecordError(
                .absurdValue, file: header.path, place: "number of samples", problem: "\(frameCount) samples are not possible",
                remedy: "up to \(WFDBSignals.frameLimit) are right")
        }
        problems = notes
    }

    /// Reads the header that `path` means: itself, the one of that name, or the one of a signal file, which names it. Another file's name is never answered
    /// from a header that happens to lie beside it.
    static func findHeader(_ path: String) throws(RecordError) -> WFDBHeader {
        if path.hasSuffix(".hea") { return try WFDBHeader(path: path) }
        do throws(RecordError) {
            return try WFDBHeader(path: path + ".hea")
        } catch {
            guard error.code == .notFound else { throw error }
        }
        let stem = path.withoutExtension
        do throws(RecordError) {
            if let stem {
                let header = try WFDBHeader(path: stem + ".hea")
                guard header.names(path.lastPathComponent) else {
                    throw RecordError(
                        .unsupportedFormat, file: path,
                        problem: "this is no signal file of the WFDB record \(stem).hea, which does not name it",
                        remedy: "give \(stem) for that record")
                }
                return header
            }
        } catch {
            guard error.code == .notFound else { throw error }
        }
        let tried = stem.map { "\(path).hea nor \($0).hea" } ?? "\(path).hea"
        throw RecordError(
            .notFound, file: path, problem: stem == nil ? "there is no header \(tried)" : "there is neither a header \(tried)",
            remedy: "give a WFDB record by its path without extension, or its .hea file")
    }

    /// The frames of a single recording, after checking that its files hold them, and the signals whose file does not.
    ///
    /// - Throws: what is wrong with the first file if no file can be read.
    private static func content(
        of header: WFDBHeader, stated: Int?, _ notes: inout [String]
    ) throws(RecordError) -> (frames: Int, faults: [Int: RecordError]) {
        let layouts = try FileLayout.layouts(of: header).filter { $0.format != .null }
        var faults: [Int: RecordError] = [:]
        for (index, signal) in header.signals.enumerated() { faults[index] = signal.fault }
        var first: RecordError?
        var whole = 0
        var derived: Int?
        for layout in layouts {
            do throws(RecordError) {
                let found = try frames(of: layout, header, stated: stated, &notes)
                if stated == nil, let derived, derived != found {
                    notes.append("'\(layout.path)' holds \(found) samples a signal, another file \(derived); the smaller is used")
                }
                derived = min(derived ?? found, found)
                whole += 1
            } catch {
                guard [.notFound, .unreadable, .truncated].contains(error.code) else { throw error }
                first = first ?? error
                for column in layout.columns { faults[column.signal] = error }
            }
        }
        if let first, whole == 0 { throw first }
        return (stated ?? derived ?? 0, faults)
    }

    /// The frames that a file holds, after checking that they are those that the header states.
    private static func frames(
        of layout: FileLayout, _ header: WFDBHeader, stated: Int?, _ notes: inout [String]
    ) throws(RecordError) -> Int {
        let content = try layout.content()
        guard let stated else { return content.frames }
        guard let needed = layout.bytesNeeded(frames: stated) else {
            throw RecordError(
                .absurdValue, file: header.path, place: "number of samples", problem: "\(stated) samples are not possible",
                remedy: "'\(layout.path)' holds \(content.frames)")
        }
        guard content.size >= needed else {
            throw FileLayout.truncated(layout.path, found: content.size, needed: needed, frames: stated)
        }
        if content.size > needed {
            notes.append("'\(layout.path)' has \(content.size - needed) bytes after the last sample that the header announces")
        }
        return stated
    }

    /// Reads the headers of all segments and lines their signals up.
    private static func join(
        _ header: WFDBHeader, _ notes: inout [String]
    ) throws(RecordError) -> (signals: [WFDBHeader.Signal], segments: [Segment]) {
        var signals: [WFDBHeader.Signal]?
        var segments: [Segment] = []
        for (index, line) in header.segments.enumerated() {
            guard !line.isNull else {
                segments.append(Segment(header: nil, frameCount: line.frameCount, columns: []))
                continue
            }
            let segment = try segmentHeader(line, of: header)
            let isLayout = index == 0 && header.hasVariableLayout
            if signals == nil { signals = segment.signals }
            if isLayout { continue }
            if let own = segment.frameCount, own != line.frameCount {
                throw RecordError(
                    .segmentMismatch, file: segment.path, place: "number of samples",
                    problem: "\(own), but \(header.path) says \(line.frameCount)", remedy: "both must be the same")
            }
            let content = try content(of: segment, stated: line.frameCount, &notes)
            for note in segment.problems where !notes.contains(note) { notes.append(note) }
            var columns = try lineUp(segment, with: signals ?? [], variable: header.hasVariableLayout)
            for (place, column) in columns.enumerated() {
                guard let fault = content.faults[column] else { continue }
                columns[place] = -1
                notes.append("\(segment.label(of: column)) is missing in segment \(segment.name): \(fault)")
            }
            segments.append(Segment(header: segment, frameCount: content.frames, columns: columns))
        }
        guard let signals else {
            throw RecordError(
                .segmentMismatch, file: header.path, place: "segments", problem: "no segment has any signal",
                remedy: "at least one segment must be a recording")
        }
        return (signals, segments)
    }

    private static func segmentHeader(_ line: WFDBHeader.Segment, of header: WFDBHeader) throws(RecordError) -> WFDBHeader {
        let segment = try WFDBHeader(path: header.path(ofFile: line.name) + ".hea")
        guard !segment.isMultiSegment else {
            throw RecordError(
                .segmentMismatch, file: segment.path, problem: "a segment of \(header.path) consists of segments itself",
                remedy: "segments are single recordings")
        }
        guard segment.frequency == header.frequency else {
            throw RecordError(
                .segmentMismatch, file: segment.path, place: "sampling frequency",
                problem: "\(segment.frequency) Hz, but \(header.path) says \(header.frequency) Hz", remedy: "both must be the same")
        }
        return segment
    }

    /// For each signal of the record its number in the segment: by name if the layout varies, by position if it does not.
    private static func lineUp(
        _ segment: WFDBHeader, with signals: [WFDBHeader.Signal], variable: Bool
    ) throws(RecordError) -> [Int] {
        var columns = Array(repeating: -1, count: signals.count)
        if !variable, segment.signals.count != signals.count {
            throw RecordError(
                .segmentMismatch, file: segment.path, place: "number of signals",
                problem: "\(segment.signals.count), but the first segment has \(signals.count)",
                remedy: "all segments have the same signals")
        }
        for (index, signal) in segment.signals.enumerated() {
            let place = variable ? signals.firstIndex { $0.name == signal.name } : index
            guard let place, columns[place] < 0, variable || signals[place].name == signal.name else {
                throw RecordError(
                    .segmentMismatch, file: segment.path, place: segment.label(of: index),
                    problem: variable ? "the layout has no such signal, or only one" : "the first segment has another signal in this place",
                    remedy: "the signals of all segments must match")
            }
            guard signals[place].samplesPerFrame == signal.samplesPerFrame else {
                throw RecordError(
                    .segmentMismatch, file: segment.path, place: segment.label(of: index),
                    problem: "\(signal.samplesPerFrame) samples a frame instead of \(signals[place].samplesPerFrame)",
                    remedy: "all segments must have the same")
            }
            columns[place] = index
        }
        return columns
    }
}
