// What a log finds of its past when it is opened: whether it was closed, and how many entries it has forgotten.

import PrecordiaEngine
import PrecordiaHost
import PrecordiaReport
import PrecordiaText

/// The difference between what was accepted and what is there.
package struct Recovery: Equatable, Sendable {
    /// How the log was left.
    package enum State: String, Sendable {
        /// There was none.
        case new
        /// Closed as it should be.
        case closed
        /// The program was ended within this start of the system, so that the mark is exact.
        case killed
        /// The system went down, or the medium was taken out.
        case powerLost
        /// The mark is gone or unreadable, so that nobody knows how many are lost.
        case unmarked
        /// The database does not hold together and was set aside; nobody knows how many of its entries can still be read.
        case damaged
    }

    package let state: State
    /// Entries that had been accepted and are gone: at least so many, and at most; nil if nobody knows.
    package let lostAtLeast: Int64
    package let lostAtMost: Int64?
    /// The number of the last entry that is there, 0 for none; and of the next, above any that was ever given.
    package let last: Int64
    package let next: Int64
    /// The last session, and the feed that it belonged to.
    let session: Int64?
    let feed: UInt64?
    /// Where a damaged log was set aside.
    package let setAside: String?

    init(mark: HighWaterMark.Mark?, last: Int64?, boot: String, session: Int64?, feed: UInt64?, setAside: String?) {
        let last = last ?? 0
        self.last = last
        self.session = session
        self.feed = feed
        self.setAside = setAside
        guard setAside == nil else {
            (state, lostAtLeast, lostAtMost, next) = (.damaged, 0, nil, max(last, mark?.reserved ?? 0) + 1)
            return
        }
        guard let mark else {
            state = last == 0 ? .new : .unmarked
            (lostAtLeast, lostAtMost, next) = (0, state == .new ? 0 : nil, last + 1)
            return
        }
        let isSameBoot = !boot.isEmpty && mark.boot == boot
        let exact = max(0, mark.accepted - last)
        lostAtLeast = exact
        if mark.isClosed, exact == 0 {
            (state, lostAtMost, next) = (.closed, 0, last + 1)
        } else {
            state = isSameBoot ? .killed : .powerLost
            lostAtMost = isSameBoot ? exact : max(exact, mark.reserved - last)
            next = max(last, mark.reserved) + 1
        }
    }

    /// Damage that was found while the log was kept.
    init(setAside: String, next: Int64) {
        (state, lostAtLeast, lostAtMost, last, self.next) = (.damaged, 0, nil, 0, next)
        (session, feed, self.setAside) = (nil, nil, setAside)
    }

    /// The line that begins what a recorder writes.
    func line(session: Int64, sentAgain: Int64, utc: Int64) -> String {
        String.line("logOpened", session: session, utc: utc) { text in
            text.field("engine", EngineVersion.text)
            text.text("found", state.rawValue)
            text.field("lostAtLeast", UInt64(lostAtLeast))
            text.key("lostAtMost")
            if let lostAtMost { text.integer(UInt64(lostAtMost)) } else { text.raw("null") }
            text.field("sentAgain", UInt64(sentAgain))
            text.field("lastSequence", UInt64(last))
            if let setAside { text.text("setAside", setAside) }
        }
    }
}

extension EventStore {
    static var program: String { "\(EngineVersion.text)" }

    /// The line in place of lines that never came.
    static func gap(after: UInt64, before: UInt64, utc: Int64) -> String {
        String.line("logGap", session: nil, utc: utc) { text in
            text.field("missing", before - after - 1)
            text.field("after", after)
        }
    }

    /// The line of a date that was set: by how many seconds, and when it was noticed.
    static func step(_ step: ClockWatch.Step, session: Int64, utc: Int64) -> String {
        String.line("logClock", session: session, utc: utc) { text in
            text.field("step", Double(step.microseconds) / 1e6, decimals: 6)
            text.text("found", step.moment.rawValue)
        }
    }

    /// The line in place of lines that were too many of their kind.
    static func limited(_ some: NoticeLimit.LeftOut, utc: Int64) -> String {
        String.line("logLimited", session: nil, utc: utc) { text in
            text.text("kind", some.kind)
            text.field("leftOut", some.count)
        }
    }

    /// The line that ends a session.
    func closingLine(_ ending: String) -> String {
        String.line("logClosed", session: session, utc: clock.read().utc) { text in
            text.text("ending", ending)
            text.field("entries", entries)
            text.field("missing", missing)
            text.field("repeated", repeated)
            text.field("leftOut", leftOut)
        }
    }
}

extension String {
    /// A line of the log's own, dated by the host's clock.
    static func line(_ event: StaticString, session: Int64?, utc: Int64, _ fields: (inout JSONText) -> Void) -> String {
        let bytes = JSONText.collected { text in
            text.open(0x7B)
            text.field("event", event)
            if let session { text.field("session", UInt64(session)) }
            fields(&text)
            text.fields(of: EventTime(utc: utc, uncertainty: 0))
            text.close(0x7D)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension JSONText {
    /// A field of text that was made while running.
    mutating func text(_ name: StaticString, _ value: String) {
        var value = value
        value.withUTF8 { field(name, UnsafeRawBufferPointer($0)) }
    }
}
