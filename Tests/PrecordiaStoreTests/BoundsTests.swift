// What a log gives up, in which order, and by which evidence of age: dates that are wrong, are set or jump remove nothing.

import GRDB
import Testing

@testable import PrecordiaStore

private let day: Int64 = 86_400

@Suite("A log's bounds")
struct BoundsTests {
    private func opened(_ folder: Folder, _ clocks: Clocks, feed: UInt64, _ policy: LogPolicy = LogPolicy()) throws -> EventStore {
        let store = try EventStore(folder: folder.path, policy: policy, clock: clocks.log)
        try store.begin(feed: feed)
        return store
    }

    @Test("remove counters, then notices, then other lines, then alerts by their priority, the oldest of each first, and count them")
    func size() throws {
        let folder = Folder(), clocks = Clocks()
        var policy = LogPolicy()
        policy.entryBytes = 1 << 17
        let store = try opened(folder, clocks, feed: 1, policy)
        try store.append(alerts(1...100, condition: "asystole", priority: "high"))
        try store.append(alerts(101...150, condition: "electrode-off", priority: "low"))
        try store.append(notices(151...200, event: "session") + notices(201...250) + notices(251...300, event: "tomorrow"))
        try store.append(alerts(301...400))
        func left() throws -> [String: Int] {
            Dictionary(grouping: try entries(folder)) { $0.condition ?? $0.event }.mapValues(\.count)
        }
        var next: UInt64 = 401
        var order: [String] = []
        var before = try left()
        for _ in 0..<200 where order.count < 5 {
            try store.append(alerts(next...next + 19, condition: "asystole", priority: "high"))
            next += 20
            try store.prune(atMost: 10)
            let now = try left()
            for (kind, count) in before where count > now[kind] ?? 0 && !order.contains(kind) && kind != "logOpened" { order.append(kind) }
            before = now
        }
        #expect(order == ["session", "device", "tomorrow", "electrode-off", "AFIB"])
        #expect(before["session"] == nil && before["device"] == nil && before["tomorrow"] == nil && before["electrode-off"] == nil)
        let counted = try figures(folder)
        #expect(counted["prunedForAge"] == 0 && counted["prunedForSize"]! >= 200)
        #expect(counted["prunedAlerts"]! == counted["prunedForSize"]! - 151)
        while try store.prune(atMost: 50) > 0 {}
        let high = try entries(folder).filter { $0.condition == "asystole" }.compactMap(\.number)
        #expect(high.last == Int64(next) - 1 && high == high.sorted())
        #expect(try store.bytes().entries <= policy.entryBytes)
    }

    @Test("a flood of device events costs no alert: what comes too often is counted and told, and goes first")
    func flood() throws {
        let folder = Folder(), clocks = Clocks()
        var policy = LogPolicy()
        policy.entryBytes = 1 << 18
        let store = try opened(folder, clocks, feed: 1, policy)
        try store.append(alerts(1...300))
        var number: UInt64 = 301
        // A thousand a second for a minute and a half, then an alert.
        for _ in 0..<90 {
            try store.append(notices(number...number + 999))
            number += 1000
            clocks.pass(seconds: 1)
            try store.look()
            try store.prune()
        }
        try store.append(alerts(number...number))
        try store.close(ending: "goodbye")
        let found = try entries(folder)
        #expect(found.filter { $0.event == "alertRaised" }.compactMap(\.number) == Array(1...300) + [Int64(number)])
        let told = found.filter { $0.event == "logLimited" }
        #expect(told.map(\.line).allSatisfy { $0.hasPrefix("{\"event\":\"logLimited\",\"kind\":\"device\",\"leftOut\":") })
        // 100 at once and 10 a minute pass; each one more is in an entry that says so.
        let stored = found.filter { $0.event == "device" }.count
        #expect(stored == 114 && store.leftOut == 90_000 - 114)
        #expect(try figures(folder)["linesLeftOut"] == Int64(store.leftOut) && told.count == 3)
        #expect(found.filter { $0.event == "logGap" }.isEmpty && store.missing == 0)
    }

