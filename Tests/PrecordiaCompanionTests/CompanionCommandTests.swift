// The way back of a companion: commands and answers taken apart whatever comes, and a program that asks and is answered.

import Foundation
import PrecordiaHost
import PrecordiaTestSupport
import Testing

@testable import PrecordiaCompanion

@Suite struct CompanionCommandTests {
    let command = CompanionCommand(id: 77, .acknowledge, who: "nurse, ward 4", ["vf-suspected", "ü"])

    @Test("a command is read as it was written, and no other bytes are taken for one")
    func layout() {
        let bytes = command.packed
        bytes.withUnsafeBytes { #expect(CompanionCommand($0) == command) }
        for length in 0..<bytes.count { bytes[..<length].withUnsafeBytes { #expect(CompanionCommand($0) == nil) } }
        (bytes + [0]).withUnsafeBytes { #expect(CompanionCommand($0) == nil) }
        // A wrong magic or count is no command; more arguments than texts is none either.
        for place in [0, 1, 2, 3, 4, 5, 6, 7, 18, 19] {
            var wrong = bytes
            wrong[place] ^= 0x55
            wrong.withUnsafeBytes { #expect(CompanionCommand($0) == nil, "byte \(place)") }
        }
        #expect(command.words == "acknowledge vf-suspected ü" && command.kind == .acknowledge)
        let long = CompanionCommand(id: 1, .limits, who: String(repeating: "x", count: 5000))
        long.packed.withUnsafeBytes { #expect(CompanionCommand($0) == nil, "longer than any command") }
    }

    @Test("commands and answers are found one after the other, however the bytes are cut, and junk between them is counted")
    func input() {
        var answer = CompanionAnswer()
        answer.stored = 5
        let junk: [UInt8] = [1, 2, 3, 4, 5]
        let bytes = answer.packed + junk + command.packed + answer.packed + command.packed
        for step in [1, 3, 7, 64, bytes.count] {
            var input = CompanionInput()
            var found: [CompanionInput.Item] = []
            var start = 0
            while start < bytes.count {
                input.append(bytes[start..<min(start + step, bytes.count)])
                while let item = input.next() { found.append(item) }
                start += step
            }
            #expect(found == [.answer(answer), .command(command), .answer(answer), .command(command)] && input.skipped == 5)
        }
        var input = CompanionInput()
        var huge = command.packed
        huge[7] = 0x7F
        input.append((huge + command.packed)[...])
        #expect(input.next() == .command(command), "a length that cannot be is no reason to wait for it")
    }

    /// A program that sends these bytes and keeps what it is told.
    private func program(_ bytes: [UInt8], in folder: TemporaryFolder) throws -> CompanionProgram {
        try Data(bytes).write(to: URL(fileURLWithPath: folder.file("commands")))
        let path = folder.file("page")
        let script = "#!/bin/sh\ncat '\(folder.file("commands"))'\nexec cat 3>&1 > '\(folder.file("told"))'\n"
        try Data(script.utf8).write(to: URL(fileURLWithPath: path))
        // Through the shell, because a file that was just written may be busy where other tests start programs.
        return CompanionProgram(name: "page", path: "/bin/sh", words: [path])
    }

    /// Replies among what a program was told, by the command's number.
    private func replies(_ folder: TemporaryFolder) throws -> [UInt64: [UInt8]] {
        let told = try [UInt8](Data(contentsOf: URL(fileURLWithPath: folder.file("told"))))
        var found: [UInt64: [UInt8]] = [:]
        var start = 0
        while let message = told[start...].withUnsafeBytes({ CompanionMessage($0) }) {
            let end = start + CompanionMessage.headerBytes + message.count
            // The rest is still to come.
            guard end <= told.count else { break }
            if message.kind == .reply { found[message.number] = Array(told[(start + CompanionMessage.headerBytes)..<end]) }
            start = end
        }
        return found
    }

    private func wait(_ isDone: () -> Bool) {
        let end = Monotonic.now() + 20_000_000_000
        while !isDone(), Monotonic.now() < end { Monotonic.sleep(until: Monotonic.now() + 1_000_000) }
    }

    @Test("a program asks for something and is answered")
    func asked() throws {
        let folder = try TemporaryFolder()
        let feed = try CompanionFeed(program(command.packed, in: folder))
        var found: CompanionCommand?
        wait {
            found = feed.nextCommand()
            return found != nil
        }
        #expect(found == command && feed.nextCommand() == nil)
        feed.reply(.done, to: 77, "acknowledged")
        feed.finish()
        #expect(try replies(folder) == [77: CompanionCommand.reply(.done, "acknowledged")])
    }

    @Test("commands that nobody fetches are answered as too many, each of them")
    func busy() throws {
        let folder = try TemporaryFolder()
        let bytes = (1...1000 as ClosedRange<UInt64>).flatMap { CompanionCommand(id: $0, .pause, who: "flood", ["begin"]).packed }
        let feed = try CompanionFeed(program(bytes, in: folder))
        // The last one is answered when all were read.
        wait { (try? replies(folder)[1000]) != nil }
        let refused = try replies(folder)
        var waiting: [UInt64] = []
        while let command = feed.nextCommand() { waiting.append(command.id) }
        #expect(!waiting.isEmpty && waiting == Array(1...UInt64(waiting.count)))
        #expect(Set(refused.keys) == Set(UInt64(waiting.count + 1)...1000))
        #expect(refused.values.allSatisfy { $0 == CompanionCommand.reply(.busy, "too many commands wait; ask again") })
        feed.finish()
    }

    @Test("a program that hangs is a fault although it runs, and none any more once it has what it was given")
    func hangs() throws {
        let folder = try TemporaryFolder()
        var answer = CompanionAnswer()
        answer.stored = 1
        try Data(answer.packed).write(to: URL(fileURLWithPath: folder.file("answer")))
        let path = folder.file("slow")
        let script = """
            #!/bin/sh
            until [ -e '\(folder.file("go"))' ]; do sleep 0.02; done
            cat '\(folder.file("answer"))'
            exec cat 3>&1 > /dev/null
            """
        try Data(script.utf8).write(to: URL(fileURLWithPath: path))
        var program = CompanionProgram(name: "slow", path: "/bin/sh", words: [path])
        program.patience = 0.2
        let feed = try CompanionFeed(program)
        wait { feed.status.starts == 1 }
        #expect(feed.status.fault == .none, "nothing waits yet")
        #expect(Array("{}\n".utf8).withUnsafeBytes { feed.append($0) })
        wait { feed.status.fault == .recorder }
        #expect(feed.status.fault == .recorder && feed.status.starts == 1 && feed.status.waiting == 1)
        try Data().write(to: URL(fileURLWithPath: folder.file("go")))
        wait { feed.status.fault == .none }
        #expect(feed.status.fault == .none && feed.status.waiting == 0 && feed.finish())
    }
}
