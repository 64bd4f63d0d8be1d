// Tables of labels: what RFC 4180 allows is read, and everything else is named by its line.
// A shifted column would give figures that look right.

import Foundation
import PrecordiaHost
import Testing

@testable import PrecordiaEvaluation

@Suite struct CSVTableTests {
    private func table(_ text: String) throws(RuntimeError) -> CSVTable { try CSVTable(path: "t.csv", bytes: Array(text.utf8)) }

    @Test("quotes, line breaks in quotes, both line ends, a byte order mark, empty lines")
    func reading() throws {
        let found = try table("\u{FEFF}a,b\r\n1,\"x, \"\"y\"\"\nz\"\r\n\n\n,\"\"\n2,ü")
        #expect(found.columns == ["a", "b"])
        #expect(found.rows.map(\.fields) == [["1", "x, \"y\"\nz"], ["", ""], ["2", "ü"]])
        #expect(found.rows.map(\.line) == [2, 6, 7])
        #expect(try found.column("b") == 1)
        #expect(try table("a").rows.isEmpty)
    }

    @Test(
        "what does not hold together is named with its line",
        arguments: [
            ("", "the table is empty; a line with the names of its columns is expected first"),
            ("\n\n", "the table is empty; a line with the names of its columns is expected first"),
            ("a,b,a\n", "line 1: column a is there twice; each once is right"),
            ("a,b\n1,2\n3\n", "line 3: 1 field; the header has 2"),
            ("a,b\n\"x\ny\",2\n3,4,5\n", "line 4: 3 fields; the header has 2"),
            ("a\n\"x\n", "line 2: a quote is opened and not closed before the end of the file"),
            ("a\n\"x\"y\n", "line 2: text after a closing quote; a comma or the line's end is expected"),
            ("a\nx\"y\n", "line 2: a quote within a field; quote the whole field and write \"\" for a quote in it"),
        ])
    func faults(text: String, problem: String) {
        #expect(throws: RuntimeError.badTable(file: "t.csv", problem: problem)) { try table(text) }
    }

    @Test("a missing column is named beside those that are there; bytes that are no UTF-8 are refused")
    func columns() throws {
        let found = try table("a,b\n")
        #expect(throws: RuntimeError.badTable(file: "t.csv", problem: "has no column c; its columns are a, b")) { try found.column("c") }
        #expect(throws: RuntimeError.badTable(file: "t.csv", problem: "is not UTF-8; save the table as UTF-8")) {
            try CSVTable(path: "t.csv", bytes: [0x61, 0xFF])
        }
    }

    @Test("every truncation of a table is read or refused")
    func truncation() {
        let whole = Array("a,b\n\"x, \"\"y\"\"\",2\r\n3,4\n".utf8)
        for count in 0...whole.count { _ = try? CSVTable(path: "t.csv", bytes: Array(whole[..<count])) }
    }

    @Test("Python's dictionaries and lists, and what only looks like them")
    func python() {
        #expect(PTBXLDataset.scpCodes("{'NORM': 100.0, 'SR': 0.0}") == ["NORM": 100, "SR": 0])
        #expect(PTBXLDataset.scpCodes("{}") == [:])
        for wrong in ["", "NORM", "{'NORM'}", "{'NORM': x}", "{NORM: 1}", "{'A': 1, 'A': 2}", "{'A': 1,}", "['A']", "{'A': 1"] {
            #expect(PTBXLDataset.scpCodes(wrong) == nil, "\(wrong)")
        }
        #expect(PythonText.items("['A;B', \"C\"]", from: "[", to: "]")?.compactMap(PythonText.unquoted) == ["A;B", "C"])
    }
}
