// What starts the page in the browser: the same for a session and for the demonstration.

import ArgumentParser
import Glibc
import PrecordiaCompanion
import PrecordiaHost

struct PageOptions: ParsableArguments {
    @Option(
        defaultAsFlag: "",
        help: ArgumentHelp(
            "Show the session in a browser, by the program precordia-page; where it listens, 127.0.0.1:8080 if not given. docs/page.md.",
            valueName: "address"))
    var page: String?

    @Option(help: ArgumentHelp("Who may look and act, a file of mode 0600; with --page only.", valueName: "file"))
    var pageTokens: String?

    @Option(help: ArgumentHelp("The page's certificate and key in PEM, for https; with --page only.", valueName: "file"))
    var pageCertificate: String?

    func validate() throws {
        guard page == nil, pageTokens != nil || pageCertificate != nil else { return }
        throw ValidationError("--page-tokens and --page-certificate need --page.")
    }

    /// The companion that was asked for; nil for none. Says it where the program is missing.
    func companion() -> CompanionProgram? {
        guard let page else { return nil }
        if access(PageSettings.program, X_OK) != 0 {
            StandardError.say(
                "no page is shown: \(PageSettings.program) is missing; swift build -c release --product precordia-page makes it")
        }
        return PageSettings(address: page, tokens: pageTokens, certificate: pageCertificate).companion
    }
}
