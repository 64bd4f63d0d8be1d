// A program that is given everything at once, answers once and ends: such as the one that draws.
// Apart from companions, which live as long as a session.

import CPrecordiaSystem
import Glibc
package import PrecordiaHost

/// A program beside this one that turns bytes into bytes.
package enum AnsweringProgram {
    /// Starts a program of the folder of the one that runs, gives it bytes and takes what it writes until it ends.
    ///
    /// The program must read everything before it writes. What it says to standard error goes where this program's goes.
    /// - Parameters:
    ///   - missing: what to do where the program is not there, in words.
    ///   - loading: what to do where the system cannot load it.
    /// - Throws: ``RuntimeError/cannotRead(file:reason:)``.
    package static func answer(
        of name: String, to input: [UInt8], missing: String, loading: String, path: String? = nil
    ) throws(RuntimeError) -> [UInt8] {
        let program = path ?? LogFolder.program(named: name)
        guard access(program, X_OK) == 0 else {
            throw .cannotRead(file: program, reason: "\(String(cString: strerror(errno))); \(missing)")
        }
        var words = [strdup(program), nil]
        defer { free(words[0]) }
        var child = precordia_child()
        let problem = precordia_spawn(program, &words, &child)
        guard problem == 0 else { throw .cannotRead(file: program, reason: String(cString: strerror(problem))) }
        give(input, to: child.to)
        let answer = take(from: child.from)
        var status: Int32 = 0
        while waitpid(child.process, &status, 0) < 0, errno == EINTR {}
        let exit = (status >> 8) & 0xFF
        if status & 0x7F != 0 { throw .cannotRead(file: program, reason: "ended by signal \(status & 0x7F)") }
        // 127: a library that it needs is not there, which the loader has told.
        if exit == 127 { throw .cannotRead(file: program, reason: loading) }
        guard exit == 0, !answer.isEmpty else { throw .cannotRead(file: program, reason: "it gave no answer, status \(exit)") }
        return answer
    }

    private static func give(_ bytes: [UInt8], to descriptor: Int32) {
        defer { close(descriptor) }
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + done, $0.count - done) }
            if count > 0 { done += count } else if errno == EAGAIN { wait(descriptor, POLLOUT) } else if errno != EINTR { return }
        }
    }

    private static func take(from descriptor: Int32) -> [UInt8] {
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = room.withUnsafeMutableBytes { read(descriptor, $0.baseAddress!, $0.count) }
            if count > 0 {
                bytes += room[..<count]
            } else if count == 0 {
                return bytes
            } else if errno == EAGAIN {
                wait(descriptor, POLLIN)
            } else if errno != EINTR {
                return bytes
            }
        }
    }

    private static func wait(_ descriptor: Int32, _ events: Int32) {
        var waiting = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        _ = poll(&waiting, 1, 1000)
    }
}
