// A file that is kept for nothing but to be given up: when the disk is full, its room is the alerts'.

import Glibc

/// Room on the log's disk that nobody else can take.
///
/// - Thread: the store's.
final class SpareRoom {
    private let path: String
    private let bytes: Int
    /// Whether the room is there.
    private(set) var isThere = false

    /// Looks whether the room is there; nothing is taken before the log is this process's own.
    init(folder: String, bytes: Int) {
        path = folder + "/reserve"
        self.bytes = bytes
        look()
    }

    private func look() {
        var status = stat()
        isThere = bytes > 0 && stat(path, &status) == 0 && Int(status.st_blocks) * 512 >= bytes
    }

    /// Takes the room if it can be had and as much again stays free; whether it is there.
    @discardableResult
    func take() -> Bool {
        look()
        guard bytes > 0, !isThere else { return isThere }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var room = statvfs()
        let isEnough = fstatvfs(descriptor, &room) == 0 && UInt64(room.f_bavail) * UInt64(room.f_frsize) >= UInt64(2 * bytes)
        isThere = isEnough && posix_fallocate(descriptor, 0, off_t(bytes)) == 0
        if !isThere { unlink(path) }
        return isThere
    }

    /// Gives the room up; false if there was none to give.
    func give() -> Bool {
        guard isThere else { return false }
        isThere = false
        return unlink(path) == 0
    }
}
