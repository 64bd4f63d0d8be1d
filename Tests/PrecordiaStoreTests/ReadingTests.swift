import Testing

@testable import PrecordiaStore

@Suite("Reading a log")
struct ReadingTests {
    private func filled() throws -> Folder {
        let folder = Folder()
        let clocks = Clocks()
        let store = try EventStore(folder: folder.path, clock: clocks.log)
        try store.begin(feed: 1)
        try store.append(alerts(1...2) + alerts(3...3, condition: "asystole", priority: "high"))
        clocks.pass(seconds: 3600)
        try store.append([
            .init(number: 4, text: "{\"event\":\"device\",\"record\":\"bed 4\",\"state\":\"lost\",\"epoch\":1,\"words\":\"un, plugged\"}")
        ])
        return folder
    }

    private func numbers(_ folder: Folder, last: Int? = nil, _ change: (inout LogFilter) -> Void) throws -> [Int64?] {
        var filter = LogFilter()
        change(&filter)
        return try entries(folder, filter, last: last).map(\.number)
    }

    @Test("chooses by time, priority, condition, kind, session and number")
    func filters() throws {
        let folder = try filled()
        #expect(try numbers(folder) { $0.priority = 3 } == [1, 2, 3])
        #expect(try numbers(folder) { $0.priority = 4 } == [3])
        #expect(try numbers(folder) { $0.conditions = ["asystole", "NORM"] } == [3])
        #expect(try numbers(folder) { $0.events = ["device", "logOpened"] } == [nil, 4])
        #expect(try numbers(folder) { $0.since = "2026-11-27T04:30" } == [4])
        #expect(try numbers(folder) { $0.until = "2026-11-27T04" } == [nil, 1, 2, 3])
        #expect(try numbers(folder) { $0.until = "2026-11-26" } == [])
        #expect(try numbers(folder) { $0.session = 2 } == [])
        #expect(try numbers(folder, last: 2) { $0.events = ["alertRaised"] } == [2, 3])
        #expect(try numbers(folder) { $0.conditions = ["' OR 1 --"] } == [])
        #expect(try entries(folder, after: 4).map(\.number) == [4])
    }

    @Test("goes over pages without losing an entry or showing one twice")
    func pages() throws {
        let folder = Folder()
        let store = try EventStore(folder: folder.path, clock: Clocks.standing)
        try store.begin(feed: 1)
        try store.append(alerts(1...1700))
        #expect(try numbers(folder) { $0.priority = 1 } == (1...1700).map { $0 })
        #expect(try numbers(folder, last: 1200) { $0.priority = 1 } == (501...1700).map { $0 })
    }

    @Test("understands times of the calendar and before now, and nothing else")
    func times() throws {
        #expect(try LogFilter.time("90m", option: "--since", now: morning) == "2026-11-27T02:30:00.000000Z")
        #expect(try LogFilter.time("2d", option: "--since", now: morning) == "2026-11-25T04:00:00.000000Z")
        #expect(try LogFilter.time("2026-11-27 04:42", option: "--since", now: morning) == "2026-11-27T04:42")
        for text in ["", "yesterday", "12", "27.11.2026", "2026-11-27T04:42:00.000000Z1", "-3h", "1e3h"] {
            #expect(throws: StoreError.self) { try LogFilter.time(text, option: "--since", now: morning) }
        }
    }

    @Test("writes a table, CSV and lines of JSON")
    func formats() throws {
        let found = try entries(filled())
        #expect(
            LogFormat.table.text(found[1]) == "      2  2026-11-27 04:00:00.0  1+01:00     ▲ medium       AFIB atrial fibrillation, 0.88")
        #expect(
            LogFormat.table.text(found[4])
                == "      5  2026-11-27 05:00:00.0  1+1:01:00     device       record:bed 4,state:lost,epoch:1,words:un, plugged")
        var alarm = found[3]
        alarm.event = "alarm"
        alarm.line = "{\"event\":\"alarm\",\"record\":\"bed 4\",\"change\":\"acknowledged\",\"condition\":\"asystole\"}"
        #expect(LogFormat.table.text(alarm).contains("  high         asystole") && LogFormat.table.text(alarm).contains(": acknowledged"))
        #expect(LogFormat.csv.text(alarm).contains(",alarm,acknowledged,"))
        alarm.event = "alertCleared"
        #expect(LogFormat.table.text(alarm).hasSuffix(" over"))
        #expect(
            LogFormat.csv.text(found[4])
                == "5,1,4,2026-11-27T05:00:00.000000Z,,,device,,bed 4,,,,,,,,,\"{\"\"event\"\":\"\"device\"\",\"\"record\"\":\"\"bed 4\"\",\"\"state\"\":\"\"lost\"\",\"\"epoch\"\":1,\"\"words\"\":\"\"un, plugged\"\"}\",1,3660.000000,"
        )
        #expect(LogFormat.csv.heading!.split(separator: ",").count == 21)
        #expect(
            LogFormat.json.text(found[4])
                == "{\"sequence\":5,\"session\":1,\"received\":\"2026-11-27T05:00:00.000000Z\",\"boot\":1,\"uptime\":3660.000000,\"reason\":null,\"line\":"
                + found[4].line
                + "}")
    }
}
