// A recorded exam or the simulator as a device: firmware, line and real time put together.
// The host's side is PrecordiaLink's decoder; firmware-protocol/SPEC.md is what both follow.

import Glibc
package import PrecordiaHost
import PrecordiaLink
package import PrecordiaSession

/// Where a simulated device is found.
package enum DeviceTransport: Equatable, Sendable {
    /// Standard output.
    case stdout
    /// A serial line, or a new pseudo-terminal where no path is given.
    case serial(path: String?, baud: Int)
    /// A TCP server.
    case tcp(host: String, port: Int)

    /// Reads "stdout", "serial[:PATH[,BAUD]]" or "tcp[:[HOST:]PORT]".
    package init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        switch (parts[0], parts.count) {
        case ("stdout", 1): self = .stdout
        case ("serial", 1): self = .serial(path: nil, baud: 115_200)
        case ("serial", _):
            let line = parts[1].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            guard line.count <= 2, !line[0].isEmpty, let baud = line.count == 2 ? Int(line[1]) : 115_200, SerialLine.speed(baud) != nil
            else {
                return nil
            }
            self = .serial(path: line[0], baud: baud)
        case ("tcp", 1): self = .tcp(host: "127.0.0.1", port: 0)
        case ("tcp", _):
            let place = parts[1].split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard place.count <= 2, let port = Int(place[place.count - 1]), (0...65_535).contains(port), !place[0].isEmpty else {
                return nil
            }
            self = .tcp(host: place.count == 2 ? place[0] : "127.0.0.1", port: port)
        default: return nil
        }
    }
}

