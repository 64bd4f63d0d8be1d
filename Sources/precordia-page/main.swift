// Where precordia-page begins and ends. A program of its own: it listens, so that the process that hears the patient never has to.

import ArgumentParser
import Glibc
import PrecordiaHost

signal(SIGPIPE, SIG_IGN)

do {
    var command = try PrecordiaPage.parseAsRoot()
    try command.run()
} catch let error as RuntimeError {
    StandardError.say("\(error)")
    exit(1)
} catch {
    PrecordiaPage.exit(withError: error)
}
