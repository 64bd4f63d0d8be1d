// The simulated device: what it sends keeps to the protocol, and its account of what it lost is the host's.

import Foundation
import PrecordiaBench
import PrecordiaBoards
import PrecordiaLink
import PrecordiaSession
import PrecordiaSignal
import PrecordiaSimulator
import PrecordiaTestSupport
import Testing

@Suite struct SimulatedDeviceTests {
    /// The device's account against the host's counters, number by number.
    private func expectAgreement(_ settings: DeviceSettings, seconds: Int) throws -> DeviceLedger {
        let (bytes, ledger) = try played(settings, seconds: seconds)
        let counters = linkCounters(bytes, framing: settings.framing)
        #expect(counters.frames == ledger.frames)
        #expect(counters.framesMissing == ledger.framesMissing)
        #expect(counters.blocks == ledger.blocks)
        #expect(counters.blocksMissing == ledger.blocksMissing)
        #expect(counters.checksumFailures == ledger.blocksCorrupted)
        #expect(counters.bytesSkipped == ledger.bytesCorrupted)
        #expect(counters.restarts == ledger.sessions - 1)
        #expect(counters.deviceSamplesDropped == ledger.deviceSamplesDropped)
        #expect(counters.framesUnconfigured == 0 && counters.packetsBroken == 0 && counters.blocksMalformed == 0)
        #expect(counters.frames + counters.framesMissing + ledger.framesUnseen == ledger.framesTaken)
        #expect(ledger.framesTaken == UInt64(seconds) * 500)
        return ledger
    }

    @Test(
        "without faults nothing is lost, the stream is conformant, and the same settings give the same bytes",
        arguments: [
            100, 360, 500, 1000, 2000,
        ])
    func good(rate: Int) throws {
        for framing in [LinkFraming.plain, .cobs] {
            var settings = DeviceSettings()
            settings.framing = framing
            let (bytes, ledger) = try played(settings, seconds: 5, rate: rate)
            #expect(try played(settings, seconds: 5, rate: rate).bytes == bytes)
            #expect(!linkCounters(bytes, framing: framing).hasLoss)
            #expect(ledger.frames == UInt64(5 * rate) && ledger.framesUnseen == 0)
            let check = conformance(bytes, framing: framing)
            #expect(check.findings == [])
            #expect(check.summary.sessions == 1 && abs(check.summary.seconds - 5) < 1e-9)
        }
    }