    @Test("an alarm that comes again and again pushes no other of its priority out, nor its ECG")
    func again() throws {
        let folder = Folder(), clocks = Clocks()
        var policy = LogPolicy()
        (policy.entryBytes, policy.snippetBytes) = (1 << 18, 3000)
        let store = try opened(folder, clocks, feed: 1, policy)
        func snippet(_ entry: Int64) throws {
            let name = "snippets/s0001-e" + String(repeating: "0", count: 7 - "\(entry)".count) + "\(entry)"
            folder.write(name + ".dat", [UInt8](repeating: 0, count: 1000))
            try store.write {
                try $0.execute(sql: "INSERT INTO snippet VALUES (?, 'kept', ?, 1, 0, 1000, '{}')", arguments: [entry, name])
            }
        }
        try snippet(try store.append(alerts(1...50, condition: "vf-suspected", priority: "high"))[1]!)
        for turn in 0..<40 as Range<UInt64> {
            let first = 51 + turn * 50
            let entry = try store.append(alerts(first...first + 49, condition: "asystole", priority: "high"))[first + 49]!
            if turn >= 35 { try snippet(entry) }
            try store.prune()
        }
        try store.removeStraySnippets()
        let found = try entries(folder)
        #expect(found.filter { $0.condition == "vf-suspected" }.compactMap(\.number) == Array(1...50))
        #expect((300..<900).contains(found.filter { $0.condition == "asystole" }.count) && found.last!.number == 2050)
        #expect(found.filter { $0.snippet != nil }.map(\.number) == [1, 2000, 2050])
    }

    @Test("a flood that its recorder did not live to tell of is a gap")
    func untold() throws {
        let folder = Folder(), clocks = Clocks()
        var store: EventStore? = try opened(folder, clocks, feed: 1)
        try store!.append(notices(1...100))
        try store!.append(notices(101...101))
        try store!.append(notices(102...150))
        #expect(store!.stored == 150)
        store = nil
        store = try opened(folder, clocks, feed: 1)
        #expect(store!.stored == 101)
        try store!.append(alerts(151...151))
        let found = try entries(folder)
        #expect(found.first { $0.event == "logLimited" }!.number == 101)
        #expect(found.first { $0.event == "logGap" }!.line.hasPrefix("{\"event\":\"logGap\",\"missing\":49,\"after\":101,"))
    }

    @Test("limit each kind by itself, never alerts and what was done about them, and on the spare room leave no notice in")
    func kinds() throws {
        var limit = NoticeLimit()
        func admitted(_ line: String, _ count: Int, isNarrow: Bool = false, uptime: Int64 = 0) -> Int {
            (1...count).count { limit.admits(.init(number: UInt64($0), text: line), isNarrow: isNarrow, uptime: uptime) }
        }
        #expect(admitted("{\"event\":\"device\"}", 500) == 100 && admitted("{\"event\":\"notice\"}", 500) == 100)
        #expect(admitted("{\"event\":\"invented1\"}", 60) == 60 && admitted("{\"event\":\"invented2\"}", 60) == 40)
        #expect(admitted("no JSON", 60) == 0)
        for line in [
            "{\"event\":\"alertRaised\"}", "{\"event\":\"alertCleared\"}", "{\"event\":\"alarm\"}",
            "{\"record\":\"a\",\"event\":\"alarm\"}",
        ] {
            #expect(admitted(line, 500, isNarrow: true) == 500)
        }
        #expect(admitted("{\"event\":\"device\"}", 500, uptime: 60_000_000) == 10)
        #expect(admitted("{\"event\":\"device\"}", 500, isNarrow: true, uptime: 6_000_000_000) == 0)
        let told = limit.due(uptime: 6_000_000_000)
        #expect(
            told.map(\.kind) == ["device", "notice", "other"] && told.map(\.count) == [1390, 400, 80] && told.map(\.last) == [500, 500, 60])
        #expect(limit.due(uptime: 6_000_000_000, all: true).isEmpty)
        let folder = Folder()
        let store = try opened(folder, Clocks(), feed: 1)
        store.isNarrow = true
        try store.append(notices(1...3) + alerts(4...4))
        try store.close(ending: "goodbye")
        #expect(try entries(folder).map(\.event) == ["logOpened", "alertRaised", "logLimited", "logClosed"])
    }

    @Test("a session without entries goes with them, the newest stays")
    func sessions() throws {
        let folder = Folder(), clocks = Clocks()
        var policy = LogPolicy()
        policy.entryBytes = 1 << 16
        for feed in 1...300 as ClosedRange<UInt64> {
            clocks.restart(utc: clocks.utc + 1_000_000)
            let store = try opened(folder, clocks, feed: feed, policy)
            try store.append(alerts(1...1))
            try store.prune()
        }
        let left = try LogReader(folder: folder.path).sessions()
        #expect(left.count < 300 && left.last!.id == 300 && left.allSatisfy { $0.entries > 0 })
        #expect(try entries(folder).last!.boot == 300)
    }
}

