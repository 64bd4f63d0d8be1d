// What `precordia export` writes of a record.
// The package's reader of the table is tested in python/tests/formats.

import Foundation
import PrecordiaExams
import PrecordiaFormats
import PrecordiaSession
import PrecordiaTestSupport
import Testing

@Suite struct ExportTests {
    /// Three samples of two leads: 2.5 uV a count, the middle one of II missing.
    private func record(_ folder: TemporaryFolder) throws -> ECGRecord {
        let header = "x 2 500 3 12:34:56 25/12/1994\nx.dat 16 400(2)/mV 16 0 3 0 0 I\nx.dat 16 400/mV 16 0 0 0 0 II\n# note\n"
        _ = try folder.write(Array(header.utf8), to: "x.hea")
        _ = try folder.write([3, 0, 0, 0, 4, 0, 0, 128, 255, 255, 7, 0], to: "x.dat")
        var naming = LeadNaming()
        naming.ignoresChecksums = true
        return try SignalSource.open(folder.file("x"), naming)
    }

    @Test("the table has what the header says, a unit in each heading, and an empty cell for a missing sample")
    func table() throws {
        let folder = try TemporaryFolder()
        var bytes: [UInt8] = []
        try RecordExport.table(record(folder)) { bytes += $0 }
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text == "# precordia-csv 1\n# rate: 500\n# start: 1994-12-25T12:34:56\n# note\nI [uV],II [uV]\n2.5,0\n5,\n-7.5,17.5\n")
    }

    @Test("a record that is written has the same counts, start and comments")
    func again() throws {
        let folder = try TemporaryFolder()
        try RecordExport.writeRecord(record(folder), path: folder.file("y"))
        let written = try ECGRecord(path: folder.file("y"))
        #expect(written.comments == ["note"] && written.startTime?.description == "1994-12-25 12:34:56")
        var bytes: [UInt8] = []
        try RecordExport.table(written) { bytes += $0 }
        #expect(String(decoding: bytes, as: UTF8.self).hasSuffix("\n2.5,0\n5,\n-7.5,17.5\n"))
    }
}