/// Acts as a device of the wire protocol whose signal is a source's.
///
/// Blocks of 20 ms, hello and configuration again each second, a status each second and at the end. In real time (``DeviceSettings/speed``) it never
/// waits for the host: what its sending buffer has no room for is given up in whole data blocks, the oldest first, and counted in its status.
/// At ``Speed/max`` it waits for the line instead, and the same source and settings give the same bytes.
///
/// - Memory: the sending buffer, and a batch of frames. Thread: one at a time.
package final class SimulatedDevice {
    /// What became of its blocks.
    package var ledger: DeviceLedger { firmware?.queue.ledger ?? DeviceLedger() }

    private let settings: DeviceSettings
    private let line: any DeviceLine
    private var firmware: DeviceFirmware?
    private var commands: DeviceCommands
    private let heard = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 8)
    private var isUnplugged = false

    /// A device at `transport`.
    ///
    /// - Parameter announce: called with the words by which a host finds the line, "serial:/dev/pts/3" or "tcp:127.0.0.1:4100", whenever it is opened.
    package init(_ settings: DeviceSettings, at transport: DeviceTransport, announce: @escaping (String) throws(RuntimeError) -> Void) {
        self.settings = settings
        commands = DeviceCommands(framing: settings.framing)
        line =
            switch transport {
            case .stdout: OutputLine(descriptor: 1, name: "standard output")
            case .serial(let path, let baud): SerialLine(path: path, baud: baud, announce: announce)
            case .tcp(let host, let port): TCPLine(host: host, port: port, announce: announce)
            }
    }

    /// A device whose bytes go to a function, which takes them all at once.
    package init(_ settings: DeviceSettings, to take: @escaping (UnsafeRawBufferPointer) throws(RuntimeError) -> Void) {
        self.settings = settings
        commands = DeviceCommands(framing: settings.framing)
        line = MemoryLine(take)
    }

    deinit { heard.deallocate() }

    /// Streams until the source ends, or until ``Interrupt``.
    package func play(_ source: inout SignalSource) throws(RuntimeError) {
        let firmware = DeviceFirmware(settings, source: source, takesCommands: line.takesCommands)
        self.firmware = firmware
        try line.open()
        var clock = DeviceClock(settings.speed, driftPPM: settings.faults.driftPPM)
        while !firmware.isFinished, !Interrupt.isRequested {
            let now = clock.now(firmware)
            try plug(at: now)
            try firmware.advance(to: now, &source)
            let isStalled = isUnplugged || settings.faults.stalls.contains { $0.contains(now) }
            try exchange(firmware, at: now, isStalled: isStalled)
            if clock.isFree, firmware.state == .streaming {
                // No real time: the next block is due as soon as the line has taken this one.
                if isStalled || firmware.queue.isEmpty { continue }
                line.wait(until: .max, forRoom: true)
            } else {
                line.wait(until: clock.deadline(firmware.due), forRoom: !isStalled && !firmware.queue.isEmpty)
            }
        }
        try end(firmware, at: clock.now(firmware), isPatient: clock.isFree && !Interrupt.isRequested)
    }

    /// Takes the line away and brings it back as asked.
    private func plug(at now: Int64) throws(RuntimeError) {
        let isOut = settings.faults.unplugs.contains { $0.contains(now) }
        guard isOut != isUnplugged else { return }
        isUnplugged = isOut
        if isOut {
            firmware?.queue.ledger.unplugs += 1
            line.close()
            firmware?.queue.cut()
            commands.finish()
        } else {
            try line.open()
        }
    }

    private var wasUp = true
    private var wasStalled = false

    /// Sends what the line takes and does what the host asks.
    private func exchange(_ firmware: DeviceFirmware, at now: Int64, isStalled: Bool) throws(RuntimeError) {
        if isStalled, !wasStalled, !isUnplugged { firmware.queue.ledger.stalls += 1 }
        wasStalled = isStalled && !isUnplugged
        guard !isUnplugged else { return }
        if line.isUp {
            let count = line.receive(into: heard)
            if count > 0 { commands.take(UnsafeRawBufferPointer(rebasing: heard[..<count]), firmware, at: max(now, 0)) }
            if !isStalled { try firmware.queue.send(to: line) }
        }
        let isUp = line.isUp
        if wasUp, !isUp {
            firmware.queue.cut()
            commands.finish()
        }
        wasUp = isUp
    }

    /// The last status, and up to two seconds for the line to take what waits; as long as it takes without real time.
    private func end(_ firmware: DeviceFirmware, at now: Int64, isPatient: Bool) throws(RuntimeError) {
        firmware.finish(at: now)
        let deadline = isPatient ? .max : Monotonic.now() + 2_000_000_000
        while !isUnplugged, !firmware.queue.isEmpty, Monotonic.now() < deadline, !(isPatient && Interrupt.isRequested) {
            if line.isUp { try firmware.queue.send(to: line) }
            if !firmware.queue.isEmpty { line.wait(until: deadline, forRoom: true) }
        }
        firmware.queue.abandon()
        line.finish()
    }
}

/// The device's clock against the host's.
struct DeviceClock {
    private let start = Monotonic.now()
    /// Microseconds of the device for a nanosecond of the host; nil where the device does not wait for real time.
    private let pace: Double?
    /// Where the device does not wait: how far it is.
    private var reached: Int64 = 0
    private var asked: Int64

    init(_ speed: Speed, driftPPM: Double) {
        asked = start
        if case .times(let factor) = speed { pace = factor * (1 + driftPPM * 1e-6) / 1000 } else { pace = nil }
    }

    var isFree: Bool { pace == nil }

    /// Microseconds of the device's clock. Without real time it is what is due next while it streams, and goes as the host's while it does not.
    mutating func now(_ firmware: DeviceFirmware) -> Int64 {
        let host = Monotonic.now()
        guard pace == nil else { return Int64(Double(host - start) * pace!) }
        if firmware.state == .streaming {
            reached = max(reached, firmware.due)
        } else {
            reached += (host - asked) / 1000
        }
        asked = host
        return reached
    }

    /// When it is `moment` by the host's monotonic clock.
    func deadline(_ moment: Int64) -> Int64 {
        guard moment < .max else { return .max }
        guard let pace else { return asked + (moment - reached) * 1000 }
        return start + Int64((Double(moment) / pace).rounded(.up))
    }
}
