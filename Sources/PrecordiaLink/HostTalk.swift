// What the host says to a device: who are you, take this rate, start, stop. One command at a time, as firmware-protocol/SPEC.md has it.
// Apart from what follows the device, because it is the only thing that a session ever sends.

import PrecordiaSignal

/// Asks a device to identify itself when its line opens, and to start if it does not stream by itself.
///
/// A command waits until the one before was answered or is given up, after 1 s. Identify and configure are repeated once, start until something
/// streams.
///
/// - Memory: the caller's, ``requiredBytes``, for the block that is to be sent. Thread: one at a time. What the calls return is for a person: a command that
///   was refused, or never answered.
struct HostTalk: ~Copyable {
    /// Bytes of memory: a payload, and the longest block that is said.
    static var requiredBytes: Int { 8 + BlockHeader.byteCount + 8 + BlockHeader.checkByteCount }

    /// The rate to ask for, hertz; nil to take the device's own.
    let rate: UInt32?
    /// Whether the device has sent all frames that it announced, or the session ends.
    private(set) var isOver = false
    /// What the last answer said became of a command.
    private(set) var result: UInt8 = 0

    private struct Pending {
        var type: BlockType
        var sequence: UInt32
        var deadline: Int64
        var isRepeat: Bool
    }

    private let memory: UnsafeMutableRawBufferPointer
    /// Bytes in memory that wait to be fetched.
    private var waiting = 0
    /// Whether anything can be said at all.
    private let isHeard: Bool
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
    private static var hesitation: Int64 { @_noAllocation @_noLocks get { 300_000_000 } }
    /// Nanoseconds after which a command is given up, or a start sent again.
    private static var patience: Int64 { @_noAllocation @_noLocks get { 1_000_000_000 } }

    init(_ settings: HostSettings, memory: UnsafeMutableRawBufferPointer) {
        self.memory = memory
        rate = settings.rate
        session = settings.number
        isHeard = settings.takesCommands
    }

    /// A line has opened; `now` is the caller's clock, as in all calls.
    @_noAllocation @_noLocks
    mutating func opened(at now: Int64) {
        lost()
        rateTries = rate == nil ? 0 : 2
        toldRate = false
        startsUnanswered = 0
        toldStart = false
        isOver = false
        isOpen = true
        say(.identify, at: now)
    }

    /// The line has closed: what waits to be sent is not for the next.
    @_noAllocation @_noLocks
    mutating func lost() {
        isOpen = false
        startAt = nil
        pending = nil
        waiting = 0
    }

    /// The device has sent all frames that it announced, and need not be asked for them again.
    @_noAllocation @_noLocks
    mutating func over() {
        startAt = nil
        isOver = true
    }

    /// A hello has come, which is as good as identify's answer.
    @_noAllocation @_noLocks
    mutating func heard(_ hello: DeviceHello, at now: Int64) {
        if pending?.type == .identify { pending = nil }
        guard hello.takesCommands, startAt == nil, !isOver else { return }
        startAt = now &+ Self.hesitation
    }

    /// A frame has come: there is nothing to ask for. A device that begins anew after it has forgotten the rate.
    ///
    /// - Parameter current: the rate in force.
    @_noAllocation @_noLocks
    mutating func isStreaming(at current: Int?) -> HostReply? {
        startAt = nil
        isOver = false
        startsUnanswered = 0
        guard let rate else { return nil }
        rateTries = 2
        guard !toldRate, let current, current != Int(rate) else { return nil }
        toldRate = true
        return .otherRate
    }

    /// What became of a command.
    @_noAllocation @_noLocks
    mutating func answered(_ answer: DeviceAnswer, at now: Int64) -> HostReply? {
        guard let asked = pending, asked.type.rawValue == answer.command, asked.sequence == answer.sequence else { return nil }
        pending = nil
        result = answer.result
        switch asked.type {
        case .configure:
            rateTries = 0
            if startAt != nil { startAt = now }
            guard answer.result != 0 else { return nil }
            toldRate = true
            return .rateRefused
        case .start:
            startsUnanswered = 0
            // A second start finds the device streaming already.
            guard answer.result != 0, startAt != nil, !toldStart else { return nil }
            toldStart = true
            return .startRefused
        default: return answer.result == 0 ? nil : .refused
        }
    }

    /// Says what is due; call it now and then.
    ///
    /// - Parameter current: the rate in force.
    @_noAllocation @_noLocks
    mutating func act(at now: Int64, rate current: Int?) -> HostReply? {
        guard isHeard else { return nil }
        var reply: HostReply?
        if let asked = pending {
            guard now >= asked.deadline else { return nil }
            pending = nil
            reply = giveUp(asked, at: now)
        }
        guard pending == nil, let due = startAt, now >= due else { return reply }
        startAt = now &+ Self.patience
        if let rate, current != Int(rate), rateTries > 0 {
            rateTries &-= 1
            say(.configure, settings: UInt64(rate) | 0xFFFF << 32, at: now, isRepeat: rateTries == 0)
        } else {
            hasStarted = true
            say(.start, at: now)
        }
        return reply
    }

    /// Lets the device rest if it was started from here; whether it was.
    @_noAllocation @_noLocks
    mutating func goodbye(at now: Int64) -> Bool {
        let rests = isHeard && hasStarted && isOpen
        lost()
        if rests { say(.stop, at: now) }
        pending = nil
        isOver = true
        return rests
    }

    /// The block that is to be sent, once; in the memory until the next call.
    @_noAllocation @_noLocks
    mutating func next() -> UnsafeRawBufferPointer? {
        guard waiting > 0 else { return nil }
        let bytes = UnsafeRawBufferPointer(rebasing: block[..<waiting])
        waiting = 0
        return bytes
    }

    @_noAllocation @_noLocks
    private mutating func giveUp(_ asked: Pending, at now: Int64) -> HostReply? {
        switch asked.type {
        case .identify:
            // A device that takes no commands answers none; that it says nothing at all is the watch's to tell.
            if !asked.isRepeat { say(.identify, at: now, isRepeat: true) }
            return nil
        case .configure:
            if startAt != nil { startAt = now }
            return asked.isRepeat ? .rateUnanswered : nil
        default:
            startsUnanswered &+= 1
            return startsUnanswered == 2 ? .startUnanswered : nil
        }
    }

    @_noAllocation @_noLocks
    private mutating func say(_ type: BlockType, settings: UInt64? = nil, at now: Int64, isRepeat: Bool = false) {
        guard isHeard else { return }
        memory.storeBytes(of: (settings ?? 0).littleEndian, as: UInt64.self)
        let payload = UnsafeRawBufferPointer(rebasing: memory[..<(settings == nil ? 0 : 8)])
        waiting = BlockHeader(type: type, session: session, sequence: sequence).block(payload, into: block)
        pending = Pending(type: type, sequence: sequence, deadline: now &+ Self.patience, isRepeat: isRepeat)
        sequence &+= 1
    }

    /// Where a block is made, behind its payload.
    private var block: UnsafeMutableRawBufferPointer {
        @_noAllocation @_noLocks get { UnsafeMutableRawBufferPointer(rebasing: memory[8...]) }
    }
}
