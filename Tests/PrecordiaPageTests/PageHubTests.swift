// The room between session and browsers: who is admitted, who may act, who is slow, and what everybody sees.

import Glibc
import NIOCore
import NIOEmbedded
import NIOWebSocket
import PrecordiaCompanion
import PrecordiaHost
import Testing

@testable import PrecordiaPage

@Suite struct PageHubTests {
    /// A room with a clock that is set by hand, and what it told the session.
    final class Room {
        var now: Int64 = 1_000_000_000
        var told: [UInt8] = []
        var takes = true
        var hub: PageHub!

        init(tokens: String? = nil) {
            hub = PageHub(
                tokens: tokens, clock: { [unowned self] in (1_780_000_000_000 + now / 1_000_000, now) },
                tell: { [unowned self] bytes in
                    if takes { told += bytes }
                    return takes
                })
        }

        func pass(milliseconds: Int64) {
            now += milliseconds * 1_000_000
            hub.tick()
        }

        /// What the session was asked since this was last looked at.
        func commands() -> [CompanionCommand] {
            var input = CompanionInput()
            input.append(told[...])
            told = []
            var found: [CompanionCommand] = []
            while let item = input.next() { if case .command(let command) = item { found.append(command) } }
            return found
        }
    }

    /// A browser.
    final class Browser {
        let channel = EmbeddedChannel()
        let viewer: PageViewer
        let room: Room

        init(_ room: Room, atTheBox: Bool = true, address: String = "127.0.0.1") {
            self.room = room
            viewer = PageViewer(channel, address: address, at: room.now)
            // EmbeddedChannel is closed until it is connected.
            try? channel.connect(to: SocketAddress(unixDomainSocketPath: "/x")).wait()
            #expect(room.hub.join(viewer, isAtTheBox: atTheBox))
        }

        func says(_ text: String) { room.hub.heard(Array(text.utf8), from: viewer) }

        /// What it has got: texts as lines, and how many bytes of pictures.
        func got() -> (lines: [PageLine], pictures: [[UInt8]]) {
            channel.flush()
            var lines: [PageLine] = [], pictures: [[UInt8]] = []
            while let frame = try? channel.readOutbound(as: WebSocketFrame.self) {
                let bytes = Array(frame.data.readableBytesView)
                if frame.opcode == .text { lines.append(PageLine(bytes)) } else { pictures.append(bytes) }
            }
            return (lines, pictures)
        }

        func kinds() -> [String] { got().lines.compactMap { $0.text("kind") } }
    }

    private func drawn(_ first: UInt64, count: Int = 20) -> PageInput.Item {
        var bytes = [UInt8](repeating: 0, count: CompanionMessage.drawnBytes(count))
        withUnsafeBytes(of: first.littleEndian) { bytes.replaceSubrange(0..<8, with: $0) }
        return .drawn(bytes, stream: 1)
    }

    private func line(_ text: String, _ number: UInt64 = 1) -> PageInput.Item { .line(Array(text.utf8), number: number) }

