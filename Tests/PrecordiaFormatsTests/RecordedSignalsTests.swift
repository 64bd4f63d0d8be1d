// Frames of a format that is not WFDB: whoever fills RecordedSignals is read like any other.

import PrecordiaSignal
import Testing

@testable import PrecordiaFormats

/// Two blocks of three frames, every signal a ramp of its own; the second block is another segment, in which signal 1 is not there and counts are half as large.
private final class Ramps: RecordedSignals {
    private let memory = UnsafeMutablePointer<Int32>.allocate(capacity: 36)
    private(set) var segmentIndex = -1
    private(set) var blockFrames = 0
    var warnings: [RecordError] { [] }

    deinit { memory.deallocate() }

    func nextBlock() throws(RecordError) -> Bool {
        guard segmentIndex < 1 else {
            blockFrames = 0
            return false
        }
        segmentIndex += 1
        blockFrames = 3
        for index in 0..<36 { memory[index] = Int32(100 * (index % 12) + index / 12 + 10 * segmentIndex) }
        memory[2] = .min
        return true
    }

    func block(of signal: Int) -> SignalBlock? {
        guard segmentIndex == 0 || signal != 1 else { return nil }
        return SignalBlock(first: UnsafePointer(memory) + signal, stride: 12, microvoltsPerCount: segmentIndex == 0 ? 1 : 2)
    }
}

@Suite struct RecordedSignalsTests {
    @Test("any format's signals become frames: counts, what is missing, a segment without a lead and with another gain")
    func frames() throws {
        let folder = TemporaryFolder()
        let writer = try WFDBWriter(path: folder.path + "r", format: StreamFormat(rate: 500))
        try writer.append(Frame(index: 0))
        try writer.finish()
        let map = try ECGRecord(path: folder.path + "r").map
        var reader = FrameReader(Ramps(), map: map)
        var frames: [Frame] = []
        var frame = Frame(index: 0)
        while try reader.next(into: &frame) { frames.append(frame) }
        #expect(frames.map(\.index) == [0, 1, 2, 3, 4, 5])
        #expect(frames[0].missing == LeadSet(.III) && frames[1].missing == .empty && frames[3].missing == [LeadSet(.II), LeadSet(.III)])
        #expect(frames[2].counts[11] == 1102)
        let scale = 1 / map.format.microvoltsPerCount[11]
        #expect(frames[0].counts[11] == FrameReader.count(1100 * scale) && frames[3].counts[11] == FrameReader.count(1110 * 2 * scale))
    }
}
