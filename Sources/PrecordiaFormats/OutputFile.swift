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
final class OutputFile {
    let path: String
    private let partial: String
    private var descriptor: Int32
    private var placed = false

    init(path: String) throws(RecordError) {
        self.path = path
        partial = path + ".part"
        descriptor = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK, 0o644)
        guard descriptor >= 0 else {
            placed = true
            throw OutputFile.refusal(errno, path)
        }
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
                throw OutputFile.refusal(errno, path)
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
        guard rename(partial, path) == 0 else { throw OutputFile.refusal(errno, path) }
        placed = true
    }

    static func refusal(_ reason: Int32, _ path: String) -> RecordError {
        let remedy =
            switch reason {
            case ENOENT, ENOTDIR: "the folder '\(path.folderPrefix)' must exist"
            case ENOSPC, EDQUOT: "free some space; the incomplete file was removed"
            case EACCES, EPERM, EROFS: "choose a folder in which you may write"
            case EISDIR: "a folder has this name; choose another"
            default: "nothing was kept of it"
            }
        return RecordError(.unwritable, file: path, problem: "cannot be written: \(systemMessage(reason))", remedy: remedy)
    }
}

/// write(2), whose name the class's own method hides.
private func systemWrite(_ descriptor: Int32, _ base: UnsafeRawPointer, _ count: Int) -> Int { write(descriptor, base, count) }
