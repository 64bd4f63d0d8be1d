// The live view of a stream: clock, heart rate, one lead, statements and alerts, on any terminal from 40 by 12.
// It only draws what it was told; the session decides when.

import PrecordiaAlerts
package import PrecordiaEngine
package import PrecordiaHost
import PrecordiaLive
import PrecordiaPolicy
import PrecordiaQuality
import PrecordiaReport
package import PrecordiaSession
package import PrecordiaSignal

/// The state of the view, and its lines.
package struct LiveView {
    /// An alert that is or was active.
    struct Entry {
        var code: UInt16
        var words: String
        var evidence: String
        var priority: UInt8
        var raised: UInt64
        var cleared: UInt64?
        /// What a person has done about it, or another alarm: acknowledged, latched, held back.
        var mark: AlarmChange.Kind?
    }

    let vocabulary: Vocabulary
    private(set) var stream: StreamDescription
    let style: Style
    /// What is shown under the title, such as that the signal is simulated.
    private(set) var note: String
    var sample: UInt64 = 0
    var answer: Answer?
    var isKnown = false
    /// Whether anything was heard of a patient: before that nothing is good.
    private(set) var wasHeard = false
    /// Whether there ever was an answer.
    var wasKnown = false
    let windowSeconds: Int
    /// Whether there is no answer because a rhythm that kills is alarmed.
    var isWithheld = false
    var signal = ""
    /// What the stream's few leads leave unsaid: no fault of the signal.
    var absence = ""
    var entries: [Entry] = []
    var footer = ""
    /// Why nothing comes, as the device has said; empty while all is well.
    private(set) var fault = ""
    /// What was measured last; nil before, and once it is too old to hold.
    private(set) var values: MeasuredValues?
    private var measuredAt: UInt64 = 0
    /// Until when the sound is paused, nanoseconds of the monotonic clock; whether alarms are off; whether keys do something.
    var pausedUntil: Int64?
    var isOff = false
    /// Why alarms cannot be heard, for as long as it lasts; empty while they can.
    private(set) var hearing = ""
    /// The clock of the day, as it stands on the screen; empty for none.
    var clock = ""
    /// The lead that the strip shows.
    private(set) var lead = Lead.II
    var hasKeys = false
    /// Until when a second press switches alarms off, nanoseconds of the monotonic clock.
    var offAskedUntil: Int64?
    /// Until when it is said that somebody acknowledged too soon.
    var tooSoonUntil: Int64?
    var strip: SignalStrip

    /// Dot columns a second: about four seconds across 80 columns of braille.
    static let columnsPerSecond = 38
    private static let longestStrip = 1024
    private static let entriesKept = 32

    package init(vocabulary: Vocabulary, stream: StreamDescription, windowSeconds: Int, style: Style, note: String) {
        self.vocabulary = vocabulary
        self.stream = stream
        self.windowSeconds = windowSeconds
        self.style = style
        self.note = note
        strip = Self.strip(rate: stream.rate, style)
    }

    private static func strip(rate: Int, _ style: Style) -> SignalStrip {
        SignalStrip(columns: longestStrip, rate: rate, columnsPerSecond: style.hasUnicode ? columnsPerSecond : columnsPerSecond / 2)
    }

    /// Another stream begins; alerts of the one before are kept, as over, but for those of the session itself.
    package mutating func begin(_ stream: StreamDescription) {
        for index in entries.indices where entries[index].cleared == nil {
            if let place = PolicyBoard.place(of: entries[index].code), Condition(rawValue: place)?.isOfSession == true {
                entries[index].raised = 0
            } else {
                entries[index].cleared = max(sample, entries[index].raised)
            }
        }
        self.stream = stream
        wasHeard = true
        sample = 0
        answer = nil
        isKnown = false
        wasKnown = false
        isWithheld = false
        values = nil
        signal = ""
        absence = ""
        strip = Self.strip(rate: stream.rate, style)
    }

    /// What is shown under the title from now on.
    package mutating func setNote(_ words: String) { note = words }

    /// What the device has said of its having stopped; empty when it goes on.
    package mutating func setFault(_ words: String) { fault = words }

    /// Why alarms cannot be heard; empty when they can.
    package mutating func setHearing(_ words: String) { hearing = words }

    /// A sample of a lead after the display filters, microvolts; nil where it is missing. Another lead begins another strip.
    package mutating func add(sample index: UInt64, microvolts: Double?, of lead: Lead = .II) {
        if lead != self.lead {
            self.lead = lead
            strip = Self.strip(rate: stream.rate, style)
        }
        wasHeard = true
        // Lost samples leave their width empty.
        if index > sample + 1 { for _ in 0..<min(index - sample - 1, UInt64(Self.longestStrip * stream.rate)) { strip.add(nil) } }
        sample = index
        strip.add(microvolts)
    }

    /// The last 10 s were measured.
    mutating func measured(_ values: MeasuredValues) {
        self.values = values
        measuredAt = sample
    }

    /// Whether what was measured is of these last seconds: a value that stands while the next one fails to come is none.
    var isMeasured: Bool { values != nil && sample <= measuredAt + UInt64(30 * stream.rate) }

    /// The last line: figures of latency and loss.
    package mutating func setFooter(_ text: String) { footer = text }

    /// Takes an event in.
    package mutating func take(_ event: Event, answer: Answer) {
        switch event.kind {
        case .window, .unknown:
            self.answer = answer
            isKnown = event.kind == .window
            wasKnown = wasKnown || isKnown
            isWithheld = !isKnown && event.reasons & QualityReasons.rhythmAlarmed.rawValue != 0
        case .heartRate:
            self.answer?.heartRate = event.value.isFinite ? Double(event.value) : nil
        case .quality:
            let absent = EventWords.absence(event.reasons)
            absence = EventWords.signal(reasons: absent, leads: 0)
            signal = EventWords.signal(reasons: event.reasons & ~QualityReasons.incomplete.rawValue & ~absent, leads: event.leads)
        case .alertRaised:
            raise(event)
            lose(event)
        case .alertCleared:
            lose(event)
            guard let index = entries.lastIndex(where: { $0.code == event.code && $0.cleared == nil }) else { return }
            entries[index].cleared = event.sample
        case .gap, .measurement: break
        }
    }

    /// Takes in everything that is true now, in place of what was shown.
    ///
    /// - Parameter pauseEnd: as in ``take(_:until:isOff:)``.
    mutating func take(_ board: LiveBoard, answer: Answer?, until pauseEnd: Int64?) {
        if let facts = board.stream, facts.format.rate != stream.rate || board.samples < sample || !wasHeard {
            begin(facts.description(named: stream.name))
        }
        fault = board.fault
        hearing = board.hearing
        self.answer = nil
        isKnown = false
        signal = ""
        if let event = board.answer?.event, let answer { take(event, answer: answer) }
        if let event = board.quality { take(event, answer: .none) }
        let active = Set(board.alerts.map(\.code) + board.alarms.filter(\.isActive).map { AlertCode(place: Int($0.place)).rawValue })
        for index in entries.indices {
            entries[index].mark = nil
            if entries[index].cleared == nil, !active.contains(entries[index].code) { entries[index].cleared = board.samples }
        }
        for event in board.alerts { take(event, answer: .none) }
        values = nil
        if let head = board.measurement { measured(head.values) }
        guard let keys = board.keys else { return }
        hasKeys = true
        pausedUntil = pauseEnd
        isOff = keys.isOff
        for alarm in board.alarms { take(alarm) }
    }

    /// How an alarm stands.
    private mutating func take(_ alarm: LiveBoard.Alarm) {
        let code = AlertCode(place: Int(alarm.place)).rawValue
        let isThere = entries.contains { $0.code == code && (alarm.isActive ? $0.cleared == nil : true) }
        if !isThere { add(code, alarm.priority, cleared: alarm.isActive ? nil : sample) }
        guard let index = entries.lastIndex(where: { $0.code == code }) else { return }
        entries[index].priority = alarm.priority.rawValue
        entries[index].mark =
            alarm.isLatched ? .latched : alarm.isInhibited ? .inhibited : alarm.isAcknowledged ? .acknowledged : nil
    }

    /// Takes in what was done about an alarm, or with all of them.
    mutating func take(_ change: AlarmChange, until pauseEnd: Int64?, isOff: Bool) {
        pausedUntil = pauseEnd
        self.isOff = isOff
        hasKeys = true
        offAskedUntil = change.kind == .offAsked ? Monotonic.now() + AlarmSettings().confirmation * 1_000_000 : nil
        tooSoonUntil = change.kind == .tooSoon ? Monotonic.now() + 3_000_000_000 : tooSoonUntil
        guard change.condition >= 0 else { return }
        let code = AlertCode(place: Int(change.condition)).rawValue
        let isOpen = entries.contains { $0.code == code && $0.cleared == nil }
        if change.kind == .latched, !entries.contains(where: { $0.code == code }) { add(code, change.priority, cleared: sample) }
        // One that no event told: of the session itself, before there is a stream.
        if change.kind == .raised, !isOpen { add(code, change.priority, cleared: nil) }
        guard let index = entries.lastIndex(where: { $0.code == code }) else { return }
        switch change.kind {
        case .acknowledged where entries[index].mark == .inhibited: forgetLatched(code)
        case .acknowledged, .inhibited: entries[index].mark = change.kind
        case .latched:
            entries[index].mark = change.kind
            entries[index].cleared = entries[index].cleared ?? sample
        case .cleared: entries[index].cleared = entries[index].cleared ?? sample
        case .raised, .released:
            // What had stayed of it before is this one now.
            forgetLatched(code)
            entries[index].mark = nil
        case .escalated, .soundedAgain:
            entries[index].priority = change.priority.rawValue
            if entries[index].mark == .acknowledged { entries[index].mark = nil }
        default: break
        }
    }

    private mutating func forgetLatched(_ code: UInt16) {
        for index in entries.indices where entries[index].code == code && entries[index].mark == .latched { entries[index].mark = nil }
    }

    /// An alarm that a program left which has ended, or that began before there was a stream.
    private mutating func add(_ code: UInt16, _ priority: AlertPriority, cleared: UInt64?) {
        entries.append(
            Entry(
                code: code, words: EventWords.condition(code, vocabulary).words,
                evidence: cleared == nil ? "" : ", before the program began",
                priority: priority.rawValue, raised: sample, cleared: cleared))
    }

    /// Nothing that was said before holds while nothing comes.
    private mutating func lose(_ event: Event) {
        let place = PolicyBoard.place(of: event.code)
        guard let place, let condition = Condition(rawValue: place), condition == .deviceLost || condition == .rateWrong else { return }
        isKnown = false
        answer = nil
        values = nil
        // A trace that stands still must not look like a heart.
        strip = Self.strip(rate: stream.rate, style)
        signal = event.kind == .alertRaised ? "\(EventNames.words(condition))" : ""
    }

    private mutating func raise(_ event: Event) {
        if let index = entries.lastIndex(where: { $0.code == event.code && $0.cleared == nil }) {
            entries[index].priority = event.priority
            entries[index].evidence = EventWords.evidence(event, vocabulary)
            return
        }
        entries.append(
            Entry(
                code: event.code, words: EventWords.condition(event.code, vocabulary).words,
                evidence: EventWords.evidence(event, vocabulary), priority: event.priority, raised: event.sample))
        guard entries.count > Self.entriesKept, let old = entries.firstIndex(where: { $0.cleared != nil && $0.mark != .latched })
        else { return }
        entries.remove(at: old)
    }

    /// Alerts as shown: active ones by priority, then the newest that are over.
    func entriesInOrder() -> [Entry] {
        let active = entries.filter { $0.cleared == nil && $0.mark != .inhibited || $0.mark == .latched }.sorted {
            ($0.priority, $0.raised) > ($1.priority, $1.raised)
        }
        let held = entries.filter { $0.cleared == nil && $0.mark == .inhibited }
        let over = entries.filter { $0.cleared != nil && $0.mark != .latched }.sorted { ($0.cleared ?? 0) > ($1.cleared ?? 0) }
        return active + held + over
    }
}
