import Foundation
import GRDB
import PrecordiaCompanion
import PrecordiaHost
import PrecordiaSignal
import PrecordiaSimulator
import Testing

@testable import PrecordiaStore

extension CompanionFeed {
    /// Gives a line of text with its line feed.
    fileprivate func append(_ text: String) -> Bool { Array((text + "\n").utf8).withUnsafeBytes { append($0) } }

    /// Asks the status until it is as wanted; the last one after 20 s.
    fileprivate func status(_ isWanted: (CompanionStatus) -> Bool) -> CompanionStatus {
        let end = Monotonic.now() + 20_000_000_000
        while !isWanted(status), Monotonic.now() < end { Monotonic.sleep(until: Monotonic.now() + 1_000_000) }
        return status
    }
}

@Suite("A session's feed")
struct FeedTests {
    /// The recorder of a folder, as the kernel lists processes.
    private func recorder(of folder: String) -> pid_t? {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard let process = pid_t(name), let words = FileManager.default.contents(atPath: "/proc/\(name)/cmdline") else { continue }
            if words.split(separator: 0).contains(Data(folder.utf8)[...]) { return process }
        }
        return nil
    }

    @Test("stores every line in a program of its own, across its death")
    func stores() throws {
        let folder = Folder()
        let feed = try CompanionFeed(LogSettings(folder: folder.path + "/log"))
        feed.begin(Simulator.format(rate: 500))
        let lines = alerts(1...400).map(\.text)
        for line in lines[..<200] { #expect(feed.append(line)) }
        #expect(feed.status { $0.stored >= 100 }.starts == 1)
        kill(recorder(of: folder.path + "/log")!, SIGKILL)
        for line in lines[200...] { #expect(feed.append(line)) }
        let all = feed.status { $0.stored == 400 && $0.starts == 2 }
        #expect(all.stored == 400 && all.synced == 400 && all.starts == 2 && all.linesRefused == 0 && all.waiting == 0)
        #expect(feed.finish())
        var found: [LogEntry] = []
        try LogReader(folder: folder.path + "/log").forEach(LogFilter()) { if $0.number != nil { found.append($0) } }
        #expect(found.map(\.line) == lines)
        #expect(try LogReader(folder: folder.path + "/log").sessions().map(\.ending) == ["goodbye"])
    }

    @Test("refuses and counts when the recorder stands still, frames and lines apart, and never waits")
    func full() throws {
        let folder = Folder()
        // Reads nothing and ends with this process.
        // Written by another process: what a test beside this one starts would inherit a descriptor that is open for writing, and the file were busy.
        let script = "printf '#!/bin/sh\\nexec tail --pid=$PPID -f /dev/null\\n' > \"$0\"; chmod 755 \"$0\""
        try Process.run(URL(fileURLWithPath: "/bin/sh"), arguments: ["-c", script, folder.path + "/stuck"]).waitUntilExit()
        let feed = try CompanionFeed(LogSettings(folder: folder.path + "/log", program: folder.path + "/stuck"))
        feed.begin(Simulator.format(rate: 500))
        #expect(feed.status { $0.starts == 1 }.starts == 1)
        for index in 0..<60_000 as Range<UInt64> { feed.push(Frame(index: index)) }
        // What a device says fills three fourths of the ring; alerts go on being taken.
        let notice = notices(1...1)[0].text, line = alerts(1...1)[0].text
        var accepted: UInt64 = 0
        while feed.append(notice) { accepted += 1 }
        for _ in 0..<100 {
            #expect(feed.append(line))
            accepted += 1
        }
        #expect(feed.status.linesRefused == 1)
        var refused: UInt64 = 1
        while refused < 100 { if feed.append(line) { accepted += 1 } else { refused += 1 } }
        let status = feed.status
        #expect(status.linesRefused == 100 && status.offered == accepted + 100 && status.stored == 0)
        #expect(status.framesRefused > 0 && status.framesRefused % 32 == 0)
        #expect(accepted >= 500)
        #expect(!feed.finish(seconds: 0.1))
    }

    @Test("says that nobody keeps the log where the program is not there, and when it is again kept")
    func absent() throws {
        let folder = Folder()
        let program = folder.path + "/precordia-log"
        let feed = try CompanionFeed(LogSettings(folder: folder.path + "/log", program: program))
        #expect(feed.append(alerts(1...1)[0].text))
        #expect(feed.status { $0.fault == .recorder }.fault == .recorder)
        symlink(LogFolder.program, program)
        let kept = feed.status { $0.stored == 1 }
        #expect(kept.fault == .none && kept.stored == 1 && kept.starts == 1)
        #expect(feed.finish())
    }

    @Test("has the mode that the session's policy chooses")
    func policy() throws {
        let folder = Folder()
        folder.write("ward.toml", Array("[log]\nsynchronous = \"normal\"\n".utf8))
        let program = Process()
        program.executableURL = URL(fileURLWithPath: LogFolder.program).deletingLastPathComponent().appendingPathComponent("precordia")
        let words = "monitor --source sim:normal --seconds 0.5 --json --no-sound --policy \(folder.path)/ward.toml --log \(folder.path)/log"
        program.arguments = words.split(separator: " ").map(String.init)
        program.standardOutput = FileHandle.nullDevice
        try program.run()
        program.waitUntilExit()
        #expect(program.terminationStatus == 0)
        let modes = try DatabaseQueue(path: folder.path + "/log/events.sqlite").read { db in
            try String.fetchAll(db, sql: "SELECT synchronous FROM session")
        }
        #expect(modes == ["normal"])
    }

    @Test("raises a fault once, again when it grows worse, and clears it once")
    func watch() {
        var watch = CompanionWatch()
        let faults: [CompanionFault] = [.none, .snippets, .snippets, .entries, .snippets, .recorder, .none, .none, .snippets]
        #expect(faults.map { watch.news($0) } == [nil, .snippets, nil, .entries, nil, .recorder, CompanionFault.none, nil, .snippets])
    }

    @Test("passes frames, formats, greetings and answers on as they are, and takes no other bytes for them")
    func layouts() {
        var frame = Frame(index: 1 << 40, missing: LeadSet(rawValue: 0x0A5A), clipped: LeadSet(.V3), off: .leftArm)
        for lead in 0..<12 { frame.counts[lead] = Int32(lead * 1_000_003 - 5_000_000) }
        var format = StreamFormat(rate: 360, derived: .derived)
        format.absent = LeadSet(.V1).union(LeadSet(.V6))
        for lead in 0..<12 { (format.microvoltsPerCount[lead], format.baseline[lead]) = (0.1 * Double(lead + 1), Int32(lead - 6)) }
        withUnsafeTemporaryAllocation(byteCount: CompanionMessage.formatBytes, alignment: 8) { room in
            CompanionMessage.pack(frame, into: room.baseAddress!)
            let read = CompanionMessage.frame(room.baseAddress!)
            #expect(read.index == frame.index && read.missing == frame.missing && read.clipped == frame.clipped && read.off == frame.off)
            #expect((0..<12).allSatisfy { read.counts[$0] == frame.counts[$0] })
            CompanionMessage.pack(format, into: room.baseAddress!)
            let made = CompanionMessage.format(UnsafeRawBufferPointer(room))!
            #expect(made.rate == 360 && made.derived == .derived && made.absent == format.absent)
            #expect(
                (0..<12).allSatisfy {
                    made.microvoltsPerCount[$0] == format.microvoltsPerCount[$0] && made.baseline[$0] == format.baseline[$0]
                })
            room.storeBytes(of: 7, as: UInt32.self)
            #expect(CompanionMessage.format(UnsafeRawBufferPointer(room)) == nil)
        }
        let header = CompanionMessage(.line, stream: 3, number: 9, count: 77).header
        header.withUnsafeBytes { bytes in
            let message = CompanionMessage(bytes)!
            #expect(message.kind == .line && message.stream == 3 && message.number == 9 && message.count == 77)
            for length in 0..<32 { #expect(CompanionMessage(UnsafeRawBufferPointer(rebasing: bytes[..<length])) == nil) }
        }
        for index in 0..<8 {
            var wrong = header
            wrong[index] ^= 0x55
            wrong.withUnsafeBytes { #expect(CompanionMessage($0) == nil) }
        }
        var answer = CompanionAnswer()
        (answer.fault, answer.stored, answer.synced, answer.snippets, answer.snippetsRefused, answer.bytes) = (.entries, 1, 2, 3, 4, 5)
        answer.packed.withUnsafeBytes { #expect(CompanionAnswer($0) == answer) }
    }
}
