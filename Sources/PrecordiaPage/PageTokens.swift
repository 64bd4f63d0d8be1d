// Who may look, and who may act: a file of tokens that nobody else can read.

import Glibc
package import PrecordiaHost

/// What a viewer may do.
package enum PageRole: String, Sendable {
    case view, act
}

/// Somebody whom a token names.
struct PagePerson: Equatable, Sendable {
    var name: String
    var role: PageRole
}

/// The tokens of a file: a line each, `view|act TOKEN NAME`, `#` for remarks.
package struct PageTokens: Sendable {
    private var entries: [(token: [UInt8], person: PagePerson)] = []

    /// The least length of a token, in characters.
    package static let shortest = 20

    /// Reads a file's text.
    ///
    /// - Throws: ``RuntimeError/badSource(source:problem:)`` with the line that is wrong.
    init(_ text: String, from path: String) throws(RuntimeError) {
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let parts = line.split(separator: " ", maxSplits: 2).map(String.init)
            if parts.isEmpty || line.hasPrefix("#") { continue }
            func wrong(_ problem: String) -> RuntimeError { .badSource(source: "\(path), line \(number + 1)", problem: problem) }
            guard parts.count == 3, let role = PageRole(rawValue: parts[0]) else {
                throw wrong("is not: view or act, the token, and whose it is; `precordia-page token NAME` makes one")
            }
            guard parts[1].utf8.count >= Self.shortest else { throw wrong("has a token of less than \(Self.shortest) characters") }
            guard !entries.contains(where: { $0.token == Array(parts[1].utf8) }) else { throw wrong("has a token for the second time") }
            entries.append((Array(parts[1].utf8), PagePerson(name: String(Text.printable(parts[2]).prefix(60)), role: role)))
        }
    }

    /// Reads a file that its owner alone can read.
    package init(path: String) throws(RuntimeError) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .cannotRead(file: path, reason: String(cString: strerror(errno))) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .badSource(source: path, problem: "is no file")
        }
        guard status.st_mode & 0o077 == 0, status.st_uid == geteuid() || status.st_uid == 0 else {
            throw .badSource(
                source: path, problem: "can be read by others, who could act as anybody; chmod 600 and your own would be right")
        }
        guard status.st_size <= 1 << 16 else { throw .badSource(source: path, problem: "has more than 64 KiB") }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = bytes.withUnsafeMutableBytes { read(file, $0.baseAddress!, $0.count) }
        guard count >= 0 else { throw .cannotRead(file: path, reason: String(cString: strerror(errno))) }
        try self.init(String(decoding: bytes[..<count], as: UTF8.self), from: path)
    }

    var isEmpty: Bool { entries.isEmpty }

    /// Whose token it is; every one of the file is compared whole, so that the time taken tells nothing.
    func person(of token: String) -> PagePerson? {
        let given = Array(token.utf8)
        var found: PagePerson?
        for entry in entries {
            var difference = entry.token.count ^ given.count
            for place in entry.token.indices { difference |= Int(entry.token[place] ^ (place < given.count ? given[place] : 0)) }
            if difference == 0 { found = entry.person }
        }
        return found
    }

    /// A token that nobody guesses: 128 bits from the system.
    package static func random() -> String {
        var source = SystemRandomNumberGenerator()
        let digits = Array("0123456789abcdefghijkmnpqrstuvwx")
        return String((0..<26).map { _ in digits[Int(source.next() % 32)] })
    }
}
