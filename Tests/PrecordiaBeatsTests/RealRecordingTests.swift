import Foundation
import PrecordiaQuality
import PrecordiaSignal
import PrecordiaSignalSupport
import Testing

@testable import PrecordiaBeats

private let data = ProcessInfo.processInfo.environment["PRECORDIA_DATA"]

/// Reads a 12-lead record of 16-bit little-endian microvolts and lets the monitor and the detector hear it.
private func hear(_ path: String, rate: Int) throws -> (report: QualityReport, beatsPerMinute: Double?) {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    var monitor = qualityMonitor(rate)
    var detector = beatDetector(rate)
    var filters = FilterCascade()
    _ = filters.append(.highPass0_5, rate: rate)
    var first = [Double](repeating: 0, count: 12)
    var leads = first
    bytes.withUnsafeBytes { raw in
        for index in 0..<(raw.count / 24) {
            for lead in 0..<12 {
                leads[lead] = Double(Int16(littleEndian: raw.loadUnaligned(fromByteOffset: index * 24 + lead * 2, as: Int16.self)))
            }
            if index == 0 { first = leads }
            monitor.push(Frame(index: UInt64(index)), microvolts: leads)
            for lead in 0..<12 { leads[lead] -= first[lead] }
            filters.process(&leads)
            _ = detector.push(leads, usable: monitor.usable)
        }
    }
    return (monitor.report, detector.beatsPerMinute())
}

/// File names of one fold or of the records that exist at 500 Hz; the last three columns have no commas in them.
private func records(_ keep: ([Substring]) -> Bool) throws -> [[Substring]] {
    let table = try String(contentsOfFile: data! + "/ptbxl/ptbxl_database.csv", encoding: .utf8)
    return table.split(whereSeparator: \.isNewline).map { $0.split(separator: ",", omittingEmptySubsequences: false) }
        .filter { $0.count > 3 && $0.last!.hasSuffix("_hr") && keep($0) }
}

@Suite("Real recordings (set PRECORDIA_DATA to the unpacked data to run)")
struct RealRecordingTests {
    @Test("of PTB-XL fold 10 are unknown in less than 0.5 %, and nearly all have a heart rate", .enabled(if: data != nil))
    func foldTen() throws {
        let fold = try records { $0[$0.count - 3] == "10" }
        #expect(fold.count == 2198)
        var unknown: [Substring] = []
        var withoutRate: [Substring] = []
        var degraded = 0
        for row in fold {
            let (report, beatsPerMinute) = try hear(data! + "/ptbxl/\(row[row.count - 2]).dat", rate: 100)
            if report.verdict == .unknown { unknown.append(row[0]) }
            if report.verdict == .degraded { degraded += 1 }
            if beatsPerMinute == nil { withoutRate.append(row[0]) }
        }
        print("fold 10: \(unknown.count) unknown \(unknown), \(degraded) degraded, \(withoutRate.count) without a rate \(withoutRate)")
        #expect(unknown.count * 1000 < fold.count * 5)
        #expect(withoutRate.count * 1000 < fold.count * 5)
    }

    @Test("have the same heart rate at 100 and at 500 Hz, to 2 a minute in 99 %", .enabled(if: data != nil))
    func twoRates() throws {
        let pairs = try records { FileManager.default.fileExists(atPath: data! + "/ptbxl/\($0.last!).dat") }
        #expect(!pairs.isEmpty)
        var far: [Substring] = []
        for row in pairs {
            let slow = try hear(data! + "/ptbxl/\(row[row.count - 2]).dat", rate: 100).beatsPerMinute
            let fast = try hear(data! + "/ptbxl/\(row[row.count - 1]).dat", rate: 500).beatsPerMinute
            if abs((slow ?? 0) - (fast ?? 0)) > 2 { far.append(row[0]) }
        }
        print("100 and 500 Hz: \(far.count) of \(pairs.count) differ by more than 2 a minute \(far)")
        #expect(far.count * 100 <= pairs.count)
    }
}
