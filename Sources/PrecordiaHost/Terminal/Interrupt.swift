// Ctrl-C and a polite request to end, as a flag that the session reads between two frames.
// A signal handler may do almost nothing, so this one sets a number.

import Glibc
import Synchronization

private let received = Atomic<Int>(0)
private let isUnstoppable = Atomic<Bool>(false)

/// Whether the person or the system has asked the program to end.
package enum Interrupt {
    /// Catches SIGINT, SIGTERM and, unless it is ignored as under nohup, SIGHUP from now on; a second one gives the terminal back and ends the
    /// program at once.
    package static func catchSignals() {
        _ = received.load(ordering: .relaxed)
        _ = TerminalRestore.isTaken
        for number in [SIGINT, SIGTERM, SIGHUP] {
            var action = sigaction()
            sigaction(number, nil, &action)
            if number == SIGHUP, unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1 { continue }
            action = sigaction()
            action.__sigaction_handler.sa_handler = { number in
                // A terminal that is closed says so twice.
                guard received.exchange(Int(number), ordering: .relaxed) != 0, number != SIGHUP else { return }
                // A terminal that takes no more text must not keep the program from ending.
                alarm(1)
                TerminalRestore.leave()
                signal(number, SIG_DFL)
                raise(number)
            }
            sigaction(number, &action, nil)
        }
    }

    /// From now on Ctrl-Z and Ctrl-\\ do nothing: a hand that slips must not end or stop a program whose alarms are heard. Ctrl-C ends it in good order.
    package static func ignoreStops() {
        isUnstoppable.store(true, ordering: .relaxed)
        signal(SIGTSTP, SIG_IGN)
        signal(SIGQUIT, SIG_IGN)
    }

    /// Whether ``ignoreStops()`` was called.
    static var ignoresStops: Bool { isUnstoppable.load(ordering: .relaxed) }

    /// Whether one has come.
    package static var isRequested: Bool { received.load(ordering: .relaxed) != 0 }

    /// The status that a shell expects of a program ended by the signal, or 0.
    package static var exitStatus: Int32 {
        let number = received.load(ordering: .relaxed)
        return number == 0 ? 0 : Int32(128 + number)
    }
}
