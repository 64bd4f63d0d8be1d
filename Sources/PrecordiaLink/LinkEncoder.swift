// From frames to bytes: a device's side of the wire protocol, for the simulator, tests and hosts that pass streams on.
// Firmware in C has its own; both follow `firmware-protocol/SPEC.md`.

package import PrecordiaSignal

/// Writes the blocks of one session into the caller's memory, with their sequence, clock and check.
///
/// - Memory: the caller's; a block is up to ``maximumBytes`` long. Thread: one at a time.
package struct LinkEncoder: ~Copyable {
    package let framing: LinkFraming
    /// Another number for each start, reset and power-up.
    package let session: UInt32
    /// The sequence of the next block.
    package private(set) var sequence: UInt32
    /// Ticks a second of the clock whose ticks the calls are given; nil without a clock.
    package let tickRate: UInt32?
    /// What the configuration block told last.
    private var configuration: UInt16 = 0
    private var channels = InlineArray<16, UInt8>(repeating: .max)
    private var channelCount = 0
    private let check = CRC32C()

    /// Bytes of memory that any block fits into, under either framing.
    package static var maximumBytes: Int {
        @_noAllocation @_noLocks get { BlockHeader.maximumBlock &+ COBS.maximumBytes(BlockHeader.maximumBlock) }
    }

    package init(framing: LinkFraming = .plain, session: UInt32, sequence: UInt32 = 0, tickRate: UInt32? = nil) {
        self.framing = framing
        self.session = session
        self.sequence = sequence
        self.tickRate = tickRate
    }

    /// Writes a block whose payload the caller has, into at least ``maximumBytes``; traps if that is smaller or the payload too long.
    ///
    /// - Returns: bytes written, from the memory's first.
    @_noAllocation @_noLocks
    package mutating func block(
        _ type: BlockType, _ payload: UnsafeRawBufferPointer, ticks: UInt64? = nil, into memory: UnsafeMutableRawBufferPointer
    ) -> Int {
        precondition(payload.count <= BlockHeader.maximumPayload, "The payload is too long.")
        let room = room(memory)
        for index in 0..<payload.count { room[BlockHeader.byteCount &+ index] = payload[index] }
        return finish(type, payload.count, ticks, memory)
    }

    /// Writes the settings in force. Data blocks after it carry these channels.
    ///
    /// - Parameter frames: how many will come, if known.
    @_noAllocation @_noLocks
    package mutating func configuration(
        number: UInt16, rate: UInt32, frames: UInt64?, channels: UnsafeBufferPointer<LinkChannel>, sensed: ElectrodeSet = .empty,
        watched: LeadSet = .empty, ticks: UInt64? = nil, into memory: UnsafeMutableRawBufferPointer
    ) -> Int {
        precondition(channels.count >= 1 && channels.count <= LinkConfiguration.maximumChannels, "A frame has 1 to 16 channels.")
        configuration = number
        channelCount = channels.count
        let room = payload(memory)
        room.put(number, 0)
        room.put(UInt8(truncatingIfNeeded: channels.count), 2)
        room.put(0 as UInt8, 3)
        room.put(rate, 4)
        room.put(frames ?? .max, 8)
        room.put(sensed.rawValue, 16)
        room.put(watched.rawValue, 18)
        room.put(0 as UInt32, 20)
        for index in 0..<channels.count {
            let channel = channels[index]
            let at = LinkConfiguration.fixedBytes &+ index &* LinkConfiguration.channelBytes
            self.channels[index] = channel.lead?.rawValue ?? .max
            room.put(self.channels[index], at)
            room.put(0 as UInt8, at &+ 1)
            room.put(channel.gain ?? .max, at &+ 2)
            room.put(UInt32(bitPattern: channel.baseline), at &+ 4)
            room.put(channel.microvoltsPerCount.bitPattern, at &+ 8)
            room.put(channel.highPass ?? .max, at &+ 16)
            room.put(channel.lowPass ?? .max, at &+ 20)
        }
        let bytes = LinkConfiguration.fixedBytes &+ channels.count &* LinkConfiguration.channelBytes
        return finish(.configuration, bytes, ticks, memory)
    }

    /// Writes frames that follow each other, as many as a block holds, in the fewest bytes a value that hold them.
    ///
    /// Missing samples become the width's lowest value; a count of 2^31 below 0 becomes the one above it. Traps before a configuration, or
    /// without a frame.
    ///
    /// - Returns: bytes written, and frames taken.
    @_noAllocation @_noLocks
    package mutating func data(
        _ frames: UnsafeBufferPointer<Frame>, marks: UnsafeBufferPointer<PaceMark>? = nil, ticks: UInt64? = nil,
        into memory: UnsafeMutableRawBufferPointer
    ) -> (bytes: Int, frames: Int) {
        precondition(channelCount > 0 && frames.count > 0, "Data needs a configuration and a frame.")
        let marked = marks?.count ?? 0
        let fixed = DataBlock.fixedBytes &+ marked &* DataBlock.markBytes
        let each = DataBlock.groupBytes &+ channelCount &* 4
        let count = min(frames.count, min(255, (BlockHeader.maximumPayload &- fixed) / each))
        precondition(count > 0, "A block has no room for so many pace marks.")
        let width = width(frames, count)
        let room = payload(memory)
        room.put(frames[0].index, 0)
        room.put(configuration, 8)
        room.put(UInt8(truncatingIfNeeded: count), 10)
        room.put(UInt8(truncatingIfNeeded: width), 11)
        room.put(UInt8(truncatingIfNeeded: channelCount), 12)
        room.put(UInt8(truncatingIfNeeded: marked), 14)
        room.put(0 as UInt8, 15)
        let groups = put(groupsOf: frames, count, room)
        room.put(UInt8(truncatingIfNeeded: groups), 13)
        var at = DataBlock.fixedBytes &+ groups &* DataBlock.groupBytes
        for index in 0..<marked {
            let mark = marks![index]
            room.put(UInt8(truncatingIfNeeded: mark.sample &- frames[0].index), at)
            room.put(0 as UInt8, at &+ 1)
            room.put(mark.fraction, at &+ 2)
            room.put(mark.width ?? .max, at &+ 4)
            room.put(UInt16(bitPattern: mark.amplitude ?? .min), at &+ 6)
            at &+= DataBlock.markBytes
        }
        for index in 0..<count {
            for channel in 0..<channelCount {
                let bits = UInt32(bitPattern: value(frames[index], channel, width))
                for byte in 0..<width { room.put(UInt8(truncatingIfNeeded: bits &>> UInt32(truncatingIfNeeded: byte &* 8)), at &+ byte) }
                at &+= width
            }
        }
        return (finish(.data, at, ticks, memory), count)
    }
}

