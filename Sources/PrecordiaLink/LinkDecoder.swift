// From bytes to frames: the host's side of the wire protocol. `firmware-protocol/SPEC.md` is the contract.
// What is missing, repeated, damaged or not understood is counted here and nowhere else.

package import PrecordiaSignal

/// What a decoder has found; the decoder holds it until its next call.
package enum LinkMessage: UInt8, Sendable {
    /// A new stream: ``LinkDecoder/configuration`` says how frames are to be read from here on.
    case stream = 1
    /// ``LinkDecoder/frame``.
    case frame = 2
    /// ``LinkDecoder/pace``; before the frames of its block.
    case pace = 3
    /// ``LinkDecoder/hello``.
    case hello = 4
    /// ``LinkDecoder/status``.
    case status = 5
    /// ``LinkDecoder/event``.
    case event = 6
    /// ``LinkDecoder/error``.
    case error = 7
    /// ``LinkDecoder/answer``.
    case answer = 8
    /// A command of the host: ``LinkDecoder/header`` and ``LinkDecoder/payload``. A host meets none.
    case command = 9
}

/// Decodes a device's bytes.
///
///     while let bytes = ... { var rest = bytes
///         while !rest.isEmpty { rest = rest[decoder.feed(rest)...]; while let message = decoder.next() { ... } } }
///     decoder.finish(); while let message = decoder.next() { ... }
///
/// Any bytes will do, in any portions: the same bytes give the same messages and counters, and nothing traps.
///
/// - Memory: the caller's, ``requiredBytes``, alive as long as the decoder; nothing is allocated. Thread: one at a time.
/// - Cost: about 2 ns a byte for the check and 50 ns a frame.
package struct LinkDecoder: ~Copyable {
    /// Bytes of memory, of any alignment.
    package static var requiredBytes: Int {
        BlockScanner.requiredBytes + LinkConfiguration.maximumBytes + DeviceHello.maximumBytes
    }

    /// The frame of a ``LinkMessage/frame``.
    package private(set) var frame = Frame(index: 0)
    /// The pulse of a ``LinkMessage/pace``.
    package private(set) var pace = PaceMark(sample: 0)
    /// The device's last status.
    package private(set) var status = DeviceStatus()
    /// The header of the last block.
    package private(set) var header = BlockHeader(type: .hello, session: 0, sequence: 0)
    /// The payload of the last block, until the next call.
    package private(set) var payload = UnsafeRawBufferPointer(start: nil, count: 0)

    /// Index of the first sample and how many samples the last block has, left out ones included; nil if it was no data that could be read.
    package private(set) var block: (first: UInt64, count: Int)?

    private var scanner: BlockScanner
    private let kept: UnsafeMutableRawBufferPointer
    private var configurationBytes = 0
    private var helloBytes = 0

    private var session: UInt32?
    private var sequence: UInt32 = 0
    /// Index of the sample instant that is to come next; nil where the session began unheard.
    private var nextSample: UInt64?
    /// What the session's last status said was dropped.
    private var lastDropped: UInt64 = 0
    /// Leads that a channel of the configuration in force carries, and those that neither a channel nor a derivation gives.
    package private(set) var leads = LeadSet.empty
    private var absent = LeadSet.empty
    private var data: DataBlock?
    private var mark = 0
    private var place = 0

    /// A decoder in `memory`; traps if that is smaller than ``requiredBytes``.
    package init(framing: LinkFraming = .plain, memory: UnsafeMutableRawBufferPointer) {
        precondition(memory.count >= Self.requiredBytes, "The decoder's memory is too small.")
        scanner = BlockScanner(memory: memory, framing: framing)
        kept = UnsafeMutableRawBufferPointer(rebasing: memory[BlockScanner.requiredBytes..<Self.requiredBytes])
    }

    /// Everything counted since init.
    package var counters: LinkCounters { @_noAllocation @_noLocks get { scanner.counters } }

    /// The configuration in force; nil before the first of a session.
    package var configuration: LinkConfiguration? {
        @_noAllocation @_noLocks get {
            configurationBytes > 0 ? LinkConfiguration(checked: UnsafeRawBufferPointer(kept).part(0, configurationBytes)) : nil
        }
    }

    /// The device's last hello.
    package var hello: DeviceHello? {
        @_noAllocation @_noLocks get {
            helloBytes > 0 ? DeviceHello(UnsafeRawBufferPointer(kept).part(LinkConfiguration.maximumBytes, helloBytes)) : nil
        }
    }

    /// The last block as an event, an error or an answer; nil if it is none.
    package var event: DeviceEvent? {
        @_noAllocation @_noLocks get { header.type == BlockType.event.rawValue ? DeviceEvent(payload) : nil }
    }
    package var error: DeviceError? {
        @_noAllocation @_noLocks get { header.type == BlockType.error.rawValue ? DeviceError(payload) : nil }
    }
    package var answer: DeviceAnswer? {
        @_noAllocation @_noLocks get { header.type == BlockType.answer.rawValue ? DeviceAnswer(payload) : nil }
    }

    /// Takes bytes, as many as there is room for, and says how many; 0 while ``next()`` has something left.
    @_noAllocation @_noLocks
    package mutating func feed(_ bytes: UnsafeRawBufferPointer) -> Int { data == nil ? scanner.feed(bytes) : 0 }

    /// Says that no more bytes will come; fetch what is left, the rest of an open data block too. Afterwards the decoder takes another
    /// transport's bytes, as the same session if the device says so.
    @_noAllocation @_noLocks
    package mutating func finish() {
        scanner.finish()
    }

    /// The next message, or nil when more bytes are needed.
    @_noAllocation @_noLocks
    package mutating func next() -> LinkMessage? {
        if let message = nextOfData() { return message }
        while let block = scanner.next() {
            header = block.header
            payload = block.payload
            self.block = nil
            if let message = take() { return message }
        }
        return nil
    }

    @_noAllocation @_noLocks
    private mutating func take() -> LinkMessage? {
        guard header.version == BlockHeader.version else {
            scanner.counters.blocksOtherVersion &+= 1
            return nil
        }
        guard follow() else { return nil }
        guard let type = BlockType(rawValue: header.type) else {
            scanner.counters.blocksUnknown &+= 1
            return nil
        }
        switch type {
        case .hello: return keepHello()
        case .configuration: return configure()
        case .data: return open()
        case .status: return keepStatus()
        case .event: return message(.event, if: event != nil)
        case .error: return message(.error, if: error != nil)
        case .answer: return message(.answer, if: answer != nil)
        case .identify, .configure, .start, .stop, .reset, .selfTest: return .command
        }
    }

    @_noAllocation @_noLocks
    private mutating func message(_ message: LinkMessage, if isValid: Bool) -> LinkMessage? {
        if isValid { return message }
        scanner.counters.blocksMalformed &+= 1
        return nil
    }

    /// Follows session and sequence; false for a block that has come already.
    @_noAllocation @_noLocks
    private mutating func follow() -> Bool {
        if session == header.session {
            let ahead = header.sequence &- sequence &- 1
            if ahead < 1 << 31 {
                scanner.counters.blocksMissing &+= UInt64(ahead)
                sequence = header.sequence
                return true
            }
            if sequence &- header.sequence < 64, !beginsSession {
                scanner.counters.blocksRepeated &+= 1
                return false
            }
        }
        if session != nil {
            scanner.counters.restarts &+= 1
            scanner.counters.blocksMissing &+= UInt64(header.sequence)
        }
        nextSample = session == nil && header.sequence > 0 ? nil : 0
        session = header.session
        sequence = header.sequence
        configurationBytes = 0
        lastDropped = 0
        return true
    }

    /// Whether the block is one with which a device begins to send, so that it tells a restart even where session and sequence do not.
    private var beginsSession: Bool {
        @_noAllocation @_noLocks get {
            sequence > 0 && header.sequence == 0
                && (header.type == BlockType.hello.rawValue || header.type == BlockType.configuration.rawValue)
        }
    }

    @_noAllocation @_noLocks
    private mutating func keepHello() -> LinkMessage? {
        guard DeviceHello(payload) != nil else { return message(.hello, if: false) }
        helloBytes = min(payload.count, DeviceHello.maximumBytes)
        for index in 0..<helloBytes { kept[LinkConfiguration.maximumBytes &+ index] = payload[index] }
        return .hello
    }

    @_noAllocation @_noLocks
    private mutating func keepStatus() -> LinkMessage? {
        guard let status = DeviceStatus(payload) else { return message(.status, if: false) }
        self.status = status
        if let dropped = status.samplesDropped {
            // A number that went down was counted anew.
            LinkCounters.add(dropped < lastDropped ? dropped : dropped &- lastDropped, to: &scanner.counters.deviceSamplesDropped)
            lastDropped = dropped
        }
        return .status
    }

    /// A repeated configuration says nothing new; another one begins a new stream.
    @_noAllocation @_noLocks
    private mutating func configure() -> LinkMessage? {
        guard let found = LinkConfiguration(payload) else { return message(.stream, if: false) }
        let count = LinkConfiguration.fixedBytes &+ found.channelCount &* LinkConfiguration.channelBytes
        var isSame = count == configurationBytes
        for index in 0..<count {
            isSame = isSame && kept[index] == payload[index]
            kept[index] = payload[index]
        }
        if isSame { return nil }
        configurationBytes = count
        leads = found.leads
        absent = LeadSet.all.subtracting(leads).subtracting(found.format.derived)
        return .stream
    }
}

