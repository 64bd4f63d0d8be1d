// A live session whole: acquisition, engine and sink, each a thread, with a ring between two of them.
// The sink runs on the caller's thread: a terminal that stands still or a pipe that nobody reads stops it and nothing else.

import Glibc
import PrecordiaCompanion
package import PrecordiaDevice
package import PrecordiaHost
package import PrecordiaSession
import Synchronization

/// Shows or stores what a session says.
package protocol LiveSink {
    /// Takes a message. Anything it throws ends the session.
    mutating func take(_ message: LiveMessage) throws(RuntimeError)
    /// Nothing came for a while.
    mutating func pause() throws(RuntimeError)
    /// Nothing more comes.
    mutating func finish(_ figures: LiveFigures) throws(RuntimeError)
}

/// How a session ended.
package struct LiveResult {
    package var figures: LiveFigures
    /// Why it failed; nil if it did not.
    package var problem: String?
    package var failed: Bool { problem != nil }
}

/// Runs a device's streams through an engine and shows what it says.
///
///     device → acquisition → ring of bytes → engine → ring of messages → sink
///
/// - Memory: 4 MiB a ring, allocated at init: of 8 channels at 500 Hz four minutes of bytes.
/// - Thread: two of its own and the caller's.
package final class LiveSession {
    private let engine: LiveEngine
    private let acquisition: Acquisition
    private let messages = ChunkRing(capacity: 1 << 22, reserve: 1 << 20)
    private let settings: LiveSettings

    private static let interval: Int32 = 66
    /// Nanoseconds for which the sound may fail in a session whose output has failed.
    private static let patience: Int64 = 10_000_000_000

    /// Opens the source.
    ///
    /// - Throws: ``RuntimeError/badSource(source:problem:)``; ``RuntimeError/cannotWrite(file:reason:)`` if another session keeps the same state of alarms.
    package init(_ settings: LiveSettings, model: LoadedModel) throws(RuntimeError) {
        let keeper = settings.policy == nil ? nil : settings.alarmState.map { AlarmKeeper(path: $0, bed: settings.bed) }
        try keeper?.claim()
        let bytes = ChunkRing(capacity: 1 << 22, reserve: 1 << 14)
        acquisition = try Acquisition(
            source: settings.source, framing: settings.framing, reopen: settings.reopens, realTime: settings.realTime, into: bytes)
        engine = LiveEngine(settings: settings, model: model, acquisition: acquisition, input: bytes, output: messages, keeper: keeper)
        engine.feed = try settings.log.map { settings throws(RuntimeError) in try LogFeed(settings) }
        self.settings = settings
    }

    /// Runs until the source ends or ``Interrupt``.
    ///
    /// - Parameter complain: told at once when the output fails and the session goes on without it, because alarms are heard.
    /// - Returns: what was counted, and why the source failed, if it did.
    package func run<Sink: LiveSink>(_ sink: inout Sink, complain: (String) -> Void = { _ in }) throws(RuntimeError) -> LiveResult {
        for words in settings.realTime.lockMemory() { try sink.take(.note(words)) }
        guard Workers.start({ [engine] in engine.run() }), acquisition.start() else {
            throw .badSource(source: settings.source, problem: "the system has no thread left for it")
        }
        var figures = LiveFigures()
        var problem: RuntimeError?
        var lost = 0
        // Neither shown nor heard: nobody is served.
        var isUnattended = false
        func lose(_ error: RuntimeError?) {
            guard problem == nil, let error else { return }
            problem = error
            guard settings.sound != nil else {
                isUnattended = !acquisition.isPatient
                return engine.stop()
            }
            let heard = engine.station?.speaks == true ? "heard until Ctrl-C" : "not known to be heard; without either the session ends"
            complain("\(error); nothing more is shown, the device is watched and alarms are \(heard)")
        }
        var silentSince: Int64?
        var keys = AlarmKeys(isUsed: settings.policy == nil || settings.source == "-")
        while true {
            for key in keys.pressed() { press(key) }
            if Interrupt.isRequested { engine.stop() }
            if problem != nil, engine.station?.speaks == false {
                let now = Monotonic.now()
                silentSince = silentSince ?? now
                if let silentSince, now - silentSince > Self.patience {
                    isUnattended = true
                    engine.stop()
                }
            } else {
                silentSince = nil
            }
            guard let chunk = messages.next() else {
                if problem == nil { lose(Self.failure { () throws(RuntimeError) in try sink.pause() }) }
                messages.wait(milliseconds: Self.interval)
                continue
            }
            let message = LiveMessage(chunk)
            if case .figures(let new) = message { figures = new }
            if problem == nil { lose(Self.failure { () throws(RuntimeError) in try sink.take(message) }) }
            if problem != nil, case .line = message { lost += 1 }
            messages.release()
            guard case .finished(let words) = message else { continue }
            if lost > 0, settings.sound != nil { complain("\(Text.counted(lost, "line")) of the output lost") }
            if let problem { throw isUnattended ? .unattended(reason: "\(problem)") : problem }
            try sink.finish(figures)
            return LiveResult(figures: figures, problem: words.isEmpty ? nil : words)
        }
    }

    /// A person has pressed a key. Any thread.
    package func press(_ key: AlarmKey) { engine.station?.press(key) }

    private static func failure(_ body: () throws(RuntimeError) -> Void) -> RuntimeError? {
        do throws(RuntimeError) {
            try body()
            return nil
        } catch {
            return error
        }
    }
}

extension LiveSession {
    /// Opens a source, runs it, and shows it as the settings say, on standard output.
    ///
    /// - Parameter complain: words for a person: beside lines of JSON all of them, beside a table or a screen why the source failed.
    /// - Returns: whether the source failed.
    package static func run(
        _ settings: LiveSettings, model: LoadedModel, style: Style, complain: @escaping (String) -> Void
    ) throws(RuntimeError) -> Bool {
        if settings.policy != nil, settings.sound != nil { Interrupt.ignoreStops() }
        let session = try LiveSession(settings, model: model)
        let problem: String?
        switch settings.output {
        case .lines:
            var sink = LinesSink(output: .standard(eager: true), name: settings.name, complain: complain)
            return try session.run(&sink, complain: complain).failed
        case .table:
            var sink = TableSink(output: .standard(eager: true), model: model, policy: settings.policy, name: settings.name, style: style)
            problem = try session.run(&sink, complain: complain).problem
        case .view:
            var sink = ScreenSink(model: model, name: settings.name, style: style, note: settings.note)
            problem = try session.run(&sink, complain: complain).problem
        }
        if let problem { complain(problem) }
        return problem != nil
    }
}
