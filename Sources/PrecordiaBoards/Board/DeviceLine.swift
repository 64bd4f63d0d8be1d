// Where a simulated device's bytes go: what every line can do, and the two that only take.
// Apart from the device, which must not wait for any of them.

import Glibc
package import PrecordiaHost

/// The device's end of a line.
package protocol DeviceLine: AnyObject {
    /// Whether a host can be on the line at all to say something.
    var takesCommands: Bool { get }
    /// Whether somebody is there.
    var isUp: Bool { get }
    /// Puts the line where a host finds it; takes it away.
    func open() throws(RuntimeError)
    func close()
    /// Lets the host read what it was given, for a second at most, and leaves it.
    func finish()
    /// Takes bytes without waiting and says how many; 0 if it is full or nobody is there.
    func send(_ bytes: UnsafeRawBufferPointer) throws(RuntimeError) -> Int
    /// Gives what the host has sent, without waiting.
    func receive(into bytes: UnsafeMutableRawBufferPointer) -> Int
    /// Sleeps until `deadline` of the monotonic clock, or until the host sent something, came, or, `forRoom`, takes bytes again.
    func wait(until deadline: Int64, forRoom: Bool)
}

extension DeviceLine {
    package func finish() {}

    /// Sleeps until a descriptor has one of `events`, or it is time; 100 ms at most, so that a request to end is noticed.
    func wait(for descriptor: Int32, _ events: Int32, until deadline: Int64) {
        let end = min(deadline, Monotonic.now() + 100_000_000)
        guard descriptor >= 0 else { return Monotonic.sleep(until: end) }
        var waiting = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        // `poll` knows whole milliseconds; what is left of the last one is slept.
        let left = max(0, end - Monotonic.now())
        if poll(&waiting, 1, Int32(left / 1_000_000)) == 0 { Monotonic.sleep(until: end) }
    }
}

/// A pipe or a file, such as standard output: bytes go one way.
final class OutputLine: DeviceLine {
    private let descriptor: Int32
    private let name: String
    private(set) var isUp = true
    var takesCommands: Bool { false }

    /// A line to an open descriptor, which stays open.
    init(descriptor: Int32, name: String) {
        self.descriptor = descriptor
        self.name = name
    }

    func open() { isUp = true }
    func close() { isUp = false }

    /// At most as much as a pipe takes at once when it takes anything, so that a descriptor that waits does not.
    func send(_ bytes: UnsafeRawBufferPointer) throws(RuntimeError) -> Int {
        guard isUp else { return 0 }
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&waiting, 1, 0) > 0 else { return 0 }
        let written = write(descriptor, bytes.baseAddress, min(bytes.count, 4096))
        guard written < 0 else { return written }
        switch errno {
        case EINTR, EAGAIN: return 0
        case EPIPE: throw .outputClosed
        case let code: throw .cannotWrite(file: name, reason: String(cString: strerror(code)))
        }
    }

    func receive(into bytes: UnsafeMutableRawBufferPointer) -> Int { 0 }
    func wait(until deadline: Int64, forRoom: Bool) { wait(for: forRoom && isUp ? descriptor : -1, POLLOUT, until: deadline) }
}

/// A function of this process that takes every byte at once: for tests, and for hosts that need no system between.
package final class MemoryLine: DeviceLine {
    private let take: (UnsafeRawBufferPointer) throws(RuntimeError) -> Void
    package private(set) var isUp = true
    package var takesCommands: Bool { false }

    package init(_ take: @escaping (UnsafeRawBufferPointer) throws(RuntimeError) -> Void) { self.take = take }

    package func open() { isUp = true }
    package func close() { isUp = false }

    package func send(_ bytes: UnsafeRawBufferPointer) throws(RuntimeError) -> Int {
        guard isUp else { return 0 }
        try take(bytes)
        return bytes.count
    }

    package func receive(into bytes: UnsafeMutableRawBufferPointer) -> Int { 0 }
    package func wait(until deadline: Int64, forRoom: Bool) { wait(for: -1, 0, until: deadline) }
}
