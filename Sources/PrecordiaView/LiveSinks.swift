// The three ways in which a live session is shown: lines of JSON, a table, a screen.
// Each knows only messages; none can reach the engine or the device.

import Glibc
import PrecordiaAlerts
import PrecordiaDevice
import PrecordiaHost
import PrecordiaLive
import PrecordiaNetwork
import PrecordiaPolicy
import PrecordiaQuality
import PrecordiaReport
import PrecordiaSession
import PrecordiaSignal

/// Lines of JSON.
struct LinesSink: LiveSink {
    let output: ByteOutput
    let name: String
    let writer: LineWriter
    let complain: (String) -> Void

    init(output: ByteOutput, name: String, writer: LineWriter, complain: @escaping (String) -> Void) {
        self.output = output
        self.name = name
        self.writer = writer
        self.complain = complain
    }

    mutating func take(_ message: LiveMessage, at time: EventTime?) throws(RuntimeError) {
        if let line = writer.line(message, at: time) { return try output.lines(Array(line)) }
        switch message {
        case .note(let words): complain(words)
        case .hearing(let words): if !words.isEmpty { complain(words) }
        default: break
        }
    }

    mutating func miss(_ loss: OutletLoss) throws(RuntimeError) {
        guard loss.lines > 0 else { return }
        let words = "\(Text.counted(Int(clamping: loss.lines), "line")) lost: nobody read the output in time"
        try output.lines(EventLines(record: name).failure(words))
        complain(words)
    }

    mutating func pause() throws(RuntimeError) { try output.flush() }

    mutating func finish(_ figures: LiveFigures) throws(RuntimeError) {
        try output.flush()
        figures.summary.forEach(complain)
    }
}

/// Rows of text for a person without a terminal to take over.
struct TableSink: LiveSink {
    let output: ByteOutput
    let model: LoadedModel
    let name: String
    let style: Style
    let policy: AlarmPolicy?
    private var table: EventTable?
    private var hearing = ""
    private var hearingToldAt: Int64 = 0

    init(output: ByteOutput, model: LoadedModel, policy: AlarmPolicy?, name: String, style: Style) {
        self.output = output
        self.policy = policy
        self.model = model
        self.name = name
        self.style = style
    }

    mutating func take(_ message: LiveMessage, at time: EventTime?) throws(RuntimeError) {
        switch message {
        case .stream(let facts):
            let made = EventTable(
                vocabulary: model.vocabulary, stream: facts.description(named: name), windowSeconds: model.view.windowSeconds, style: style)
            table = made
            try say(made.heading())
        case .answer(let event, let facts): try say(table?.rows(event, answer: facts.copy(of: model)) ?? [])
        case .event(let event, _): try say(table?.rows(event, answer: .none) ?? [])
        case .end(let end):
            try say(table?.closing(end.result) ?? [])
            table = nil
        case .device(let state, _, let words): try say(note: state.told(words))
        case .alarm(let change, let board):
            guard let words = policy?.told(change, pauseLeft: board.pauseLeft < 0 ? nil : board.pauseLeft, electrodes: board.electrodes)
            else { return }
            try say([style.paint("  alarm " + words, Style.role(priority: change.priority.rawValue))])
        case .note(let words): try say(note: words)
        case .hearing(let words):
            hearing = Text.printable(words)
            try sayHearing(isDue: true)
        case .figures: try sayHearing(isDue: Monotonic.now() - hearingToldAt >= 60_000_000_000)
        default: break
        }
    }

    mutating func finish(_ figures: LiveFigures) throws(RuntimeError) {
        try say(figures.summary.map { style.paint($0, .faint) })
        try output.flush()
    }

    /// What keeps alarms from being heard, again each minute.
    private mutating func sayHearing(isDue: Bool) throws(RuntimeError) {
        guard isDue, !hearing.isEmpty else { return }
        hearingToldAt = Monotonic.now()
        try say([style.paint("  " + hearing, .high)])
    }

    private func say(note words: String) throws(RuntimeError) { try say([style.paint("  " + Text.printable(words), .faint)]) }

    private func say(_ lines: [String]) throws(RuntimeError) {
        for line in lines { try output.line(line) }
    }
}

