// A program beside the session: what it is called, how it is started, what it is given.

/// A companion: a program that is told what the session knows, through a pipe, and may ask for something on a person's behalf.
///
/// The session starts it, starts it anew when it ends, and never waits for it; or the service manager does, and hands the session its pipes. It is where disks and networks are allowed: the process that hears the
/// patient never listens.
package struct CompanionProgram: Equatable, Sendable {
    /// What it is called where its faults and losses are told: "log", "page".
    package var name: String
    package var path: String
    /// The rest of its command line.
    package var words: [String]
    /// Whether it is given frames as they came, beside lines.
    package var hearsFrames: Bool
    /// Whether it is given frames to draw, after the display filters.
    package var hearsPictures = false
    /// Whether it is told what is true now, when it was started anew.
    package var hearsBoards = true
    /// Seconds for which it may keep lines without having any of them safe, before it counts as failed.
    package var patience = 20.0

    /// The pipes to one that somebody else starts; nil for one that the session starts.
    package var pipes: HandedPipes?

    /// One that the service manager starts; of the page and the log, which are known by their names, given what they are given by a session that starts them.
    package init(name: String, pipes: HandedPipes) {
        self =
            switch name {
            case PageSettings.name: PageSettings(address: "").companion
            case LogSettings.name: LogSettings(folder: "").companion
            default: CompanionProgram(name: name, path: "")
            }
        path = "the unit of \(name)"
        words = []
        self.pipes = pipes
    }

    package init(name: String, path: String, words: [String] = [], hearsFrames: Bool = true) {
        self.name = name
        self.path = path
        self.words = words
        self.hearsFrames = hearsFrames
    }
}

/// How a session is shown in a browser.
package struct PageSettings: Sendable {
    /// Where it listens, ADDRESS:PORT, ADDRESS or :PORT; the program's own place if empty.
    package var address: String
    /// The file of tokens, and that of the certificate with its key; nil for none.
    package var tokens: String?
    package var certificate: String?
    /// The program that listens; the one beside this program if not given.
    package var program: String?

    package init(address: String, tokens: String? = nil, certificate: String? = nil, program: String? = nil) {
        (self.address, self.tokens, self.certificate, self.program) = (address, tokens, certificate, program)
    }

    /// What it is called among a session's companions.
    package static let name = "page"

    /// The path of precordia-page, in the folder of the program that runs.
    package static var program: String { LogFolder.program(named: "precordia-page") }

    /// The program as a companion.
    package var companion: CompanionProgram {
        var words = ["serve", "--address", address]
        if let tokens { words += ["--tokens", tokens] }
        if let certificate { words += ["--certificate", certificate] }
        var page = CompanionProgram(name: Self.name, path: program ?? Self.program, words: words, hearsFrames: false)
        page.hearsPictures = true
        page.patience = 5
        return page
    }
}

/// How a session keeps its log.
package struct LogSettings: Sendable {
    /// The log's folder; the recorder makes it.
    package var folder: String
    /// The program that stores; the one beside this program if not given.
    package var program: String?
    /// More words of its command line, such as `--synchronous normal`.
    package var options: [String] = []

    package init(folder: String, program: String? = nil, options: [String] = []) {
        self.folder = folder
        self.program = program
        self.options = options
    }

    /// What it is called among a session's companions.
    package static let name = "log"

    /// The recorder as a companion.
    package var companion: CompanionProgram {
        var recorder = CompanionProgram(
            name: Self.name, path: program ?? LogFolder.program, words: ["record", "--framed", "--folder", folder] + options)
        recorder.hearsBoards = false
        return recorder
    }
}
