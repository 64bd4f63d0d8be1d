// What a session may ask of the scheduler and the memory manager, and plain words where the rights are missing.
// Options, never conditions: without the rights the session says so once and runs on.

import CPrecordiaSystem
import Glibc

/// Priority, processor and memory of a live session.
package struct RealTime: Sendable {
    /// SCHED_FIFO priority of acquisition, 2 to 99; the engine has one less. Nil for the system's ordinary scheduling.
    package var priority: Int?
    /// The processor that both threads stay on.
    package var processor: Int?
    /// Whether no page of the process may be swapped out.
    package var locksMemory: Bool

    package init(priority: Int? = nil, processor: Int? = nil, locksMemory: Bool = false) {
        self.priority = priority
        self.processor = processor
        self.locksMemory = locksMemory
    }

    /// Locks the process's memory if asked to.
    ///
    /// - Returns: what was refused, in words.
    package func lockMemory() -> [String] {
        guard locksMemory else { return [] }
        return Self.refusal(
            precordia_memory_lock(), "memory is not locked",
            "the limit of locked memory must be lifted (`ulimit -l unlimited`, LimitMEMLOCK=infinity in a unit) or CAP_IPC_LOCK given")
    }

    /// Applies priority and processor to the calling thread.
    ///
    /// - Parameter below: how far below the session's priority.
    /// - Returns: what was refused, in words.
    package func applyToThread(_ thread: String, below: Int) -> [String] {
        var words: [String] = []
        if let priority {
            words += Self.priorityRefusal(
                Self.setPriority(priority - below), "\(thread) runs without real-time priority \(priority - below)", limit: priority)
        }
        if let processor {
            words += Self.refusal(
                precordia_thread_pin(Int32(processor)), "\(thread) is not kept on processor \(processor)",
                "one of 0 to \(Machine.processors - 1) that this process may use would be right")
        }
        return words
    }

    /// Gives the calling thread SCHED_FIFO at this priority, 1 to 99; 0 or an errno.
    package static func setPriority(_ priority: Int) -> Int32 { precordia_thread_realtime(Int32(priority)) }

    /// What a thread lacks whose ``setPriority(_:)`` gave `code`, in words, and the remedy; empty where it lacks nothing.
    ///
    /// - Parameter limit: the priority that the system must allow.
    package static func priorityRefusal(_ code: Int32, _ what: String, limit: Int) -> [String] {
        refusal(
            code, what, "the limit must allow it (`ulimit -r \(limit)`, LimitRTPRIO=\(limit) in a unit) or CAP_SYS_NICE be given")
    }

    private static func refusal(_ code: Int32, _ what: String, _ remedy: String) -> [String] {
        code == 0 ? [] : ["\(what), \(String(cString: strerror(code))); \(remedy)"]
    }
}
