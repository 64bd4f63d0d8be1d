// Annotation files in MIT format: what is written is read again, and no bytes make the reader trap.

import Foundation
import PrecordiaFormats
import Testing

private let data = ProcessInfo.processInfo.environment["PRECORDIA_DATA"]

private func problem(_ bytes: [UInt8]) -> RecordError? { errorOf { try AnnotationFile.parse(bytes, path: "a.atr") } }

@Suite("Annotation files") struct AnnotationFileTests {
    private let some = [
        Annotation(sample: 0, code: .rhythmChange, text: Array("(N".utf8)),
        Annotation(sample: 77, code: .normal),
        Annotation(sample: 77, code: .pacingPulse, channel: 1),
        Annotation(sample: 1100, code: .ventricular, subtype: -2, channel: 1, number: 3),
        Annotation(sample: 1101, code: .paced, text: Array("abc".utf8)),
        Annotation(sample: 5_000_000_000, code: .normal, number: -1),
    ]

    @Test("hold what was written")
    func roundTrip() throws {
        let folder = TemporaryFolder()
        try AnnotationFile.write(some, path: folder.path + "rec.atr")
        #expect(try AnnotationFile.read(path: folder.path + "rec.atr") == some)
        #expect(folder.names == ["rec.atr"])
        #expect(AnnotationFile.bytes([]) == [0, 0])
    }

    @Test("into a device or a pipe are written where it stands, and leave it what it is")
    func inPlace() throws {
        let folder = TemporaryFolder()
        let pipe = folder.path + "pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        let unread = errorOf { try AnnotationFile.write(some, path: pipe) }
        #expect(unread?.code == .unwritable && unread?.remedy.contains("start its reader first") == true)
        let reader = open(pipe, O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        try AnnotationFile.write(some, path: pipe)
        var read = [UInt8](repeating: 0, count: 4096)
        let count = Foundation.read(reader, &read, read.count)
        #expect(Array(read[..<max(0, count)]) == AnnotationFile.bytes(some))
        #expect(folder.names == ["pipe"])
        // A name of its own for the device, so that a mistake here costs nobody the system's.
        let full = folder.path + "full"
        try FileManager.default.createSymbolicLink(atPath: full, withDestinationPath: "/dev/full")
        let refused = errorOf { try AnnotationFile.write(some, path: full) }
        #expect(refused?.code == .unwritable && refused?.problem.contains("No space") == true)
        #expect(refused?.remedy.contains("no file") == true)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: full) == "/dev/full" && folder.names == ["full", "pipe"])
    }

    @Test("are laid out as annot(5) says")
    func layout() throws {
        let bytes = AnnotationFile.bytes([
            Annotation(sample: 5, code: .normal), Annotation(sample: 5 + 0x12345, code: .ventricular, text: [0x61]),
        ])
        #expect(bytes == [0x05, 0x04, 0x00, 0xEC, 0x01, 0x00, 0x45, 0x23, 0x00, 0x14, 0x01, 0xFC, 0x61, 0x00, 0x00, 0x00])
        #expect(try AnnotationFile.parse(bytes, path: "a").map(\.sample) == [5, 5 + 0x12345])
    }

    @Test("that are cut anywhere are refused with the place")
    func cut() throws {
        let bytes = AnnotationFile.bytes(some)
        for length in 0..<bytes.count {
            let error = problem(Array(bytes[..<length]))
            #expect(error?.code == .badAnnotations, "\(length) bytes")
            #expect(error?.place.hasPrefix("byte ") == true)
        }
    }

    @Test("with what is no annotation are refused")
    func refused() {
        #expect(problem([0x01, 0xF0, 0, 0])?.problem == "code 60 stands before any annotation")
        #expect(problem([0x01, 0x04, 0x00, 0xD4, 0, 0])?.problem == "code 53 is none")
        #expect(problem([0x01, 0x04, 0xFF, 0xFF, 0, 0])?.problem == "a text of 1023 bytes does not fit")
        #expect(
            problem([0x00, 0xEC, 0xFF, 0xFF, 0x00, 0x00, 0x01, 0x04, 0, 0])?.problem == "an annotation lies before the record's beginning")
        #expect(errorOf { try AnnotationFile.read(path: "/nowhere/at/all.atr") }?.code == .notFound)
    }

    @Test("of random bytes give annotations or an error")
    func random() {
        var random = Randomness(state: 3)
        var read = 0
        for _ in 0..<20_000 {
            let bytes = (0..<random.below(40)).map { _ in UInt8(truncatingIfNeeded: random.next() >> 24) } + [0, 0]
            if (try? AnnotationFile.parse(bytes, path: "a")) != nil { read += 1 }
        }
        #expect(read > 100)
    }

    @Test("have the WFDB library's symbols and beats")
    func symbols() {
        #expect(Annotation.Code.normal.symbol == "N" && Annotation.Code.ventricular.symbol == "V" && Annotation.Code.paced.symbol == "/")
        #expect(
            Annotation.Code(rawValue: 41).symbol == "r" && Annotation.Code(rawValue: 15).symbol == "?"
                && Annotation.Code(rawValue: 60).symbol == "?")
        #expect((0...60).filter { Annotation.Code(rawValue: UInt8($0)).isBeat } == Array(1...13) + [25, 30, 34, 35, 38, 41])
    }

    @Test("of MIT-BIH 100 have its 2273 beats, and are written as they were", .enabled(if: data != nil))
    func reference() throws {
        let path = data! + "/formats/wfdb/100.atr"
        let annotations = try AnnotationFile.read(path: path)
        #expect(annotations.count == 2274 && annotations.count { $0.code.isBeat } == 2273)
        #expect(annotations.count { $0.code == .ventricular } == 1)
        #expect(annotations[0].code == .rhythmChange && annotations[0].sample == 18)
        #expect(AnnotationFile.bytes(annotations) == [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))))
    }
}
