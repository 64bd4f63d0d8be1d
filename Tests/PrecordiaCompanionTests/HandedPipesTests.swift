// Companions that the service manager starts: pipes are taken by name, what is no pair of pipes is refused in words, and a program may begin at any time.

import Foundation
import PrecordiaHost
import PrecordiaSignal
import Testing

@testable import PrecordiaCompanion

@Suite(.serialized) struct HandedPipesTests {
    private static let first: Int32 = 200

    /// Descriptors from 200 on, each one end of a pipe or what the name says; closed again behind the body.
    private func handed(_ names: [String], process: pid_t = getpid(), _ body: ((String) -> String?) throws -> Void) throws {
        var others: [Int32] = []
        for (place, name) in names.enumerated() {
            var ends: [Int32] = [0, 0]
            if name.contains("socket") {
                #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
            } else {
                #expect(pipe(&ends) == 0)
            }
            let isWriting = name.hasSuffix("-to")
            #expect(dup2(ends[isWriting ? 1 : 0], Self.first + Int32(place)) >= 0)
            close(ends[isWriting ? 1 : 0])
            others.append(ends[isWriting ? 0 : 1])
        }
        defer {
            others.forEach { close($0) }
            for place in names.indices { close(Self.first + Int32(place)) }
        }
        try body {
            switch $0 {
            case "LISTEN_PID": "\(process)"
            case "LISTEN_FDS": "\(names.count)"
            case "LISTEN_FDNAMES": names.joined(separator: ":")
            default: nil
            }
        }
    }

    private func taken(_ variable: (String) -> String?) throws -> [CompanionProgram] {
        try HandedPipes.taken(variable, first: Self.first) { $0 != "log" && !$0.isEmpty }
    }

    @Test("pipes are taken in pairs by name, and are another process's or nobody's otherwise")
    func names() throws {
        try handed(["page-to", "gate-from", "page-from", "gate-to"]) { variable in
            let found = try taken(variable)
            #expect(found.map(\.name) == ["page", "gate"])
            #expect(found.map(\.pipes) == [HandedPipes(to: 200, from: 202), HandedPipes(to: 203, from: 201)])
            for place in 200..<204 as Range<Int32> {
                #expect(fcntl(place, F_GETFD) & FD_CLOEXEC != 0 && fcntl(place, F_GETFL) & O_NONBLOCK != 0)
            }
        }
        try handed(["page-to", "page-from"], process: getpid() + 1) { variable in
            let found = try taken(variable)
            #expect(found.isEmpty)
        }
        #expect(try taken { _ in nil }.isEmpty)
    }

    @Test(
        "what is no pair of pipes is refused by its name",
        arguments: [
            ["page-to"], ["page-from"], ["page-to", "gate-from"], ["page-to", "page-to"], ["log-to", "log-from"], ["page"],
            ["socket-to", "socket-from"],
        ])
    func refused(names: [String]) throws {
        try handed(names) { variable in
            let error = #expect(throws: RuntimeError.self) { try taken(variable) }
            #expect(names.contains { "\(error!)".hasPrefix($0 + ": ") }, "\(error!)")
        }
        try handed(["page-to", "page-from"]) { variable in
            #expect(throws: RuntimeError.self) { try taken { $0 == "LISTEN_FDNAMES" ? "page-to" : variable($0) } }
        }
    }

    /// A companion at the other end of its pipes.
    private final class Unit {
        var to: [Int32] = [0, 0], from: [Int32] = [0, 0]
        private var bytes: [UInt8] = []

