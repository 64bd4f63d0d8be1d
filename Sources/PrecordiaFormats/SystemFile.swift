// The few system calls that recordings need, with the system's refusals turned into record errors.
// Kept apart from Foundation: opening and reading a 10-second exam must cost microseconds.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A regular file open for reading. Closed when released.
final class InputFile {
    let path: String
    /// Bytes in the file when it was opened.
    let size: Int
    private let descriptor: Int32

    /// Opens `path`, which must be a regular file: a pipe or device could keep the reader waiting forever.
    init(path: String) throws(RecordError) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        self.path = path
        guard descriptor >= 0 else { throw InputFile.refusal(errno, path: path) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let reason = errno
            close(descriptor)
            throw InputFile.refusal(reason, path: path)
        }
        do throws(RecordError) {
            size = try regularSize(status, path: path)
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit { close(descriptor) }

    /// Reads up to `count` bytes from `offset`; fewer only at the end of the file.
    func read(into memory: UnsafeMutableRawPointer, count: Int, at offset: Int) throws(RecordError) -> Int {
        var done = 0
        while done < count {
            let got = pread(descriptor, memory + done, count - done, off_t(offset + done))
            if got > 0 {
                done += got
            } else if got == 0 {
                break
            } else if errno != EINTR {
                throw InputFile.refusal(errno, path: path)
            }
        }
        return done
    }

    static func refusal(_ reason: Int32, path: String) -> RecordError {
        if reason == ENOENT || reason == ENOTDIR {
            return RecordError(.notFound, file: path, problem: "no such file", remedy: "check the name and folder")
        }
        return RecordError(.unreadable, file: path, problem: "cannot be read: \(systemMessage(reason))")
    }
}

/// The system's words for an error number.
func systemMessage(_ reason: Int32) -> String { String(cString: strerror(reason)) }

/// The size of a regular file in bytes.
func fileSize(path: String) throws(RecordError) -> Int {
    var status = stat()
    guard stat(path, &status) == 0 else { throw InputFile.refusal(errno, path: path) }
    return try regularSize(status, path: path)
}

/// The size that `status` tells of a regular file; a folder, pipe or device is an error.
private func regularSize(_ status: stat, path: String) throws(RecordError) -> Int {
    guard status.st_mode & S_IFMT == S_IFREG else {
        let kind = status.st_mode & S_IFMT == S_IFDIR ? "is a folder" : "is not a regular file"
        throw RecordError(.unreadable, file: path, problem: kind, remedy: "a file stored on disk is needed")
    }
    return Int(status.st_size)
}

/// The whole of a text file of at most `limit` bytes.
package func fileBytes(path: String, limit: Int) throws(RecordError) -> [UInt8] {
    let file = try InputFile(path: path)
    guard file.size <= limit else {
        throw RecordError(
            .absurdValue, file: path, problem: "\(file.size) bytes are too many for a text file of this kind",
            remedy: "at most \(limit) are read")
    }
    var failure: RecordError?
    let bytes = [UInt8](unsafeUninitializedCapacity: file.size) { buffer, filled in
        guard let base = buffer.baseAddress else { return }
        do throws(RecordError) {
            filled = try file.read(into: base, count: buffer.count, at: 0)
        } catch {
            failure = error
        }
    }
    if let failure { throw failure }
    return bytes
}

extension String {
    /// The path up to and with its last slash; empty if it has none.
    package var folderPrefix: String {
        guard let slash = utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
        return String(self[...slash])
    }

    /// What follows the last slash.
    var lastPathComponent: String {
        guard let slash = utf8.lastIndex(of: UInt8(ascii: "/")) else { return self }
        return String(self[utf8.index(after: slash)...])
    }

    /// The path without the last dot and what follows it; nil if the last component has none.
    var withoutExtension: String? {
        guard let dot = utf8.lastIndex(of: UInt8(ascii: ".")) else { return nil }
        let head = self[..<dot]
        guard !head.isEmpty, head.utf8.last != UInt8(ascii: "/") else { return nil }
        guard !self[dot...].utf8.contains(UInt8(ascii: "/")) else { return nil }
        return String(head)
    }
}
