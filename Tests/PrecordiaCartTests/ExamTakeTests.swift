// Ten seconds and what is wrong with them, electrode by electrode; where they are kept.

import Foundation
import PrecordiaCart
import PrecordiaFormats
import PrecordiaHost
import PrecordiaQuality
import PrecordiaSignal
import PrecordiaSimulator
import PrecordiaTestSupport
import Testing

/// A take of the simulator.
private func take(_ noise: Noise = .resting, seconds: Int = 10, change: (inout Frame) -> Void = { _ in }) -> ExamTake {
    let take = ExamTake(Simulator.format(rate: 250))
    var simulator = Simulator(rate: 250, seed: 1, noise: noise)
    var frame = Frame(index: 0)
    for _ in 0..<seconds * 250 {
        simulator.next(into: &frame)
        var own = frame
        change(&own)
        _ = take.push(own)
    }
    return take
}

@Suite("One try at an exam")
struct ExamTakeTests {
    @Test("Ten seconds without a fault are good, nine are not full")
    func good() {
        #expect(take().isGood)
        #expect(take().faults.isEmpty)
        #expect(!take(seconds: 9).isFull)
        #expect(take(seconds: 9).length == 2250)
    }

    @Test("Each second is told once")
    func seconds() {
        let take = ExamTake(Simulator.format(rate: 250))
        let ends = (0..<2500).filter { take.push(Frame(index: 1000 + UInt64($0))) }
        #expect(ends == (1...10).map { 250 * $0 - 1 })
    }

    @Test("An electrode that the device says is off is named, and is not told twice")
    func off() {
        var noise = Noise.resting
        noise.electrodesOff = .chest(3)
        #expect(take(noise).faults == ["V3 is off"])
        noise.electrodesOff = .leftArm
        #expect(take(noise).faults == ["LA (left arm) is off"])
        #expect(take(noise).badLeads == 11)
    }

    @Test("A chest lead that stands still is its own electrode")
    func flat() {
        #expect(take { $0.counts[8] = 0 }.faults == ["V3 shows nothing"])
    }

    @Test("Missing samples of all leads are the line's, of one lead its electrode's")
    func missing() {
        #expect(take { if $0.index % 250 < 50 { $0.missing = .all } }.faults == ["samples are missing: the line to the device"])
        #expect(take { if $0.index % 250 < 50 { $0.missing = LeadSet(.V5) } }.faults == ["V5 has missing samples"])
    }

    @Test("Bad limb leads point to the electrode that they share")
    func limbs() {
        func words(_ leads: [Lead]) -> [String] {
            var report = QualityReport()
            for lead in leads { report.noisy.formUnion(LeadSet(lead)) }
            return ElectrodeFaults.words(report, off: .empty)
        }
        #expect(words([.I, .II, .aVR]) == ["RA (right arm) is loose: noise"])
        #expect(words([.I, .III]) == ["LA (left arm) is loose: noise"])
        #expect(words([.II, .III]) == ["LL (left leg) is loose: noise"])
        #expect(words([.I, .II, .III, .V2]) == ["V2 is loose: noise", "one of RA, LA, LL is loose: noise"])
    }

    @Test("The record has the take's samples, none of an electrode that was off, and is its owner's alone")
    func record() throws {
        let folder = try TemporaryFolder()
        var noise = Noise.resting
        noise.electrodesOff = .chest(3)
        let taken = take(noise)
        taken.time = .init(date: .init(year: 2026, month: 11, day: 30), hour: 4, minute: 42, second: 10)
        try taken.write(folder.file("exam"), comments: ["name: Ana"])
        let record = try ECGRecord(path: folder.file("exam"))
        #expect(record.comments == ["name: Ana", "electrode off: V3"])
        #expect(record.sampleCount == 2500)
        #expect(record.startTime?.description == "2026-11-30 04:42:10")
        var reader = record.frames()
        var frame = Frame(index: 0)
        var same = true
        while try reader.next(into: &frame) {
            same = same && frame.missing == LeadSet(.V3) && frame.counts[0] == taken.frames[Int(frame.index)].counts[0]
        }
        #expect(same)
        for ending in ["hea", "dat"] {
            let mode = try FileManager.default.attributesOfItem(atPath: folder.file("exam." + ending))[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
    }
}

@Suite("A patient's folder")
struct PatientFolderTests {
    @Test("It is named by number, else by name, and no name leads out of it")
    func names() throws {
        let folder = try TemporaryFolder()
        func name(_ id: String?, _ name: String?) throws -> String {
            String(try PatientFolder(in: folder.path, id: id, name: name).path.dropFirst(folder.path.count + 1))
        }
        #expect(try name("17", "Ana") == "17")
        #expect(try name(nil, "João da Conceição") == "João-da-Conceição")
        #expect(try name(" ", nil) == "unnamed")
        #expect(try name("../../etc/passwd", nil) == "etc-passwd")
        #expect(try name("..", ".") == "unnamed")
        #expect(try name("a\u{0}b\n\u{1B}", nil) == "a-b-")
        #expect(try name(String(repeating: "ü", count: 500), nil).utf8.count == 120)
        let mode = try FileManager.default.attributesOfItem(atPath: folder.file("17"))[.posixPermissions] as? Int
        #expect(mode == 0o700)
    }

    @Test("The next exam has a free name, and exams come in their order")
    func next() throws {
        let folder = try TemporaryFolder()
        let place = try PatientFolder(in: folder.path, id: "17", name: nil)
        let time = WFDBHeader.StartTime(date: .init(year: 2026, month: 11, day: 30), hour: 4, minute: 42, second: 10)
        #expect(place.next(time) == place.path + "/exam-20261130-044210")
        for name in ["exam-20261130-044210.hea", "exam-20251130-044210.hea", "exam-001.pdf", "other.hea"] {
            try Data().write(to: URL(fileURLWithPath: place.path + "/" + name))
        }
        #expect(place.next(time) == place.path + "/exam-20261130-044210-001")
        #expect(place.next(nil) == place.path + "/exam-002")
        #expect(place.exams == ["exam-20251130-044210", "exam-20261130-044210"].map { place.path + "/" + $0 })
    }

    @Test("A folder that is not there, or a file in its place, is told")
    func refused() throws {
        let folder = try TemporaryFolder()
        #expect(throws: RuntimeError.self) { try PatientFolder(in: folder.file("none"), id: "1", name: nil) }
        _ = try folder.write([1], to: "17")
        #expect(throws: RuntimeError.self) { try PatientFolder(in: folder.path, id: "17", name: nil) }
    }
}
