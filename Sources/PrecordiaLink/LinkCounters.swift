// What the link counts, so that nothing is lost silently between the device and the engine.

/// Everything that a decoder counts since it was made.
package struct LinkCounters: Equatable, Sendable {
    /// Bytes taken from the transport.
    package var bytes: UInt64 = 0
    /// Bytes that belong to no valid block.
    package var bytesSkipped: UInt64 = 0
    /// Valid blocks: magic, length and check are right.
    package var blocks: UInt64 = 0
    /// Places that looked like a block and had a wrong check.
    package var checksumFailures: UInt64 = 0
    /// Packets of a serial line that their own zero byte cut short.
    package var packetsBroken: UInt64 = 0
    /// Blocks that never came: jumps of the sequence, and what a restart heard too late had sent before.
    package var blocksMissing: UInt64 = 0
    /// Blocks left out because their sequence was less than 64 before the last one's: the same blocks again.
    package var blocksRepeated: UInt64 = 0
    /// Valid blocks of another protocol version, left out.
    package var blocksOtherVersion: UInt64 = 0
    /// Valid blocks of a type that this version does not know, left out.
    package var blocksUnknown: UInt64 = 0
    /// Valid blocks whose payload contradicts itself or the configuration, left out.
    package var blocksMalformed: UInt64 = 0
    /// Sessions after the first.
    package var restarts: UInt64 = 0
    /// Frames delivered.
    package var frames: UInt64 = 0
    /// Frames that never came: jumps of the sample index within a session, from 0 where its begin was heard or must have been.
    package var framesMissing: UInt64 = 0
    /// Frames left out because they had come already.
    package var framesRepeated: UInt64 = 0
    /// Frames left out because their configuration was never heard.
    package var framesUnconfigured: UInt64 = 0
    /// Samples that the device says it dropped, over all sessions. Where they show as jumps of the index, ``framesMissing`` has them too.
    package var deviceSamplesDropped: UInt64 = 0

    @_noAllocation @_noLocks
    package init() {}

    /// Adds what a device claims. However much that is, the counter stays at its highest value instead of beginning again at 0.
    @_noAllocation @_noLocks
    static func add(_ claim: UInt64, to counter: inout UInt64) {
        counter = claim > UInt64.max &- counter ? .max : counter &+ claim
    }

    /// Counters in ``counter(_:)``.
    package static var count: Int { @_noAllocation @_noLocks get { 16 } }

    /// The stable name and the value of a counter, 0..<``count``, in the order of the fields.
    @_noAllocation @_noLocks
    package func counter(_ index: Int) -> (name: StaticString, value: UInt64) {
        switch index {
        case 0: ("bytes", bytes)
        case 1: ("bytesSkipped", bytesSkipped)
        case 2: ("blocks", blocks)
        case 3: ("checksumFailures", checksumFailures)
        case 4: ("packetsBroken", packetsBroken)
        case 5: ("blocksMissing", blocksMissing)
        case 6: ("blocksRepeated", blocksRepeated)
        case 7: ("blocksOtherVersion", blocksOtherVersion)
        case 8: ("blocksUnknown", blocksUnknown)
        case 9: ("blocksMalformed", blocksMalformed)
        case 10: ("restarts", restarts)
        case 11: ("frames", frames)
        case 12: ("framesMissing", framesMissing)
        case 13: ("framesRepeated", framesRepeated)
        case 14: ("framesUnconfigured", framesUnconfigured)
        default: ("deviceSamplesDropped", deviceSamplesDropped)
        }
    }

    /// Whether anything at all was lost or left out on the way; what the device itself dropped counts too.
    package var hasLoss: Bool {
        @_noAllocation @_noLocks get {
            let bytes = bytesSkipped | checksumFailures | packetsBroken
            let blocks = blocksMissing | blocksRepeated | blocksOtherVersion | blocksUnknown | blocksMalformed
            let frames = framesMissing | framesRepeated | framesUnconfigured | deviceSamplesDropped
            return bytes | blocks | frames != 0
        }
    }
}