extension LinkDecoder {
    /// Begins a data block: what its index says about frames that never came, or came before.
    @_noAllocation @_noLocks
    private mutating func open() -> LinkMessage? {
        guard let claim = DataBlock.claim(payload) else { return message(.frame, if: false) }
        guard let configuration, configuration.number == claim.configuration else {
            passOver(from: claim.first, UInt64(claim.frames))
            return nil
        }
        guard let block = DataBlock(payload, configuration) else { return message(.frame, if: false) }
        let end = block.first &+ UInt64(truncatingIfNeeded: block.count)
        let expected = nextSample ?? block.first
        data = block
        self.block = (block.first, block.count)
        mark = 0
        place = 0
        if end <= expected, nextSample != nil {
            // All of it lies in the past though the block is new: the device counts anew without saying so.
            scanner.counters.restarts &+= 1
            nextSample = end
            return .stream
        }
        if block.first > expected { LinkCounters.add(block.first &- expected, to: &scanner.counters.framesMissing) }
        if block.first < expected {
            place = Int(truncatingIfNeeded: expected &- block.first)
            scanner.counters.framesRepeated &+= expected &- block.first
        }
        nextSample = end
        return nextOfData()
    }

    /// Counts frames that cannot be read, and those missing before them, so that neither is counted again with the next block.
    @_noAllocation @_noLocks
    private mutating func passOver(from first: UInt64, _ frames: UInt64) {
        scanner.counters.framesUnconfigured &+= frames
        let expected = nextSample ?? first
        if first > expected { LinkCounters.add(first &- expected, to: &scanner.counters.framesMissing) }
        if first &+ frames > expected { nextSample = first &+ frames }
    }

    /// Pace marks, then frames, of the data block that is open.
    @_noAllocation @_noLocks
    private mutating func nextOfData() -> LinkMessage? {
        guard let block = data, let configuration else { return nil }
        if mark < block.markCount {
            pace = block.mark(mark)
            mark &+= 1
            return .pace
        }
        guard place < block.count else {
            data = nil
            return nil
        }
        block.read(place, configuration, absent: absent, into: &frame)
        place &+= 1
        if place == block.count { data = nil }
        scanner.counters.frames &+= 1
        return .frame
    }
}