@Suite("A log's age")
struct AgeTests {
    private func opened(_ folder: Folder, _ clocks: Clocks, feed: UInt64) throws -> EventStore {
        let store = try EventStore(folder: folder.path, clock: clocks.log)
        try store.begin(feed: feed)
        return store
    }

    private func steps(_ folder: Folder) throws -> [String] {
        try entries(folder).filter { $0.event == "logClock" }.map {
            String($0.line.dropFirst("{\"event\":\"logClock\",\"session\":1,".count).split(separator: ",\"utc\"")[0])
        }
    }

    @Test("is time that was lived through: days of it remove, and not before")
    func lived() throws {
        let folder = Folder(), clocks = Clocks()
        let store = try opened(folder, clocks, feed: 1)
        try store.append(alerts(1...3))
        for _ in 0..<89 {
            clocks.pass(seconds: day)
            #expect(try store.prune() == 0)
        }
        try store.append(alerts(4...4))
        clocks.pass(seconds: day + 1)
        #expect(try store.prune() == 4)
        #expect(try entries(folder).compactMap(\.number) == [4])
        #expect(try figures(folder)["prunedForAge"] == 4)
    }

    @Test("is read from clocks of the host, of which one never goes back")
    func host() {
        let clock = LogClock.host
        let readings = (0..<1000).map { _ in clock.read() }
        #expect(zip(readings, readings.dropFirst()).allSatisfy { $0.uptime <= $1.uptime } && readings[0].uptime > 0)
        #expect(readings[0].utc > 0 && clock.boot == LogClock.host.boot && clock.boot.count == 36)
    }

    @Test("of a clock that begins at 1970 and is then set: the alarm of 1970 stays, and the step is an entry")
    func unset() throws {
        let folder = Folder(), clocks = Clocks()
        clocks.utc = 0
        let store = try opened(folder, clocks, feed: 1)
        let alarm = alerts(1...1, condition: "asystole", priority: "high")[0].text
        try store.append([.init(number: 1, text: alarm.replacing("2026-11-27T04", with: "1970-01-01T00"))])
        clocks.pass(seconds: 30)
        clocks.utc = morning
        try store.look()
        #expect(try store.prune() == 0)
        try store.append(alerts(2...2))
        clocks.pass(seconds: 3600)
        #expect(try store.prune() == 0)
        let found = try entries(folder)
        #expect(found.map(\.event) == ["logOpened", "alertRaised", "logClock", "alertRaised"])
        #expect(found[1].received == "1970-01-01T00:00:00.000000Z" && found[1].uptime == 60_000_000)
        #expect(try steps(folder) == ["\"step\":1795751970.000000,\"found\":\"running\""])
        #expect(found[3].uptime! - found[1].uptime! == 30_000_000)
        // It is found by the day on which it was, and shown with it.
        #expect(found[1].corrected == "2026-11-27T03:59:30.000Z" && found[3].corrected == "2026-11-27T04:00:00.000Z")
        var filter = LogFilter()
        (filter.since, filter.conditions) = ("2026-11-27T03:50", ["asystole"])
        #expect(try entries(folder, filter) == [found[1]])
        #expect(LogFormat.table.text(found[1]).hasSuffix("asystole atrial fibrillation, 0.88  by the date set later: 2026-11-27T03:59:30"))
        (filter.since, filter.until) = (nil, "2026-11-26")
        #expect(try entries(folder, filter, last: 9) == [found[1]])
        (filter.since, filter.until) = ("2026-11-27T03:59:31", nil)
        #expect(try entries(folder, filter).isEmpty)
    }

    @Test("does not grow with a year's jump ahead and a restart, as often as it comes")
    func jumps() throws {
        let folder = Folder(), clocks = Clocks()
        var store: EventStore? = try opened(folder, clocks, feed: 1)
        try store!.append(alerts(1...1))
        for feed in 2...9 as ClosedRange<UInt64> {
            clocks.utc += 365 * day * 1_000_000
            try store!.append(alerts(2...2))
            store = nil
            clocks.restart(utc: clocks.utc + day * 1_000_000)
            store = try opened(folder, clocks, feed: feed)
            try store!.append(alerts(1...1))
            #expect(try store!.prune() == 0)
        }
        let found = try entries(folder)
        #expect(found.filter { $0.event == "alertRaised" }.count == 17 && found.filter { $0.event == "logClock" }.count == 8)
        #expect(Set(found.map(\.boot)).count == 9)
    }

