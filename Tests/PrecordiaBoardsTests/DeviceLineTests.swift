// The simulated device on real lines: TCP and a pseudo-terminal, with a host that talks to it.
// Apart from the device's own tests, because here the system stands between.

import Foundation
import Glibc
import PrecordiaHost
import PrecordiaLink
import PrecordiaSession
import PrecordiaSignal
import PrecordiaSimulator
import PrecordiaTesting
import Testing

@testable import PrecordiaBoards

@Suite struct DeviceLineTests {
    @Test("on TCP the state machine answers each command as the specification's table says")
    func commands() throws {
        let line = try LiveDevice(.tcp(host: "127.0.0.1", port: 0), seconds: 60, speed: 20)
        let host = try LineHost(line.words)
        #expect(try host.ask(.identify) == 0)
        try host.wait { $0.hello.capabilities == 0b1100_1111 && $0.configuration == 1 }
        #expect(try host.ask(.configure, Wire.little(500 as UInt32) + [0xFF, 0xFF, 0, 0]) == 0)
        try host.wait { $0.configuration == 2 }
        #expect(try host.ask(.configure, Wire.little(UInt32.max) + [0xFF, 0xFF, 0, 0]) == 0)
        #expect(try host.ask(.configure, Wire.little(123 as UInt32) + [0xFF, 0xFF, 0, 0]) == 3)
        #expect(try host.ask(.configure, Wire.little(UInt32.max) + [0x58, 2, 0, 0]) == 3)
        #expect(try host.ask(.configure, [1, 2]) == 3)
        #expect(try host.ask(raw: 0x90) == 1)
        #expect(try host.ask(.stop) == 0)
        #expect(try host.ask(.selfTest) == 0)
        #expect(try host.ask(.start) == 2)
        try host.wait { $0.events == [3] }
        #expect(host.frames == 0)

        let session = host.session
        #expect(try host.ask(.start) == 0)
        try host.wait { $0.frames > 100 }
        #expect(host.session == session + 1 && host.first == 0)
        #expect(try host.ask(.identify) == 0)
        #expect(try host.ask(.configure, Wire.little(500 as UInt32) + [0xFF, 0xFF, 0, 0]) == 2)
        #expect(try host.ask(.start) == 2)
        #expect(try host.ask(.selfTest) == 2)
        #expect(try host.ask(.stop) == 0)
        try host.wait { $0.state == .idle }
        #expect(try host.ask(.reset) == 0)
        try host.wait { $0.session == session + 2 && $0.hello.cause == 1 && $0.configuration == 1 }
        #expect(try host.ask(.start) == 0)
        try host.readToEnd()
        #expect(host.counters.framesMissing == 0 && host.counters.blocksMissing == 0)
        let ledger = try line.end()
        #expect(ledger.framesTaken == 30_000 && host.counters.frames == 30_000)
        #expect(ledger.sessions == 4 && host.counters.restarts == 3 && ledger.commands == 18)
    }

    @Test("a host that goes and comes back on TCP finds the session going on, and every frame is delivered or counted")
    func unplug() throws {
        var faults = DeviceFaults()
        faults.unplugs = [.init(start: 40, length: 20)]
        let line = try LiveDevice(.tcp(host: "127.0.0.1", port: 0), seconds: 80, speed: 20, faults: faults, startsByItself: true)
        let host = try LineHost(line.words)
        try host.readToEnd()
        let first = host.counters.frames
        #expect(first > 0 && first <= 20_000)
        host.reopen()
        try host.readToEnd()
        let ledger = try line.end()
        #expect(host.counters.restarts == 0 && ledger.unplugs == 1 && ledger.samplesDropped > 0)
        #expect(host.counters.frames + host.counters.framesMissing + ledger.framesUnseen == 40_000)
    }

    @Test("a device on TCP that ends before it has read everything ends the connection and does not reset it")
    func endsInOrder() throws {
        var words = ""
        let line = TCPLine(host: "127.0.0.1", port: 0) { words = $0 }
        try line.open()
        let host = connectToDevice(words)
        try #require(host >= 0 && line.isUp)
        defer { close(host) }
        let commands = [UInt8](repeating: 1, count: 100)
        #expect(send(host, commands, commands.count, 0) == commands.count)
        let stream = [UInt8](repeating: 2, count: 10_000)
        #expect(try stream.withUnsafeBytes { bytes throws(RuntimeError) in try line.send(bytes) } == stream.count)
        let ended = DispatchSemaphore(value: 0)
        nonisolated(unsafe) let ending = line
        Thread.detachNewThread {
            ending.finish()
            ended.signal()
        }
        var heard = 0, count = 1
        var room = [UInt8](repeating: 0, count: 4096)
        while count > 0 {
            count = recv(host, &room, room.count, 0)
            heard += max(0, count)
        }
        #expect(count == 0 && heard == stream.count)
        shutdown(host, Int32(SHUT_WR))
        #expect(ended.wait(timeout: .now() + 20) == .success)
    }

    @Test("a pseudo-terminal is a serial line under COBS, and its name is told")
    func pseudoTerminal() throws {
        let line = try LiveDevice(.serial(path: nil, baud: 115_200), seconds: 10, speed: 20)
        #expect(line.words.hasPrefix("serial:/dev/pts/"))
        let host = try LineHost(line.words)
        #expect(try host.ask(.start) == 0)
        try host.wait { $0.frames == 5_000 }
        let ledger = try line.end()
        #expect(ledger.framesTaken == 5_000 && host.counters.framesMissing == 0 && host.counters.bytesSkipped == 0)
    }
}

