// `precordia monitor`: a device, or a stored stream of one, through the engine, live.
// The session does the work; this reads options and chooses how it is shown.

import ArgumentParser
import Glibc
import PrecordiaAlarm
import PrecordiaBoards
import PrecordiaCompanion
import PrecordiaHost
import PrecordiaLink
import PrecordiaLive
import PrecordiaPolicy
import PrecordiaSession
import PrecordiaSignal
import PrecordiaView

struct MonitorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "monitor", abstract: "Watch a device: continuous alerts, on the terminal or as JSON lines.",
        discussion: """
            SOURCE is usb[:VID:PID[:SERIAL]], serial:PATH[,BAUD], tcp:HOST:PORT, file:PATH (a stream that capture stored), - for \
            standard input, or sim[:RHYTHM]. `precordia devices` lists what is there. A device that is unplugged is an alert, and is \
            opened again when it comes back. Ctrl-C ends it with what was counted.
            """)

    @Option(help: ArgumentHelp("Where the signal comes from.", valueName: "source"))
    var source = "usb"

    @Flag(help: "One JSON object a line, as docs/events.md describes it, with the time of each event.")
    var json = false

    @Option(help: ArgumentHelp("Statements in each answer of --json.", valueName: "count"))
    var top = 5

    @Flag(help: "All statements and classes in each answer of --json.")
    var all = false

    @Option(
        help: ArgumentHelp(
            "Write the lines of --json to the end of this file too, beside what is shown; --top and --all are for both.", valueName: "file")
    )
    var lines: String?

    @Flag(help: "Plain lines, on a terminal too.")
    var plain = false

    @Option(help: ArgumentHelp("The record's name in every line; the source if not given.", valueName: "text"))
    var name: String?

    @Option(help: ArgumentHelp("Samples a second to ask the device for.", valueName: "hertz"))
    var rate: Int?

    @Option(help: ArgumentHelp("Time between two answers; the model's own if not given.", valueName: "seconds"))
    var hop: Double?

    @Option(help: ArgumentHelp("Blocks as they are, or COBS packets; serial lines have cobs if not given.", valueName: "plain|cobs"))
    var framing: DeviceFraming?

    @Option(help: ArgumentHelp("The alarm policy: a TOML file, or bedside, clinic, replay.", valueName: "policy"))
    var policy: String?

    @Option(
        help: ArgumentHelp(
            "Keep what was acknowledged, latched, paused or switched off in this file; with --policy only.", valueName: "file"))
    var alarmState: String?

    @Option(
        help: ArgumentHelp(
            "The bed or patient that this state belongs to; another's is not taken over. With --alarm-state only.", valueName: "name"))
    var bed: String?

    @Flag(inversion: .prefixedNo, help: "Sound the policy's alarms; with --policy only.")
    var sound = true

    @Option(help: ArgumentHelp("The sound card, by ALSA's name.", valueName: "name"))
    var soundCard = AlarmConfiguration().device

    @Option(help: ArgumentHelp("Run this program with the priority's name while there is no sound.", valueName: "program"))
    var soundFallback: String?

    @Option(help: ArgumentHelp("Keep the log of alerts in this folder, within the policy's bounds; docs/log.md.", valueName: "folder"))
    var log: String?

    @Option(
        name: .customLong("companion"),
        help: ArgumentHelp(
            "Start this program too, tell it what the session knows, and do what people ask for through it; docs/live.md. May be given again.",
            valueName: "name=program"))
    var companions: [String] = []

    @OptionGroup var page: PageOptions

    @Flag(help: "Do not wait for a device that is not there, nor for one that was lost.")
    var once = false

    @Flag(help: "End when a stream has come to the end that the device announced, as one that plays a recorded exam does.")
    var untilEnd = false

    @Option(help: ArgumentHelp("End after so many seconds of signal.", valueName: "seconds"))
    var seconds: Double?

    @Flag(help: "The source plays faster or slower than time: another rate by the clock is no fault.")
    var anyPace = false

    @OptionGroup(title: "Measurements") var measuring: MeasuringOptions
    @OptionGroup var model: ModelOptions
    @OptionGroup var realTime: RealTimeOptions

    func validate() throws {
        if let seconds, !(seconds > 0) { throw ValidationError("--seconds takes more than 0, not \(seconds).") }
        guard top >= 0 else { throw ValidationError("--top takes 0 or more.") }
        if policy == nil, alarmState != nil || soundFallback != nil {
            throw ValidationError("--alarm-state and --sound-fallback need --policy: without one there are no alarms.")
        }
        if bed != nil, alarmState == nil { throw ValidationError("--bed needs --alarm-state: it says whose state the file keeps.") }
        _ = try named(companions)
        if let rate, !StreamFormat.rates.contains(rate) { throw ValidationError("--rate takes 100 to 2000, not \(rate).") }
    }

    /// Companions by name and program.
    private func named(_ words: [String]) throws -> [CompanionProgram] {
        let room = LiveSettings.mostCompanions - (log == nil ? 0 : 1) - (page.page == nil ? 0 : 1)
        guard words.count <= room else { throw ValidationError("--companion is taken \(room) times at most here, not \(words.count).") }
        let programs = try words.map { word in
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, LiveSettings.isCompanionName(parts[0]), !parts[1].isEmpty else {
                throw ValidationError(
                    "--companion takes NAME=PROGRAM, the name of up to 16 letters a to z, digits and -, and not output, log or lines; not '\(word)'."
                )
            }
            return CompanionProgram(name: parts[0], path: parts[1])
        }
        let names = programs.map(\.name) + (page.page == nil ? [] : [PageSettings.name])
        guard Set(names).count == names.count else { throw ValidationError("Two companions have the same name.") }
        return programs
    }

    func run() throws {
        Interrupt.catchSignals()
        let model = try model.load()
        let style = Style.fitting(descriptor: 1)
        let isScreen = !json && !plain && isatty(1) == 1 && (Machine.environment("TERM") ?? "dumb") != "dumb"
        var settings = LiveSettings(
            source: source, framing: framing?.link,
            options: try Replay.options(hopSeconds: hop, measuring: measuring.settings, model: model),
            output: json ? .lines(top: all ? nil : top) : isScreen ? .view : .table, realTime: realTime.settings)
        settings.name = name ?? source
        settings.lines = lines.map { LinesFile(path: $0, top: all ? nil : top) }
        settings.rate = rate
        settings.reopens = !once
        settings.endsWithStream = untilEnd
        settings.seconds = seconds
        settings.keepsTime = !anyPace
        if let policy {
            settings.policy = try AlarmPolicy.load(policy, model: model)
            settings.alarmState = alarmState
            settings.bed = bed
            settings.silence = "--no-sound"
            if sound {
                var card = AlarmConfiguration()
                card.device = soundCard
                card.command = soundFallback.map { [$0] } ?? []
                card.realTimePriority = realTime.realtime.map { max(1, $0 - 2) }
                settings.sound = card
            }
        }
        if log != nil, access(LogFolder.program, X_OK) != 0 {
            StandardError.say("no log is kept: \(LogFolder.program) is missing; swift build -c release --product precordia-log makes it")
        }
        settings.log = log.map { LogSettings(folder: $0, rules: settings.policy?.log, explaining: self.model.path) }
        settings.companions =
            try [page.companion()].compactMap { $0 } + named(companions)
            + HandedPipes.taken(Machine.environment(_:)) { name in
                let isFree = LiveSettings.isCompanionName(name) || name == LogSettings.name && log == nil
                return isFree && !companions.contains { $0.hasPrefix(name + "=") } && (page.page == nil || name != PageSettings.name)
            }
        guard settings.companions.count + (log == nil ? 0 : 1) <= LiveSettings.mostCompanions else {
            throw ValidationError("A session has \(LiveSettings.mostCompanions) companions at most, those that are handed over among them.")
        }
        if let simulated = SimulatedSource.name(of: source) {
            settings.source = try SimulatedSource.start(simulated, rate: rate ?? 500)
            settings.seconds = seconds ?? SimulatedSource.length(of: simulated)
        }
        let failed = try LiveSession.run(settings, model: model, style: style) { StandardError.say($0) }
        if failed { throw ExitCode(1) }
    }
}

/// Priority, processor and memory, for commands that read a device.
struct RealTimeOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Real-time priority of the threads between device and alert, 2 to 99.", valueName: "priority"))
    var realtime: Int?

    @Option(help: ArgumentHelp("Keep those threads on one processor.", valueName: "number"))
    var cpu: Int?

    @Flag(help: "Keep all memory from being swapped out.")
    var lockMemory = false

    func validate() throws {
        if let realtime, !(2...99).contains(realtime) { throw ValidationError("--realtime takes 2 to 99, not \(realtime).") }
        if let cpu, cpu < 0 { throw ValidationError("--cpu takes the number of a processor, not \(cpu).") }
    }

    var settings: RealTime { RealTime(priority: realtime, processor: cpu, locksMemory: lockMemory) }
}
