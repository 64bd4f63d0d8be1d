// Where precordia-log begins and ends. A program of its own: it loads SQLite and Foundation, which the start of `precordia` must not pay for, and
// a disk that stands still stops it and not the session.

import ArgumentParser
import Glibc
import PrecordiaHost
import PrecordiaStore

signal(SIGPIPE, SIG_IGN)
// A file that may not grow is a full disk, not an end.
signal(SIGXFSZ, SIG_IGN)

do {
    var command = try PrecordiaLog.parseAsRoot()
    try command.run()
    exit(Interrupt.exitStatus)
} catch RuntimeError.outputClosed {
    exit(0)
} catch let error as StoreError {
    StandardError.say("\(error)")
    if case .busy = error { exit(75) }
    if case .badFilter = error { exit(64) }
    exit(1)
} catch let error as RuntimeError {
    StandardError.say("\(error)")
    exit(1)
} catch {
    PrecordiaLog.exit(withError: error)
}