/// A device that runs in a thread of its own.
private final class LiveDevice: @unchecked Sendable {
    /// The host's words for its line.
    private(set) var words = ""
    private let device: SimulatedDevice
    private let opened = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)
    private var failure: RuntimeError?

    init(_ transport: DeviceTransport, seconds: Int, speed: Double, faults: DeviceFaults = .init(), startsByItself: Bool = false) throws {
        var settings = DeviceSettings()
        if case .serial = transport { settings.framing = .cobs }
        settings.speed = .times(speed)
        settings.sensed = ElectrodeSet(rawValue: 0x3FF)
        settings.startsByItself = startsByItself
        settings.faults = faults
        final class Box: @unchecked Sendable { var announce: (String) -> Void = { _ in } }
        let box = Box()
        device = SimulatedDevice(settings, at: transport) { box.announce($0) }
        box.announce = { [unowned self] words in
            self.words = words
            opened.signal()
        }
        Thread.detachNewThread { [self] in
            var source = SignalSource(
                simulator: Simulator(rate: 500, seed: 1, rhythm: .normalSinus), frames: UInt64(seconds * 500), name: "normal")
            do throws(RuntimeError) { try device.play(&source) } catch { failure = error }
            ended.signal()
        }
        try #require(opened.wait(timeout: .now() + 20) == .success)
    }

    func end() throws -> DeviceLedger {
        try #require(ended.wait(timeout: .now() + 60) == .success)
        #expect(failure == nil)
        return device.ledger
    }
}

/// A descriptor, or -1 where nobody listens.
private func connectToDevice(_ place: String) -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(place.split(separator: ":").last!)!.bigEndian)
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
    let made = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let done = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(made, $0, size) }
    }
    guard done != 0 else { return made }
    close(made)
    return -1
}

/// A host on the other end of the line.
private final class LineHost {
    private var descriptor: Int32 = -1
    private let place: String
    private let framing: LinkFraming
    private var decoder: LinkDecoder
    private var encoder = LinkEncoder(session: 99)
    private let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: LinkDecoder.requiredBytes, alignment: 8)
    private(set) var first: UInt64?
    private var answers: [UInt32: UInt8] = [:]

    init(_ words: String) throws {
        place = words
        framing = words.hasPrefix("serial") ? .cobs : .plain
        decoder = LinkDecoder(framing: framing, memory: memory)
        reopen()
        try #require(descriptor >= 0)
    }

    deinit {
        close(descriptor)
        memory.deallocate()
    }

    var counters: LinkCounters { decoder.counters }
    var frames: UInt64 { decoder.counters.frames }
    var session: UInt32 { decoder.header.session }
    var hello: (capabilities: UInt32?, cause: UInt8?) { (decoder.hello?.capabilities, decoder.hello?.cause) }
    var configuration: UInt16? { decoder.configuration?.number }
    var state: DeviceStatus.State? { decoder.status.state }
    /// Codes of the events so far.
    private(set) var events: [UInt16] = []

    /// Opens the line, again and again until the device has it back.
    func reopen() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
        for _ in 0..<2000 where descriptor < 0 {
            descriptor = framing == .cobs ? openTerminal() : connectToDevice(place)
            if descriptor < 0 { usleep(5000) }
        }
    }

    private func openTerminal() -> Int32 {
        let opened = open(String(place.dropFirst("serial:".count)), O_RDWR | O_NOCTTY)
        var settings = termios()
        tcgetattr(opened, &settings)
        cfmakeraw(&settings)
        tcsetattr(opened, TCSANOW, &settings)
        return opened
    }

    /// Reads once; false at the end of the line.
    private func read() throws -> Bool {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        try #require(poll(&waiting, 1, 20_000) > 0)
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count > 0 else {
            decoder.finish()
            take()
            return false
        }
        bytes[..<count].withUnsafeBytes { all in
            var done = 0
            while done < all.count {
                done += decoder.feed(UnsafeRawBufferPointer(rebasing: all[done...]))
                take()
            }
        }
        return true
    }

    private func take() {
        while let message = decoder.next() {
            switch message {
            case .frame: first = first ?? decoder.frame.index
            case .answer: answers[decoder.answer!.sequence] = decoder.answer!.result
            case .event: events.append(decoder.event!.code)
            default: break
            }
        }
    }

    /// Reads until it is so; a device that says something else for 10,000 readings never will.
    func wait(_ until: (LineHost) -> Bool) throws {
        for _ in 0..<10_000 where !until(self) { try #require(try read()) }
        try #require(until(self))
    }

    func readToEnd() throws { while try read() {} }

    /// Sends a command and gives its result.
    func ask(_ type: BlockType, _ payload: [UInt8] = []) throws -> UInt8 { try ask(raw: type.rawValue, payload) }

    func ask(raw type: UInt8, _ payload: [UInt8] = []) throws -> UInt8 {
        var wire = Wire()
        wire.session = 99
        wire.sequence = encoder.sequence
        wire.ticks = nil
        wire.tickRate = nil
        wire.block(type, payload)
        let number = wire.sequence &- 1
        encoder = LinkEncoder(session: 99, sequence: wire.sequence)
        var bytes = wire.bytes
        if framing == .cobs {
            let plain = bytes
            bytes = [UInt8](unsafeUninitializedCapacity: COBS.maximumBytes(plain.count)) { memory, count in
                count = plain.withUnsafeBytes { COBS.encode($0, into: UnsafeMutableRawBufferPointer(memory)) }
            }
        }
        try #require(write(descriptor, bytes, bytes.count) == bytes.count)
        while answers[number] == nil { try #require(try read()) }
        return answers[number]!
    }
}
