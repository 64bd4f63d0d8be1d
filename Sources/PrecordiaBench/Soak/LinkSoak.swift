// Hours of stream in simulated time, through device, wire protocol, decoder and engine, with every kind of loss, and the account at the end.
// Apart from tests, so that anyone can run a whole day of it.

import Glibc
import PrecordiaBoards
import PrecordiaEngine
package import PrecordiaHost
package import PrecordiaLink
package import PrecordiaSession
import PrecordiaSignal
import PrecordiaSimulator

/// Runs a long stream as fast as it goes and holds the device's account against the host's.
///
/// The first session's sequence and ticks wrap around in its first minutes. Data blocks are withheld and spoilt, the line stalls and is taken away
/// until the device's buffer overflows, and the device is reset, each many times.
package enum LinkSoak {
    /// One number that device and host must agree on.
    package struct Row: Equatable, Sendable {
        package let name: String
        package let expected: UInt64
        package let found: UInt64
    }

    /// What came of it.
    package struct Result: Sendable {
        /// Seconds of stream, and those that it took.
        package var streamSeconds = 0.0
        package var seconds = 0.0
        package var rows: [Row] = []
        /// Frames taken by the device that are neither delivered nor counted as missing.
        package var unexplained: Int64 = 0
        package var windows: UInt64 = 0
        package var sequenceWrapped = false
        package var ticksWrapped = false
        /// Resident memory when a twentieth was done, and at the end, bytes.
        package var memoryEarly = 0
        package var memoryEnd = 0

        /// Whether nothing was lost without a number, and every number agrees.
        package var isWhole: Bool { unexplained == 0 && sequenceWrapped && ticksWrapped && rows.allSatisfy { $0.expected == $0.found } }
    }

    /// Runs `minutes` of stream, 4 and more.
    package static func run(
        minutes: Int, model: LoadedModel, framing: LinkFraming = .plain
    ) throws(RuntimeError) -> Result {
        let rate = 500
        let total = UInt64(minutes) * 60 * UInt64(rate)
        var source = SignalSource(simulator: Simulator(rate: rate, seed: 1, scenario: .tour), frames: total, name: "soak")
        var settings = DeviceSettings()
        settings.framing = framing
        settings.sensed = ElectrodeSet(rawValue: 0x3FF)
        // The wraps come after a minute: 51 data blocks and three others a second, and a million ticks.
        settings.sequence = .max - 3_000
        settings.ticks = .max - 60_001_000
        settings.faults = faults(seconds: Double(minutes * 60))
        let host = try SoakHost(model: model, framing: framing, total: total)
        let started = Monotonic.now()
        let device = SimulatedDevice(settings) { (bytes) throws(RuntimeError) in try host.take(bytes) }
        try device.play(&source)
        try host.finish()
        return host.result(device.ledger, seconds: Double(Monotonic.now() - started) * 1e-9, stream: Double(total) / Double(rate))
    }

    /// Losses all along: a block in 997 withheld, one in 1499 spoilt; a stall and an unplugging now and then, some longer than the buffer lasts; resets.
    private static func faults(seconds: Double) -> DeviceFaults {
        var faults = DeviceFaults()
        faults.drop = 997
        faults.corrupt = 1499
        let step = max(120, seconds / 40)
        for (index, moment) in stride(from: 90, to: seconds - 20, by: step).enumerated() {
            faults.stalls.append(.init(start: moment, length: index % 2 == 0 ? 1.5 : 12))
            faults.unplugs.append(.init(start: moment + 30, length: index % 2 == 0 ? 9 : 0.4))
        }
        faults.restarts = Array(stride(from: 110, to: seconds - 20, by: max(110, seconds / 20)))
        return faults
    }
}

