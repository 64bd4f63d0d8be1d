// Models, records, filters and settings: what is said about good ones and bad ones.

import Foundation
import PrecordiaExams
import PrecordiaFormats
import PrecordiaHost
import PrecordiaSession
import PrecordiaSignal
import PrecordiaSimulator
import PrecordiaTestSupport
import Testing

@Suite struct InspectTests {
    func shippedBytes() throws -> [UInt8] {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return Array(try Data(contentsOf: path.appendingPathComponent("models/ptbxl71.precordia")))
    }

    @Test("the shipped model is the file in models, and says so")
    func shipped() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(try shippedBytes(), to: "m.precordia")
        #expect(try LoadedModel.open(path).identity == LoadedModel.shipped().identity)
        let report = ModelReport.lines(try LoadedModel.open(nil))
        #expect(report[0].hasPrefix("Model ptbxl71, version "))
        #expect(report.contains { $0.contains("multiply-accumulates a window") })
        #expect(report.contains { $0.hasPrefix("Classes: 66, ") })
    }

    @Test("a model that is none is refused with file, place and value")
    func badModels() throws {
        let folder = try TemporaryFolder()
        func problem(_ bytes: [UInt8]) throws -> String {
            let path = try folder.write(bytes, to: "bad")
            let error = #expect(throws: RuntimeError.self) { try LoadedModel.open(path) }
            return error?.description ?? ""
        }
        var bytes = try shippedBytes()
        #expect(try problem([]).hasSuffix("bad: the file is empty; a model has at least 256 bytes"))
        #expect(try problem(Array(bytes.prefix(100))).contains("(truncated"))
        #expect(try problem(Array(bytes.dropLast(64))).contains("(fileSize at byte 16"))
        bytes[bytes.count / 2] ^= 1
        #expect(try problem(bytes).contains("(hash at byte 32"))
        bytes[0] = 0
        #expect(try problem(bytes).contains("not a model file"))
        #expect(throws: RuntimeError.self) { try LoadedModel.open(folder.path) }
        #expect(throws: RuntimeError.cannotRead(file: folder.file("no"), reason: "No such file or directory")) {
            try LoadedModel.open(folder.file("no"))
        }
    }

    @Test("a report of a model with further label sets and without streaming says so")
    func wholeWindow() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let path = folder.appendingPathComponent("PrecordiaNetworkTests/Vectors/window.precordia").path
        let lines = ModelReport.lines(try LoadedModel.open(path))
        for line in [
            "  I II V1 V2 V3 V4 V5 V6 at 100 Hz, 25.000 microvolts a step, 8 bit", "  not streaming: each answer computes its whole window",
            "  6: depthwise convolution 32 to 32 channels, kernel 1, stride 1, rectifier",
            "  head: all of 16 channels over 15 columns to 5 labels",
            "Statements: 3, 1 of them raise alerts", "  TWO      0.250  0.750 medium alert      label two (g)", "Labels of set code: 2",
            "  A          from two sets (confirmed): from ONE FOUR, human labels",
            "  B          b (implied): from FIVE, weak machine labels",
        ] { #expect(lines.contains(line), "\(line)\n\(lines.joined(separator: "\n"))") }
    }

    @Test("a model of another format version is refused with what to do")
    func otherVersion() throws {
        var bytes = try shippedBytes()
        bytes[8] = 1
        let folder = try TemporaryFolder()
        let path = try folder.write(bytes, to: "old")
        let error = #expect(throws: RuntimeError.self) { try LoadedModel.open(path) }
        #expect(error?.description.contains("the format version must be 2, so export the model again") == true)
    }

    @Test("a record's report names leads, length, range and checksums")
    func record() throws {
        let folder = try TemporaryFolder()
        let path = try folder.record("a", seconds: 3, rate: 250)
        let report = try RecordReport.lines(path: path)
        #expect(report.isWhole)
        #expect(report.lines.contains("  12 signals at 250 Hz, 750 samples each, 3.0 s"))
        #expect(report.lines.contains("Checksums: all correct"))
        #expect(report.lines.contains { $0.hasPrefix("  V6   1.0000 microvolts a count, baseline 0, ") })
    }

    @Test("a damaged sample is found by its checksum, and a missing record is an error")
    func damaged() throws {
        let folder = try TemporaryFolder()
        let path = try folder.record("a", seconds: 3)
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path + ".dat")))
        bytes[1000] ^= 1
        _ = try folder.write(bytes, to: "a.dat")
        let report = try RecordReport.lines(path: path)
        #expect(!report.isWhole)
        #expect(report.lines.contains { $0.hasPrefix("Problem: ") && $0.contains("add up to") })
        #expect(throws: RuntimeError.self) { try RecordReport.lines(path: folder.file("nothing")) }
    }

    @Test("a header's escapes do not reach the terminal")
    func escapes() throws {
        let folder = try TemporaryFolder()
        let path = try folder.record("a", seconds: 3)
        let header = try String(contentsOfFile: path + ".hea", encoding: .utf8)
        for change in [
            header + "# \u{1B}[2Jcomment\n", header.replacing(" V6\n", with: " \u{1B}]0;V6\u{7}\n"),
            header.replacing("/mV", with: "/\u{1B}[m"),
        ] {
            try change.write(toFile: path + ".hea", atomically: true, encoding: .utf8)
            #expect(change != header)
            let said: [String]
            do { said = try RecordReport.lines(path: path).lines } catch { said = [Text.printable("\(error)")] }
            #expect(said.joined().unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F })
            #expect(said.joined().contains("\u{FFFD}"))
        }
    }

    @Test("a pipe in place of a model or record is an error instead of a wait", .timeLimit(.minutes(1)))
    func pipe() throws {
        let folder = try TemporaryFolder()
        for name in ["m.precordia", "r", "r.hea"] { #expect(mkfifo(folder.file(name), 0o600) == 0) }
        #expect(!LoadedModel.looksLikeModel(folder.file("r")))
        #expect(throws: RuntimeError.self) { try LoadedModel.open(folder.file("m.precordia")) }
        #expect(throws: RuntimeError.self) { try RecordReport.lines(path: folder.file("r")) }
        #expect(throws: RuntimeError.self) { _ = try SignalSource(record: folder.file("r")) }
    }

    @Test("filters are listed with their sections, and as missing where the rate is too low")
    func filters() throws {
        let lines = FilterListing.lines(rate: 500).map(text)
        #expect(lines.count == StandardFilter.allCases.count)
        let objects = try lines.map { try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]) }
        let low = try #require(objects.first { $0["filter"] as? String == "low-pass 40" })
        let sections = try #require(low["sos"] as? [[Double]])
        let expected = StandardFilter.lowPass40.section(1, rate: 500)
        #expect(sections.count == 2)
        let written = "[\(expected.b0),\(expected.b1),\(expected.b2),1.0,\(expected.a1),\(expected.a2)]"
        #expect(lines.contains { $0.contains("\"low-pass 40\"") && $0.contains(written) })
        let step = try #require(low["step"] as? [Double])
        #expect(step.count == 2000)
        #expect(abs(step[0] - StandardFilter.lowPass40.section(0, rate: 500).b0 * expected.b0) < 1e-15)
        #expect(abs(step[1999] - 1) < 1e-9)
        #expect(text(FilterListing.lines(rate: 100)[6]) == "{\"filter\":\"low-pass 150\",\"rate\":100,\"available\":false}\n")
        #expect(FilterListing.table(rate: 100).contains { $0.hasPrefix("low-pass 150 Hz: not available at 100 Hz") })
    }

    @Test("noise is read from a list, and what is wrong with it is said")
    func noise() throws {
        let noise = try NoiseSetting.parse("resting,wander=200,mains=50,mains-hertz=60,off=V2+la,saturation=3000")
        #expect(noise.baselineMicrovolts == 200)
        #expect(noise.mainsMicrovolts == 50)
        #expect(noise.mainsHertz == 60)
        #expect(noise.muscleMicrovolts == Noise.resting.muscleMicrovolts)
        #expect(noise.electrodesOff == ElectrodeSet.leftArm.union(.chest(2)))
        #expect(noise.saturationMicrovolts == 3000)
        #expect(try NoiseSetting.parse("") == Noise.none)
        for bad in [
            "loud", "wander", "wander=-1", "mains=nan", "off=V7", "off=V", "saturation=1", "pops=1e9", "mains-hertz=55", "resting=1", "=",
            "off=é1",
        ] {
            #expect(throws: RuntimeError.self, "\(bad)") { try NoiseSetting.parse(bad) }
        }
    }

    @Test("errors read as file, what, value and what would be right")
    func words() {
        #expect(RuntimeError.badSetting(name: "--hop", value: "3", allowed: "up to 1").description == "--hop 3: not possible; up to 1")
        #expect(RuntimeError.cannotRead(file: "a", reason: "no such file").description == "a: cannot be read, no such file")
        let refused = RecordError(.unwritable, file: "a.hea", problem: "cannot be written: full", remedy: "free some space")
        #expect(RuntimeError(refused).description == "a.hea: cannot be written, full; free some space")
        let unread = RecordError(.unreadable, file: "a.hea", problem: "cannot be read: not permitted")
        #expect(RuntimeError(unread).description == "a.hea: cannot be read, not permitted")
        #expect(RuntimeError.outputClosed.name == "outputClosed")
    }
}
