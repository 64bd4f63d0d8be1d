// A companion program as an outlet: lines and frames on their way to it, and answers to what people ask for through it.
// What the engine's thread has to know of it, its state and its commands, it fetches; it never hands it anything but messages.

import PrecordiaAlerts
import PrecordiaCompanion
import PrecordiaDevice
import PrecordiaHost
import PrecordiaReport

/// Feeds a companion.
///
/// - Thread: its outlet's, but for ``feed``'s status and commands, which are the engine's.
struct CompanionOutlet: LiveSink {
    let outlet: LiveOutlet
    let feed: CompanionFeed
    /// Where it stands among the session's outlets.
    private let place: Int
    private let writer: LineWriter
    /// How often the program had been started when it was last told what is true.
    private var starts: UInt64 = 0

    init(_ feed: CompanionFeed, at place: Int, writer: LineWriter) {
        let signal: LiveMessage.Wants = feed.program.hearsFrames ? .signal : []
        let pictures: LiveMessage.Wants = feed.program.hearsPictures ? .pictures : []
        let boards: LiveMessage.Wants = feed.program.hearsBoards ? .board : []
        outlet = LiveOutlet(
            feed.program.name, wants: [.lines, .replies, signal, pictures, boards],
            capacity: feed.program.hearsFrames || feed.program.hearsPictures ? 1 << 21 : 1 << 20)
        self.feed = feed
        self.place = place
        self.writer = writer
    }

    mutating func take(_ message: LiveMessage, at time: EventTime?) throws(RuntimeError) {
        switch message {
        case .stream(let facts): feed.begin(facts.format)
        case .signal(let frames): for frame in frames { feed.push(frame) }
        case .frames(let first, let values): feed.draw(values, from: first)
        case .board(let board): if !tell(board) { outlet.ask() }
        case .figures:
            feed.flush()
            let now = feed.status.starts
            if now != starts { outlet.ask() }
            starts = now
            // A log has lines to answer, and counts what it lacks by their numbers.
            if feed.program.hearsBoards { feed.pulse() }
        case .reply(let reply, let words): if reply.place == place { feed.reply(reply.result, to: reply.id, words) }
        default: break
        }
        if let line = writer.line(message, at: time) { feed.append(line) }
    }

    /// What is true now, between its beginning and its end; false if there was no room for all of it.
    private func tell(_ board: LiveBoard) -> Bool {
        var isWhole = feed.board(nil)
        writer.lines(of: board) { line in isWhole = isWhole && feed.board(line) }
        return isWhole && feed.board(nil)
    }

    mutating func miss(_ loss: OutletLoss) throws(RuntimeError) { feed.miss(lines: loss.lines, frames: loss.frames) }

    mutating func finish(_ figures: LiveFigures) throws(RuntimeError) { feed.finish() }
}

/// A companion as the engine's thread sees it.
struct Companion {
    let outlet: LiveOutlet
    let feed: CompanionFeed
    var watch = CompanionWatch()
    private var second: Int64 = 0
    private var served = 0

    /// Commands that are obeyed in a second; more wait, and are then refused: whoever floods a companion floods neither alarms nor notes.
    private static let mostASecond = 10

    init(_ companion: CompanionOutlet) {
        outlet = companion.outlet
        feed = companion.feed
    }

    /// Whether it keeps the log of alerts, of which more is told.
    var isLog: Bool { outlet.name == LogSettings.name }
    /// What is raised while it does not do its work.
    var condition: Condition { isLog ? .logFailed : outlet.name == PageSettings.name ? .pageFailed : .companionFailed }
    /// The last fault that was told.
    var fault = CompanionFault.none

    /// The next command that is to be obeyed now; nil for none.
    mutating func nextCommand(at now: Int64) -> CompanionCommand? {
        if now - second >= 1_000_000_000 {
            second = now
            served = 0
        }
        guard served < Self.mostASecond, let command = feed.nextCommand() else { return nil }
        served += 1
        return command
    }
}

extension LiveEngine {
    /// Does what people ask for through companions, and answers.
    func obeyCommands(at now: Int64) {
        for index in companions.indices {
            while let command = companions[index].nextCommand(at: now) {
                let name = companions[index].outlet.name
                if command.kind == .say || command.kind == .open {
                    let words = Self.short(command.arguments.first ?? "")
                    if command.kind == .open { outlets.page(words) }
                    outlets.note("\(name): " + (command.kind == .open ? "open " : "") + words)
                    continue
                }
                let (result, words) = alarms?.obey(command, at: now) ?? (.notPossible, "the session has no policy: nothing is an alarm")
                outlets.reply(LiveMessage.Reply(place: 1 + index, id: command.id, result: result), words)
                let who = command.who.isEmpty ? "nobody" : Self.short(command.who)
                let deed = LiveMessage.Deed(
                    result: result, who: who, by: name, command: Self.short(command.words), words: words)
                outlets.deed(deed, at: date())
                guard command.kind != .look else { continue }
                outlets.note("\(who), by \(name), asked for \(Self.short(command.words)): \(words)")
            }
        }
    }

    /// What somebody sent, fit to be shown.
    private static func short(_ words: String) -> String { String(Text.printable(words).prefix(100)) }

    /// Whether companions do their work: an alert like any other, and words. Several programs of one condition have its worst fault.
    func watchCompanions() {
        for index in companions.indices {
            guard let fault = companions[index].watch.news(companions[index].feed.status.fault) else { continue }
            companions[index].fault = fault
            if companions[index].isLog {
                outlets.note("log of alerts: " + (fault == .none ? "kept again" : fault.words))
            } else {
                let program = companions[index].feed.program
                outlets.note("\(program.name): " + (fault == .none ? "it runs again" : "\(program.path) does not run, or hangs"))
            }
            let condition = companions[index].condition
            let worst = companions.lazy.filter { $0.condition == condition }.map(\.fault).max() ?? .none
            switch condition {
            case .logFailed: logFault.value = Float(worst.rawValue)
            case .pageFailed: pageFault.value = Float(worst.rawValue)
            default: companionFault.value = Float(worst.rawValue)
            }
            tellFaults()
        }
    }

    /// Lets companions take what waits, and says what they lack.
    func endCompanions() {
        for companion in companions { outlets.finish(companion.outlet) }
        let deadline = Monotonic.now() + 6_000_000_000
        while companions.contains(where: { !$0.outlet.isOver }), Monotonic.now() < deadline {
            Monotonic.sleep(until: Monotonic.now() + 1_000_000)
        }
        for companion in companions {
            let status = companion.feed.status
            let (lines, ecg) =
                companion.isLog
                ? ("entries of this session that the log of alerts lacks", "frames that the ECG in the log of alerts lacks")
                : ("lines of this session that \(companion.outlet.name) lacks", "frames that \(companion.outlet.name) lacks")
            if !companion.feed.isWhole { outlets.note("\(lines): \(status.waiting + status.linesRefused)") }
            if status.framesRefused > 0 { outlets.note("\(ecg): \(status.framesRefused)") }
            if status.repliesRefused > 0 {
                outlets.note("answers that \(companion.outlet.name) never got: \(status.repliesRefused)")
            }
        }
    }

    /// What outlets miss.
    func tellOutlets(isLast: Bool = false) {
        for words in outletWatch.news(outlets.all, isLast: isLast) { outlets.note(words) }
    }
}
