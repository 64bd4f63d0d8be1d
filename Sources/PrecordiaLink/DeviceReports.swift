// What a device says about itself: who it is, how it fares, what was pressed, what went wrong.
// Views of payloads in place; texts are UTF-8 without a terminator. What is not known is nil, never 0.

/// Who the device is and what it can do.
package struct DeviceHello {
    /// Protocol versions that it speaks.
    package var lowestVersion: UInt8 { @_noAllocation @_noLocks get { payload[0] } }
    package var highestVersion: UInt8 { @_noAllocation @_noLocks get { payload[1] } }
    package var channels: Int { @_noAllocation @_noLocks get { Int(payload[2]) } }
    /// ``rate(_:)`` and ``gain(_:)`` that the device can be set to.
    package var rateCount: Int { @_noAllocation @_noLocks get { Int(payload[3]) } }
    package var gainCount: Int { @_noAllocation @_noLocks get { Int(payload[4]) } }
    /// Why it began: 0 power, 1 command, 2 watchdog, 3 brown-out; nil if not known.
    package var cause: UInt8? { @_noAllocation @_noLocks get { payload[5] == .max ? nil : payload[5] } }
    /// What it can do, one bit each: see `firmware-protocol/SPEC.md`.
    package var capabilities: UInt32 { @_noAllocation @_noLocks get { payload.u32(8) } }
    /// Whether it takes commands: capability 3.
    package var takesCommands: Bool { @_noAllocation @_noLocks get { capabilities & 0b1000 != 0 } }
    package var maker: UnsafeRawBufferPointer { @_noAllocation @_noLocks get { payload.text(12, 32) } }
    package var product: UnsafeRawBufferPointer { @_noAllocation @_noLocks get { payload.text(44, 32) } }
    package var serial: UnsafeRawBufferPointer { @_noAllocation @_noLocks get { payload.text(76, 32) } }
    package var firmware: UnsafeRawBufferPointer { @_noAllocation @_noLocks get { payload.text(108, 16) } }

    static var fixedBytes: Int { 124 }
    /// Bytes of the longest hello that this version writes.
    package static var maximumBytes: Int { @_noAllocation @_noLocks get { fixedBytes + 16 * 4 + 16 * 2 } }
    private let payload: UnsafeRawBufferPointer

    /// Nil if the payload is too short for what it announces.
    @_noAllocation @_noLocks
    package init?(_ payload: UnsafeRawBufferPointer) {
        guard payload.count >= Self.fixedBytes, payload[3] <= 16, payload[4] <= 16,
            payload.count >= Self.fixedBytes + Int(payload[3]) * 4 + Int(payload[4]) * 2
        else { return nil }
        self.payload = payload
    }

    /// A rate in hertz, 0..<``rateCount``.
    @_noAllocation @_noLocks
    package func rate(_ index: Int) -> UInt32 {
        precondition(index >= 0 && index < rateCount, "The device has no such rate.")
        return payload.u32(Self.fixedBytes &+ index &* 4)
    }

    /// A gain in hundredths, 0..<``gainCount``.
    @_noAllocation @_noLocks
    package func gain(_ index: Int) -> UInt16 {
        precondition(index >= 0 && index < gainCount, "The device has no such gain.")
        return payload.u16(Self.fixedBytes &+ rateCount &* 4 &+ index &* 2)
    }
}

/// How the device fares.
package struct DeviceStatus: Equatable, Sendable {
    /// What the device does.
    package enum State: UInt8, Sendable {
        case idle = 0
        case streaming = 1
        case testing = 2
        case failed = 3
    }

    /// Samples of the session that the device took and could not send, and blocks that they were in.
    package var samplesDropped, blocksDropped: UInt64?
    /// How full its sending buffer is, and its battery, in thousandths.
    package var buffer, battery: UInt16?
    /// Tenths of a degree Celsius.
    package var temperature: Int16?
    /// Nil for a state of a later protocol.
    package var state: State?
    /// Whether it runs from its battery.
    package var isOnBattery: Bool?

    static var byteCount: Int { 24 }

    @_noAllocation @_noLocks
    package init() {}

    /// Nil if the payload is too short.
    @_noAllocation @_noLocks
    package init?(_ payload: UnsafeRawBufferPointer) {
        guard payload.count >= Self.byteCount else { return nil }
        samplesDropped = payload.u64(0) == .max ? nil : payload.u64(0)
        blocksDropped = payload.u64(8) == .max ? nil : payload.u64(8)
        buffer = payload.u16(16) == .max ? nil : payload.u16(16)
        battery = payload.u16(18) == .max ? nil : payload.u16(18)
        temperature = payload.i16(20) == .min ? nil : payload.i16(20)
        state = State(rawValue: payload[22])
        isOnBattery = payload[23] > 1 ? nil : payload[23] == 0
    }
}

/// A button, a marker, the result of a self test.
package struct DeviceEvent {
    /// When, in samples of the session; nil if not known.
    package let sample: UInt64?
    /// 1 button, 2 marker, 3 self test.
    package let code: UInt16
    /// Which button was pressed (1) or released (0), or the result: 0 passed.
    package let value: UInt16
    /// For a person, often empty.
    package let text: UnsafeRawBufferPointer

    /// Nil if the payload is too short.
    @_noAllocation @_noLocks
    package init?(_ payload: UnsafeRawBufferPointer) {
        guard payload.count >= 12 else { return nil }
        sample = payload.u64(0) == .max ? nil : payload.u64(0)
        code = payload.u16(8)
        value = payload.u16(10)
        text = payload.text(12, payload.count - 12)
    }
}

/// Something went wrong in the device.
package struct DeviceError {
    /// 1 converter, 2 reference, 3 buffer overrun, 4 configuration, 5 self test, 6 power, 7 temperature, 255 other.
    package let code: UInt16
    /// 0 note, 1 samples are affected, 2 streaming has stopped.
    package let severity: UInt8
    /// For the maker.
    package let detail: UInt32
    /// For a person, often empty.
    package let text: UnsafeRawBufferPointer

    /// Nil if the payload is too short.
    @_noAllocation @_noLocks
    package init?(_ payload: UnsafeRawBufferPointer) {
        guard payload.count >= 8 else { return nil }
        code = payload.u16(0)
        severity = payload[2]
        detail = payload.u32(4)
        text = payload.text(8, payload.count - 8)
    }
}

/// What became of a command.
package struct DeviceAnswer: Equatable, Sendable {
    /// The command's type, and its sequence.
    package let command: UInt8
    package let sequence: UInt32
    /// 0 done, 1 not known, 2 not possible now, 3 a value is not possible, 4 failed.
    package let result: UInt8

    /// Nil if the payload is too short.
    @_noAllocation @_noLocks
    package init?(_ payload: UnsafeRawBufferPointer) {
        guard payload.count >= 8 else { return nil }
        command = payload[0]
        result = payload[1]
        sequence = payload.u32(4)
    }
}
