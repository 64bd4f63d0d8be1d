// Tokens: whose they are, and files that others could read.

import Foundation
import PrecordiaHost
import Testing

@testable import PrecordiaPage

@Suite struct PageTokensTests {
    private let text = """
        # night shift
        act 0123456789abcdefghijkmnpqr Ana Souza, night
        view zzzzzzzzzzzzzzzzzzzz2345 corridor

        """

    @Test("each token names somebody and what they may do, and no other text is one")
    func people() throws {
        let tokens = try PageTokens(text, from: "tokens")
        #expect(tokens.person(of: "0123456789abcdefghijkmnpqr") == PagePerson(name: "Ana Souza, night", role: .act))
        #expect(tokens.person(of: "zzzzzzzzzzzzzzzzzzzz2345") == PagePerson(name: "corridor", role: .view))
        for wrong in ["", "0123456789abcdefghijkmnpq", "0123456789abcdefghijkmnpqrs", "#", "act"] {
            #expect(tokens.person(of: wrong) == nil)
        }
    }

    @Test("a line that is wrong is named: no role, a short token, one that stands there twice")
    func wrong() {
        for line in ["all 0123456789abcdefghijkmnpqr Ana", "act short Ana", "act 0123456789abcdefghijkmnpqr", "nonsense"] {
            #expect(throws: RuntimeError.self) { try PageTokens(text + line, from: "tokens") }
        }
        let again = #expect(throws: RuntimeError.self) { try PageTokens(text + "view 0123456789abcdefghijkmnpqr Bea", from: "tokens") }
        #expect(again.map { "\($0)" } == "tokens, line 4: has a token for the second time")
    }

    @Test("a file that others can read is refused, and so is what is no file")
    func modes() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("page-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("tokens").path
        #expect(FileManager.default.createFile(atPath: file, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600]))
        #expect(try PageTokens(path: file).person(of: "zzzzzzzzzzzzzzzzzzzz2345")?.name == "corridor")
        for mode in [0o640, 0o604, 0o660] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
            #expect(throws: RuntimeError.self) { try PageTokens(path: file) }
        }
        #expect(throws: RuntimeError.self) { try PageTokens(path: folder.path) }
        #expect(throws: RuntimeError.self) { try PageTokens(path: file + ".absent") }
    }

    @Test("a new token is long, plain and another each time")
    func random() throws {
        let tokens = (0..<100).map { _ in PageTokens.random() }
        #expect(Set(tokens).count == 100 && tokens.allSatisfy { $0.utf8.count == 26 })
        let line = try PageTokens("act \(tokens[0]) Ana", from: "new")
        #expect(line.person(of: tokens[0])?.name == "Ana")
    }
}
