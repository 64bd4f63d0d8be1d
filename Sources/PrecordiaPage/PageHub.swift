// The page's room: the session on one side, browsers on the other, the state between them.
// Everything here happens on one event loop, so that two people who press at once have one order, and nothing waits for anybody.

import Glibc
import NIOCore
import NIOWebSocket
import PrecordiaCompanion
import PrecordiaHost

/// Tells browsers what the session says, and the session what people ask for.
///
/// - Thread: the event loop's, but for init.
package final class PageHub: @unchecked Sendable {
    private var state = PageState()
    private var frames = PageFrames()
    private var viewers: [ObjectIdentifier: PageViewer] = [:]
    private var rate = 500
    private var stream: UInt32 = 0
    private let tokens: String?
    /// Writes to the session: false if it takes nothing now.
    private let tell: ([UInt8]) -> Bool
    private let clock: () -> (utc: Int64, monotonic: Int64)
    private var heardAt: Int64
    private(set) var hasEnded = false
    private var isDirty = true
    private var toldAt: Int64 = 0
    private var nextID: UInt64
    private var pending: [UInt64: (viewer: ObjectIdentifier, id: Int)] = [:]
    private var looks: [CompanionCommand] = []
    private var lookedAt: Int64 = 0
    private var failures: [String: (count: Int, at: Int64)] = [:]

    /// Viewers at most; one more is refused.
    static let most = 64
    /// Those among them who have brought no token yet, and nanoseconds after which one is let go.
    static let mostStrangers = 16
    private static let login: Int64 = 20_000_000_000
    /// Nanoseconds without any sign of the session after which nothing of it is called live: it gives one each second at least.
    static let patience: Int64 = 1_800_000_000
    private static let interval: Int64 = 450_000_000
    private static let shortest: Int64 = 100_000_000
    /// Nanoseconds for which a viewer may take nothing.
    private static let stuck: Int64 = 10_000_000_000
    private static let confirming: Int64 = 10_000_000_000

    /// - Parameters:
    ///   - tokens: the file that says who may look and act; without one only whoever sits at the box may.
    ///   - clock: milliseconds since 1970 and nanoseconds of a clock that is never set.
    init(tokens: String?, clock: @escaping () -> (utc: Int64, monotonic: Int64), tell: @escaping ([UInt8]) -> Bool) {
        self.tokens = tokens
        self.clock = clock
        self.tell = tell
        heardAt = clock().monotonic
        nextID = UInt64(UInt32.random(in: 1...UInt32.max)) << 20
    }

    // MARK: The session

    /// Takes what the session has said.
    func take(_ items: [PageInput.Item]) {
        let (utc, now) = clock()
        heardAt = now
        var stored: UInt64?
        for item in items {
            switch item {
            case .hello: break
            case .line(let bytes, let number):
                if number > 0 { stored = number }
                take(PageLine(bytes), utc, now)
            case .board(let bytes):
                state.board(bytes.isEmpty ? nil : PageLine(bytes), at: utc)
                isDirty = true
            case .stream(let rate, let number):
                flush(utc, now)
                (self.rate, stream) = (rate, number)
            case .drawn(let bytes, let stream):
                if !frames.takes(bytes[...], of: stream) { flush(utc, now) }
                _ = frames.take(bytes[...], of: stream)
            case .pulse(let pulse):
                isDirty = isDirty || pulse != state.missed
                state.missed = pulse
                stored = stored ?? lastStored
            case .reply(let id, let result, let words): reply(id, result, words, now)
            case .goodbye:
                hasEnded = true
                isDirty = true
            }
        }
        guard let stored else { return }
        lastStored = max(lastStored, stored)
        var answer = CompanionAnswer()
        (answer.stored, answer.synced) = (lastStored, lastStored)
        _ = tell(answer.packed)
    }

    private var lastStored: UInt64 = 0

    private func take(_ line: PageLine, _ utc: Int64, _ now: Int64) {
        isDirty = true
        let isEvent = state.take(line, at: utc)
        guard isEvent || line.text("event") == "session" else { return }
        let message = Self.buffer(PageState.message(of: line))
        for viewer in viewers.values where viewer.person != nil { viewer.send(message, .text, isEvent: true, at: now) }
    }

    private func reply(_ id: UInt64, _ result: UInt16, _ words: [UInt8], _ now: Int64) {
        guard let asked = pending.removeValue(forKey: id), let viewer = viewers[asked.viewer] else { return }
        answer(viewer, asked.id, Int(result), String(decoding: words, as: UTF8.self), now)
    }

    // MARK: Time

    /// What is due: frames, the state, those who have stopped taking anything. To be called each few hundredths of a second.
    func tick() {
        let (utc, now) = clock()
        flush(utc, now)
        if now - toldAt >= Self.interval || (isDirty && now - toldAt >= Self.shortest) { tellState(utc, now) }
        for viewer in viewers.values {
            let isStuck = viewer.stuckSince.map { now - $0 >= Self.stuck } ?? false
            if isStuck || (viewer.person == nil && now - viewer.joinedAt >= Self.login) { viewer.channel.close(promise: nil) }
        }
        if now - lookedAt >= 500_000_000, !looks.isEmpty {
            lookedAt = now
            _ = tell(looks.removeFirst().packed)
        }
        for viewer in viewers.values { viewer.channel.flush() }
    }

    private func flush(_ utc: Int64, _ now: Int64) {
        let count = frames.count
        guard let message = frames.message(rate: rate, at: utc).map(Self.buffer) else { return }
        for viewer in viewers.values where viewer.person != nil { viewer.send(message, .binary, frames: count, at: now) }
    }

    private func tellState(_ utc: Int64, _ now: Int64) {
        toldAt = now
        isDirty = false
        let isHeard = !hasEnded && now - heardAt < Self.patience
        let looking = viewers.values.count { $0.person != nil }
        let message = Self.buffer(state.message(at: utc, isHeard: isHeard, hasEnded: hasEnded, viewers: looking))
        for viewer in viewers.values where viewer.person != nil {
            guard viewer.send(message, .text, at: now) else { continue }
            if viewer.unseen != viewer.toldUnseen { greet(viewer, now) }
            if viewer.owesHistory, viewer.send(Self.buffer(state.history()), .text, at: now) { viewer.gaveHistory() }
        }
    }

    // MARK: Viewers

    /// A browser has opened a WebSocket; false if there are too many.
    ///
    /// - Parameter isAtTheBox: whether it needs no token.
    func join(_ viewer: PageViewer, isAtTheBox: Bool) -> Bool {
        guard viewers.count < Self.most, isAtTheBox || viewers.values.count(where: { $0.person == nil }) < Self.mostStrangers else {
            return false
        }
        let now = clock().monotonic
        viewers[ObjectIdentifier(viewer)] = viewer
        if isAtTheBox {
            admit(viewer, PagePerson(name: "somebody at the box", role: .act), now)
        } else {
            say(viewer, now) { $0.add("kind", "token") }
        }
        return true
    }

    func leave(_ viewer: PageViewer) {
        guard viewers.removeValue(forKey: ObjectIdentifier(viewer)) != nil else { return }
        pending = pending.filter { $0.value.viewer != ObjectIdentifier(viewer) }
        if viewer.person != nil { look(viewer, "end") }
    }

    private func admit(_ viewer: PageViewer, _ person: PagePerson, _ now: Int64) {
        viewer.person = person
        greet(viewer, now)
        viewer.send(Self.buffer(state.history()), .text, isEvent: true, at: now)
        isDirty = true
        look(viewer, "begin")
    }

    /// Tells a viewer who it is, and what it has not seen.
    private func greet(_ viewer: PageViewer, _ now: Int64) {
        viewer.toldUnseen = viewer.unseen
        say(viewer, now) { line in
            line.add("kind", "you")
            line.add("name", viewer.person?.name ?? "")
            line.add("role", viewer.person?.role.rawValue ?? "")
            line.add("unseen", Int(clamping: viewer.unseen))
        }
    }

    /// For the log: who looks. More than the session takes at once is told later, and much more not at all.
    private func look(_ viewer: PageViewer, _ argument: String) {
        guard looks.count < 64 else { return }
        nextID += 1
        looks.append(CompanionCommand(id: nextID, .look, who: viewer.who, [argument]))
    }

    /// Takes what a browser has sent.
    func heard(_ text: [UInt8], from viewer: PageViewer) {
        let (utc, now) = clock()
        let line = PageLine(text)
        guard viewer.mayAsk(at: now), line.isObject, let what = line.text("do") else { return viewer.channel.close(promise: nil) }
        guard viewer.person != nil else {
            guard what == "token", let token = line.text("token") else { return viewer.channel.close(promise: nil) }
            return login(viewer, token, now)
        }
        let id = Int(clamping: line.number("id").map { $0.isFinite && abs($0) < 1e9 ? Int64($0) : 0 } ?? 0)
        switch what {
        case "ping":
            say(viewer, now) { answer in
                answer.add("kind", "pong")
                answer.add("id", id)
                answer.add("now", Int(utc))
            }
        case "acknowledge", "pause", "off": act(viewer, what, line, id, now)
        default: answer(viewer, id, 1, "this page does not know it", now)
        }
    }

    private func login(_ viewer: PageViewer, _ token: String, _ now: Int64) {
        let before = failures[viewer.address]
        let isBlocked = before.map { $0.count >= 5 && now - $0.at < 60_000_000_000 } ?? false
        do throws(RuntimeError) {
            if !isBlocked, let tokens, let person = try PageTokens(path: tokens).person(of: token) {
                failures[viewer.address] = nil
                return admit(viewer, person, now)
            }
        } catch {
            _ = tell(CompanionCommand(id: 0, .say, who: "", ["\(error)"]).packed)
        }
        if failures.count > 1000 { failures.removeAll() }
        let count = before.map { now - $0.at < 60_000_000_000 ? $0.count : 0 } ?? 0
        if !isBlocked { failures[viewer.address] = (count + 1, now) }
        say(viewer, now) { $0.add("kind", isBlocked ? "blocked" : "denied") }
        viewer.channel.flush()
        viewer.channel.close(promise: nil)
    }

    private func act(_ viewer: PageViewer, _ what: String, _ line: PageLine, _ id: Int, _ now: Int64) {
        guard viewer.person?.role == .act else { return answer(viewer, id, 2, "this token may look and not act", now) }
        let argument = line.text("what")
        let kind: CompanionCommand.Kind = what == "acknowledge" ? .acknowledge : what == "pause" ? .pause : .off
        if kind == .off, argument == "begin" {
            let code = line.text("code")
            guard let code, let asked = viewer.confirmation, code == asked.code, now < asked.until else {
                let code = PageTokens.random()
                viewer.confirmation = (code, now + Self.confirming)
                return say(viewer, now) { answer in
                    answer.add("kind", "confirm")
                    answer.add("id", id)
                    answer.add("code", code)
                    answer.add("seconds", Int(Self.confirming / 1_000_000_000))
                }
            }
        }
        viewer.confirmation = nil
        guard pending.count < 128 else { return answer(viewer, id, 4, "too much waits for the session; ask again", now) }
        nextID += 1
        let command = CompanionCommand(id: nextID, kind, who: viewer.who, argument.map { [$0] } ?? [])
        guard argument?.utf8.count ?? 0 <= 64, tell(command.packed) else {
            return answer(viewer, id, 4, "the session takes nothing now; ask again", now)
        }
        pending[nextID] = (ObjectIdentifier(viewer), id)
    }

    private func answer(_ viewer: PageViewer, _ id: Int, _ result: Int, _ words: String, _ now: Int64) {
        say(viewer, now) { line in
            line.add("kind", "reply")
            line.add("id", id)
            line.add("result", "\(CompanionCommand.Result(rawValue: UInt16(clamping: result))?.name ?? "unknown")")
            line.add("words", words)
        }
    }

    private func say(_ viewer: PageViewer, _ now: Int64, _ build: (inout JSONLine) -> Void) {
        var line = JSONLine()
        build(&line)
        viewer.send(Self.buffer(line.line.dropLast()), .text, at: now)
        viewer.channel.flush()
    }

    private static func buffer(_ bytes: some Sequence<UInt8>) -> ByteBuffer { ByteBuffer(bytes: bytes) }
}
