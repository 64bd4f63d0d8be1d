// The lines about the device and its link, which a replay has not: `device`, `notice` and `link`.

package import PrecordiaLink
import PrecordiaSignal
package import PrecordiaText

extension EventReport {
    /// The device's line has opened or was lost, or the device streams or has fallen silent.
    ///
    /// - Parameters:
    ///   - epoch: connections so far; the first is 1, 0 stands for none yet.
    ///   - words: for a person, often empty.
    @_noAllocation @_noLocks
    package func device(_ state: StaticString, epoch: UInt64, words: UnsafeRawBufferPointer, into text: inout JSONText) {
        text.open(0x7B)
        text.field("event", "device")
        text.field("record", name)
        text.field("state", state)
        text.field("epoch", epoch)
        text.field("words", words)
        end(&text)
    }

    /// A button, a marker or a self test's result.
    ///
    /// - Parameter sample: the sample instant that the device gives or, where it gives none, the index after the last frame; nil without a stream.
    @_noAllocation @_noLocks
    package func notice(_ event: DeviceEvent, sample: UInt64?, into text: inout JSONText) {
        let kind: StaticString =
            switch event.code {
            case 1: "button"
            case 2: "marker"
            case 3: "selfTest"
            default: "event"
            }
        beginNotice(kind, event.code, sample, &text)
        text.field("value", UInt64(event.value))
        text.field("words", event.text)
        end(&text)
    }

    /// Something that went wrong in the device.
    ///
    /// - Parameter sample: the index after the last frame; nil without a stream.
    @_noAllocation @_noLocks
    package func notice(_ error: DeviceError, sample: UInt64?, into text: inout JSONText) {
        beginNotice("error", error.code, sample, &text)
        text.field("severity", UInt64(error.severity))
        text.field("detail", UInt64(error.detail))
        text.field("words", error.text)
        end(&text)
    }

    @_noAllocation @_noLocks
    private func beginNotice(_ kind: StaticString, _ code: UInt16, _ sample: UInt64?, _ text: inout JSONText) {
        text.open(0x7B)
        text.field("event", "notice")
        text.field("record", name)
        text.key("sample")
        if let sample { text.integer(sample) } else { text.raw("null") }
        text.field("kind", kind)
        text.field("code", UInt64(code))
    }

    /// The beginning of the line that sums up a device's connections: `counters` and the line's end come behind it.
    ///
    /// - Parameters:
    ///   - epoch: connections so far.
    ///   - streams: streams so far.
    @_noAllocation @_noLocks
    package func beginSession(epoch: UInt64, streams: UInt64, _ text: inout JSONText) {
        text.open(0x7B)
        text.field("event", "session")
        text.field("record", name)
        text.field("epoch", epoch)
        text.field("streams", streams)
    }

    /// What was done about an alarm, or with all of them.
    ///
    /// - Parameters:
    ///   - change: what, as docs/events.md lists it.
    ///   - condition: the alarm's condition; empty where all are meant.
    ///   - priority: 0 to 4; 0 where all are meant.
    ///   - electrodes: of an alarm of electrodes off which, bits of `ElectrodeSet`; 0 of others.
    @_noAllocation @_noLocks
    package func alarm(
        _ change: StaticString, condition: UnsafeRawBufferPointer, _ priority: UInt8, electrodes: UInt16 = 0, pauseLeft: Int64 = -1,
        into text: inout JSONText
    ) {
        text.open(0x7B)
        text.field("event", "alarm")
        text.field("record", name)
        text.field("change", change)
        if condition.count > 0 {
            text.field("condition", condition)
            text.field("priority", EventNames.priority(priority))
        }
        if electrodes != 0 { add(electrodes: electrodes, to: &text) }
        if pauseLeft >= 0 { text.field("left", Double(pauseLeft) / 1000, decimals: 3) }
        end(&text)
    }

    /// What somebody asked for through a program beside the session, and what became of it.
    ///
    /// - Parameters:
    ///   - by: the program's name.
    ///   - words: the answer.
    @_noAllocation @_noLocks
    package func deed(
        who: UnsafeRawBufferPointer, by: UnsafeRawBufferPointer, command: UnsafeRawBufferPointer, result: StaticString,
        words: UnsafeRawBufferPointer, into text: inout JSONText
    ) {
        text.open(0x7B)
        text.field("event", "command")
        text.field("record", name)
        text.field("who", who)
        text.field("by", by)
        text.field("command", command)
        text.field("result", result)
        text.field("words", words)
        end(&text)
    }

    /// What the wire protocol's decoder has counted.
    ///
    /// - Parameter sample: the index after the stream's last frame.
    @_noAllocation @_noLocks
    package func link(_ counters: LinkCounters, sample: UInt64, rate: Int, into text: inout JSONText) {
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
