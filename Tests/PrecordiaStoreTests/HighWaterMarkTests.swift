import Testing

@testable import PrecordiaStore

@Suite("The high-water mark")
struct HighWaterMarkTests {
    private let mark = HighWaterMark.Mark(
        accepted: 1234, reserved: 1298, isClosed: false, boot: "a-b-c",
        clocks: HighWaterMark.Clocks(instant: LogInstant(utc: morning, uptime: 60_000_000), elapsed: 3_600_000_000))

    @Test("says after a new start what was written")
    func roundTrip() throws {
        let folder = Folder()
        let file = try HighWaterMark(path: folder.path + "/mark")
        #expect(file.found == nil)
        try file.write(mark, sync: true)
        #expect(try HighWaterMark(path: folder.path + "/mark").found == mark)
        var closed = mark
        closed.isClosed = true
        try file.write(closed, sync: false)
        #expect(try HighWaterMark(path: folder.path + "/mark").found == closed)
        var older = closed
        older.clocks = nil
        try file.write(older, sync: true)
        #expect(
            folder.read("mark").starts(with: "precordia-log mark 1\n".utf8)
                || folder.read("mark")[4096...].starts(with: "precordia-log mark 1\n".utf8))
        #expect(try HighWaterMark(path: folder.path + "/mark").found == older)
    }

    @Test("keeps the last flushed mark when a later write is torn")
    func torn() throws {
        let folder = Folder()
        let file = try HighWaterMark(path: folder.path + "/mark")
        try file.write(mark, sync: true)
        for accepted in 1235..<Int64(1240) {
            try file.write(HighWaterMark.Mark(accepted: accepted, reserved: 1298, isClosed: false, boot: "a-b-c"), sync: false)
        }
        var bytes = folder.read("mark")
        bytes[4096 + 40] ^= 1
        folder.write("mark", bytes)
        #expect(try HighWaterMark(path: folder.path + "/mark").found == mark)
    }

    @Test("is not believed with any byte changed or any part missing")
    func damaged() {
        let bytes = HighWaterMark.text(mark, turn: 57)
        #expect(HighWaterMark.parse(bytes[...])?.turn == 57)
        #expect(HighWaterMark.parse((bytes + [0, 0])[...])?.mark == mark)
        for index in bytes.indices {
            #expect(HighWaterMark.parse(bytes[..<index]) == nil)
            for bit in 0..<8 {
                var wrong = bytes
                wrong[index] ^= 1 << UInt8(bit)
                #expect(HighWaterMark.parse(wrong[...]) == nil)
            }
        }
    }

    @Test("and the entries that are there tell what is lost")
    func recovery() {
        func recovery(_ mark: HighWaterMark.Mark?, _ last: Int64?, boot: String = "a-b-c") -> Recovery {
            Recovery(mark: mark, last: last, boot: boot, session: nil, feed: nil, setAside: nil)
        }
        let killed = recovery(mark, 1230)
        #expect(killed.state == .killed && killed.lostAtLeast == 4 && killed.lostAtMost == 4 && killed.next == 1299)
        let power = recovery(mark, 1230, boot: "d")
        #expect(power.state == .powerLost && power.lostAtLeast == 4 && power.lostAtMost == 68 && power.next == 1299)
        let ahead = recovery(mark, 1250, boot: "d")
        #expect(ahead.lostAtLeast == 0 && ahead.lostAtMost == 48 && ahead.next == 1299)
        var closed = mark
        (closed.isClosed, closed.reserved) = (true, 1234)
        #expect(recovery(closed, 1234, boot: "d").state == .closed && recovery(closed, 1234).next == 1235)
        #expect(recovery(closed, 1233).lostAtMost == 1)
        let aside = Recovery(mark: mark, last: nil, boot: "a-b-c", session: nil, feed: nil, setAside: "damaged-1")
        #expect(aside.state == .damaged && aside.lostAtLeast == 0 && aside.lostAtMost == nil && aside.next == 1299)
        #expect(recovery(nil, nil).state == .new && recovery(nil, nil).next == 1)
        #expect(recovery(nil, 7).state == .unmarked && recovery(nil, 7).lostAtMost == nil && recovery(nil, 7).next == 8)
    }
}
