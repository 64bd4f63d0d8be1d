// What `measure` writes of a record: its values, and its marks as annotation files.

import Foundation
import PrecordiaFormats
import PrecordiaHost
import PrecordiaSignal
import PrecordiaSimulator
import PrecordiaTestSupport
import Testing

@testable import PrecordiaExams
@testable import PrecordiaMeasure

/// Writes a simulated record of 8 leads, named as told, and gives its path.
private func record(
    in folder: TemporaryFolder, seconds: Int = 10, rate: Int = 500, rhythm: Rhythm = .normalSinus,
    names: [String] = ["I", "II", "V1", "V2", "V3", "V4", "V5", "V6"]
) throws -> String {
    let places = [0, 1, 6, 7, 8, 9, 10, 11]
    var simulator = Simulator(rate: rate, seed: 4, rhythm: rhythm, noise: .resting)
    var frame = Frame(index: 0)
    var bytes: [UInt8] = []
    var sums = [Int](repeating: 0, count: names.count)
    for _ in 0..<(seconds * rate) {
        simulator.next(into: &frame)
        for (column, place) in places.prefix(names.count).enumerated() {
            let value = Int16(frame.counts[place])
            sums[column] += Int(value)
            bytes += [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
        }
    }
    var header = "made \(names.count) \(rate) \(seconds * rate)\n"
    for (column, name) in names.enumerated() {
        header += "made.dat 16 1000(0)/mV 16 0 0 \(Int16(truncatingIfNeeded: sums[column])) 0 \(name)\n"
    }
    _ = try folder.write(bytes, to: "made.dat")
    _ = try folder.write(Array(header.utf8), to: "made.hea")
    return folder.file("made")
}

@Suite("measure")
struct MeasureTests {
    @Test("writes an object of JSON with the fields that are promised, in their order")
    func json() throws {
        let folder = try TemporaryFolder()
        let listing = try MeasureListing(record: try record(in: folder))
        let text = String(decoding: MeasureText(format: .json, formula: .fridericia).rows(listing, record: "made")[0], as: UTF8.self)
        var rest = text[...]
        for key in ["heartRate", "p", "pr", "qrs", "qt", "qtc", "pAxis", "qrsAxis", "tAxis", "pPresent", "st"] {
            let found = try #require(rest.range(of: "\"\(key)\":"))
            rest = rest[found.upperBound...]
        }
        #expect(text.contains("\"pPresent\":true") && text.contains("\"V2\":{\"j\":") && text.contains("\"unknown\":{}"))
        #expect(listing.beats.count >= 9 && listing.measurement.leads == .all)
    }

    @Test("gives null and the reason where there is no P wave")
    func unknown() throws {
        let folder = try TemporaryFolder()
        let listing = try MeasureListing(record: try record(in: folder, rhythm: .atrialFibrillation))
        let text = String(decoding: MeasureText(format: .json, formula: .fridericia).rows(listing, record: "made")[0], as: UTF8.self)
        #expect(text.contains("\"pr\":null") && text.contains("\"pPresent\":false") && text.contains("\"p\":\"no-p\",\"pr\":\"no-p\""))
        #expect(listing.beats.allSatisfy { $0.together.pOnset == nil && $0.together.qrsOnset != nil })
    }

    @Test("marks every beat of a longer record once, in order, with each wave between its edges")
    func marks() throws {
        let folder = try TemporaryFolder()
        let listing = try MeasureListing(record: try record(in: folder, seconds: 42))
        let beats = try BeatListing(record: folder.file("made")).beats.count
        #expect(abs(listing.beats.count - beats) <= 1)
        let paths = try MeasureMarks.write(listing, name: folder.file("out"))
        #expect(
            paths.count == 13 && paths[0] == folder.file("out.global") && paths[1] == folder.file("out.i")
                && paths[12] == folder.file("out.v6"))
        for path in [paths[0], paths[2]] {
            let marks = try AnnotationFile.read(path: path)
            let peaks = marks.indices.filter { marks[$0].code == .normal }
            #expect(abs(peaks.count - listing.beats.count) <= 1)
            for at in peaks {
                #expect(marks[at - 1].code == .waveOnset && marks[at + 1].code == .waveEnd)
                #expect(marks[at - 1].sample <= marks[at].sample && marks[at].sample <= marks[at + 1].sample)
            }
        }
    }

    @Test("names files as the record names its leads, and repeated names with a number")
    func names() throws {
        let folder = try TemporaryFolder()
        let path = try record(in: folder, names: ["ECG", "ECG"])
        let suffixes = MeasureMarks.suffixes(of: try ECGRecord(path: path)).map(\.suffix)
        #expect(suffixes == ["ecg", "ecg2"])
        #expect(try MeasureListing(record: path).measurement.qrsAxis == nil)
    }

    @Test("a formula is known by its name alone")
    func formulas() {
        #expect(MeasureText.formula(named: "Bazett") == .bazett && MeasureText.formula(named: "fridericia") == .fridericia)
        #expect(MeasureText.formula(named: "bazet") == nil)
    }
}
