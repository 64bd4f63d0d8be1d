// What the tests of devices and captures share: the simulated device in memory, and what decoder and conformance check find in bytes.

package import PrecordiaBoards
import PrecordiaHost
package import PrecordiaLink
import PrecordiaSession
package import PrecordiaSimulator

/// What a decoder counts in bytes.
package func linkCounters(_ bytes: [UInt8], framing: LinkFraming = .plain) -> LinkCounters {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: LinkDecoder.requiredBytes, alignment: 8)
    defer { memory.deallocate() }
    var decoder = LinkDecoder(framing: framing, memory: memory)
    bytes.withUnsafeBytes { all in
        var done = 0
        while done < all.count {
            done += decoder.feed(UnsafeRawBufferPointer(rebasing: all[done...]))
            while decoder.next() != nil {}
        }
    }
    decoder.finish()
    while decoder.next() != nil {}
    return decoder.counters
}

/// Plays the simulator through a device in memory.
package func played(
    _ settings: DeviceSettings, seconds: Int, rate: Int = 500, rhythm: Rhythm = .normalSinus
) throws -> (bytes: [UInt8], ledger: DeviceLedger) {
    let collected = ByteOutput.collecting()
    let simulator = Simulator(rate: rate, seed: 1, rhythm: rhythm)
    var source = SignalSource(simulator: simulator, frames: UInt64(seconds * rate), name: "normal")
    let device = SimulatedDevice(settings) { (bytes) throws(RuntimeError) in try collected.lines(Array(bytes)) }
    try device.play(&source)
    return (collected.collected, device.ledger)
}

package func conformance(_ bytes: [UInt8], framing: LinkFraming = .plain) -> Conformance {
    bytes.withUnsafeBytes { Conformance($0, framing: framing) }
}
