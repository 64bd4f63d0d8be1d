// The three ways in which a live session is shown: lines of JSON, a table, a screen.
// Each knows only messages; none can reach the engine or the device.

import Glibc
import PrecordiaAlerts
import PrecordiaDevice
import PrecordiaHost
import PrecordiaNetwork
import PrecordiaPolicy
import PrecordiaSession
import PrecordiaSignal

/// Lines of JSON as the engine's thread made them.
struct LinesSink: LiveSink {
    let output: ByteOutput
    let name: String
    let complain: (String) -> Void
    private var refused: UInt64 = 0

    init(output: ByteOutput, name: String, complain: @escaping (String) -> Void) {
        self.output = output
        self.name = name
        self.complain = complain
    }

    mutating func take(_ message: LiveMessage) throws(RuntimeError) {
        switch message {
        case .line(let bytes): try output.lines(Array(bytes))
        case .note(let words): complain(words)
        case .hearing(let words): if !words.isEmpty { complain(words) }
        case .figures(let figures):
            guard figures.sinkRefused > refused else { return }
            let words = "\(Text.counted(Int(figures.sinkRefused - refused), "line")) lost: nobody read the output in time"
            refused = figures.sinkRefused
            try output.lines(EventLines(record: name).failure(words))
            complain(words)
        default: break
        }
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

    mutating func take(_ message: LiveMessage) throws(RuntimeError) {
        switch message {
        case .stream(let facts):
            let made = EventTable(
                vocabulary: model.vocabulary, stream: facts.description(named: name), windowSeconds: model.view.windowSeconds, style: style)
            table = made
            try say(made.heading())
        case .event(let event, let answer): try say(table?.rows(event, answer: answer) ?? [])
        case .end(let samples, let counters, let interrupted):
            var result = SessionResult()
            result.samples = samples
            result.counters = counters
            result.wasInterrupted = interrupted
            try say(table?.closing(result) ?? [])
            table = nil
        case .alarm(let change, let board):
            guard let words = policy?.told(change, pauseLeft: board.pauseLeft < 0 ? nil : board.pauseLeft, electrodes: board.electrodes)
            else { return }
            try say([style.paint("  alarm " + words, Style.role(priority: change.priority.rawValue))])
        case .note(let words): try say([style.paint("  " + Text.printable(words), .faint)])
        case .hearing(let words):
            hearing = Text.printable(words)
            try sayHearing(isDue: true)
        case .figures: try sayHearing(isDue: Monotonic.now() - hearingToldAt >= 60_000_000_000)
        default: break
        }
    }

    mutating func pause() throws(RuntimeError) {}

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

    mutating func take(_ message: LiveMessage) throws(RuntimeError) {
        switch message {
        case .stream(let facts): view.begin(facts.description(named: view.stream.name))
        case .event(let event, let answer): view.take(event, answer: answer)
        case .samples(let first, let lead, let samples):
            for (place, value) in samples.enumerated() {
                view.add(sample: first + UInt64(place), microvolts: value.isNaN ? nil : Double(value), of: lead)
            }
        case .alarm(let change, let board):
            view.take(change, until: board.pauseLeft < 0 ? nil : Monotonic.now() + board.pauseLeft * 1_000_000, isOff: board.isOff)
        case .note(let words): view.setNote(Text.printable(words))
        case .fault(let words): view.setFault(Text.printable(words))
        case .hearing(let words): view.setHearing(Text.printable(words))
        case .figures(let figures): view.setFooter(style.hasUnicode ? figures.footer : figures.footer.replacing("µ", with: "u"))
        case .end(let samples, let counters, let interrupted):
            result.samples = samples
            result.counters = counters
            result.wasInterrupted = interrupted
        case .line, .finished: break
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

    private mutating func draw() throws(RuntimeError) {
        let now = Monotonic.now()
        guard now - drawn > Self.interval else { return }
        drawn = now
        let size = TerminalScreen.size(descriptor: 1)
        view.clock = Text.clockOfDay()
        guard screen.show(view.lines(columns: size.columns, rows: size.rows)) else { throw .outputClosed }
    }
}

extension LiveMessage.StreamFacts {
    func description(named name: String) -> StreamDescription {
        StreamDescription(name: name, rate: rate, leads: leads, frames: frames)
    }
}
