// A capture's bytes, as a file holds them.
// Apart from the check, which takes bytes from anywhere.

import Glibc
package import PrecordiaHost

/// The raw bytes of a device in a file, lent without being copied where the system can.
///
/// - Memory: a file's pages come and go with the system; a pipe is read to its end and kept.
package final class CaptureFile {
    package let bytes: UnsafeRawBufferPointer
    private let isMapped: Bool

    /// Opens a file, or "-" for standard input.
    package init(path: String) throws(RuntimeError) {
        let descriptor = path == "-" ? 0 : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .cannotRead(file: path, reason: String(cString: strerror(errno))) }
        defer { if descriptor > 0 { close(descriptor) } }
        var facts = stat()
        if fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG, facts.st_size > 0,
            let mapped = mmap(nil, Int(facts.st_size), PROT_READ, MAP_PRIVATE, descriptor, 0), mapped != MAP_FAILED
        {
            bytes = UnsafeRawBufferPointer(start: mapped, count: Int(facts.st_size))
            isMapped = true
            return
        }
        var all: [UInt8] = []
        var portion = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &portion, portion.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .cannotRead(file: path, reason: String(cString: strerror(errno))) }
            if count == 0 { break }
            all += portion[..<count]
        }
        let kept = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, all.count), alignment: 8)
        all.withUnsafeBytes { kept.copyMemory(from: $0) }
        bytes = UnsafeRawBufferPointer(rebasing: kept[..<all.count])
        isMapped = false
    }

    deinit {
        if isMapped { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress!), bytes.count) } else { bytes.deallocate() }
    }
}
