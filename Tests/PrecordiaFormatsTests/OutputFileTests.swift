// A file that is written whole: who may read it, and what becomes of one that is there.

import Foundation
import PrecordiaFormats
import Testing

@Suite("A file that is there whole or not at all")
struct OutputFileTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("precordia-\(UUID().uuidString)").path

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

    private func mode(_ path: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    @Test("A private file is its owner's alone, also where a part of it was left behind")
    func isPrivate() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/sheet.pdf"
        _ = FileManager.default.createFile(atPath: path + ".part", contents: Data([9]), attributes: [.posixPermissions: 0o666])
        try OutputFile.write([1, 2, 3], path: path, isPrivate: true, isKeeping: true)
        #expect(try mode(path) == 0o600)
        #expect(FileManager.default.contents(atPath: path) == Data([1, 2, 3]))
        #expect(!FileManager.default.fileExists(atPath: path + ".part"))
    }

    @Test("A file that is there stays as it is unless it is to be replaced")
    func keeps() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/sheet.pdf"
        try OutputFile.write([1], path: path, isPrivate: true, isKeeping: true)
        #expect(throws: RecordError.self) { try OutputFile.write([2], path: path, isPrivate: true, isKeeping: true) }
        #expect(FileManager.default.contents(atPath: path) == Data([1]))
        try OutputFile.write([2], path: path, isPrivate: true, isKeeping: false)
        #expect(FileManager.default.contents(atPath: path) == Data([2]))
    }
}
