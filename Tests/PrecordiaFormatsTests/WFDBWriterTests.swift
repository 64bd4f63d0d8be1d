// What the writer writes, read back; and what is left when it cannot.
// The readers are tested on their own elsewhere, with the tests' own encoder.

import Foundation
import PrecordiaFormats
import PrecordiaSignal
import Testing

private func sameCounts(_ a: Frame, _ b: Frame, _ leads: LeadSet) -> Bool {
    (0..<12).allSatisfy { !leads.contains(index: $0) || a.missing.contains(index: $0) || a.counts[$0] == b.counts[$0] }
}

private func randomFrames(_ count: Int, bits: Int, seed: UInt64 = 4) -> [Frame] {
    var random = Randomness(state: seed)
    return (0..<count).map { index in
        var frame = Frame(index: UInt64(index))
        for lead in 0..<12 { frame.counts[lead] = random.sample(bits: bits) }
        if random.below(5) == 0 { frame.missing = LeadSet(rawValue: UInt16(random.below(4096))) }
        return frame
    }
}

@Suite("Writing WFDB records") struct WFDBWriterTests {
    @Test(
        "frames come back as they were written, with gain, baseline, time and comments",
        arguments: [
            WFDBFormat.format16, .format24, .format32, .format212,
        ])
    func roundTrip(storage: WFDBFormat) throws {
        let folder = TemporaryFolder()
        for (count, derived) in [(1, LeadSet.derived), (7, []), (20_001, LeadSet(.III))] {
            var format = StreamFormat(rate: 250, derived: derived)
            for (place, scale) in [4.88, 1, 0.1, 2.5, 1.0 / 3, 0.305, 1e-3, 38.147e-3, 5, 1000, 0.15, 6.25].enumerated() {
                format.microvoltsPerCount[place] = scale
                format.baseline[place] = Int32(place) * 100 - 300
            }
            let frames = randomFrames(count, bits: storage.bits)
            let start = WFDBHeader.StartTime(date: .init(year: 2026, month: 3, day: 9), hour: 4, minute: 5, second: 6, millisecond: 7)
            let writer = try WFDBWriter(
                path: folder.path + "w", format: format, storage: storage, comments: ["simulated", "two\nlines"], startTime: start)
            for frame in frames { try writer.append(frame) }
            #expect(folder.names == ["w.dat.part"] || count > 1 && folder.names.contains("w.dat.part"))
            try writer.finish()
            #expect(folder.names == ["w.dat", "w.hea"])
            #expect(writer.sampleCount == count && writer.saturatedCount == 0 && writer.filledCount == 0)
            let record = try ECGRecord(path: folder.path + "w")
            #expect(record.rate == 250 && record.sampleCount == count && record.format.derived == derived)
            #expect(record.comments == ["simulated", "two", "lines"] && record.startTime == start)
            for lead in Lead.allCases where record.leads.contains(lead) {
                #expect(record.format.microvoltsPerCount[Int(lead.rawValue)] == format.microvoltsPerCount[Int(lead.rawValue)])
                #expect(record.format.baseline[Int(lead.rawValue)] == format.baseline[Int(lead.rawValue)])
            }
            let read = try allFrames(folder.path + "w")
            #expect(read.count == count)
            for (old, new) in zip(frames, read) {
                #expect(new.missing == old.missing.intersection(record.leads) && sameCounts(old, new, record.leads))
            }
        }
    }

    @Test("counts beyond the format are limited and counted, and read as clipped")
    func saturation() throws {
        let folder = TemporaryFolder()
        let writer = try WFDBWriter(path: folder.path + "w", format: StreamFormat(rate: 500), storage: .format212)
        var frame = Frame(index: 0)
        frame.counts[3] = 5000
        frame.counts[4] = Int32.min
        try writer.append(frame)
        try writer.finish()
        #expect(writer.saturatedCount == 2)
        let read = try allFrames(folder.path + "w")
        #expect(read[0].counts[3] == 2047 && read[0].counts[4] == -2047)
        #expect(read[0].clipped == [LeadSet(.aVR), LeadSet(.aVL)] && read[0].missing == [])
    }

