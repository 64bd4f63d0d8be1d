// Records of segments: fixed and variable layout, gaps, gains that change, and segments that do not fit.
// Split from ECGRecordTests, whose records are single.

import PrecordiaSignal
import Testing

@testable import PrecordiaFormats

@Suite("Records of segments") struct MultiSegmentTests {
    @Test("segments of a fixed layout follow each other")
    func fixed() throws {
        let folder = TemporaryFolder()
        let a = randomSignals(12, 2000, seed: 1)
        let b = randomSignals(12, 7, seed: 2)
        makeRecord(folder, "a", samples: a)
        makeRecord(folder, "b", samples: b)
        folder.write("m/3 12 500 2014\na 2000\n~ 7\nb 7\n# whole\n", "m.hea")
        let record = try ECGRecord(path: folder.path + "m")
        #expect(record.sampleCount == 2014 && record.comments == ["whole"] && record.problems.isEmpty)
        let frames = try allFrames(folder.path + "m")
        #expect(frames.count == 2014)
        for (i, frame) in frames.enumerated() {
            #expect(frame.index == UInt64(i))
            let gap = (2000..<2007).contains(i)
            #expect(frame.missing == (gap ? .all : []))
            guard !gap else { continue }
            let source = i < 2000 ? a.map { $0[i] } : b.map { $0[i - 2007] }
            #expect((0..<12).allSatisfy { frame.counts[$0] == source[$0] })
        }
    }

    @Test("a variable layout names leads by segment and converts them to the finest gain")
    func variable() throws {
        let folder = TemporaryFolder()
        let names = ["I", "II", "V1", "V2", "V3", "V4", "V5", "V6"]
        var layout = "layout 9 500 0\n"
        for name in names + ["ABP"] { layout += "~ 0 200/mV 12 0 0 0 0 \(name)\n" }
        folder.write(layout, "layout.hea")
        makeRecord(folder, "a", leads: names.reversed(), samples: [[Int32]](repeating: [10, 20], count: 8), gain: "500(4)/mV")
        makeRecord(folder, "b", leads: ["V1", "I"], samples: [[100, -32768], [7, 8]], gain: "1000(0)/mV")
        folder.write("m/4 9 500 7\nlayout 0\na 2\n~ 3\nb 2\n", "m.hea")
        let record = try ECGRecord(path: folder.path + "m")
        #expect(record.leads == .independent && record.sampleCount == 7 && record.otherSignals == ["ABP"])
        #expect(record.format.microvoltsPerCount[0] == 1 && record.format.microvoltsPerCount[1] == 2)
        #expect(record.format.baseline[0] == 0 && record.format.baseline[1] == 4)
        #expect(record.problems.contains("leads I, V1 change their gain or baseline between segments; all are converted to the finest one"))
        let frames = try allFrames(folder.path + "m")
        #expect(frames.map { $0.counts[0] } == [12, 32, 0, 0, 0, 7, 8])
        #expect(frames.map { $0.counts[1] } == [10, 20, 0, 0, 0, 0, 0])
        #expect(frames.map { $0.missing == .independent } == [false, false, true, true, true, false, false])
        #expect(frames[5].missing == LeadSet.independent.subtracting([LeadSet(.I), LeadSet(.V1)]))
        #expect(frames[6].missing == LeadSet.independent.subtracting(LeadSet(.I)))
    }

    @Test("gains as far apart as they may be saturate; those beyond are refused by segment")
    func hostileGains() throws {
        let folder = TemporaryFolder()
        makeRecord(folder, "a", samples: [[Int32]](repeating: [0, 5, -5], count: 12), gain: "1.1e-6(0)/mV")
        makeRecord(folder, "b", samples: [[Int32]](repeating: [1, 2, 3], count: 12), gain: "9e11(0)/mV")
        folder.write("m/2 12 500 6\na 3\nb 3\n", "m.hea")
        #expect(try allFrames(folder.path + "m").map { $0.counts[0] } == [0, .max, .min + 1, 1, 2, 3])
        makeRecord(folder, "b", samples: [[Int32]](repeating: [1, 2, 3], count: 12), gain: "1e300(0)/mV")
        let error = errorOf { try allFrames(folder.path + "m") }
        #expect(error?.code == .absurdValue && error?.file == folder.path + "b.hea")
    }

    @Test("a converted count is finite arithmetic's, or the nearest limit")
    func counts() {
        #expect(FrameReader.count(.nan) == .min + 1 && FrameReader.count(-.infinity) == .min + 1 && FrameReader.count(.infinity) == .max)
        #expect(FrameReader.count(1e300) == .max && FrameReader.count(2_147_483_646.5) == 2_147_483_646 && FrameReader.count(2.5) == 2)
        #expect(FrameReader.count(-2_147_483_646.6) == .min + 1 && FrameReader.count(-0.4) == 0)
    }

    @Test("segments that do not fit are refused with the reason")
    func misfits() throws {
        let folder = TemporaryFolder()
        makeRecord(folder, "a", samples: randomSignals(12, 5))
        makeRecord(folder, "other", samples: randomSignals(12, 5), rate: "250")
        makeRecord(folder, "fewer", leads: Array(twelveLeads.dropLast()), samples: randomSignals(11, 5))
        makeRecord(folder, "named", leads: twelveLeads.reversed(), samples: randomSignals(12, 5))
        let cases: [(String, RecordError.Code, String)] = [
            ("m/2 12 500 10\na 5\nother 5\n", .segmentMismatch, "250.0 Hz"),
            ("m/2 12 500 10\na 5\nfewer 5\n", .segmentMismatch, "11, but the first segment has 12"),
            ("m/2 12 500 10\na 5\nnamed 5\n", .segmentMismatch, "another signal in this place"),
            ("m/2 12 500 10\na 5\na 4\n", .segmentMismatch, "5, but"),
            ("m/1 12 500 10\nm 5\n", .segmentMismatch, "consists of segments itself"),
            ("m/1 12 500 10\n~ 10\n", .segmentMismatch, "no segment has any signal"),
            ("m/2 12 500 10\na 5\nnone 5\n", .notFound, "no such file"),
            ("m/2 12 500 10\na 5\n~ 1000000000000000\n", .absurdValue, "are not possible"),
        ]
        for (text, code, words) in cases {
            folder.write(text, "m.hea")
            let error = errorOf { try ECGRecord(path: folder.path + "m") }
            #expect(error?.code == code && error?.description.contains(words) == true, "\(text) gave \(error?.description ?? "nothing")")
        }
    }

    @Test("a damaged segment is found when its end is reached")
    func damaged() throws {
        let folder = TemporaryFolder()
        makeRecord(folder, "a", samples: randomSignals(12, 5))
        makeRecord(folder, "b", samples: randomSignals(12, 5, seed: 3))
        var bytes = folder.read("a.dat")
        bytes[0] ^= 4
        folder.write(bytes, "a.dat")
        folder.write("m/2 12 500 10\na 5\nb 5\n", "m.hea")
        #expect(errorOf { try allFrames(folder.path + "m") }?.code == .checksumMismatch)
        #expect(try allFrames(folder.path + "m", checksums: .warning).count == 10)
    }
}
