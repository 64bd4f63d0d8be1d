// `precordia log`: entries as a table, CSV or lines of JSON; with -f the new ones as they come.

import ArgumentParser
import Glibc
import PrecordiaHost
import PrecordiaReport
import PrecordiaStore

struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Print entries, oldest first; what `precordia log` does if nothing else is said.")

    @OptionGroup var folder: FolderOptions

    @Option(help: ArgumentHelp("From this time on: UTC such as 2026-11-27T04:42, or 90s, 30m, 12h, 7d ago.", valueName: "time"))
    var since: String?

    @Option(help: ArgumentHelp("Up to this time, within.", valueName: "time"))
    var until: String?

    @Option(help: ArgumentHelp("Alerts of this priority and above: information, low, medium, high.", valueName: "priority"))
    var priority: String?

    @Option(help: ArgumentHelp("Alerts of this condition, such as AFIB or asystole; may be given several times.", valueName: "name"))
    var condition: [String] = []

    @Option(help: ArgumentHelp("Lines of this kind, such as alertRaised or device; may be given several times.", valueName: "kind"))
    var event: [String] = []

    @Option(help: ArgumentHelp("Entries of this session.", valueName: "number"))
    var session: Int64?

    @Option(help: ArgumentHelp("Only so many, the newest.", valueName: "count"))
    var last: Int?

    @Option(help: ArgumentHelp("table, csv or json.", valueName: "format"))
    var format = LogFormat.table

    @Flag(name: .shortAndLong, help: "Go on with new entries until Ctrl-C.")
    var follow = false

    func run() throws {
        Interrupt.catchSignals()
        var filter = LogFilter()
        let now = LogTime.now()
        filter.since = try since.map { try LogFilter.time($0, option: "--since", now: now) }
        filter.until = try until.map { try LogFilter.time($0, option: "--until", now: now) }
        if let priority {
            guard let number = (1...4).first(where: { "\(EventNames.priority(UInt8($0)))" == priority }) else {
                throw StoreError.badFilter(name: "--priority", value: priority, allowed: "information, low, medium or high would be right")
            }
            filter.priority = number
        }
        (filter.conditions, filter.events, filter.session) = (condition, event, session)
        var reader = try LogReader(folder: folder.path)
        let output = ByteOutput.standard(eager: follow)
        let style = Style.fitting(descriptor: 1)
        if let heading = format.heading { try output.line(heading) }
        let show = { (entry: LogEntry) throws(RuntimeError) in try output.line(format.text(entry, style: style)) }
        var seen: Int64?
        var isDamaged = false
        repeat {
            // Who follows a log goes on with the one that takes its place when it was damaged.
            if reader.isReplaced, let next = try? LogReader(folder: folder.path) { (reader, isDamaged) = (next, false) }
            do {
                if !isDamaged { seen = try reader.forEach(filter, after: seen ?? 0, last: seen == nil ? last : nil, show) }
            } catch let error as StoreError {
                try output.flush()
                guard follow, case .damaged = error else { throw error }
                StandardError.say("\(error)")
                isDamaged = true
            }
            try output.flush()
            if follow { Monotonic.sleep(until: Monotonic.now() + 200_000_000) }
        } while follow && !Interrupt.isRequested
    }
}

struct SessionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "sessions", abstract: "List sessions and how they ended.")

    @OptionGroup var folder: FolderOptions

    func run() throws {
        let output = ByteOutput.standard()
        for session in try LogReader(folder: folder.path).sessions() {
            let end = session.ended.map { "to \($0.prefix(19)) \(session.ending ?? "")" } ?? "open, or ended without saying so"
            try output.line(
                "session \(session.id)  from \(session.began.prefix(19)) \(end)  \(Text.grouped(session.entries)) entries, "
                    + Text.counted(session.alerts, "alert") + ", version \(session.program)")
        }
        try output.flush()
    }
}

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Say what the log holds, and what it has lost or given up.")

    @OptionGroup var folder: FolderOptions

    @Flag(help: "One JSON object.")
    var json = false

    func run() throws {
        let figures = try LogReader(folder: folder.path).figures()
        let output = ByteOutput.standard()
        if json {
            var line = JSONLine()
            for figure in figures { line.add(figure.name, Int(figure.value)) }
            try output.lines(line.line)
        } else {
            for figure in figures {
                let value = Text.grouped(Int(figure.value))
                try output.line(figure.name + String(repeating: " ", count: max(1, 32 - figure.name.count - value.count)) + value)
            }
        }
        try output.flush()
    }
}