    @Test("frames that were lost are written as missing and counted; frames out of order are refused")
    func gaps() throws {
        let folder = TemporaryFolder()
        let writer = try WFDBWriter(path: folder.path + "w", format: StreamFormat(rate: 500))
        try writer.append(Frame(index: 10))
        try writer.append(Frame(index: 14))
        #expect(errorOf { try writer.append(Frame(index: 14)) }?.code == .absurdValue)
        #expect(errorOf { try writer.append(Frame(index: UInt64.max)) }?.code == .absurdValue)
        try writer.finish()
        #expect(writer.filledCount == 3)
        #expect(try allFrames(folder.path + "w").map { $0.missing == .all } == [false, true, true, true, false])
    }

    @Test("a writer that is given up leaves nothing, and an older record as it was")
    func givenUp() throws {
        let folder = TemporaryFolder()
        makeRecord(folder, "w", samples: randomSignals(12, 4))
        let before = folder.read("w.dat")
        do {
            let writer = try WFDBWriter(path: folder.path + "w", format: StreamFormat(rate: 500))
            try writer.append(Frame(index: 0))
        }
        #expect(folder.names == ["w.dat", "w.hea"] && folder.read("w.dat") == before)
    }

    @Test("a folder that is not there, a name that cannot be and a full disk are clear errors that leave nothing")
    func refusals() throws {
        let folder = TemporaryFolder()
        let format = StreamFormat(rate: 500)
        let absent = errorOf { try WFDBWriter(path: folder.path + "no/w", format: format) }
        #expect(absent?.code == .unwritable && absent?.remedy.contains("must exist") == true)
        for name in ["", "a b", "ä", "a.b"] {
            #expect(errorOf { try WFDBWriter(path: folder.path + name, format: format) }?.code == .unwritable)
        }
        #expect(errorOf { try WFDBWriter(path: folder.path + "w", format: format, storage: .format310) }?.code == .unsupportedFormat)
        #expect(folder.names.isEmpty)
        guard FileManager.default.fileExists(atPath: "/dev/full") else { return }
        try FileManager.default.createSymbolicLink(atPath: folder.path + "w.dat.part", withDestinationPath: "/dev/full")
        let full = errorOf {
            let writer = try WFDBWriter(path: folder.path + "w", format: format)
            for index in 0..<10_000 { try writer.append(Frame(index: UInt64(index))) }
        }
        #expect(full?.code == .unwritable && full?.problem.contains("No space") == true)
        #expect(folder.names.isEmpty)
    }

    @Test("a record is two files: a pipe or a device in the place of either is refused before the first frame, and stays")
    func noFile() throws {
        for ending in [".dat", ".hea"] {
            let folder = TemporaryFolder()
            #expect(mkfifo(folder.path + "w" + ending, 0o600) == 0)
            let refused = errorOf { try WFDBWriter(path: folder.path + "w", format: StreamFormat(rate: 500)) }
            #expect(refused?.code == .unwritable && refused?.problem.contains("it is a pipe and no file") == true)
            #expect(folder.names == ["w" + ending])
        }
    }

    @Test("leads that the stream does not have are not written")
    func absent() throws {
        let folder = TemporaryFolder()
        let format = StreamFormat(rate: 250, absent: LeadSet.all.subtracting(LeadSet(.II)).subtracting(LeadSet(.V5)))
        let writer = try WFDBWriter(path: folder.path + "w", format: format)
        for frame in randomFrames(5, bits: 16) { try writer.append(frame) }
        try writer.finish()
        let record = try ECGRecord(path: folder.path + "w")
        #expect(record.leads == LeadSet(.II).union(LeadSet(.V5)) && record.format.absent == format.absent)
    }
}
