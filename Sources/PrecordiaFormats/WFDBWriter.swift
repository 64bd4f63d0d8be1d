// Frames to a WFDB record, for simulated and recorded streams.
// Apart from the readers: it shares the formats with them and nothing else.

package import PrecordiaSignal

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Writes a stream of frames as a WFDB record: one signal file and its header, both complete or neither there.
///
/// Until ``finish()`` the files have the extra ending `.part`; a writer that is released before, or fails, removes them.
/// Missing samples are written as the format's invalid value; counts beyond the format's range are written as its limit and
/// counted in ``saturatedCount``; frames that a jump of the index leaves out are written as missing and counted in ``filledCount``.
///
/// - Memory: a buffer of 64 KiB, whatever the length.
package final class WFDBWriter {
    /// Samples of each lead written so far.
    package private(set) var sampleCount = 0
    /// Counts that did not fit the storage format.
    package private(set) var saturatedCount = 0
    /// Frames that were missing in the stream.
    package private(set) var filledCount = 0

    /// Where the header will be.
    package let headerPath: String
    /// Where the signals will be.
    package var signalPath: String { output.path }

    private let name: String
    private let format: StreamFormat
    private let leads: [Lead]
    private let storage: WFDBFormat
    private let resolution: Int
    private let comments: [String]
    private let startTime: WFDBHeader.StartTime?
    private let names: (Lead) -> String
    private let isPrivate: Bool
    private let output: OutputFile
    private var packer: SamplePacker
    private var initial = InlineArray<12, Int32>(repeating: 0)
    private var sums = InlineArray<12, UInt32>(repeating: 0)
    private var nextIndex: UInt64?

    /// A jump of the index above this is an error rather than a stretch of missing samples, frames.
    static var gapLimit: UInt64 { 1 << 28 }

    /// Begins the record at `path`, without extension; an older one of that name is replaced when this one is complete.
    ///
    /// - Parameters:
    ///   - format: what the frames' counts mean. Its derived and absent leads are not written.
    ///   - storage: format 16, 24, 32 or 212.
    ///   - resolution: bits of the converter that made the counts; those of the storage if nil. Readers flag its limits as clipped.
    ///   - comments: lines for the header, without `#`.
    ///   - isPrivate: whether nobody but its owner may read the files: mode 0600.
    ///   - names: what signals are called, if not after their leads: of one that nobody knows the place of.
    /// - Throws: `unwritable`, or `unsupportedFormat` for another storage format.
    package init(
        path: String, format: StreamFormat, storage: WFDBFormat = .format16, resolution: Int? = nil, comments: [String] = [],
        startTime: WFDBHeader.StartTime? = nil, names: @escaping (Lead) -> String = \.name, isPrivate: Bool = false
    ) throws(RecordError) {
        let stem = path.hasSuffix(".hea") ? String(path.dropLast(4)) : path
        guard [.format16, .format24, .format32, .format212].contains(storage) else {
            throw RecordError(
                .unsupportedFormat, file: stem, problem: "format \(storage.rawValue) is not written", remedy: "16, 24, 32 or 212 is right")
        }
        name = stem.lastPathComponent
        let allowed = name.utf8.allSatisfy { byte in
            (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) || byte == 95 || byte == 45
        }
        guard allowed, !name.isEmpty else {
            throw RecordError(
                .unwritable, file: stem, problem: "'\(name)' is no name for a record", remedy: "letters, digits, _ and - are right")
        }
        self.format = format
        self.storage = storage
        self.resolution = resolution ?? storage.bits
        self.comments = comments
        self.startTime = startTime
        self.names = names
        self.isPrivate = isPrivate
        headerPath = stem + ".hea"
        leads = Lead.allCases.filter { !format.derived.contains($0) && !format.absent.contains($0) }
        packer = SamplePacker(storage: storage)
        try OutputFile.demandFile(headerPath)
        output = try OutputFile(path: stem + ".dat", isFile: true, isPrivate: isPrivate)
    }

    /// Writes the next frame.
    ///
    /// - Throws: `unwritable`; or `absurdValue` if its index is before the last one's or more than 2^28 frames after it.
    package func append(_ frame: Frame) throws(RecordError) {
        let expected = nextIndex ?? frame.index
        guard frame.index >= expected, frame.index - expected <= WFDBWriter.gapLimit else {
            throw RecordError(
                .absurdValue, file: output.path, place: "sample \(sampleCount)",
                problem: "frame \(frame.index) follows frame \(expected &- 1)", remedy: "frames come in the order of their index")
        }
        if frame.index > expected {
            let gap = Frame(index: 0, missing: .all)
            for _ in expected..<frame.index { try write(gap) }
            filledCount += Int(frame.index - expected)
        }
        nextIndex = frame.index &+ 1
        try write(frame)
    }

    private func write(_ frame: Frame) throws(RecordError) {
        let invalid = storage.invalidSample ?? Int32.min
        let highest = Int32.max >> Int32(32 - storage.bits)
        for lead in leads {
            let place = Int(lead.rawValue)
            var value = invalid
            if !frame.missing.contains(lead) {
                value = max(invalid + 1, min(highest, frame.counts[place]))
                if value != frame.counts[place] { saturatedCount += 1 }
            }
            if sampleCount == 0 { initial[place] = value }
            sums[place] &+= UInt32(bitPattern: value)
            packer.append(value)
        }
        sampleCount += 1
        if packer.isFull { try flush() }
    }

    private func flush() throws(RecordError) {
        try output.write(packer.bytes)
        packer.removeAll()
    }

    /// Completes the record: the header is written and both files get their names.
    ///
    /// - Throws: `unwritable`; nothing of the new record is then left.
    package func finish() throws(RecordError) {
        packer.pad()
        try flush()
        try output.end()
        let header = try OutputFile(path: headerPath, isFile: true, isPrivate: isPrivate)
        try header.write(Array(headerText().utf8))
        try header.end()
        unlink(headerPath)
        try output.place()
        do throws(RecordError) {
            try header.place()
        } catch {
            unlink(output.path)
            throw error
        }
    }

    private func headerText() -> String {
        var text = "\(name) \(leads.count) \(format.rate) \(sampleCount)"
        if let time = startTime {
            text += " \(padded(time.hour, 2)):\(padded(time.minute, 2)):\(padded(time.second, 2)).\(padded(time.millisecond, 3))"
            if let date = time.date { text += " \(padded(date.day, 2))/\(padded(date.month, 2))/\(padded(date.year, 4))" }
        }
        text += "\n"
        for lead in leads {
            let place = Int(lead.rawValue)
            let gain = WFDBWriter.gain(microvoltsPerCount: format.microvoltsPerCount[place])
            let checksum = Int16(truncatingIfNeeded: Int64(sums[place]))
            text += "\(name).dat \(storage.rawValue) \(gain.number)(\(format.baseline[place]))/\(gain.unit) "
            text += "\(resolution) 0 \(initial[place]) \(checksum) 0 \(names(lead))\n"
        }
        for comment in comments {
            for line in comment.split(whereSeparator: \.isNewline) { text += "# \(line)\n" }
        }
        return text
    }

    /// A gain that a reader turns back into exactly the same microvolts a count, in millivolts if possible.
    static func gain(microvoltsPerCount scale: Double) -> (number: String, unit: String) {
        for (unit, microvolts) in [("mV", 1000.0), ("uV", 1.0)] {
            let gain = microvolts / scale
            for candidate in [gain, gain.nextUp, gain.nextDown] where microvolts / candidate == scale {
                let text = "\(candidate)"
                return (text.hasSuffix(".0") ? String(text.dropLast(2)) : text, unit)
            }
        }
        return ("\(1000 / scale)", "mV")
    }
}

