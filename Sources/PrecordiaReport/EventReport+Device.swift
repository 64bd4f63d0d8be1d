// The lines about the device and its link, which a replay has not: `device` and `link`.

import PrecordiaLink
import PrecordiaSignal

extension EventReport {
    /// The device's line has opened or was lost, or the device streams or has fallen silent.
    ///
    /// - Parameters:
    ///   - epoch: connections so far; the first is 1, 0 stands for none yet.
    ///   - words: for a person, often empty.
    @_noAllocation @_noLocks
    public func device(_ state: StaticString, epoch: UInt64, words: UnsafeRawBufferPointer, into text: inout JSONText) {
        text.open(0x7B)
        text.field("event", "device")
        text.field("record", name)
        text.field("state", state)
        text.field("epoch", epoch)
        text.field("words", words)
        end(&text)
    }

    /// The beginning of the line that sums up a device's connections: `counters` and the line's end come behind it.
    ///
    /// - Parameters:
    ///   - epoch: connections so far.
    ///   - streams: streams so far.
    @_noAllocation @_noLocks
    public func beginSession(epoch: UInt64, streams: UInt64, _ text: inout JSONText) {
        text.open(0x7B)
        text.field("event", "session")
        text.field("record", name)
        text.field("epoch", epoch)
        text.field("streams", streams)
    }

    /// What the wire protocol's decoder has counted.
    ///
    /// - Parameter sample: the index after the stream's last frame.
    @_noAllocation @_noLocks
    public func link(_ counters: LinkCounters, sample: UInt64, rate: Int, into text: inout JSONText) {
        begin("link", sample: sample, rate: rate, &text)
        text.key("counters")
        text.open(0x7B)
        for index in 0..<LinkCounters.count {
            let counter = counters.counter(index)
            text.field(counter.name, counter.value)
        }
        text.close(0x7D)
        end(&text)
    }
}
