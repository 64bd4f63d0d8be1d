// `precordia log`: hands over to precordia-log, which lies beside this program.
// Another program, so that only those who read a log load a database.

import ArgumentParser
import Glibc
import PrecordiaCompanion
import PrecordiaHost

struct LogCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "Read, filter, follow and export the log of alerts.",
        discussion: "`precordia log --help` lists its options and its own commands.")

    @Argument(parsing: .captureForPassthrough, help: "What precordia-log takes.")
    var words: [String] = []

    func run() throws {
        let program = LogFolder.program
        var arguments = ([program] + words).map { strdup($0) }
        arguments.append(nil)
        execv(program, arguments)
        throw RuntimeError.cannotRead(
            file: program,
            reason: "\(String(cString: strerror(errno))); it belongs beside precordia: swift build -c release --product precordia-log")
    }
}
