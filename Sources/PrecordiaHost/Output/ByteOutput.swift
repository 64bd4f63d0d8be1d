// Bytes to a file descriptor, with every failure noticed.
// `print` hides a full disk and dies of a closed pipe; a record of alerts may do neither.

import Glibc

/// Buffered output to a descriptor, or to memory.
///
/// - Memory: the buffer, 64 KiB, grows only by one line. Thread: one at a time.
/// - When the disk is full: ``RuntimeError/cannotWrite(file:reason:)`` from the call that noticed it; when the reader of a pipe has gone:
///   ``RuntimeError/outputClosed``, provided that SIGPIPE is ignored.
package final class ByteOutput {
    private let descriptor: Int32
    private let name: String
    /// Whether each line is handed over at once: for a terminal, or a stream in real time.
    private let eager: Bool
    /// Whether it is a file or a pipe by its name, so that a reader who has gone is told with it.
    private var isNamed = false
    private var buffer: [UInt8] = []
    private static let limit = 1 << 16

    /// Output to an open descriptor, which stays open.
    package init(descriptor: Int32, name: String, eager: Bool) {
        self.descriptor = descriptor
        self.name = name
        self.eager = eager
        buffer.reserveCapacity(Self.limit + 4096)
    }

    /// The program's standard output.
    package static func standard(eager: Bool = false) -> ByteOutput {
        ByteOutput(descriptor: 1, name: "standard output", eager: eager || isatty(1) == 1)
    }

    /// Output to the end of a file, which is made if there is none, line by line; a pipe with a reader will do. It stays open as long as the program runs.
    ///
    /// - Throws: ``RuntimeError/cannotWrite(file:reason:)``.
    package static func appending(to path: String) throws(RuntimeError) -> ByteOutput {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0o644)
        guard descriptor >= 0 else { throw .cannotWrite(file: path, reason: String(cString: strerror(errno))) }
        let output = ByteOutput(descriptor: descriptor, name: path, eager: true)
        output.isNamed = true
        return output
    }

    /// Output to a file, made if it is not there, behind its first `bytes` bytes; what it has behind them is cut off. It stays open as long as the program runs.
    ///
    /// - Throws: ``RuntimeError/cannotWrite(file:reason:)``.
    package static func writing(to path: String, from bytes: Int) throws(RuntimeError) -> ByteOutput {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .cannotWrite(file: path, reason: String(cString: strerror(errno))) }
        // A pipe, or a device such as /dev/null, has no length.
        if ftruncate(descriptor, off_t(bytes)) != 0, errno != EINVAL {
            throw .cannotWrite(file: path, reason: String(cString: strerror(errno)))
        }
        if lseek(descriptor, off_t(bytes), SEEK_SET) < 0, errno != ESPIPE {
            throw .cannotWrite(file: path, reason: String(cString: strerror(errno)))
        }
        let output = ByteOutput(descriptor: descriptor, name: path, eager: false)
        output.isNamed = true
        return output
    }

    /// Output that is kept in ``collected``.
    package static func collecting() -> ByteOutput { ByteOutput(descriptor: -1, name: "memory", eager: false) }

    /// What was written, of an output made by ``collecting()``.
    package var collected: [UInt8] { buffer }

    /// Writes a text and a line feed.
    package func line(_ text: String) throws(RuntimeError) {
        buffer.append(contentsOf: text.utf8)
        buffer.append(0x0A)
        try lineEnded()
    }

    /// Writes bytes that end with a line feed.
    package func lines(_ bytes: [UInt8]) throws(RuntimeError) {
        buffer.append(contentsOf: bytes)
        try lineEnded()
    }

    private func lineEnded() throws(RuntimeError) {
        if descriptor >= 0, eager || buffer.count >= Self.limit { try flush() }
    }

    /// Hands everything over to the system.
    package func flush() throws(RuntimeError) {
        guard descriptor >= 0 else { return }
        var start = 0
        while start < buffer.count {
            let written = buffer.withUnsafeBytes { write(descriptor, $0.baseAddress! + start, $0.count - start) }
            if written >= 0 {
                start += written
                continue
            }
            let code = errno
            if code == EINTR { continue }
            if code == EAGAIN {
                var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&waiting, 1, 100)
                continue
            }
            buffer.removeAll(keepingCapacity: true)
            if code == EPIPE, !isNamed { throw .outputClosed }
            throw .cannotWrite(file: name, reason: String(cString: strerror(code)))
        }
        buffer.removeAll(keepingCapacity: true)
    }
}
