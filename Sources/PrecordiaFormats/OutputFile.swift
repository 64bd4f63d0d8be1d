// Writing a file so that it is there whole or not at all.
// The counterpart of `SystemFile.swift`, apart because only writers need it.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file that is written under the name `PATH.part` and gets its own name when it is complete. Removed if it never is.
///
/// What exists and is no file, such as `/dev/full` or a named pipe, is written where it stands: a name in its place would take it away from everyone else.
package final class OutputFile {
    let path: String
    private let partial: String
    private var descriptor: Int32
    private var placed = false
    /// Whether it is no file, so that there is nothing to rename or remove.
    private let isInPlace: Bool

    /// Whether a file that is there stays as it is.
    private let isKeeping: Bool

    /// Writes a whole file.
    ///
    /// - Parameters:
    ///   - isPrivate: whether nobody but its owner may read it, because it tells who someone is: mode 0600.
    ///   - isKeeping: whether a file of that name is an error.
    package static func write(_ bytes: [UInt8], path: String, isPrivate: Bool, isKeeping: Bool) throws(RecordError) {
        let file = try OutputFile(path: path, isPrivate: isPrivate, isKeeping: isKeeping)
        try file.write(bytes)
        try file.end()
        try file.place()
    }

    /// - Parameters:
    ///   - isFile: whether it must be a file, because it is one of several that appear together.
    ///   - isPrivate: whether nobody but its owner may read it.
    ///   - isKeeping: whether a file of that name is an error.
    init(path: String, isFile: Bool = false, isPrivate: Bool = false, isKeeping: Bool = false) throws(RecordError) {
        self.isKeeping = isKeeping
        self.path = path
        var status = stat()
        let isThere = stat(path, &status) == 0
        let kind = status.st_mode & S_IFMT
        isInPlace = isThere && kind != S_IFREG && kind != S_IFDIR
        partial = isInPlace ? path : path + ".part"
        placed = isInPlace
        descriptor = -1
        if isFile { try OutputFile.demandFile(path) }
        if isKeeping, isThere, kind == S_IFREG { throw OutputFile.occupied(path) }
        if isInPlace, kind == S_IFBLK || kind == S_IFSOCK { throw OutputFile.noFile(path, kind) }
        // A pipe that nobody reads is refused and not waited for; one that is read may be full for a while.
        descriptor = open(
            partial, O_WRONLY | (isInPlace ? 0 : O_CREAT | O_TRUNC) | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, isPrivate ? 0o600 : 0o644)
        guard descriptor >= 0 else {
            placed = true
            throw errno == ENXIO ? OutputFile.noFile(path, kind) : OutputFile.refusal(errno, path)
        }
        // A part that was left behind may be open to all.
        if isPrivate, !isInPlace { fchmod(descriptor, 0o600) }
        if isInPlace { _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK) }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        if !placed { unlink(partial) }
    }

    func write(_ bytes: [UInt8]) throws(RecordError) { try write(bytes, count: bytes.count) }

    private func write(_ base: UnsafeRawPointer, count: Int) throws(RecordError) {
        var done = 0
        while done < count {
            let put = systemWrite(descriptor, base + done, count - done)
            if put >= 0 {
                done += put
            } else if errno != EINTR {
                let reason = errno
                guard isInPlace, reason == ENOSPC else { throw OutputFile.refusal(reason, path) }
                throw RecordError(
                    .unwritable, file: path, problem: "cannot be written: \(systemMessage(reason))",
                    remedy: "it is no file and is full; name a file")
            }
        }
    }

    /// Ends writing; the name follows with ``place()``, so that several files can appear together.
    func end() throws(RecordError) {
        let result = close(descriptor)
        descriptor = -1
        guard result == 0 else { throw OutputFile.refusal(errno, path) }
    }

    /// Gives the complete file its name.
    func place() throws(RecordError) {
        guard !isInPlace else { return }
        if isKeeping, access(path, F_OK) == 0 { throw OutputFile.occupied(path) }
        guard rename(partial, path) == 0 else { throw OutputFile.refusal(errno, path) }
        placed = true
    }

    /// Refuses a path at which something stands that is no file.
    static func demandFile(_ path: String) throws(RecordError) {
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        let kind = status.st_mode & S_IFMT
        if kind != S_IFREG, kind != S_IFDIR { throw noFile(path, kind) }
    }

    private static func occupied(_ path: String) -> RecordError {
        RecordError(
            .unwritable, file: path, problem: "cannot be written: a file of this name is there", remedy: "choose another name, or --replace"
        )
    }

    private static func noFile(_ path: String, _ kind: mode_t) -> RecordError {
        let (problem, remedy) =
            switch kind {
            case S_IFBLK: ("it is a disk and no file", "name a file; nothing was written to the disk")
            case S_IFIFO: ("it is a pipe and no file, or nobody reads it", "name a file; where a pipe will do, start its reader first")
            default: ("it is a device or a socket and no file", "name a file")
            }
        return RecordError(.unwritable, file: path, problem: "cannot be written: \(problem)", remedy: remedy)
    }

    static func refusal(_ reason: Int32, _ path: String) -> RecordError {
        let remedy =
            switch reason {
            case ENOENT, ENOTDIR: "the folder '\(path.folderPrefix)' must exist"
            case ENOSPC, EDQUOT: "free some space; the incomplete file was removed"
            case EPIPE: "its reader has gone; start it again and write once more"
            case EACCES, EPERM, EROFS: "choose a folder in which you may write"
            case EISDIR: "a folder has this name; choose another"
            default: "nothing was kept of it"
            }
        return RecordError(.unwritable, file: path, problem: "cannot be written: \(systemMessage(reason))", remedy: remedy)
    }
}

/// write(2), whose name the class's own method hides.
private func systemWrite(_ descriptor: Int32, _ base: UnsafeRawPointer, _ count: Int) -> Int { write(descriptor, base, count) }
