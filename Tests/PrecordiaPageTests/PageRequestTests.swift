// Who is answered: methods, hosts, origins, this machine; and where the page listens.

import NIOCore
import PrecordiaHost
import Testing

@testable import PrecordiaPage

@Suite struct PageRequestTests {
    private func request(_ change: (inout PageRequest) -> Void = { _ in }) -> PageRequest {
        var request = PageRequest(
            method: "GET", path: "/live", host: "127.0.0.1:8080", origin: "http://127.0.0.1:8080", isLocal: true)
        change(&request)
        return request
    }

    @Test("a WebSocket is opened for the page's own origin and for no other, nor without one")
    func origins() {
        #expect(request().liveRefusal == nil)
        for origin in [
            "http://evil.example", "https://127.0.0.1:8080", "http://127.0.0.1:8081", "null", "http://127.0.0.1:8080.evil.example",
        ] {
            #expect(request { $0.origin = origin }.liveRefusal == .forbidden)
        }
        #expect(request { $0.origin = nil }.liveRefusal == .forbidden)
        #expect(request { $0.isEncrypted = true }.liveRefusal == .forbidden)
        #expect(request { ($0.isEncrypted, $0.origin) = (true, "https://127.0.0.1:8080") }.liveRefusal == nil)
        #expect(request { $0.method = "POST" }.liveRefusal == .method)
        #expect(request { $0.path = "/" }.liveRefusal == .badRequest)
    }

    @Test("files are read and never written; a host that cannot be one is refused")
    func files() {
        #expect(request().fileRefusal == nil && request { $0.method = "HEAD" }.fileRefusal == nil)
        for method in ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"] { #expect(request { $0.method = method }.fileRefusal == .method) }
        for host in [nil, "", "a b", "x\r\ny", "h;q", String(repeating: "a", count: 256)] as [String?] {
            #expect(request { $0.host = host }.fileRefusal == .badRequest)
        }
        #expect(request { $0.path = String(repeating: "a", count: 257) }.fileRefusal == .tooLong)
    }

    @Test("at the box is who comes from this machine, by its own name, and not through a program that passes on")
    func atTheBox() {
        #expect(request().isAtTheBox && request { $0.host = "localhost" }.isAtTheBox && request { $0.host = "[::1]:8080" }.isAtTheBox)
        #expect(!request { $0.isLocal = false }.isAtTheBox)
        #expect(!request { $0.isForwarded = true }.isAtTheBox)
        #expect(!request { $0.host = "evil.example:8080" }.isAtTheBox, "a name that resolves to 127.0.0.1")
        #expect(!request { $0.host = nil }.isAtTheBox)
    }

    @Test("an address is read in each of its forms, and nothing else is one")
    func addresses() {
        #expect(PageAddress("") == .usual)
        #expect(PageAddress(":9000") == PageAddress(host: "127.0.0.1", port: 9000))
        #expect(PageAddress("0.0.0.0") == PageAddress(host: "0.0.0.0", port: 8080))
        #expect(PageAddress("10.0.0.7:443") == PageAddress(host: "10.0.0.7", port: 443))
        #expect(
            PageAddress("[::1]:9000") == PageAddress(host: "::1", port: 9000) && PageAddress("[::]") == PageAddress(host: "::", port: 8080))
        for wrong in ["10.0.0.7:", "x:70000", "x:-1", "[::1", "[]:80", "::1"] { #expect(PageAddress(wrong) == nil, "\(wrong)") }
        #expect(PageAddress(host: "::1", port: 80).url(isEncrypted: true, name: "box") == "https://[::1]:80/")
        #expect(PageAddress(host: "0.0.0.0", port: 80).url(isEncrypted: false, name: "box") == "http://box:80/")
        #expect(
            PageAddress.usual.isLocal && !PageAddress(host: "0.0.0.0", port: 1).isLocal
                && !PageAddress(host: "127.evil.example", port: 1).isLocal)
    }

    @Test("beyond this machine the page is open to nobody without tokens, nor without encryption")
    func open() {
        let far = PageAddress(host: "0.0.0.0", port: 8080)
        #expect(throws: RuntimeError.self) { try PageConfiguration(address: far).check() }
        #expect(throws: RuntimeError.self) { try PageConfiguration(address: far, certificate: "c.pem").check() }
        #expect(throws: RuntimeError.self) { try PageConfiguration(address: .usual, tokens: "/nowhere").check() }
        #expect(throws: Never.self) { try PageConfiguration().check() }
    }

    @Test("the page's files are within 200 kB, name nothing from elsewhere, and every text is there in both languages")
    func content() throws {
        #expect(PageFile.all.map(\.count).reduce(0, +) <= 200_000)
        func text(_ name: String) throws -> String { String(buffer: try #require(PageFile.at(name)).body) }
        #expect(try text("/") == text("/page.html"))
        #expect(PageFile.at("/../page.html") == nil && PageFile.at("/live") == nil && PageFile.at("") == nil)
        for (name, _) in PageFile.all {
            let found = try text("/" + name).replacing("http://www.w3.org/2000/svg", with: "")
            #expect(!found.contains("http://") && !found.contains("https://") && !found.contains("//cdn"), "\(name)")
        }
        func keys(_ name: String) throws -> [String] {
            try text(name).split(separator: "\n").compactMap { $0.split(separator: "\"", maxSplits: 2).dropFirst().first.map(String.init) }
        }
        #expect(try keys("/en.json") == keys("/pt.json"))
        let known = Set(try keys("/en.json"))
        for name in ["/page.html", "/page.js", "/alarms.js"] {
            for match in try text(name).matches(of: /(?:data-t="|P\.text\(")([a-zA-Z.]+)"/) {
                let key = String(match.output.1)
                #expect(known.contains(key) || known.contains { $0.hasPrefix(key) && key.hasSuffix(".") }, "\(name): \(key)")
            }
        }
    }
}
