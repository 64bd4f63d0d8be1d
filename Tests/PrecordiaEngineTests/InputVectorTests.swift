// The classifier's input against the trainer's, byte by byte: on synthetic vectors always, on real recordings where they are.
// Separate from the engine's tests because this is the half that training has to share, and nothing else of the engine is.

import Foundation
import PrecordiaFormats
import PrecordiaNetwork
import PrecordiaSignal
import Testing

@testable import PrecordiaEngine

private let top = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
private let realData = ProcessInfo.processInfo.environment["PRECORDIA_DATA"]

/// Leads, resampler, filters and quantiser of the shipped model, for one stream.
private struct InputPath: ~Copyable {
    private var leads: LeadConverter
    private var input: ClassifierInput
    private let memory: UnsafeMutableRawBufferPointer
    private let microvolts: UnsafeMutablePointer<Double>
    /// Every column so far, 12 bytes each.
    var columns: [UInt8] = []

    init(_ stream: StreamFormat) {
        leads = LeadConverter(stream)
        memory = .allocate(byteCount: ClassifierInput.requiredBytes(shippedModel, inputRate: stream.rate), alignment: 64)
        microvolts = .allocate(capacity: 12)
        microvolts.initialize(repeating: 0, count: 12)
        input = ClassifierInput(shippedModel, inputRate: stream.rate, memory: memory)
    }

    deinit {
        memory.deallocate()
        microvolts.deallocate()
    }

    mutating func push(_ frame: borrowing Frame) {
        leads.convert(frame, into: microvolts)
        input.push(microvolts)
        fetch()
    }

    mutating func end() {
        for _ in 0..<input.lookAhead {
            input.pushBeyondEnd(microvolts)
            fetch()
        }
    }

    private mutating func fetch() {
        while input.columnsOut < input.columnsDue, input.pop() { columns += UnsafeBufferPointer(start: input.column, count: 12) }
    }
}

/// The little-endian fields of a vector file in order.
private struct Fields {
    private let data: Data
    private var position = 0

    init(_ url: URL) throws { data = try Data(contentsOf: url) }

    private mutating func take<T>(_: T.Type) -> T {
        defer { position += MemoryLayout<T>.size }
        return data.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: position, as: T.self) }
    }

    mutating func integer() -> Int { Int(UInt32(littleEndian: take(UInt32.self))) }
    mutating func double() -> Double { Double(bitPattern: UInt64(littleEndian: take(UInt64.self))) }
    mutating func counts(_ count: Int) -> [Int32] { (0..<count).map { _ in Int32(littleEndian: take(Int32.self)) } }
    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in take(UInt8.self) } }
    var isAtEnd: Bool { position == data.count }
}

@Suite struct InputVectorTests {
    @Test("Counts become the very bytes that the trainer's preprocessing makes of them, on every lead")
    func vectors() throws {
        var file = try Fields(top.appendingPathComponent("Tests/PrecordiaSignalTests/Vectors/input.vectors"))
        #expect(file.bytes(8) == Array("PRECINPT".utf8))
        #expect(file.integer() == 1)
        let cases = file.integer()
        #expect(cases >= 5)
        for _ in 0..<cases {
            let rate = file.integer(), count = file.integer(), wanted = file.integer()
            #expect(file.integer() == 0)
            let scale = file.double(), counts = file.counts(count), expected = file.bytes(wanted)
            var path = InputPath(StreamFormat(rate: rate, microvoltsPerCount: InlineArray(repeating: scale)))
            for (index, value) in counts.enumerated() {
                path.push(Frame(index: UInt64(index), counts: InlineArray(repeating: value)))
            }
            path.end()
            let columns = path.columns
            #expect(columns.count == wanted * 12, "\(rate) Hz")
            for lead in 0..<12 {
                let one = stride(from: lead, to: columns.count, by: 12).map { columns[$0] }
                #expect(one == expected, "\(rate) Hz, lead \(lead)")
            }
        }
        #expect(file.isAtEnd)
    }

