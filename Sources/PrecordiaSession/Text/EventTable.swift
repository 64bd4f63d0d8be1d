// Events as a table that a clinician reads: a row when something changes, and one each ten seconds.
// The JSON lines say everything; this says what matters, in words.

import PrecordiaAlerts
package import PrecordiaEngine
package import PrecordiaHost
import PrecordiaQuality
import PrecordiaSignal

/// Turns events into rows of text.
///
/// A statement joins the rows when it reaches its threshold and leaves them below 0.8 of it, so that a value that hovers does not fill the page.
package struct EventTable {
    private let vocabulary: Vocabulary
    private let stream: StreamDescription
    private let windowSeconds: Int
    private let style: Style
    private var said: [Int] = []
    private var wasKnown: Bool?
    private var wasEverKnown = false
    private var last: Answer?
    private var lastUnknown: Event?
    private var lastRow: UInt64?
    private var toldReasons: UInt32 = 0
    private var raisedAt: [UInt16: UInt64] = [:]

    /// Seconds after which a row comes though nothing changed.
    private static let interval = 10
    private static let statementsShown = 3

    /// - Parameter windowSeconds: what the model looks back on; a shorter stream gets no answer.
    package init(vocabulary: Vocabulary, stream: StreamDescription, windowSeconds: Int, style: Style) {
        self.vocabulary = vocabulary
        self.stream = stream
        self.windowSeconds = windowSeconds
        self.style = style
    }

    /// The lines above the rows.
    package func heading() -> [String] {
        var facts = [stream.rate.description + " Hz", Text.counted(stream.leads.count, "lead")]
        if let frames = stream.frames { facts.insert(Text.fixed(Double(frames) / Double(stream.rate), decimals: 1) + " s", at: 0) }
        let title = style.paint(Text.printable(stream.name), .strong) + "  " + facts.joined(separator: ", ")
        let notes = stream.notes.map { "  note: " + Text.printable($0) }
        return [title] + notes + [style.paint("    time    rate  statements", .faint)]
    }

    /// The rows that an event gives, often none.
    package mutating func rows(_ event: Event, answer: Answer) -> [String] {
        switch event.kind {
        case .window, .unknown: answered(event, answer)
        case .heartRate, .measurement: []
        case .alertRaised: [raised(event)]
        case .alertCleared: [cleared(event)]
        case .quality: quality(event)
        case .gap:
            [row(event.sample, "", style.paint(EventWords.gap(event), .medium))]
        }
    }

    /// The lines below the rows.
    package func closing(_ result: SessionResult) -> [String] {
        var lines: [String] = []
        if !wasEverKnown, let last, let lastUnknown {
            lines.append(row(max(1, result.samples) - 1, "", noAnswer(last, lastUnknown, samples: result.samples)))
        }
        if result.wasInterrupted { lines.append("interrupted at " + Text.clock(seconds: Int(result.samples) / stream.rate)) }
        lines.append(Self.summary(result.counters))
        lines.append(style.paint(result.figures.paceText(samples: result.samples, rate: stream.rate), .faint))
        lines += result.figures.latencyLines.map { style.paint($0, .faint) }
        return lines
    }

    /// Why a whole stream got no answer. Only what was good and merely too short has numbers worth a look, and from a second on.
    private func noAnswer(_ answer: Answer, _ event: Event, samples: UInt64) -> String {
        let isShort = samples < UInt64(windowSeconds * stream.rate)
        guard isShort, event.reasons == QualityReasons.incomplete.rawValue else {
            return style.paint("no answer: " + EventWords.signal(reasons: event.reasons, leads: event.leads), .medium)
        }
        let text = "too short for an answer (\(Text.fixed(Double(samples) / Double(stream.rate), decimals: 1)) s)"
        guard samples >= UInt64(stream.rate) else { return style.paint(text, .faint) }
        return style.paint("\(text); leaning to: \(leaning(answer))", .faint)
    }

    private func leaning(_ answer: Answer) -> String {
        Vocabulary.top(2, of: answer.probabilities).map { statement($0, answer) }.joined(separator: ", ")
    }

    /// What was counted, in a line.
    package static func summary(_ counters: EngineCounters) -> String {
        let counts = Dictionary(uniqueKeysWithValues: EventWords.counters(counters))
        func count(_ name: String) -> Int { counts[name] ?? 0 }
        var parts = ["\(Text.counted(count("windows"), "answer")), \(Text.grouped(count("windowsUnknown"))) times unknown"]
        parts.append("\(Text.counted(count("alertsRaised"), "alert")) raised, \(Text.grouped(count("alertsCleared"))) over")
        let lost = count("framesMissing")
        parts.append(lost == 0 ? "no frame lost" : "\(Text.counted(lost, "frame")) of \(Text.grouped(count("frames") + lost)) lost")
        if count("eventsDropped") > 0 { parts.append("\(Text.counted(count("eventsDropped"), "event")) dropped") }
        return parts.joined(separator: "; ")
    }

    private mutating func answered(_ event: Event, _ answer: Answer) -> [String] {
        let known = event.kind == .window
        last = answer
        lastUnknown = known ? lastUnknown : event
        wasEverKnown = wasEverKnown || known
        if !known && !wasEverKnown && event.reasons == QualityReasons.incomplete.rawValue { return [] }
        let before = said
        said = vocabulary.statements.indices.filter { index in
            let threshold = vocabulary.statements[index].shownFrom * (before.contains(index) ? 0.8 : 1)
            return Double(answer.probabilities[index]) >= threshold
        }
        let changed = known != wasKnown || (known && said != before)
        let due = lastRow.map { event.sample >= $0 + UInt64(Self.interval * stream.rate) } ?? true
        guard changed || due else { return [] }
        wasKnown = known
        lastRow = event.sample
        let rate = answer.heartRate.map { Text.fixed($0, decimals: 0) + "/min" } ?? style.glyph("–", "-")
        return [row(event.sample, rate, known ? statements(answer) : unknown(event))]
    }

    private func statements(_ answer: Answer) -> String {
        let order = Vocabulary.top(answer.probabilities.count, of: answer.probabilities)
        let shown = order.filter { said.contains($0) }
        guard !shown.isEmpty else {
            guard let first = order.first else { return "" }
            return style.paint("nothing reaches its threshold; closest: \(statement(first, answer))", .faint)
        }
        let list = shown.prefix(Self.statementsShown).map { statement($0, answer) }.joined(separator: ", ")
        return shown.count > Self.statementsShown ? list + ", \(shown.count - Self.statementsShown) more" : list
    }

    private func statement(_ index: Int, _ answer: Answer) -> String {
        "\(vocabulary.statements[index].words) \(Text.percent(Double(answer.probabilities[index])))"
    }

    private func unknown(_ event: Event) -> String {
        let reason = EventWords.signal(reasons: event.reasons, leads: event.leads)
        return style.paint("unknown" + (reason.isEmpty ? "" : ": " + reason), .medium)
    }

    /// At the start every stream is incomplete, and its becoming whole is no news.
    private mutating func quality(_ event: Event) -> [String] {
        let reasons = event.reasons & ~QualityReasons.incomplete.rawValue
        defer { toldReasons = reasons }
        guard reasons != 0 || toldReasons != 0 else { return [] }
        let text = EventWords.signal(reasons: reasons, leads: event.leads)
        return [row(event.sample, "", text.isEmpty ? style.paint("signal good again", .good) : style.paint("signal: " + text, .medium))]
    }

    private mutating func raised(_ event: Event) -> String {
        raisedAt[event.code] = raisedAt[event.code] ?? event.sample
        let words = EventWords.condition(event.code, vocabulary).words
        let mark = style.paint(
            " \(style.glyph("▲", "^")) \(Vocabulary.priorityMark(event.priority)) ", Style.role(priority: event.priority))
        return row(event.sample, "", "\(mark) \(style.paint(words, .strong))\(EventWords.evidence(event, vocabulary))")
    }

    private mutating func cleared(_ event: Event) -> String {
        let words = EventWords.condition(event.code, vocabulary).words
        // The samples' clock stands still while nothing comes.
        let isLength = event.alert != AlertCode(.deviceLost)
        let start = raisedAt.removeValue(forKey: event.code).flatMap { isLength ? $0 : nil }
        let length = start.map { " after \((event.sample - $0) / UInt64(stream.rate)) s" } ?? ""
        return row(event.sample, "", style.paint(" \(style.glyph("▼", "v")) over: \(words)\(length)", .good))
    }

    /// A row with the time that has passed when the frame of that index has come.
    private func row(_ sample: UInt64, _ rate: String, _ text: String) -> String {
        let clock = Text.clock(seconds: (Int(sample) + 1) / stream.rate)
        return Self.right(clock, 8) + "  " + Self.right(rate, 7) + "  " + text
    }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
