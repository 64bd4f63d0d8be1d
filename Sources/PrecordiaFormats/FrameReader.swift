// A recorded exam as a stream of frames, the way a device would deliver them.
// Apart from the record, which stays a value that threads may share; a reader has a place in the file and one owner.

package import PrecordiaSignal

/// Reads the frames of an ``ECGRecord`` from the first to the last.
///
/// - Memory: one block of about 16,000 samples of each file, allocated once a segment; records of any length.
/// - Cost: tens of nanoseconds a frame in a release build.
package struct FrameReader: ~Copyable {
    /// Checksum mismatches found so far, under ``ChecksumPolicy/warning``.
    package var warnings: [RecordError] { reader.warnings }
    /// Frames delivered.
    package private(set) var position: UInt64 = 0

    private let reader: any RecordedSignals
    private let map: LeadMap
    private let samplesPerFrame: Int
    private var sources = InlineArray<12, LeadSource>(repeating: LeadSource())
    private var absent: LeadSet = []
    private var converts = false
    private var segment = -1
    private var row = 0
    private var rows = 0

    init(record: ECGRecord, policy: ChecksumPolicy) {
        let wanted = Set((0..<12).map { record.map.signal[$0] }.filter { $0 >= 0 })
        self.init(record.signals.reader(checksums: policy, wanted: wanted), map: record.map)
    }

    /// Frames of signals of any format, with the leads that a map finds among them.
    init(_ signals: any RecordedSignals, map: LeadMap) {
        self.map = map
        samplesPerFrame = map.samplesPerFrame
        reader = signals
    }

    /// Reads the next frame.
    ///
    /// - Returns: false after the last frame; `frame` is then unchanged.
    /// - Throws: `truncated`, `unreadable`, `notFound`, or `checksumMismatch` in place of the end.
    package mutating func next(into frame: inout Frame) throws(RecordError) -> Bool {
        if row >= rows {
            guard try nextBlock() else { return false }
        }
        fill(&frame)
        return true
    }

    /// Reads as many frames as fit into `buffer`, which must be initialised.
    ///
    /// - Returns: the frames read; 0 after the last one.
    /// - Throws: as ``next(into:)``; frames of the same call that were read before it are then lost.
    package mutating func read(into buffer: UnsafeMutableBufferPointer<Frame>) throws(RecordError) -> Int {
        var count = 0
        while count < buffer.count {
            if row >= rows {
                if count > 0 { return count }
                guard try nextBlock() else { return 0 }
            }
            let some = min(buffer.count - count, rows - row)
            for i in count..<count + some { fill(&buffer[i]) }
            count += some
        }
        return count
    }

    private mutating func nextBlock() throws(RecordError) -> Bool {
        row = 0
        rows = 0
        guard try reader.nextBlock() else { return false }
        if reader.segmentIndex != segment { changeSegment() }
        rows = reader.blockFrames * samplesPerFrame
        return true
    }

    private mutating func changeSegment() {
        segment = reader.segmentIndex
        absent = map.format.absent
        converts = false
        for lead in Lead.allCases where map.leads.contains(lead) {
            let place = Int(lead.rawValue)
            guard let block = reader.block(of: map.signal[place]) else {
                absent.insert(LeadSet(lead))
                continue
            }
            // The lead map has refused every unit and gain that cannot be.
            let scale = block.microvoltsPerCount ?? map.format.microvoltsPerCount[place]
            sources[place] = LeadSource(block, scale: scale / map.format.microvoltsPerCount[place])
            if sources[place].scale != 1 || block.baseline != map.format.baseline[place] { converts = true }
        }
    }

    @inline(__always)
    private mutating func fill(_ frame: inout Frame) {
        frame.index = position
        frame.missing = absent
        frame.clipped = []
        frame.off = []
        position &+= 1
        var missing: UInt16 = 0
        var clipped: UInt16 = 0
        let group = samplesPerFrame == 1 ? row : row / samplesPerFrame
        let inside = row &- group &* samplesPerFrame
        row &+= 1
        let read = map.leads.rawValue & ~absent.rawValue
        for place in 0..<12 {
            let bit = UInt16(1) << UInt16(place)
            guard read & bit != 0 else {
                frame.counts[place] = 0
                continue
            }
            let source = sources[place]
            let count = source.first.unsafelyUnwrapped[group &* source.stride &+ inside]
            if count == source.invalid {
                missing |= bit
                frame.counts[place] = map.format.baseline[place]
                continue
            }
            if count == source.lowest || count == source.highest { clipped |= bit }
            frame.counts[place] = count
        }
        frame.missing = LeadSet(rawValue: absent.rawValue | missing)
        frame.clipped = LeadSet(rawValue: clipped)
        if converts { convert(&frame) }
    }

    /// The nearest count, in -(2^31 - 1) ... 2^31 - 1 whatever the value; not a number counts as the lowest.
    static func count(_ value: Double) -> Int32 {
        guard value > Double(Int32.min + 1) else { return Int32.min + 1 }
        return value < Double(Int32.max) ? Int32(value.rounded(.toNearestOrEven)) : Int32.max
    }

    /// Counts of a segment with another gain or baseline, as the record's format counts them.
    private func convert(_ frame: inout Frame) {
        let read = map.leads.rawValue & ~frame.missing.rawValue
        for place in 0..<12 where read & UInt16(1) << UInt16(place) != 0 {
            let source = sources[place]
            let value = (Double(frame.counts[place]) - Double(source.baseline)) * source.scale + Double(map.format.baseline[place])
            frame.counts[place] = FrameReader.count(value)
        }
    }
}

/// Where a lead's counts of the current segment come from.
struct LeadSource {
    var first: UnsafePointer<Int32>?
    var stride = 0
    var invalid = Int32.min
    /// The converter's limits; out of reach if the header does not state a resolution that can be.
    var lowest = Int32.min
    var highest = Int32.min
    var baseline: Int32 = 0
    /// The record's counts per count of this segment.
    var scale = 1.0

    init() {}

    init(_ block: SignalBlock, scale: Double) {
        first = block.first
        stride = block.stride
        invalid = block.invalid
        lowest = block.lowest
        highest = block.highest
        baseline = block.baseline
        self.scale = scale
    }
}
