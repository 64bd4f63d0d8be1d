// Records of any leads: what is heard, what is left out, and what is said of it.
// Apart from the tests of whole exams, because here nothing refuses the record as long as one lead remains.

import PrecordiaFormats
import PrecordiaSignal
import Testing

private func names(_ leads: LeadSet) -> [String] { Lead.allCases.filter { leads.contains($0) }.map(\.name) }

@Suite("ECG records of any leads") struct AnyLeadsTests {
    private let folder = TemporaryFolder()

    private func record(_ naming: String = "") throws -> ECGRecord {
        try ECGRecord(path: folder.path + "rec", naming: naming.isEmpty ? LeadNaming() : LeadNaming(naming))
    }

    @Test("two leads are heard, the others are absent and no fault of any frame's")
    func twoLeads() throws {
        let samples = randomSignals(3, 4)
        makeRecord(folder, leads: ["MLII", "ABP", "V5"], samples: samples, rate: "360")
        let record = try record()
        #expect(names(record.leads) == ["II", "V5"] && record.format.derived.isEmpty && record.otherSignals == ["ABP"])
        #expect(record.format.absent == LeadSet.all.subtracting(record.leads) && record.format.unplaced.isEmpty)
        #expect(record.warnings.isEmpty)
        let frames = try allFrames(folder.path + "rec")
        #expect(frames.map { $0.counts[1] } == samples[0] && frames.map { $0.counts[10] } == samples[2])
        #expect(frames.allSatisfy { $0.missing == record.format.absent })
    }

    @Test("I and II give the four leads that they determine")
    func limbLeads() throws {
        makeRecord(folder, leads: ["I", "II"], samples: randomSignals(2, 4))
        let record = try record()
        #expect(record.format.derived == .derived && names(record.format.absent) == ["V1", "V2", "V3", "V4", "V5", "V6"])
    }

