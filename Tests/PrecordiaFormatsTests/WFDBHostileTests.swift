// Damaged, random and absurd files: an error or a result, never a trap, a hang or growth.
// Apart from the tests of valid records, which show what a result must be.

import PrecordiaFormats
import PrecordiaSignal
import Testing

/// Opens and reads everything; an error is fine. Stops early on records whose missing stretches would take long.
private func exercise(_ path: String, limit: Int = 20_000) {
    do {
        let signals = try WFDBSignals(path: path)
        let reader = signals.reader(checksums: .warning)
        var frames = 0
        while frames < limit, try reader.nextBlock() {
            frames += reader.blockFrames
            var samples: [Int32] = []
            if signals.signals.count > 0 { reader.appendSamples(of: signals.signals.count - 1, to: &samples) }
        }
        let record = try ECGRecord(path: path, signals: signals)
        var stream = record.frames()
        var frame = Frame(index: 0)
        while frame.index < UInt64(limit), try stream.next(into: &frame) {}
    } catch {
        #expect(!error.description.isEmpty && error.description.utf8.count < 2000)
    }
}

@Suite("Hostile WFDB files") struct WFDBHostileTests {
    @Test("a header cut at any byte is an error or a record that reads to its end")
    func headerTruncation() throws {
        let folder = TemporaryFolder()
        makeRecord(folder, samples: randomSignals(12, 20), tail: "# Age: 50\n")
        let header = folder.read("rec.hea")
        var errors = 0
        for length in 0..<header.count {
            folder.write(Array(header.prefix(length)), "rec.hea")
            exercise(folder.path + "rec")
            if (try? ECGRecord(path: folder.path + "rec")) == nil { errors += 1 }
        }
        #expect(errors > header.count / 2)
    }

    @Test("a signal file cut at any byte is a truncation that states both sizes")
    func dataTruncation() throws {
        let folder = TemporaryFolder()
        makeRecord(folder, samples: randomSignals(12, 20))
        let data = folder.read("rec.dat")
        for length in 0..<data.count {
            folder.write(Array(data.prefix(length)), "rec.dat")
            let error = errorOf { try allFrames(folder.path + "rec") }
            #expect(error?.code == .truncated && error?.problem.contains("after \(length) bytes") == true)
        }
    }

    @Test("a signal file that shrinks after opening is a truncation")
    func shrinking() throws {
        let folder = TemporaryFolder()
        makeRecord(folder, samples: randomSignals(12, 20))
        let record = try ECGRecord(path: folder.path + "rec")
        folder.write([1, 2, 3], "rec.dat")
        var reader = record.frames()
        var frame = Frame(index: 0)
        do {
            _ = try reader.next(into: &frame)
            Issue.record("no error")
        } catch {
            #expect(error.code == .truncated)
        }
    }

    @Test("a header with any one byte replaced is an error or reads to its end")
    func headerCorruption() throws {
        let folder = TemporaryFolder()
        makeRecord(folder, leads: ["I", "II", "V1", "V2", "V3", "V4", "V5", "V6"], samples: randomSignals(8, 12))
        let header = folder.read("rec.hea")
        let values: [UInt8] = [0, 10, 32, 35, 40, 43, 45, 47, 48, 57, 58, 73, 101, 120, 126, 128, 255]
        for place in header.indices {
            for value in values where value != header[place] {
                var changed = header
                changed[place] = value
                folder.write(changed, "rec.hea")
                exercise(folder.path + "rec", limit: 100)
            }
        }
    }

    @Test("headers of random bytes and of random words are refused or read")
    func randomHeaders() throws {
        let folder = TemporaryFolder()
        folder.write([UInt8](repeating: 3, count: 4096), "a")
        var random = Randomness(state: 77)
        let words = [
            "a", "16", "212x3", "310:9+4", "8", "~", "1000(0)/mV", "-1", "0", "99999999999999999999", "1e30", "nan", "\n", "\n", "#", "r/2",
            "I", "V1", "500", "2",
        ]
        for round in 0..<1500 {
            if round % 3 == 0 {
                folder.write((0..<random.below(300)).map { _ in UInt8(random.below(256)) }, "r.hea")
            } else {
                let lead = round % 3 == 1 ? "r 2 500 " : "r/2 1 500 "
                folder.write(lead + (0..<random.below(40)).map { _ in words[random.below(words.count)] }.joined(separator: " "), "r.hea")
            }
            exercise(folder.path + "r", limit: 1000)
        }
    }

    @Test("absurd sizes are refused at once")
    func hostileSizes() throws {
        let folder = TemporaryFolder()
        folder.write([UInt8](repeating: 0, count: 4800), "a.dat")
        func lines(_ format: String) -> String { twelveLeads.map { "a.dat \(format) 1000/mV 16 0 0 0 0 \($0)\n" }.joined() }
        let cases: [(String, RecordError.Code)] = [
            ("r 12 500 9223372036854775807\n" + lines("16"), .absurdValue),
            ("r 12 500 4000000000000\n" + lines("16"), .truncated),
            ("r 1000000000 500 10\n" + lines("16"), .absurdValue),
            ("r 12 1e30 10\n" + lines("16"), .absurdValue),
            ("r 12 500 10\n" + lines("16x65536"), .truncated),
            ("r 12 500 10\n" + lines("16x65537"), .absurdValue),
            ("r 12 500 10\n" + lines("16x9223372036854775807"), .absurdValue),
            ("r 12 500 10\n" + lines("16:9223372036854775807"), .absurdValue),
            ("r 12 500 10\n" + lines("16:4000000"), .absurdValue),
            ("r 12 500 10\n" + lines("16+9223372036854775807"), .absurdValue),
            ("r 12 500 10\n" + lines("16+4799"), .truncated),
            ("r 12 500 9000000000000000\n" + lines("0"), .absurdValue),
            ("r/1000000000 12 500 10\na 10\n", .absurdValue),
        ]
        for (text, code) in cases {
            folder.write(text, "r.hea")
            #expect(errorOf { try ECGRecord(path: folder.path + "r") }?.code == code, "\(text.prefix(60))")
        }
        folder.write("r 12 500\n" + lines("16+9223372036854775807"), "r.hea")
        #expect(try ECGRecord(path: folder.path + "r").sampleCount == 0)
        folder.write("r 12 500 1000000000\n" + lines("0"), "r.hea")
        exercise(folder.path + "r")
    }

    @Test("signals of one file that contradict each other are refused")
    func contradictions() throws {
        let folder = TemporaryFolder()
        folder.write([UInt8](repeating: 0, count: 100), "a.dat")
        folder.write([UInt8](repeating: 0, count: 100), "b.dat")
        for text in [
            "r 2 500 4\na.dat 16\na.dat 212\n", "r 2 500 4\na.dat 16+2\na.dat 16+4\n", "r 3 500 4\na.dat 16\nb.dat 16\na.dat 16\n",
        ] {
            folder.write(text, "r.hea")
            #expect(errorOf { try WFDBSignals(path: folder.path + "r") }?.code == .badHeader)
        }
    }
}
