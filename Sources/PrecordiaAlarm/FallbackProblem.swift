// What became of the program that speaks while there is no sound.
// Apart from the worker that runs it, because a session shows it for as long as it lasts.

import Glibc

/// How the newest run of the fallback's program ended.
package struct FallbackProblem: Equatable, Sendable {
    package enum Kind: UInt8, Sendable {
        /// It ran and ended well: it speaks.
        case none = 1
        /// It cannot be started; the code is an errno.
        case starting = 2
        /// It ended with this status, which is not 0.
        case status = 3
        /// It was ended by this signal; by the worker, if it took too long.
        case signal = 4
    }

    package let kind: Kind
    package let code: Int32

    init(_ kind: Kind, code: Int32) {
        self.kind = kind
        self.code = code
    }

    /// By what waitpid(2) says of a program that has ended.
    init(status: Int32) {
        let signal = status & 0x7F
        let code = status >> 8 & 0xFF
        if signal != 0 { self.init(.signal, code: signal) } else { self.init(code == 0 ? .none : .status, code: code) }
    }

    init?(word: UInt64) {
        guard let kind = Kind(rawValue: UInt8(truncatingIfNeeded: word >> 32)) else { return nil }
        self.init(kind, code: Int32(truncatingIfNeeded: word))
    }

    var word: UInt64 { UInt64(kind.rawValue) << 32 | UInt64(UInt32(bitPattern: code)) }

    /// What is wrong, behind the program's name; empty where nothing is.
    package var words: String {
        switch kind {
        case .none: ""
        case .starting: "cannot be started, " + String(cString: strerror(code))
        case .status: "fails, status \(code)"
        case .signal: code == SIGKILL ? "hangs, and was killed" : "was ended by signal \(code)"
        }
    }
}
