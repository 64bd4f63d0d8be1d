// What became of every block of a simulated device: the other side of the host's counters.
// Apart from who loses them, so that a test can hold the two accounts against each other.

import PrecordiaHost

/// Keeps account of the blocks that a device made.
///
/// What was lost shows on the host only when a later block of its session arrives; until then it is unseen, and it stays so if none comes.
/// - Memory: a few numbers for each session. Thread: one at a time.
package struct DeviceLedger: Equatable, Sendable {
    /// What one session still hides.
    private struct Pending: Equatable {
        var blocks: UInt64 = 0
        var frames: UInt64 = 0
        var lastSequence: UInt32 = 0
        var lastSample: UInt64 = 0
        /// What its last status that was sent said was dropped.
        var told: UInt64 = 0
        /// Whether the host can know where the samples began: the session's first sequence was 0, or a sample has come.
        var isAnchored = true
    }

    /// Samples taken; those sent whole, and those that the host must find missing by the sample index.
    package internal(set) var framesTaken: UInt64 = 0
    package private(set) var frames: UInt64 = 0
    package private(set) var framesMissing: UInt64 = 0
    /// The same of blocks, of all kinds, by the sequence.
    package private(set) var blocks: UInt64 = 0
    package private(set) var blocksMissing: UInt64 = 0
    /// Data blocks and bytes in which a bit was wrong.
    package private(set) var blocksCorrupted: UInt64 = 0
    package private(set) var bytesCorrupted: UInt64 = 0
    /// Data blocks that were not sent on request.
    package private(set) var blocksWithheld: UInt64 = 0
    /// Samples and data blocks that the buffer had no room for.
    package private(set) var samplesDropped: UInt64 = 0
    package private(set) var blocksDropped: UInt64 = 0
    /// Blocks that the line was taken away in the middle of.
    package private(set) var blocksCut: UInt64 = 0
    /// Blocks that waited still when the device was switched off.
    package private(set) var blocksUnsent: UInt64 = 0
    package internal(set) var sessions: UInt64 = 0
    package internal(set) var stalls: UInt64 = 0
    package internal(set) var unplugs: UInt64 = 0
    package internal(set) var commands: UInt64 = 0
    private var pending: [UInt32: Pending] = [:]

    package init() {}

    /// Lost samples and blocks that no later block of their session tells of.
    package var framesUnseen: UInt64 { pending.values.reduce(0) { $0 + $1.frames } }
    package var blocksUnseen: UInt64 { pending.values.reduce(0) { $0 + $1.blocks } }
    /// What the host adds up of the statuses that were sent.
    package var deviceSamplesDropped: UInt64 { pending.values.reduce(0) { $0 + $1.told } }

    mutating func begin(session: UInt32, sequence: UInt32) {
        sessions += 1
        pending[session, default: Pending()].isAnchored = sequence == 0
    }

    /// A block has left whole, `isWrong` with a bit flipped.
    mutating func sent(_ block: DeviceQueue.Block, isWrong: Bool) {
        guard !isWrong else {
            blocksCorrupted += 1
            bytesCorrupted += UInt64(block.bytes.count)
            lost(block)
            return
        }
        blocks += 1
        var session = pending[block.session, default: Pending()]
        if session.blocks > 0, block.sequence &- session.lastSequence < 1 << 31 {
            blocksMissing += session.blocks
            session.blocks = 0
        }
        if block.frames > 0 {
            frames += UInt64(block.frames)
            if session.frames > 0, session.isAnchored, block.first > session.lastSample {
                framesMissing += session.frames
                session.frames = 0
            }
            session.isAnchored = true
        }
        if let told = block.told { session.told = told }
        pending[block.session] = session
    }

    private mutating func lost(_ block: DeviceQueue.Block) {
        var session = pending[block.session, default: Pending()]
        session.blocks += 1
        session.lastSequence = block.sequence
        if block.frames > 0 {
            session.frames += UInt64(block.frames)
            session.lastSample = block.first
        }
        pending[block.session] = session
    }

    mutating func withheld(_ block: DeviceQueue.Block) {
        blocksWithheld += 1
        lost(block)
    }

    mutating func dropped(_ block: DeviceQueue.Block) {
        blocksDropped += 1
        samplesDropped += UInt64(block.frames)
        lost(block)
    }

    mutating func cut(_ block: DeviceQueue.Block) {
        blocksCut += 1
        lost(block)
    }

    mutating func unsent(_ block: DeviceQueue.Block) {
        blocksUnsent += 1
        lost(block)
    }

    /// One line of JSON: what the host's counters of the same names must say, what was injected, and what nobody can see.
    package var line: [UInt8] {
        var line = JSONLine()
        func add(_ name: String, _ value: UInt64, to object: inout JSONLine) { object.add(name, raw: String(value)) }
        line.add("expected") { object in
            add("frames", frames, to: &object)
            add("framesMissing", framesMissing, to: &object)
            add("blocks", blocks, to: &object)
            add("blocksMissing", blocksMissing, to: &object)
            add("checksumFailures", blocksCorrupted, to: &object)
            add("bytesSkipped", bytesCorrupted, to: &object)
            add("restarts", sessions == 0 ? 0 : sessions - 1, to: &object)
            add("deviceSamplesDropped", deviceSamplesDropped, to: &object)
        }
        line.add("injected") { object in
            add("blocksWithheld", blocksWithheld, to: &object)
            add("blocksCorrupted", blocksCorrupted, to: &object)
            add("blocksCut", blocksCut, to: &object)
            add("stalls", stalls, to: &object)
            add("unplugs", unplugs, to: &object)
        }
        line.add("device") { object in
            add("framesTaken", framesTaken, to: &object)
            add("samplesDropped", samplesDropped, to: &object)
            add("blocksDropped", blocksDropped, to: &object)
            add("blocksUnsent", blocksUnsent, to: &object)
            add("commands", commands, to: &object)
            add("framesUnseen", framesUnseen, to: &object)
            add("blocksUnseen", blocksUnseen, to: &object)
        }
        return line.line
    }
}
