// What the host says to a device: who are you, take this rate, start.
// Apart from the engine's thread, because it is the only thing that a session ever sends.

import Glibc
import PrecordiaLink

/// Asks a device to identify itself when its line opens, and to start if it does not stream by itself.
///
/// - Thread: the engine's. Memory: one block.
struct DeviceTalk: ~Copyable {
    /// The rate to ask for, hertz; nil to take the device's own.
    let rate: UInt32?
    private var encoder: LinkEncoder
    private let memory: UnsafeMutableRawBufferPointer
    /// When a start is due because nothing has streamed; nil when none is.
    private var startAt: Int64?
    private var hasAskedRate = false
    private var hasStarted = false
    private var isOver = false

    /// Nanoseconds that a device has, from its hello on, to stream by itself.
    private static let patience: Int64 = 300_000_000

    init(rate: UInt32?) {
        self.rate = rate
        encoder = LinkEncoder(session: UInt32(truncatingIfNeeded: Monotonic.now()))
        memory = .allocate(byteCount: LinkEncoder.maximumBytes, alignment: 8)
    }

    deinit { memory.deallocate() }

    /// A line has opened.
    mutating func opened(_ send: (UnsafeRawBufferPointer) -> Void) {
        startAt = nil
        hasAskedRate = false
        isOver = false
        say(.identify, [], send)
    }

    /// The line has closed.
    mutating func lost() { startAt = nil }

    /// The device has sent all frames that it announced, and need not be asked for them again.
    mutating func over() {
        startAt = nil
        isOver = true
    }

    /// A hello has come; `now` is the monotonic clock.
    mutating func heard(_ hello: DeviceHello, at now: Int64) {
        guard hello.takesCommands, startAt == nil, !isOver else { return }
        startAt = now + Self.patience
    }

    /// Frames come: there is nothing to ask for.
    mutating func isStreaming() { startAt = nil }

    /// Sends what is due; call it now and then.
    mutating func act(at now: Int64, _ send: (UnsafeRawBufferPointer) -> Void) {
        guard let due = startAt, now >= due else { return }
        // Asked again until something streams: a command or its answer may have been lost.
        startAt = now + 1_000_000_000
        if let rate, !hasAskedRate {
            hasAskedRate = true
            say(.configure, withUnsafeBytes(of: rate.littleEndian) { Array($0) } + [0xFF, 0xFF, 0, 0], send)
        }
        hasStarted = true
        say(.start, [], send)
    }

    /// Lets the device rest if it was started from here.
    mutating func goodbye(_ send: (UnsafeRawBufferPointer) -> Void) {
        if hasStarted { say(.stop, [], send) }
    }

    private mutating func say(_ type: BlockType, _ payload: [UInt8], _ send: (UnsafeRawBufferPointer) -> Void) {
        let count = payload.withUnsafeBytes { encoder.block(type, $0, into: memory) }
        send(UnsafeRawBufferPointer(rebasing: memory[..<count]))
    }
}
