// A program that answers once: everything goes in, everything comes out, and every way to fail is told.

import Glibc
import PrecordiaCompanion
import PrecordiaHost
import Testing

@Suite("A program that is asked once")
struct AnsweringProgramTests {
    /// As the programs have it: a pipe whose reader has gone is an error, and no end.
    init() { signal(SIGPIPE, SIG_IGN) }

    private func answer(of path: String, _ input: [UInt8] = [1]) throws -> [UInt8] {
        try AnsweringProgram.answer(of: "it", to: input, missing: "make programs", loading: "install it", path: path)
    }

    @Test("More than a pipe holds goes in and comes out")
    func whole() throws {
        // sort reads everything before it writes.
        let input = (0..<400_000).flatMap { Array("\(1_000_000 + $0)\n".utf8) }
        #expect(try answer(of: "/usr/bin/sort", input) == input)
    }

    @Test("One that is not there, fails, dies or does not read is told")
    func failures() {
        #expect(throws: RuntimeError.cannotRead(file: "/none/such", reason: "No such file or directory; make programs")) {
            try answer(of: "/none/such")
        }
        #expect(throws: RuntimeError.cannotRead(file: "/bin/false", reason: "it gave no answer, status 1")) {
            try answer(of: "/bin/false", Array(repeating: 7, count: 1_000_000))
        }
        #expect(throws: RuntimeError.cannotRead(file: "/bin/true", reason: "it gave no answer, status 0")) { try answer(of: "/bin/true") }
    }
}
