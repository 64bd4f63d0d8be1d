// Records that the tests make: an encoder of each format, written from the format's definition and not from the decoder.
// Shared by all test files of this room.

import Foundation
import PrecordiaFormats
import PrecordiaSignal
import Testing

/// A folder that is removed with the object.
final class TemporaryFolder {
    let path: String

    init() {
        path = NSTemporaryDirectory() + "precordia-formats-\(UUID().uuidString)/"
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ bytes: [UInt8], _ name: String) {
        try? FileManager.default.createDirectory(
            atPath: (path + name as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        _ = FileManager.default.createFile(atPath: path + name, contents: Data(bytes))
    }

    func write(_ text: String, _ name: String) { write(Array(text.utf8), name) }

    func read(_ name: String) -> [UInt8] { FileManager.default.contents(atPath: path + name).map(Array.init) ?? [] }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path + name) }

    var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? [] }
}

/// A small generator with a fixed sequence (xorshift64*), so that a failing case can be repeated.
struct Randomness {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 2_685_821_657_736_338_717
    }

    /// A number from 0 to `limit` - 1.
    mutating func below(_ limit: Int) -> Int { Int(next() >> 33) % limit }

    /// A sample that `bits` bits hold, but not the lowest, which means "missing".
    mutating func sample(bits: Int) -> Int32 {
        let half = Int64(1) << (bits - 1)
        return Int32(Int64(next() >> 16) % (2 * half - 1) - half + 1)
    }
}

/// `samples` in a storage format, bit by bit as signal(5) describes it.
func encode(_ samples: [Int32], _ format: WFDBFormat) -> [UInt8] {
    func little(_ value: UInt32, _ count: Int) -> [UInt8] { (0..<count).map { UInt8((value >> UInt32(8 * $0)) & 255) } }
    var bytes: [UInt8] = []
    switch format {
    case .null: break
    case .format8: for s in samples { bytes.append(UInt8(bitPattern: Int8(s))) }
    case .format16: for s in samples { bytes += little(UInt32(bitPattern: s), 2) }
    case .format24: for s in samples { bytes += little(UInt32(bitPattern: s), 3) }
    case .format32: for s in samples { bytes += little(UInt32(bitPattern: s), 4) }
    case .format61: for s in samples { bytes += little(UInt32(bitPattern: s), 2).reversed() }
    case .format80: for s in samples { bytes.append(UInt8(s + 128)) }
    case .format160: for s in samples { bytes += little(UInt32(s + 32768), 2) }
    case .format212:
        for i in stride(from: 0, to: samples.count, by: 2) {
            let a = UInt32(bitPattern: samples[i]) & 0xFFF
            let b = i + 1 < samples.count ? UInt32(bitPattern: samples[i + 1]) & 0xFFF : 0
            let group = [UInt8(a & 255), UInt8(a >> 8 | (b >> 8) << 4), UInt8(b & 255)]
            bytes += i + 1 < samples.count ? group : Array(group.prefix(2))
        }
    case .format310, .format311:
        for i in stride(from: 0, to: samples.count, by: 3) {
            let part = (0..<3).map { i + $0 < samples.count ? UInt32(bitPattern: samples[i + $0]) & 0x3FF : 0 }
            let count = min(3, samples.count - i)
            if format == .format311 {
                bytes += little(part[0] | part[1] << 10 | part[2] << 20, [0, 2, 3, 4][count])
            } else {
                let low = part[0] << 1 | (part[2] & 31) << 11
                let high = part[1] << 1 | (part[2] >> 5) << 11
                bytes += (little(low, 2) + little(high, 2)).prefix([0, 2, 4, 4][count])
            }
        }
    }
    return bytes
}

/// The checksum that a header states for these samples.
func checksum(_ samples: [Int32]) -> Int { Int(Int16(truncatingIfNeeded: samples.reduce(0) { $0 + Int($1) })) }

let twelveLeads = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"]

/// A record in format 16 with a signal for each name, one sample a frame, at 500 Hz and 1000 counts a millivolt.
func makeRecord(
    _ folder: TemporaryFolder, _ name: String = "rec", leads: [String] = twelveLeads, samples: [[Int32]], rate: String = "500",
    gain: String = "1000(0)/mV", resolution: Int = 16, prefix: Int = 0, tail: String = ""
) {
    let count = samples.first?.count ?? 0
    var header = "\(name) \(leads.count) \(rate) \(count)\n"
    for (lead, signal) in zip(leads, samples) {
        let offset = prefix > 0 ? "+\(prefix)" : ""
        header += "\(name).dat 16\(offset) \(gain) \(resolution) 0 \(signal.first ?? 0) \(checksum(signal)) 0 \(lead)\n"
    }
    var interleaved: [Int32] = []
    for i in 0..<count { for signal in samples { interleaved.append(signal[i]) } }
    folder.write(header + tail, name + ".hea")
    folder.write([UInt8](repeating: 7, count: prefix) + encode(interleaved, .format16), name + ".dat")
}

/// `leads` signals of `count` random samples.
func randomSignals(_ leads: Int, _ count: Int, bits: Int = 12, seed: UInt64 = 1) -> [[Int32]] {
    var random = Randomness(state: seed &* 0x9E37_79B9_7F4A_7C15 | 1)
    return (0..<leads).map { _ in (0..<count).map { _ in random.sample(bits: bits) } }
}

/// All frames of a record.
func allFrames(_ path: String, checksums: ChecksumPolicy = .error) throws(RecordError) -> [Frame] {
    let record = try ECGRecord(path: path)
    var reader = record.frames(checksums: checksums)
    var frames: [Frame] = []
    var frame = Frame(index: 0)
    while try reader.next(into: &frame) { frames.append(frame) }
    return frames
}

/// All samples of a record, signal by signal.
func allSamples(_ path: String, checksums: ChecksumPolicy = .error) throws(RecordError) -> [[Int32]] {
    let record = try WFDBSignals(path: path)
    let reader = record.reader(checksums: checksums)
    var samples = [[Int32]](repeating: [], count: record.signals.count)
    while try reader.nextBlock() {
        for signal in record.signals.indices { reader.appendSamples(of: signal, to: &samples[signal]) }
    }
    return samples
}

/// The error that `body` throws; nil, recorded as a failure, if it throws none.
func errorOf<T>(_ location: SourceLocation = #_sourceLocation, _ body: () throws -> T) -> RecordError? {
    do {
        _ = try body()
    } catch let error as RecordError {
        return error
    } catch {
        Issue.record("\(error) is no record error", sourceLocation: location)
        return nil
    }
    Issue.record("no error was thrown", sourceLocation: location)
    return nil
}

/// The folder of unpacked recordings; nil where there is none.
let dataFolder: String? = ProcessInfo.processInfo.environment["PRECORDIA_DATA"].map { $0.hasSuffix("/") ? $0 : $0 + "/" }
