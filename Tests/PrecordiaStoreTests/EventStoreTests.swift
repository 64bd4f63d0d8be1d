import GRDB
import PrecordiaCompanion
import Testing

@testable import PrecordiaStore

@Suite("An event store")
struct EventStoreTests {
    private func opened(_ folder: Folder, _ policy: LogPolicy = LogPolicy(), feed: UInt64 = 7, clock: LogClock = Clocks.standing) throws
        -> EventStore
    {
        let store = try EventStore(folder: folder.path, policy: policy, clock: clock)
        try store.begin(feed: feed)
        return store
    }

    @Test("keeps each line byte for byte and reads its fields", arguments: Synchronous.allCases)
    func keeps(_ synchronous: Synchronous) throws {
        let folder = Folder()
        var policy = LogPolicy()
        policy.synchronous = synchronous
        let store = try opened(folder, policy)
        let lines = alerts(1...3)
        let numbers = try store.append(lines)
        #expect(numbers == [1: 2, 2: 3, 3: 4])
        let found = try entries(folder)
        #expect(found.map(\.sequence) == [1, 2, 3, 4])
        #expect(found[0].event == "logOpened" && found[0].number == nil)
        #expect(found[1...].map(\.line) == lines.map(\.text))
        let entry = found[2]
        #expect(
            entry.event == "alertRaised" && entry.condition == "AFIB" && entry.priority == 3 && entry.sample == 1000 && entry.session == 1)
        #expect(entry.utc == "2026-11-27T04:00:00.000000Z" && entry.uncertainty == 0.00012 && entry.value == 0.877901)
        #expect(entry.received == "2026-11-27T04:00:00.000000Z" && entry.record == "bed 4" && entry.number == 2)
    }

    @Test("keeps what is no JSON as unreadable, and every kind that it does not know")
    func unreadable() throws {
        let folder = Folder()
        let store = try opened(folder)
        try store.append([
            .init(number: 1, text: "{\"event\":"), .init(number: 2, text: "[]"),
            .init(number: 3, text: "{\"event\":\"acknowledged\",\"by\":4}"),
        ])
        #expect(try entries(folder).dropFirst().map(\.event) == ["unreadable", "unreadable", "acknowledged"])
        #expect(try entries(folder)[1].line == "{\"event\":")
    }

    @Test("takes any types for its fields and reads them back without a trap")
    func hostile() throws {
        let folder = Folder()
        let store = try opened(folder)
        let values = ["null", "1", "-1.5", "1e400", "99999999999999999999", "\"text\"", "\"\"", "true", "[1]", "{\"a\":1}"]
        let fields = ["event", "utc", "uncertainty", "record", "sample", "priority", "condition", "statement", "value"]
        for (number, value) in values.enumerated() {
            let line = "{" + fields.map { "\"\($0)\":\(value)" }.joined(separator: ",") + "}"
            try store.append([.init(number: UInt64(number + 1), text: line)])
        }
        let found = try entries(folder).dropFirst()
        #expect(found.count == values.count)
        for entry in found { for format in LogFormat.allCases { #expect(!format.text(entry).isEmpty) } }
    }

    @Test("never gives a number twice, also after a kill")
    func numbers() throws {
        let folder = Folder()
        var store: EventStore? = try opened(folder)
        try store!.append(alerts(1...5))
        store = nil
        store = try opened(folder, feed: 8)
        #expect(store!.recovery.state == .killed && store!.recovery.lostAtMost == 0 && store!.session == 2)
        try store!.append(alerts(1...2))
        try store!.close(ending: "goodbye")
        store = nil
        store = try opened(folder, feed: 9)
        #expect(store!.recovery.state == .closed)
        let found = try entries(folder)
        #expect(found.map(\.sequence) == Array(1...11))
        #expect(try LogReader(folder: folder.path).sessions().map(\.ending) == ["vanished", "goodbye", nil])
    }

    @Test("tells of lines that never came, and leaves out those that come again")
    func gaps() throws {
        let folder = Folder()
        let store = try opened(folder)
        try store.append(alerts(1...2))
        try store.append(alerts(2...2) + alerts(6...6))
        #expect(store.missing == 3 && store.repeated == 1 && store.stored == 6)
        let found = try entries(folder)
        #expect(found.map(\.event) == ["logOpened", "alertRaised", "alertRaised", "logGap", "alertRaised"])
        #expect(found[3].line.hasPrefix("{\"event\":\"logGap\",\"missing\":3,\"after\":2,"))
        #expect(try LogReader(folder: folder.path).figures().first { $0.name == "linesMissing" }!.value == 3)
    }

    @Test("goes on with a session whose recorder was started anew")
    func goesOn() throws {
        let folder = Folder()
        var store: EventStore? = try opened(folder)
        try store!.append(alerts(1...4))
        store = nil
        store = try EventStore(folder: folder.path, clock: Clocks.standing)
        try store!.begin(feed: 7, again: 3...6)
        #expect(store!.session == 1 && store!.stored == 4)
        try store!.append(alerts(3...6))
        #expect(try entries(folder).compactMap(\.number) == [1, 2, 3, 4, 5, 6])
        #expect(try entries(folder)[5].line.contains("\"sentAgain\":2"))
    }

    @Test("flushes at once, or after its seconds and entries")
    func flushes() throws {
        let clocks = Clocks()
        var policy = LogPolicy()
        (policy.synchronous, policy.syncSeconds, policy.syncEntries) = (.normal, 5, 4)
        let folder = Folder()
        let store = try opened(folder, policy, clock: clocks.log)
        try store.sync(now: true)
        try store.append(alerts(1...1))
        #expect(store.stored == 1 && store.synced == 0)
        try store.sync()
        #expect(store.synced == 0)
        clocks.utc += 5_000_000
        try store.sync()
        #expect(store.synced == 0)
        clocks.uptime += 5_000_000
        try store.sync()
        #expect(store.synced == 1)
        try store.append(alerts(2...5))
        #expect(store.synced == 1)
        try store.append(alerts(6...6))
        #expect(store.synced == 6)
    }

    @Test("is open for one recorder")
    func busy() throws {
        let folder = Folder()
        let store = try opened(folder)
        #expect(throws: StoreError.busy(folder: folder.path)) { try EventStore(folder: folder.path) }
        #expect(store.session == 1)
    }

    @Test("brings a log of schema 1 to the newest with every entry")
    func migration() throws {
        let folder = Folder()
        do {
            let queue = try DatabaseQueue(path: folder.path + "/events.sqlite")
            try LogSchema.migrator.migrate(queue, upTo: "1 entries")
            try queue.write { db in
                #expect(try Int.fetchOne(db, sql: "PRAGMA user_version") == 1)
                try db.execute(sql: "INSERT INTO session VALUES (1, 5, 'a', 'b', 'goodbye', '0.0.1', 'full')")
                try db.execute(
                    sql:
                        "INSERT INTO entry (sequence, session, received, event, line) VALUES (4, 1, 'a', 'device', '{\"event\":\"device\"}')"
                )
            }
        }
        #expect(throws: StoreError.self) { try LogReader(folder: folder.path) }
        let store = try opened(folder)
        #expect(store.recovery.state == .unmarked && store.session == 2)
        let found = try entries(folder)
        #expect(found.map(\.event) == ["device", "logOpened"])
        #expect(found[0].boot == nil && found[0].uptime == nil && found[1].boot == 1 && found[1].uptime == 60_000_000)
        #expect(LogFormat.table.text(found[0]).contains("device"))
    }

    @Test("leaves a log of a newer version alone")
    func newer() throws {
        let folder = Folder()
        do {
            let queue = try DatabaseQueue(path: folder.path + "/events.sqlite")
            var migrator = LogSchema.migrator
            migrator.registerMigration("4 from tomorrow") { try $0.execute(sql: "PRAGMA user_version = 4") }
            try migrator.migrate(queue)
        }
        let file = folder.path + "/events.sqlite"
        #expect(throws: StoreError.newer(file: file)) { try EventStore(folder: folder.path) }
        #expect(throws: StoreError.newer(file: file)) { try LogReader(folder: folder.path) }
    }

    @Test("says what is wrong with a folder that cannot be")
    func folder() {
        #expect(throws: StoreError.self) { try EventStore(folder: "/proc/nothing/log") }
        #expect(throws: StoreError.absent(folder: "/proc/nothing")) { try LogReader(folder: "/proc/nothing") }
    }
}
