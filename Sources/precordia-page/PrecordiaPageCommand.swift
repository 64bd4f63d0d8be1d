// The page's command line: `serve`, which a session starts, and `token`, for whoever sets a box up.

import ArgumentParser
import CPrecordiaBuild
import Glibc
import PrecordiaCompanion
import PrecordiaHost
import PrecordiaPage

struct PrecordiaPage: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "precordia-page", abstract: "Show a session in a browser.",
        discussion: "`precordia monitor --page` starts it; docs/page.md says how, and for whom. Not a medical device.",
        // Without the engine, whose version it would be: it belongs to the precordia of the same commit.
        version: "precordia-page, \(String(cString: precordia_build_commit())), \(String(cString: precordia_build_compiler()))",
        subcommands: [ServeCommand.self, TokenCommand.self])
}

/// What a person must be told on standard error.
enum StandardError {
    static func say(_ text: String) {
        let line = Array(("precordia page: " + Text.printable(text) + "\n").utf8)
        _ = line.withUnsafeBytes { write(2, $0.baseAddress!, $0.count) }
    }
}

struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Listen for browsers, and hear a session through standard input.",
        discussion: "A session starts this itself.")

    @Option(help: ArgumentHelp("Where to listen: ADDRESS:PORT, ADDRESS or :PORT.", valueName: "address"))
    var address = ""

    @Option(help: ArgumentHelp("Who may look and act; a file that its owner alone can read.", valueName: "file"))
    var tokens: String?

    @Option(help: ArgumentHelp("Certificate and key in PEM, for https.", valueName: "file"))
    var certificate: String?

    @Flag(help: "Another program started this one, such as systemd: ask the session to tell everything from the beginning.")
    var unit = false

    func run() throws {
        guard isatty(0) == 0 else {
            throw RuntimeError.badSource(
                source: "standard input", problem: "no session speaks here; precordia monitor --page starts this program")
        }
        // The session decides when to end; a terminal's signal reaches it as well.
        signal(SIGINT, SIG_IGN)
        _ = fcntl(1, F_SETFL, fcntl(1, F_GETFL) | O_NONBLOCK)
        do {
            try serve()
        } catch let error as RuntimeError {
            // Whoever sits at the session reads it there, and in no terminal's picture.
            tell(CompanionCommand(id: 0, .say, who: "", ["\(error)"]).packed)
            throw ExitCode(1)
        }
    }

    private func serve() throws {
        guard let place = PageAddress(address) else {
            throw RuntimeError.badSetting(name: "--page", value: address, allowed: "ADDRESS:PORT, ADDRESS or :PORT would be right")
        }
        let server = PageServer(
            PageConfiguration(address: place, tokens: tokens, certificate: certificate), clock: Self.now, tell: tell)
        let listening = try server.start()
        if unit { tell(CompanionCommand(id: 0, .begin, who: "").packed) }
        tell(CompanionCommand(id: 0, .open, who: "", [listening.url(isEncrypted: certificate != nil, name: Self.machine)]).packed)
        var reader = PageReader()
        var room = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = room.withUnsafeMutableBytes { read(0, $0.baseAddress!, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0, server.take(reader.take(room[..<count])) else { break }
        }
        server.stop()
    }

    /// Writes to the session; false if it takes nothing now.
    @discardableResult
    private func tell(_ bytes: [UInt8]) -> Bool {
        // A pipe takes so few bytes whole or not at all.
        bytes.withUnsafeBytes { write(1, $0.baseAddress!, $0.count) } == bytes.count
    }

    private static var machine: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { name in
            name.initialize(repeating: 0)
            return gethostname(name.baseAddress!, name.count - 1) == 0 ? String(cString: name.baseAddress!) : "localhost"
        }
    }

    private static func now() -> (utc: Int64, monotonic: Int64) {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return (Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000, Monotonic.now())
    }
}

struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Make a line of a file of tokens.",
        discussion: "precordia-page token \"Ana, night\" --act >>tokens; chmod 600 tokens. The token is what the page asks for.")

    @Argument(help: "Whose it is: a person or a station, as the log names it.")
    var name: String

    @Flag(help: "It may acknowledge, pause and switch off too, and not only look.")
    var act = false

    func run() throws {
        print("\(act ? PageRole.act.rawValue : PageRole.view.rawValue) \(PageTokens.random()) \(Text.printable(name))")
    }
}
