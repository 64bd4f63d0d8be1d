// Where the program begins and ends: signals, the command line, and one place that turns errors into words and a status.
// Everything else is a command of its own.

import ArgumentParser
import Glibc
import PrecordiaHost

signal(SIGPIPE, SIG_IGN)
// A parent may have asked for its own children to be forgotten; ours are asked how they ended.
signal(SIGCHLD, SIG_DFL)

do {
    var command = try Precordia.parseAsRoot()
    try command.run()
    exit(Interrupt.exitStatus)
} catch RuntimeError.outputClosed {
    exit(0)
} catch let error as RuntimeError {
    StandardError.say("\(error)")
    if case .badSetting = error { exit(64) }
    exit(1)
} catch {
    Precordia.exit(withError: error)
}
