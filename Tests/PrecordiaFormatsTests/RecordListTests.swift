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
        let records = try RecordList.expand([folder.path])
        #expect(records.map { $0.replacing(folder.path, with: "") } == ["a", "b", "deep/d", "deep/er/c", "seg/m", "seg/m_2"])
        #expect(try RecordList.expand([String(folder.path.dropLast())]) == records)
    }

    @Test("a record is passed on as it was given, whether it exists or not, and goes before a folder of its name")
    func record() throws {
        let folder = folderOfRecords()
        folder.write("x 0 500 0\n", "deep.hea")
        let given = [folder.path + "b.hea", folder.path + "none", folder.path + "deep", "x.mat"]
        #expect(try RecordList.expand(given) == given)
        #expect(try RecordList.expand([folder.path + "deep/"]).count == 2)
    }

    @Test("a list names records beside it or in the current folder, with comments, blank lines and folders")
    func list() throws {
        let folder = folderOfRecords()
        folder.write("# first\nb\r\n\n  a.hea # second\n/abs/x\nnone\ndeep\n", "list.txt")
        let p = folder.path
        #expect(
            try RecordList.expand(["@" + p + "list.txt"]) == [p + "b", p + "a.hea", "/abs/x", p + "none", p + "deep/d", p + "deep/er/c"])
    }

    @Test("a list that is not there or empty and a folder without records are errors")
    func errors() throws {
        let folder = TemporaryFolder()
        folder.write("# nothing\n", "list.txt")
        #expect(errorOf { try RecordList.expand(["@" + folder.path + "list.txt"]) }?.code == .badList)
        #expect(errorOf { try RecordList.expand(["@" + folder.path + "none.txt"]) }?.code == .notFound)
        #expect(errorOf { try RecordList.expand(["@"]) }?.code == .badList)
        #expect(errorOf { try RecordList.expand([folder.path]) }?.code == .badList)
    }

    @Test("links that lead back to a folder are followed once")
    func links() throws {
        let folder = folderOfRecords()
        try FileManager.default.createSymbolicLink(atPath: folder.path + "deep/back", withDestinationPath: folder.path)
        #expect(try RecordList.expand([folder.path]).count == 6)
    }
}
