// A live session whole: acquisition, engine and outlets, each a thread, with a ring between two of them.
// The first outlet runs on the caller's thread: a terminal that stands still or a pipe that nobody reads stops it and nothing else.

import Glibc
import PrecordiaCompanion
package import PrecordiaDevice
package import PrecordiaHost
package import PrecordiaSession
import Synchronization

/// How a session ended.
package struct LiveResult {
    package var figures: LiveFigures
    /// Why it failed; nil if it did not.
    package var problem: String?
    /// Why outlets beside the first died or did not end, a sentence each.
    package var outletProblems: [String] = []
    package var failed: Bool { problem != nil || !outletProblems.isEmpty }
}

/// Runs a device's streams through an engine and shows what it says.
///
///     device → acquisition → ring of bytes → engine ─┬─ ring → first outlet, on the caller's thread
///                                                    ├─ ring → a companion's, such as the log's
///                                                    └─ ring → others, each on a thread of its own
///
/// - Memory: allocated at init: 4 MiB of bytes, of 8 channels at 500 Hz four minutes; 4 MiB of messages for the first outlet, 2 MiB for a companion
///   that hears frames (40 s of them, should a device send what it had kept), 1 MiB for each other.
/// - Thread: two of its own, the caller's, and one for each further outlet.
package final class LiveSession {
    private let engine: LiveEngine
    private let acquisition: Acquisition
    private let first: LiveOutlet
    private let threads: [OutletThread]
    private let settings: LiveSettings

    private static let interval: Int32 = 66
    /// Nanoseconds for which the sound may fail in a session whose output has failed.
    private static let patience: Int64 = 10_000_000_000

    /// Opens the source.
    ///
    /// - Parameter others: who is told beside the caller of ``run(_:complain:)``.
    /// - Throws: ``RuntimeError/badSource(source:problem:)``; ``RuntimeError/cannotWrite(file:reason:)`` if another session keeps the same state of alarms.
    package init(_ settings: LiveSettings, model: LoadedModel, beside others: [OutletThread] = []) throws(RuntimeError) {
        let stateFile = settings.policy == nil ? nil : settings.alarmState.map { AlarmStateFile(path: $0, bed: settings.bed) }
        try stateFile?.claim()
        let bytes = ChunkRing(capacity: 1 << 22, reserve: 1 << 14)
        acquisition = try Acquisition(
            source: settings.source, framing: settings.framing, reopen: settings.reopens, realTime: settings.realTime, into: bytes)
        first = LiveOutlet("output", wants: settings.output.wants, capacity: 1 << 22)
        var companions: [CompanionOutlet] = []
        for program in (settings.log.map { [$0.companion] } ?? []) + settings.companions {
            let writer = LineWriter(name: settings.name, top: settings.output.top, model: model, policy: settings.policy)
            companions.append(CompanionOutlet(try CompanionFeed(program), at: companions.count + 1, writer: writer))
        }
        threads = companions.map { OutletThread($0.outlet, $0) } + others
        let outlets = LiveOutlets([first] + threads.map(\.outlet), isPatient: acquisition.isPatient)
        engine = LiveEngine(
            settings: settings, model: model, acquisition: acquisition, input: bytes, outlets: outlets, stateFile: stateFile)
        engine.companions = companions.map { Companion($0) }
        self.settings = settings
    }

    /// Runs until the source ends or ``Interrupt``.
    ///
    /// - Parameter complain: told at once when the output fails and the session goes on without it, because alarms are heard.
    /// - Returns: what was counted, and why the source failed, if it did.
    package func run<Sink: LiveSink>(_ sink: inout Sink, complain: (String) -> Void = { _ in }) throws(RuntimeError) -> LiveResult {
        for words in settings.realTime.lockMemory() { try sink.take(.note(words), at: nil) }
        for thread in threads {
            guard thread.start() else {
                throw .badSource(source: settings.source, problem: "the system has no thread left for \(thread.outlet.name)")
            }
        }
        guard Workers.start({ [engine] in engine.run() }), acquisition.start() else {
            throw .badSource(source: settings.source, problem: "the system has no thread left for it")
        }
        var figures = LiveFigures()
        var problem: RuntimeError?
        var lost = 0
        var missed = OutletLoss()
        // Neither shown nor heard: nobody is served.
        var isUnattended = false
        func lose(_ error: RuntimeError?) {
            guard problem == nil, let error else { return }
            problem = error
            guard settings.sound != nil else {
                isUnattended = !acquisition.isPatient
                return engine.stop()
            }
            let heard = engine.alarms?.speaks == true ? "heard until Ctrl-C" : "not known to be heard; without either the session ends"
            complain("\(error); nothing more is shown, the device is watched and alarms are \(heard)")
        }
        var silentSince: Int64?
        var keys = KeyInput(isEnabled: settings.policy != nil && settings.source != "-")
        while true {
            for key in keys.pressed() { press(key) }
            if Interrupt.isRequested { engine.stop() }
            if problem != nil, engine.alarms?.speaks == false {
                let now = Monotonic.now()
                silentSince = silentSince ?? now
                if let silentSince, now - silentSince > Self.patience {
                    isUnattended = true
                    engine.stop()
                }
            } else {
                silentSince = nil
            }
            guard let chunk = first.ring.next() else {
                if problem == nil { lose(Self.failure { () throws(RuntimeError) in try sink.pause() }) }
                first.ring.wait(milliseconds: Self.interval)
                continue
            }
            let message = LiveMessage(chunk)
            if case .figures(let new) = message {
                figures = new
                let loss = first.loss
                if problem == nil, loss != missed { lose(Self.failure { () throws(RuntimeError) in try sink.miss(loss - missed) }) }
                missed = loss
            }
            let time = LiveMessage.time(of: chunk)
            if problem == nil { lose(Self.failure { () throws(RuntimeError) in try sink.take(message, at: time) }) }
            if problem != nil, message.isLine { lost += 1 }
            first.ring.release()
            guard case .finished(let words) = message else { continue }
            let outletProblems = threads.compactMap { $0.end() }
            if lost > 0, settings.sound != nil { complain("\(Text.counted(lost, "line")) of the output lost") }
            if let problem { throw isUnattended ? .unattended(reason: "\(problem)") : problem }
            try sink.finish(figures)
            return LiveResult(figures: figures, problem: words.isEmpty ? nil : words, outletProblems: outletProblems)
        }
    }

    /// A person has pressed a key. Any thread.
    package func press(_ key: AlarmKey) { engine.alarms?.press(key) }

    private static func failure(_ body: () throws(RuntimeError) -> Void) -> RuntimeError? {
        do throws(RuntimeError) {
            try body()
            return nil
        } catch {
            return error
        }
    }
}
