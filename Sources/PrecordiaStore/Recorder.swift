// The recorder's loop: what comes in goes into the store, what is due goes to the medium, and the session is told how it stands.
// A process of its own, so that a disk that stands still, a full one or a fault in a library stops nothing but the log.

import Glibc
import PrecordiaCompanion
import PrecordiaHost
package import PrecordiaSession

/// Keeps a log until its input ends.
///
/// - Thread: one. When the disk is full: gives up the spare room, refuses snippets, and if that does not help stops reading, so that the session's
///   rings fill and count; entries are tried again twice a second.
package final class Recorder {
    package struct Settings {
        package var folder: String
        package var policy = LogPolicy()
        /// Whether a session speaks, in messages, and wants answers; otherwise lines of JSON come.
        package var isFramed = false
        /// The model whose statements are explained; nil for none.
        package var model: LoadedModel?

        package init(folder: String) { self.folder = folder }
    }

    private let settings: Settings
    private let store: EventStore
    private let spare: SpareRoom
    private let snippets: SnippetRecorder
    private let complain: (String) -> Void
    private var input: RecorderInput
    private let output: Int32?
    private var hasBegun = false
    private var saidGoodbye = false
    private var isFailing = false
    private var lastAnswer: CompanionAnswer?
    private var appends = 0
    /// Where a damaged database was put, as it was last told.
    private var setAside: String?
    private var lookedAt: Int64 = 0
    /// Lines that were read and could not be stored by the end.
    package private(set) var unstored = 0

    /// Opens the log.
    ///
    /// - Parameter complain: words for standard error.
    package init(_ settings: Settings, input: Int32 = 0, output: Int32 = 1, complain: @escaping (String) -> Void) throws(StoreError) {
        self.settings = settings
        self.complain = complain
        spare = SpareRoom(folder: settings.folder, bytes: settings.policy.reserveBytes)
        store = try Self.open(settings, spare, complain)
        spare.take()
        snippets = SnippetRecorder(store: store, evidence: settings.model.map { LeadEvidence(model: $0) }, complain: complain)
        self.input = RecorderInput(descriptor: input, isFramed: settings.isFramed)
        self.output = settings.isFramed ? output : nil
        if let output = self.output { _ = fcntl(output, F_SETFL, fcntl(output, F_GETFL) | O_NONBLOCK) }
        setAside = store.recovery.setAside
        if store.recovery.state != .new, store.recovery.state != .closed { complain(store.recovery.words) }
    }

    /// Opening needs room too, for SQLite's shared memory: on a full disk that of the reserve.
    private static func open(_ settings: Settings, _ spare: SpareRoom, _ complain: (String) -> Void) throws(StoreError) -> EventStore {
        do throws(StoreError) { return try EventStore(folder: settings.folder, policy: settings.policy) } catch {
            switch error {
            case .full, .unusable: guard spare.give() else { throw error }
            default: throw error
            }
            complain("\(error); alerts use the spare room")
        }
        return try EventStore(folder: settings.folder, policy: settings.policy)
    }

    /// Stores until the input ends.
    ///
    /// - Throws: ``StoreError/newer(file:)``.
    package func run() throws(StoreError) {
        if !settings.isFramed { try begin(CompanionMessage.Hello(feed: UInt64.random(in: 1...UInt64(Int64.max)), first: 1, last: 0)) }
        var leaveAt: Int64?
        while !input.isAtEnd, !saidGoodbye, leaveAt.map({ Monotonic.now() < $0 }) ?? true {
            try take(input.read(milliseconds: store.synced < store.stored || isFailing || leaveAt != nil ? 100 : 500))
            while snippets.storeNext() { try take(input.read(milliseconds: 0)) }
            try look()
            tell()
            if leaveAt == nil, Interrupt.isRequested { leaveAt = Monotonic.now() + 2_000_000_000 }
        }
        snippets.finish()
        if input.bytesSkipped > 0 {
            complain("\(Text.counted(input.bytesSkipped, "byte")) of the session made no sense and were passed over")
        }
        guard hasBegun else { return }
        try attempt { () throws(StoreError) in
            try store.close(ending: saidGoodbye ? "goodbye" : settings.isFramed ? "sessionVanished" : "inputEnded")
        }
        tell(always: true)
    }

    /// A line that waits for its transaction, with its stream.
    private typealias Pending = (line: EventStore.Line, stream: UInt32)

    private func take(_ items: [RecorderInput.Item]) throws(StoreError) {
        var batch: [Pending] = []
        for item in items {
            switch item {
            case .hello(let hello): try begin(hello)
            case .line(let line, let stream): batch.append((line, stream))
            case .context(let line, let stream):
                guard !line.hasPrefix("{\"event\":\"heartRate\""), let sample = Self.sample(line) else { break }
                snippets.answer(line, sample: sample, stream: stream)
            case .stream(let format, let stream):
                // Alerts of the stream before still find its frames.
                try store(&batch)
                snippets.begin(format, stream: stream)
            case .frames(let frames, let stream): for frame in frames { snippets.take(frame, stream: stream) }
            case .goodbye: saidGoodbye = true
            }
        }
        try store(&batch)
    }

    /// Stores lines in one transaction, and asks for the snippets of alerts.
    private func store(_ batch: inout [Pending]) throws(StoreError) {
        guard !batch.isEmpty else { return }
        defer { batch.removeAll() }
        var entries: [UInt64: Int64] = [:]
        let isStored = try attempt { () throws(StoreError) in
            store.isNarrow = isShort
            entries = try store.append(batch.map(\.line))
        }
        if !isStored { unstored += batch.count }
        for item in batch {
            guard let entry = entries[item.line.number], let sample = Self.alertedSample(item.line.text) else { continue }
            snippets.alert(entry: entry, sample: sample, stream: item.stream, line: item.line.text)
        }
        appends += batch.count
        guard appends >= 64 else { return }
        appends = 0
        try attempt { () throws(StoreError) in
            try store.prune()
            try store.removeStraySnippets()
        }
    }

    private func begin(_ hello: CompanionMessage.Hello) throws(StoreError) {
        guard !hasBegun else { return }
        hasBegun = true
        let again = hello.first <= hello.last ? hello.first...hello.last : nil
        try attempt { () throws(StoreError) in try store.begin(feed: hello.feed, again: again) }
        try attempt { () throws(StoreError) in try store.removeStraySnippets(scans: true) }
    }

    /// Tries until it succeeds; false when the session has gone and ten seconds more did not help.
    @discardableResult
    private func attempt(_ body: () throws(StoreError) -> Void) throws(StoreError) -> Bool {
        var deadline: Int64?
        while true {
            do throws(StoreError) {
                try body()
                isFailing = false
                if store.recovery.setAside != setAside {
                    setAside = store.recovery.setAside
                    complain(store.recovery.words)
                }
                return true
            } catch {
                if case .newer = error { throw error }
                // The next attempt sets the database aside and goes on in a new one.
                if case .damaged = error, !isFailing {
                    complain("\(error)")
                    isFailing = true
                    continue
                }
                if spare.give() {
                    complain("\(error); alerts use the spare room")
                    continue
                }
                if !isFailing { complain("\(error)") }
                isFailing = true
                tell()
                if input.isAtEnd || input.isHungUp() || saidGoodbye { deadline = deadline ?? Monotonic.now() + 10_000_000_000 }
                if let deadline, Monotonic.now() > deadline { return false }
                Monotonic.sleep(until: Monotonic.now() + 500_000_000)
            }
        }
    }

    /// What is due by time.
    private func look() throws(StoreError) {
        try attempt { () throws(StoreError) in
            try store.look()
            try store.sync()
        }
        let now = Monotonic.now()
        guard now - lookedAt > 5_000_000_000 else { return }
        lookedAt = now
        if !spare.isThere { spare.take() }
        snippets.look()
    }

    /// Whether the spare room has been given up.
    private var isShort: Bool { settings.policy.reserveBytes > 0 && !spare.isThere }

    private var fault: CompanionFault {
        if isFailing { return .entries }
        return snippets.problem != nil || isShort ? .snippets : .none
    }

    /// Tells the session what has changed. A session that does not listen gets the next one.
    private func tell(always: Bool = false) {
        guard let output, hasBegun else { return }
        var now = CompanionAnswer()
        now.fault = fault
        (now.stored, now.synced) = (store.stored, store.synced)
        (now.snippets, now.snippetsRefused) = (snippets.kept, snippets.refused)
        now.bytes = lastAnswer?.bytes ?? 0
        if now != lastAnswer || always, let bytes = try? store.bytes() { now.bytes = UInt64(clamping: bytes.entries &+ bytes.snippets) }
        guard now != lastAnswer || always else { return }
        let bytes = now.packed
        if write(output, bytes, bytes.count) == bytes.count { lastAnswer = now }
    }

    /// The sample of an alert that wants its ECG; nil for any other line, and for alerts that the log itself or another program fails.
    static func alertedSample(_ line: String) -> UInt64? {
        guard line.hasPrefix("{\"event\":\"alertRaised\""),
            !["log", "page", "companion"].contains(where: { line.contains("\"condition\":\"\($0)-failed\"") })
        else { return nil }
        return sample(line)
    }

    private static func sample(_ line: String) -> UInt64? {
        line.firstRange(of: "\"sample\":").flatMap { UInt64(line[$0.upperBound...].prefix { $0.isWholeNumber }) }
    }
}

extension Recovery {
    /// For a person, when the log is opened.
    package var words: String {
        let how =
            switch state {
            case .new: "the log is new"
            case .closed: "the log was closed as it should be"
            case .killed: "the log was not closed, its program was ended"
            case .powerLost: "the log was not closed, the system went down"
            case .unmarked: "the log's mark is gone, so nobody knows whether entries are lost"
            case .damaged: "the log's database is damaged"
            }
        let lost =
            switch lostAtMost {
            case .some(lostAtLeast):
                lostAtLeast == 0
                    ? "no entry is lost" : "\(Text.counted(Int(lostAtLeast), "entry").replacing("entrys", with: "entries")) lost"
            case .some(let most): "\(lostAtLeast) to \(most) entries lost"
            case nil: ""
            }
        let aside = setAside.map { "; what can be read of it is in the folder \($0)" } ?? ""
        return how + (lost.isEmpty || state == .new ? "" : "; \(lost)") + aside
    }
}
