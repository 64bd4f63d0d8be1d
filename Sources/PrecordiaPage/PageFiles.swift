// The page's own files, which are inside the program.

import CPrecordiaPage
import NIOCore
import PrecordiaHost

/// A file that a browser may ask for.
struct PageFile {
    var type: StaticString
    var body: ByteBuffer

    /// The file of a path; nil if there is none.
    static func at(_ path: String) -> PageFile? {
        let path = path == "/" ? "/page.html" : path
        for index in 0..<precordia_page_files() where String(cString: precordia_page_name(index)) == String(path.dropFirst()) {
            let bytes = UnsafeRawBufferPointer(start: precordia_page_bytes(index), count: precordia_page_count(index))
            return PageFile(type: type(of: path), body: ByteBuffer(bytes: bytes))
        }
        return nil
    }

    /// All names and sizes.
    static var all: [(name: String, count: Int)] {
        (0..<precordia_page_files()).map { (String(cString: precordia_page_name($0)), precordia_page_count($0)) }
    }

    private static func type(of path: String) -> StaticString {
        if path.hasSuffix(".html") { return "text/html; charset=utf-8" }
        if path.hasSuffix(".css") { return "text/css; charset=utf-8" }
        if path.hasSuffix(".js") { return "text/javascript; charset=utf-8" }
        if path.hasSuffix(".svg") { return "image/svg+xml" }
        return "application/json; charset=utf-8"
    }

    /// The headers that every answer has: nothing from elsewhere is loaded or run, nobody frames the page, nothing is kept.
    ///
    /// - Parameter host: as the request has it, for browsers to whom `'self'` is no WebSocket.
    static func headers(host: String?) -> [(String, String)] {
        let live = host.map { " ws://\($0) wss://\($0)" } ?? ""
        return [
            (
                "Content-Security-Policy",
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'\(live); base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
            ), ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer"),
            ("Cross-Origin-Resource-Policy", "same-origin"), ("Cache-Control", "no-store"),
        ]
    }
}