    @Test("counts what passes between two recorders of one start of the system, and nothing of what passes in none")
    func between() throws {
        let folder = Folder(), clocks = Clocks()
        var store: EventStore? = try opened(folder, clocks, feed: 1)
        try store!.append(alerts(1...1))
        store = nil
        clocks.pass(seconds: 60 * day)
        store = try opened(folder, clocks, feed: 2)
        #expect(try figures(folder)["secondsLived"] == 60 * day)
        store = nil
        clocks.restart(utc: clocks.utc + 60 * day * 1_000_000)
        store = try opened(folder, clocks, feed: 3)
        #expect(try figures(folder)["secondsLived"] == 60 * day && store!.prune() == 0)
        clocks.pass(seconds: 31 * day)
        #expect(try store!.prune() == 2)
    }

    @Test(
        "a date that goes back, an hour's change, steps between two recorders and a date that a start begins with: each is an entry, and nothing goes"
    )
    func steps() throws {
        let folder = Folder(), clocks = Clocks()
        var store: EventStore? = try opened(folder, clocks, feed: 1)
        try store!.append(alerts(1...1))
        clocks.utc -= 3600 * 1_000_000
        try store!.look()
        clocks.utc += 3600 * 1_000_000
        try store!.append(alerts(2...2))
        // Slewing of less than half a second is no step, however often one looks; what adds up to one is.
        clocks.utc += 300_000
        try store!.look()
        clocks.utc += 300_000
        try store!.look()
        try store!.look()
        store = nil
        clocks.pass(seconds: 100)
        clocks.utc += 7_000_000
        store = try opened(folder, clocks, feed: 1)
        store = nil
        clocks.restart(utc: 0)
        store = try opened(folder, clocks, feed: 1)
        #expect(
            try steps(folder) == [
                "\"step\":-3600.000000,\"found\":\"running\"", "\"step\":3600.000000,\"found\":\"running\"",
                "\"step\":0.600000,\"found\":\"running\"", "\"step\":7.000000,\"found\":\"between\"",
                "\"step\":-1795752107.600000,\"found\":\"start\"",
            ])
        #expect(try store!.prune() == 0)
        #expect(try entries(folder).compactMap(\.number) == [1, 2])
    }

    @Test("a clock that never stands still is told at the rate of notices, and counted")
    func restless() throws {
        let folder = Folder(), clocks = Clocks()
        let store = try opened(folder, clocks, feed: 1)
        for turn in 0..<500 {
            clocks.utc += turn % 2 == 0 ? 3_600_000_000 : -3_600_000_000
            try store.look()
        }
        try store.close(ending: "goodbye")
        #expect(try entries(folder).filter { $0.event == "logClock" }.count == 100)
        #expect(store.leftOut == 400)
        #expect(try figures(folder)["linesLeftOut"] == 400)
    }

    @Test("and numbers tell two sessions of the same second apart")
    func sameSecond() throws {
        let folder = Folder(), clocks = Clocks()
        for feed in 1...2 as ClosedRange<UInt64> {
            let store = try opened(folder, clocks, feed: feed)
            try store.append(alerts(1...1))
            try store.close(ending: "goodbye")
        }
        let found = try entries(folder)
        #expect(found.map(\.session) == [1, 1, 1, 2, 2, 2] && found.map(\.sequence) == [1, 2, 3, 4, 5, 6])
        #expect(Set(found.map(\.received)).count == 1)
        #expect(try LogReader(folder: folder.path).sessions().map(\.id) == [1, 2])
    }

    @Test("is not faked by an entry whose age is damaged")
    func damaged() throws {
        let folder = Folder(), clocks = Clocks()
        var store: EventStore? = try opened(folder, clocks, feed: 1)
        try store!.append(alerts(1...10))
        try store!.write { db in
            try db.execute(sql: "UPDATE entry SET elapsed = 1 << 58 WHERE number = 10; UPDATE entry SET elapsed = -5 WHERE number = 5")
        }
        store = nil
        store = try opened(folder, clocks, feed: 2)
        #expect(try store!.prune() == 0)
        clocks.pass(seconds: 91 * day)
        // Everything up to the wild one, which keeps those behind it until there is too much.
        #expect(try store!.prune() == 10)
        #expect(try entries(folder).map(\.sequence).first == 11)
    }
}
