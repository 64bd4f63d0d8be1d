// Logs that do not hold together: what is read of them, what becomes of them, and that nothing traps. tools/log does the same to the whole program.

import Foundation
import GRDB
import Testing

@testable import PrecordiaStore

@Suite("A damaged log")
struct DamageTests {
    /// A log that was used, closed or killed.
    private func used(closed: Bool = true) throws -> Folder {
        let folder = Folder(), clocks = Clocks()
        for feed in 1...3 as ClosedRange<UInt64> {
            let store = try EventStore(folder: folder.path, clock: clocks.log)
            try store.begin(feed: feed)
            try store.append(alerts(1...40) + notices(41...60) + alerts(61...80, condition: "asystole", priority: "high"))
            try store.write { db in
                try db.execute(
                    sql: "INSERT INTO snippet VALUES (?, 'kept', 'snippets/s0001-e0000002', 1, 0, 100, '{}')", arguments: [store.sequence])
            }
            if closed || feed < 3 { try store.close(ending: "goodbye") }
            clocks.pass(seconds: 60)
        }
        return folder
    }

    /// Everything that can be read, and the error behind it.
    private func read(_ folder: String, last: Int? = nil) -> (entries: [LogEntry], error: StoreError?) {
        var found: [LogEntry] = []
        do {
            let reader = try LogReader(folder: folder)
            _ = try? reader.sessions()
            _ = try? reader.figures()
            try reader.forEach(LogFilter(), last: last) { entry in
                found.append(entry)
                for format in LogFormat.allCases { _ = format.text(entry) }
            }
            return (found, nil)
        } catch { return (found, error as? StoreError) }
    }

    @Test("is set aside with the ECG of its alerts, says so and goes on, also twice in the same second")
    func aside() throws {
        let folder = try used()
        let last = try entries(folder).last!.sequence
        for name in ["damaged-20261127040000000000", "damaged-20261127040000000000-2"] {
            folder.write("snippets/s0001-e0000002.dat", [1])
            folder.write("events.sqlite", Array("SQLite format 3\0".utf8) + [UInt8](repeating: 0xAA, count: 8000))
            let store = try EventStore(folder: folder.path, clock: Clocks.standing)
            #expect(store.recovery.state == .damaged && store.recovery.setAside == name && store.recovery.lostAtMost == nil)
            #expect(store.recovery.words == "the log's database is damaged; what can be read of it is in the folder \(name)")
            try store.begin(feed: 9)
            try store.append(alerts(1...1))
            #expect(folder.has(name + "/events.sqlite") && folder.has(name + "/snippets/s0001-e0000002.dat"))
            #expect(!folder.has("snippets/s0001-e0000002.dat"))
            let found = try entries(folder)
            #expect(found.map(\.event) == ["logOpened", "alertRaised"] && found[0].line.contains("\"setAside\":\"\(name)\""))
            #expect(found[0].sequence > last)
        }
        #expect(try figures(folder)["logsSetAside"] == 2)
        guard case .damaged = read(folder.path + "/damaged-20261127040000000000").error else { throw StoreError.absent(folder: "") }
    }

    @Test("is read past its damage, and where it was set aside too")
    func past() throws {
        let folder = try used()
        let whole = try entries(folder)
        var bytes = folder.read("events.sqlite")
        // A page from the middle of the entries.
        let place = bytes.firstRange(of: Array("\"sample\":15000,".utf8))!.lowerBound / 4096 * 4096
        for index in place..<place + 4096 { bytes[index] = 0 }
        folder.write("events.sqlite", bytes)
        let found = read(folder.path)
        let gone = Set(whole.map(\.sequence)).subtracting(found.entries.map(\.sequence))
        #expect((1...16).contains(gone.count) && gone.max()! - gone.min()! == Int64(gone.count) - 1)
        #expect(found.error == .damaged(file: folder.path + "/events.sqlite", reason: "from entry \(gone.min()!) on not all can be read"))
        #expect(found.entries == whole.filter { !gone.contains($0.sequence) })
        #expect(read(folder.path, last: 5).entries == whole.suffix(5) && read(folder.path, last: 5).error == nil)
        let store = try EventStore(folder: folder.path, clock: Clocks.standing)
        #expect(read(folder.path + "/" + store.recovery.setAside!).entries == found.entries)
    }

