// What a signal handler needs to give a terminal back: bytes and modes that lie ready in memory that stays.
// Apart from the screen, because a handler may neither allocate nor touch an object; write(2) and tcsetattr(3) it may call.

import Glibc
import Synchronization

/// The terminal that a live view has taken over, for the handlers of SIGTSTP, SIGINT and SIGTERM.
enum TerminalRestore {
    /// Alternate page, no cursor, no line wrap, empty.
    static let entering = Array("\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l\u{1B}[2J".utf8)
    /// The reverse.
    static let leaving = Array("\u{1B}[0m\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l".utf8)

    /// From now on Ctrl-Z gives the terminal back before the program stops, and takes it again when it goes on.
    static func take(descriptor: Int32, modes: (before: termios, during: termios)?) {
        let memory = UnsafeMutablePointer<State>.allocate(capacity: 1)
        memory.initialize(to: State(descriptor: descriptor, modes: modes))
        address.store(UInt(bitPattern: memory), ordering: .sequentiallyConsistent)
        if !Interrupt.ignoresStops { catchStop() }
    }

    /// The screen has given the terminal back itself. The memory is kept: a handler may be reading it.
    static func forget() {
        guard address.exchange(0, ordering: .sequentiallyConsistent) != 0 else { return }
        if !Interrupt.ignoresStops { signal(SIGTSTP, SIG_DFL) }
    }

    /// Gives the terminal back as it was. May be called in a signal handler.
    static func leave() {
        guard let state = current else { return }
        _ = write(state.pointee.descriptor, state.pointee.leaving, state.pointee.leavingCount)
        guard state.pointee.hasModes else { return }
        tcsetattr(state.pointee.descriptor, TCSANOW, &state.pointee.before)
    }

    /// Takes the terminal again. May be called in a signal handler.
    fileprivate static func enter() {
        guard let state = current else { return }
        if state.pointee.hasModes { tcsetattr(state.pointee.descriptor, TCSANOW, &state.pointee.during) }
        _ = write(state.pointee.descriptor, state.pointee.entering, state.pointee.enteringCount)
    }

    fileprivate static func catchStop() {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { number in stop(number) }
        sigaction(SIGTSTP, &action, nil)
    }

    private struct State {
        let descriptor: Int32
        let hasModes: Bool
        var before = termios()
        var during = termios()
        let entering: UnsafeMutablePointer<UInt8>
        let enteringCount: Int
        let leaving: UnsafeMutablePointer<UInt8>
        let leavingCount: Int

        init(descriptor: Int32, modes: (before: termios, during: termios)?) {
            self.descriptor = descriptor
            hasModes = modes != nil
            if let modes { (before, during) = modes }
            entering = Self.copy(TerminalRestore.entering)
            enteringCount = TerminalRestore.entering.count
            leaving = Self.copy(TerminalRestore.leaving)
            leavingCount = TerminalRestore.leaving.count
        }

        private static func copy(_ bytes: [UInt8]) -> UnsafeMutablePointer<UInt8> {
            let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: bytes.count)
            memory.initialize(from: bytes, count: bytes.count)
            return memory
        }
    }

    /// The address of the state; 0 without one.
    private static let address = Atomic<UInt>(0)

    private static var current: UnsafeMutablePointer<State>? {
        UnsafeMutablePointer(bitPattern: address.load(ordering: .sequentiallyConsistent))
    }

    /// Whether a terminal is taken. Asked before handlers are set, so that they find everything initialised.
    static var isTaken: Bool { current != nil }
}

/// SIGTSTP: leaves, lets the system stop the program, and goes on here when it is continued.
private func stop(_ number: Int32) {
    let error = errno
    TerminalRestore.leave()
    signal(number, SIG_DFL)
    var stopSignal = sigset_t()
    sigemptyset(&stopSignal)
    sigaddset(&stopSignal, number)
    raise(number)
    pthread_sigmask(SIG_UNBLOCK, &stopSignal, nil)
    TerminalRestore.catchStop()
    TerminalRestore.enter()
    errno = error
}