/// The host of a soak: decoder and engine, and what they saw.
private final class SoakHost {
    private var decoder: LinkDecoder
    private let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: LinkDecoder.requiredBytes, alignment: 64)
    private let model: LoadedModel
    private let total: UInt64
    private var engine: EngineHost?
    private var result = LinkSoak.Result()
    /// What engines counted before they were made new for another stream.
    private var pushed: UInt64 = 0
    private var missed: UInt64 = 0
    private var lastSequence: UInt32?
    private var lastTicks: UInt64?

    init(model: LoadedModel, framing: LinkFraming, total: UInt64) throws(RuntimeError) {
        self.model = model
        self.total = total
        decoder = LinkDecoder(framing: framing, memory: memory)
    }

    deinit { memory.deallocate() }

    func take(_ bytes: UnsafeRawBufferPointer) throws(RuntimeError) {
        var done = 0
        while done < bytes.count {
            done += decoder.feed(UnsafeRawBufferPointer(rebasing: bytes[done...]))
            try drain()
        }
    }

    func finish() throws(RuntimeError) {
        decoder.finish()
        try drain()
        retire()
    }

    private func drain() throws(RuntimeError) {
        while let message = decoder.next() {
            switch message {
            case .stream: try begin()
            case .frame: push()
            case .hello: follow()
            default: break
            }
        }
    }

    private func begin() throws(RuntimeError) {
        guard let format = decoder.configuration?.format else { return }
        retire()
        if let engine {
            try engine.prepare(for: format, named: "soak")
        } else {
            engine = try EngineHost(model: model, stream: format, options: EngineOptions(), name: "soak")
        }
    }

    private func retire() {
        guard let counters = engine?.engine.counters else { return }
        pushed += counters.frames
        missed += counters.framesMissing
        result.windows += counters.windows
        engine?.engine.reset()
    }

    private func push() {
        engine!.engine.push(decoder.frame)
        while engine!.engine.poll() != nil {}
    }

    /// Each hello: whether sequence and ticks have wrapped, and how much memory there is.
    private func follow() {
        if let last = lastSequence, last > 1 << 31, decoder.header.sequence < 1 << 31, decoder.header.session == 1 {
            result.sequenceWrapped = true
        }
        if let last = lastTicks, let ticks = decoder.header.ticks, last > 1 << 63, ticks < 1 << 63 { result.ticksWrapped = true }
        lastSequence = decoder.header.sequence
        lastTicks = decoder.header.ticks
        let done = decoder.counters.frames + decoder.counters.framesMissing
        if result.memoryEarly == 0, done > total / 20 { result.memoryEarly = Self.resident }
    }

    func result(_ ledger: DeviceLedger, seconds: Double, stream: Double) -> LinkSoak.Result {
        let counters = decoder.counters
        result.streamSeconds = stream
        result.seconds = seconds
        result.memoryEnd = Self.resident
        func row(_ name: String, _ expected: UInt64, _ found: UInt64) {
            result.rows.append(.init(name: name, expected: expected, found: found))
        }
        row("frames delivered", ledger.frames, counters.frames)
        row("frames missing", ledger.framesMissing, counters.framesMissing)
        row("blocks", ledger.blocks, counters.blocks)
        row("blocks missing", ledger.blocksMissing, counters.blocksMissing)
        row("checksum failures", ledger.blocksCorrupted, counters.checksumFailures)
        row("bytes skipped", ledger.bytesCorrupted, counters.bytesSkipped)
        row("restarts", ledger.sessions - 1, counters.restarts)
        row("samples that the device dropped", ledger.deviceSamplesDropped, counters.deviceSamplesDropped)
        row("frames into the engine", counters.frames, pushed)
        row(
            "frames taken, less those that nobody can see", ledger.framesTaken - ledger.framesUnseen,
            counters.frames + counters.framesMissing)
        let other =
            counters.packetsBroken | counters.blocksRepeated | counters.blocksOtherVersion | counters.blocksUnknown
            | counters.blocksMalformed | counters.framesRepeated | counters.framesUnconfigured
        row("anything else", 0, other)
        result.unexplained = Int64(total) - Int64(counters.frames + counters.framesMissing + ledger.framesUnseen)
        return result
    }

    /// Bytes of this process in memory, as the system counts them; 0 where it does not tell.
    private static var resident: Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard fgets(&line, 128, file) != nil else { return 0 }
        let words = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(separator: " ")
        return words.count > 1 ? (Int(words[1]) ?? 0) * Int(getpagesize()) : 0
    }
}
