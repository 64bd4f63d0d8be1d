// What a host session tells, in words for the person at the cart: one set for every program.
// Apart from the lines of JSON, which another program reads; here the maker's own text is made harmless for a terminal.

package import PrecordiaLink
import PrecordiaSignal
package import PrecordiaText

extension HostSession {
    /// Writes what ``HostSession/news`` says, without a line feed; nothing for news that are no words.
    ///
    /// Of ``HostNews/silent`` and ``HostNews/restarted`` what the line `device` has as its words.
    @_noAllocation @_noLocks
    package func words(into text: inout JSONText) {
        switch news {
        case .silent: silenceWords(&text)
        case .restarted:
            text.raw("it began anew ")
            if restarts > 1 {
                text.integer(UInt64(restarts))
                text.raw(" times, ")
            }
            text.raw("in session ")
            text.integer(UInt64(deviceSession))
            text.raw("; the stream goes on")
        case .unfinished:
            text.raw("the device is idle and ")
            text.integer(framesLeft)
            text.raw(" frames of those that it announced have not come")
        case .rateWrong:
            text.raw("the device says ")
            text.integer(UInt64(configuration?.rate ?? 0))
            text.raw(" Hz and ")
            text.fixed(measuredRate, decimals: 0)
            text.raw(" samples a second come: no time and no heart rate would be right, nothing is heard until they agree")
        case .event: event?.words(into: &text)
        case .error: error?.words(into: &text)
        case .reply: replyWords(&text)
        default: break
        }
    }

    /// The same into memory; how many bytes the words have, those that found no room included.
    @_noAllocation @_noLocks
    package func words(in memory: UnsafeMutableRawBufferPointer) -> Int {
        var text = JSONText(memory)
        words(into: &text)
        return text.count
    }

    @_noAllocation @_noLocks
    private func silenceWords(_ text: inout JSONText) {
        switch silence {
        case .line: text.raw("no valid block for 2 s")
        case .samples:
            text.raw("sends no samples for 2 s")
            switch status.state {
            case .idle: text.raw("; its state is idle")
            case .testing: text.raw("; its state is testing")
            case .failed: text.raw("; its state is failed")
            case .streaming, nil: break
            }
        case .same: text.raw("sends the same samples again and again, nothing new for 2 s")
        case .version:
            text.raw("speaks version ")
            text.integer(UInt64(deviceVersion))
            text.raw(" of the protocol and this program version ")
            text.integer(UInt64(BlockHeader.version))
            text.raw(": one of the two needs an update")
        }
    }

    @_noAllocation @_noLocks
    private func replyWords(_ text: inout JSONText) {
        switch reply {
        case .otherRate:
            text.raw("the device runs at ")
            text.integer(UInt64(configuration?.rate ?? 0))
            text.raw(" Hz, not at the ")
            text.integer(UInt64(askedRate))
            text.raw(" Hz asked for")
        case .rateRefused:
            text.raw("the device does not take ")
            text.integer(UInt64(askedRate))
            text.raw(" Hz: ")
            resultWords(&text)
            offerWords(&text)
        case .rateUnanswered:
            text.raw("the device does not answer the request for ")
            text.integer(UInt64(askedRate))
            text.raw(" Hz")
        case .startRefused:
            text.raw("the device does not start: ")
            resultWords(&text)
            text.raw("; it is asked again each second")
        case .startUnanswered: text.raw("the device does not answer start; it is asked again each second")
        case .refused:
            text.raw("the device refuses a command: ")
            resultWords(&text)
        }
    }

    @_noAllocation @_noLocks
    private func resultWords(_ text: inout JSONText) {
        switch result {
        case 1: text.raw("it does not know the command")
        case 2: text.raw("not possible in its present state")
        case 3: text.raw("the value is not possible")
        case 4: text.raw("it tried and failed")
        default:
            text.raw("result ")
            text.integer(UInt64(result))
        }
    }

    @_noAllocation @_noLocks
    private func offerWords(_ text: inout JSONText) {
        guard let hello, hello.rateCount > 0 else { return }
        text.raw("; it offers ")
        for index in 0..<hello.rateCount {
            if index > 0 { text.raw(", ") }
            text.integer(UInt64(hello.rate(index)))
        }
        text.raw(" Hz")
    }
}

extension DeviceEvent {
    /// Writes what has happened: "device: button pressed".
    @_noAllocation @_noLocks
    package func words(into text: inout JSONText) {
        text.raw("device: ")
        switch (code, value) {
        case (1, 0): text.raw("button released")
        case (1, 1): text.raw("button pressed")
        case (1, _): numbered("button, ", &text)
        case (2, _): numbered("marker ", &text)
        case (3, 0): text.raw("self test passed")
        case (3, _): numbered("self test failed, number ", &text)
        default:
            text.raw("event ")
            text.integer(UInt64(code))
            numbered(", value ", &text)
        }
        said(self.text, &text)
    }

    @_noAllocation @_noLocks
    private func numbered(_ words: StaticString, _ text: inout JSONText) {
        text.raw(words)
        text.integer(UInt64(value))
    }
}

extension DeviceError {
    /// Writes what went wrong and what follows: "device: too hot, samples are affected".
    @_noAllocation @_noLocks
    package func words(into text: inout JSONText) {
        text.raw("device: ")
        switch code {
        case 1: text.raw("converter error")
        case 2: text.raw("voltage reference outside its limits")
        case 3: text.raw("buffer overrun")
        case 4: text.raw("settings not taken by the converter")
        case 5: text.raw("self test failed")
        case 6: text.raw("power too low")
        case 7: text.raw("too hot")
        case 255: text.raw("other error")
        default:
            text.raw("error ")
            text.integer(UInt64(code))
        }
        switch severity {
        case 0: text.raw(", samples are as good as before")
        case 1: text.raw(", samples are affected")
        case 2: text.raw(", it has stopped sending samples")
        default:
            text.raw(", severity ")
            text.integer(UInt64(severity))
        }
        if detail != 0 {
            text.raw(", detail ")
            text.integer(UInt64(detail))
        }
        said(self.text, &text)
    }
}

/// The maker's own words.
@_noAllocation @_noLocks
private func said(_ words: UnsafeRawBufferPointer, _ text: inout JSONText) {
    guard words.count > 0 else { return }
    text.raw(": ")
    text.printable(words)
}
