// The file that keeps what was alarming, acknowledged, paused or switched off; one session's at a time.
// On a thread of its own: a disk that stands still holds up nothing but its own news.

import CPrecordiaSystem
import Glibc
import PrecordiaFormats
import PrecordiaHost
import Synchronization

/// Writes a state to its file, whole or not at all, whenever it has changed.
///
/// - Thread: its own. When the disk is slow: one state waits, the newest.
package final class AlarmStateFile: @unchecked Sendable {
    let path: String
    /// The bed or patient whose state it is; nil if nobody said.
    let bed: String?
    private var lock: Int32 = -1
    /// Why a second session would not be noticed, in words; nil if it would.
    private(set) var lockProblem: String?
    /// The text that waits to be written.
    private final class Waiting: Sendable {
        let text: String
        init(_ text: String) { self.text = text }
    }

    private let waiting = Atomic<Unmanaged<Waiting>?>(nil)
    private let bell = precordia_bell_open()
    private let stops = Atomic<Bool>(false)
    private let isRunning = Atomic<Bool>(false)
    /// Whether what lies at the path must not be written over.
    private var isBlocked = false
    /// Why the last state could not be written; 0 if it was.
    private let failure = Atomic<Int32>(0)

    init(path: String, bed: String? = nil) {
        self.path = Self.target(of: path)
        self.bed = bed.map { Text.printable($0).withoutOuterSpaces }.flatMap { $0.isEmpty ? nil : $0 }
        precondition(bell >= 0, "The system has no descriptor left for the state of alarms.")
    }

    /// What a symbolic link leads to: two names of one file are one state, and the link stays a link.
    private static func target(of path: String) -> String {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK, let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }

    deinit {
        _ = taken()
        close(bell)
        if lock >= 0 { close(lock) }
    }

    /// Takes the file for this session, until it ends however it may: two sessions that keep one state would each wipe out what the other's people did.
    ///
    /// - Throws: ``RuntimeError/cannotWrite(file:reason:)`` if another session has it. Where nothing can be locked ``lockProblem`` says so.
    func claim() throws(RuntimeError) {
        let beside = path + ".lock"
        lock = open(beside, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            guard lock >= 0, code == EWOULDBLOCK else {
                let reason = String(cString: strerror(code))
                lockProblem = "\(beside): cannot be locked, \(reason); a second session on \(path) would not be noticed"
                return
            }
            let owner = (try? fileBytes(path: beside, limit: 1 << 12)).map { Text.printable(String(decoding: $0, as: UTF8.self)) } ?? ""
            let whose = owner.isEmpty ? "another session" : "another session, \(owner),"
            throw .cannotWrite(file: path, reason: "\(whose) keeps this state of alarms; end it, or give this one a file of its own")
        }
        let owner = Array(("process \(getpid())" + (bed.map { ", bed \($0)" } ?? "")).utf8)
        ftruncate(lock, 0)
        _ = owner.withUnsafeBytes { pwrite(lock, $0.baseAddress!, $0.count, 0) }
    }

    /// The state that a program left, or why nothing is known of it; neither where there is no file. A file that holds something else is set aside;
    /// what cannot be read or set aside is left alone, and nothing is kept.
    func stored() -> (state: AlarmState?, problem: String?) {
        var status = stat()
        guard stat(path, &status) == 0 || errno != ENOENT else { return (nil, nil) }
        let forgotten = "what was acknowledged, latched or switched off before is not known"
        guard status.st_mode & S_IFMT == S_IFREG, let bytes = try? fileBytes(path: path, limit: 1 << 16) else {
            failure.store(status.st_mode & S_IFMT == S_IFDIR ? EISDIR : EACCES, ordering: .relaxed)
            isBlocked = true
            return (nil, "\(path): cannot be read as a state of alarms; \(forgotten)")
        }
        if let state = AlarmState(String(decoding: bytes, as: UTF8.self)) { return (state, nil) }
        let aside = path + ".unread"
        let isThere = access(aside, F_OK) == 0
        guard !isThere, rename(path, aside) == 0 else {
            failure.store(isThere ? EEXIST : errno, ordering: .relaxed)
            isBlocked = true
            return (nil, "\(path): is no state of alarms, and cannot be set aside as \(aside); \(forgotten)")
        }
        return (nil, "\(path): is no state of alarms, set aside as \(aside); \(forgotten)")
    }

    func start() {
        if isBlocked { return }
        isRunning.store(true, ordering: .relaxed)
        guard !Workers.start({ self.run() }) else { return }
        isRunning.store(false, ordering: .relaxed)
        failure.store(EAGAIN, ordering: .relaxed)
    }

    /// Hands a state over, in place of one that still waits. Never waits itself.
    func keep(_ state: AlarmState) {
        waiting.exchange(Unmanaged.passRetained(Waiting(state.text)), ordering: .acquiringAndReleasing)?.release()
        precordia_bell_ring(bell)
    }

    private func taken() -> String? { waiting.exchange(nil, ordering: .acquiringAndReleasing)?.takeRetainedValue().text }

    /// Why nothing is kept, in words; nil if all is well.
    var problem: String? {
        let code = failure.load(ordering: .relaxed)
        return code == 0 ? nil : String(cString: strerror(code))
    }

    /// Writes what is left and ends the thread; a disk that stands still is left alone after 5 s.
    func stop() {
        stops.store(true, ordering: .releasing)
        precordia_bell_ring(bell)
        let deadline = Monotonic.now() + 5_000_000_000
        while isRunning.load(ordering: .acquiring), Monotonic.now() < deadline { Monotonic.sleep(until: Monotonic.now() + 2_000_000) }
    }

    private func run() {
        let folder = path.folderPrefix.isEmpty ? "." : path.folderPrefix
        // A state stays until it is written, or a newer one takes its place.
        var due: String?
        while true {
            let isLast = stops.load(ordering: .acquiring)
            due = taken() ?? due
            if let text = due {
                let code = write(Array(text.utf8))
                failure.store(code, ordering: .relaxed)
                if code == 0 { due = nil }
            } else {
                // The state of now must not replace what was left before anything has changed: so only whether a file could be made there.
                failure.store(access(folder, W_OK) == 0 ? 0 : errno, ordering: .relaxed)
            }
            if isLast { break }
            precordia_bell_wait(bell, 1000)
        }
        isRunning.store(false, ordering: .releasing)
    }

    /// The file beside it, then in its place: after a power cut there is the old state or the new.
    private func write(_ bytes: [UInt8]) -> Int32 {
        let beside = path + ".new"
        let descriptor = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { return errno }
        let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        var code = count == bytes.count ? 0 : count < 0 ? errno : ENOSPC
        if code == 0, fsync(descriptor) != 0 { code = errno }
        close(descriptor)
        if code == 0, rename(beside, path) != 0 { code = errno }
        return code
    }
}