    @Test("signals called ECG are heard in free places, told, and told how to be named")
    func unnamed() throws {
        let samples = randomSignals(2, 4)
        makeRecord(folder, leads: ["ECG", "ECG"], samples: samples)
        let record = try record()
        #expect(names(record.leads) == ["II", "V5"] && names(record.format.unplaced) == ["II", "V5"])
        #expect(
            record.warnings == [
                "'ECG' (signal 1) as II, 'ECG' (signal 2) as V5: heard in a free place, because their names say no lead; the classifier "
                    + "does not hear them. --leads 1=II says that signal 1 is lead II"
            ])
        #expect(try allFrames(folder.path + "rec").map { $0.counts[10] } == samples[1])
    }

    @Test("a lead of unknown place beside named ones takes a place that nothing is computed from")
    func beside() throws {
        makeRecord(folder, leads: ["II", "V", "RESP"], samples: randomSignals(3, 4))
        #expect(try names(record().format.unplaced) == ["V5"] && record().otherSignals == ["RESP"])
        makeRecord(folder, leads: ["I", "MCL1", "V4R", "V1-V2", "CM5", "ECG 3"], samples: randomSignals(6, 4))
        let record = try record()
        #expect(names(record.format.unplaced) == ["II", "V1", "V2", "V3", "V5"] && record.format.derived.isEmpty)
    }

    @Test("where no name says an electrocardiogram, voltages are heard that do not say that they are something else")
    func voltages() throws {
        makeRecord(folder, leads: ["noise1", "EMG", "noise2", "RESP"], samples: randomSignals(4, 4))
        let record = try record()
        #expect(names(record.leads) == ["II", "V5"] && record.otherSignals == ["EMG", "RESP"])
    }

    @Test("eight measured leads are enough: nothing else is looked for among the signals")
    func eight() throws {
        makeRecord(folder, leads: ["I", "II", "V1", "V2", "V3", "V4", "V5", "V6", "ECG"], samples: randomSignals(9, 4))
        let record = try record()
        #expect(record.leads == .independent && record.format.unplaced.isEmpty && record.otherSignals == ["ECG"])
    }

    @Test("a record without any lead is refused with what it has and what would help")
    func noLead() throws {
        makeRecord(folder, leads: ["ABP", "RESP"], samples: randomSignals(2, 4))
        let error = errorOf { try record() }
        #expect(error?.code == .missingLead && error?.problem == "no signal is an electrocardiogram among ABP, RESP")
        #expect(error?.remedy == "--leads NAME=II, or --leads 1=II, says that a signal is lead II")
        #expect(try names(record("ABP=II").leads) == ["II"])
    }

    @Test("of two signals for one lead the first is heard, and the second told")
    func repeated() throws {
        let samples = randomSignals(12, 3)
        makeRecord(folder, leads: twelveLeads.map { $0 == "III" ? "v3" : $0 }, samples: samples)
        let record = try record()
        #expect(record.warnings == ["signals 3 ('v3') and 9 ('V3') both are lead V3; the first is heard"])
        #expect(try allFrames(folder.path + "rec").map { $0.counts[8] } == samples[2])
        #expect(record.format.derived == LeadSet(.III) && record.format.absent.isEmpty)
    }

    @Test("a lead with a unit, gain or rate that cannot be is left out and told")
    func leftOut() throws {
        var lines = twelveLeads.map { "rec.dat 16 1000/mV 16 0 0 0 0 \($0)\n" }
        lines[8] = "rec.dat 16 100/mmHg 16 0 0 0 0 V3\n"
        lines[9] = "rec.dat 16 1e-303/mV 16 0 0 0 0 V4\n"
        lines[10] = "rec.dat 16x2 1000/mV 16 0 0 0 0 V5\n"
        folder.write("rec 12 500 4\n" + lines.joined(), "rec.hea")
        folder.write([UInt8](repeating: 0, count: 4 * 13 * 2), "rec.dat")
        let record = try record()
        #expect(names(record.lost) == ["V3", "V4", "V5"] && record.format.absent == record.lost)
        #expect(
            record.warnings == [
                "lead V3 is left out: 'mmHg' is no voltage",
                "lead V4 is left out: 1e-303 counts a mV are 1e+306 microvolts a count",
                "lead V5 is left out: it has 2 samples a frame, the other leads 1",
            ])
    }

    @Test(
        "a lead whose file is not there or too short is left out, and refuses the record only if it is the last", arguments: [true, false])
    func file(isThere: Bool) throws {
        folder.write(
            "rec 3 500 4\na.dat 16 1000/mV 16 0 0 10 0 II\nb.dat 16 1000/mV 16 0 0 0 0 V1\nb.dat 16 1000/mV 16 0 0 0 0 RESP\n", "rec.hea")
        folder.write(encode([1, 2, 3, 4], .format16), "a.dat")
        if isThere { folder.write([0, 1, 2], "b.dat") }
        let record = try record()
        #expect(names(record.leads) == ["II"] && names(record.lost) == ["V1"] && record.warnings.count == 1)
        #expect(record.warnings[0].hasPrefix("lead V1 is left out: "))
        #expect(try allFrames(folder.path + "rec").map { $0.counts[1] } == [1, 2, 3, 4])
        folder.write([0, 1, 2], "a.dat")
        #expect(errorOf { try self.record() }?.code == .truncated)
    }

    @Test("a lead that is stored in a way that is not read is left out, and refuses the record only if there is no other")
    func format() throws {
        folder.write("rec 2 500 4\na.dat 16 1000/mV 16 0 0 10 0 II\nb.dat 516 1000/mV 16 0 0 0 0 V1\n", "rec.hea")
        folder.write(encode([1, 2, 3, 4], .format16), "a.dat")
        let record = try record()
        #expect(names(record.leads) == ["II"] && names(record.lost) == ["V1"])
        #expect(record.warnings == ["lead V1 is left out: format 516 is FLAC compressed and not supported"])
        #expect(try allFrames(folder.path + "rec").map { $0.counts[1] } == [1, 2, 3, 4])
    }

    @Test("a lead whose samples do not add up is left out by whoever asks, and what is no lead does not matter")
    func checksums() throws {
        let leads = twelveLeads + ["RESP"]
        makeRecord(folder, leads: leads, samples: randomSignals(13, 3000))
        var bytes = folder.read("rec.dat")
        bytes[(2000 * 13 + 12) * 2] ^= 1
        folder.write(bytes, "rec.dat")
        #expect(try allFrames(folder.path + "rec").count == 3000)
        #expect(try record().withoutDamagedLeads().leads == .all)
        bytes[(2000 * 13 + 7) * 2] ^= 1
        folder.write(bytes, "rec.dat")
        let record = try record().withoutDamagedLeads()
        #expect(names(record.lost) == ["V2"] && record.warnings.count == 1)
        #expect(record.warnings[0].hasPrefix("lead V2 is left out: the samples add up to "))
        var reader = record.frames()
        var frame = Frame(index: 0)
        var count = 0
        while try reader.next(into: &frame) { count += 1 }
        #expect(count == 3000 && frame.missing == LeadSet(.V2))
    }

    @Test("a record of which no lead adds up is refused")
    func noChecksum() throws {
        makeRecord(folder, leads: ["ECG"], samples: randomSignals(1, 30))
        var bytes = folder.read("rec.dat")
        bytes[20] ^= 1
        folder.write(bytes, "rec.dat")
        #expect(errorOf { try record().withoutDamagedLeads() }?.code == .checksumMismatch)
    }

    @Test("a lead whose samples do not add up is heard, and told, if a person says so")
    func ignoredChecksums() throws {
        makeRecord(folder, leads: ["I", "II"], samples: randomSignals(2, 30))
        var bytes = folder.read("rec.dat")
        bytes[22] ^= 1
        folder.write(bytes, "rec.dat")
        var naming = LeadNaming()
        naming.ignoresChecksums = true
        let record = try ECGRecord(path: folder.path + "rec", naming: naming).withoutDamagedLeads()
        #expect(names(record.leads) == ["I", "II"] && names(record.damaged) == ["II"] && record.lost.isEmpty)
        #expect(record.warnings.count == 1 && record.warnings[0].hasPrefix("II is heard all the same: II: the samples add up to "))
        var reader = record.frames()
        var frame = Frame(index: 0)
        while try reader.next(into: &frame) {}
        #expect(reader.position == 30 && reader.warnings.count == 1)
    }

    @Test("a lead whose file is lost in one segment is missing there and nowhere else")
    func segments() throws {
        makeRecord(folder, "a", leads: ["II"], samples: [[1, 2]])
        folder.write("b 1 500 2\nb.dat 16 1000/mV 16 0 0 0 0 II\n", "b.hea")
        folder.write("c 2 500 2\nc.dat 16 1000/mV 16 0 0 11 0 II\nd.dat 16 1000/mV 16 0 0 0 0 V1\n", "c.hea")
        folder.write(encode([5, 6], .format16), "c.dat")
        folder.write("m/3 2 500 4\nl 0\na 2\nc 2\n", "m.hea")
        folder.write("l 2 500 0\n~ 0 1000/mV 16 0 0 0 0 II\n~ 0 1000/mV 16 0 0 0 0 V1\n", "l.hea")
        let record = try ECGRecord(path: folder.path + "m")
        #expect(record.problems.contains { $0.hasPrefix("V1 is missing in segment c: ") })
        #expect(try allFrames(folder.path + "m").map { $0.counts[1] } == [1, 2, 5, 6])
        #expect(try allFrames(folder.path + "m").allSatisfy { $0.missing.contains(.V1) })
    }
}

