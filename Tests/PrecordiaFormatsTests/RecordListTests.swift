// Records, folders and lists on the command line.
// No samples are read here.

import Foundation
import PrecordiaFormats
import Testing

@Suite("Record lists") struct RecordListTests {
    private func folderOfRecords() -> TemporaryFolder {
        let folder = TemporaryFolder()
        for name in ["b.hea", "a.hea", "deep/er/c.hea", "deep/d.hea", "notes.txt"] { folder.write("x 0 500 0\n", name) }
        folder.write("m/3 1 500 10\nlayout 0\nm_1 5\n~ 5\n", "seg/m.hea")
        for name in ["seg/layout.hea", "seg/m_1.hea", "seg/m_2.hea"] { folder.write("x 0 500 0\n", name) }
        return folder
    }

    @Test("a folder is every record in and below it, sorted, without the segments that a record in it names")
    func folder() throws {
        let folder = folderOfRecords()
        let records = RecordList.expand([folder.path]).map(\.path)
        #expect(records.map { $0.replacing(folder.path, with: "") } == ["a", "b", "deep/d", "deep/er/c", "seg/m", "seg/m_2"])
        #expect(RecordList.expand([String(folder.path.dropLast())]).map(\.path) == records)
    }

    @Test("a record is passed on as it was given, whether it exists or not, and goes before a folder of its name")
    func record() throws {
        let folder = folderOfRecords()
        folder.write("x 0 500 0\n", "deep.hea")
        let given = [folder.path + "b.hea", folder.path + "none", folder.path + "deep", "x.mat"]
        #expect(RecordList.expand(given) == given.map { RecordList.Entry(path: $0) })
        #expect(RecordList.expand([folder.path + "deep/"]).count == 2)
    }

    @Test("a list names records beside it or in the current folder, with comments, blank lines and folders")
    func list() throws {
        let folder = folderOfRecords()
        folder.write("# first\nb\r\n\n  a.hea # second\n/abs/x\nnone\ndeep\n", "list.txt")
        let p = folder.path
        #expect(
            RecordList.expand(["@" + p + "list.txt"]).map(\.path) == [
                p + "b", p + "a.hea", "/abs/x", p + "none", p + "deep/d", p + "deep/er/c",
            ])
    }

    @Test("a list that is not there or empty and a folder without records are errors")
    func errors() throws {
        let folder = TemporaryFolder()
        folder.write("# nothing\n", "list.txt")
        #expect(RecordList.expand(["@" + folder.path + "list.txt"]).first?.failure?.code == .badList)
        #expect(RecordList.expand(["@" + folder.path + "none.txt"]).first?.failure?.code == .notFound)
        #expect(RecordList.expand(["@"]).first?.failure?.code == .badList)
        #expect(RecordList.expand([folder.path]).first?.failure?.code == .badList)
    }

    @Test("a file of another format is never answered from a header that lies beside it, a signal file is its record")
    func otherFormats() throws {
        let folder = TemporaryFolder()
        makeRecord(folder, leads: ["II"], samples: [[1, 2, 3]])
        for name in ["rec.edf", "alone.dcm", "rec.atr", "list"] { folder.write("some", name) }
        let p = folder.path
        #expect(try ECGRecord(path: p + "rec.dat").sampleCount == 3)
        for name in ["rec.edf", "rec.atr", "rec.none"] {
            let error = errorOf { try ECGRecord(path: p + name) }
            #expect(error?.code == .unsupportedFormat && error?.file == p + name)
            #expect(error?.problem == "this is no signal file of the WFDB record \(p)rec.hea, which does not name it")
        }
        #expect(["rec.edf", "alone.dcm", "rec.atr", "list"].allSatisfy { RecordList.isOtherFormat(p + $0) })
        #expect(!["rec", "rec.dat", "rec.hea", "none.edf", ""].contains { RecordList.isOtherFormat(p + $0) })
    }

    @Test("links that lead back to a folder are followed once")
    func links() throws {
        let folder = folderOfRecords()
        try FileManager.default.createSymbolicLink(atPath: folder.path + "deep/back", withDestinationPath: folder.path)
        #expect(RecordList.expand([folder.path]).count == 6)
    }

    @Test("what cannot be used stands in its place, and the rest is there")
    func failures() throws {
        let folder = folderOfRecords()
        try FileManager.default.createDirectory(atPath: folder.path + "empty", withIntermediateDirectories: true)
        folder.write("\u{FEFF}b\nempty\na\n", "list.txt")
        let p = folder.path
        let entries = RecordList.expand(["@" + p + "none.txt", "@" + p + "list.txt", p + "x"])
        #expect(entries.map(\.path) == ["@" + p + "none.txt", p + "b", p + "empty", p + "a", p + "x"])
        #expect(entries.map { $0.failure?.code } == [.notFound, nil, .badList, nil, nil])
    }

    @Test("a folder that may not be read is one failure among its neighbours", .enabled(if: geteuid() != 0, "root reads every folder"))
    func forbidden() throws {
        let folder = folderOfRecords()
        #expect(chmod(folder.path + "deep/er", 0) == 0)
        defer { chmod(folder.path + "deep/er", 0o755) }
        let entries = RecordList.expand([folder.path])
        #expect(entries.map { $0.path.replacing(folder.path, with: "") } == ["a", "b", "deep/d", "deep/er", "seg/m", "seg/m_2"])
        #expect(entries.compactMap(\.failure?.code) == [.unreadable])
    }
}