    @Test("that is found damaged while it is kept goes on in a new one, with the line that found it")
    func inUse() throws {
        let folder = Folder(), clocks = Clocks()
        let store = try EventStore(folder: folder.path, clock: clocks.log)
        try store.begin(feed: 4)
        try store.append(alerts(1...3))
        try store.write { try $0.execute(sql: "DROP TABLE entry") }
        #expect(throws: StoreError.damaged(file: store.file, reason: "no such table: entry")) { try store.append(alerts(4...4)) }
        #expect(try store.append(alerts(4...4)) == [4: 6])
        #expect(try entries(folder).map(\.event) == ["logOpened", "alertRaised"] && store.stored == 4)
        #expect(try entries(folder)[0].line.contains("\"found\":\"damaged\""))
        #expect(try LogReader(folder: folder.path).sessions().map(\.id) == [1])
        // A medium that damages the next one as well is given time.
        try store.write { try $0.execute(sql: "DROP TABLE entry") }
        for _ in 0..<3 { #expect(throws: StoreError.self) { try store.append(alerts(5...5)) } }
        clocks.pass(seconds: 1)
        #expect(try store.append(alerts(5...5)) == [5: 8])
        #expect(try figures(folder)["logsSetAside"] == 2)
        try store.close(ending: "goodbye")
        #expect(try LogReader(folder: folder.path).sessions().map(\.ending) == ["goodbye"])
    }

    @Test("whose recorder ended between setting it aside and saying so is told at the next start")
    func untold() throws {
        let folder = try used()
        folder.write("events.sqlite", [UInt8](repeating: 0xAA, count: 8000))
        #expect(try EventStore(folder: folder.path, clock: Clocks.standing).recovery.state == .damaged)
        let store = try EventStore(folder: folder.path, clock: Clocks.standing)
        #expect(store.recovery.state == .damaged && store.recovery.setAside == "damaged-20261127040000000000")
        try store.begin(feed: 9)
        #expect(
            try figures(folder)["logsSetAside"] == 1 && entries(folder)[0].line.contains("\"setAside\":\"damaged-20261127040000000000\""))
    }

    @Test("whose version says that it is from tomorrow is damaged, where its migrations do not say so too")
    func version() throws {
        for sql in ["PRAGMA user_version = 9", "UPDATE grdb_migrations SET identifier = '2 snipp' WHERE identifier LIKE '2%'"] {
            let folder = try used()
            try DatabaseQueue(path: folder.path + "/events.sqlite").writeWithoutTransaction { try $0.execute(sql: sql) }
            #expect(read(folder.path).entries.count == 246)
            #expect(try EventStore(folder: folder.path).recovery.state == .damaged)
        }
    }

    @Test("shows rows whose values are of other types than their columns'")
    func types() throws {
        let folder = try used()
        let values = ["NULL", "-1", "1 << 62", "-1.5", "'text'", "x'FF00'", "x''", "'{\"a\":' || char(0) || '1}'"]
        let columns = "number received utc uncertainty event record sample priority condition line boot uptime session"
        for column in columns.split(separator: " ") {
            for value in values {
                try DatabaseQueue(path: folder.path + "/events.sqlite").writeWithoutTransaction { db in
                    try db.execute(sql: "PRAGMA ignore_check_constraints = ON; PRAGMA writable_schema = ON")
                    try? db.execute(sql: "UPDATE entry SET \(column) = \(value) WHERE sequence = 7")
                }
                let found = read(folder.path)
                #expect(found.entries.count == 246 && found.error == nil, "\(column) \(value)")
                let line = LogFormat.json.text(found.entries[6])
                #expect((try? JSONSerialization.jsonObject(with: Data(line.utf8))) != nil, "\(column) \(value): \(line)")
            }
        }
    }