    @Test("a pacemaker's pulses come as marks, each with the frames that it lies in", arguments: [100, 500, 2000])
    func paced(rate: Int) throws {
        var patient = Simulator(rate: rate, seed: 1, rhythm: .paced)
        var frame = Frame(index: 0)
        var expected: [UInt64] = []
        for _ in 0..<10 * rate {
            patient.next(into: &frame)
            if let ahead = patient.takePaceMark() { expected.append(UInt64(Int(frame.index) + ahead)) }
        }
        let bytes = try played(DeviceSettings(), seconds: 10, rate: rate, rhythm: .paced).bytes
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: LinkDecoder.requiredBytes, alignment: 8)
        defer { memory.deallocate() }
        var decoder = LinkDecoder(memory: memory)
        var found: [UInt64] = []
        bytes.withUnsafeBytes { bytes in
            var rest = bytes
            while rest.count > 0 {
                rest = UnsafeRawBufferPointer(rebasing: rest[decoder.feed(rest)...])
                while let message = decoder.next() { if message == .pace { found.append(decoder.pace.sample) } }
            }
        }
        #expect(found.count >= 9 && found == expected.filter { $0 < UInt64(10 * rate) })
        #expect(conformance(bytes).findings == [])
    }

    @Test("blocks that are not sent are missing on the host, to the block and the sample")
    func drop() throws {
        var settings = DeviceSettings()
        settings.faults.drop = 7
        let ledger = try expectAgreement(settings, seconds: 10)
        #expect(ledger.blocksWithheld == 71 && ledger.framesMissing == 710)
        // The last of 50 blocks in 7 x 7 + 1: the one behind it shows each.
        settings.faults.drop = 50
        #expect(try expectAgreement(settings, seconds: 1).framesUnseen == 10)
    }

    @Test("a flipped bit costs its block and nothing else, wherever in it, plain or under COBS")
    func corrupt() throws {
        for framing in [LinkFraming.plain, .cobs] {
            var settings = DeviceSettings()
            settings.framing = framing
            settings.faults.corrupt = 3
            let ledger = try expectAgreement(settings, seconds: 20)
            #expect(ledger.blocksCorrupted == 333 && ledger.framesMissing == 3330)
        }
    }

    @Test("a short stall loses nothing; a long one overflows the buffer, whole blocks, the oldest first, and the status says how many")
    func stall() throws {
        var settings = DeviceSettings()
        settings.faults.stalls = [.init(start: 2, length: 2)]
        let short = try expectAgreement(settings, seconds: 10)
        #expect(short.stalls == 1 && short.framesMissing == 0 && short.samplesDropped == 0)
        settings.faults.stalls = [.init(start: 2, length: 8)]
        let long = try expectAgreement(settings, seconds: 15)
        #expect(long.samplesDropped > 0 && long.framesMissing == long.samplesDropped)
        #expect(long.deviceSamplesDropped == long.samplesDropped)
        #expect(long.blocksDropped * 10 == long.samplesDropped)
        settings.buffer = 1 << 20
        #expect(try expectAgreement(settings, seconds: 15).samplesDropped == 0)
    }

    @Test("an unplugged line comes back in the same session, and what did not fit the buffer is counted")
    func unplug() throws {
        var settings = DeviceSettings()
        settings.faults.unplugs = [.init(start: 3, length: 1), .init(start: 6, length: 10)]
        let ledger = try expectAgreement(settings, seconds: 20)
        #expect(ledger.unplugs == 2 && ledger.sessions == 1 && ledger.samplesDropped > 0)
        settings.faults.unplugs = [.init(start: 3, length: .infinity)]
        let gone = try expectAgreement(settings, seconds: 5)
        #expect(gone.unplugs == 1 && gone.frames == 1500 && gone.framesMissing == 0 && gone.framesUnseen == 1000)
    }

    @Test("a reset begins another session; the samples lost at the end of the last one nobody can see, and that is said")
    func restart() throws {
        var settings = DeviceSettings()
        settings.faults.restarts = [2, 4.5]
        settings.faults.drop = 10
        let ledger = try expectAgreement(settings, seconds: 10)
        #expect(ledger.sessions == 3)
        let bytes = try played(settings, seconds: 10).bytes
        let check = conformance(bytes)
        #expect(check.findings.filter { $0.rule == .newSession }.map(\.words) == ["session 2 after 1", "session 3 after 2"])
    }

    @Test(
        "all faults together, with sequence and ticks that wrap around, leave no frame without a number",
        arguments: [
            LinkFraming.plain, .cobs,
        ])
    func everything(framing: LinkFraming) throws {
        var settings = DeviceSettings()
        settings.framing = framing
        settings.sequence = .max - 500
        settings.ticks = .max - 20_000_000
        settings.faults.drop = 13
        settings.faults.corrupt = 17
        settings.faults.stalls = [.init(start: 5, length: 3), .init(start: 30, length: 9)]
        settings.faults.unplugs = [.init(start: 15, length: 8)]
        settings.faults.restarts = [50]
        _ = try expectAgreement(settings, seconds: 60)
        let check = conformance(try played(settings, seconds: 60).bytes, framing: framing)
        let found = Set(check.findings.map(\.rule))
        #expect(found.isSubset(of: [.beginsInside, .sequenceJump, .samplesMissing, .badCheck, .newSession, .endsEarly, .skippedBytes]))
    }

    @Test("minutes of stream across both wraps, through decoder and engine, with every loss: device and host say the same")
    func soak() throws {
        let result = try LinkSoak.run(minutes: 6, model: LoadedModel.shipped())
        #expect(result.rows.filter { $0.expected != $0.found } == [])
        #expect(result.unexplained == 0)
        #expect(result.sequenceWrapped && result.ticksWrapped)
        #expect(result.rows.allSatisfy { $0.name == "anything else" || $0.expected > 0 })
    }

    @Test("what is asked for in words is read, and nothing else")
    func words() {
        #expect(DeviceTransport("stdout") == .stdout)
        #expect(DeviceTransport("serial") == .serial(path: nil, baud: 115_200))
        #expect(DeviceTransport("serial:/dev/ttyUSB0,921600") == .serial(path: "/dev/ttyUSB0", baud: 921_600))
        #expect(DeviceTransport("tcp") == .tcp(host: "127.0.0.1", port: 0))
        #expect(DeviceTransport("tcp:4100") == .tcp(host: "127.0.0.1", port: 4100))
        #expect(DeviceTransport("tcp:0.0.0.0:4100") == .tcp(host: "0.0.0.0", port: 4100))
        for wrong in [
            "", "usb", "stdout:1", "serial:", "serial:/dev/x,1", "serial:/dev/x,9600,1", "tcp:", "tcp:x", "tcp:1:2:3", "tcp:99999",
        ] {
            #expect(DeviceTransport(wrong) == nil, "\(wrong)")
        }
        #expect(DeviceFaults.Spell("10:2.5") == .init(start: 10, length: 2.5))
        #expect(DeviceFaults.Spell("10", orEndless: true) == .init(start: 10, length: .infinity))
        for wrong in ["", "10", "10:", ":2", "10:0", "10:-1", "x:1", "1:2:3", "nan:1", "1:inf"] {
            #expect(DeviceFaults.Spell(wrong) == nil, "\(wrong)")
        }
    }
}