extension LinkEncoder {
    /// Where a block is made: at the front, or behind the room for its packet.
    @_noAllocation @_noLocks
    private func room(_ memory: UnsafeMutableRawBufferPointer) -> UnsafeMutableRawBufferPointer {
        precondition(memory.count >= Self.maximumBytes, "The block's memory is too small.")
        let start = framing == .plain ? 0 : COBS.maximumBytes(BlockHeader.maximumBlock)
        return UnsafeMutableRawBufferPointer(rebasing: memory[start..<start &+ BlockHeader.maximumBlock])
    }

    @_noAllocation @_noLocks
    private func payload(_ memory: UnsafeMutableRawBufferPointer) -> UnsafeMutableRawBufferPointer {
        let room = room(memory)
        return UnsafeMutableRawBufferPointer(rebasing: room[BlockHeader.byteCount..<BlockHeader.byteCount &+ BlockHeader.maximumPayload])
    }

    @_noAllocation @_noLocks
    private mutating func finish(_ type: BlockType, _ bytes: Int, _ ticks: UInt64?, _ memory: UnsafeMutableRawBufferPointer) -> Int {
        let room = room(memory)
        let length = UInt16(truncatingIfNeeded: bytes)
        BlockHeader(type: type, session: session, sequence: sequence, ticks: ticks, tickRate: tickRate, length: length).write(to: room)
        sequence &+= 1
        let body = BlockHeader.byteCount &+ bytes
        room.put(check.of(UnsafeRawBufferPointer(rebasing: room[..<body])), body)
        let total = body &+ BlockHeader.checkByteCount
        guard framing == .cobs else { return total }
        let packet = UnsafeMutableRawBufferPointer(rebasing: memory[..<COBS.maximumBytes(BlockHeader.maximumBlock)])
        return COBS.encode(UnsafeRawBufferPointer(rebasing: room[..<total]), into: packet)
    }

    /// Bytes a value that hold every valid sample above the width's lowest.
    @_noAllocation @_noLocks
    private func width(_ frames: UnsafeBufferPointer<Frame>, _ count: Int) -> Int {
        var width = 2
        for index in 0..<count {
            for channel in 0..<channelCount {
                let lead = Int(channels[channel])
                guard lead < 12, !frames[index].missing.contains(index: lead) else { continue }
                let value = frames[index].counts[lead]
                if value <= -8_388_608 || value > 8_388_607 { return 4 }
                if value <= -32_768 || value > 32_767 { width = 3 }
            }
        }
        return width
    }

    @_noAllocation @_noLocks
    private func value(_ frame: Frame, _ channel: Int, _ width: Int) -> Int32 {
        let lead = Int(channels[channel])
        let isMissing = lead >= 12 || frame.missing.contains(index: lead)
        if isMissing { return width == 2 ? -32_768 : width == 3 ? -8_388_608 : .min }
        return max(frame.counts[lead], .min &+ 1)
    }

    /// Writes one entry for each run of frames with the same electrodes off and leads clipped; gives their count.
    @_noAllocation @_noLocks
    private func put(groupsOf frames: UnsafeBufferPointer<Frame>, _ count: Int, _ room: UnsafeMutableRawBufferPointer) -> Int {
        var groups = 0
        var start = 0
        for index in 1...count {
            let goes = index < count && frames[index].off == frames[start].off && frames[index].clipped == frames[start].clipped
            guard !goes else { continue }
            let at = DataBlock.fixedBytes &+ groups &* DataBlock.groupBytes
            room.put(UInt8(truncatingIfNeeded: index &- start), at)
            room.put(0 as UInt8, at &+ 1)
            room.put(frames[start].off.rawValue, at &+ 2)
            room.put(frames[start].clipped.rawValue, at &+ 4)
            groups &+= 1
            start = index
        }
        return groups
    }
}