    @Test("with a wild number in a line's place stores the lines that come, and removes no other alert's ECG")
    func numbers() throws {
        let folder = try used(closed: false)
        try DatabaseQueue(path: folder.path + "/events.sqlite").writeWithoutTransaction { db in
            try db.execute(sql: "UPDATE entry SET number = 1 << 50 WHERE session = 3 AND number = 7")
            try db.execute(sql: "UPDATE snippet SET bytes = 1 << 60")
        }
        folder.write("snippets/s0001-e0000002.dat", [1])
        let store = try EventStore(folder: folder.path, clock: Clocks.standing)
        try store.begin(feed: 3, again: 79...82)
        #expect(store.stored == 80)
        #expect(try store.append(alerts(79...82)).keys.sorted() == [81, 82])
        try store.removeStraySnippets()
        // None of the three rows has a file that is its entry's own.
        #expect(try figures(folder)["snippets"] == 3 && folder.has("snippets/s0001-e0000002.dat"))
    }

    @Test("never traps and never hangs its reader or its recorder, whatever bytes it has, and what comes is stored")
    func anything() throws {
        let folder = try used()
        let bytes = folder.read("events.sqlite"), mark = folder.read("mark")
        var open: EventStore? = try EventStore(folder: folder.path, clock: Clocks.standing)
        try open!.begin(feed: 4)
        try open!.append(alerts(1...40))
        let ahead = folder.read("events.sqlite"), log = folder.read("events.sqlite-wal")
        open = nil
        var random = SystemRandom(seed: 12)
        var isAside = 0
        for turn in 0..<200 {
            var found = turn % 5 == 4 ? ahead : bytes
            var rest = turn % 5 == 4 ? log : []
            func place(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
            switch turn % 10 {
            case 0: found[place(100)] ^= 1 << UInt8(place(8))
            case 1: found[place(4096)] ^= 1 << UInt8(place(8))
            case 2: found[(1 + place(found.count / 4096 - 1)) * 4096 + place(100)] ^= 1 << UInt8(place(8))
            case 3, 8: found[place(found.count)] = UInt8(truncatingIfNeeded: random.next())
            case 4: rest[place(rest.count)] ^= 1 << UInt8(place(8))
            case 5:
                let page = place(found.count / 4096) * 4096
                for index in page..<page + 4096 { found[index] = turn % 20 == 5 ? 0 : UInt8(truncatingIfNeeded: random.next()) }
            case 6: found.removeLast(place(found.count))
            case 7:
                let from = place(found.count / 4096) * 4096, to = place(found.count / 4096) * 4096
                found.replaceSubrange(to..<to + 4096, with: Array(found[from..<from + 4096]))
            default: rest.removeLast(place(rest.count))
            }
            let copy = Folder()
            copy.write("events.sqlite", found)
            if !rest.isEmpty { copy.write("events.sqlite-wal", rest) }
            copy.write("mark", mark)
            _ = read(copy.path)
            _ = read(copy.path, last: 3)
            let store = try EventStore(folder: copy.path, clock: Clocks.standing)
            try store.begin(feed: 99)
            try store.removeStraySnippets(scans: true)
            do { try store.append(alerts(1...2)) } catch { try store.append(alerts(1...2)) }
            try store.prune()
            try store.close(ending: "goodbye")
            isAside += store.recovery.setAside == nil ? 0 : 1
            let after = try entries(copy)
            #expect(after.filter { $0.session == store.session }.compactMap(\.number) == [1, 2], "turn \(turn)")
        }
        #expect((50..<200).contains(isAside))
    }
}

/// Numbers of a seed (xorshift64*).
private struct SystemRandom {
    var seed: UInt64

    mutating func next() -> UInt64 {
        seed ^= seed >> 12
        seed ^= seed << 25
        seed ^= seed >> 27
        return seed &* 2_685_821_657_736_338_717
    }
}
