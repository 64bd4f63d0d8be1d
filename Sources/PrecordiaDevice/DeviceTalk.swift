// What the host says to a device: who are you, take this rate, start, stop. One command at a time, as firmware-protocol/SPEC.md has it.
// Apart from what follows the device, because it is the only thing that a session ever sends.

import Glibc
import PrecordiaHost
import PrecordiaLink

/// Asks a device to identify itself when its line opens, and to start if it does not stream by itself.
///
/// A command waits until the one before was answered or is given up, after 1 s. Identify and configure are repeated once, start until something
/// streams.
///
/// - Thread: the engine's. Memory: one block. What the calls return is for a person: a command that was refused, or never answered.
struct DeviceTalk: ~Copyable {
    /// The rate to ask for, hertz; nil to take the device's own.
    let rate: UInt32?
    /// Whether the device has sent all frames that it announced, or the session ends.
    private(set) var isOver = false

    private struct Pending {
        var type: BlockType
        var sequence: UInt32
        var deadline: Int64
        var isRepeat: Bool
    }

    private let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 8)
    private let session: UInt32
    private var sequence: UInt32 = 0
    private var pending: Pending?
    /// When a start is due because nothing has streamed; nil when none is.
    private var startAt: Int64?
    /// How often the rate may still be asked for, and whether it was told that the device has another.
    private var rateTries = 0
    private var toldRate = false
    /// Starts in a row without an answer, and whether it was told that one was refused.
    private var startsUnanswered = 0
    private var toldStart = false
    private var hasStarted = false
    private var isOpen = false

    /// Nanoseconds that a device has, from its hello on, to stream by itself.
    private static let hesitation: Int64 = 300_000_000
    /// Nanoseconds after which a command is given up, or a start sent again.
    private static let patience: Int64 = 1_000_000_000

    init(rate: UInt32?) {
        self.rate = rate
        session = UInt32(truncatingIfNeeded: Monotonic.now())
    }

    deinit { memory.deallocate() }

    /// A line has opened; `now` is the monotonic clock, as in all calls.
    mutating func opened(at now: Int64, _ send: (UnsafeRawBufferPointer) -> Void) {
        lost()
        rateTries = rate == nil ? 0 : 2
        toldRate = false
        startsUnanswered = 0
        toldStart = false
        isOver = false
        isOpen = true
        say(.identify, at: now, send)
    }

    /// The line has closed.
    mutating func lost() {
        isOpen = false
        startAt = nil
        pending = nil
    }

    /// The device has sent all frames that it announced, and need not be asked for them again.
    mutating func over() {
        startAt = nil
        isOver = true
    }

    /// A hello has come, which is as good as identify's answer.
    mutating func heard(_ hello: DeviceHello, at now: Int64) {
        if pending?.type == .identify { pending = nil }
        guard hello.takesCommands, startAt == nil, !isOver else { return }
        startAt = now + Self.hesitation
    }

    /// A frame has come: there is nothing to ask for. A device that begins anew after it has forgotten the rate.
    mutating func isStreaming(_ decoder: borrowing LinkDecoder) -> String? {
        startAt = nil
        isOver = false
        startsUnanswered = 0
        guard let rate else { return nil }
        rateTries = 2
        guard !toldRate, let found = decoder.configuration?.rate, found != Int(rate) else { return nil }
        toldRate = true
        return "the device runs at \(found) Hz, not at the \(rate) Hz asked for"
    }

    /// What became of a command.
    mutating func answered(_ answer: DeviceAnswer, by hello: DeviceHello?, at now: Int64) -> String? {
        guard let asked = pending, asked.type.rawValue == answer.command, asked.sequence == answer.sequence else { return nil }
        pending = nil
        let reason = Self.words(answer.result)
        switch asked.type {
        case .configure:
            rateTries = 0
            if startAt != nil { startAt = now }
            guard answer.result != 0, let rate else { return nil }
            toldRate = true
            return "the device does not take \(rate) Hz: \(reason)\(Self.offer(hello))"
        case .start:
            startsUnanswered = 0
            // A second start finds the device streaming already.
            guard answer.result != 0, startAt != nil, !toldStart else { return nil }
            toldStart = true
            return "the device does not start: \(reason); it is asked again each second"
        default: return answer.result == 0 ? nil : "the device refuses a command: \(reason)"
        }
    }

    /// Sends what is due; call it now and then. `current` is the rate in force.
    mutating func act(at now: Int64, rate current: Int?, _ send: (UnsafeRawBufferPointer) -> Void) -> String? {
        var words: String?
        if let asked = pending {
            guard now >= asked.deadline else { return nil }
            pending = nil
            words = giveUp(asked, at: now, send)
        }
        guard pending == nil, let due = startAt, now >= due else { return words }
        startAt = now + Self.patience
        if let rate, current != Int(rate), rateTries > 0 {
            rateTries -= 1
            say(.configure, settings: UInt64(rate) | 0xFFFF << 32, at: now, isRepeat: rateTries == 0, send)
        } else {
            hasStarted = true
            say(.start, at: now, send)
        }
        return words
    }

    /// Lets the device rest if it was started from here.
    mutating func goodbye(at now: Int64, _ send: (UnsafeRawBufferPointer) -> Void) {
        if hasStarted, isOpen { say(.stop, at: now, send) }
        lost()
        isOver = true
    }

    private mutating func giveUp(_ asked: Pending, at now: Int64, _ send: (UnsafeRawBufferPointer) -> Void) -> String? {
        switch asked.type {
        case .identify:
            // A device that takes no commands answers none; that it says nothing at all is the watch's to tell.
            if !asked.isRepeat { say(.identify, at: now, isRepeat: true, send) }
            return nil
        case .configure:
            if startAt != nil { startAt = now }
            return asked.isRepeat ? "the device does not answer the request for \(rate ?? 0) Hz" : nil
        default:
            startsUnanswered += 1
            return startsUnanswered == 2 ? "the device does not answer start; it is asked again each second" : nil
        }
    }

    private mutating func say(
        _ type: BlockType, settings: UInt64? = nil, at now: Int64, isRepeat: Bool = false, _ send: (UnsafeRawBufferPointer) -> Void
    ) {
        let header = BlockHeader(type: type, session: session, sequence: sequence)
        let count = withUnsafeBytes(of: (settings ?? 0).littleEndian) { payload in
            header.block(UnsafeRawBufferPointer(rebasing: payload[..<(settings == nil ? 0 : 8)]), into: memory)
        }
        pending = Pending(type: type, sequence: sequence, deadline: now + Self.patience, isRepeat: isRepeat)
        sequence &+= 1
        send(UnsafeRawBufferPointer(rebasing: memory[..<count]))
    }

    private static func words(_ result: UInt8) -> String {
        switch result {
        case 1: "it does not know the command"
        case 2: "not possible in its present state"
        case 3: "the value is not possible"
        case 4: "it tried and failed"
        default: "result \(result)"
        }
    }

    private static func offer(_ hello: DeviceHello?) -> String {
        guard let hello, hello.rateCount > 0 else { return "" }
        return "; it offers " + (0..<hello.rateCount).map { "\(hello.rate($0))" }.joined(separator: ", ") + " Hz"
    }
}
