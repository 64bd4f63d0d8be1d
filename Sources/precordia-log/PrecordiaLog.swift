// The root of the log's command line, and what its commands share.

import ArgumentParser
import CPrecordiaBuild
import Glibc
import PrecordiaCompanion
import PrecordiaHost
import PrecordiaSession
import PrecordiaStore

struct PrecordiaLog: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "precordia log", abstract: "Read, filter, follow and export the log of alerts.",
        discussion: "docs/log.md says what is in a log and what of it survives what. Not a medical device.",
        version: "precordia-log \(ProgramVersion.text)\n"
            + ProgramVersion.build(commit: precordia_build_commit(), compiler: precordia_build_compiler()),
        subcommands: [ShowCommand.self, SessionsCommand.self, StatusCommand.self, RecordCommand.self], defaultSubcommand: ShowCommand.self)
}

/// Where the log lies.
struct FolderOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The log's folder; if not given $PRECORDIA_LOG, $STATE_DIRECTORY or ~/.local/state/precordia/log.", valueName: "folder"))
    var folder: String?

    var path: String { folder ?? LogFolder.usual() }
}

/// What a person must be told on standard error.
enum StandardError {
    static func say(_ text: String) {
        let line = Array(("precordia log: " + Text.printable(text) + "\n").utf8)
        _ = line.withUnsafeBytes { write(2, $0.baseAddress!, $0.count) }
    }
}

extension Synchronous: ExpressibleByArgument {}
extension LogFormat: ExpressibleByArgument {}