    @Test("whoever sits at the box is admitted at once, told what is, and named in the log")
    func atTheBox() {
        let room = Room(), browser = Browser(room)
        #expect(browser.kinds() == ["you", "history"])
        room.pass(milliseconds: 500)
        #expect(browser.kinds() == ["state"])
        #expect(
            room.commands().map { [$0.kind?.name, $0.who, $0.arguments.first] } == [
                ["look", "somebody at the box, from 127.0.0.1", "begin"]
            ])
        room.hub.leave(browser.viewer)
        room.pass(milliseconds: 600)
        #expect(room.commands().map(\.arguments) == [["end"]])
    }

    @Test("without a token nothing of the patient is told, a wrong one closes, and after five of them even a right one waits")
    func tokens() throws {
        let path = "/tmp/precordia-page-tokens-\(UInt64.random(in: 0...UInt64.max))"
        let file = open(path, O_CREAT | O_WRONLY, 0o600)
        let text = Array("act 0123456789abcdefghijkmnpqr Ana\nview zzzzzzzzzzzzzzzzzzzz2345 corridor\n".utf8)
        #expect(text.withUnsafeBytes { write(file, $0.baseAddress!, $0.count) } == text.count)
        close(file)
        defer { unlink(path) }
        let room = Room(tokens: path), browser = Browser(room, atTheBox: false, address: "10.0.0.5")
        room.hub.take([.stream(rate: 500, number: 1), drawn(0), line(#"{"event":"gap","frames":1}"#)])
        room.pass(milliseconds: 500)
        var got = browser.got()
        #expect(got.lines.compactMap { $0.text("kind") } == ["token"] && got.pictures.isEmpty)
        browser.says(#"{"do":"token","token":"0123456789abcdefghijkmnpqr"}"#)
        got = browser.got()
        #expect(got.lines.map { $0.text("kind") } == ["you", "history"] && got.lines[0].text("name") == "Ana")
        for attempt in 0..<6 {
            let other = Browser(room, atTheBox: false, address: "10.0.0.9")
            other.says(#"{"do":"token","token":"guess"}"#)
            #expect(other.kinds() == ["token", attempt < 5 ? "denied" : "blocked"])
            #expect(!other.channel.isActive)
            room.hub.leave(other.viewer)
        }
        let late = Browser(room, atTheBox: false, address: "10.0.0.9")
        late.says(#"{"do":"token","token":"0123456789abcdefghijkmnpqr"}"#)
        #expect(late.kinds() == ["token", "blocked"])
        room.hub.leave(late.viewer)
        room.pass(milliseconds: 61_000)
        let again = Browser(room, atTheBox: false, address: "10.0.0.9")
        again.says(#"{"do":"token","token":"zzzzzzzzzzzzzzzzzzzz2345"}"#)
        #expect(again.kinds().prefix(2) == ["token", "you"])
        _ = room.commands()
        again.says(#"{"do":"acknowledge","id":1}"#)
        let answer = try #require(again.got().lines.last)
        #expect(
            answer.text("kind") == "reply" && answer.text("result") == "notPossible" && room.commands().isEmpty, "it may look and not act")
    }

    @Test("acknowledging goes to the session with a name, and its answer back to the one who asked")
    func acknowledged() throws {
        let room = Room(), one = Browser(room), other = Browser(room)
        _ = (one.got(), other.got(), room.commands())
        one.says(#"{"do":"acknowledge","what":"AFIB","id":7}"#)
        let command = try #require(room.commands().first)
        #expect(command.kind == .acknowledge && command.arguments == ["AFIB"] && command.who == "somebody at the box, from 127.0.0.1")
        room.hub.take([.reply(id: command.id, result: 0, words: Array("acknowledged".utf8))])
        let reply = try #require(one.got().lines.last)
        #expect(reply.number("id") == 7 && reply.text("result") == "done" && reply.text("words") == "acknowledged")
        #expect(other.kinds().isEmpty)
        room.hub.take([.reply(id: command.id, result: 0, words: [])])
        #expect(one.kinds().isEmpty, "an answer comes once")
    }

    @Test("alarms are switched off by a second confirmation alone, of the same browser and in time")
    func off() throws {
        let room = Room(), one = Browser(room), other = Browser(room)
        _ = (one.got(), other.got(), room.commands())
        one.says(#"{"do":"off","what":"begin","id":1}"#)
        let asked = try #require(one.got().lines.last), code = try #require(asked.text("code"))
        #expect(asked.text("kind") == "confirm" && room.commands().isEmpty)
        other.says(#"{"do":"off","what":"begin","id":1,"code":"\#(code)"}"#)
        #expect(other.kinds() == ["confirm"] && room.commands().isEmpty, "another's number")
        room.now += 11_000_000_000
        one.says(#"{"do":"off","what":"begin","id":2,"code":"\#(code)"}"#)
        let second = try #require(one.got().lines.last), newer = try #require(second.text("code"))
        #expect(room.commands().isEmpty, "too late")
        one.says(#"{"do":"off","what":"begin","id":3,"code":"\#(newer)"}"#)
        #expect(room.commands().map(\.arguments) == [["begin"]])
        one.says(#"{"do":"off","what":"begin","id":4,"code":"\#(newer)"}"#)
        #expect(room.commands().isEmpty, "a number is good for once")
        one.says(#"{"do":"off","what":"end","id":5}"#)
        #expect(room.commands().map(\.arguments) == [["end"]], "on again needs none")
    }

    @Test("a slow browser is left out and told how much it did not see, and another one sees everything")
    func slow() throws {
        let room = Room(), slow = Browser(room), quick = Browser(room)
        room.hub.take([.stream(rate: 500, number: 1)])
        _ = (slow.got(), quick.got())
        slow.channel.isWritable = false
        for block in 0..<10 {
            room.hub.take([drawn(UInt64(block) * 20), line(#"{"event":"gap","frames":1}"#)])
            room.pass(milliseconds: 40)
        }
        #expect(slow.got().pictures.isEmpty && slow.viewer.unseen == 200)
        let seen = quick.got()
        #expect(seen.pictures.map(\.count).reduce(0, +) == 10 * PageFrames.headerBytes + 200 * PageFrames.frameBytes)
        slow.channel.isWritable = true
        room.pass(milliseconds: 500)
        let got = slow.got().lines
        #expect(got.compactMap { $0.text("kind") } == ["state", "you", "history"])
        #expect(got[1].number("unseen") == 200 && slow.channel.isActive)
        slow.channel.isWritable = false
        for _ in 0..<30 { room.pass(milliseconds: 500) }
        #expect(!slow.channel.isActive && quick.channel.isActive, "one that takes nothing for ten seconds is let go")
    }

    @Test("garbage, floods and what nobody knows close a browser or are answered, and reach no session")
    func garbage() {
        let room = Room()
        for text in ["", "x", "[1]", "{", #"{"id":1}"#, #"{"do":3}"#, String(repeating: "{", count: 2000)] {
            let browser = Browser(room)
            browser.says(text)
            #expect(!browser.channel.isActive, "\(text.prefix(20))")
            room.hub.leave(browser.viewer)
        }
        let odd = Browser(room)
        _ = (odd.got(), room.commands())
        odd.says(#"{"do":"format the disk","id":1e99}"#)
        #expect(odd.got().lines.last?.text("result") == "unknown" && odd.channel.isActive)
        let flood = Browser(room)
        for _ in 0..<20 { flood.says(#"{"do":"ping","id":1}"#) }
        #expect(!flood.channel.isActive)
        #expect(room.commands().allSatisfy { $0.kind == .look })
    }

    @Test("no more than so many look at once")
    func crowd() {
        let room = Room()
        let crowd = (0..<PageHub.most).map { _ in Browser(room) }
        #expect(!room.hub.join(PageViewer(EmbeddedChannel(), address: "x"), isAtTheBox: true))
        room.hub.leave(crowd[0].viewer)
        #expect(room.hub.join(PageViewer(EmbeddedChannel(), address: "x"), isAtTheBox: true))
    }

    @Test("strangers without a token are few, are let go after 20 s, and keep nobody out")
    func strangers() {
        let room = Room(tokens: "/nowhere")
        let strangers = (0..<PageHub.mostStrangers).map { _ in Browser(room, atTheBox: false) }
        #expect(!room.hub.join(PageViewer(EmbeddedChannel(), address: "x", at: room.now), isAtTheBox: false))
        let known = Browser(room)
        room.pass(milliseconds: 19_000)
        #expect(strangers.allSatisfy { $0.channel.isActive })
        room.pass(milliseconds: 1_100)
        #expect(strangers.allSatisfy { !$0.channel.isActive } && known.channel.isActive)
    }

    @Test("a session that gives no sign of life is not called heard, and its end is told")
    func silence() throws {
        let room = Room(), browser = Browser(room)
        func heard() throws -> String {
            let state = try #require(browser.got().lines.last { $0.text("kind") == "state" })
            return String(decoding: try #require(state.raw("heard")), as: UTF8.self)
        }
        room.hub.take([.pulse(.init(linesMissed: 0, framesMissed: 0))])
        room.pass(milliseconds: 1000)
        #expect(try heard() == "true")
        room.pass(milliseconds: 900)
        #expect(try heard() == "false")
        room.hub.take([.pulse(.init(linesMissed: 0, framesMissed: 0))])
        room.pass(milliseconds: 500)
        #expect(try heard() == "true")
        room.hub.take([.goodbye])
        room.pass(milliseconds: 500)
        #expect(try heard() == "false" && room.hub.hasEnded)
    }

    @Test("lines are answered as safe, and each sign of life is answered")
    func answers() {
        let room = Room()
        func stored() -> [UInt64] {
            var input = CompanionInput()
            input.append(room.told[...])
            room.told = []
            var found: [UInt64] = []
            while let item = input.next() { if case .answer(let answer) = item { found.append(answer.stored) } }
            return found
        }
        room.hub.take([line("{}", 3), line("{}", 5), line("{}", 0)])
        #expect(stored() == [5])
        room.hub.take([.pulse(.init(linesMissed: 0, framesMissed: 0))])
        #expect(stored() == [5])
        room.hub.take([.hello])
        #expect(stored() == [])
    }
}
