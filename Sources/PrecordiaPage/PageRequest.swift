// What a browser may ask for, before anything is done about it: where it comes from, what it is, for whom.
// Pure judgement, so that each refusal has a test without a socket.

import PrecordiaHost

/// What stands in a request that matters here.
struct PageRequest: Equatable {
    var method: String
    var path: String
    var host: String?
    var origin: String?
    /// Whether something passed it on for somebody else.
    var isForwarded = false
    /// Whether the connection comes from this machine.
    var isLocal: Bool
    var isEncrypted = false

    /// Why it is not answered; nil if it is.
    enum Refusal: Int, Equatable {
        case badRequest = 400, forbidden = 403, notFound = 404, method = 405, tooLong = 414

        var words: StaticString {
            switch self {
            case .badRequest: "400 Bad Request"
            case .forbidden: "403 Forbidden"
            case .notFound: "404 Not Found"
            case .method: "405 Method Not Allowed"
            case .tooLong: "414 URI Too Long"
            }
        }
    }

    static let longestPath = 256

    /// The host as it may be written into a header; nil for none that can be.
    var plainHost: String? {
        guard let host, (1...255).contains(host.utf8.count) else { return nil }
        let isPlain = host.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x41...0x5A).contains($0) || (0x30...0x3A).contains($0) || [0x2D, 0x2E, 0x5B, 0x5D].contains($0)
        }
        return isPlain ? host : nil
    }

    /// Why a file is not given.
    var fileRefusal: Refusal? {
        if method != "GET" && method != "HEAD" { return .method }
        if path.utf8.count > Self.longestPath { return .tooLong }
        return plainHost == nil ? .badRequest : nil
    }

    /// Why a WebSocket is not opened: only a page that came from here itself opens one.
    var liveRefusal: Refusal? {
        if method != "GET" { return .method }
        guard let host = plainHost, path == "/live" else { return .badRequest }
        return origin == (isEncrypted ? "https://" : "http://") + host ? nil : .forbidden
    }

    /// Whether whoever asks sits at this machine, so that no token is needed. A name that somebody's server gives this machine's address is not
    /// believed, nor is a program that passes requests on.
    var isAtTheBox: Bool {
        guard isLocal, !isForwarded, let host = plainHost else { return false }
        let name = host.hasPrefix("[") ? String(host.prefix { $0 != "]" }) + "]" : String(host.prefix { $0 != ":" })
        return ["localhost", "127.0.0.1", "[::1]"].contains(name)
    }
}

/// Where the page listens.
package struct PageAddress: Equatable, Sendable {
    package var host: String
    package var port: Int

    package static let usual = PageAddress(host: "127.0.0.1", port: 8080)

    package init(host: String, port: Int) { (self.host, self.port) = (host, port) }

    /// ADDRESS:PORT, ADDRESS, :PORT or [ADDRESS]:PORT; nil for anything else. Nothing at all is ``usual``.
    package init?(_ text: String) {
        self = .usual
        if text.isEmpty { return }
        var rest = text[...]
        if rest.hasPrefix("[") {
            guard let end = rest.firstIndex(of: "]") else { return nil }
            host = String(rest[rest.index(after: rest.startIndex)..<end])
            rest = rest[rest.index(after: end)...]
        } else {
            let end = rest.firstIndex(of: ":") ?? rest.endIndex
            if end > rest.startIndex { host = String(rest[..<end]) }
            rest = rest[end...]
        }
        guard !host.isEmpty else { return nil }
        if rest.isEmpty { return }
        guard rest.hasPrefix(":"), let port = Int(rest.dropFirst()), (0...65535).contains(port) else { return nil }
        self.port = port
    }

    /// Whether only this machine reaches it.
    package var isLocal: Bool { Self.isLocal(host) }

    static func isLocal(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || (host.hasPrefix("127.") && !host.contains { $0.isLetter })
    }

    /// As a browser wants it.
    ///
    /// - Parameter name: the machine's, for a page that listens on all of its addresses.
    package func url(isEncrypted: Bool, name: String) -> String {
        let shown = host == "0.0.0.0" || host == "::" ? name : host.contains(":") ? "[\(host)]" : host
        return (isEncrypted ? "https://" : "http://") + shown + ":\(port)/"
    }
}
