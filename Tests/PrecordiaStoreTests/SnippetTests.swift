// The ECG around alerts when the database does not take what is said about it.

import GRDB
import PrecordiaSignal
import Testing

@testable import PrecordiaStore

@Suite struct SnippetTests {
    @Test("a database that does not take the note of an ECG to come is told, with its reason")
    func unnoted() throws {
        let folder = Folder()
        let store = try EventStore(folder: folder.path + "/log")
        try store.write { try $0.execute(sql: "DROP TABLE snippet") }
        var said: [String] = []
        let recorder = SnippetRecorder(store: store, evidence: nil) { said.append($0) }
        recorder.begin(StreamFormat(rate: 500), stream: 1)
        recorder.alert(entry: 7, sample: 100, stream: 1, line: "{}")
        #expect(said.count == 1)
        #expect(said.first?.hasPrefix("the log does not take note that the ECG around entry 7 is to come, ") == true)
    }
}
