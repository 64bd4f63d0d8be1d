// What a session may ask of the scheduler and the memory manager, and plain words where the rights are missing.
// Options, never conditions: without the rights the session says so once and runs on.

import CPrecordiaSystem
import Glibc

/// Priority, processor and memory of a live session.
public struct RealTime: Sendable {
    /// SCHED_FIFO priority of acquisition, 2 to 99; the engine has one less. Nil for the system's ordinary scheduling.
    public var priority: Int?
    /// The processor that both threads stay on.
    public var processor: Int?
    /// Whether no page of the process may be swapped out.
    public var locksMemory: Bool

    public init(priority: Int? = nil, processor: Int? = nil, locksMemory: Bool = false) {
        self.priority = priority
        self.processor = processor
        self.locksMemory = locksMemory
    }

    /// Locks the process's memory if asked to.
    ///
    /// - Returns: what was refused, in words.
    func lockMemory() -> [String] {
        guard locksMemory else { return [] }
        return Self.refusal(
            precordia_memory_lock(), "memory is not locked",
            "the limit of locked memory must be lifted (`ulimit -l unlimited`, LimitMEMLOCK=infinity in a unit) or CAP_IPC_LOCK given")
    }

    /// Applies priority and processor to the calling thread.
    ///
    /// - Parameter below: how far below the session's priority.
    /// - Returns: what was refused, in words.
    func applyToThread(_ thread: String, below: Int) -> [String] {
        var words: [String] = []
        if let priority {
            words += Self.refusal(
                precordia_thread_realtime(Int32(priority - below)), "\(thread) runs without real-time priority \(priority - below)",
                "the limit must allow it (`ulimit -r \(priority)`, LimitRTPRIO=\(priority) in a unit) or CAP_SYS_NICE be given")
        }
        if let processor {
            words += Self.refusal(
                precordia_thread_pin(Int32(processor)), "\(thread) is not kept on processor \(processor)",
                "one of 0 to \(Machine.processors - 1) that this process may use would be right")
        }
        return words
    }

    private static func refusal(_ code: Int32, _ what: String, _ remedy: String) -> [String] {
        code == 0 ? [] : ["\(what), \(String(cString: strerror(code))); \(remedy)"]
    }
}