        init() {
            #expect(pipe(&to) == 0 && pipe(&from) == 0)
            for end in to + from { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
        }

        deinit { for end in [to[0], from[1]] { close(end) } }

        /// Waits for messages up to one of a kind; all of them.
        func messages(upTo kind: CompanionMessage.Kind) -> [CompanionMessage] {
            var found: [CompanionMessage] = []
            let end = Monotonic.now() + 20_000_000_000
            while found.last?.kind != kind, Monotonic.now() < end {
                var room = [UInt8](repeating: 0, count: 4096)
                let count = read(to[0], &room, room.count)
                if count > 0 { bytes += room[..<count] } else { Monotonic.sleep(until: Monotonic.now() + 1_000_000) }
                while found.last?.kind != kind, let message = bytes.withUnsafeBytes({ CompanionMessage($0) }),
                    bytes.count >= CompanionMessage.headerBytes + message.count
                {
                    found.append(message)
                    bytes.removeFirst(CompanionMessage.headerBytes + message.count)
                }
            }
            return found
        }

        func say(_ bytes: [UInt8]) { #expect(write(from[1], bytes, bytes.count) == bytes.count) }

        func answer(stored: UInt64) {
            var answer = CompanionAnswer()
            answer.stored = stored
            say(answer.packed)
        }
    }

    private func append(_ feed: CompanionFeed, _ text: String) -> Bool { Array((text + "\n").utf8).withUnsafeBytes { feed.append($0) } }

    @Test("a program that begins again is told what it had not safe, and the end as it should")
    func begins() throws {
        let unit = Unit()
        let feed = try CompanionFeed(CompanionProgram(name: "page", pipes: HandedPipes(to: unit.to[1], from: unit.from[0])))
        for number in 1...3 { #expect(append(feed, "{\"line\":\(number)}")) }
        #expect(unit.messages(upTo: .hello).map(\.kind) == [.hello])
        #expect((0..<3).map { _ in unit.messages(upTo: .line).last?.number } == [1, 2, 3])
        unit.answer(stored: 2)
        unit.say(CompanionCommand(id: 1, .begin, who: "").packed)
        let again = unit.messages(upTo: .line)
        #expect(again.map(\.kind) == [.hello, .line] && again.last?.number == 3)
        #expect(feed.status.starts == 2 && feed.status.waiting == 1)
        unit.answer(stored: 3)
        #expect(feed.finish() && unit.messages(upTo: .goodbye).last?.kind == .goodbye)
    }

    @Test("no line goes before its stream, though lines go before frames and a program that is slow has many to take")
    func order() throws {
        let unit = Unit()
        let feed = try CompanionFeed(CompanionProgram(name: "gate", pipes: HandedPipes(to: unit.to[1], from: unit.from[0])))
        feed.begin(StreamFormat(rate: 500))
        // More than the pipe and what is on its way hold, so that the rest waits in its ring.
        for index in 0..<9600 as Range<UInt64> { feed.push(Frame(index: index)) }
        feed.begin(StreamFormat(rate: 250))
        #expect(append(feed, "{}"))
        let told = unit.messages(upTo: .line)
        #expect(told.last?.kind == .line && told.last?.stream == 2)
        #expect(told.filter { $0.kind == .stream }.map(\.stream) == [1, 2])
        #expect(told.filter { $0.kind == .frames && $0.stream == 1 }.reduce(0) { $0 + $1.count } == 9600 * CompanionMessage.frameBytes)
        unit.answer(stored: 1)
        #expect(feed.finish())
    }

    @Test("a page and a log that are units of their own are given what a session gives those that it starts")
    func wishes() {
        let pipes = HandedPipes(to: 3, from: 4)
        let page = CompanionProgram(name: "page", pipes: pipes), log = CompanionProgram(name: "log", pipes: pipes)
        let gate = CompanionProgram(name: "gate", pipes: pipes)
        #expect([page, log, gate].map(\.hearsPictures) == [true, false, false])
        #expect([page, log, gate].map(\.hearsFrames) == [false, true, true])
        #expect([page, log, gate].map(\.hearsBoards) == [true, false, true])
        #expect(page.patience == 5 && page.words.isEmpty && page.path == "the unit of page")
    }

    @Test("a program that never comes is a fault, and costs no more than the end's patience")
    func absent() throws {
        let unit = Unit()
        var program = CompanionProgram(name: "page", pipes: HandedPipes(to: unit.to[1], from: unit.from[0]))
        program.patience = 0.1
        let feed = try CompanionFeed(program)
        #expect(append(feed, "{}"))
        let end = Monotonic.now() + 20_000_000_000
        while feed.status.fault == .none, Monotonic.now() < end { Monotonic.sleep(until: Monotonic.now() + 1_000_000) }
        #expect(feed.status.fault == .recorder && feed.status.starts == 1)
        #expect(!feed.finish(seconds: 0.1))
    }
}
