// From signals to leads: names, units, rates, derivations, flags, checksums and segments.
// The storage below is tested in WFDBFormatTests.

import PrecordiaFormats
import PrecordiaSignal
import Testing

@Suite("ECG records") struct ECGRecordTests {
    @Test("twelve leads in any order and spelling come out in the project's order")
    func leadOrder() throws {
        let folder = TemporaryFolder()
        let spellings = ["v6", "ECG_V5", "C4", "V 3", "ECG v2", "Lead V1", "AVF", "avl", "MDC_ECG_LEAD_AVR", "DIII", "LII", "lead I"]
        let samples = randomSignals(12, 5)
        makeRecord(folder, leads: spellings, samples: samples)
        let record = try ECGRecord(path: folder.path + "rec")
        #expect(record.leads == .all && record.format.derived.rawValue == 0 && record.rate == 500 && record.sampleCount == 5)
        #expect(record.problems.isEmpty && record.otherSignals.isEmpty)
        let frames = try allFrames(folder.path + "rec")
        let places = [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]
        for (i, frame) in frames.enumerated() {
            #expect(frame.index == UInt64(i) && frame.missing.rawValue == 0 && frame.clipped.rawValue == 0)
            for (signal, place) in places.enumerated() { #expect(frame.counts[place] == samples[signal][i]) }
        }
    }

    @Test("the eight independent leads are enough, and so are twelve with some derived ones missing")
    func derivedLeads() throws {
        let folder = TemporaryFolder()
        makeRecord(folder, leads: ["I", "II", "V1", "V2", "V3", "V4", "V5", "V6"], samples: randomSignals(8, 3))
        let eight = try ECGRecord(path: folder.path + "rec")
        #expect(eight.leads == .independent && eight.format.derived == .derived)
        makeRecord(folder, leads: ["I", "II", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"], samples: randomSignals(9, 3))
        let nine = try ECGRecord(path: folder.path + "rec")
        #expect(nine.format.derived == [LeadSet(.III), LeadSet(.aVR), LeadSet(.aVL)])
        #expect(nine.problems == ["III, aVR, aVL are computed from I and II"])
    }

    @Test("leads marked as modified are taken and noted")
    func modified() throws {
        let folder = TemporaryFolder()
        makeRecord(folder, leads: ["MLI", "MLII"] + twelveLeads.dropFirst(2), samples: randomSignals(12, 3))
        let record = try ECGRecord(path: folder.path + "rec")
        #expect(record.leads == .all && record.problems.count == 1 && record.problems[0].contains("modified"))
    }

    @Test("names that are no standard lead are not taken for one")
    func notLeads() {
        for name in [
            "", "1", "ECG 1", "V", "V7", "V10", "VR", "-aVR", "ECG -aVR", "V4R", "vx", "RESP", "MCL1", "X", "IV", "aVR inverted", "ECG",
            "Ⅰ",
        ] {
            #expect(Lead(spelling: name) == nil, "\(name)")
        }
        for (name, lead) in [("ECG I", Lead.I), ("D1", .I), ("L2", .II), ("MLII", .II), ("ecg_avf", .aVF), ("C6", .V6), ("ECG-V1", .V1)] {
            #expect(Lead(spelling: name) == lead, "\(name)")
        }
    }

    @Test("units that are no voltage, odd rates and absurd gains of all leads are refused by name and value")
    func refusals() throws {
        let folder = TemporaryFolder()
        let three = randomSignals(12, 3)
        makeRecord(folder, samples: three, gain: "100/mmHg")
        let unit = errorOf { try ECGRecord(path: folder.path + "rec") }
        #expect(unit?.code == .unknownUnit && unit?.problem == "'mmHg' is no voltage")
        for rate in ["99", "2001", "500.5", "62.4725", "10000000"] {
            makeRecord(folder, samples: three, rate: rate)
            let error = errorOf { try ECGRecord(path: folder.path + "rec") }
            #expect(error?.code == .unsupportedRate && error?.description.contains("100 to 2000") == true)
        }
        for gain in ["1e-303/mV", "1e-300/mV", "-9e-7/mV", "1.1e12/mV", "1e300/nV", "-1e308/nV", "1e-4/V"] {
            makeRecord(folder, samples: three, gain: gain)
            let error = errorOf { try ECGRecord(path: folder.path + "rec") }
            #expect(error?.code == .absurdValue && error?.place == "lead I, gain")
            #expect(error?.remedy == "1e-09 to 1000000000.0 microvolts a count are right, a gain such as 1000/mV")
        }
        makeRecord(folder, samples: three, gain: "1e-303/mV")
        #expect(errorOf { try ECGRecord(path: folder.path + "rec") }?.problem == "1e-303 counts a mV are 1e+306 microvolts a count")
        for gain in ["1.1e-6/mV", "-9e11/mV"] {
            makeRecord(folder, samples: three, gain: gain)
            #expect(try allFrames(folder.path + "rec").count == 3)
        }
        for rate in ["100", "2000", "360.0", "499.9999999"] {
            makeRecord(folder, samples: three, rate: rate)
            #expect(try ECGRecord(path: folder.path + "rec").rate > 0)
        }
    }

    @Test(
        "units become microvolts",
        arguments: [
            ("1000(7)/mV", 1.0), ("2/uV", 0.5), ("4/µV", 0.25), ("200000/V", 5.0), ("0.25/nV", 0.004), ("500/mv", 2), ("1/microvolts", 1),
            ("0", 5), ("-1000/mV", -1),
        ])
    func units(gain: String, microvolts: Double) throws {
        let folder = TemporaryFolder()
        makeRecord(folder, samples: randomSignals(12, 3), gain: gain)
        let record = try ECGRecord(path: folder.path + "rec")
        #expect(record.format.microvoltsPerCount[4] == microvolts)
        #expect(record.format.baseline[4] == (gain.contains("(7)") ? 7 : 0))
    }

    @Test("missing and clipped samples are flagged, lead by lead")
    func flags() throws {
        let folder = TemporaryFolder()
        var samples = [[Int32]](repeating: [0, 1, 2, 3], count: 12)
        samples[1][2] = -32768
        samples[6] = [2047, -2048, 2046, -2047]
        makeRecord(folder, samples: samples, resolution: 12)
        let frames = try allFrames(folder.path + "rec")
        #expect(frames.map(\.missing.rawValue) == [0, 0, 2, 0])
        #expect(frames.map(\.clipped.rawValue) == [64, 64, 0, 0])
        makeRecord(folder, samples: samples, resolution: 0)
        #expect(try allFrames(folder.path + "rec").map(\.clipped.rawValue) == [0, 0, 0, 0])
    }

    @Test("other channels are listed and skipped, whatever their rate")
    func otherChannels() throws {
        let folder = TemporaryFolder()
        var header = "rec 14 100 4\n"
        for lead in twelveLeads { header += "rec.dat 16x5 1000/mV 16 0 0 0 0 \(lead)\n" }
        header += "rec.dat 16 10/mmHg 16 0 0 0 0 ABP\nresp.dat 80x3 10 16 0 0 0 0\n"
        folder.write(header, "rec.hea")
        folder.write([UInt8](repeating: 0, count: 4 * 61 * 2), "rec.dat")
        folder.write([UInt8](repeating: 128, count: 12), "resp.dat")
        let record = try ECGRecord(path: folder.path + "rec")
        #expect(record.rate == 500 && record.sampleCount == 20 && record.otherSignals == ["ABP", "signal 14"])
        #expect(try allFrames(folder.path + "rec").count == 20)
    }

    @Test("the same frames come one by one and in buffers of any size, from a record of many blocks")
    func buffers() throws {
        let folder = TemporaryFolder()
        makeRecord(folder, samples: randomSignals(12, 5003))
        let path = folder.path + "rec"
        let expected = try allFrames(path)
        #expect(expected.count == 5003)
        for size in [1, 7, 1000, 6000] {
            var reader = try ECGRecord(path: path).frames()
            let buffer = UnsafeMutableBufferPointer<Frame>.allocate(capacity: size)
            defer { buffer.deallocate() }
            buffer.initialize(repeating: Frame(index: 0))
            var index = 0
            while true {
                let count = try reader.read(into: buffer)
                guard count > 0 else { break }
                for frame in buffer.prefix(count) {
                    let same = (0..<12).allSatisfy { frame.counts[$0] == expected[index].counts[$0] }
                    #expect(same && frame.index == expected[index].index)
                    index += 1
                }
            }
            #expect(index == 5003)
        }
    }

    @Test("a record is found by its name, its header, its signal file, and with the offset of a .mat file")
    func paths() throws {
        let folder = TemporaryFolder()
        makeRecord(folder, samples: randomSignals(12, 30), prefix: 24)
        for name in ["rec", "rec.hea", "rec.dat"] { #expect(try allFrames(folder.path + name).count == 30) }
        folder.write(folder.read("rec.dat"), "rec.mat")
        folder.write(String(decoding: folder.read("rec.hea"), as: UTF8.self).replacing("rec.dat", with: "rec.mat"), "rec.hea")
        for name in ["rec", "rec.mat"] { #expect(try allFrames(folder.path + name).count == 30) }
        #expect(errorOf { try ECGRecord(path: folder.path + "rec.dat") }?.code == .unsupportedFormat)
        makeRecord(folder, "a.b", samples: randomSignals(12, 3))
        #expect(try allFrames(folder.path + "a.b").count == 3)
        let error = errorOf { try ECGRecord(path: folder.path + "none.dat") }
        #expect(error?.code == .notFound && error?.problem.contains("none.dat.hea nor") == true)
        folder.write("rec 12 500 30\n" + String(repeating: "gone.dat 16 1000 16 0 0 0 0 I\n", count: 12), "gone.hea")
        let gone = errorOf { try ECGRecord(path: folder.path + "gone") }
        #expect(gone?.code == .notFound && gone?.file.hasSuffix("gone.dat") == true && gone?.remedy.contains("gone.hea") == true)
        #expect(errorOf { try ECGRecord(path: "/dev/null.hea") }?.code == .notFound)
        folder.write("x 1 500 3\n/dev/zero 16 1000 16 0 0 0 0 I\n", "device.hea")
        #expect(errorOf { try WFDBSignals(path: folder.path + "device") }?.code == .unreadable)
    }

    @Test("what is odd about several leads alike is one note")
    func alike() throws {
        let folder = TemporaryFolder()
        folder.write(
            "rec 3 500 1\na.dat 16 -0.5/mV 16 0 0 0 0 I\na.dat 16 -0.5/mV 16 0 0 0 0 II\na.dat 16 -1000/mV 16 0 0 0 0 V1\n", "rec.hea")
        folder.write(encode([0, 0, 0], .format16), "a.dat")
        let notes = try ECGRecord(path: folder.path + "rec").problems
        #expect(notes.contains("leads I, II, V1 have a negative gain"))
        #expect(notes.contains("leads I, II have -2000.0 microvolts a count, which no electrocardiograph has"))
    }

    @Test("a changed sample is a checksum error with its lead, or a warning if that is asked for")
    func checksums() throws {
        let folder = TemporaryFolder()
        makeRecord(folder, samples: randomSignals(12, 3000))
        var bytes = folder.read("rec.dat")
        bytes[(2000 * 12 + 7) * 2] ^= 1
        folder.write(bytes, "rec.dat")
        let error = errorOf { try allFrames(folder.path + "rec") }
        #expect(error?.code == .checksumMismatch && error?.place == "V2" && error?.file.hasSuffix("rec.dat") == true)
        #expect(try allFrames(folder.path + "rec", checksums: .warning).count == 3000)
        var reader = try ECGRecord(path: folder.path + "rec").frames(checksums: .warning)
        var frame = Frame(index: 0)
        while try reader.next(into: &frame) {}
        let warnings = reader.warnings
        #expect(warnings.map(\.place) == ["V2"])
    }

    @Test("a truncated signal file is refused with expected and found bytes, a longer one is noted")
    func truncation() throws {
        let folder = TemporaryFolder()
        makeRecord(folder, samples: randomSignals(12, 10))
        let bytes = folder.read("rec.dat")
        folder.write(Array(bytes.dropLast()), "rec.dat")
        let error = errorOf { try ECGRecord(path: folder.path + "rec") }
        #expect(error?.code == .truncated && error?.problem == "the file ends after 239 bytes, 10 samples of each signal need 240")
        folder.write(bytes + [1, 2, 3], "rec.dat")
        #expect(try ECGRecord(path: folder.path + "rec").problems.contains { $0.contains("3 bytes after the last sample") })
    }
}
