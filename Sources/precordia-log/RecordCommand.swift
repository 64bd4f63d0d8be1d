// `precordia log record`: stores what a session says, in messages of its own or as lines of JSON through a pipe.

import ArgumentParser
import Glibc
import PrecordiaCompanion
import PrecordiaHost
import PrecordiaSession
import PrecordiaStore

struct RecordCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record", abstract: "Store lines of JSON from standard input, as `precordia monitor --json` writes them.",
        discussion: "A session that keeps a log starts this itself; then the ECG around each alert is stored too.")

    @OptionGroup var folder: FolderOptions

    @Option(help: ArgumentHelp("full: flushed before it counts as stored; normal: some seconds later.", valueName: "full|normal"))
    var synchronous = LogPolicy().synchronous

    @Option(help: ArgumentHelp("Of normal: seconds until it is flushed.", valueName: "seconds"))
    var syncSeconds = LogPolicy().syncSeconds

    @Option(help: ArgumentHelp("Most megabytes of entries.", valueName: "MiB"))
    var entries = LogPolicy().entryBytes >> 20

    @Option(help: ArgumentHelp("Most megabytes of ECG around alerts.", valueName: "MiB"))
    var snippets = LogPolicy().snippetBytes >> 20

    @Option(help: ArgumentHelp("Days that entries are kept.", valueName: "days"))
    var days = LogPolicy().days

    @Option(help: ArgumentHelp("Megabytes that ECG leaves free on the disk.", valueName: "MiB"))
    var free = LogPolicy().freeBytes >> 20

    @Option(help: ArgumentHelp("Kilobytes held back for alerts on a full disk.", valueName: "KiB"))
    var reserve = LogPolicy().reserveBytes >> 10

    @Option(
        help: ArgumentHelp("The session's model, to say which leads an alert hangs on; the shipped one if not given.", valueName: "file"))
    var model: String?

    @Flag(help: ArgumentHelp("Messages of a session instead of lines.", visibility: .private))
    var framed = false

    @Flag(help: "Messages of a session that another program, such as systemd, has joined to this one by pipes.")
    var unit = false

    func validate() throws {
        guard syncSeconds > 0, syncSeconds <= 3600 else {
            throw ValidationError("--sync-seconds takes more than 0, at most 3600, not \(syncSeconds).")
        }
        for (name, value, least) in [
            ("entries", entries, 1), ("snippets", snippets, 0), ("days", days, 1), ("free", free, 0), ("reserve", reserve, 0),
        ]
        where value < least || value > 1 << 20 {
            throw ValidationError("--\(name) takes \(least) to \(1 << 20), not \(value).")
        }
    }

    func run() throws {
        var settings = Recorder.Settings(folder: folder.path)
        settings.policy.synchronous = synchronous
        settings.policy.syncSeconds = syncSeconds
        settings.policy.entryBytes = entries << 20
        settings.policy.snippetBytes = snippets << 20
        settings.policy.days = days
        settings.policy.freeBytes = free << 20
        settings.policy.reserveBytes = reserve << 10
        settings.isFramed = framed || unit
        if settings.isFramed {
            // The session decides when to end; a terminal's or a supervisor's signal reaches it as well.
            signal(SIGINT, SIG_IGN)
            signal(SIGTERM, SIG_IGN)
            settings.model = try? LoadedModel.open(model)
        } else {
            Interrupt.catchSignals()
        }
        let recorder = try Recorder(settings) { StandardError.say($0) }
        if unit { CompanionCommand(id: 0, .begin, who: "").packed.withUnsafeBytes { _ = write(1, $0.baseAddress!, $0.count) } }
        try recorder.run()
        guard recorder.unstored > 0 else { return }
        StandardError.say("\(Text.counted(recorder.unstored, "line")) not stored")
        throw ExitCode(1)
    }
}
