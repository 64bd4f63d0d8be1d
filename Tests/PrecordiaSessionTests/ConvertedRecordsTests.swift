// Files of other formats on the command line, with stand-ins for the converter.
// The converter itself is tested in python/tests/formats.

import Foundation
import PrecordiaFormats
import PrecordiaSession
import PrecordiaTestSupport
import Testing

@Suite("Converted records") struct ConvertedRecordsTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A program that does what this script says; its arguments are `--to wfdb --numbered -o FOLDER FILE…`.
    private func converter(_ script: String) throws -> String {
        let path = try folder.write(Array("#!/bin/sh\n\(script)\n".utf8), to: "converter")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        return path
    }

    @Test("each file becomes the recordings in it or its error, in its place, and nothing is left")
    func inPlace() throws {
        let program = try converter(
            """
            [ "$1 $2 $3 $4" = "--to wfdb --numbered -o" ] || exit 64
            printf 'x 1 500 2\\nx.dat 16 1000/mV 16 0 0 3 0 II\\n' >"$5/0.hea"; printf '\\001\\000\\002\\000' >"$5/x.dat"
            printf '0\\t%s\\tnote\\n-\\t%s\\t%s: DICOM: no waveform\\n1\\t%s!b\\t\\n2\\t%s!c\\t\\n' "$6" "$7" "$7" "$8" "$8"
            exit 1
            """)
        let paths = try ["a.scp", "b.dcm", "c.zip"].map { try folder.write([1], to: $0) }
        let missing = RecordList.Entry(path: "none")
        let records = ConvertedRecords(program: program)
        let found = records.convert([missing] + paths.map { RecordList.Entry(path: $0) })
        #expect(found.map(\.path) == ["none", paths[0], paths[1], paths[2] + "!b", paths[2] + "!c"])
        #expect(found[2].failure?.description == "\(paths[1]): DICOM: no waveform")
        #expect(found[0] == missing && found[1].failure == nil && found[1].opened.hasSuffix("/0"))
        #expect(try ECGRecord(path: found[1].opened).sampleCount == 2)
        records.remove()
        #expect(!FileManager.default.fileExists(atPath: (found[1].opened as NSString).deletingLastPathComponent))
    }

    @Test("where the converter is not installed the line that installs it is said")
    func absent() throws {
        let path = try folder.write([1], to: "a.scp")
        let found = ConvertedRecords(program: "precordia-convert-that-nobody-has").convert([RecordList.Entry(path: path)])
        #expect(found.count == 1 && found[0].failure?.file == path)
        #expect(found[0].failure?.remedy == "pip install 'precordia[formats]' installs it")
    }

    @Test("a converter that dies or says nothing is told")
    func broken() throws {
        let path = try folder.write([1], to: "a.scp")
        for (script, words) in [("kill -9 $$", "ended by signal 9"), ("exit 0", "said nothing of it")] {
            let found = ConvertedRecords(program: try converter(script)).convert([RecordList.Entry(path: path)])
            #expect(found.count == 1 && found[0].failure?.problem.contains(words) == true)
        }
    }
}
