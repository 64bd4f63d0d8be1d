// What speaks where there is no sound: the console's bell, and a command of the installation.
// A thread of its own, because a terminal can be stopped and a command can hang, and the sound thread may wait for neither.

import CPrecordiaSystem
import Glibc
import PrecordiaAlerts
import PrecordiaHost
import Synchronization

/// What the sound thread tells while there is no sound. Neither call may wait.
protocol AlarmFallback: AnyObject {
    /// A pulse would begin now.
    func ring()
    /// What should be heard has changed, or an alarm of the same priority has come; `none` when it is silence, or when there is sound again.
    func tell(_ priority: AlertPriority)
}

/// Rings a bell and runs a command, on a thread of its own.
///
/// - Memory: a few kilobytes while a command runs. Thread: `ring` and `tell` any.
/// - When the last command still runs: it is waited for at most ``patience``, then killed; what was told meanwhile is run next, only the newest, and
///   what was passed over is counted.
final class FallbackWorker: AlarmFallback, @unchecked Sendable {
    /// Nanoseconds that a command may take.
    static let patience: Int64 = 10_000_000_000

    private let state: SounderState
    private let bellPath: String?
    private let command: [String]
    private let wake: Int32
    private let rings = Atomic<Int>(0)
    /// The newest priority told (bits 0-7) and how many were told (8-63).
    private let told = Atomic<UInt64>(0)
    private let stops = Atomic<Bool>(false)
    private var thread: JoinedThread?
    private var terminal: Int32 = -1
    private var done: UInt64 = 0
    private var child: pid_t = 0
    private var started: Int64 = 0

    init(bell: String?, command: [String], state: SounderState) {
        self.state = state
        bellPath = bell
        self.command = command
        wake = precordia_bell_open()
    }

    deinit {
        if wake >= 0 { close(wake) }
    }

    /// Starts the thread; false if the system has none left. A program that is not there, or may not be run, is told from here on.
    func start() -> Bool {
        if let program = command.first {
            let code = Self.problem(of: program)
            if code != 0 { state.set(FallbackProblem(.starting, code: code)) }
        }
        thread = JoinedThread { [unowned self] in run() }
        return thread != nil
    }

    /// Ends the thread, once a command that runs has ended.
    func stop() {
        stops.store(true, ordering: .releasing)
        precordia_bell_ring(wake)
        thread?.join()
        thread = nil
    }

    func ring() {
        rings.wrappingAdd(1, ordering: .relaxed)
        precordia_bell_ring(wake)
    }

    func tell(_ priority: AlertPriority) {
        let count = (told.load(ordering: .relaxed) >> 8) + 1
        told.store(count << 8 | UInt64(priority.rawValue), ordering: .releasing)
        precordia_bell_ring(wake)
    }

    private func run() {
        while true {
            // The order matters: what is told before the stop is done.
            let isOver = stops.load(ordering: .acquiring)
            ringBell()
            watchCommand()
            if isOver && child == 0 { break }
            precordia_bell_wait(wake, child == 0 ? 1000 : 20)
        }
        if terminal >= 0 { close(terminal) }
    }

    private func ringBell() {
        guard rings.exchange(0, ordering: .relaxed) > 0, let bellPath else { return }
        if terminal < 0 { terminal = open(bellPath, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC) }
        guard terminal >= 0 else { return }
        if write(terminal, "\u{7}", 1) == 1 {
            state.count(.bells)
        } else if errno != EAGAIN {
            close(terminal)
            terminal = -1
        }
    }

    private func watchCommand() {
        if child != 0 {
            var status: Int32 = 0
            let ended = waitpid(child, &status, WNOHANG)
            if ended == 0 {
                if Monotonic.now() - started > Self.patience { kill(child, SIGKILL) }
                return
            }
            state.set(ended == child ? FallbackProblem(status: status) : FallbackProblem(.starting, code: errno))
            if ended != child || status != 0 { state.count(.commandsFailed) }
            child = 0
        }
        let word = told.load(ordering: .acquiring)
        let count = word >> 8
        guard count != done, !command.isEmpty else { return }
        if count - done > 1 { state.count(.commandsLeftOut, Int(count - done - 1)) }
        done = count
        run(AlertPriority(rawValue: UInt8(truncatingIfNeeded: word)) ?? .none)
    }

    /// Starts the command without a shell, with no input, and output where the program's own goes.
    private func run(_ priority: AlertPriority) {
        var arguments = (command + [priority.name]).map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The sound threads take no signals; a command must be able to.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let code = posix_spawnp(&child, command[0], &actions, &attributes, arguments, environ)
        guard code == 0 else {
            child = 0
            state.set(FallbackProblem(.starting, code: code))
            state.count(.commandsFailed)
            return
        }
        started = Monotonic.now()
        state.count(.commands)
    }
}

extension FallbackWorker {
    /// Why the system would not run a program, as errno; 0 if it would. A name without a slash is looked for where the system looks.
    static func problem(of program: String) -> Int32 {
        if program.utf8.contains(UInt8(ascii: "/")) { return access(program, X_OK) == 0 ? 0 : errno }
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        for folder in path.split(separator: ":", omittingEmptySubsequences: false) {
            if access((folder.isEmpty ? "." : folder) + "/" + program, X_OK) == 0 { return 0 }
        }
        return ENOENT
    }
}

extension AlertPriority {
    /// The stable name, as events spell it.
    package var name: String {
        switch self {
        case .none: "none"
        case .information: "information"
        case .low: "low"
        case .medium: "medium"
        case .high: "high"
        }
    }
}