/// Samples as the bytes of a storage format.
struct SamplePacker {
    private(set) var bytes: [UInt8] = []
    private let storage: WFDBFormat
    private var half: Int32?

    init(storage: WFDBFormat) {
        self.storage = storage
        bytes.reserveCapacity(65_536 + 64)
    }

    var isFull: Bool { bytes.count >= 65_536 - 64 }

    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    mutating func append(_ value: Int32) {
        let word = UInt32(bitPattern: value)
        guard storage == .format212 else {
            for byte in 0..<storage.bytesPerPack { bytes.append(UInt8(truncatingIfNeeded: word >> UInt32(8 * byte))) }
            return
        }
        guard let first = half else {
            half = value
            return
        }
        let low = UInt32(bitPattern: first)
        bytes.append(UInt8(truncatingIfNeeded: low))
        bytes.append(UInt8(truncatingIfNeeded: (low >> 8) & 0x0F | (word >> 4) & 0xF0))
        bytes.append(UInt8(truncatingIfNeeded: word))
        half = nil
    }

    /// Completes the last group: a single 12-bit sample takes two bytes.
    mutating func pad() {
        guard let first = half else { return }
        let low = UInt32(bitPattern: first)
        bytes.append(UInt8(truncatingIfNeeded: low))
        bytes.append(UInt8(truncatingIfNeeded: (low >> 8) & 0x0F))
        half = nil
    }
}
