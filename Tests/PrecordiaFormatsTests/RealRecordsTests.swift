// Recordings from the field: every one must open, give its leads and agree with its checksums, and with wfdb-python.
// Skipped where the recordings are not unpacked; nothing of them is in the repository but hashes.

import Foundation
import PrecordiaFormats
import PrecordiaSignal
import Testing

/// CRC-32 (IEEE 802.3) of samples as little-endian 32-bit integers.
private func crc32(_ samples: [Int32]) -> UInt32 {
    var table = [UInt32](repeating: 0, count: 256)
    for index in 0..<256 {
        var value = UInt32(index)
        for _ in 0..<8 { value = value & 1 == 1 ? (value >> 1) ^ 0xEDB8_8320 : value >> 1 }
        table[index] = value
    }
    return table.withUnsafeBufferPointer { table in
        samples.withUnsafeBytes { bytes in
            var crc = UInt32.max
            for byte in bytes { crc = table[Int((crc ^ UInt32(byte)) & 255)] ^ (crc >> 8) }
            return ~crc
        }
    }
}

@Suite("Real recordings", .enabled(if: dataFolder != nil, "PRECORDIA_DATA names no folder of recordings"))
struct RealRecordsTests {
    @Test("the sample records have the samples that wfdb-python reads")
    func compareWithWFDB() throws {
        let root = try #require(dataFolder) + "formats/wfdb/"
        var current = ""
        var samples: [[Int32]] = []
        var compared = 0
        for line in expectedSignals.split(separator: "\n") {
            let fields = line.split(separator: " ").map(String.init)
            if fields[0] != current {
                current = fields[0]
                samples = try allSamples(root + current)
            }
            let signal = samples[try #require(Int(fields[1]))]
            #expect(String(signal.count) == fields[2], "\(current) \(fields[1])")
            #expect(String(signal.count { $0 == WFDBSignalReader.missing }) == fields[3], "\(current) \(fields[1])")
            #expect(crc32(signal) == UInt32(fields[4], radix: 16), "\(current) \(fields[1])")
            compared += 1
        }
        #expect(compared > 200)
    }

    @Test("FLAC formats are refused by number", arguments: ["flacformats", "mixedsignals", "flac_3_constant"])
    func compressed(name: String) throws {
        let root = try #require(dataFolder)
        let error = errorOf { try WFDBSignals(path: root + "formats/wfdb/" + name) }
        #expect(error?.code == .unsupportedFormat && error?.problem.contains("FLAC") == true)
    }

    /// Samples of every record are read in release builds, of every 40th in debug builds, which are 40 times slower.
    private static var readsEvery: Int {
        #if DEBUG
            40
        #else
            1
        #endif
    }

    @Test(
        "every 12-lead record opens with all its leads and agrees with its checksums",
        arguments: ["ptbxl", "cpsc2018", "cinc2021", "code_like"])
    func everyRecord(name: String) throws {
        let records = RecordList.expand([try #require(dataFolder) + name]).map(\.path)
        #expect(records.count >= 50)
        var frame = Frame(index: 0)
        for (number, path) in records.enumerated() {
            do {
                let record = try ECGRecord(path: path)
                #expect(record.leads == .all && record.problems.isEmpty, "\(path): \(record.problems)")
                guard number % RealRecordsTests.readsEvery == 0 else { continue }
                var reader = record.frames()
                var count = 0
                while try reader.next(into: &frame) { count += 1 }
                #expect(count == record.sampleCount)
            } catch {
                Issue.record("\(error)")
            }
        }
    }

    @Test("the PTB record has fifteen signals, of which the twelve leads are taken")
    func ptb() throws {
        let record = try ECGRecord(path: try #require(dataFolder) + "formats/wfdb/s0010_re")
        #expect(record.rate == 1000 && record.sampleCount == 38400 && record.otherSignals == ["vx", "vy", "vz"])
        #expect(record.format.microvoltsPerCount[0] == 0.5)
        #expect(try allFrames(record.path).count == 38400)
    }
}