    @Test("A value that is no number becomes the lowest byte, and does not trap")
    func notANumber() throws {
        let memory = UnsafeMutableRawBufferPointer.allocate(
            byteCount: ClassifierInput.requiredBytes(shippedModel, inputRate: 100), alignment: 64)
        defer { memory.deallocate() }
        for (value, byte) in [(Double.nan, 0), (-.nan, 0), (-.infinity, 0), (.infinity, 255), (1e300, 255)] as [(Double, UInt8)] {
            var input = ClassifierInput(shippedModel, inputRate: 100, memory: memory)
            var samples = [Double](repeating: 0, count: 12)
            samples[3] = value
            for step in 0..<20 {
                input.push(samples)
                let popped = input.pop()
                let column = Array(UnsafeBufferPointer(start: input.column, count: 12))
                #expect(popped && column[2] == 128 && column[4] == 128)
                if step == 0 { #expect(column[3] == byte) }
            }
        }
    }

    @Test(
        "On real recordings the network is fed exactly what training saw: the hash over every byte is the trainer's",
        .enabled(if: realData != nil, "PRECORDIA_DATA is not set"))
    func realRecordings() throws {
        let root = try #require(realData) + "/ptbxl/"
        let text = try String(contentsOf: top.appendingPathComponent("models/ptbxl71.input.sha256"), encoding: .utf8)
        let lines = text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        let table = try ECGTable(path: root + "ptbxl_database.csv")
        let both = table.rows.filter { $0.number <= 500 }
        let sets = [
            "ptbxl-500": both.map(\.high), "ptbxl-100": both.map(\.low), "ptbxl-fold10-100": table.rows.filter { $0.fold == 10 }.map(\.low),
        ]
        #expect(lines.count == 3)
        for line in lines {
            try #require(line.count == 4 && line[3] == "records")
            let records = try #require(sets[line[1]], "\(line[1])")
            #expect(String(records.count) == line[2])
            #expect(try hash(of: records.map { root + $0 }) == line[0], "\(line[1])")
        }
    }

    /// SHA-256 over all columns of the records, one record after the other.
    private func hash(of records: [String]) throws -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(records.count * 12_000)
        for path in records {
            let record = try ECGRecord(path: path)
            var reader = record.frames(), input = InputPath(record.format), frame = Frame(index: 0)
            while try reader.next(into: &frame) { input.push(frame) }
            input.end()
            bytes += input.columns
        }
        let digest = bytes.withUnsafeBytes { SHA256.digest(of: $0) }
        return (0..<8).map { String(UInt64(digest[$0]) | 1 << 32, radix: 16).dropFirst() }.joined()
    }
}

/// PTB-XL's table of recordings in order of ecg_id: fold and file names. Its report column has quoted line breaks.
private struct ECGTable {
    var rows: [(number: Int, fold: Int, low: String, high: String)] = []

    init(path: String) throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        var names: [String] = [], fields: [String] = [], field: [UInt8] = [], quoted = false
        for byte in data where byte != 0x0D {
            if byte == UInt8(ascii: "\"") { quoted.toggle() }
            guard !quoted, byte == UInt8(ascii: ",") || byte == 0x0A else {
                field.append(byte)
                continue
            }
            fields.append(String(decoding: field, as: UTF8.self))
            field = []
            guard byte == 0x0A else { continue }
            if names.isEmpty { names = fields } else { try add(fields, names) }
            fields = []
        }
        rows.sort { $0.number < $1.number }
    }

    private mutating func add(_ fields: [String], _ names: [String]) throws {
        func value(_ name: String) throws -> String { fields[try #require(names.firstIndex(of: name))] }
        try #require(fields.count == names.count)
        let number = try #require(Double(value("ecg_id"))), fold = try #require(Int(value("strat_fold")))
        rows.append((Int(number), fold, try value("filename_lr"), try value("filename_hr")))
    }
}
