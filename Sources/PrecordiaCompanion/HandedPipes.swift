// Pipes that the service manager hands open, for companions that are units of their own.
// The session opens, binds and connects nothing for them: it takes what it is given, or says why not.

import Glibc
package import PrecordiaHost

/// A pair of pipes to a companion that somebody else starts.
package struct HandedPipes: Equatable, Sendable {
    /// Descriptors that the session writes to and reads from.
    package var to: Int32
    package var from: Int32

    package init(to: Int32, from: Int32) {
        self.to = to
        self.from = from
    }

    /// The companions whose pipes the service manager has handed to this process, by systemd's protocol: `LISTEN_PID`, `LISTEN_FDS`, and `LISTEN_FDNAMES` with
    /// `NAME-to` and `NAME-from` for each. They do not wait from now on, and no program that is started gets them.
    ///
    /// - Parameters:
    ///   - variable: a variable of the environment.
    ///   - first: the first descriptor.
    ///   - isName: whether a companion may be called that.
    /// - Throws: ``RuntimeError/badSource(source:problem:)`` for a descriptor that is no pipe, has no such name or no partner.
    package static func taken(
        _ variable: (String) -> String?, first: Int32 = 3, isName: (String) -> Bool
    ) throws(RuntimeError) -> [CompanionProgram] {
        guard variable("LISTEN_PID").flatMap({ pid_t($0) }) == getpid(), let count = variable("LISTEN_FDS").flatMap({ Int32($0) }),
            count > 0
        else { return [] }
        let words = (variable("LISTEN_FDNAMES") ?? "").split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard words.count == Int(count) else {
            throw .badSource(
                source: "LISTEN_FDNAMES", problem: "has \(words.count) names for \(count) descriptors; each needs one, NAME-to or NAME-from"
            )
        }
        var found: [String: Int32] = [:]
        for (place, word) in words.enumerated() {
            let descriptor = first + Int32(place)
            try check(descriptor, word)
            guard found.updateValue(descriptor, forKey: word) == nil else {
                throw .badSource(source: word, problem: "is handed over twice")
            }
        }
        var companions: [CompanionProgram] = []
        for word in words where word.hasSuffix("-to") {
            let name = String(word.dropLast(3))
            guard isName(name) else { throw .badSource(source: word, problem: "is no name for a companion") }
            guard let to = found.removeValue(forKey: word), let from = found.removeValue(forKey: name + "-from") else {
                throw .badSource(source: word, problem: "has no partner \(name)-from; a companion needs a pipe each way")
            }
            companions.append(CompanionProgram(name: name, pipes: HandedPipes(to: to, from: from)))
        }
        guard let left = found.keys.min() else { return companions }
        throw .badSource(source: left, problem: "has no partner, or another name than NAME-to and NAME-from")
    }

    private static func check(_ descriptor: Int32, _ word: String) throws(RuntimeError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw .badSource(source: word, problem: "descriptor \(descriptor) is not open: \(String(cString: strerror(errno)))")
        }
        guard status.st_mode & S_IFMT == S_IFIFO else {
            throw .badSource(
                source: word, problem: "is no pipe: a session takes no sockets and no files; ListenFIFO= is right in its .socket unit")
        }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }
}