/// A screen that is drawn anew some fifteen times a second.
struct ScreenSink: LiveSink {
    let model: LoadedModel
    let style: Style
    private let screen: TerminalScreen
    private var view: LiveView
    private var drawn: Int64 = 0
    private var result = SessionResult()
    private var lead = DisplayLead()
    private var quality = QualityReport()
    /// Where the session's page is, for the foot; empty without one.
    private var page = ""

    private static let interval: Int64 = 66_000_000

    /// - Parameter note: stands under the title until there is something else to say.
    init(model: LoadedModel, name: String, style: Style, note: String) {
        self.model = model
        self.style = style
        let nothing = StreamDescription(name: name, rate: 500, leads: .empty, frames: nil)
        view = LiveView(
            vocabulary: model.vocabulary, stream: nothing, windowSeconds: model.view.windowSeconds, style: style,
            note: note)
        screen = TerminalScreen(descriptor: 1)
    }

    mutating func take(_ message: LiveMessage, at time: EventTime?) throws(RuntimeError) {
        switch message {
        case .stream(let facts): view.begin(facts.description(named: view.stream.name))
        case .answer(let event, let facts):
            quality = facts.quality
            view.take(event, answer: facts.copy(of: model))
        case .event(let event, _): view.take(event, answer: .none)
        case .measurement(_, let values, _): view.measured(values)
        case .frames(let first, let values): show(values, from: first)
        case .alarm(let change, let board):
            view.take(change, until: Self.pauseEnd(board), isOff: board.isOff)
        case .board(let board):
            quality = board.answer?.facts.quality ?? quality
            page = Self.foot(board.page)
            view.take(board, answer: board.answer?.facts.copy(of: model), until: Self.pauseEnd(board.keys))
        case .device(let state, _, let words): view.setNote(Text.printable(state.told(words)))
        case .note(let words): view.setNote(Text.printable(words))
        case .page(let address): page = Self.foot(address)
        case .fault(let words): view.setFault(Text.printable(words))
        case .hearing(let words): view.setHearing(Text.printable(words))
        case .figures(let figures):
            view.setFooter(page + (style.hasUnicode ? figures.footer : figures.footer.replacing("µ", with: "u")))
        case .end(let end): result = end.result
        default: break
        }
        try draw()
    }

    mutating func pause() throws(RuntimeError) { try draw() }

    mutating func finish(_ figures: LiveFigures) throws(RuntimeError) {
        screen.restore()
        let output = ByteOutput.standard()
        for line in view.farewell(result) + figures.summary { try output.line(style.hasUnicode ? line : line.replacing("µ", with: "u")) }
        try output.flush()
    }

    private static func foot(_ address: String) -> String { address.isEmpty ? "" : " page \(Text.printable(address));" }

    /// When the sound goes on, by the monotonic clock; nil without a pause.
    private static func pauseEnd(_ board: LiveMessage.BoardState?) -> Int64? {
        board.flatMap { $0.pauseLeft < 0 ? nil : Monotonic.now() + $0.pauseLeft * 1_000_000 }
    }

    /// A sample of the lead that tells most, of each frame.
    private mutating func show(_ values: UnsafeBufferPointer<Float>, from first: UInt64) {
        for frame in 0..<values.count / 12 {
            let leads = values[(frame * 12)..<(frame * 12 + 12)]
            lead.follow(leads, quality, rate: view.stream.rate)
            let value = values[frame * 12 + Int(lead.lead.rawValue)]
            view.add(sample: first + UInt64(frame), microvolts: value.isNaN ? nil : Double(value), of: lead.lead)
        }
    }

    private mutating func draw() throws(RuntimeError) {
        let now = Monotonic.now()
        guard now - drawn > Self.interval else { return }
        drawn = now
        let size = TerminalScreen.size(descriptor: 1)
        view.clock = Text.clockOfDay()
        guard screen.show(view.lines(columns: size.columns, rows: size.rows)) else { throw .outputClosed }
    }
}

extension LiveMessage.StreamEnd {
    /// What stands below the rows.
    var result: SessionResult {
        var result = SessionResult()
        result.samples = samples
        result.counters = counters
        result.wasInterrupted = interrupted
        return result
    }
}

extension DeviceState {
    /// For a person.
    func told(_ words: String) -> String { "device \(name)" + (words.isEmpty ? "" : ": " + words) }
}