@Suite("Leads by a person's word") struct LeadNamingTests {
    private let folder = TemporaryFolder()

    private func record(_ naming: String) throws -> ECGRecord { try ECGRecord(path: folder.path + "rec", naming: LeadNaming(naming)) }

    private func signals(_ naming: String) throws -> [String: Int32] {
        let record = try record(naming)
        var reader = record.frames()
        var frame = Frame(index: 0)
        #expect(try reader.next(into: &frame))
        var found: [String: Int32] = [:]
        for lead in Lead.allCases where record.leads.contains(lead) { found[lead.name] = frame.counts[Int(lead.rawValue)] }
        return found
    }

    @Test("a repeated name takes its signals one after the other, a number takes the signal of that place, none leaves one out")
    func naming() throws {
        makeRecord(folder, leads: ["ECG", "ECG", "V", "II"], samples: [[1], [2], [3], [4]])
        #expect(try signals("ECG=I,ECG=V1") == ["I": 1, "V1": 2, "V5": 3, "II": 4])
        #expect(try signals("2=V1,ecg=V2,V=none") == ["V1": 2, "V2": 1, "II": 4])
        #expect(try signals("1=II,V=none,ECG=none") == ["II": 1])
        #expect(try record("ECG=I,ECG=V1,V=V6").format.unplaced.isEmpty)
        #expect(try record("ECG=I").format.derived == LeadSet.derived)
    }

    @Test("leads without a sign are the only ones to be heard, with those that were named")
    func only() throws {
        makeRecord(folder, leads: ["ECG", "II", "V5", "I"], samples: [[1], [2], [3], [4]])
        #expect(try signals("II,V5") == ["II": 2, "V5": 3])
        #expect(try signals("ECG=V1,V5") == ["V1": 1, "V5": 3])
        #expect(errorOf { try record("V6") }?.code == .missingLead)
    }

    @Test("a signal of that name or number must be there")
    func unknown() throws {
        makeRecord(folder, leads: ["ECG", "II"], samples: [[1], [2]])
        for naming in ["MCL=II", "ECG=II,ECG=V1,ECG=V2", "3=II", "0=II"] {
            let error = errorOf { try record(naming) }
            #expect(error?.code == .missingLead && error?.place == "--leads" && error?.problem.contains("the record has ECG, II") == true)
        }
    }

    @Test(
        "what cannot be meant is refused with what would be right",
        arguments: ["", "X", "II,", "=II", "ECG=X", "ECG=", "ECG=II,V=II", "ECG=II=V"])
    func refused(text: String) {
        #expect(throws: LeadNaming.Problem.self) { _ = try LeadNaming(text) }
    }
}
